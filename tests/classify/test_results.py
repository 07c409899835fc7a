"""An answer that says it is done: a success only with a result that can be one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from genmedia_exporter.classify.explain import Answer, explain
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.demo.media import make_mp4, make_png
from genmedia_exporter.providers.loader import load_generic, load_provider
from tests.answers import TODAY

SSE = {"Content-Type": "text/event-stream"}
PNG = make_png(64, 48)
MP4 = make_mp4(4.0, 64, 48)


def reason_of(
    body: bytes | dict[str, Any],
    provider: str | None = None,
    headers: dict[str, str] | None = None,
    model: str = "",
    status: int = 200,
) -> Reason:
    """Return what an answer of a generation means."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    known = load_provider(provider) if provider else None
    answer = Answer(status, headers or {"Content-Type": "application/json"}, data)
    verdict = explain(answer, known, load_generic(), now=TODAY, depth=Depth.GENERATE, model=model)
    return verdict.reason


@pytest.mark.parametrize("provider", [None, "fal", "kling", "dashscope"])
@pytest.mark.parametrize(
    "rest",
    [
        {},
        {"output": {}},
        {"output": {"video_url": "", "images": []}},
        {"video": {"url": None}},
        {"images": [{"url": ""}]},
        {"data": [{"url": "", "b64_json": None}]},
        {"output": [[], {"a": [None, {}]}]},
    ],
)
def test_completed_around_nothing_is_no_success(rest: dict[str, Any], provider: str | None) -> None:
    """However deep the emptiness is packed. (Where the result is fetched by the job's id, that decides.)"""
    for name in ("status", "task_status"):
        body = {"id": "1", name: "completed", **rest}
        assert reason_of(body, provider) is not Reason.OK, body


@pytest.mark.parametrize(
    "rest",
    [
        {"video": {"url": "https://cdn.example/v.mp4"}},
        {"output": {"video_url": "https://cdn.example/v.mp4"}},
        {"output": ["https://cdn.example/v.mp4"]},
        {"response": {"videos": [{"gcsUri": "gs://bucket/v.mp4"}]}},
    ],
)
def test_completed_with_a_result_is_one(rest: dict[str, Any]) -> None:
    """Where one answer is all there is to see; a store of the customer's own counts."""
    assert reason_of({"status": "completed", **rest}) is Reason.OK


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"status": "done", "result": "https://cdn.example/task/17"}, Reason.OK),
        ({"data": {"status": "done", "result": "https://cdn.example/task/17"}}, Reason.OK),
        ({"status": "done", "result": "seventeen"}, Reason.ASSET_UNAVAILABLE),
        ({"status": "done", "result": {"help": "https://docs.example/17"}}, Reason.ASSET_UNAVAILABLE),
        ({"status": "done", "result": "https://cdn.example/17", "error": "oops"}, Reason.JOB_FAILED),
        ({"result": "https://cdn.example/task/17"}, Reason.SCHEMA),
    ],
)  # fmt: skip
def test_a_result_may_be_an_address_that_no_file_ends(body: dict[str, Any], reason: Reason) -> None:
    """Of a job that is done; without a state it may be the address of anything."""
    assert reason_of(body) is reason


EMPTY_ERROR = {"code": 0, "raw_message": "", "message": "", "detail": None}
DONE = {"status": "completed", "video": {"url": "https://cdn.example/v.mp4"}}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"code": 200, "data": {**DONE, "error": EMPTY_ERROR}}, Reason.OK),
        ({**DONE, "error": EMPTY_ERROR}, Reason.OK),
        ({"status": "failed", "error": EMPTY_ERROR}, Reason.JOB_FAILED),
        ({"code": 200, "data": {**DONE, "error": {**EMPTY_ERROR, "code": 10}}}, Reason.JOB_FAILED),
    ],
)
def test_an_error_that_holds_nothing_is_none(body: dict[str, Any], reason: Reason) -> None:
    """Some services send the object whatever became of the job."""
    assert reason_of(body) is reason


@pytest.mark.parametrize("name", ["queue_id", "inference_id", "prediction_id", "video_id"])
def test_a_create_that_was_taken_names_its_job(name: str) -> None:
    """By whatever name: where it also says success, 202 tells that it means the request."""
    assert reason_of({"model": "glimmer-1", name: "17a"}) is Reason.OK
    assert reason_of({"model": "glimmer-1", name: None}) is Reason.SCHEMA
    assert reason_of({"status": "success", name: "17a"}, status=202) is Reason.OK
    assert reason_of({"status": "success", name: "17a"}) is Reason.ASSET_UNAVAILABLE
    asked = {"status": "success", "request_id": "17a"}
    assert reason_of(asked, status=202) is Reason.ASSET_UNAVAILABLE


