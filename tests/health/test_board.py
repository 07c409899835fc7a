"""The board: hysteresis, expiry, depth precedence, slowness, the own network, lifecycle, windows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from genmedia_exporter.core.evidence import AccountBalance
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Certainty, Channel, Depth, Fault, Status
from genmedia_exporter.health.balances import BALANCE_SECONDS
from genmedia_exporter.health.board import Board
from genmedia_exporter.health.hints import SHUTDOWN_SECONDS
from genmedia_exporter.health.judge import GATEWAY_GRACE
from genmedia_exporter.health.state import TargetState
from genmedia_exporter.providers.loader import load_provider
from genmedia_exporter.targets.model import MaintenanceWindow, Target
from tests.fakes import START, FakeClock, make_target, verdict, verdict_evidence


class Watch:
    """A board with a clock, fed by hand."""

    def __init__(
        self, *targets: Target, windows: dict[str, tuple[MaintenanceWindow, ...]] | None = None
    ):
        self.clock = FakeClock()
        self.in_flight: set[str] = set()
        self.board = Board(self.clock, in_flight=self.in_flight)
        self.targets = {t.name: t for t in targets}
        self.board.configure(targets, windows or {})

    def see(
        self,
        reason: Reason = Reason.OK,
        *,
        name: str = "a",
        depth: Depth = Depth.REACH,
        after: float = 10.0,
        certainty: Certainty | None = None,
        duration: float = 0.1,
        self_delay: float = 0.0,
    ) -> TargetState:
        """Let *after* seconds pass, then feed one observation."""
        self.clock.freeze(after)
        told = verdict(reason, certainty)
        found = verdict_evidence(self.clock, self.targets[name], depth, told, duration, self_delay)
        change = self.board.observe(found.evidence, found.verdict)
        assert change is not None
        return change.after

    def wait(self, seconds: float, name: str = "a") -> TargetState:
        """Let time pass and the board notice."""
        self.clock.freeze(seconds)
        self.board.review()
        state = self.board.state(name)
        assert state is not None
        return state


def statuses(watch: Watch, *reasons: Reason) -> list[Status]:
    """Return the status after each observation."""
    return [watch.see(reason).now.status for reason in reasons]


OK, ERROR = Reason.OK, Reason.SERVER_ERROR


def test_one_transient_failure_changes_nothing() -> None:
    """A single 5xx leaves an operational target operational; the second makes it down."""
    found = statuses(Watch(make_target()), OK, ERROR, ERROR)

    assert found == [Status.OPERATIONAL, Status.OPERATIONAL, Status.DOWN]


def test_recovery_needs_one_success() -> None:
    """One success at the same depth is enough to be operational again."""
    found = statuses(Watch(make_target()), ERROR, ERROR, OK)

    assert found == [Status.UNKNOWN, Status.DOWN, Status.OPERATIONAL]


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        (Reason.INVALID_KEY, Status.AUTH_ERROR),
        (Reason.QUOTA_EXHAUSTED, Status.QUOTA_EXHAUSTED),
        (Reason.NO_CHANNEL, Status.SUSPENDED),
        (Reason.RETIRED, Status.RETIRED),
    ],
)
def test_an_explicit_code_switches_at_once(reason: Reason, status: Status) -> None:
    """A code that can mean nothing else needs no second observation."""
    watch = Watch(make_target())
    watch.see(OK)

    assert status is watch.see(reason, certainty=Certainty.EXPLICIT).now.status


def test_prose_needs_two_observations() -> None:
    """A deterministic answer told in words switches at the second time."""
    watch = Watch(make_target())
    watch.see(OK)
    first = watch.see(Reason.RETIRED, certainty=Certainty.STABLE)
    second = watch.see(Reason.RETIRED, certainty=Certainty.STABLE)

    assert (first.now.status, second.now.status) == (Status.OPERATIONAL, Status.RETIRED)


def test_failures_around_a_success_are_degraded() -> None:
    """Failure, success, failure means that some attempts fail, not that all do."""
    found = statuses(Watch(make_target()), OK, ERROR, OK, ERROR)

    assert Status.DEGRADED is found[-1]


def test_flapping_stays_degraded_between_failures() -> None:
    """Many separate failures keep a target degraded even right after a success."""
    watch = Watch(make_target())
    state = None
    for reason in (OK, ERROR) * 4 + (OK,):
        state = watch.see(reason)

    assert state is not None
    assert (state.now.status, state.now.reason) == (Status.DEGRADED, Reason.INTERMITTENT)


def test_a_long_outage_ends_with_one_success() -> None:
    """After one unbroken outage the first success is operational, not degraded."""
    found = statuses(Watch(make_target()), OK, *[ERROR] * 8, OK)

    assert Status.OPERATIONAL is found[-1]


def test_shallow_success_does_not_overrule_a_deep_failure() -> None:
    """A listing that answers does not make a create that fails operational."""
    watch = Watch(make_target())
    watch.see(OK, depth=Depth.ACCEPT)
    watch.see(Reason.NO_CHANNEL, depth=Depth.ACCEPT)

    assert Status.SUSPENDED is watch.see(OK).now.status


@pytest.mark.parametrize(
    ("constant", "now_and_then"),
    [(Depth.REACH, Depth.ACCEPT), (Depth.ACCEPT, Depth.REACH)],
)
def test_a_single_failure_does_not_clear_a_confirmed_one(
    constant: Depth, now_and_then: Depth
) -> None:
    """Failure, success, failure at one depth is intermittent; two failures at the other are not."""
    watch = Watch(make_target())
    watch.see(ERROR, depth=now_and_then)
    watch.see(OK, depth=now_and_then)
    watch.see(ERROR, depth=constant)
    watch.see(ERROR, depth=constant)
    found = watch.see(ERROR, depth=now_and_then)

    assert (found.now.status, found.now.reason, found.now.up) == (Status.DOWN, ERROR, 0)


def test_deeper_success_overrules_a_shallow_failure() -> None:
    """A create that works proves more than a listing that fails."""
    watch = Watch(make_target())
    watch.see(ERROR)
    watch.see(ERROR)

    assert Status.OPERATIONAL is watch.see(OK, depth=Depth.ACCEPT).now.status


@pytest.mark.parametrize(
    ("name", "status"), [("litellm", Status.AUTH_ERROR), ("new-api", Status.OPERATIONAL)]
)
def test_a_rejected_create_says_nothing_of_a_model_that_is_not_listed(
    name: str, status: Status
) -> None:
    """Only where the create is refused after the model was looked up, it shows the model."""
    watched = make_target()
    at = replace(watched.account, provider=load_provider(name))
    watch = Watch(replace(watched, account=at))
    first = watch.see(Reason.MODEL_NOT_FOUND)
    unsure = watch.see(Reason.REJECTED_AS_EXPECTED, depth=Depth.ACCEPT)
    watch.see(Reason.MODEL_NOT_FOUND)
    found = watch.see(Reason.REJECTED_AS_EXPECTED, depth=Depth.ACCEPT)

    assert first.now.status is not Status.OPERATIONAL
    assert (unsure.now.status is Status.OPERATIONAL) is (status is Status.OPERATIONAL)
    assert found.now.status is status


def test_a_deep_failure_expires() -> None:
    """Two and a half intervals later the failure at accept counts for nothing."""
    watch = Watch(make_target())
    watch.see(Reason.NO_CHANNEL, depth=Depth.ACCEPT)
    watch.clock.freeze(1_560)

    assert Status.OPERATIONAL is watch.see(OK).now.status


def test_old_evidence_counts_for_nothing() -> None:
    """With no fresh evidence left the target is unknown, and up is absent."""
    watch = Watch(make_target())
    watch.see(OK)
    state = watch.wait(2.5 * 60 + 11)

    assert (
        state.now.status,
        state.now.reason,
        state.now.up,
    ) == (Status.UNKNOWN, Reason.STALE, None)
    assert not state.depths[Depth.REACH].verified


@pytest.mark.parametrize(
    ("reason", "up"),
    [
        (Reason.OK, 1),
        (Reason.NO_CHANNEL, 0),
        (Reason.INVALID_KEY, None),
        (Reason.RETIRED, None),
        (Reason.PROBE_MODERATED, None),
    ],
)
def test_up_is_absent_when_we_cannot_say(reason: Reason, up: int | None) -> None:
    """Uptime counts what they did, not what our key, our money or our prompt did."""
    assert up == Watch(make_target()).see(reason, certainty=Certainty.EXPLICIT).now.up


def test_slow_needs_a_baseline_and_three_in_a_row() -> None:
    """Three answers over three medians in a row are degraded; two are not."""
    watch = Watch(make_target())
    for _ in range(20):
        watch.see(OK)
    found = [watch.see(OK, duration=2.0).now for _ in range(3)]

    assert [now.status for now in found] == [
        Status.OPERATIONAL,
        Status.OPERATIONAL,
        Status.DEGRADED,
    ]
    assert found[-1].up == 1  # it can be used
    assert Status.OPERATIONAL is watch.see(OK).now.status


@pytest.mark.parametrize(("ours", "counts"), [(0.0201, False), (0.02, True)])
def test_what_our_own_loop_took_is_not_their_latency(ours: float, counts: bool) -> None:
    """Above 20 ms and a tenth of the duration, a success is in neither histogram nor baseline."""
    watch = Watch(make_target())
    for _ in range(20):
        state = watch.see(OK, duration=0.1, self_delay=ours)

    known = state.depths[Depth.REACH]
    assert known.total == 20
    assert sum(known.latency.counts) == (20 if counts else 0)
    assert (known.median is not None) is counts


def test_a_tenth_of_the_duration_is_no_distortion() -> None:
    """An answer of seconds is not falsified by tenths."""
    watch = Watch(make_target())
    counted = [
        sum(watch.see(OK, duration=2.0, self_delay=ours).depths[Depth.REACH].latency.counts)
        for ours in (0.2, 0.2001)
    ]
    assert counted == [1, 1]


@pytest.mark.parametrize(
    ("ours", "status"),
    [(0.0, Status.DEGRADED), (0.05, Status.DEGRADED), (0.06, Status.OPERATIONAL)],
)
def test_nothing_is_degraded_by_our_own_loop(ours: float, status: Status) -> None:
    """Three slow answers in a row say nothing where one of them was distorted by us."""
    watch = Watch(make_target())
    for _ in range(20):
        watch.see(OK, duration=0.1)
    for _ in range(2):
        watch.see(OK, duration=0.5)

    assert watch.see(OK, duration=0.5, self_delay=ours).now.status is status


def test_milliseconds_are_never_slow() -> None:
    """Three times two milliseconds is noise."""
    watch = Watch(make_target())
    for _ in range(20):
        watch.see(OK, duration=0.002)

    assert Status.OPERATIONAL is [watch.see(OK, duration=0.05) for _ in range(3)][-1].now.status


def test_a_lone_connect_timeout_is_unknown() -> None:
    """Without another host that answers, a dead connection may be our own network."""
    watch = Watch(make_target())
    watch.see(Reason.CONNECT_TIMEOUT)
    state = watch.see(Reason.CONNECT_TIMEOUT)

    assert (state.now.status, state.now.fault) == (Status.UNKNOWN, Fault.NETWORK)


def test_a_connect_timeout_beside_a_host_that_answers_is_down() -> None:
    """With an unrelated host reached in the same window, it is the service that is gone."""
    watch = Watch(make_target(), make_target("b", host="other.example.net"))
    watch.see(Reason.CONNECT_TIMEOUT)
    watch.see(OK, name="b")
    state = watch.see(Reason.CONNECT_TIMEOUT)

    assert (state.now.status, state.now.fault, state.now.up) == (Status.DOWN, Fault.PROVIDER, 0)


def test_an_answer_that_leads_where_we_do_not_go_is_nobodys_outage() -> None:
    """The service answered; that its link is not https is no reason to call it down."""
    generate = Depth.GENERATE
    target = make_target(depths=(Depth.REACH, generate), intervals={Depth.REACH: 60, generate: 60})
    watch = Watch(target, make_target("b", host="other.example.net"))
    watch.see(OK, depth=generate)
    watch.see(OK, name="b")
    watch.see(Reason.CONNECT_FAILED, depth=generate)
    state = watch.see(Reason.CONNECT_FAILED, depth=generate)

    assert (state.now.status, state.now.fault) == (Status.UNKNOWN, Fault.NETWORK)


@pytest.mark.parametrize(
    ("channel", "status"),
    [(Channel.OFFICIAL, Status.DEGRADED), (Channel.REVERSE, Status.RISK_CONTROL)],
)
def test_one_harmless_prompt_after_the_other_is_blocked(channel: Channel, status: Status) -> None:
    """Once is content; three times, with other prompts, nobody gets anything made there."""
    generate = Depth.GENERATE
    target = make_target(depths=(Depth.REACH, generate), intervals={Depth.REACH: 60, generate: 60})
    watch = Watch(replace(target, channel=channel))
    watch.see(OK, depth=generate)
    blocked = [watch.see(Reason.PROBE_MODERATED, depth=generate) for _ in range(3)]

    assert [s.now.status for s in blocked] == [Status.OPERATIONAL, Status.OPERATIONAL, status]
    assert (blocked[-1].now.fault, blocked[-1].now.up) == (Fault.CONTENT, None)
    assert watch.see(OK).now.status is status
    assert watch.see(OK, depth=generate).now.status is Status.OPERATIONAL


def test_three_hosts_failing_together_is_our_network() -> None:
    """When most unrelated hosts cannot be reached, nothing is called down, and it is said once."""
    hosts = ("one.example.com", "two.example.net", "three.example.org", "four.example.io")
    watch = Watch(*(make_target(h, host=h) for h in hosts))
    for host in hosts:
        watch.see(OK, name=host)
    for _ in range(2):
        watch.see(OK, name=hosts[3])
        for host in hosts[:3]:
            watch.see(Reason.CONNECT_TIMEOUT, name=host)
    watch.board.review()
    snapshot = watch.board.snapshot()

    assert not snapshot.network_ok
    assert {Reason.OWN_NETWORK} == {snapshot.targets[h].now.reason for h in hosts[:3]}
    assert Status.OPERATIONAL is snapshot.targets[hosts[3]].now.status


def test_hosts_of_one_site_are_not_unrelated() -> None:
    """A vendor's outage over three of its host names is the vendor's."""
    hosts = ("a.example.com", "b.example.com", "c.example.com")
    watch = Watch(*(make_target(h, host=h) for h in hosts))
    for host in hosts:
        watch.see(OK, name=host)
    for _ in range(2):
        for host in hosts:
            state = watch.see(Reason.CONNECT_TIMEOUT, name=host)
    watch.board.review()

    assert watch.board.snapshot().network_ok
    assert Reason.CONNECT_TIMEOUT is state.now.reason


def test_a_passed_end_date_is_retired_until_something_works() -> None:
    """The calendar speaks where nothing is found any more; a success overrules it."""
    watch = Watch(make_target(ends_at=START - 1))
    first = watch.see(Reason.MODEL_NOT_FOUND)
    second = watch.see(OK)

    assert (first.now.status, first.now.reason) == (Status.RETIRED, Reason.END_DATE_PASSED)
    assert "successor" not in first.now.message
    assert Status.OPERATIONAL is second.now.status


def test_a_passed_end_date_names_the_successor() -> None:
    """What to use instead, where the provider's file knows it."""
    target = replace(make_target(ends_at=START - 1), successor="sora-3")
    watch = Watch(target)

    assert "successor: sora-3" in watch.see(Reason.MODEL_NOT_FOUND).now.message


