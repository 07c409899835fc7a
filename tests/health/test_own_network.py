"""Whose network? Judged by cause: who has worked before, and how the way there broke off."""

from __future__ import annotations

from dataclasses import replace

import pytest

from genmedia_exporter.core.clock import Monotonic
from genmedia_exporter.core.evidence import Evidence, Phases, Transport
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Fault, Status
from genmedia_exporter.health.board import Board
from genmedia_exporter.health.own_network import WINDOW, OwnNetwork, could_be_ours
from genmedia_exporter.health.persisted import saved_from
from genmedia_exporter.health.state import TargetState
from tests.fakes import FakeClock, evidence, make_target, verdict

HOSTS = ("one.example.com", "two.example.net", "three.example.org", "four.example.io")
OURS = (Transport.DNS, Transport.CONNECT_TIMEOUT, Transport.CONNECT_FAILED, Transport.PROXY)
THEIRS = tuple(kind for kind in Transport if kind not in OURS)
FIRST = Monotonic(0.0)
NEXT = Monotonic(1.0)


def seen(
    host: str, transport: Transport | None = None, phases: Phases | None = None, status: int = 200
) -> Evidence:
    """Return evidence of one exchange with *host*."""
    found = evidence(FakeClock(), make_target(), Depth.REACH, Reason.OK)
    exchange = replace(
        found.exchanges[0],
        host=host,
        transport=transport,
        status=None if transport else status,
        phases=phases or Phases(),
    )
    return replace(found, exchanges=(exchange,))


def network(*hosts: str) -> OwnNetwork:
    """Return our network after *hosts* have answered at the moment 0."""
    made = OwnNetwork()
    for host in hosts:
        made.observe(seen(host), FIRST)
    return made


def is_ok(made: OwnNetwork, tick: Monotonic = NEXT) -> bool:
    """Return whether it is beyond doubt."""
    made.look(tick)
    return made.ok


@pytest.mark.parametrize("transport", OURS)
def test_witnesses_that_vanish_together_are_our_network(transport: Transport) -> None:
    """Half of three that have answered before, rounded up: two."""
    made = network(*HOSTS[:3])
    made.observe(seen(HOSTS[0], transport), NEXT)
    assert is_ok(made)
    made.observe(seen(HOSTS[1], transport), NEXT)
    assert not is_ok(made)


@pytest.mark.parametrize("transport", THEIRS)
def test_a_host_that_is_there_is_not_our_network(transport: Transport) -> None:
    """Refused, broken off in TLS or later: there was somebody."""
    made = network(*HOSTS)
    for host in HOSTS:
        made.observe(seen(host, transport), NEXT)

    assert is_ok(made)


def test_a_handshake_without_end_got_through() -> None:
    """A timeout in TLS has the same kind as one in TCP, and another cause."""
    made = network(*HOSTS)
    late = Phases(resolve=0.0, connect=0.1, tls=9.0)
    for host in HOSTS:
        made.observe(seen(host, Transport.CONNECT_TIMEOUT, late), NEXT)

    assert is_ok(made)
    assert not could_be_ours(seen(HOSTS[0], Transport.CONNECT_TIMEOUT, late).main)
    assert could_be_ours(seen(HOSTS[0], Transport.CONNECT_TIMEOUT).main)


@pytest.mark.parametrize("local", ["127.0.0.1", "127.8.0.1", "::1", "localhost", "a.localhost"])
def test_loopback_is_no_witness(local: str) -> None:
    """It neither accuses our network nor acquits it."""
    made = network(*HOSTS[:2], local)
    for host in (*HOSTS[:2], local):
        made.observe(seen(host, Transport.CONNECT_TIMEOUT), NEXT)

    assert is_ok(made)
    assert not network(local).others_reached(HOSTS[0], NEXT)


def test_a_name_that_never_resolved_is_no_witness() -> None:
    """Two wrong names among four sites said nothing; a third site may vanish beside them."""
    made = network(*HOSTS[:2])
    for _ in range(3):
        made.observe(seen(HOSTS[2], Transport.DNS), NEXT)
        made.observe(seen(HOSTS[3], Transport.DNS), NEXT)

    assert is_ok(made)


def test_a_refused_connection_neither_accuses_nor_acquits() -> None:
    """A firewall of ours refuses just so."""
    made = OwnNetwork()
    made.observe(seen(HOSTS[0], Transport.CONNECT_REFUSED), NEXT)

    assert not made.others_reached(HOSTS[1], NEXT)


