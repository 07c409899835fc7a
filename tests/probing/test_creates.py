"""Creates that must be rejected: what is done when one is accepted, or never answered."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from genmedia_exporter.core.evidence import Verdict
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Operation, Status
from genmedia_exporter.health.attempts import UNANSWERED_AT_MOST
from genmedia_exporter.health.board import Board
from genmedia_exporter.health.state import DepthState
from genmedia_exporter.probing.service import ProbingService
from genmedia_exporter.storage.codec import depths_from_json
from genmedia_exporter.targets.model import Target
from tests.fakes import CountingMeter, FakeClock, ScriptedProbes, make_target, settle, verdict
from tests.spending.helpers import open_ledger, rows
from tests.storage.helpers import living

REACH, ACCEPT = Depth.REACH, Depth.ACCEPT
SILENT, REJECTED = Reason.RESPONSE_TIMEOUT, Reason.REJECTED_AS_EXPECTED
ACCEPTED = Reason.ACCEPTED_UNEXPECTEDLY


def image(**more: object) -> Target:
    """Return a target whose create is answered with the image itself; a use costs 40 cents."""
    return replace(make_target(**more), operation=Operation.IMAGE)  # type: ignore[arg-type]


class Charges:
    """A ledger that remembers what it is told."""

    def __init__(self) -> None:
        self.of_a: list[float] = []

    async def unplanned_charge(self, target: Target, usd: float) -> None:
        """Remember an unplanned charge."""
        assert target.name == "a"
        self.of_a.append(usd)


class Watch:
    """A scheduler over one target whose creates are answered by a script, the last word for ever."""

    def __init__(self, target: Target, creates: Sequence[Reason], reach: Reason) -> None:
        self.clock, self.charges = FakeClock(), Charges()
        busy: set[str] = set()
        self.board = Board(self.clock, in_flight=busy)
        self.reach = reach
        self._creates = list(creates)
        self.probes = ScriptedProbes(self.clock, self._answer)
        self.probing = ProbingService(
            self.board,
            self.probes,
            self.clock,
            CountingMeter(),
            charges=self.charges,
            in_flight=busy,
        )
        self.configure(target)

    def configure(self, *targets: Target) -> None:
        """Watch these targets from now on."""
        self.board.configure(targets, {})
        self.probing.configure(targets)

    def _answer(self, target: Target, depth: Depth) -> Verdict:
        if depth is REACH:
            return verdict(self.reach)
        return verdict(self._creates.pop(0) if len(self._creates) > 1 else self._creates[0])

    @property
    def creates(self) -> list[float]:
        """When creates were sent."""
        return self.probes.times("a", ACCEPT)

    def known(self, depth: Depth = ACCEPT) -> DepthState:
        """What the board knows of a depth."""
        return self.board.snapshot().targets["a"].depths[depth]


def play(
    creates: Sequence[Reason],
    act: Callable[[Watch], Awaitable[None]],
    target: Target | None = None,
    reach: Reason = Reason.OK,
) -> Watch:
    """Run a scheduler while *act* moves the time."""

    async def run() -> Watch:
        watch = Watch(target or image(), creates, reach)
        loop = asyncio.create_task(watch.probing.scheduler.run())
        try:
            await act(watch)
        finally:
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)
        return watch

    return asyncio.run(run())


def hours(count: float) -> Callable[[Watch], Awaitable[None]]:
    """Return an act that lets time pass."""

    async def act(watch: Watch) -> None:
        await watch.clock.advance(count * 3_600)

    return act


# --- creates without an answer


def test_an_unanswered_create_is_not_hurried_and_the_third_is_the_last() -> None:
    """A lax and slow service may be making, and billing, each of them."""
    watch = play([SILENT], hours(4))

    gaps = [b - a for a, b in itertools.pairwise(watch.creates)]
    assert len(watch.creates) == UNANSWERED_AT_MOST == 3
    assert min(gaps) >= 600.0
    known = watch.known()
    assert known.disabled is Reason.ACCEPT_UNANSWERED
    assert dict(known.failures) == {SILENT: 2, Reason.ACCEPT_UNANSWERED: 1}
    assert watch.board.snapshot().targets["a"].now.status is Status.OPERATIONAL


def test_unanswered_creates_that_stop_a_depth_count_as_spent() -> None:
    """In doubt they were made: all three, on the board and in the ledger."""
    watch = play([SILENT], hours(4))

    assert watch.charges.of_a == pytest.approx([1.2])
    assert watch.known().cost_usd == pytest.approx(1.2)


def test_nothing_hurries_a_create_in_doubt() -> None:
    """Neither a recovery above it, nor a page, nor /probe, nor a reload brings it forward."""

    async def act(watch: Watch) -> None:
        await watch.clock.advance(10)
        for turn in range(9):
            watch.reach = Reason.OK if turn % 2 else Reason.SERVER_ERROR
            watch.probing.scheduler.expedite(["a"])
            intervals = {REACH: 60.0, ACCEPT: 600.0 + turn % 2}
            watch.configure(image(intervals=intervals))
            asked = asyncio.ensure_future(watch.probing.on_demand.probe_now("a", ACCEPT, 5.0))
            await watch.clock.advance(60)
            with pytest.raises(ValueError, match="not probed"):
                await asked

    assert len(play([SILENT], act).creates) == 1


def test_a_scrape_does_not_hurry_it_either() -> None:
    """With schedule scrape the interval is kept, and the third is the last."""

    async def act(watch: Watch) -> None:
        for _ in range(240):
            scraped = asyncio.ensure_future(watch.probing.on_demand.scrape_round(1.0))
            await watch.clock.advance(60)
            await scraped

    watch = play([SILENT], act, image(schedule="scrape"))
    assert len(watch.creates) == 3
    assert min(b - a for a, b in itertools.pairwise(watch.creates)) >= 600.0


def test_a_validator_that_has_rejected_may_be_asked_again() -> None:
    """It is known to look before it makes: when it hangs, that is looked into as ever."""
    watch = play([REJECTED, SILENT], hours(1))

    assert len(watch.creates) > 5
    assert watch.creates[2] - watch.creates[1] < 20
    assert watch.known().disabled is None
    assert watch.board.snapshot().targets["a"].now.status is Status.DOWN
    assert watch.charges.of_a == []


def test_an_answer_in_between_begins_the_count_anew() -> None:
    """Whatever it is: it shows that silence is not how this service takes a create."""
    limited = Reason.RATE_LIMITED
    watch = play([SILENT, SILENT, limited, SILENT, SILENT, limited], hours(4))

    assert watch.known().disabled is None
    assert len(watch.creates) > 10


def test_a_job_that_is_only_accepted_is_answered_at_once() -> None:
    """Where a create is answered with a job's id, silence is a trouble like any other."""
    watch = play([SILENT], hours(1), make_target())

    assert watch.creates[1] - watch.creates[0] < 20
    assert watch.known().disabled is None


