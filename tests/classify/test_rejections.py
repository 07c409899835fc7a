"""Answers to creates that must be rejected: what is an acceptance, what a rejection, what neither."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from genmedia_exporter.classify.classifier import classify
from genmedia_exporter.classify.context import Context
from genmedia_exporter.classify.explain import Answer, explain
from genmedia_exporter.core.clock import SystemClock, Unix
from genmedia_exporter.core.evidence import (
    MAX_BODY_BYTES,
    Evidence,
    Exchange,
    Role,
    Transport,
    Verdict,
)
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Channel, Depth, Fault, Operation, Status
from genmedia_exporter.demo.world import run_in_thread
from genmedia_exporter.health.attempts import UNANSWERED_AT_MOST, doubt
from genmedia_exporter.health.state import DepthState
from genmedia_exporter.probing.prober import Prober
from genmedia_exporter.providers.loader import load_generic, load_provider
from tests.answers import TODAY
from tests.drivers.generating import NETWORK, place_of
from tests.drivers.world import account, target
from tests.fakes import make_target
from tests.transport.server import Server, say

ACCEPT = Depth.ACCEPT
ACCEPTED, UNREAD = Reason.ACCEPTED_UNEXPECTEDLY, Reason.BODY_TOO_LARGE
UNPROVEN = Reason.REJECTION_UNPROVEN
TOO_LARGE = Transport.BODY_TOO_LARGE
PIXELS = b"iVBORw0KGgoAAAANSUhEUg" + b"A1b2" * 300


def answered(
    name: str,
    body: bytes,
    *,
    status: int = 200,
    kind: str = "application/json",
    transport: Transport | None = None,
) -> Evidence:
    """Return what was seen of the answer to a create at the provider *name*."""
    headers = {"content-type": kind}
    main = Exchange("", Role.PROBE, "POST", "", "h", status, headers, body, transport)
    return Evidence("t", ACCEPT, TODAY, 0.1, (main,))


def judged(name: str, seen: Evidence, operation: Operation | None = None) -> Verdict:
    """Return the verdict on *seen*."""
    provider = load_provider(name)
    return classify(seen, Context(provider, Channel.OFFICIAL, operation, "", TODAY), load_generic())


def grown(beginning: bytes, filling: bytes = b" ") -> bytes:
    """Return as much as is read of a body that begins so and goes on and on."""
    return (beginning + filling * MAX_BODY_BYTES)[:MAX_BODY_BYTES]


# --- too much of an answer


@pytest.mark.parametrize(
    "body",
    [
        grown(b""),
        grown(b"", b'{"again": true} '),
        grown(b'{"log": ["', b"again and again, "),
        grown(b"\x00\x01\x02", b"\xfe"),
        grown(b"Lorem ipsum ", b"dolor sit amet "),
        grown(b'{"data": null, "task_id": "", "images": [], "video": {}, "x": "', b"no, "),
        grown(b"<html><body>", b"<p>data: {}</p>"),
    ],
    ids=["spaces", "many objects", "a log", "bytes", "prose", "empty places", "a page"],
)
@pytest.mark.parametrize("name", ["openai", "kling", "new-api"])
def test_too_much_of_anything_is_no_acceptance(name: str, body: bytes) -> None:
    """Nobody can read it, so nothing is known; the depth goes on and nothing is booked."""
    verdict = judged(name, answered(name, body, transport=TOO_LARGE))

    assert (verdict.reason, verdict.status) == (UNREAD, Status.UNKNOWN)


@pytest.mark.parametrize(
    ("name", "begin"),
    [
        ("openai", b'{"created": 1, "data": [{"b64_json": "' + PIXELS),
        ("openai", b'\n\n  {"created": 1, "background": "opaque", "data": [{"url": "https://a'),
        ("openai", b'[{"b64_json": "' + PIXELS),
        ("openai", b'{"picture": "' + PIXELS),
        ("openai", b'{"picture": "data:image/png;base64,' + PIXELS),
        ("gemini", b'{"candidates": [{"content": {"parts": [{"inlineData": {"data": "' + PIXELS),
        ("new-api", b'{"id": "chatcmpl-1", "choices": [{"index": 0, "message": {"content": "!['),
        ("openai", b'{"id": "video_1", "object": "video", "status": "queued", "log": "'),
        ("kling", b'{"code": "DONE", "data": {"task_id": "t1", "log": "'),
        ("dashscope", b'{"output": {"task_id": "t1"}, "log": "'),
        ("fal", b'{"images": [{"content": "' + PIXELS),
    ],
)
@pytest.mark.parametrize("transport", [TOO_LARGE, Transport.BODY_TIMEOUT, Transport.BODY_TRUNCATED])
def test_what_begins_like_a_result_was_made(name: str, begin: bytes, transport: Transport) -> None:
    """However it ends: it has been made, and paid for."""
    body = grown(begin, b"A1b2") if transport is TOO_LARGE else begin

    assert judged(name, answered(name, body, transport=transport)).reason is ACCEPTED


def test_a_stream_too_long_for_us_is_an_acceptance() -> None:
    """One event of an image is larger than all we read; but headers alone are only a silence."""
    body = grown(b'event: image\ndata: {"b64_json": "', b"A1b2")
    stream = "text/event-stream"

    large = answered("openai", body, kind=stream, transport=TOO_LARGE)
    silent = answered("openai", b"", kind=stream, transport=Transport.BODY_TIMEOUT)

    assert judged("openai", large).reason is ACCEPTED
    assert judged("openai", silent).reason is Reason.BODY_TIMEOUT


def test_a_refusal_is_none_however_long() -> None:
    """Only a 2xx can have made something, and one that begins with an error only with a task."""
    body = grown(b'{"data": [{"b64_json": "' + PIXELS)
    seen = answered("openai", body, status=400, transport=TOO_LARGE)
    error = answered("openai", b'{"error": {"url": "https://', transport=Transport.BODY_TRUNCATED)
    named = answered("openai", b'{"id": "r", "error": {"m', transport=Transport.BODY_TRUNCATED)
    task = answered(
        "openai", b'{"error": {"m": 1}, "task_id": "t', transport=Transport.BODY_TRUNCATED
    )

    assert judged("openai", seen).reason is UNREAD
    assert judged("openai", error).reason is Reason.BODY_TRUNCATED
    assert judged("openai", named).reason is Reason.BODY_TRUNCATED
    assert judged("openai", task).reason is ACCEPTED


@pytest.mark.parametrize("fault", ["bomb", "flood"])
@pytest.mark.parametrize("service", ["kling", "openai-image"])
def test_a_bomb_and_a_flood_do_not_end_the_depth(service: str, fault: str) -> None:
    """Over real sockets: it is unknown what came, and the next create finds the validator again."""
    with run_in_thread() as world:
        watched = replace(place_of(world.url, service), depths=(ACCEPT,), timeout=5.0)
        world.set_fault(service, fault)
        prober = Prober(NETWORK, SystemClock())
        seen = asyncio.run(prober.probe(watched, ACCEPT))
        world.clear_fault(service)
        after = asyncio.run(prober.probe(watched, ACCEPT))

    assert (seen.verdict.reason, seen.verdict.status) == (UNREAD, Status.UNKNOWN)
    assert after.verdict.reason is Reason.REJECTED_AS_EXPECTED


def test_an_answer_too_large_to_read_leaves_a_create_in_doubt() -> None:
    """Where the answer is the result, three of them end the depth, unless one was ever rejected."""
    watched = replace(make_target(), operation=Operation.IMAGE)
    seen = answered("openai", grown(b""), transport=TOO_LARGE)
    verdict = judged("openai", seen)
    counts = [
        doubt(watched, DepthState(unanswered=before), seen, verdict)
        for before in range(UNANSWERED_AT_MOST)
    ]
    rejected = doubt(watched, DepthState(last_success_at=Unix(1.0)), seen, verdict)
    job = doubt(make_target(), DepthState(), seen, verdict)

    assert [found.unanswered for found in counts] == [1, 2, 0]
    assert counts[-1].verdict.reason is Reason.ACCEPT_UNANSWERED
    assert (rejected.unanswered, rejected.verdict) == (job.unanswered, job.verdict) == (0, verdict)


# --- nothing in an answer


@pytest.mark.parametrize("name", ["openai", "kling", "new-api", "dashscope", "openai-compatible"])
@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b'""', b" {} \n"])
def test_an_empty_answer_has_made_nothing(name: str, body: bytes) -> None:
    """Neither a job nor a result is in it: what that means nobody knows."""
    for operation in (None, Operation.IMAGE, Operation.CHAT):
        verdict = judged(name, answered(name, body), operation)
        assert (verdict.reason, verdict.status) == (Reason.SCHEMA, Status.UNKNOWN)


@pytest.mark.parametrize("body", [b'{"ok": true}', b'{"id": "video_1"}', b'"queued"', b"7"])
def test_an_answer_that_says_anything_else_is_an_acceptance(body: bytes) -> None:
    """In doubt it was made."""
    assert judged("openai", answered("openai", body)).reason is ACCEPTED


# --- a status alone


SILENT = [b"", b"{}", b"[]", b"null", b'{"error": {}}', b'{"error": null}', b'{"detail": ""}',
          b'{"success": false}', b'{"request_id": "r1", "id": "x"}', b"  \n"]  # fmt: skip


@pytest.mark.parametrize("status", [400, 406, 409, 411, 413, 415, 418, 421, 422, 425, 431, 499])
@pytest.mark.parametrize("name", ["openai", "openai-compatible", "new-api", "kling", "gemini"])
def test_a_status_that_says_nothing_is_no_rejection(name: str, status: int) -> None:
    """Anything on the way may answer so; a validator says what it does not like."""
    for body in SILENT:
        verdict = judged(name, answered(name, body, status=status))
        by_hand = explain(Answer(status, {}, body), load_provider(name), load_generic(), now=TODAY)
        for found in (verdict, by_hand):
            assert (found.status, found.up) == (Status.UNKNOWN, None), (body, found)


@pytest.mark.parametrize(
    "body",
    [
        b"prompt must not be empty",
        b'{"errors": {"size": ["is odd"]}}',
        b'{"issues": [{"path": ["size"], "why": "too_small"}]}',
        b'["size is odd"]',
    ],
)
@pytest.mark.parametrize(
    ("name", "status"),
    [("openai", 400), ("openai", 422), ("fal", 422), ("openai-compatible", 422), ("gemini", 416)],
)
def test_a_validator_that_complains_has_rejected(name: str, status: int, body: bytes) -> None:
    """In words of its own, or as plain text: the statuses are those its call names, 400, 416 and 422."""
    verdict = judged(name, answered(name, body, status=status))

    assert verdict.reason is Reason.REJECTED_AS_EXPECTED


@pytest.mark.parametrize(
    "body",
    [
        b'{"error": {"message": "something we have never read"}}',
        b'{"error": "nope"}',
        b'{"code": 77001}',
    ],
)
@pytest.mark.parametrize(("name", "status"), [("openai", 400), ("fal", 422), ("gemini", 416)])
def test_a_refusal_that_complains_of_nothing_proves_nothing(
    name: str, status: int, body: bytes
) -> None:
    """Every create may get it, a sound one, too."""
    verdict = judged(name, answered(name, body, status=status))

    assert (verdict.reason, verdict.status, verdict.up) == (UNPROVEN, Status.UNKNOWN, None)
    assert verdict.fault is Fault.NONE


@pytest.mark.parametrize("status", [406, 409, 411, 413, 414, 415, 418, 421, 425, 428, 431, 499])
def test_another_refusal_is_not_the_rejection_we_wait_for(status: int) -> None:
    """Without a complaint a 409 or 413 comes from before the validator, or from what is none."""
    body = b'{"error": {"message": "something we have never read"}}'
    verdict = judged("openai", answered("openai", body, status=status))

    assert (verdict.reason, verdict.up) == (UNPROVEN, None)
    assert verdict.message == "something we have never read"


def test_a_status_inside_an_envelope_counts_as_one() -> None:
    """A 200 that says 422 is a rejection with its words; one that says 418 is not."""
    told = judged("openai", answered("openai", b'{"code": 422, "msg": "duration is odd"}'))
    other = judged("openai", answered("openai", b'{"code": 418, "msg": "duration is odd"}'))
    silent = judged("openai", answered("openai", b'{"code": 422, "msg": ""}'))

    assert told.reason is Reason.REJECTED_AS_EXPECTED
    assert (other.reason, silent.reason) == (UNPROVEN, UNPROVEN)


def test_over_a_socket_an_empty_refusal_is_unknown() -> None:
    """The call's own list of statuses is asked, not the union of all calls."""

    async def run(url: str) -> Verdict:
        prober = Prober(NETWORK, SystemClock())
        return (await prober.probe(target(account(url)), ACCEPT)).verdict

    with Server(say(b"HTTP/1.1 409 Conflict\r\ncontent-length: 2\r\n\r\n{}")) as server:
        assert asyncio.run(run(server.url)).reason is UNPROVEN
    words = b'{"message": "the prompt is wrong, it must not be empty"}'
    head = f"HTTP/1.1 409 Conflict\r\ncontent-length: {len(words)}\r\n\r\n".encode()
    with Server(say(head + words)) as server:
        assert asyncio.run(run(server.url)).reason is Reason.REJECTED_AS_EXPECTED  # it has 4xx
