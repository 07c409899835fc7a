"""new-api says "Invalid token" of an exhausted token, too: what the token's usage says decides."""

from __future__ import annotations

import json

import pytest

from genmedia_exporter.classify.classifier import classify
from genmedia_exporter.classify.context import Context
from genmedia_exporter.core.clock import EPOCH
from genmedia_exporter.core.evidence import Evidence, Exchange, Role, Transport
from genmedia_exporter.core.status import Channel, Depth, Fault, Status
from genmedia_exporter.providers.loader import load_generic, load_provider

MASKED = {
    "error": {"code": "", "message": "Invalid token (request id: 1)", "type": "new_api_error"}
}
EMPTY = {"object": "token_usage", "total_available": 0, "unlimited_quota": False}


def judged(depth: Depth, *controls: Exchange) -> tuple[Status, Fault]:
    """Return status and fault of the masked refusal, with these control calls beside it."""
    body = json.dumps(MASKED).encode()
    main = Exchange("", Role.PROBE, "POST", "", "h", 401, body=body)
    context = Context(load_provider("new-api"), Channel.OFFICIAL, None, "m", EPOCH)
    evidence = Evidence("t", depth, EPOCH, 0.1, (main, *controls))
    verdict = classify(evidence, context, load_generic())
    return verdict.status, verdict.fault


def usage(status: int, document: object) -> Exchange:
    """Return the control call's answer."""
    body = json.dumps(document).encode()
    return Exchange("token_usage", Role.CONTROL, "GET", "", "h", status, body=body)


@pytest.mark.parametrize("depth", list(Depth))
@pytest.mark.parametrize("left", [0, -5])
def test_nothing_left_means_quota(depth: Depth, left: int) -> None:
    """At every depth."""
    empty = usage(200, {"code": True, "data": {**EMPTY, "total_available": left}})

    assert judged(depth, empty) == (Status.QUOTA_EXHAUSTED, Fault.ACCOUNT)


@pytest.mark.parametrize(
    "control",
    [
        usage(200, {"code": True, "data": {**EMPTY, "total_available": 1}}),
        usage(200, {"code": True, "data": {**EMPTY, "unlimited_quota": True}}),
        usage(200, {"success": False, "message": "record not found"}),
        usage(429, {"code": True, "data": EMPTY}),
        Exchange("token_usage", Role.CONTROL, "GET", "", "h", transport=Transport.CONNECT_TIMEOUT),
    ],
    ids=["some left", "unlimited", "unknown token", "refused", "failed"],
)
def test_anything_else_means_the_key(control: Exchange) -> None:
    """A control that fails changes nothing."""
    assert judged(Depth.REACH, control) == (Status.AUTH_ERROR, Fault.ACCOUNT)
    assert judged(Depth.REACH) == (Status.AUTH_ERROR, Fault.ACCOUNT)
