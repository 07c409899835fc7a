"""Generations: bought one by one, paid before they start, seen through, taken up again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from genmedia_exporter.core.clock import Monotonic, Unix
from genmedia_exporter.core.evidence import Generation, Hints, JobRef, Observation, Verdict
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Status
from genmedia_exporter.drivers.contract import Run
from genmedia_exporter.health.board import Board
from genmedia_exporter.health.persisted import identity
from genmedia_exporter.providers.calls import Job
from genmedia_exporter.providers.prices import Price
from genmedia_exporter.sharding.membership import SingleOwner
from genmedia_exporter.spending.bucket import Booking
from genmedia_exporter.spending.limits import Refusal, RefusalKind, Spending, SpendingLimits
from genmedia_exporter.spending.planner import REFUSED_SECONDS
from genmedia_exporter.spending.runner import FORGOTTEN_SECONDS, MOST_AT_ONCE, Generations
from genmedia_exporter.spending.statements import Reservation
from genmedia_exporter.spending.transactions import KeptJob
from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.targets.model import Cap, Target
from tests.events import events
from tests.fakes import FakeClock, evidence, make_target, verdict

REACH, ACCEPT, GENERATE = Depth
INTERVALS = {REACH: 60.0, ACCEPT: 600.0, GENERATE: 3600.0}
TURN = 3600.0 * 7 / 8
"""From the start of one to the next: a job may take 15 minutes, but only an eighth is given."""
PRICE = 0.4


class FakeLedger:
    """Money with a day's limit, remembered in a list; it can break."""

    def __init__(self, clock: FakeClock, daily: float = 100.0) -> None:
        self.clock = clock
        self.daily = daily
        self.booked: list[Reservation] = []
        self.settled: dict[int, float] = {}
        self.jobs: dict[int, KeptJob] = {}
        self.broken = False
        self.on = True
        self.known_on = True  # what the process believes
        self.asked = 0  # how often money was asked for

    async def reserve(self, target: Target, usd: float | None = None) -> Reservation | Refusal:
        """Give money while the day has some."""
        assert usd is not None
        self.asked += 1
        self.known_on = self.on
        if not self.on:
            return Refusal(RefusalKind.DISABLED, "switched off")
        if self.broken:
            return Refusal(RefusalKind.STORAGE, "broken")
        if self.spent + usd > self.daily:
            return Refusal(RefusalKind.DAILY, "the day's budget is spent")
        made = Reservation(
            len(self.booked) + 1, target.name, target.account.name, usd, self.clock.now()
        )
        self.booked.append(made)
        return made

    @property
    def spent(self) -> float:
        """What has been spent or is set aside."""
        return sum(self.settled.get(r.id, r.usd) for r in self.booked)

    async def keep(self, reservation: Reservation, target: Target, job: JobRef) -> None:
        """Remember a job."""
        self.jobs[reservation.id] = KeptJob(
            reservation, target.name, identity(target), job, reservation.usd
        )

    async def finish(self, reservation: Reservation, usd: float) -> None:
        """Settle and forget."""
        self.settled[reservation.id] = usd
        self.jobs.pop(reservation.id, None)

    async def kept(self) -> Sequence[KeptJob]:
        """Return what is remembered."""
        if self.broken:
            raise StorageError("broken")
        return list(self.jobs.values())

    async def newest(self) -> Mapping[str, Unix]:
        """Return when each target was last paid for."""
        if self.broken:
            raise StorageError("broken")
        return {r.target: r.at for r in self.booked}

    async def bookings_since(self, seconds: float) -> Sequence[Booking]:
        """Return everything: tests are short."""
        return [Booking(r.at, self.settled.get(r.id, r.usd)) for r in self.booked]

    def spending(self) -> Spending:
        """Return limits and sums."""
        return Spending(self.daily, self.spent, 30 * self.daily, self.spent, self.known_on)


