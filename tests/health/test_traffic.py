"""What applications report: slots, what counts, how long, and that our own probes win."""

from __future__ import annotations

from typing import Any

import pytest

from genmedia_exporter.core.clock import Monotonic, Unix
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Certainty, Depth, Outcome, Status
from genmedia_exporter.health.board import Board
from genmedia_exporter.health.state import TargetState
from genmedia_exporter.health.traffic import (
    LASTING_SECONDS,
    MOST_SLOTS,
    NO_TRAFFIC,
    SLOT_SECONDS,
    ReportedCall,
    with_calls,
)
from genmedia_exporter.health.traffic_evidence import OURS_WINS_SECONDS
from tests.fakes import FakeClock, make_target, verdict, verdict_evidence

HOUR, AT = 3600.0, Unix(1000.0)


def call(reason: Reason = Reason.OK, depth: Depth = Depth.GENERATE, **more: Any) -> ReportedCall:
    """Return a call of an application's."""
    return ReportedCall(AT, depth, verdict(reason), **more)


GOOD, BAD = call(), call(Reason.SERVER_ERROR)


class Watch:
    """A board with a target `a`, its probes and its reports made by hand."""

    def __init__(self, **target: Any) -> None:
        self.clock = FakeClock()
        self.target = make_target(**target)
        self.board = Board(self.clock)
        self.board.configure([self.target], {})

    def tell(self, *calls: ReportedCall, after: float = SLOT_SECONDS) -> TargetState:
        """Let time pass, then report *calls* at once."""
        self.clock.freeze(after)
        change = self.board.report("a", calls)
        assert change is not None
        return change.after

    def probe(self, reason: Reason = Reason.OK, depth: Depth = Depth.REACH) -> TargetState:
        """Let a second pass, then see a probe of ours."""
        self.clock.freeze(1.0)
        found = verdict_evidence(self.clock, self.target, depth, verdict(reason))
        change = self.board.observe(found.evidence, found.verdict)
        assert change is not None
        return change.after

    def wait(self, seconds: float) -> TargetState:
        """Let time pass and the board notice."""
        self.clock.freeze(seconds)
        self.board.review()
        state = self.board.state("a")
        assert state is not None
        return state


PAID = {
    "depths": (Depth.REACH, Depth.GENERATE),
    "intervals": {Depth.REACH: 60.0, Depth.GENERATE: 6 * HOUR},
}


def test_two_bad_slots_make_it_down_and_a_good_one_brings_it_back() -> None:
    """As with probes: two of the last three, and one success."""
    watch = Watch()
    watch.probe()
    found = [watch.tell(each).now.status for each in (GOOD, BAD, BAD, GOOD)]
    assert found == [Status.OPERATIONAL, Status.OPERATIONAL, Status.DOWN, Status.OPERATIONAL]


def test_many_calls_of_half_a_minute_are_one_attempt() -> None:
    """A busy application has no more votes than an idle one."""
    watch = Watch()
    watch.probe()
    assert watch.tell(*[BAD] * 50).now.status is Status.DEGRADED
    assert watch.tell(*[BAD] * 50, after=SLOT_SECONDS - 1).now.status is Status.DEGRADED
    assert watch.tell(BAD, after=1.0).now.status is Status.DOWN


@pytest.mark.parametrize(
    ("bad", "good", "status"), [(4, 4, Status.DOWN), (4, 5, Status.OPERATIONAL)]
)
def test_a_slot_fails_when_half_of_it_does(bad: int, good: int, status: Status) -> None:
    """Below that the service still works for most."""
    watch = Watch()
    watch.probe()
    for _ in range(2):
        state = watch.tell(*[BAD] * bad, *[GOOD] * good)
    assert state.now.status is status


@pytest.mark.parametrize(
    ("bad", "good", "status"),
    [
        (2, 18, Status.DEGRADED),
        (2, 19, Status.OPERATIONAL),  # less than a tenth
        (2, 17, Status.OPERATIONAL),  # too few to say
    ],
)
def test_some_that_fail_among_many_are_degraded(bad: int, good: int, status: Status) -> None:
    """A tenth of at least twenty calls is no accident."""
    watch = Watch()
    watch.probe()
    assert watch.tell(*[BAD] * bad, *[GOOD] * good).now.status is status


