"""The scheduler: turns, no overlap, limits, escalation, pauses, scrapes and probes on request."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

import pytest

from genmedia_exporter.core.clock import EPOCH, Monotonic
from genmedia_exporter.core.evidence import Verdict
from genmedia_exporter.core.pauses import Pauses
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Status
from genmedia_exporter.health.backoff import jitter_offset, next_slot
from genmedia_exporter.health.board import Board
from genmedia_exporter.health.traffic import ReportedCall
from genmedia_exporter.probing.executor import never
from genmedia_exporter.probing.limits import ConcurrencyLimiter
from genmedia_exporter.probing.on_demand import SCRAPE_GAP
from genmedia_exporter.probing.scheduler import Scheduler, first_delay
from genmedia_exporter.probing.service import ProbingService
from genmedia_exporter.targets.model import Target
from tests.fakes import CountingMeter, FakeClock, ScriptedProbes, make_target, settle, verdict

REACH, ACCEPT = Depth.REACH, Depth.ACCEPT


@dataclass
class Stage:
    """Everything a scheduler needs, with a clock that tests move."""

    clock: FakeClock
    board: Board
    probes: ScriptedProbes
    meter: CountingMeter
    probing: ProbingService

    @property
    def scheduler(self) -> Scheduler:
        """What plans the timed probes."""
        return self.probing.scheduler

    def configure(self, targets: Iterable[Target]) -> None:
        """Watch *targets*."""
        targets = list(targets)
        self.board.configure(targets, {})
        self.probing.configure(targets)


def play(
    targets: Iterable[Target],
    act: Callable[[Stage], Awaitable[None]],
    answer: Callable[[Target, Depth], Verdict] = lambda target, depth: verdict(),
    takes: float = 0.1,
    in_flight: int = 64,
    pausing: bool = False,
) -> Stage:
    """Run a scheduler over *targets* while *act* moves the time; *pausing*: it notices pauses."""

    async def run() -> Stage:
        clock, meter = FakeClock(), CountingMeter()
        busy: set[str] = set()
        pauses = Pauses(clock)
        pause = (pauses.take_stopped, pauses.since) if pausing else (float, never)
        board = Board(clock, in_flight=busy, stopped=pause[0])
        probes = ScriptedProbes(clock, answer, takes)
        stage = Stage(
            clock,
            board,
            probes,
            meter,
            ProbingService(
                board,
                probes,
                clock,
                meter,
                limiter=ConcurrencyLimiter(in_flight),
                in_flight=busy,
                paused_since=pause[1],
            ),
        )
        loops = [pauses.run()] if pausing else []
        beats = [asyncio.create_task(loop) for loop in loops]
        stage.configure(targets)
        loop = asyncio.create_task(stage.scheduler.run())
        try:
            await act(stage)
        finally:
            loop.cancel()
            for beat in beats:
                beat.cancel()
            await asyncio.gather(loop, *beats, return_exceptions=True)
        return stage

    return asyncio.run(run())


def test_the_next_turn_comes_after_now() -> None:
    """Also right on a turn, where sums of floats may land a hair before it."""
    for interval in (60.0, 600.0, 3600.0):
        for number in range(20_000):
            tick = Monotonic(jitter_offset("a", ACCEPT, interval) + number * interval)
            assert next_slot("a", ACCEPT, interval, tick) > tick


@pytest.mark.parametrize("depth", [REACH, ACCEPT])
@pytest.mark.parametrize(("targets", "interval"), [(5_000, 60.0), (5_000, 600.0), (40, 1.0)])
def test_first_turns_are_spread_evenly(targets: int, interval: float, depth: Depth) -> None:
    """However many there are: all within the interval, and no tenth of the round has twice its share."""
    names = [f"account/model-{number}" for number in range(targets)]
    delays = [first_delay(name, depth, interval, targets) for name in names]
    assert min(delays) >= 0.0
    assert max(delays) <= interval
    begin, width = min(delays), (max(delays) - min(delays)) / 10
    parts = Counter(min(9, int((delay - begin) // width)) for delay in delays)
    assert max(parts.values()) < 2 * targets / 10


def test_few_targets_are_not_spread_over_an_hour() -> None:
    """At fifty a second, shallow before deep."""
    assert first_delay("a", REACH, 3_600.0, 1) < 1.02
    assert 1.02 <= first_delay("a", ACCEPT, 3_600.0, 1) < 2.04


def test_each_depth_keeps_its_interval() -> None:
    """After the first round probes come once an interval, at a fixed place in it."""

    async def act(stage: Stage) -> None:
        await stage.clock.advance(3_600)

    stage = play([make_target()], act)
    reach, accept = stage.probes.times("a", REACH), stage.probes.times("a", ACCEPT)

    assert 60 <= len(reach) <= 62
    assert 6 <= len(accept) <= 8
    assert {60.0} == {round(b - a, 6) for a, b in itertools.pairwise(reach[1:])}


def test_phases_are_spread() -> None:
    """Targets do not all fall due in the same moment."""

    async def act(stage: Stage) -> None:
        await stage.clock.advance(200)

    targets = [make_target(f"t{i}", depths=(REACH,)) for i in range(50)]
    stage = play(targets, act)
    later = [at for at, _, _ in stage.probes.started if at > 65]

    assert len({round(at) for at in later}) > 25


def test_the_first_round_is_quick() -> None:
    """A newcomer does not wait an interval for the first results."""

    async def act(stage: Stage) -> None:
        await stage.clock.advance(3)
        assert stage.scheduler.progress == (10, 10)

    play([make_target(f"t{i}") for i in range(10)], act)


def test_probes_of_one_target_never_overlap() -> None:
    """However slow a probe is, the next of that target waits for it."""

    async def act(stage: Stage) -> None:
        await stage.clock.advance(600)

    intervals = {REACH: 1.0, ACCEPT: 2.0}
    stage = play([make_target(intervals=intervals)], act, takes=3.0)

    assert not stage.probes.overlapped
    assert len(stage.probes.times("a", REACH)) > 50
    assert len(stage.probes.times("a", ACCEPT)) > 50


@pytest.mark.parametrize(("concurrency", "in_flight", "most"), [(2, 64, 2), (50, 5, 5)])
def test_concurrency_is_bounded(concurrency: int, in_flight: int, most: int) -> None:
    """Neither an account nor the whole exceeds its limit."""

    async def act(stage: Stage) -> None:
        await stage.clock.advance(120)

    targets = [make_target(f"t{i}", concurrency=concurrency) for i in range(30)]
    stage = play(targets, act, takes=1.0, in_flight=in_flight)

    assert most == stage.probes.most


def test_a_probe_that_waited_too_long_is_skipped_and_counted() -> None:
    """What cannot get a place within its interval is not made late; it is counted."""

    async def act(stage: Stage) -> None:
        await stage.clock.advance(60)

    targets = [
        make_target(f"t{i}", depths=(REACH,), intervals={REACH: 5.0}, concurrency=1)
        for i in range(20)
    ]
    stage = play(targets, act, takes=4.0)
    skipped = sum(
        state.depths[REACH].skipped.get("concurrency", 0)
        for state in stage.board.snapshot().targets.values()
        if REACH in state.depths
    )

    assert skipped > 0


def test_a_pause_causes_no_storm() -> None:
    """After an hour's sleep of the machine the missed probes are spread, not fired together."""

    async def act(stage: Stage) -> None:
        await stage.clock.advance(120)
        before = len(stage.probes.started)
        stage.clock.freeze(3_600)
        await stage.clock.advance(1)
        assert len(stage.probes.started) - before < 20
        await stage.clock.advance(90)
        assert len(stage.probes.started) - before >= 200

    targets = [make_target(f"t{i}", depths=(REACH,)) for i in range(200)]
    play(targets, act, in_flight=500)


