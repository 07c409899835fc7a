"""When a generation is worth its price: the wish of one target, and the choice among many."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest

from genmedia_exporter.core.evidence import Evidence, Exchange, Generation, Phases, Role, Transport
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Status
from genmedia_exporter.health.backoff import CONFIRM_SECONDS, Hold, generation_spacing, hold
from genmedia_exporter.health.state import TargetState
from genmedia_exporter.providers.calls import Job
from genmedia_exporter.providers.states import CREATE, POLL
from genmedia_exporter.spending.demand import CALM_SECONDS, charged, is_due, wish
from genmedia_exporter.spending.priority import Bought, Cause, Pace, Wish, choose, daily_pace
from tests.fakes import make_target
from tests.health.test_board import Watch
from tests.status_pages.test_report import ILL, report

REACH, ACCEPT, GENERATE = Depth
OK, ERROR, FAILED = Reason.OK, Reason.SERVER_ERROR, Reason.JOB_FAILED
HOURS = 3600.0
INTERVALS = {REACH: 60.0, ACCEPT: 600.0, GENERATE: 6 * HOURS}


def watch() -> Watch:
    """Return a watch over one target that may generate and whose free depths work."""
    watched = Watch(make_target(depths=tuple(Depth), intervals=INTERVALS))
    watched.see(OK)
    watched.see(OK, depth=ACCEPT)
    return watched


def wished(watched: Watch, state: TargetState | None = None) -> Wish | None:
    """Return what a generation at 40 cents would be good for now."""
    state = state or watched.wait(0)
    return wish(state, 0.4, watched.clock.now(), watched.clock.monotonic())


def cause(watched: Watch) -> Cause | None:
    """Return why one is worth paying for now."""
    found = wished(watched)
    return found.cause if found else None


def keep_free_depths_well(watched: Watch, seconds: float) -> None:
    """Let *seconds* pass with free depths that keep working."""
    watched.wait(max(0.0, seconds - 20))
    watched.see(OK)
    watched.see(OK, depth=ACCEPT)


def test_the_first_generation_waits_for_the_free_depths() -> None:
    """What can be known for nothing comes first."""
    watched = Watch(make_target(depths=tuple(Depth), intervals=INTERVALS))
    assert cause(watched) is None
    watched.see(OK)
    assert cause(watched) is None
    watched.see(OK, depth=ACCEPT)
    found = wished(watched)
    waited = watched.clock.now() - watched.wait(0).added_at
    assert found == Wish("a", Cause.ROUTINE, 0.4, math.inf, late=waited)


def test_its_turn_comes_after_the_interval() -> None:
    """Once an interval, counted from start to start, and a little sooner."""
    watched = watch()
    turn = generation_spacing(watched.wait(0).target)
    watched.see(OK, depth=GENERATE, duration=90.0)
    keep_free_depths_well(watched, turn - 100)
    assert cause(watched) is None
    keep_free_depths_well(watched, 30)
    assert cause(watched) is Cause.ROUTINE
    assert is_due(watched.wait(0), watched.clock.now(), watched.clock.monotonic())


@pytest.mark.parametrize(
    ("job", "interval", "early"),
    [
        ({"poll": {"path": "/v/{id}", "deadline_seconds": 900}}, 6 * HOURS, 1020.0),
        ({"timeout_seconds": 300}, 6 * HOURS, 420.0),
        ({"poll": {"path": "/v/{id}", "deadline_seconds": 7200}}, 6 * HOURS, 2700.0),
        ({"poll": {"path": "/v/{id}", "deadline_seconds": 900}}, 900.0, 112.5),
    ],
)
def test_a_turn_leaves_time_to_find_a_fault(
    job: dict[str, object], interval: float, early: float
) -> None:
    """A job that hangs and the beginning of the second fit into the interval, or an eighth of it."""
    made = make_target(depths=tuple(Depth), intervals={**INTERVALS, GENERATE: interval})
    described = Job.model_validate(
        {"operation": "video", "driver": "async_job", "path": "/v", **job}
    )
    provider = made.provider.model_copy(update={"jobs": (described,)})
    made = replace(made, account=replace(made.account, provider=provider))
    assert generation_spacing(made) == interval - early


def test_money_makes_turns_longer() -> None:
    """Whoever gets a clip every two days from the budget does not ask for one sooner."""
    watched = watch()
    watched.see(OK, depth=GENERATE)

    def asked(every: float) -> Wish | None:
        state = watched.wait(0)
        now, tick = watched.clock.now(), watched.clock.monotonic()
        return wish(state, 0.4, now, tick, every=every)

    keep_free_depths_well(watched, 47 * HOURS)
    assert asked(48 * HOURS) is None
    assert asked(math.inf) is None
    keep_free_depths_well(watched, 2 * HOURS)
    found = asked(48 * HOURS)
    assert found is not None
    assert found.late == pytest.approx(HOURS, abs=60)
    assert found.staleness == pytest.approx(49 / 48, abs=0.01)


@pytest.mark.parametrize("reason", [ERROR, Reason.INVALID_KEY, Reason.NO_CHANNEL])
def test_nothing_is_bought_where_free_depths_already_tell(reason: Reason) -> None:
    """A create that would be refused teaches nothing."""
    watched = watch()
    watched.see(reason, depth=ACCEPT)
    assert cause(watched) is None


def test_a_first_failure_is_confirmed_soon() -> None:
    """One failed generation is an accident until a second one says otherwise."""
    watched = watch()
    watched.see(OK, depth=GENERATE)
    watched.see(FAILED, depth=GENERATE, after=6 * HOURS)
    keep_free_depths_well(watched, CONFIRM_SECONDS - 5)
    assert cause(watched) is None
    watched.wait(5)
    assert cause(watched) is Cause.CONFIRM
    assert watched.see(FAILED, depth=GENERATE).now.status is Status.DOWN


def test_a_first_failure_is_confirmed_within_a_short_interval() -> None:
    """With a generation every 3 s, the second one does not wait for a minute."""
    watched = Watch(make_target(depths=tuple(Depth), intervals={**INTERVALS, GENERATE: 3.0}))
    keep_free_depths_well(watched, 60)
    watched.see(FAILED, depth=GENERATE, after=5)
    assert cause(watched) is None
    watched.wait(2.9)
    assert cause(watched) is None
    watched.wait(0.2)
    assert cause(watched) is Cause.CONFIRM
    assert watched.see(FAILED, depth=GENERATE, after=1).now.status is Status.DOWN


def test_a_confirmed_failure_is_rechecked_ever_more_rarely() -> None:
    """It is paid for again after an eighth of the interval, a quarter, a half, then in its turns."""
    watched = watch()
    waits = []
    for _ in range(6):
        watched.see(FAILED, depth=GENERATE)
        waited = 0.0
        while cause(watched) is None:
            keep_free_depths_well(watched, 60)
            waited += 60
        waits.append(round(waited / 60))
    assert waits[0] <= 2
    assert waits[1:] == pytest.approx([45, 90, 180, 360, 360], abs=2)


def test_a_page_that_calls_the_component_ill_is_a_suspicion_once() -> None:
    """Free depths work and the page says trouble: only a generation can settle it."""
    target = make_target(depths=tuple(Depth), intervals=INTERVALS)
    watched = Watch()
    watched.targets = {"a": replace(target, page=("vendor", "Images"))}
    watched.board.configure(watched.targets.values(), {}, ["vendor"])
    watched.see(OK)
    watched.see(OK, depth=ACCEPT)
    watched.see(OK, depth=GENERATE)
    keep_free_depths_well(watched, 600)
    assert cause(watched) is None
    watched.board.report_page(report(ILL, now=watched.clock.now()))
    assert cause(watched) is Cause.SUSPICION
    watched.see(OK, depth=GENERATE)
    keep_free_depths_well(watched, 120)
    assert cause(watched) is None


def test_an_answer_nobody_can_read_is_a_suspicion() -> None:
    """One free depth works, the other cannot say: a contradiction."""
    watched = watch()
    watched.see(OK, depth=GENERATE)
    keep_free_depths_well(watched, 600)
    watched.see(Reason.SCHEMA, depth=ACCEPT)
    assert cause(watched) is Cause.SUSPICION


def test_a_recovery_is_proven_once() -> None:
    """Down by the free depths and back: the product itself has to show that it works."""
    watched = watch()
    watched.see(OK, depth=GENERATE)
    watched.wait(1 * HOURS)
    watched.see(ERROR)
    watched.see(ERROR)
    assert cause(watched) is None
    keep_free_depths_well(watched, CALM_SECONDS - 60)
    assert cause(watched) is None
    keep_free_depths_well(watched, 120)
    assert cause(watched) is Cause.RECOVERY
    watched.see(OK, depth=GENERATE)
    keep_free_depths_well(watched, 600)
    assert cause(watched) is None


def test_a_recovery_that_finds_no_money_becomes_a_turn() -> None:
    """It asks for three clips' money, which a day may never have; a turn asks for one's."""
    watched = watch()
    watched.see(OK, depth=GENERATE)
    watched.wait(1 * HOURS)
    watched.see(ERROR)
    watched.see(ERROR)
    keep_free_depths_well(watched, 2 * CALM_SECONDS)
    keep_free_depths_well(watched, 4 * HOURS)
    assert cause(watched) is Cause.RECOVERY
    keep_free_depths_well(watched, 1 * HOURS)
    assert cause(watched) is Cause.ROUTINE


@pytest.mark.parametrize("failures", [1, 2])
def test_while_a_free_depth_flaps_no_failure_is_looked_into(failures: int) -> None:
    """A job of a service that flaps fails by chance: neither its second nor a recheck tells more."""
    watched = watch()
    watched.see(OK, depth=GENERATE)
    for _ in range(failures):
        watched.see(FAILED, depth=GENERATE)
    keep_free_depths_well(watched, 1 * HOURS)
    assert cause(watched) is (Cause.CONFIRM if failures == 1 else Cause.RECHECK)
    watched.see(ERROR)
    keep_free_depths_well(watched, CALM_SECONDS - 60)
    assert cause(watched) is None
    keep_free_depths_well(watched, 120)
    assert cause(watched) is (Cause.CONFIRM if failures == 1 else Cause.RECHECK)


def test_what_is_gone_or_announced_is_not_bought_but_counted() -> None:
    """Retired and maintenance are counted as skipped by their name."""
    watched = watch()
    state = watched.see(Reason.RETIRED)
    state = watched.see(Reason.RETIRED)
    assert state.now.status is Status.RETIRED
    assert wished(watched, state) is None
    assert hold(state, Depth.GENERATE, 0.0, network_ok=True) is Hold.RETIRED
    assert hold(watch().wait(0), Depth.GENERATE, 0.0, network_ok=False) is Hold.NETWORK
    assert hold(watch().wait(0), Depth.GENERATE, 0.0, network_ok=True) is None


def routine(name: str, usd: float, staleness: float, late: float = 0.0) -> Wish:
    """Return a wish of the routine that is short of money."""
    return Wish(name, Cause.ROUTINE, usd, staleness, late, short=True)


def pace(spent: float, urgent: float = 0.0, routine: float = 0.8) -> Pace:
    """Return a dollar's day of which so much is spent."""
    return Pace(1.0, spent, urgent, room_usd=routine)


