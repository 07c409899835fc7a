"""Whose error a gateway shows: its own has its type and its signature, what it relays has another's."""

from __future__ import annotations

import json

import pytest

from genmedia_exporter.classify.lexicon import sense_of
from genmedia_exporter.classify.parse import read
from genmedia_exporter.classify.proof import complaint
from genmedia_exporter.core.evidence import Exchange, Role
from genmedia_exporter.core.status import AnsweredBy, Channel
from genmedia_exporter.providers.loader import load_generic, load_provider

OWN = "2026112912000012345678"
OTHER = "2026112811000087654321"


def answered_by(document: object, name: str = "one-api", signed: bool = True) -> AnsweredBy:
    """Return who gave an answer with this *document* at a gateway that signs with OWN."""
    headers = {"x-oneapi-request-id": OWN} if signed else {}
    body = json.dumps(document).encode()
    exchange = Exchange("", Role.PROBE, "POST", "", "h", 403, headers=headers, body=body)
    return read(exchange, load_provider(name), load_generic(), Channel.REVERSE).answered_by


def error(message: str, **more: object) -> dict[str, object]:
    """Return an error in OpenAI's shape."""
    return {"error": {"message": message, **more}}


@pytest.mark.parametrize("name", ["one-api", "new-api"])
@pytest.mark.parametrize(
    "document",
    [
        error("Balance is low", type="unknown_error"),
        error("Not in your country", type="", code=400),
        error("Not in your country", code=400, status="FAILED_PRECONDITION"),
        error("No such thing", type="Not Found", code="ModelNotOpen"),
        error(f"Not from there (request id: {OWN})", type="permission_denied"),
        error("Too slow", type="worker_error"),
        {"message": "Too many"},
        {"code": 1102, "message": "Balance is low", "request_id": "x"},
        {"code": "Arrearage", "message": "Not in good standing", "request_id": "x"},
    ],
)
def test_what_lacks_the_gateways_type_is_relayed(document: object, name: str) -> None:
    """In whatever shape its vendor said it."""
    assert answered_by(document, name) is AnsweredBy.UPSTREAM


@pytest.mark.parametrize(
    "document",
    [
        error(f"No (request id: {OWN})", type="one_api_error"),
        error(f"No (request id: {OWN})", type="new_api_error", code=""),
        {"code": "insufficient_user_quota", "message": "No", "data": None},
        error("Invalid URL (POST /v1/videos)", type="invalid_request_error", code=""),
        {"code": "no_request", "message": "No"},
        error(f"No (request id: {OWN})", type="of_a_fork_error"),
        {"success": False, "message": "No"},
    ],
)
def test_what_has_it_is_the_gateways_own(document: object) -> None:
    """And so is a route that it lacks, though it gives that a vendor's type."""
    assert answered_by(document, "new-api") is AnsweredBy.GATEWAY


def test_another_signature_is_another_gateways() -> None:
    """Gateways stand behind gateways, and have the same types."""
    alone = error(f"No (request id: {OTHER})", type="one_api_error")
    both = error(f"No (request id: {OTHER}) (request id: {OWN})", type="one_api_error")
    route = error(f"Invalid URL (POST /v1) (request id: {OWN})", type="invalid_request_error")

    assert {answered_by(d) for d in (alone, both, route)} == {AnsweredBy.UPSTREAM}
    assert answered_by(both, signed=False) is AnsweredBy.UPSTREAM
    assert answered_by(alone, signed=False) is AnsweredBy.GATEWAY


def test_without_a_signature_a_missing_type_tells_nothing() -> None:
    """Somebody may have shown us half of the answer."""
    assert answered_by(error("No", code=400), signed=False) is AnsweredBy.GATEWAY


@pytest.mark.parametrize(
    ("meant", "customer", "name", "by"),
    [
        ({"provider_name": "Glimmers"}, "user_17", "new-api", AnsweredBy.UPSTREAM),
        ({"headers": {"X-RateLimit-Limit": "50"}}, "user_17", "one-api", AnsweredBy.UPSTREAM),
        ({"provider_name": "Glimmers"}, "user_17", "openrouter", AnsweredBy.GATEWAY),
        ({"provider_name": "Glimmers"}, 17, "new-api", AnsweredBy.GATEWAY),
        ({"provider_name": ""}, "user_17", "new-api", AnsweredBy.GATEWAY),
        ({}, "user_17", "new-api", AnsweredBy.GATEWAY),
    ],
)
def test_openrouters_envelope_names_its_own_customer(
    meant: dict[str, object], customer: object, name: str, by: AnsweredBy
) -> None:
    """Behind another gateway that is the gateway, and not we."""
    told = {**error("No", code=429, metadata=meant), "user_id": customer}

    assert answered_by(told, name, signed=False) is by


@pytest.mark.parametrize("chance", ["keyfail", "SoraLimit", "xXpmnRate", "Zq9MaxErr"])
def test_the_letters_of_a_signature_are_no_words(chance: str) -> None:
    """They come by chance: a sound rejection must not hang on them."""
    text = f"field Prompt is required (request id: {OWN}{chance})"

    assert sense_of((), f"nothing (request id: {OWN}{chance})") is None
    assert complaint({"error": {"message": text}}, text, (), ("one_hub_error",), ("prompt",))


def test_a_status_passed_on_in_silence_is_the_vendors() -> None:
    """The video routes of new-api give a vendor's empty 401 so."""
    silent = {"code": "fail_to_fetch_task", "message": "", "data": None}

    assert answered_by(silent, "new-api") is AnsweredBy.UPSTREAM


def test_json_that_is_called_a_stream_is_read() -> None:
    """new-api has told a stream's type before its vendor refuses."""
    headers = {"content-type": "text/event-stream"}
    body = json.dumps(error("No", type="permission_error")).encode()
    exchange = Exchange("", Role.PROBE, "POST", "", "h", 403, headers=headers, body=body)

    reading = read(exchange, load_provider("new-api"), load_generic())

    assert reading.stream is None
    assert [layer.message for layer in reading.layers] == ["no"]
