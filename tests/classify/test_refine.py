"""What one answer alone cannot tell: controls, the calendar, who was refused, what was made; on both sides of each condition."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from genmedia_exporter.classify.context import Context
from genmedia_exporter.classify.finding import Finding
from genmedia_exporter.classify.parse import Reading, read
from genmedia_exporter.classify.refine import (
    UPSTREAM_REASONS,
    with_acquittal,
    with_controls,
    with_generation,
    with_lifecycle,
    with_upstream,
)
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.evidence import (
    UNREACHABLE,
    Asset,
    Evidence,
    Exchange,
    Generation,
    Role,
    Transport,
)
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Channel, Depth, Fault, Operation, Status
from genmedia_exporter.providers.base import ProviderKind
from genmedia_exporter.providers.loader import load_generic, load_provider
from genmedia_exporter.providers.states import POLL, RESULT

NOW = Unix(1_796_000_000)
GATEWAY = Context(load_provider("new-api"), Channel.OFFICIAL, Operation.VIDEO, "sora-2", NOW)
DIRECT = Context(load_provider("openai"), Channel.OFFICIAL, Operation.VIDEO, "sora-2", NOW)
GENERIC = load_generic()


def _exchange(
    body: object = None,
    http: int = 200,
    *,
    call: str = "",
    role: Role = Role.PROBE,
    transport: Transport | None = None,
) -> Exchange:
    data = json.dumps(body).encode() if body is not None else b""
    return Exchange(call, role, "GET", "", "cdn.example", http, body=data, transport=transport)


def _evidence(
    *exchanges: Exchange, made: Generation | None = None, depth: Depth = Depth.REACH
) -> Evidence:
    return Evidence("t", depth, NOW, 0.1, exchanges, generation=made)


def _read(exchange: Exchange) -> Reading:
    return read(exchange, None, GENERIC)


USAGE = {
    "code": True,
    "data": {"object": "token_usage", "unlimited_quota": False, "total_available": 0},
}


@pytest.mark.parametrize(
    ("reason", "left", "http", "transport", "wanted"),
    [
        (Reason.INVALID_KEY, 0, 200, None, Reason.QUOTA_EXHAUSTED),
        (Reason.INVALID_KEY, 1, 200, None, Reason.INVALID_KEY),
        (Reason.INVALID_KEY, 0, 500, None, Reason.INVALID_KEY),
        (Reason.INVALID_KEY, 0, 200, Transport.BODY_TRUNCATED, Reason.INVALID_KEY),
        (Reason.SERVER_ERROR, 0, 200, None, Reason.SERVER_ERROR),
    ],
)
def test_a_refused_key_is_an_empty_token_where_the_control_says_so(
    reason: Reason, left: int, http: int, transport: Transport | None, wanted: Reason
) -> None:
    """A control that failed changes nothing."""
    told = {**USAGE, "data": {**USAGE["data"], "total_available": left}}  # type: ignore[dict-item]  # an object
    control = _exchange(told, http, call="token_usage", role=Role.CONTROL, transport=transport)

    found = with_controls(
        Finding(reason, "r"), _evidence(_exchange(http=401), control), GATEWAY, GENERIC
    )

    assert found.reason is wanted


def test_without_a_provider_no_control_speaks() -> None:
    """Nobody knows what it would have asked."""
    finding = Finding(Reason.INVALID_KEY, "r")
    nobody = replace(GATEWAY, provider=None)

    assert with_controls(finding, _evidence(_exchange()), nobody, GENERIC) is finding


@pytest.mark.parametrize(
    ("reason", "context", "kind", "wanted"),
    [
        (Reason.MODEL_NOT_FOUND, replace(DIRECT, ends_at=NOW), "direct", Reason.RETIRED),
        (Reason.WRONG_PATH, replace(DIRECT, ends_at=NOW), "direct", Reason.RETIRED),
        (Reason.SERVER_ERROR, replace(DIRECT, ends_at=NOW), "direct", Reason.SERVER_ERROR),
        (Reason.MODEL_NOT_FOUND, replace(DIRECT, ends_at=Unix(1_796_000_001)), "direct", Reason.MODEL_NOT_FOUND),
        (Reason.MODEL_NOT_FOUND, DIRECT, "direct", Reason.MODEL_NOT_FOUND),
        (Reason.MODEL_NOT_FOUND, replace(DIRECT, worked_before=True), "direct", Reason.MODEL_NOT_FOUND),
        (Reason.MODEL_NOT_FOUND, replace(GATEWAY, worked_before=True), "gateway", Reason.NO_CHANNEL),
        (Reason.WRONG_PATH, replace(GATEWAY, worked_before=True), "gateway", Reason.WRONG_PATH),
        (Reason.MODEL_NOT_FOUND, GATEWAY, "gateway", Reason.MODEL_NOT_FOUND),
        (Reason.MODEL_NOT_FOUND, replace(GATEWAY, ends_at=NOW), "gateway", Reason.RETIRED),
        (Reason.MODEL_NOT_FOUND, replace(GATEWAY, ends_at=NOW, outlived_end=True), "gateway", Reason.MODEL_NOT_FOUND),
        (Reason.MODEL_NOT_FOUND, replace(DIRECT, ends_at=NOW, outlived_end=True), "direct", Reason.RETIRED),
    ],
)  # fmt: skip
def test_absence_is_read_by_the_calendar_and_by_who_says_so(
    reason: Reason, context: Context, kind: ProviderKind, wanted: Reason
) -> None:
    """Only the vendor's own date makes it a retirement, and not where it was outlived."""
    assert with_lifecycle(Finding(reason, "r"), context, kind).reason is wanted