@dataclass
class Studio:
    """Makes generations that take *takes* seconds of the clock and end as *answer* says."""

    clock: FakeClock
    answer: Callable[[Target], Verdict] = lambda target: verdict()
    takes: float = 90.0
    creates: list[str] = field(default_factory=list)
    resumed: list[str] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)
    running: int = 0
    most: int = 0

    async def generate(self, target: Target, run: Run, hints: Hints) -> Observation:
        """Create unless there is a job, wait, and end."""
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            if run.job is None:
                self.creates.append(target.name)
                self.prompts.append(run.prompt)
                await run.accepted(JobRef(f"job-{len(self.creates)}", self.clock.now()))
            else:
                self.resumed.append(run.job.id)
            await self.clock.sleep(self.takes)
        finally:
            self.running -= 1
        told = self.answer(target)
        made = Generation(job_id="job", resumed=run.job is not None)
        found = evidence(self.clock, target, GENERATE, told.reason, self.takes)
        return Observation(replace(found, generation=made), told)


@dataclass
class Stage:
    """Everything generations need, with a clock that tests move."""

    clock: FakeClock
    board: Board
    money: FakeLedger
    studio: Studio
    generations: Generations

    def well(self, *names: str) -> None:
        """Let the free depths of some targets have worked just now."""
        for name in names:
            state = self.board.state(name)
            assert state is not None
            for depth in (REACH, ACCEPT):
                seen = evidence(self.clock, state.target, depth, Reason.OK)
                self.board.observe(seen, verdict())

    async def pass_time(self, seconds: float, *names: str) -> None:
        """Let time pass while the free depths keep working."""
        left = seconds
        while left > 0:
            await self.clock.advance(min(60.0, left))
            left -= 60.0
            self.well(*names)
        await self.clock.advance(6)


def play(
    targets: Sequence[Target],
    act: Callable[[Stage], Awaitable[None]],
    daily: float = 100.0,
    owns: Callable[[str], bool] = lambda name: True,
    paused: Callable[[Monotonic], bool] = lambda began: False,
) -> Stage:
    """Run generations over *targets* while *act* moves the time."""

    async def run() -> Stage:
        clock = FakeClock()
        board = Board(clock)
        board.configure(targets, {})
        money, studio = FakeLedger(clock, daily), Studio(clock)
        allowed = SpendingLimits(Cap(daily, 30 * daily))
        made = Generations(board, studio, money, clock, lambda: allowed, owns, paused)
        stage = Stage(clock, board, money, studio, made)
        stage.generations.configure(targets)
        stage.well(*(t.name for t in targets))
        loop = asyncio.create_task(stage.generations.run())
        try:
            await act(stage)
            assert not loop.done()
        finally:
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)
        return stage

    return asyncio.run(run())


def target(name: str = "a") -> Target:
    """Return a target that may generate at 40 cents."""
    made = make_target(name, depths=tuple(Depth), intervals=INTERVALS)
    provider = made.provider.model_copy(update={"jobs": (JOB,)})
    return replace(made, account=replace(made.account, provider=provider))


JOB = Job.model_validate(
    {
        "operation": "video",
        "driver": "async_job",
        "path": "/videos",
        "id": "/id",
        "poll": {"path": "/videos/{id}", "deadline_seconds": 900},
        "status": {"pointer": "/status"},
        "output": {"path": "/videos/{id}/content"},
        "seconds": 4,
    }
)


def test_a_generation_is_paid_seen_through_and_booked() -> None:
    """Reserved, created once, judged, settled; the cost is on the board."""

    async def act(stage: Stage) -> None:
        await stage.pass_time(180, "a")
        state = stage.board.state("a")
        assert state is not None
        assert state.depths[GENERATE].verified
        assert state.depths[GENERATE].cost_usd == pytest.approx(PRICE)
        assert stage.money.settled == {1: pytest.approx(PRICE)}
        assert not stage.money.jobs

    assert play([target()], act).studio.creates == ["a"]


@pytest.mark.parametrize(
    ("reason", "seen"), [(Reason.GENERATION_TIMEOUT, 0), (Reason.JOB_FAILED, 0), (Reason.OK, 1)]
)
def test_a_generation_that_spans_a_pause_counts_only_if_it_succeeded(
    reason: Reason, seen: int
) -> None:
    """Its deadline went by unseen; the money is settled in any case."""

    async def act(stage: Stage) -> None:
        stage.studio.answer = lambda target: verdict(reason)
        await stage.pass_time(120, "a")
        state = stage.board.state("a")
        assert state is not None
        known = state.depths.get(GENERATE)
        assert (known.total if known else 0) == seen
        # How long it took by itself nobody knows.
        assert [a.duration for a in (known.recent if known else ())] == [None] * seen
        assert sum(known.latency.counts if known else ()) == 0
        assert list(stage.money.settled) == [1]

    play([target()], act, paused=lambda began: True)