def test_urgent_comes_before_stale_and_cheap_before_dear() -> None:
    """Confirmation, suspicion, recheck, recovery; then what a dollar buys; then the name."""
    rich = Pace(daily_usd=10, spent_usd=0)
    confirm = Wish("z", Cause.CONFIRM, 0.4, 0.1)
    suspect = Wish("y", Cause.SUSPICION, 0.1, 9.0)
    recheck, recovery = Wish("x", Cause.RECHECK, 0.1, 1.0), Wish("w", Cause.RECOVERY, 0.1, 1.0)
    cheap, dear = routine("c", 0.01, 1.1), routine("d", 0.4, 4.0)
    line = [confirm, suspect, recheck, recovery, cheap, dear]
    for place, first in enumerate(line):
        assert choose(reversed(line[place:]), rich) == first
    assert choose([routine("b", 0.1, 2.0), routine("a", 0.1, 2.0)], rich) == routine("a", 0.1, 2.0)
    assert choose([], rich) is None


def test_one_that_does_not_fit_stops_nobody() -> None:
    """The dear one waits for its money; what is left is spent on others meanwhile."""
    cheap, dear = routine("cheap", 0.02, 1.0), routine("dear", 0.4, 21.0)
    assert choose([cheap, dear], pace(0.5)) == cheap
    assert choose([cheap, dear], pace(0.4)) == dear