def test_what_a_vendor_behind_a_gateway_lacks_is_not_switched_off() -> None:
    """The gateway has its channel."""
    finding = Finding(Reason.MODEL_NOT_FOUND, "r", upstream=True)
    before = replace(GATEWAY, worked_before=True)

    assert with_lifecycle(finding, before, "gateway").reason is Reason.MODEL_NOT_FOUND


@pytest.mark.parametrize("reason", list(UPSTREAM_REASONS))
def test_a_relayed_refusal_is_the_gateways(reason: Reason) -> None:
    """Behind a direct vendor is nobody, and what is not relayed is ours."""
    told = Finding(reason, "r", upstream=True, fault=Fault.ACCOUNT, status=Status.DOWN)

    relayed = with_upstream(told, "gateway")

    assert (relayed.reason, relayed.fault, relayed.status) == (UPSTREAM_REASONS[reason], None, None)
    assert with_upstream(told, None).reason is UPSTREAM_REASONS[reason]
    assert with_upstream(told, "direct") is told
    assert with_upstream(replace(told, upstream=False), "gateway").reason is reason


def test_a_relayed_failure_stays_what_it_is() -> None:
    """It is nobody's refusal."""
    told = Finding(Reason.SERVER_ERROR, "r", upstream=True)

    assert with_upstream(told, "gateway") is told


@pytest.mark.parametrize(
    ("reason", "depth", "accepted", "kind", "acquitted"),
    [
        (Reason.INVALID_KEY, Depth.ACCEPT, True, "gateway", True),
        (Reason.INVALID_KEY, Depth.REACH, True, "gateway", False),
        (Reason.INVALID_KEY, Depth.ACCEPT, False, "gateway", False),
        (Reason.INVALID_KEY, Depth.ACCEPT, True, "direct", False),
        (Reason.QUOTA_EXHAUSTED, Depth.ACCEPT, True, "gateway", False),
    ],
)
def test_a_success_with_the_same_key_acquits_it(
    reason: Reason, depth: Depth, accepted: bool, kind: ProviderKind, acquitted: bool
) -> None:
    """At a gateway, deeper than reach, and only of being refused."""
    context = replace(GATEWAY, key_accepted=accepted)

    found = with_acquittal(Finding(reason, "r"), depth, context, kind)

    assert found.upstream is acquitted
    assert found.rule == ("r+key_accepted" if acquitted else "r")


