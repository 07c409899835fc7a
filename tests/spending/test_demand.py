"""When a generation of one target is worth its price, and what it has cost."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from genmedia_exporter.core.clock import EPOCH, Monotonic
from genmedia_exporter.core.evidence import (
    TOKEN,
    Evidence,
    Exchange,
    Generation,
    Phases,
    Role,
    Transport,
)
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Status
from genmedia_exporter.health.backoff import CONFIRM_SECONDS, Hold, generation_spacing, hold
from genmedia_exporter.health.state import TargetState
from genmedia_exporter.health.traffic import ReportedCall
from genmedia_exporter.providers.calls import Job
from genmedia_exporter.providers.states import CREATE, POLL
from genmedia_exporter.spending.demand import CALM_SECONDS, actual_cost, is_due, paid_probe_due
from genmedia_exporter.spending.priority import Candidate, Cause
from tests.fakes import make_target, verdict
from tests.health.test_board import Watch
from tests.status_pages.test_report import UNHEALTHY, report

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


def candidate(watched: Watch, state: TargetState | None = None) -> Candidate | None:
    """Return what a generation at 40 cents would be good for now."""
    state = state or watched.wait(0)
    return paid_probe_due(state, 0.4, watched.clock.now(), watched.clock.monotonic())


def cause(watched: Watch) -> Cause | None:
    """Return why one is worth paying for now."""
    found = candidate(watched)
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
    found = candidate(watched)
    state = watched.wait(0)
    waited = (watched.clock.now() - state.added_at) / generation_spacing(state.target)
    assert found == Candidate("a", Cause.ROUTINE, 0.4, waited)


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


def test_money_sets_the_pace() -> None:
    """A target whose share pays for a clip every two days is not due sooner."""
    watched = watch()
    watched.see(OK, depth=GENERATE)

    def asked(every: float) -> Candidate | None:
        state = watched.wait(0)
        now, tick = watched.clock.now(), watched.clock.monotonic()
        return paid_probe_due(state, 0.4, now, tick, every=every)

    keep_free_depths_well(watched, 47 * HOURS)
    assert asked(48 * HOURS) is None
    assert asked(math.inf) is None
    keep_free_depths_well(watched, 2 * HOURS)
    found = asked(48 * HOURS)
    assert found is not None
    assert found.overdue == pytest.approx(1 / 48, abs=0.001)


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
    watched.board.report_page(report(UNHEALTHY, now=watched.clock.now()))
    assert cause(watched) is Cause.SUSPICION
    watched.see(OK, depth=GENERATE)
    keep_free_depths_well(watched, 120)
    assert cause(watched) is None


def test_calls_of_applications_that_begin_to_fail_are_a_suspicion_once() -> None:
    """Until a generation of ours has looked."""
    watched = watch()
    watched.see(OK, depth=GENERATE)
    keep_free_depths_well(watched, 600)
    assert cause(watched) is None
    watched.board.report("a", [ReportedCall(EPOCH, GENERATE, verdict(ERROR))])
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
    assert candidate(watched, state) is None
    assert hold(state, Depth.GENERATE, Monotonic(0.0), network_ok=True) is Hold.RETIRED
    assert hold(watch().wait(0), Depth.GENERATE, Monotonic(0.0), network_ok=False) is Hold.NETWORK
    assert hold(watch().wait(0), Depth.GENERATE, Monotonic(0.0), network_ok=True) is None


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
    return Evidence("a", GENERATE, EPOCH, 1.0, (create,), generation=made or Generation())


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
        (paid(401, call=TOKEN), 0.0),  # no token was given: what was asked was not sent
        (paid(404, call=POLL), 0.4),  # likewise, where a bug of ours ended the probe: it was made
    ],
)
def test_what_is_in_doubt_counts_as_spent(evidence: Evidence, usd: float) -> None:
    """Nothing is booked only where the create never left or was refused."""
    assert actual_cost(evidence, 0.4) == usd


@pytest.mark.parametrize(("resumed", "usd"), [(False, 0.0), (True, 0.4)])
def test_a_probe_that_broke_before_it_sent_anything_gives_its_money_back(
    resumed: bool, usd: float
) -> None:
    """A note stands where the create would; a job that was resumed was created by another process."""
    note = Exchange("", Role.PROBE, "", "", "x", detail="nothing was sent")
    evidence = Evidence("a", GENERATE, EPOCH, 1.0, (note,))
    assert actual_cost(evidence, 0.4, resumed=resumed) == usd
