"""The numbers that METHOD.md promises, met at their edge: what is just enough, and what just is not."""

from __future__ import annotations

import pytest

from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Certainty, Depth, Status
from genmedia_exporter.health.backoff import backoff_seconds
from genmedia_exporter.health.uptime import Uptime, stars
from tests.fakes import make_target, verdict, verdict_evidence
from tests.health.test_board import ERROR, OK, Watch, statuses

UP, DOWN, DEGRADED, UNKNOWN = (
    Status.OPERATIONAL,
    Status.DOWN,
    Status.DEGRADED,
    Status.UNKNOWN,
)


@pytest.mark.parametrize(
    ("seconds", "busy", "status"),
    [(150, False, UP), (151, False, UNKNOWN), (160, True, UP), (161, True, UNKNOWN)],
)
def test_evidence_counts_for_two_and_a_half_intervals(
    seconds: float, busy: bool, status: Status
) -> None:
    """And for the target's timeout longer while a probe is in flight."""
    watch = Watch(make_target())
    watch.see(OK)
    if busy:
        watch.in_flight.add("a")

    assert watch.wait(seconds).now.status is status


@pytest.mark.parametrize(
    ("seen", "status"),
    [
        ((OK, ERROR), UP),
        ((OK, ERROR, ERROR), DOWN),
        ((ERROR,), UNKNOWN),
        ((ERROR, ERROR), DOWN),
        ((ERROR, OK), UP),
        ((OK, ERROR, OK, ERROR), DEGRADED),
        ((OK, ERROR, OK, OK, ERROR), UP),
    ],
)
def test_a_transient_failure_needs_two_of_the_last_three(
    seen: tuple[Reason, ...], status: Status
) -> None:
    """Of four attempts the first counts no more; one success ends it."""
    assert statuses(Watch(make_target()), *seen)[-1] is status


@pytest.mark.parametrize(
    ("certainty", "times", "status"),
    [
        (Certainty.EXPLICIT, 1, Status.SUSPENDED),
        (Certainty.STABLE, 1, UP),
        (Certainty.STABLE, 2, Status.SUSPENDED),
    ],
)
def test_an_explicit_code_needs_one_observation_and_words_need_two(
    certainty: Certainty, times: int, status: Status
) -> None:
    """What a code says it can mean nothing else by."""
    watch = Watch(make_target())
    state = watch.see(OK)
    for _ in range(times):
        state = watch.see(Reason.NO_CHANNEL, certainty=certainty)

    assert state.now.status is status


@pytest.mark.parametrize(
    ("samples", "normal", "slow", "times", "status"),
    [
        (20, 0.1, 0.5, 3, DEGRADED),
        (20, 0.1, 0.5, 2, UP),
        (16, 0.1, 0.5, 3, UP),  # with those three there are nineteen
        (20, 1.0, 3.0, 3, UP),
        (20, 1.0, 3.4, 3, DEGRADED),
        (20, 0.01, 0.1, 3, UP),  # more than three times the median, but not 0.1 s longer
        (20, 0.01, 0.13, 3, DEGRADED),
    ],
)
def test_slow_is_three_times_the_median_and_a_tenth_of_a_second(
    samples: int, normal: float, slow: float, times: int, status: Status
) -> None:
    """Of at least twenty, three in a row."""
    watch = Watch(make_target())
    for _ in range(samples):
        state = watch.see(OK, duration=normal)
    for _ in range(times):
        state = watch.see(OK, duration=slow)

    assert state.now.status is status


@pytest.mark.parametrize(
    ("seen", "status"),
    [
        ((OK, ERROR) * 3 + (OK,), DEGRADED),
        ((ERROR, OK) * 3, UP),
        ((*(OK, ERROR) * 3, *[OK] * 4), DEGRADED),  # the first of the three is the second of ten
        ((*(OK, ERROR) * 3, *[OK] * 5), UP),  # before its first failure no success is left
    ],
)
def test_three_failures_after_a_success_in_ten_attempts_are_degraded(
    seen: tuple[Reason, ...], status: Status
) -> None:
    """Even right after a success."""
    assert statuses(Watch(make_target()), *seen)[-1] is status


@pytest.mark.parametrize(("seconds", "status"), [(1_799, DOWN), (1_800, Status.SUSPENDED)])
def test_a_gateways_empty_account_is_down_for_half_an_hour(seconds: int, status: Status) -> None:
    """Then somebody should have paid, or given up."""
    watch = Watch(make_target())
    first = watch.see(Reason.UPSTREAM_QUOTA)
    for _ in range(seconds // 60):
        watch.see(Reason.UPSTREAM_QUOTA, after=60.0)
    state = watch.see(Reason.UPSTREAM_QUOTA, after=seconds % 60)

    assert first.now.status is UNKNOWN
    assert state.now.status is status


@pytest.mark.parametrize(
    ("interval", "failures", "seconds"),
    [(300.0, 1, 15.0), (300.0, 2, 30.0), (300.0, 3, 60.0), (300.0, 5, 240.0), (300.0, 6, None), (240.0, 5, None)],
)  # fmt: skip
def test_a_suspect_is_looked_at_after_15_30_and_60_seconds(
    interval: float, failures: int, seconds: float | None
) -> None:
    """Up to the interval: then its turns are enough."""
    watch = Watch(make_target(intervals={Depth.REACH: interval, Depth.ACCEPT: 600.0}))
    for _ in range(failures):
        state = watch.see(ERROR)

    assert backoff_seconds(state, Depth.REACH) == seconds


@pytest.mark.parametrize(
    ("reason", "retry_after", "seconds"),
    [
        (Reason.RATE_LIMITED, None, None),
        (Reason.INVALID_KEY, None, None),
        (Reason.QUOTA_EXHAUSTED, None, None),
        (Reason.SERVER_ERROR, None, 15.0),
        (Reason.SERVER_ERROR, 59.0, 60.0),
        (Reason.SERVER_ERROR, 61.0, 61.0),
    ],
)
def test_nobody_is_asked_faster_who_refused_or_asked_us_to_wait(
    reason: Reason, retry_after: float | None, seconds: float | None
) -> None:
    """A refusal for rate, key or quota would only get worse; Retry-After is obeyed."""
    watch = Watch(make_target(intervals={Depth.REACH: 60.0, Depth.ACCEPT: 600.0}))
    told = verdict(reason, retry_after=retry_after)
    watch.clock.freeze(10)
    found = verdict_evidence(watch.clock, watch.targets["a"], Depth.REACH, told, 0.1, 0.0)
    change = watch.board.observe(found.evidence, found.verdict)

    assert change is not None
    assert backoff_seconds(change.after, Depth.REACH) == seconds


@pytest.mark.parametrize(("known", "count"), [(3_600.0, 5), (3_599.0, 0)])
def test_less_than_an_hour_known_is_no_star(known: float, count: int) -> None:
    """However well it went."""
    assert stars(Uptime(known, known, 604_800)) == count


@pytest.mark.parametrize(
    ("ratio", "count"),
    [(0.999, 5), (0.99899, 4), (0.99, 4), (0.98999, 3), (0.97, 3), (0.96999, 2), (0.9, 2), (0.89999, 1)],
)  # fmt: skip
def test_each_star_begins_at_its_share(ratio: float, count: int) -> None:
    """Just enough is enough."""
    assert stars(Uptime(ratio * 1e6, 1e6, 1e6)) == count