@pytest.mark.parametrize(
    "reason", [ERROR, Reason.QUOTA_EXHAUSTED, Reason.INVALID_KEY, Reason.CONNECT_REFUSED]
)
def test_another_trouble_past_the_end_date_is_no_end(reason: Reason) -> None:
    """An empty account or an outage says nothing of the model."""
    watch = Watch(make_target(ends_at=START - 1))
    watch.see(reason)

    assert watch.see(reason).now.reason is reason


@pytest.mark.parametrize(("after_end", "outlived"), [(-1.0, False), (0.0, True)])
def test_a_success_long_after_the_end_date_is_remembered(after_end: float, outlived: bool) -> None:
    """A vendor may take two days to switch a model off everywhere; whoever serves it later, does."""
    target = make_target(ends_at=START + 10.0 - SHUTDOWN_SECONDS - after_end)
    watch = Watch(target)
    watch.see(after=10.0)
    watch.see(Reason.MODEL_NOT_FOUND)

    assert watch.board.hints(target, Depth.ACCEPT).outlived_end is outlived


def test_the_calendar_waits_for_a_look() -> None:
    """Before the first probe a target past its end date is not called anything yet."""
    watch = Watch(make_target(ends_at=START - 1))

    assert Reason.NO_EVIDENCE is watch.wait(0).now.reason