@pytest.mark.parametrize("value", [None, "", "null", 0, False, True, [], {}])
@pytest.mark.parametrize("name", ["id", "task_id", "request_id"])
def test_an_id_that_holds_nothing_names_no_job(name: str, value: object) -> None:
    """The place alone is no proof that something was made."""
    assert reason_of({"model": "glimmer-1", name: value}) is Reason.SCHEMA
    assert reason_of({"model": "glimmer-1", name: 17}) is Reason.OK


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"status": "failed", "error": "moderation"}, Reason.PROBE_MODERATED),
        ({"status": "failed", "error": "moderation", "message": "glimmers"}, Reason.JOB_FAILED),
        ({"status": "failed", "error": "moderation service timed out"}, Reason.SERVER_TIMEOUT),
        ({"status": "nsfw", "request_id": "17a"}, Reason.PROBE_MODERATED),
        ({"status": "content_moderated"}, Reason.PROBE_MODERATED),
        ({"data": {"status": "moderated"}}, Reason.PROBE_MODERATED),
        ({"status": "moderating"}, Reason.UNKNOWN_WORD),
        ({"status": "completed", "nsfw": False, **DONE}, Reason.OK),
    ],
)
def test_a_job_is_moderated_by_one_word(body: dict[str, Any], reason: Reason) -> None:
    """Its state, or all that it says of why it failed."""
    assert reason_of(body) is reason


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://a/v.mp4", "FILE:///tmp/out.mp4"])
def test_an_address_that_nobody_can_fetch(url: str) -> None:
    """It stands where the result belongs, and is none."""
    for body in (
        {"status": "completed", "video": {"url": url}},
        {"status": "completed", "url": url},
    ):
        found = reason_of(body, "fal" if "video" in body else None)
        assert found is Reason.ASSET_UNAVAILABLE, body


@pytest.mark.parametrize("text", ["", None])
def test_a_chat_that_says_nothing_made_nothing(text: str | None) -> None:
    """Its id is that of an answer, not of a job."""
    body = {"id": "chatcmpl-1", "choices": [{"message": {"content": text}}]}
    assert reason_of(body, "one-api") is Reason.ASSET_UNAVAILABLE
    assert reason_of(body) is Reason.ASSET_UNAVAILABLE


def events(*found: dict[str, Any]) -> bytes:
    """Return a stream of images, which has no [DONE]."""
    return "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in found).encode()


PREVIEW = {"type": "image_generation.partial_image", "b64_json": "iVBORw0KGgo="}
WHOLE = {"type": "image_generation.completed", "b64_json": "iVBORw0KGgo="}
EDITED = {"type": "image_edit.completed", "b64_json": "iVBORw0KGgo="}
PART = {"type": "image_generation.partial_succeeded", "url": "https://cdn.example/1.png"}
USAGE = {"type": "image_generation.completed", "usage": {"total_tokens": 100}}


@pytest.mark.parametrize("provider", ["openai", "openai-compatible", None])
@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ((PREVIEW, PREVIEW, WHOLE), Reason.OK),
        ((EDITED,), Reason.OK),
        ((PART, USAGE), Reason.OK),
        ((PREVIEW, PREVIEW), Reason.BODY_TRUNCATED),
        ((PREVIEW, USAGE), Reason.ASSET_UNAVAILABLE),
        ((PREVIEW, {"type": "error", "error": {"message": "oops"}}), Reason.JOB_FAILED),
    ],
)
def test_a_stream_of_images(
    found: tuple[dict[str, Any], ...], reason: Reason, provider: str | None
) -> None:
    """Its own completed event makes it whole; a preview is no result."""
    assert reason_of(events(*found), provider, SSE) is reason


def test_a_chat_still_ends_with_done() -> None:
    """And is cut off without."""
    delta = {"choices": [{"delta": {"content": "![v](https://cdn.example/v.mp4)"}}]}
    line = f"data: {json.dumps(delta)}\n\n".encode()
    assert reason_of(line, "sora2api", SSE) is Reason.BODY_TRUNCATED
    assert reason_of(line + b"data: [DONE]\n\n", None, SSE) is Reason.OK


@pytest.mark.parametrize(
    ("data", "model", "reason"),
    [
        (PNG, "sora-2", Reason.ASSET_INVALID),
        (MP4, "sora-2", Reason.OK),
        (PNG, "gpt-image-1.5", Reason.OK),
        (PNG, "", Reason.OK),  # of what operation is not known
    ],
)
def test_an_image_satisfies_no_video_operation(data: bytes, model: str, reason: Reason) -> None:
    """By its bytes, whatever its content type says."""
    assert reason_of(data, "openai", {"Content-Type": "video/mp4"}, model) is reason