@pytest.mark.parametrize(
    "told",
    [
        call(Reason.PROBE_MODERATED),
        call(Reason.INVALID_REQUEST),
        call(Reason.INVALID_KEY),
        call(Reason.SERVER_ERROR, unreached=True),
        call(Reason.SERVER_ERROR, late=True),
    ],
)
def test_content_and_callers_mistakes_count_neither_way(told: ReportedCall) -> None:
    """They are counted as calls, and are no evidence."""
    watch = Watch()
    for _ in range(3):
        state = watch.tell(told)
    assert state.now.status is Status.UNKNOWN
    assert sum(state.traffic.counts.values()) == 3
    assert state.sources == frozenset()


def test_calls_that_work_are_evidence_of_their_own_and_grow_old() -> None:
    """Without a probe of ours, too; for ten minutes."""
    watch = Watch()
    state = watch.tell(GOOD)
    assert (state.now.status, state.sources) == (Status.OPERATIONAL, frozenset({"traffic"}))
    assert watch.wait(LASTING_SECONDS).now.status is Status.OPERATIONAL
    state = watch.wait(1.0)
    assert (state.now.status, state.sources) == (Status.UNKNOWN, frozenset())


def test_a_failing_probe_of_ours_beats_calls_that_work() -> None:
    """The contradiction is ours to settle: what we have not proven is not green."""
    watch = Watch()
    watch.probe()
    watch.tell(GOOD, after=1.0)
    watch.probe(Reason.SERVER_ERROR)
    assert watch.probe(Reason.SERVER_ERROR).now.status is Status.DOWN
    assert watch.tell(GOOD, after=1.0).now.status is Status.DOWN


def test_a_shallow_success_of_ours_does_not_hide_failing_calls() -> None:
    """A real create is deeper than what a free probe shows."""
    watch = Watch()
    watch.tell(BAD)
    assert watch.tell(BAD).now.status is Status.DOWN
    assert watch.probe().now.status is Status.DOWN


@pytest.mark.parametrize(
    ("age", "status"),
    [(OURS_WINS_SECONDS - 1, Status.OPERATIONAL), (OURS_WINS_SECONDS + 60, Status.DOWN)],
)
def test_a_generation_of_ours_that_worked_contradicts_failing_calls_for_an_hour(
    age: float, status: Status
) -> None:
    """Then it has grown too old for that."""
    watch = Watch(**PAID)
    watch.probe(depth=Depth.GENERATE)
    watch.tell(BAD, after=age - SLOT_SECONDS)
    assert watch.tell(BAD).now.status is status


def test_an_explicit_refusal_needs_no_second_slot() -> None:
    """A quota that is used up is so for our probes, too."""
    watch = Watch()
    watch.probe()
    told = ReportedCall(AT, Depth.GENERATE, verdict(Reason.QUOTA_EXHAUSTED, Certainty.EXPLICIT))
    assert watch.tell(told).now.status is Status.QUOTA_EXHAUSTED


def test_an_accepted_create_proves_less_than_a_result() -> None:
    """A failed generation of ours stands against it."""
    watch = Watch(**PAID)
    watch.probe(Reason.JOB_FAILED, Depth.GENERATE)
    watch.clock.freeze(60.0)
    watch.probe(Reason.JOB_FAILED, Depth.GENERATE)
    assert watch.tell(call(depth=Depth.ACCEPT)).now.status is Status.DOWN


@pytest.mark.parametrize(
    ("depth", "status"), [(Depth.ACCEPT, Status.UNKNOWN), (Depth.GENERATE, Status.OPERATIONAL)]
)
def test_only_a_result_stands_against_a_lax_validator(depth: Depth, status: Status) -> None:
    """Whoever accepts an invalid create accepts a sound one, too; that shows nothing new."""
    watch = Watch()
    watch.probe(Reason.ACCEPTED_UNEXPECTEDLY, Depth.ACCEPT)
    watch.wait(2.5 * 600.0)
    assert watch.tell(call(depth=depth)).now.status is status