def test_a_maintenance_window_comes_first_and_passes() -> None:
    """Inside a window of ours the status is maintenance, whatever probes say."""
    window = MaintenanceWindow(START, START + 100, "gateway upgrade")
    watch = Watch(make_target(), windows={"a": (window,)})
    inside = watch.see(ERROR)
    watch.see(OK)
    outside = watch.wait(100)

    assert (inside.now.status, inside.now.message) == (Status.MAINTENANCE, "gateway upgrade")
    assert Status.OPERATIONAL is outside.now.status


def test_a_gateway_without_credit_is_suspended_after_half_an_hour() -> None:
    """Row 13: the gateway's own empty account is down at first, suspended when it stays."""
    watch = Watch(make_target())
    watch.see(Reason.UPSTREAM_QUOTA)
    early = watch.see(Reason.UPSTREAM_QUOTA)
    watch.clock.freeze(GATEWAY_GRACE)
    late = watch.see(Reason.UPSTREAM_QUOTA)

    assert (early.now.status, late.now.status) == (Status.DOWN, Status.SUSPENDED)


def test_a_missing_credential_is_said_before_any_probe() -> None:
    """An account whose variable is not set explains itself."""
    problem = "environment variable KEY (account 'main') is not set"
    state = Watch(make_target(credential_problem=problem)).wait(0)

    assert (Status.UNKNOWN, Reason.NO_CREDENTIAL, problem) == (
        state.now.status,
        state.now.reason,
        state.now.message,
    )