def test_the_end_of_a_generation_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """Who, how, how long and for how much, in one line."""

    async def act(stage: Stage) -> None:
        await stage.pass_time(180, "a")

    with caplog.at_level(logging.INFO):
        play([target()], act)
    told = dict(events(caplog.records))
    assert told["generation started"] == {"target": "a", "cause": "routine", "estimate_usd": 0.4}
    assert told["generation ended"] == {
        "target": "a",
        "outcome": "success",
        "reason": "ok",
        "duration_seconds": 90.0,
        "cost_usd": 0.4,
    }


def test_one_at_a_time_once_an_interval() -> None:
    """No second one while the first runs, none before its turn."""

    async def act(stage: Stage) -> None:
        await stage.pass_time(TURN - 60, "a")
        assert stage.studio.creates == ["a"]
        await stage.pass_time(120, "a")
        assert stage.studio.creates == ["a", "a"]

    stage = play([target()], act)
    assert stage.studio.most == 1
    assert len(set(stage.studio.prompts)) == 2


def test_a_first_failure_is_confirmed_before_it_counts() -> None:
    """One failed job changes nothing; the second makes it down."""

    async def act(stage: Stage) -> None:
        await stage.pass_time(240, "a")
        stage.studio.answer = lambda target: verdict(Reason.JOB_FAILED)
        await stage.pass_time(TURN - 100, "a")
        state = stage.board.state("a")
        assert state is not None
        assert state.now.status is Status.OPERATIONAL
        await stage.pass_time(240, "a")
        state = stage.board.state("a")
        assert state is not None
        assert state.now.status is Status.DOWN

    assert len(play([target()], act).studio.creates) == 3


def test_without_money_nothing_is_created_and_the_turn_is_counted() -> None:
    """A refusal is counted once an interval, and the ledger is not asked every five seconds."""

    async def act(stage: Stage) -> None:
        await stage.pass_time(REFUSED_SECONDS - 60, "a")
        state = stage.board.state("a")
        assert state is not None
        assert state.depths[GENERATE].skipped == {"budget": 1}

    stage = play([target()], act, daily=0.1)
    assert stage.studio.creates == []
    assert stage.money.booked == []


def test_a_turn_that_waits_for_money_is_counted_when_the_last_one_has_expired() -> None:
    """Two and a half turns after it began, not with the first turn that passes."""

    async def act(stage: Stage) -> None:
        await stage.pass_time(2.5 * TURN - 120, "a")
        state = stage.board.state("a")
        assert state is not None
        assert stage.studio.creates == ["a"]
        assert state.depths[GENERATE].skipped == {}
        await stage.pass_time(240, "a")
        state = stage.board.state("a")
        assert state is not None
        assert state.depths[GENERATE].skipped == {"budget": 1}

    assert play([target()], act, daily=PRICE + 0.1).studio.creates == ["a"]


def test_one_that_can_never_be_paid_stops_nobody() -> None:
    """Dearer than a day's budget: it is counted, and all the others have their turns."""
    cheap = replace(target("a"), price=Price(usd_per_second=0.01))
    dear = replace(target("dear"), price=Price(usd_per_second=1.0))

    async def act(stage: Stage) -> None:
        await stage.pass_time(2.5 * TURN, "a", "dear")
        assert stage.studio.creates == ["a"] * 3
        state = stage.board.state("dear")
        assert state is not None
        assert state.depths[GENERATE].skipped == {"budget": 3}

    play([cheap, dear], act, daily=3.0)


