"""Judged again only when it is due: the same states as by judging everything all the time."""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from unittest.mock import patch

from hypothesis import example, given, settings
from hypothesis import strategies as st

from genmedia_exporter.core.clock import Monotonic
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Fault, Status
from genmedia_exporter.core.status_page import (
    Component,
    ComponentStatus,
    Impact,
    PageReading,
    PageReport,
    PageSettings,
)
from genmedia_exporter.health.board import Board
from genmedia_exporter.health.deadlines import NEVER, SPARE, STEP, Deadlines
from genmedia_exporter.health.persisted import Saved, identity
from genmedia_exporter.health.state import Judgement, StateChange, TargetState
from genmedia_exporter.targets.model import MaintenanceWindow, Target
from tests.fakes import START, FakeClock, make_target, verdict, verdict_evidence

HOSTS: Final = ("one.example", "two.example", "three.example", "four.example")
REASONS: Final = (
    Reason.OK,
    Reason.SERVER_ERROR,
    Reason.CONNECT_TIMEOUT,
    Reason.DNS_FAILURE,
    Reason.RATE_LIMITED,
    Reason.UPSTREAM_QUOTA,
    Reason.MODEL_NOT_FOUND,
)


def fleet() -> list[Target]:
    """Return targets of unrelated sites: one that ends, one with a page, one with a long timeout."""
    every = {Depth.REACH: 20.0, Depth.ACCEPT: 50.0}
    found = [make_target(host.partition(".")[0], host=host, intervals=every) for host in HOSTS]
    found[1] = replace(found[1], ends_at=START + 90, end_date_binding=True)
    rarely = {Depth.REACH: 1_000.0, Depth.ACCEPT: 1_000.0}
    found[0] = replace(found[0], intervals=rarely)
    found[2] = replace(found[2], page=("page", "Video"), timeout=30.0)
    return found


WINDOWS: Final = {
    "one": (MaintenanceWindow(START + 40, START + 70), MaintenanceWindow(START + 70, START + 85))
}


def report(at: float) -> PageReport:
    """Return what a page says that was read then."""
    parts = (Component("v", "Video", ComponentStatus.MAJOR_OUTAGE),)
    reading = PageReading(Impact.MAJOR, parts, (), (), "p", START)
    settings = PageSettings("page", "https://page.example", components=("Video",))
    return PageReport(settings, "statuspage", reading=reading, read_at=START + at, readable=True)


class Side:
    """A board that is looked at each second; *all*: that judges everything each time."""

    def __init__(self, everything: bool) -> None:
        self.clock, self.busy = FakeClock(), set[str]()
        self.everything = everything
        self.settled: list[StateChange] = []
        self.board = Board(self.clock, in_flight=self.busy, listener=self.settled.append)
        first = fleet()[3]
        down = Judgement(Status.DOWN, Reason.SERVER_ERROR, Fault.PROVIDER)
        saved = Saved(identity(first), down, None, 2, START, {})
        self.board.restore({first.name: saved})
        self.board.configure(fleet(), WINDOWS, ["page"])

    def second(self) -> None:
        """Let one pass."""
        self.clock.freeze(1.0)
        if self.everything:
            self.board._void()
        self.board.review()

    def states(self) -> list[TargetState]:
        """Return all that is known."""
        return list(self.board.snapshot().targets.values())


_probe = st.tuples(
    st.just("probe"), st.sampled_from(HOSTS), st.sampled_from(REASONS), st.booleans()
)
_wait = st.tuples(st.just("wait"), st.integers(1, 70))
_step = st.tuples(st.just("step"), st.sampled_from([-3_600.0, -0.4, 0.4, 45.0]))
_page = st.tuples(st.just("page"))
_skip = st.tuples(st.just("skip"), st.sampled_from(HOSTS))
_drop = st.tuples(st.just("drop"), st.sampled_from(HOSTS), st.integers(1, 40))
_acts = st.lists(st.one_of(_probe, _probe, _probe, _wait, _step, _page, _skip, _drop), max_size=14)