def test_the_dear_are_not_starved_by_the_cheap() -> None:
    """Bit by bit money is put aside for the one that has waited longest, and for no other."""
    cheap = routine("cheap", 0.02, 1.0, late=60.0)

    def dear(hours: float, name: str = "dear") -> Wish:
        return routine(name, 0.4, 1.1, late=hours * HOURS)

    assert choose([cheap, dear(6)], pace(0.6)) == cheap
    assert choose([cheap, dear(12)], pace(0.6)) is None
    assert choose([cheap, dear(12)], pace(0.5)) == cheap
    assert choose([cheap, dear(48)], pace(0.41)) is None
    assert choose([cheap, dear(48)], pace(0.4)) == dear(48)
    two = [cheap, dear(12), dear(11, "other")]
    assert choose(two, pace(0.57)) == cheap


@pytest.mark.parametrize("usd", [0.4, 0.7, 0.9, 1.0])
def test_nobody_waits_for_ever(usd: float) -> None:
    """Ten that ask for a cent every hour and a dear one, for ten days of one dollar."""
    room = max(0.8, min(1.0, usd + 0.2))
    bought: list[tuple[float, str, float]] = []
    last = dict.fromkeys([*(f"c{n}" for n in range(10)), "dear"], -math.inf)
    for minute in range(0, 10 * 1440, 5):
        now = minute * 60.0
        wishes = []
        for name, at in last.items():
            price, every = (usd, 24 * HOURS) if name == "dear" else (0.01, HOURS)
            late = now if math.isinf(at) else now - at - every
            if late >= 0:
                wishes.append(routine(name, price, (now - at) / every, late))
        spent = sum(price for at, _, price in bought if at > now - 24 * HOURS)
        chosen = choose(wishes, pace(spent, routine=room))
        if chosen is not None:
            bought.append((now, chosen.name, chosen.usd))
            last[chosen.name] = now
    gaps = {
        name: max(b - a for a, b in pairwise([0.0, *(at for at, who, _ in bought if who == name)]))
        for name in last
    }
    assert gaps["dear"] <= 73 * HOURS  # its turn, a day to save, a day for the window to move on
    assert max(gap for name, gap in gaps.items() if name != "dear") <= 49 * HOURS