@pytest.mark.parametrize(("again", "failing"), [(BAD, True), (GOOD, False)])
def test_failing_calls_have_a_beginning_until_one_works(again: ReportedCall, failing: bool) -> None:
    """That is what a paid probe is bought for."""
    watch = Watch()
    watch.tell(GOOD)
    began = watch.tell(BAD).traffic.failing_since
    assert began == watch.clock.monotonic()
    assert watch.tell(again).traffic.failing_since == (began if failing else None)


def test_calls_of_others_targets_are_not_taken() -> None:
    """Neither of unknown ones, nor of those that another exporter watches."""
    watch = Watch()
    assert watch.board.report("nobody", [GOOD]) is None
    board = Board(watch.clock, is_ours=lambda _name: False)
    board.configure([watch.target], {})
    assert board.report("a", [GOOD]) is None


def test_slots_are_bounded_and_counts_go_on() -> None:
    """However long they report."""
    traffic = NO_TRAFFIC
    for number in range(100):
        traffic = with_calls(traffic, [GOOD], Monotonic(number * SLOT_SECONDS))
    assert len(traffic.slots) <= MOST_SLOTS
    assert traffic.counts == {Outcome.SUCCESS: 100}


def test_a_pause_of_ours_makes_reports_no_older() -> None:
    """What was told before a pause still lasts after it."""
    stopped = [0.0]
    watch = Watch()
    watch.board = Board(watch.clock, stopped=lambda: stopped.pop() if stopped else 0.0)
    watch.board.configure([watch.target], {})
    watch.tell(GOOD)
    stopped.append(HOUR)
    assert watch.wait(HOUR).sources == frozenset({"traffic"})


@pytest.mark.parametrize(("after", "status"), [(29.0, Status.DEGRADED), (30.0, Status.DOWN)])
def test_a_slot_is_half_a_minute(after: float, status: Status) -> None:
    """As METHOD.md and the report's documentation say."""
    watch = Watch()
    watch.probe()
    watch.tell(*[BAD] * 50)
    assert watch.tell(*[BAD] * 50, after=after).now.status is status


@pytest.mark.parametrize(("age", "status"), [(3_600.0, Status.OPERATIONAL), (3_601.0, Status.DOWN)])
def test_our_generation_contradicts_for_an_hour_to_its_last_moment(
    age: float, status: Status
) -> None:
    """A second later the calls speak again."""
    watch = Watch(**PAID)
    watch.probe(depth=Depth.GENERATE)
    watch.tell(BAD, after=age)
    assert watch.tell(BAD).now.status is status  # two failed slots, or one


def test_calls_told_in_the_moment_of_our_success_are_contradicted() -> None:
    """They ended before it: nothing tells that they came later."""
    watch = Watch(**PAID)
    watch.probe()
    watch.tell(BAD)
    watch.tell(BAD)
    told = verdict_evidence(watch.clock, watch.target, Depth.GENERATE, verdict())
    change = watch.board.observe(told.evidence, told.verdict)
    assert change is not None
    assert change.after.now.status is Status.OPERATIONAL


def test_of_two_successes_of_a_slot_the_newer_speaks_where_neither_is_deeper() -> None:
    """The deeper one does, whichever came first."""
    first, second = call(duration=1.0), call(duration=2.0)
    shallow = call(depth=Depth.ACCEPT)
    for calls, spoken in (
        ((first, second), second),
        ((first, shallow), first),
        ((shallow, first), first),
    ):
        assert with_calls(NO_TRAFFIC, calls, Monotonic(0.0)).slots[-1].word is spoken


def test_slots_last_for_ten_minutes_and_twenty_are_kept() -> None:
    """One a half minute: as many as last."""
    traffic = NO_TRAFFIC
    for number in range(40):
        traffic = with_calls(traffic, [GOOD], Monotonic(number * 30.0))
    assert len(traffic.slots) == 20
