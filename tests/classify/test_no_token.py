"""Where no token was given for the credential: never a success, and a refused credential is ours."""

from __future__ import annotations

import json
from typing import Any

import pytest

from genmedia_exporter.classify.classifier import classify
from genmedia_exporter.classify.context import Context
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.evidence import TOKEN, Evidence, Exchange, Role
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Channel, Depth, Operation, Outcome
from genmedia_exporter.providers.loader import load_generic, load_provider

ANSWERS: list[tuple[int, Any, Reason | None]] = [
    (401, {"error": "invalid_client"}, Reason.INVALID_KEY),
    (
        400,
        {"error": "invalid_grant", "error_description": "Invalid JWT Signature."},
        Reason.INVALID_KEY,
    ),
    (400, {"error": "unauthorized_client"}, Reason.INVALID_KEY),
    (400, {"error": "invalid_scope", "error_description": "prompt is not a valid scope"}, None),
    (400, {"error": "invalid_request", "error_description": "Missing parameter: prompt"}, None),
    (503, {"error": "backend"}, None),
]


@pytest.mark.parametrize("depth", list(Depth))
@pytest.mark.parametrize(("status", "answer", "reason"), ANSWERS)
def test_what_the_token_service_says(
    status: int, answer: Any, reason: Reason | None, depth: Depth
) -> None:
    """At no depth, whatever its words resemble: what was asked was not sent."""
    vertex = load_provider("vertex")
    exchange = Exchange(
        TOKEN, Role.PROBE, "POST", "https://t/", "t", status, body=json.dumps(answer).encode()
    )
    context = Context(vertex, Channel.OFFICIAL, Operation.VIDEO, "veo-3.1-generate-001", Unix(0))

    verdict = classify(Evidence("t", depth, Unix(0), 0.1, (exchange,)), context, load_generic())

    assert verdict.outcome is not Outcome.SUCCESS
    assert reason is None or verdict.reason is reason