def act(side: Side, what: tuple[object, ...]) -> None:
    """Do one thing to a board."""
    match what:
        case ("probe", str(host), Reason() as reason, bool(deep)):
            name = host.partition(".")[0]
            depth = Depth.ACCEPT if deep else Depth.REACH
            target = next(t for t in fleet() if t.name == name)
            found = verdict_evidence(side.clock, target, depth, verdict(reason))
            side.board.observe(found.evidence, found.verdict)
        case ("wait", int(seconds)):
            for _ in range(seconds):
                side.second()
        case ("step", float(seconds)):
            side.clock.wall_step += seconds
        case ("page",):
            side.board.report_page(report(float(side.clock.monotonic())))
        case ("skip", str(host)):
            side.board.skip(host.partition(".")[0], Depth.ACCEPT, "concurrency")
        case ("drop", str(host), int(seconds)):
            _drop_probe(side, host.partition(".")[0], seconds)


def _drop_probe(side: Side, name: str, seconds: int) -> None:
    """Let a probe be in flight that says nothing in the end; while all that is known is fresh."""
    state = side.board.state(name)
    if state is None or not all(known.fresh for known in state.depths.values()):
        return
    side.busy.add(name)
    for _ in range(seconds):
        side.second()
    side.busy.discard(name)


ABSENT: Final = ("probe", "two.example", Reason.MODEL_NOT_FOUND, False)
REFUSED: Final = ("probe", "one.example", Reason.UPSTREAM_QUOTA, False)


@settings(max_examples=40)
@given(acts=_acts)
@example([("probe", "four.example", Reason.OK, False), ("wait", 30), ("drop", "four.example", 25)])
@example([("wait", 30), ABSENT])
@example([("page",), ("wait", 950)])
@example([("wait", 70), ABSENT, ("wait", 59), ("step", -3_600.0)])
@example([("wait", 100), REFUSED, ("wait", 10), REFUSED, ("wait", 1_900)])
def test_only_what_is_due_is_judged_and_nothing_is_missed(acts: list[tuple[object, ...]]) -> None:
    """Whatever happens, and however long nothing does, both boards tell the same each time."""
    lean, full = Side(everything=False), Side(everything=True)
    for what in [*acts, ("wait", 160)]:
        small = abs(lean.clock.wall_step) % 1.0 != 0.0
        for side in (lean, full):
            act(side, what)
        if not small:  # a step too small to be noticed may shift a window by as much
            assert lean.states() == full.states()


def test_a_quiet_second_judges_nothing() -> None:
    """Targets that nothing happens to cost nothing."""
    side = Side(everything=False)
    for host in HOSTS:
        act(side, ("probe", host, Reason.OK, False))
    side.second()  # there are witnesses now, which concerns everybody once
    with patch.object(Board, "_settle", autospec=True) as settle:
        for _ in range(18):
            side.second()
        assert not settle.called


def test_a_deadline_is_told_once_and_replaced() -> None:
    """The newest moment of a name counts; what is never due is not kept."""
    deadlines = Deadlines()
    deadlines.put("a", Monotonic(5.0))
    deadlines.put("a", Monotonic(9.0))
    deadlines.put("b", Monotonic(7.0))
    deadlines.put("c", NEVER)
    assert list(deadlines.take(Monotonic(6.9))) == []
    assert list(deadlines.take(Monotonic(7.0))) == ["b"]
    assert list(deadlines.take(Monotonic(1e9))) == ["a"]
    assert list(deadlines.take(Monotonic(1e9))) == []


def test_outdated_entries_do_not_pile_up() -> None:
    """A target that is probed for ever has one deadline, not one for each probe."""
    deadlines = Deadlines()
    for turn in range(10_000):
        deadlines.put("a", Monotonic(float(turn)))
    assert len(deadlines._heap) <= 4 + SPARE + 1
    assert list(deadlines.take(Monotonic(9_999.0))) == ["a"]


def test_a_step_of_the_wall_clock_voids_them() -> None:
    """Half a second is drift, more is a step; told once."""
    for step, void in ((STEP, False), (STEP + 0.01, True)):
        deadlines, clock = Deadlines(), FakeClock()
        assert deadlines.are_void(clock.now(), clock.monotonic())
        clock.freeze(100.0)
        assert not deadlines.are_void(clock.now(), clock.monotonic())
        clock.wall_step = step
        assert deadlines.are_void(clock.now(), clock.monotonic()) is void
        assert not deadlines.are_void(clock.now(), clock.monotonic())
