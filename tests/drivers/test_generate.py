"""A paid generation at every pretend service: what came of it is told rightly, and paid for once."""

from __future__ import annotations

import pytest

from genmedia_exporter.core.clock import SystemClock
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Fault, Outcome, Status
from tests.drivers.generating import (
    AT_ONCE,
    JOBS,
    PLACES,
    WITHOUT_A_QUEUE,
    Customer,
    calls,
    generate,
    place_of,
    world_of,
)

DEADLINES = {"kling": 1200.0, "minimax": 1200.0}
"""Seconds the provider file gives a job; 900 where nothing is said here."""

WITH_PROGRESS = ("sora-2-official", "sora-2-pro-official", "veo-3.1-reverse")


@pytest.mark.parametrize("service", PLACES)
def test_a_sound_generation(service: str) -> None:
    """One create, a result that is media with a size, and success."""
    seen, customer, creates = generate(service)
    made = seen.evidence.generation
    assert (seen.verdict.reason, seen.verdict.up, creates) == (Reason.OK, 1, 1), seen.verdict
    assert seen.verdict.rule == "asset"
    assert made is not None
    assert made.asset is not None
    assert (made.asset.kind in ("png", "mp4"), made.asset.problem) == (True, "")
    assert made.asset.width
    assert made.asset.height
    assert not made.overdue
    assert seen.evidence.credential
    assert (customer.progress[0][0], customer.progress[-1][0]) == ("submit", "fetch")


@pytest.mark.parametrize("service", JOBS)
def test_where_the_time_went(service: str) -> None:
    """A job's time is split into queue, where a poll saw one, and run; they are its duration."""
    seen, customer, _ = generate(service)
    evidence, made = seen.evidence, seen.evidence.generation
    assert made is not None
    assert made.run is not None
    whole = (made.queue or 0.0) + made.run
    assert whole == pytest.approx(60, abs=16)  # an interval later at most
    assert evidence.phases.queue == made.queue
    assert evidence.phases.processing == evidence.exchanges[0].phases.processing
    assert evidence.duration == pytest.approx(whole, abs=1)
    assert made.job_id == customer.accepted[0].id
    assert not made.resumed
    assert {"submit", "queue", "run", "fetch"} == {phase for phase, _ in customer.progress}


GENERATION_FAULTS: dict[str, set[Reason]] = {
    # What a failed job says of itself may be more precise than that it failed.
    "job_fails": {Reason.JOB_FAILED, Reason.SERVER_ERROR, Reason.EDGE_ERROR},
    "job_queued_forever": {Reason.QUEUE_TIMEOUT},
    "moderated": {Reason.PROBE_MODERATED},
    "asset_missing": {Reason.ASSET_UNAVAILABLE},
    "asset_truncated": {Reason.ASSET_INVALID},
    "asset_html": {Reason.ASSET_INVALID},
    "asset_blank": {Reason.ASSET_INVALID},
    "job_lost": {Reason.LOST_JOB},
    "job_unknown_word": {Reason.UNKNOWN_WORD},
}
LOST_WITHOUT_A_WORD = ("comfyui",)  # the history of no job is that of one that runs
NOT_AT_ONCE = {"job_stuck", "job_queued_forever", "job_lost", "job_unknown_word"}
CASES = [
    (s, f)
    for s in PLACES
    for f in GENERATION_FAULTS
    if s not in AT_ONCE or f not in NOT_AT_ONCE
    if (s, f) != ("comfyui", "moderated")  # it looks at no prompt
]


def reasons(service: str, fault: str) -> set[Reason]:
    """Return what the trouble may be called there."""
    unseen = service in WITHOUT_A_QUEUE and fault == "job_queued_forever"
    if unseen or (service in LOST_WITHOUT_A_WORD and fault == "job_lost"):
        return {Reason.GENERATION_TIMEOUT}
    return GENERATION_FAULTS[fault]


@pytest.mark.parametrize(("service", "fault"), CASES)
def test_a_generation_that_goes_wrong(service: str, fault: str) -> None:
    """Each trouble has its reason, is nobody else's fault, and was paid for once at most."""
    seen, _, creates = generate(service, fault)
    verdict = seen.verdict
    assert verdict.reason in reasons(service, fault), verdict
    assert creates <= 1
    assert len(seen.evidence.exchanges) <= 6
    if fault == "moderated":
        assert (verdict.status, verdict.fault) == (Status.OPERATIONAL, Fault.CONTENT)
        assert verdict.outcome is Outcome.MODERATED
    elif fault == "job_unknown_word":
        assert (verdict.status, verdict.up, verdict.message.lower()) == (
            Status.UNKNOWN,
            None,
            "levitating",
        )
    else:
        assert (verdict.status, verdict.up) == (Status.DOWN, 0)
        assert verdict.fault in (Fault.PROVIDER, Fault.GATEWAY)