def test_a_service_that_is_silent_everywhere_is_down_as_soon_as_ever() -> None:
    """The depths that can cost nothing hurry."""

    async def act(watch: Watch) -> None:
        await watch.clock.advance(25)

    watch = play([SILENT], act, reach=SILENT)
    assert watch.board.snapshot().targets["a"].now.status is Status.DOWN
    assert len(watch.creates) == 1


def test_an_accepted_create_after_silent_ones_tells_what_those_were() -> None:
    """All of them count as made."""
    watch = play([SILENT, SILENT, ACCEPTED], hours(2))

    assert watch.known().disabled is ACCEPTED
    assert watch.charges.of_a == pytest.approx([1.2])


def test_an_accident_of_what_was_watched_before_is_booked_and_stops_nothing_else() -> None:
    """Another model has come under the name while the create was under way."""

    async def act(watch: Watch) -> None:
        watch.probes.takes = 30.0
        await watch.clock.advance(40)
        watch.configure(replace(image(), model="model-2"))
        await watch.clock.advance(600)

    watch = play([ACCEPTED, REJECTED], act)
    assert watch.known().disabled is None
    assert watch.charges.of_a == pytest.approx([0.4])


# --- a stop outlives everything but another thing under that name


def test_a_stop_survives_reloads_that_take_the_depth_or_the_target_away() -> None:
    """Dropped and added again it is the same service; under another model it is not."""
    other = replace(image(), model="model-2")

    async def act(watch: Watch) -> None:
        await watch.clock.advance(600)
        for without in ([image(depths=(REACH,))], [], [make_target("b")]):
            watch.configure(*without)
            await watch.clock.advance(600)
            watch.configure(image())
            await watch.clock.advance(600)
        assert len(watch.creates) == 1
        assert watch.known().failures[ACCEPTED] == 1
        watch.configure(other)
        await watch.clock.advance(600)
        assert len(watch.creates) == 2

    play([ACCEPTED], act)