@pytest.mark.parametrize(
    ("reason", "made", "wanted"),
    [
        (Reason.OK, Generation(overdue="queued"), Reason.QUEUE_TIMEOUT),
        (Reason.OK, Generation(overdue="running"), Reason.GENERATION_TIMEOUT),
        (Reason.OK, Generation(overdue="running", stuck=True), Reason.GENERATION_STUCK),
        (Reason.OK, Generation(overdue="queued", stuck=True), Reason.QUEUE_TIMEOUT),
        (Reason.BODY_TIMEOUT, Generation(overdue="running"), Reason.GENERATION_TIMEOUT),
        (Reason.SERVER_ERROR, Generation(overdue="running"), Reason.SERVER_ERROR),
        (Reason.OK, Generation(asset=Asset("mp4")), Reason.OK),
        (Reason.OK, Generation(asset=Asset("mp4", problem="empty")), Reason.ASSET_INVALID),
        (Reason.OK, Generation(asset=Asset(UNREACHABLE, problem="file://")), Reason.ASSET_UNAVAILABLE),
        (Reason.OK, Generation(), Reason.SCHEMA),
        (Reason.SERVER_ERROR, Generation(asset=Asset("mp4")), Reason.SERVER_ERROR),
    ],
)  # fmt: skip
def test_how_far_a_generation_came(reason: Reason, made: Generation, wanted: Reason) -> None:
    """Nothing that was not fetched is a success."""
    main = _exchange({"id": "1"})

    found = with_generation(Finding(reason, "r"), _evidence(main, made=made), _read(main), GENERIC)

    assert found.reason is wanted


def test_without_a_generation_the_answer_alone_decides() -> None:
    """As in explain."""
    main, finding = _exchange(), Finding(Reason.OK, "r")

    assert with_generation(finding, _evidence(main), _read(main), GENERIC) is finding


@pytest.mark.parametrize(
    ("call", "http", "reason", "explicit", "wanted"),
    [
        (POLL, 404, Reason.WRONG_PATH, False, Reason.LOST_JOB),
        (POLL, 404, Reason.SERVER_ERROR, False, Reason.LOST_JOB),
        (POLL, 404, Reason.SERVER_ERROR, True, Reason.SERVER_ERROR),
        (POLL, 400, Reason.MODEL_NOT_FOUND, True, Reason.LOST_JOB),
        (POLL, 400, Reason.SERVER_ERROR, False, Reason.SERVER_ERROR),
        (POLL, 500, Reason.MODEL_NOT_FOUND, False, Reason.MODEL_NOT_FOUND),
        (RESULT, 404, Reason.WRONG_PATH, False, Reason.ASSET_UNAVAILABLE),
        ("create", 404, Reason.MODEL_NOT_FOUND, False, Reason.MODEL_NOT_FOUND),
    ],
)
def test_a_404_to_a_question_about_a_job_is_about_the_job(
    call: str, http: int, reason: Reason, explicit: bool, wanted: Reason
) -> None:
    """To its create it is about the model."""
    main = _exchange({}, http, call=call)
    finding = Finding(reason, "r", explicit=explicit)

    found = with_generation(finding, _evidence(main, made=Generation()), _read(main), GENERIC)

    assert found.reason is wanted
    if wanted in (Reason.LOST_JOB, Reason.ASSET_UNAVAILABLE):
        assert found.explicit is False


@pytest.mark.parametrize(
    ("rule", "call", "wanted"),
    [
        ("job.schema", RESULT, "job.no_output"),
        ("job.schema", POLL, "job.schema"),
        ("job.other", RESULT, "job.other"),
    ],
)
def test_what_lies_where_a_result_should_be(rule: str, call: str, wanted: str) -> None:
    """After a success nothing else than the result counts."""
    main = _exchange({}, call=call)
    finding = Finding(Reason.SCHEMA, rule)

    found = with_generation(finding, _evidence(main, made=Generation()), _read(main), GENERIC)

    assert found.rule == wanted