def test_an_open_door_proves_nothing_about_a_missing_key() -> None:
    """A service that answers without our key leaves the target unknown until the key is there."""
    problem = "environment variable KEY (account 'main') is not set"
    state = Watch(make_target(credential_problem=problem)).see(OK)

    assert (state.now.status, state.now.message, state.now.up) == (Status.UNKNOWN, problem, None)


def test_told_to_wait_longer_than_a_turn_is_confirmed_at_once() -> None:
    """No second refusal will come in time to confirm the first, so the first has to do."""
    watch = Watch(make_target())
    watch.see(OK)
    told = verdict(Reason.RATE_LIMITED, retry_after=600.0)
    found = verdict_evidence(watch.clock, watch.targets["a"], Depth.REACH, told)
    change = watch.board.observe(found.evidence, found.verdict)

    assert change is not None
    assert change.after.now.status is Status.RATE_LIMITED
    assert watch.wait(1_400).now.status is Status.RATE_LIMITED


@pytest.mark.parametrize(
    ("past", "status"), [(0.0, Status.OPERATIONAL), (1.0, Status.RATE_LIMITED)]
)
def test_told_to_wait_for_a_turn_is_confirmed_by_the_next(past: float, status: Status) -> None:
    """On both sides of the interval."""
    watch = Watch(make_target())
    watch.see(OK)
    interval = watch.targets["a"].intervals[Depth.REACH]
    told = verdict(Reason.RATE_LIMITED, retry_after=interval + past)
    found = verdict_evidence(watch.clock, watch.targets["a"], Depth.REACH, told)
    change = watch.board.observe(found.evidence, found.verdict)

    assert change is not None
    assert change.after.now.status is status