def test_money_is_shared_with_those_that_are_still_to_be_looked_at() -> None:
    """At a start all are tried one after the other: the first to be well does not take it all."""
    many = [target(f"t{i}") for i in range(4)]

    async def act(stage: Stage) -> None:
        stage.board.configure([], {})
        stage.board.configure(many, {})
        stage.generations.configure(many)
        stage.well("t0")
        await stage.pass_time(3 * TURN, "t0")
        assert stage.studio.creates == ["t0"]

    play([], act, daily=8 * PRICE)


@pytest.mark.parametrize(("fails", "bought"), [(False, 3), (True, 5)])
def test_the_share_of_one_that_fails_for_nothing_goes_to_the_others(
    fails: bool, bought: int
) -> None:
    """A generation of it would fail, too, so none is bought while its free depths fail."""

    async def act(stage: Stage) -> None:
        await stage.pass_time(TURN, "a", "b")
        for _ in range(3 * 60):
            if fails:
                state = stage.board.state("b")
                assert state is not None
                seen = evidence(stage.clock, state.target, REACH, Reason.SERVER_ERROR)
                stage.board.observe(seen, verdict(Reason.SERVER_ERROR))
            await stage.pass_time(60, "a", *([] if fails else ["b"]))
        assert stage.studio.creates.count("a") == bought

    play([target("a"), target("b")], act, daily=30 * PRICE)


def test_a_budget_of_its_own_that_is_used_up_stops_nobody() -> None:
    """Refused for its own sake, it is left out, and nobody waits behind it."""
    cheap = replace(target("a"), price=Price(usd_per_second=0.025))
    poor, day = replace(target("poor"), price=Price(usd_per_second=0.2)), 24 * 3600.0

    async def act(stage: Stage) -> None:
        real = stage.money.reserve

        async def reserve(target: Target, usd: float | None = None) -> Reservation | Refusal:
            poor = target.name == "poor"
            return Refusal(RefusalKind.TARGET, "no") if poor else await real(target, usd)

        stage.money.reserve = reserve  # type: ignore[method-assign]
        await stage.pass_time(day, "a", "poor")
        assert stage.studio.creates == ["a"] * 4  # its fair share: half of 80 cents

    play([cheap, poor], act, daily=1.0)


def test_nothing_is_wished_for_while_spending_is_off() -> None:
    """The ledger is not asked, the turn is counted, and switched on again it is bought at once."""

    async def act(stage: Stage) -> None:
        stage.money.on = stage.money.known_on = False
        await stage.pass_time(1200, "a")
        assert stage.money.asked == 0
        state = stage.board.state("a")
        assert state is not None
        assert state.depths[GENERATE].skipped == {"budget": 1}
        stage.money.on = stage.money.known_on = True
        await stage.pass_time(10, "a")
        assert stage.studio.creates == ["a"]

    play([target()], act)


def test_a_switch_that_is_heard_of_late_shuts_nobody_out() -> None:
    """Another exporter has switched it off: the ledger says so first, and then we know."""

    async def act(stage: Stage) -> None:
        stage.money.on = False
        await stage.pass_time(30, "a")
        assert stage.money.asked == 1
        stage.money.on = stage.money.known_on = True
        await stage.pass_time(10, "a")
        assert stage.studio.creates == ["a"]

    play([target()], act)


def test_a_reload_while_kept_jobs_are_asked_for_is_not_forgotten() -> None:
    """The jobs of targets that came with it are taken up in the next round."""

    async def act(stage: Stage) -> None:
        await stage.pass_time(180, "a")
        real, asked = stage.money.kept, []

        async def kept() -> Sequence[KeptJob]:
            asked.append(stage.clock.now())
            if len(asked) == 1:
                stage.generations.configure([target()])
            return await real()

        stage.money.kept = kept  # type: ignore[method-assign]
        stage.generations.configure([target()])
        await stage.clock.advance(30)
        assert len(asked) == 2

    play([target()], act)


def test_a_broken_ledger_stops_paying_and_nothing_else() -> None:
    """When in doubt, refuse."""

    async def act(stage: Stage) -> None:
        stage.money.broken = True
        await stage.pass_time(120, "a")
        assert stage.studio.creates == []
        stage.money.broken = False
        await stage.pass_time(REFUSED_SECONDS + 60, "a")
        assert stage.studio.creates == ["a"]

    play([target()], act)