@pytest.mark.parametrize(
    ("rule", "call", "reason"),
    [
        ("job.succeeded", POLL, Reason.ASSET_UNAVAILABLE),
        ("job.output", RESULT, Reason.ASSET_UNAVAILABLE),
        ("job.output", "create", Reason.SCHEMA),
        ("job.created", POLL, Reason.SCHEMA),
    ],
)
def test_a_success_without_an_asset(rule: str, call: str, reason: Reason) -> None:
    """The job's end promised one; a create alone promised nothing."""
    main = _exchange({}, call=call)

    found = with_generation(
        Finding(Reason.OK, rule), _evidence(main, made=Generation()), _read(main), GENERIC
    )

    assert found.reason is reason


@pytest.mark.parametrize(
    ("transport", "http", "reason"),
    [
        (None, 403, Reason.ASSET_UNAVAILABLE),
        (Transport.CONNECT_FAILED, 0, Reason.CONNECT_FAILED),
        (Transport.PROXY, 0, Reason.PROXY_ERROR),
        (Transport.RESET, 0, Reason.ASSET_UNAVAILABLE),
    ],
)
def test_why_a_result_was_not_fetched(
    transport: Transport | None, http: int, reason: Reason
) -> None:
    """The newest try tells; what we could not send is nobody else's fault."""
    main = _exchange({"id": "1"})
    tried = _exchange({"message": "no"}, http, role=Role.ASSET, transport=transport)
    first = _exchange({"message": "first"}, 200, role=Role.ASSET)

    found = with_generation(
        Finding(Reason.OK, "job.output"),
        _evidence(first, main, tried, made=Generation()),
        _read(main),
        GENERIC,
    )

    assert found.reason is reason
    assert "cdn.example" in found.message


@pytest.mark.parametrize(
    ("reason", "upstream", "listed", "ends_at", "wanted", "rule"),
    [
        (Reason.MODEL_NOT_FOUND, False, "sora-2", None, Reason.ROUTING_BROKEN, "r+pricing.listed"),
        (Reason.MODEL_NOT_FOUND, False, "veo-3.1", None, Reason.NO_CHANNEL, "r+pricing.vanished"),
        (Reason.MODEL_NOT_FOUND, True, "veo-3.1", None, Reason.MODEL_NOT_FOUND, "r+pricing.vanished"),
        (Reason.MODEL_NOT_FOUND, False, "veo-3.1", NOW, Reason.MODEL_NOT_FOUND, "r+pricing.vanished"),
        (Reason.NO_CHANNEL, False, "veo-3.1", None, Reason.NO_CHANNEL, "r+pricing.vanished"),
        (Reason.NO_CHANNEL, False, "sora-2", None, Reason.NO_CHANNEL, "r"),
    ],
)  # fmt: skip
def test_a_gateways_public_list_tells_what_not_found_means(
    reason: Reason, upstream: bool, listed: str, ends_at: Unix | None, wanted: Reason, rule: str
) -> None:
    """Listed it is not routed, unlisted it is switched off; past its end the calendar explains it."""
    pricing = {"success": True, "data": [{"model_name": listed}]}
    control = _exchange(pricing, call="pricing", role=Role.CONTROL)
    context = replace(GATEWAY, ends_at=ends_at)

    found = with_controls(
        Finding(reason, "r", upstream=upstream),
        _evidence(_exchange(http=503), control),
        context,
        GENERIC,
    )

    assert (found.reason, found.rule) == (wanted, rule)


@pytest.mark.parametrize(
    ("depth", "listed", "wanted"),
    [
        (Depth.REACH, "sora-2", Reason.OK),
        (Depth.ACCEPT, "sora-2", Reason.WRONG_PATH),
        (Depth.REACH, "veo-3.1", Reason.WRONG_PATH),
    ],
)
def test_a_list_stands_in_for_a_models_own_page(depth: Depth, listed: str, wanted: Reason) -> None:
    """The path of a create it cannot bring back."""
    answer = _exchange({"data": [{"id": listed}]}, call="models", role=Role.CONTROL)

    found = with_controls(
        Finding(Reason.WRONG_PATH, "r"),
        _evidence(_exchange(http=404), answer, depth=depth),
        DIRECT,
        GENERIC,
    )

    assert found.reason is wanted