def test_a_probe_in_flight_keeps_the_evidence_it_will_replace() -> None:
    """While a provider hangs for its timeout, the status does not flap through unknown."""
    watch = Watch(make_target())
    watch.see(OK)
    watch.in_flight.add("a")
    hanging = watch.wait(2.5 * 60 + 5)
    watch.in_flight.clear()

    assert hanging.now.status is Status.OPERATIONAL
    assert watch.wait(0).now.reason is Reason.STALE


def test_transitions_are_counted_from_the_second() -> None:
    """First sight is no change; every one after it is, with from and to."""
    watch = Watch(make_target())
    first = watch.see(OK)
    watch.see(ERROR)
    last = watch.see(ERROR)

    assert first.changes == 0
    assert first.previous_status is None
    assert (last.changes, last.previous_status) == (1, Status.OPERATIONAL)
    assert last.last_transition is not None
    assert Status.DOWN is last.last_transition.current


def test_counters_tell_every_attempt() -> None:
    """Raw results are counted beside the smoothed status."""
    watch = Watch(make_target())
    statuses(watch, OK, ERROR, OK, Reason.RATE_LIMITED)
    depth = watch.see(OK).depths[Depth.REACH]

    assert depth.total == 5
    assert dict(depth.failures) == {ERROR: 1, Reason.RATE_LIMITED: 1}
    assert sum(depth.latency.counts) == 3