@pytest.mark.parametrize("service", JOBS)
def test_a_job_that_stops_moving(service: str) -> None:
    """Stuck where the service tells its progress, too late where it does not."""
    seen, _, creates = generate(service, "job_stuck")
    told = service in WITH_PROGRESS
    made = seen.evidence.generation
    assert seen.verdict.reason is (Reason.GENERATION_STUCK if told else Reason.GENERATION_TIMEOUT)
    assert made is not None
    assert (made.overdue, made.stuck, creates) == ("running", told, 1)
    assert made.run is not None
    assert (made.queue or 0.0) + made.run == pytest.approx(DEADLINES.get(service, 900.0), abs=1)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("job_stuck", Reason.GENERATION_STUCK),
        ("job_queued_forever", Reason.QUEUE_TIMEOUT),
        ("job_unknown_word", Reason.UNKNOWN_WORD),
        ("job_lost", Reason.BODY_TRUNCATED),
        ("hang", Reason.RESPONSE_TIMEOUT),
    ],
)
def test_a_stream_that_falls_silent(fault: str, reason: Reason) -> None:
    """What it said last tells how far it came; one that said nothing has not answered."""
    customer = Customer(SystemClock())
    with world_of(customer, job_seconds=0.01) as world:
        world.set_fault("sora-2-reverse", fault)
        seen = customer.generate(place_of(world.url, "sora-2-reverse", timeout_seconds=0.6))
        creates = world.ledger["sora-2-reverse"].creates
    assert seen.verdict.reason is reason, seen.verdict
    assert creates <= 1
    assert calls(seen) == ["create"]


def test_a_stream_tells_how_far_it_is() -> None:
    """Progress in prose reaches whoever watches."""
    _, customer, _ = generate("sora-2-reverse")
    assert customer.progress == [
        ("submit", None),
        ("queue", 0.0),
        ("run", 0.25),
        ("run", 0.5),
        ("run", 0.75),
        ("fetch", None),
    ]


# --- paid once --------------------------------------------------------------------------------


@pytest.mark.parametrize("service", ["sora-2-official", "sora-2-reverse", "openai-image", "fal"])
@pytest.mark.parametrize(
    ("fault", "reasons"),
    [
        ("hang", {Reason.RESPONSE_TIMEOUT}),
        ("reset", {Reason.CONNECTION_RESET}),
        ("trickle", {Reason.BODY_TIMEOUT, Reason.BODY_TRUNCATED}),
        ("reset_midbody", {Reason.BODY_TRUNCATED}),
        ("garbage", {Reason.PROTOCOL_ERROR}),
        ("edge_502", {Reason.EDGE_ERROR}),
        ("redirect", {Reason.REDIRECTED}),
    ],
)
def test_a_create_is_sent_once(
    service: str, fault: str, reasons: set[Reason], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the answer to a create breaks, there is no second request of any kind."""
    seconds = 1.5 if fault in {"hang", "trickle"} else 20.0  # the others end by themselves
    monkeypatch.setattr("genmedia_exporter.drivers.async_job.LEAST_CREATE_SECONDS", seconds)
    customer = Customer()
    with world_of(customer, job_seconds=0.0) as world:
        world.set_fault(service, fault)
        target = place_of(world.url, service, timeout_seconds=seconds)
        object.__setattr__(target, "timeout", seconds)
        seen = customer.generate(target)
        account = world.ledger[service]
    assert seen.verdict.reason in reasons, seen.verdict
    assert (account.requests, account.creates <= 1) == (1, True)
    assert not customer.accepted
    assert calls(seen) == ["create"]


def test_a_create_that_breaks_off_after_its_last_word_is_followed() -> None:
    """The job is named, so it was made: it is asked after to the end instead of being written off."""
    customer = Customer()
    with world_of(customer) as world:
        world.set_fault("kling", "truncated")
        seen = customer.generate(place_of(world.url, "kling"))
        creates = world.ledger["kling"].creates
    assert (len(customer.accepted), creates) == (1, 1)
    assert seen.verdict.reason is Reason.BODY_TRUNCATED
    assert seen.evidence.main.call == "poll"


@pytest.mark.parametrize("service", PLACES)
@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("rate_limited", Outcome.REFUSED),
        ("invalid_key", Outcome.REFUSED),
        ("quota", Outcome.REFUSED),
    ],
)
def test_a_refused_create(service: str, fault: str, outcome: Outcome) -> None:
    """The rules of the free depths decide on it, and nothing was made."""
    seen, customer, creates = generate(service, fault)
    assert (seen.verdict.outcome, creates, customer.accepted) == (outcome, 0, []), seen.verdict
    assert seen.evidence.main.call == "create"