def test_who_is_not_short_is_not_made_to_wait_for_the_dear() -> None:
    """Its day's money is kept from those who are short, and it gives nothing to their saving."""
    full = Wish("full", Cause.ROUTINE, 0.07, 1.0)
    dear, other = routine("dear", 0.4, 9.0, late=48 * HOURS), routine("other", 0.1, 1.1)
    now = Pace(1.0, 0.75, full_usd=0.25, room_usd=0.8, kept_usd=0.3)
    assert choose([dear, other, full], now) == full
    assert choose([dear, other], now) is None
    assert choose([other], replace(now, spent_usd=0.66)) is None  # 0.5 is for those who are short
    assert choose([dear, other], replace(now, spent_usd=0.35)) == dear


def test_the_dear_that_never_fits_beside_them_takes_from_those_who_are_not_short() -> None:
    """It would be starved else: once its day of saving is over, they wait for it."""
    full, dear = Wish("full", Cause.ROUTINE, 0.07, 1.0), routine("dear", 0.7, 9.0, late=48 * HOURS)
    now = Pace(1.0, 0.25, full_usd=0.25, room_usd=0.9, kept_usd=0.3)
    assert choose([dear, full], now) is None
    assert choose([replace(dear, late=0.0), full], now) == full
    assert choose([dear, full], replace(now, spent_usd=0.2, full_usd=0.2)) == dear