@pytest.mark.parametrize(("tick", "ok"), [(FIRST + WINDOW, False), (FIRST + WINDOW + 0.1, True)])
def test_witnesses_are_heard_for_a_while(tick: Monotonic, ok: bool) -> None:
    """What was seen longer ago than the window counts for nothing, also just after a boot."""
    made = network(*HOSTS[:3])
    for host in HOSTS[:3]:
        made.observe(seen(host, Transport.DNS), FIRST)

    assert is_ok(made, tick) is ok


class Watch:
    """A board over four sites."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.stopped = 0.0
        self.board = Board(self.clock, stopped=self._take)
        self.targets = {host: make_target(host, host=host) for host in HOSTS}
        self.board.configure(self.targets.values(), {})

    def _take(self) -> float:
        taken, self.stopped = self.stopped, 0.0
        return taken

    def see(self, reason: Reason, *hosts: str, depth: Depth = Depth.REACH) -> None:
        """Feed one observation of each host, a second apart, and let the board look."""
        for host in hosts:
            self.clock.freeze(1.0)
            told = evidence(self.clock, self.targets[host], depth, reason)
            self.board.observe(told, verdict(reason))
        self.board.review()

    def state(self, host: str) -> TargetState:
        """Return what the board knows."""
        found = self.board.state(host)
        assert found is not None
        return found


def test_wrong_names_hide_no_outage() -> None:
    """Two names never resolved, two sites that had worked refuse: each is what it is."""
    watch = Watch()
    watch.see(Reason.OK, *HOSTS[:2])
    for _ in range(3):
        watch.see(Reason.DNS_FAILURE, *HOSTS[2:])
        watch.see(Reason.CONNECT_REFUSED, *HOSTS[:2])
    found = [watch.state(host).now for host in HOSTS]

    assert watch.board.network_ok
    assert [f.status for f in found[:2]] == [Status.DOWN, Status.DOWN]
    assert [(f.status, f.reason) for f in found[2:]] == [
        (Status.UNKNOWN, Reason.DNS_FAILURE),
        (Status.UNKNOWN, Reason.DNS_FAILURE),
    ]


def test_in_doubt_what_refuses_is_still_down() -> None:
    """Three sites vanish: unknown. The fourth refuses: that was seen, and is no matter of ours."""
    watch = Watch()
    watch.see(Reason.OK, *HOSTS)
    for _ in range(2):
        watch.see(Reason.CONNECT_TIMEOUT, *HOSTS[:3])
        watch.see(Reason.CONNECT_REFUSED, HOSTS[3])

    assert not watch.board.network_ok
    assert {watch.state(h).now.reason for h in HOSTS[:3]} == {Reason.OWN_NETWORK}
    assert watch.state(HOSTS[3]).now.status is Status.DOWN


def test_after_the_doubt_nobody_is_down_for_what_was_seen_in_it() -> None:
    """Two are back, so the network is; the third was last tried without one, and gets its two tries."""
    watch = Watch()
    watch.see(Reason.OK, *HOSTS[:3])
    for _ in range(2):
        watch.see(Reason.CONNECT_TIMEOUT, *HOSTS[:3])
    watch.see(Reason.OK, *HOSTS[:2])
    third = [watch.state(HOSTS[2]).now]
    assert watch.board.network_ok
    for _ in range(2):
        watch.see(Reason.CONNECT_TIMEOUT, HOSTS[2])
        third.append(watch.state(HOSTS[2]).now)

    assert [t.status for t in third] == [Status.UNKNOWN, Status.UNKNOWN, Status.DOWN]
    assert third[0].reason is Reason.OWN_NETWORK
    assert third[2].fault is Fault.PROVIDER


def test_who_worked_before_a_restart_is_a_witness() -> None:
    """A process that starts without a network must not call its targets down one by one."""
    before = Watch()
    before.see(Reason.OK, *HOSTS[:3])
    saved = {host: saved_from(before.state(host)) for host in HOSTS[:3]}
    after = Watch()
    after.board = board = Board(after.clock)
    board.restore(saved)
    board.configure(after.targets.values(), {})
    after.see(Reason.DNS_FAILURE, *HOSTS[:3])

    assert not board.network_ok


def test_a_pause_makes_no_evidence_older() -> None:
    """Stopped for an hour, nothing is stale; the hour after that is one."""
    watch = Watch()
    watch.see(Reason.OK, *HOSTS)
    watch.clock.freeze(3_600.0)
    watch.stopped = 3_600.0
    watch.board.review()
    paused = watch.state(HOSTS[0]).now.status
    watch.clock.freeze(3_600.0)
    watch.board.review()

    assert (paused, watch.state(HOSTS[0]).now.reason) == (Status.OPERATIONAL, Reason.STALE)