def test_a_first_failure_escalates_and_is_looked_at_again_soon() -> None:
    """A contradiction brings the deeper depth forward and the next look to fifteen seconds."""
    bad: list[bool] = []

    def answer(target: Target, depth: Depth) -> Verdict:
        return verdict(Reason.SERVER_ERROR if bad else Reason.OK)

    async def act(stage: Stage) -> None:
        await stage.clock.advance(130)
        accepts = len(stage.probes.times("a", ACCEPT))
        bad.append(True)
        await stage.clock.advance(100)
        first = next(at for at in stage.probes.times("a", REACH) if at > 130)
        assert len(stage.probes.times("a", ACCEPT)) > accepts
        assert any(14 <= at - first <= 16 for at in stage.probes.times("a", REACH))

    play([make_target()], act, answer)


def test_two_turns_within_one_accident_are_one_failure() -> None:
    """An escalation just before the deeper depth's own turn leaves that turn out."""
    bad: list[bool] = []

    def answer(target: Target, depth: Depth) -> Verdict:
        return verdict(Reason.CONNECTION_RESET if bad else Reason.OK)

    async def act(stage: Stage) -> None:
        await stage.clock.advance(4)
        turn = next_slot("a", ACCEPT, 60.0, stage.clock.monotonic())
        await stage.clock.advance(turn - 3 - stage.clock.monotonic())
        before = len(stage.probes.times("a", ACCEPT))
        bad.append(True)
        await stage.clock.advance(8)
        assert len(stage.probes.times("a", ACCEPT)) == before + 1
        bad.clear()
        await stage.clock.advance(20)
        assert len(stage.probes.times("a", ACCEPT)) == before + 2

    play([make_target(intervals={REACH: 2.0, ACCEPT: 60.0})], act, answer)


