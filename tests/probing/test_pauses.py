"""A paused process: what it was doing does not count, and what it knew is not older."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from genmedia_exporter.core.evidence import Hints, Observation, Verdict
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Status
from genmedia_exporter.health.board import Board
from genmedia_exporter.probing.executor import Executed, NoLedger, ProbeExecutor
from genmedia_exporter.targets.model import Target
from tests.fakes import CountingMeter, FakeClock, ScriptedProbes, make_target, settle, verdict
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


@pytest.mark.parametrize(
    ("reason", "ours", "counts"),
    [
        (Reason.RESPONSE_TIMEOUT, 1.01, False),
        (Reason.RESPONSE_TIMEOUT, 1.0, True),
        (Reason.SERVER_ERROR, 9.0, True),
        (Reason.OK, 9.0, True),
    ],
)
def test_a_timeout_that_our_own_loop_brought_about_is_dropped(
    reason: Reason, ours: float, counts: bool
) -> None:
    """A tenth of the time was ours: who knows whether they would have answered in it."""

    class Late(ScriptedProbes):
        async def probe(self, target: Target, depth: Depth, hints: Hints) -> Observation:
            found = await super().probe(target, depth, hints)
            seen = replace(found.evidence, duration=10.0, self_delay=ours)
            return replace(found, evidence=seen)

    async def run() -> tuple[Executed | None, list[float]]:
        clock, meter, board = FakeClock(), CountingMeter(), Board(FakeClock())
        target = make_target(depths=(REACH,))
        board.configure([target], {})
        probes = Late(clock, lambda _target, _depth: verdict(reason))
        executor = ProbeExecutor(board, probes, clock, meter, NoLedger(), lambda _name: True)
        made = asyncio.create_task(executor.execute(target, REACH, clock.monotonic()))
        await clock.advance(1.0)
        return await made, meter.self_delays

    executed, delays = asyncio.run(run())
    assert executed is not None
    assert (executed.dropped, executed.change is not None) == (not counts, counts)
    assert delays == [ours]