def test_a_reload_keeps_what_is_known_and_drops_what_is_gone() -> None:
    """State and counters survive for the same target; a renamed one starts anew."""
    watch = Watch(make_target(), make_target("b"))
    watch.see(OK)
    watch.see(OK, name="b")
    watch.board.configure([make_target(), make_target("c")], {})
    targets = watch.board.snapshot().targets

    assert {"a", "c"} == set(targets)
    assert targets["a"].depths[Depth.REACH].total == 1
    assert dict(targets["c"].depths) == {}


def test_a_reload_that_changes_the_thing_starts_anew() -> None:
    """The same name for another host is another thing: its history is not inherited."""
    watch = Watch(make_target())
    watch.see(OK)
    watch.board.configure([make_target(host="elsewhere.example.com")], {})

    assert dict(watch.board.snapshot().targets["a"].depths) == {}


def test_an_answer_for_a_target_that_is_gone_is_dropped() -> None:
    """A probe that outlives its target changes nothing."""
    watch = Watch(make_target())
    found = verdict_evidence(watch.clock, watch.targets["a"], Depth.REACH, verdict(OK))
    watch.board.configure([], {})

    assert watch.board.observe(found.evidence, found.verdict) is None


def test_the_snapshot_is_the_same_object_until_something_changes() -> None:
    """Whoever holds a snapshot can tell by identity whether to render again."""
    watch = Watch(make_target())
    watch.see(OK)
    before = watch.board.snapshot()
    watch.wait(1)
    unchanged = watch.board.snapshot()
    watch.see(OK)

    assert before is unchanged
    assert watch.board.snapshot().version > before.version


def test_a_stepped_wall_clock_changes_no_status() -> None:
    """Ages are monotonic: a clock that jumps a year expires nothing."""
    watch = Watch(make_target())
    watch.see(OK)
    watch.clock.wall_step = 365 * 86_400.0

    assert Status.OPERATIONAL is watch.wait(1).now.status


def test_a_balance_is_shown_while_it_is_told() -> None:
    """Of accounts that are watched, and no longer than the next probe should take to tell it again."""
    watch = Watch(make_target())
    clock, board, target = watch.clock, watch.board, watch.targets["a"]
    told = replace(verdict(), balance=AccountBalance(3.5, "usd"))
    found = verdict_evidence(clock, target, Depth.REACH, told)
    board.observe(found.evidence, found.verdict)
    account = target.account.name

    assert board.snapshot().balances == {account: AccountBalance(3.5, "usd")}
    watch.see(after=BALANCE_SECONDS)
    board.review()
    assert account in board.snapshot().balances
    watch.wait(1.0)
    assert board.snapshot().balances == {}
    board.observe(found.evidence, found.verdict)
    board.configure([], {})
    assert board.snapshot().balances == {}