def test_the_routine_leaves_room_for_suspicion() -> None:
    """A fifth of the day is kept for what is urgent."""
    assert choose([routine("a", 0.2, 2)], pace(0.7)) is None
    assert choose([Wish("a", Cause.SUSPICION, 0.2, 2)], pace(0.7)) is not None


def test_what_was_urgent_is_not_held_against_the_routine() -> None:
    """Confirmations come out of the rest of the day; rechecks keep within it and block nobody."""
    turn, recheck = routine("a", 0.2, 1.0), Wish("b", Cause.RECHECK, 0.2, 0.5)
    assert choose([turn, recheck], pace(0.9, urgent=0.4)) == turn
    assert choose([recheck], pace(0.9, urgent=0.4)) is None
    assert choose([turn, recheck], pace(0.6, urgent=0.4)) == recheck
    assert choose([turn], pace(0.9, urgent=0.1)) is None


def test_a_recovery_leaves_money_for_what_it_may_lead_to() -> None:
    """It may fail; then it is confirmed, and a fault that nobody can recheck stands too long."""
    recovery = Wish("a", Cause.RECOVERY, 0.2, 0.5)
    assert choose([recovery], pace(0.4)) == recovery
    assert choose([recovery], pace(0.5)) is None


def test_urgent_spending_is_forgotten_after_a_day() -> None:
    """What was settled for less counts for less."""
    urgent = Bought()
    urgent.add(1, 1000.0, 0.4)
    urgent.add(2, 2000.0, 0.4)
    urgent.add(2, 2000.0, 0.0)
    assert urgent.since(0.0) == 0.4
    assert urgent.since(1500.0) == 0.0
    assert 1 not in urgent
    assert 2 in urgent


def test_the_month_is_spread_over_its_days() -> None:
    """A month's budget smaller than its days' is divided by the days that are left."""
    assert daily_pace(1.0, 20.0, 0.0, 30) == pytest.approx(20 / 30)
    assert daily_pace(1.0, 31.0, 15.0, 16) == 1.0
    assert daily_pace(1.0, 20.0, 20.0, 10) == 0.0


def paid(
    status: int | None,
    transport: Transport | None = None,
    made: Generation | None = None,
    waited: float | None = None,
    call: str = CREATE,
) -> Evidence:
    """Return evidence of a create that was answered like this."""
    create = Exchange(
        call,
        Role.PROBE,
        "POST",
        "https://x",
        "x",
        status=status,
        transport=transport,
        phases=Phases(processing=waited),
    )
    return Evidence("a", GENERATE, 0.0, 1.0, (create,), generation=made or Generation())


@pytest.mark.parametrize(
    ("evidence", "usd"),
    [
        (paid(200, made=Generation(job_id="j")), 0.4),
        (paid(200, made=Generation(job_id="j", reported_usd=0.31)), 0.31),
        (paid(400), 0.0),
        (paid(429), 0.0),
        (paid(408), 0.4),  # it may run all the same
        (paid(500), 0.4),
        (paid(None, Transport.CONNECT_REFUSED), 0.0),
        (paid(None, Transport.TLS), 0.0),
        (paid(None, Transport.TLS, waited=0.1), 0.4),  # it broke after the request was sent
        (paid(None, Transport.RESPONSE_TIMEOUT), 0.4),
        (paid(200, Transport.BODY_TRUNCATED), 0.4),
        (paid(None, Transport.RESET), 0.4),
        (paid(404, made=Generation(job_id="j", resumed=True)), 0.4),  # of the poll, not the create
        (paid(404, call=POLL), 0.4),  # likewise, where a bug of ours ended the probe: it was made
    ],
)
def test_what_is_in_doubt_counts_as_spent(evidence: Evidence, usd: float) -> None:
    """Nothing is booked only where the create never left or was refused."""
    assert charged(evidence, 0.4) == usd