def test_no_more_than_so_many_at_once() -> None:
    """A start with many targets does not send them all in one moment."""
    account = replace(target().account, concurrency=100)
    many = [replace(target(f"t{i}"), account=account) for i in range(MOST_AT_ONCE + 4)]

    async def act(stage: Stage) -> None:
        await stage.pass_time(30)
        assert len(stage.studio.creates) == MOST_AT_ONCE
        await stage.pass_time(180)
        assert len(stage.studio.creates) == len(many)

    assert play(many, act).studio.most == MOST_AT_ONCE


@pytest.mark.parametrize("concurrency", [1, 3])
def test_no_more_jobs_of_an_account_than_its_concurrency(concurrency: int) -> None:
    """Others of the same account wait until one has ended."""
    account = replace(target().account, concurrency=concurrency)
    many = [replace(target(f"t{i}"), account=account) for i in range(5)]

    async def act(stage: Stage) -> None:
        await stage.pass_time(30)
        assert len(stage.studio.creates) == concurrency
        await stage.pass_time(600)
        assert len(stage.studio.creates) == len(many)

    assert play(many, act).studio.most == concurrency


def test_a_kept_job_is_asked_after_and_never_bought_again() -> None:
    """A restart resumes by id; what has become of the target, or is too old, is booked and left."""
    known, gone = target("a"), target("gone")
    old = 900 + FORGOTTEN_SECONDS + 60

    async def act(stage: Stage) -> None:
        now = stage.clock.now()
        for number, (of, age) in enumerate([(known, 300.0), (gone, 10.0), (known, old)], 1):
            paid = Reservation(number, of.name, of.account.name, PRICE, now - age)
            stage.money.booked.append(paid)
            await stage.money.keep(paid, of, JobRef(f"old-{number}", now - age))
        await stage.pass_time(120, "a")
        assert stage.studio.resumed == ["old-1"]
        assert stage.studio.creates == []
        assert stage.money.settled == {1: PRICE, 2: PRICE, 3: PRICE}

    play([known], act)


def test_a_crash_is_no_reason_to_buy_again_before_its_time() -> None:
    """What an earlier process paid for and lost counts as tried; a crash loop burns no budget."""

    async def act(stage: Stage) -> None:
        stage.money.booked.append(Reservation(1, "a", "main", PRICE, stage.clock.now() - 600))
        await stage.pass_time(TURN - 700, "a")
        assert stage.studio.creates == []
        await stage.pass_time(200, "a")
        assert stage.studio.creates == ["a"]

    play([target()], act)


def test_stopping_leaves_the_job_to_be_taken_up() -> None:
    """An ordered stop forgets neither job nor money."""

    async def act(stage: Stage) -> None:
        await stage.clock.advance(10)
        assert stage.studio.creates == ["a"]

    stage = play([target()], act)
    assert stage.money.settled == {}
    assert [job.job.id for job in stage.money.jobs.values()] == ["job-1"]


def test_what_another_exporter_owns_is_left_alone() -> None:
    """Neither bought nor taken up."""

    async def act(stage: Stage) -> None:
        await stage.pass_time(120, "a")

    assert play([target()], act, owns=lambda name: False).studio.creates == []


def test_a_target_lost_to_another_exporter_takes_its_job_along() -> None:
    """Whoever has it now sees the job through; what we know of it is neither booked nor judged."""
    mine = {"a"}

    async def act(stage: Stage) -> None:
        await stage.clock.advance(10)
        mine.clear()
        stage.generations.configure([])
        await stage.clock.advance(120)
        assert stage.money.settled == {}
        assert [job.target for job in stage.money.jobs.values()] == ["a"]
        state = stage.board.state("a")
        assert state is not None
        assert GENERATE not in state.depths

    assert play([target()], act, owns=mine.__contains__).studio.creates == ["a"]


