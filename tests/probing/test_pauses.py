"""A paused process: what it was doing does not count, and what it knew is not older."""

from __future__ import annotations

import pytest

from genmedia_exporter.core.evidence import Verdict
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Status
from genmedia_exporter.targets.model import Target
from tests.fakes import make_target, settle, verdict
from tests.probing.test_scheduler import REACH, Stage, play

TAKES = 5.0


async def _pause_in_flight(stage: Stage, seconds: float) -> None:
    """Let a probe succeed, then stop the process while the next one is in flight."""
    while len(stage.probes.started) < 2:
        await stage.clock.advance(1.0)
    stage.clock.freeze(seconds)
    await stage.clock.advance(0.0)
    await settle()


def _answer(count: list[int], failure: Reason) -> Verdict:
    count[0] += 1
    return verdict(failure if count[0] == 2 else Reason.OK)


@pytest.mark.parametrize("seconds", [60.0, 8 * 3_600.0])
def test_a_probe_that_spans_a_pause_is_dropped_and_made_again(
    seconds: float, caplog: pytest.LogCaptureFixture
) -> None:
    """Its failure was ours; the target stays what it was, and is probed again within its interval."""
    count = [0]

    def answer(target: Target, depth: Depth) -> Verdict:
        return _answer(count, Reason.RESPONSE_TIMEOUT)

    async def act(stage: Stage) -> None:
        await _pause_in_flight(stage, seconds)
        state = stage.board.state("a")
        assert state is not None
        assert (state.depths[REACH].total, state.now.status) == (1, Status.OPERATIONAL)
        stage.board.review()
        assert state.now.status is Status.OPERATIONAL
        await stage.clock.advance(70.0)
        state = stage.board.state("a")
        assert state is not None
        assert not state.depths[REACH].failures
        assert state.depths[REACH].total > 1
        assert state.changes == 0

    with caplog.at_level("INFO"):
        play([make_target(depths=(REACH,))], act, answer, takes=TAKES, pausing=True)
    assert [r.message for r in caplog.records].count("probe dropped") == 1


def test_an_accepted_create_counts_however_long_we_slept() -> None:
    """Money is not forgotten: the depth is disabled all the same."""
    accept = Depth.ACCEPT
    count = [0]

    def answer(target: Target, depth: Depth) -> Verdict:
        return _answer(count, Reason.ACCEPTED_UNEXPECTEDLY)

    async def act(stage: Stage) -> None:
        await _pause_in_flight(stage, 60.0)
        state = stage.board.state("a")
        assert state is not None
        assert state.depths[accept].disabled is Reason.ACCEPTED_UNEXPECTEDLY

    target = make_target(depths=(accept,), intervals={accept: 60.0})
    play([target], act, answer, takes=TAKES, pausing=True)
