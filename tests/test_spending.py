"""When a generation is worth its price: the wish of one target, and the choice among many."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from exporter.evidence import Evidence, Exchange, Generation, Phases, Role, Transport
from exporter.providers.states import CREATE, POLL
from exporter.reasons import Reason
from exporter.spending import (
    CONFIRM_SECONDS,
    Cause,
    Pace,
    UrgentSpending,
    Wish,
    charged,
    choose,
    daily_pace,
    is_due,
    obstacle,
    wish,
)
from exporter.state import TargetState
from exporter.status import Depth, Status
from tests.fakes import make_target
from tests.test_board import Watch
from tests.test_page_reports import ILL, report

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
    assert found == Wish("a", Cause.ROUTINE, 0.4, math.inf)


def test_its_turn_comes_after_the_interval() -> None:
    """Once an interval, counted from start to start."""
    watched = watch()
    watched.see(OK, depth=GENERATE, duration=90.0)
    keep_free_depths_well(watched, 5.9 * HOURS)
    assert cause(watched) is None
    keep_free_depths_well(watched, 0.2 * HOURS)
    assert cause(watched) is Cause.ROUTINE
    assert is_due(watched.wait(0), watched.clock.now(), watched.clock.monotonic())


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
    keep_free_depths_well(watched, 60)
    assert cause(watched) is Cause.RECOVERY
    watched.see(OK, depth=GENERATE)
    keep_free_depths_well(watched, 600)
    assert cause(watched) is None


def test_what_is_gone_or_announced_is_not_bought_but_counted() -> None:
    """Retired and maintenance are counted as skipped by their name."""
    watched = watch()
    state = watched.see(Reason.RETIRED)
    state = watched.see(Reason.RETIRED)
    assert state.now.status is Status.RETIRED
    assert wished(watched, state) is None
    assert obstacle(state, network_ok=True) == "retired"
    assert obstacle(watch().wait(0), network_ok=False) == "network"
    assert obstacle(watch().wait(0), network_ok=True) is None


def routine(name: str, usd: float, staleness: float) -> Wish:
    """Return a wish of the routine."""
    return Wish(name, Cause.ROUTINE, usd, staleness)


def test_urgent_comes_before_stale_and_cheap_before_dear() -> None:
    """Confirmation, suspicion, recovery; then what a dollar buys; then the name."""
    pace = Pace(daily_usd=10, spent_usd=0)
    confirm = Wish("z", Cause.CONFIRM, 0.4, 0.1)
    suspect = Wish("y", Cause.SUSPICION, 0.1, 9.0)
    cheap, dear = routine("c", 0.01, 1.1), routine("d", 0.4, 4.0)
    assert choose([dear, suspect, cheap, confirm], pace) == confirm
    assert choose([dear, suspect, cheap], pace) == suspect
    assert choose([dear, cheap], pace) == cheap
    assert choose([routine("b", 0.1, 2.0), routine("a", 0.1, 2.0)], pace) == routine("a", 0.1, 2.0)
    assert choose([], pace) is None


def test_the_dear_are_not_starved_by_the_cheap() -> None:
    """Once its staleness outweighs its price, the dear one is waited for."""
    pace = Pace(daily_usd=1, spent_usd=0.5)
    cheap, dear = routine("cheap", 0.02, 1.0), routine("dear", 0.4, 21.0)
    assert choose([cheap, dear], pace) is None
    assert choose([cheap, dear], Pace(1, 0.4)) == dear


def test_the_routine_leaves_room_for_suspicion() -> None:
    """A fifth of the day is kept for what is urgent, yet one turn alone is always possible."""
    assert choose([routine("a", 0.2, 2)], Pace(1, 0.7)) is None
    assert choose([Wish("a", Cause.SUSPICION, 0.2, 2)], Pace(1, 0.7)) is not None
    assert choose([routine("a", 0.9, 2)], Pace(1, 0.0)) is not None


def test_what_was_urgent_is_not_held_against_the_routine() -> None:
    """Confirmations come out of the rest of the day; rechecks keep within it and block nobody."""
    spent = Pace(1, 0.9, urgent_usd=0.4)
    turn, recheck = routine("a", 0.2, 1.0), Wish("b", Cause.RECOVERY, 0.2, 0.5)
    assert choose([turn, recheck], spent) == turn
    assert choose([recheck], spent) is None
    assert choose([turn, recheck], Pace(1, 0.6, urgent_usd=0.4)) == recheck
    assert choose([turn], Pace(1, 0.9, urgent_usd=0.1)) is None


def test_urgent_spending_is_forgotten_after_a_day() -> None:
    """What was settled for less counts for less."""
    urgent = UrgentSpending()
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
