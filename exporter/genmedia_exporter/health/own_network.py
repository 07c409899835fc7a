"""Whose network? When unrelated hosts fail in transport together, it is ours."""

from __future__ import annotations

import ipaddress

from genmedia_exporter.core.evidence import Evidence, Transport

WINDOW = 150.0
"""Seconds an observation of a host counts: two and a half default intervals of the depth reach."""
MIN_HOSTS = 3
"""Fewer unrelated hosts than this cannot tell our network from theirs."""

BEFORE_REQUEST = frozenset(
    {
        Transport.DNS,
        Transport.CONNECT_REFUSED,
        Transport.CONNECT_TIMEOUT,
        Transport.CONNECT_FAILED,
        Transport.TLS,
        Transport.PROXY,
    }
)
"""Failures in which no request left: the service never had a chance to be wrong."""

_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gov", "net", "org"})


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


def is_local(host: str) -> bool:
    """Whether reaching *host* involves no network of ours that could be in doubt."""
    if is_address(host):
        return ipaddress.ip_address(host).is_loopback
    return host.lower().rstrip(".") == "localhost"


class OwnNetwork:
    """Remembers, per site, when it was last reached and when it last was not."""

    def __init__(self) -> None:
        self._reached: dict[str, float] = {}
        self._missed: dict[str, float] = {}

    def observe(self, evidence: Evidence, tick: float) -> None:
        """Note whether the main exchange of *evidence* got a request out, at monotonic *tick*."""
        main = evidence.main
        seen = self._missed if main.transport in BEFORE_REQUEST else self._reached
        seen[site(main.host)] = tick

    def forget(self, hosts: set[str]) -> None:
        """Keep only *hosts*, after a reload."""
        sites = {site(host) for host in hosts}
        for seen in (self._reached, self._missed):
            for name in set(seen) - sites:
                del seen[name]

    def others_reached(self, host: str, tick: float) -> bool:
        """Whether an unrelated host was reached lately, or no network is needed to reach *host*."""
        own = site(host)
        recent = (at >= tick - WINDOW for name, at in self._reached.items() if name != own)
        return is_local(host) or any(recent)

    def ok(self, tick: float) -> bool:
        """Whether our own network is beyond doubt at monotonic *tick*."""
        latest = {name: max(self._at(name)) for name in {*self._reached, *self._missed}}
        known = [name for name, at in latest.items() if at >= tick - WINDOW]
        missed = [n for n in known if self._missed.get(n, -1.0) >= self._reached.get(n, -1.0)]
        return len(known) < MIN_HOSTS or 2 * len(missed) < len(known)

    def _at(self, name: str) -> tuple[float, float]:
        return self._reached.get(name, -1.0), self._missed.get(name, -1.0)