def test_rechecks_slow_down_while_it_stays_down() -> None:
    """A lasting outage is not hammered: the fast looks double up to the interval."""

    async def act(stage: Stage) -> None:
        await stage.clock.advance(3_600)

    stage = play([make_target()], act, lambda t, d: verdict(Reason.SERVER_ERROR))

    assert len(stage.probes.times("a", REACH)) < 70


def test_retry_after_is_honoured() -> None:
    """Who asks us to wait is not asked again before."""

    async def act(stage: Stage) -> None:
        await stage.clock.advance(900)

    wait = verdict(Reason.RATE_LIMITED, retry_after=300.0)
    stage = play([make_target(depths=(REACH,))], act, lambda t, d: wait)
    times = stage.probes.times("a", REACH)

    assert all(b - a >= 300 for a, b in itertools.pairwise(times))


def test_nobody_hurries_a_service_that_asked_us_to_wait() -> None:
    """Neither a status page's word nor a scrape makes us come back before Retry-After is over."""

    async def act(stage: Stage) -> None:
        await stage.clock.advance(5)
        for _ in range(10):
            stage.scheduler.expedite(["timed"])
            scraped = asyncio.create_task(stage.probing.on_demand.scrape_round(5.0))
            await stage.clock.advance(15)
            await scraped

    wait = verdict(Reason.RATE_LIMITED, retry_after=600.0)
    targets = [
        make_target("timed", depths=(REACH,)),
        make_target("scraped", depths=(REACH,), schedule="scrape"),
    ]
    stage = play(targets, act, lambda t, d: wait)

    assert len(stage.probes.times("timed", REACH)) == 1
    assert len(stage.probes.times("scraped", REACH)) == 1


def test_where_calls_of_applications_begin_to_fail_we_look_at_once() -> None:
    """At the free depths, once: more failures of the same run bring nothing forward."""
    bad = ReportedCall(EPOCH, Depth.GENERATE, verdict(Reason.SERVER_ERROR))
    begun: list[int] = []

    async def act(stage: Stage) -> None:
        await stage.clock.advance(20)
        for _ in range(3):
            begun.append(len(stage.probes.started))
            assert await stage.probing.report({"a": [bad], "nobody": [bad]}) == ("nobody",)
            await stage.clock.advance(5)
        begun.append(len(stage.probes.started))

    every = {REACH: 86_400.0, ACCEPT: 86_400.0}
    play([make_target(intervals=every)], act)
    assert begun == [2, 4, 4, 4]


