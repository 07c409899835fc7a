"""Whose network? When unrelated hosts fail in transport together, it is ours."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from typing import Final

from genmedia_exporter.core.clock import PAST, Monotonic
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.core.evidence import Evidence, Exchange, Transport

log = EventLog(__name__)

WINDOW = 150.0
"""Seconds an observation of a host counts: two and a half default intervals of the depth reach."""
MIN_HOSTS = 3
"""Fewer unrelated hosts than this cannot tell our network from theirs."""

COULD_BE_OURS: Final = frozenset(
    {Transport.DNS, Transport.CONNECT_TIMEOUT, Transport.CONNECT_FAILED, Transport.PROXY}
)
"""What a broken network of our own looks like. Whoever refuses a connection, or breaks off TLS, is there."""

KNOWN_HOSTS: Final = 16_384
"""So many hosts are read once only."""

_SEVERAL: Final = ("", "")
_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gov", "net", "org"})


@lru_cache(maxsize=KNOWN_HOSTS)
def site(host: str) -> str:
    """Return what makes two hosts related: the address itself, or the registrable domain."""
    if is_address(host):
        return host
    labels = host.rstrip(".").lower().split(".")
    keep = 3 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL and len(labels[-1]) == 2 else 2
    return ".".join(labels[-keep:])


def is_address(host: str) -> bool:
    """Whether *host* is an IP address rather than a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=KNOWN_HOSTS)
def is_local(host: str) -> bool:
    """Whether reaching *host* involves no network of ours that could be in doubt."""
    if is_address(host):
        return ipaddress.ip_address(host).is_loopback
    name = host.lower().rstrip(".")
    return name == "localhost" or name.endswith(".localhost")


def could_be_ours(exchange: Exchange) -> bool:
    """Whether *exchange* broke as it would without a network: before TCP was up, to a remote host."""
    connected = exchange.status is not None or exchange.phases.tls is not None
    return exchange.transport in COULD_BE_OURS and not connected and not is_local(exchange.host)


class OwnNetwork:
    """Remembers, per site, when it was last reached and when it last was not.

    Witnesses are the sites that have answered before. A site that never did may not exist: its
    failures are its own.
    """

    def __init__(self) -> None:
        self._reached: dict[str, Monotonic] = {}
        self._missed: dict[str, Monotonic] = {}
        self._witnesses: set[str] = set()
        self._last_missed = PAST  # the newest miss of any site
        self._recent: tuple[str, ...] = ()  # up to two sites that were reached lately
        self.ok = True  # beyond doubt, when last looked at
        self.doubted_until = PAST  # it was in doubt at the looks until then

    def observe(self, evidence: Evidence, tick: Monotonic) -> None:
        """Note what the main exchange of *evidence* shows of the way there, at monotonic *tick*.

        A refused connection shows nothing: a firewall of ours refuses just so. Nor does what never
        left this machine.
        """
        main = evidence.main
        if is_local(main.host) or main.transport in (Transport.CONNECT_REFUSED, Transport.LOCAL):
            return
        name = site(main.host)
        if could_be_ours(main):
            self._missed[name] = self._last_missed = tick
        elif main.transport not in COULD_BE_OURS or main.phases.tls is not None:
            self._reached[name] = tick
        if main.status is not None:
            self._witnesses.add(name)

    def vouch(self, hosts: Iterable[str]) -> None:
        """Take *hosts* for witnesses: they have answered before this process began."""
        self._witnesses |= {site(host) for host in hosts}

    def forget(self, hosts: set[str]) -> None:
        """Keep only *hosts*, after a reload."""
        sites = {site(host) for host in hosts}
        for seen in (self._reached, self._missed):
            for name in set(seen) - sites:
                del seen[name]
        self._witnesses &= sites

    def others_reached(self, host: str, tick: Monotonic) -> bool:
        """Whether an unrelated host was reached lately, or no network is needed to reach *host*."""
        own = site(host)
        recent = (last >= tick - WINDOW for name, last in self._reached.items() if name != own)
        return is_local(host) or any(recent)

    def look(self, tick: Monotonic) -> bool:
        """Judge our own network at monotonic *tick*, and tell when that has changed.

        Return whether that, or what `others_reached` says of some host, has changed since the last look.
        """
        before, self.ok = self.ok, self._beyond_doubt(tick)
        seen, self._recent = self._recent, self._recently_reached(tick)
        if not (before and self.ok):
            self.doubted_until = tick
        if before is self.ok:
            return seen != self._recent
        if self.ok:
            log.info("own network recovered")
        else:
            log.warning("own network in doubt")
        return True

    def _recently_reached(self, tick: Monotonic) -> tuple[str, ...]:
        recent = (name for name, last in self._reached.items() if last >= tick - WINDOW)
        found = tuple(islice(recent, 2))
        return found if len(found) < 2 else _SEVERAL  # whoever it is, another one is among them

    def _beyond_doubt(self, tick: Monotonic) -> bool:
        if self._last_missed < tick - WINDOW:
            return True  # nobody has been missed lately
        latest = {name: max(self._at(name)) for name in self._witnesses}
        known = [name for name, last in latest.items() if last >= tick - WINDOW]
        missed = [n for n in known if self._is_missed(n)]
        return len(known) < MIN_HOSTS or 2 * len(missed) < len(known)

    def shift(self, seconds: float) -> None:
        """Let all that is remembered be *seconds* younger: this process was paused for so long."""
        self.doubted_until += seconds
        self._last_missed += seconds
        for seen in (self._reached, self._missed):
            seen.update({name: tick + seconds for name, tick in seen.items()})

    def _is_missed(self, name: str) -> bool:
        reached, missed = self._at(name)
        return missed >= reached

    def _at(self, name: str) -> tuple[Monotonic, Monotonic]:
        return self._reached.get(name, PAST), self._missed.get(name, PAST)
