"""Prose in place of a result: a failure that it tells is one, whoever relays it; a model that will not draw is content."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from genmedia_exporter.classify.explain import Answer, explain
from genmedia_exporter.classify.prose import declines, tells_failure
from genmedia_exporter.core.evidence import Verdict
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Channel, Depth, Fault
from genmedia_exporter.providers.loader import load_generic, load_provider
from tests.answers import TODAY


def _whole(text: str) -> Answer:
    document = {"id": "c", "choices": [{"message": {"role": "assistant", "content": text}}]}
    return Answer(200, {"Content-Type": "application/json"}, json.dumps(document).encode())


def _streamed(text: str) -> Answer:
    """The text in two pieces, as a stream that is ended properly."""
    half = len(text) // 2
    events = [
        json.dumps({"choices": [{"delta": {"content": part}}]})
        for part in (text[:half], text[half:])
    ]
    body = "".join(f"data: {event}\n\n" for event in (*events, "[DONE]"))
    return Answer(200, {"Content-Type": "text/event-stream"}, body.encode())


def _read(answer: Answer, provider: str | None) -> Verdict:
    known = load_provider(provider) if provider else None
    return explain(
        answer, known, load_generic(), now=TODAY, depth=Depth.GENERATE, channel=Channel.REVERSE
    )


SHAPES = pytest.mark.parametrize("shape", [_whole, _streamed])


@SHAPES
@pytest.mark.parametrize("provider", ["sora2api", "openai-compatible", None])
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("❌ Generation failed: Cloudflare challenge (429) triggered", Reason.RISK_CONTROL),
        ("❌ 生成失败：余额不足", Reason.UPSTREAM_QUOTA),
        ("**Error**: upstream timeout", Reason.SERVER_TIMEOUT),
        ("Video generation failed, please try again later", Reason.JOB_FAILED),
        ("> 排队中.\n> 生成失败 ❌\n> 失败原因：服务器繁忙", Reason.OVERLOADED),
        ("❌ Generation failed: content policy violation", Reason.PROBE_MODERATED),
        ("I'm sorry, I can't create that image.", Reason.PROBE_MODERATED),
        ("很抱歉，我无法生成该图片", Reason.PROBE_MODERATED),
    ],
)
def test_what_prose_tells(
    text: str, reason: Reason, provider: str | None, shape: Callable[[str], Answer]
) -> None:
    """The same in one answer and in a stream, with a file and without."""
    verdict = _read(shape(text), provider)
    assert verdict.reason is reason, verdict
    if reason is not Reason.PROBE_MODERATED:
        assert verdict.fault in (Fault.GATEWAY, Fault.PROVIDER)


@SHAPES
@pytest.mark.parametrize("provider", ["sora2api", None])
def test_a_link_is_a_result_beside_such_words(
    provider: str | None, shape: Callable[[str], Answer]
) -> None:
    """A first try that failed, told beside the result of the second, was mended."""
    text = "Error on the first try.\n<video src='https://cdn.example.com/a.mp4'></video>"
    assert _read(shape(text), provider).reason is Reason.OK


@SHAPES
def test_a_busy_pool_is_no_refusal_of_our_prompt(shape: Callable[[str], Answer]) -> None:
    """Without a word of failure, too: a model that will not draw speaks of no servers."""
    told = _read(shape("All servers are busy, please try again later."), "sora2api")
    assert told.reason is Reason.OVERLOADED
    refused = _read(shape("That is nothing I draw."), "sora2api")
    assert refused.reason is Reason.PROBE_MODERATED


@pytest.mark.parametrize(
    ("text", "failed", "declined"),
    [
        ("Error: the moon is full", True, False),
        ("错误：https://a.example/x", True, False),  # its own error, whatever that links to
        ("Here it is.\nGeneration failed", True, False),
        ("Generation failed, see https://a.example/x", False, False),
        ("He painted a picture of failure", False, False),
        ("I'm sorry, I can't draw that", False, True),
        ("I’m unable to draw that", False, True),
        ("I'm sorry it took long: https://a.example/x.mp4", False, False),
        ("A man who is sorry", False, False),
        ("x" * 16_378 + "\nError", True, False),
        ("x" * 16_379 + "\nError", False, False),  # longer than anybody's excuse
    ],
)
def test_which_prose_tells_of_a_failure_and_which_declines(
    text: str, failed: bool, declined: bool
) -> None:
    """By how a line begins, and by whether it links to anything."""
    assert (tells_failure(text), declines(text)) == (failed, declined)


def test_what_a_refusal_is_worth_depends_on_whether_prose_tells_of_a_failure() -> None:
    """A word about content holds only beside a failure; without one a model that will not draw has said no."""
    told = _read(_whole("Error: nobody knows"), "sora2api")
    assert (told.reason, told.fault) == (Reason.JOB_FAILED, Fault.GATEWAY)
    upstream = _read(_whole("❌ Generation failed: invalid api key"), "sora2api")
    assert upstream.reason is Reason.UPSTREAM_AUTH


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Here is a picture of the sea, as I see it.", Reason.ASSET_UNAVAILABLE),
        ("Here it is: https://cdn.example.com/a", Reason.OK),
        ("Here it is: ![](data:image/png;base64,AAAA)", Reason.OK),
        ("Saved as out/a.mp4 for you", Reason.OK),
        ("file_0123456789", Reason.OK),  # perhaps the id of a file
    ],
)
def test_words_alone_are_no_result(text: str, reason: Reason) -> None:
    """In a chat of OpenAI's shape and in Gemini's, whose parts may be thoughts besides."""
    assert _read(_whole(text), None).reason is reason
    parts = [{"text": "Let me think.", "thought": True}, {"text": text}]
    body = json.dumps({"candidates": [{"content": {"parts": parts}}]}).encode()
    assert _read(Answer(200, {}, body), None).reason is reason


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ([{"text": "I can't generate images that are sexually explicit."}], Reason.PROBE_MODERATED),
        ([{"text": "Hm.", "thought": True}], Reason.ASSET_UNAVAILABLE),
        ([{"text": "Here."}, {"inlineData": {"data": "AAAA"}}], Reason.OK),
    ],
)
def test_parts_of_geminis(parts: list[dict[str, object]], reason: Reason) -> None:
    """A refusal in words, thoughts alone, and a picture with words beside it."""
    body = json.dumps({"candidates": [{"content": {"parts": parts}}]}).encode()
    assert _read(Answer(200, {}, body), None).reason is reason