def test_a_stopped_depth_is_never_run_again() -> None:
    """When a create that must be rejected is accepted, that depth ends there, whoever asks."""

    def answer(target: Target, depth: Depth) -> Verdict:
        return verdict(Reason.ACCEPTED_UNEXPECTEDLY if depth is ACCEPT else Reason.OK)

    async def act(stage: Stage) -> None:
        await stage.clock.advance(7_200)
        stage.configure([make_target()])
        await stage.clock.advance(7_200)
        with pytest.raises(ValueError, match="not probed"):
            await stage.probing.on_demand.probe_now("a", ACCEPT, 1.0)
        stage.scheduler.expedite(["a"])
        await stage.clock.advance(7_200)

    stage = play([make_target()], act, answer)

    assert len(stage.probes.times("a", ACCEPT)) == 1
    assert stage.board.snapshot().targets["a"].depths[ACCEPT].cost_usd == pytest.approx(0.4)


def test_a_retired_target_is_looked_at_rarely() -> None:
    """What is gone for good costs a tenth of the requests, and no creates."""

    async def act(stage: Stage) -> None:
        await stage.clock.advance(7_200)

    stage = play([make_target()], act, lambda t, d: verdict(Reason.RETIRED))
    state = stage.board.snapshot().targets["a"]

    assert len(stage.probes.times("a", REACH)) < 20
    assert (state.now.status, state.changes) == (Status.RETIRED, 0)


@pytest.mark.parametrize("depth", [REACH, ACCEPT])
def test_a_retired_target_is_looked_at_every_ten_minutes_for_a_day(depth: Depth) -> None:
    """Absence is not permanence: whoever switches it on again tells nobody. Then it is let alone."""
    hourly = make_target(intervals={REACH: 3_600.0, ACCEPT: 3_600.0})

    async def act(stage: Stage) -> None:
        await stage.clock.advance(86_400)
        gaps = [b - a for a, b in itertools.pairwise(stage.probes.times("a", depth))]
        assert max(gaps) <= 601.0
        await stage.clock.advance(86_400)

    stage = play([hourly], act, lambda t, d: verdict(Reason.RETIRED))
    later = [t for t in stage.probes.times("a", depth) if t > 86_400 + 601]

    assert 2 <= len(later) <= 3  # ten times less often than every hour


def test_a_removed_target_is_probed_no_more_and_a_new_one_soon() -> None:
    """A reload takes effect on the plan at once."""

    async def act(stage: Stage) -> None:
        await stage.clock.advance(100)
        stage.configure([make_target("b")])
        await stage.clock.advance(0.05)
        count = len(stage.probes.times("a", REACH))
        await stage.clock.advance(200)
        assert count == len(stage.probes.times("a", REACH))
        assert stage.probes.times("b", REACH)

    play([make_target("a")], act)


def test_parallel_scrapes_share_one_probe() -> None:
    """Ten scrapes at once ask the provider once."""

    async def act(stage: Stage) -> None:
        rounds = [asyncio.create_task(stage.probing.on_demand.scrape_round(5.0)) for _ in range(10)]
        await stage.clock.advance(1)
        await asyncio.gather(*rounds)
        assert len(stage.probes.times("a", REACH)) == 1

    play([make_target(depths=(REACH,), schedule="scrape")], act)


def test_scrapes_in_quick_succession_do_not_hammer() -> None:
    """A minimum interval protects the provider from eager Prometheus servers."""

    async def act(stage: Stage) -> None:
        for _ in range(60):
            scraped = asyncio.create_task(stage.probing.on_demand.scrape_round(5.0))
            await stage.clock.advance(1)
            await scraped
        assert len(stage.probes.times("a", REACH)) <= 60 / SCRAPE_GAP + 1

    play([make_target(depths=(REACH,), schedule="scrape")], act)


def test_a_scrape_does_not_wait_for_a_provider_that_hangs() -> None:
    """The page comes in time without the straggler, whose probe goes on."""

    async def act(stage: Stage) -> None:
        await stage.probing.on_demand.scrape_round(1.0)
        assert stage.probes.running == ["a"]

    play([make_target(depths=(REACH,), schedule="scrape")], act, takes=1e6)