def test_an_accident_that_ends_after_a_reload_is_known_and_booked() -> None:
    """The depth or the target was taken away while the create was under way."""

    def scenario(without: list[Target]) -> Callable[[Watch], Awaitable[None]]:
        async def act(watch: Watch) -> None:
            watch.probes.takes = 30.0
            await watch.clock.advance(40)
            assert len(watch.creates) == 1
            watch.configure(*without)
            await watch.clock.advance(60)
            watch.configure(image())
            await watch.clock.advance(3_600)

        return act

    for without in ([image(depths=(REACH,))], []):
        watch = play([ACCEPTED], scenario(without))
        assert len(watch.creates) == 1, without
        assert watch.charges.of_a == pytest.approx([0.4])


@pytest.mark.parametrize("dropped", [False, True])
def test_a_stop_and_a_doubt_survive_a_restart(tmp_path: Path, dropped: bool) -> None:
    """Also one of a depth that is not configured just now."""
    path, clock = tmp_path / "g.db", FakeClock()

    async def scenario() -> None:
        async with living(path, clock, image()) as first:
            first.see(SILENT, depth=ACCEPT)
            first.see(SILENT, depth=ACCEPT)
        without = image(depths=(REACH,)) if dropped else image()
        async with living(path, clock, without) as second:
            second.see()
        async with living(path, clock, image()) as third:
            assert third.state().depths[ACCEPT].unanswered == 2
            third.see(SILENT, depth=ACCEPT)
            assert third.state().depths[ACCEPT].disabled is Reason.ACCEPT_UNANSWERED
        async with living(path, clock, without) as fourth:
            fourth.see()
        async with living(path, clock, image()) as fifth:
            assert fifth.state().depths[ACCEPT].disabled is Reason.ACCEPT_UNANSWERED

    asyncio.run(scenario())


def test_a_stop_of_an_older_version_is_one() -> None:
    """They wrote whether, not why."""
    old = '{"accept": {"total": 1, "failures": {}, "skipped": {}, "last_success_at": null, '
    found = depths_from_json(old + '"cost_usd": 0.4, "stopped": true}}')
    assert found[ACCEPT].disabled is ACCEPTED
    assert depths_from_json(old + '"cost_usd": 0, "stopped": false}}')[ACCEPT].disabled is None


# --- the ledger


def test_an_accident_counts_against_todays_limit(tmp_path: Path) -> None:
    """Whatever is left, and where nothing may be spent at all: it has been spent."""
    path = tmp_path / "g.db"

    async def scenario() -> None:
        async with open_ledger(path) as own:
            await own.ledger.unplanned_charge(image(), 0.7)
            assert own.today == 0.7
            assert rows(path)[0][4:] == (0.7, 0.7)
            await own.refused()
            await own.ledger.enable(False)
            await own.ledger.unplanned_charge(image(), 0.7)
            assert own.today == 1.4

    asyncio.run(scenario())


def test_an_accident_is_booked_once_and_when_it_can_be(tmp_path: Path) -> None:
    """A ledger that cannot be written is tried again; a write that nobody waited for is not repeated."""
    path = tmp_path / "g.db"

    async def scenario() -> None:
        async with open_ledger(path) as own:
            telling = asyncio.ensure_future(own.ledger.unplanned_charge(image(), 0.3))
            await settle()
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
            await own.ledger.refresh()
            await own.ledger.refresh()
            assert (own.today, len(rows(path))) == (0.3, 1)
            own.recorder._closed = True
            await own.ledger.unplanned_charge(image(), 0.3)
            own.recorder._closed = False
            assert len(rows(path)) == 1
            await own.refused(usd=0.5)  # also in the transaction that asks for more
            assert own.today == 0.6

    asyncio.run(scenario())