def test_money_for_a_target_that_is_lost_meanwhile_is_given_back() -> None:
    """Between the reservation and the create somebody else took over: nothing is sent."""
    mine = {"a"}

    async def act(stage: Stage) -> None:
        real = stage.money.reserve

        async def reserve(target: Target, usd: float | None = None) -> Reservation | Refusal:
            mine.clear()
            return await real(target, usd)

        stage.money.reserve = reserve  # type: ignore[method-assign]
        await stage.clock.advance(1)
        assert stage.money.settled == {1: 0.0}

    assert play([target()], act, owns=mine.__contains__).studio.creates == []


def test_evidence_of_a_target_that_is_gone_is_dropped_but_booked() -> None:
    """A reload while a job runs loses a result, not its booking."""

    async def act(stage: Stage) -> None:
        await stage.clock.advance(10)
        stage.board.configure([], {})
        stage.generations.configure([])
        await stage.clock.advance(120)
        assert stage.money.settled == {1: pytest.approx(PRICE)}

    assert play([target()], act).board.state("a") is None


@pytest.mark.parametrize("call", ["reserve", "bookings_since"])
def test_a_reload_while_the_ledger_is_asked_ends_nothing(call: str) -> None:
    """A target that goes at that moment takes nothing along."""

    async def act(stage: Stage) -> None:
        async def refuse(*_: object) -> Refusal | list[Booking]:
            stage.generations.configure([])
            return Refusal(RefusalKind.SHARING, "taken") if call == "reserve" else []

        setattr(stage.money, call, refuse)
        await stage.clock.advance(30)

    assert play([target()], act).studio.creates == []


@pytest.mark.parametrize("call", ["reserve", "bookings_since"])
def test_a_target_that_changes_while_the_ledger_is_asked(call: str) -> None:
    """What is reserved is the price of what is bought."""
    dearer = replace(target(), price=Price(usd_per_second=1.0))

    async def act(stage: Stage) -> None:
        real = getattr(stage.money, call)

        async def change(*arguments: object) -> object:
            stage.generations.configure([dearer])
            setattr(stage.money, call, real)
            return await real(*arguments)

        setattr(stage.money, call, change)
        await stage.clock.advance(30)
        assert stage.studio.creates == ["a"]
        assert stage.money.booked[-1].usd == pytest.approx(4.0)
        assert {r.id for r in stage.money.booked[:-1]} == set(stage.money.settled)

    play([target()], act)


def test_a_target_that_goes_is_seen_through_where_nobody_else_could() -> None:
    """With a file, a reload without it leaves no job behind that nobody asks after."""
    single = SingleOwner()
    single.configure(["a"])

    async def act(stage: Stage) -> None:
        await stage.clock.advance(10)
        single.configure([])
        stage.generations.configure([])
        await stage.clock.advance(120)
        assert stage.money.settled == {1: pytest.approx(PRICE)}
        assert stage.money.jobs == {}

    play([target()], act, owns=single.holds_lease)


def test_a_job_that_ends_while_others_are_booked_is_not_taken_up_again() -> None:
    """Its service may have deleted it: asking again would call it lost."""

    async def act(stage: Stage) -> None:
        await stage.clock.advance(60)
        now, real = stage.clock.now(), stage.money.finish
        paid = Reservation(0, "gone", "main", PRICE, now)
        left = KeptJob(paid, "gone", "another", JobRef("old", now), PRICE)
        stage.money.jobs = {0: left, **stage.money.jobs}

        async def finish(reservation: Reservation, usd: float) -> None:
            await stage.clock.sleep(60.0 if reservation == paid else 0.0)
            await real(reservation, usd)

        stage.money.finish = finish  # type: ignore[method-assign]
        stage.generations.configure([target()])
        await stage.clock.advance(200)

    assert play([target()], act).studio.resumed == []


def test_evidence_of_another_model_says_nothing_about_this_one() -> None:
    """A reload gives the name to another model while a job runs: its failure is not the new one's."""

    async def act(stage: Stage) -> None:
        stage.studio.answer = lambda _target: verdict(Reason.JOB_FAILED)
        await stage.clock.advance(10)
        other = replace(target(), model="another")
        stage.board.configure([other], {})
        stage.generations.configure([other])
        await stage.clock.advance(120)
        assert stage.money.settled == {1: pytest.approx(PRICE)}
        state = stage.board.state("a")
        assert state is not None
        assert GENERATE not in state.depths

    play([target()], act)