def test_probe_now_joins_the_running_probe() -> None:
    """Two people asking at once see the same probe."""

    async def act(stage: Stage) -> None:
        asked = [
            asyncio.create_task(stage.probing.on_demand.probe_now("a", REACH, 5.0))
            for _ in range(2)
        ]
        await stage.clock.advance(0.2)
        first, second = await asyncio.gather(*asked)
        assert first is second
        assert len(stage.probes.started) == 1

    play([make_target(depths=(REACH,), schedule="scrape")], act)


def test_probe_now_waits_for_another_depth_first() -> None:
    """A probe on request of one depth comes after the running one of another."""

    async def act(stage: Stage) -> None:
        asked = [
            asyncio.create_task(stage.probing.on_demand.probe_now("a", depth, 5.0))
            for depth in (REACH, ACCEPT)
        ]
        await stage.clock.advance(1)
        found = await asyncio.gather(*asked)
        assert [observation.evidence.depth for observation in found] == [REACH, ACCEPT]

    stage = play([make_target(schedule="scrape")], act)

    assert not stage.probes.overlapped


@pytest.mark.parametrize(
    ("name", "depth", "error"),
    [
        ("nobody", REACH, KeyError),
        ("a", ACCEPT, ValueError),
        ("a", Depth.GENERATE, ValueError),
    ],
)
def test_probe_now_refuses_what_it_cannot_do(
    name: str, depth: Depth, error: type[Exception]
) -> None:
    """Unknown targets, depths a target has not, and paid depths are refused."""

    async def act(stage: Stage) -> None:
        with pytest.raises(error):
            await stage.probing.on_demand.probe_now(name, depth, 1.0)

    play([make_target(depths=(REACH,))], act)


def test_stopping_cancels_what_is_in_flight() -> None:
    """No probe outlives the scheduler."""

    async def act(stage: Stage) -> None:
        await stage.clock.advance(5)
        assert stage.probes.running

    stage = play([make_target()], act, takes=1e6)

    assert stage.probes.running == []


def test_no_turn_is_lost_on_a_loop_that_stalls() -> None:
    """However the loop stutters, every target keeps being probed."""
    dice = random.Random(7)  # noqa: S311 - repeatable stutter, no secret

    def answer(target: Target, depth: Depth) -> Verdict:
        if dice.random() < 0.05:
            clock[0].freeze(dice.uniform(0.5, 2.0))
        return verdict()

    clock: list[FakeClock] = []

    async def act(stage: Stage) -> None:
        clock.append(stage.clock)
        for _ in range(60):
            await stage.clock.advance(5)

    intervals = {REACH: 1.0, ACCEPT: 3.0}
    stage = play([make_target(f"t{i}", intervals=intervals) for i in range(8)], act, answer)
    until = float(stage.clock.monotonic())

    for i in range(8):
        assert until - stage.probes.times(f"t{i}", REACH)[-1] < 15
        assert until - stage.probes.times(f"t{i}", ACCEPT)[-1] < 20


def test_escalation_waits_only_a_moment_after_the_deeper_depth() -> None:
    """A first failure just after a look at the deeper depth still brings another one at once."""
    bad: list[bool] = []

    def answer(target: Target, depth: Depth) -> Verdict:
        return verdict(Reason.SERVER_ERROR if bad else Reason.OK)

    async def act(stage: Stage) -> None:
        await stage.clock.advance(4)
        before = len(stage.probes.times("a", ACCEPT))
        bad.append(True)
        await stage.clock.advance(4)
        assert before == 1
        assert len(stage.probes.times("a", ACCEPT)) > before

    play([make_target(intervals={REACH: 2.0, ACCEPT: 600.0})], act, answer)


def test_lag_is_measured() -> None:
    """How late probes start is told for each of them."""

    async def act(stage: Stage) -> None:
        await stage.clock.advance(300)
        await settle()

    stage = play([make_target()], act)

    assert len(stage.meter.lags) == len(stage.probes.started)
    assert max(stage.meter.lags) < 1
