"""Answers shown without their call, at providers whose file describes other calls: what proves something, and what does not."""

from __future__ import annotations

import json

import pytest

from genmedia_exporter.classify.explain import Answer, explain
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Channel, Depth, Fault
from genmedia_exporter.providers.loader import load_generic, load_provider
from tests.answers import TODAY


def _reason(
    document: object, depth: Depth, provider: str | None, model: str = "", http: int = 200
) -> Reason:
    answer = Answer(http, {"Content-Type": "application/json"}, json.dumps(document).encode())
    known, generic = load_provider(provider) if provider else None, load_generic()
    return explain(answer, known, generic, now=TODAY, depth=depth, model=model).reason


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"code": 200, "data": [{"model_id": "a/wan", "name": "a/wan"}]}, Reason.OK),
        ({"code": 200, "data": ["a/wan"]}, Reason.SCHEMA),
        ({"models": [{"id": "b/wan"}]}, Reason.MODEL_NOT_FOUND),
        ({"models": [{"id": "a/wan"}]}, Reason.OK),
        ({"code": 200, "data": []}, Reason.SCHEMA),
        ({"code": 200, "data": [{}]}, Reason.SCHEMA),
        ([{"id": "1", "enable": True}], Reason.OK),
        ({"generations": [{"id": "1"}], "count": 1}, Reason.OK),
        ({"happenings": [{"state": "done"}], "count": 1}, Reason.SCHEMA),
        ([1, 2], Reason.SCHEMA),
        ({"data": {"results": [{"air": "a@1"}]}}, Reason.OK),
        ({"data": {"credits": 3}}, Reason.OK),
        ({"data": {"credits": None}}, Reason.SCHEMA),
        ({"credits": 3, "status": "offline"}, Reason.SCHEMA),
        ({"id": "a/wan", "created": 1}, Reason.OK),
        ({"id": "b/wan", "created": 1}, Reason.SCHEMA),
        ({"model_path": "a/wan", "num_gpus": 4}, Reason.OK),
        ({"model_path": "b/wan", "num_gpus": 4}, Reason.SCHEMA),
        ({"status": "ok"}, Reason.SCHEMA),
        ({"code": 200, "data": {"x": 1}}, Reason.SCHEMA),
    ],
)
def test_what_a_call_without_a_name_shows(document: object, reason: Reason) -> None:
    """A listing, an account or our model do; an id, a good code or a word of health do not."""
    assert _reason(document, Depth.REACH, "wavespeed", "a/wan") is reason


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"images": [{"image_url": "https://cdn.example.com/a.png"}], "videos": []}, Reason.OK),
        ({"images": [], "videos": [{"video_url": "https://cdn.example.com/a.mp4"}]}, Reason.OK),
        ({"images": [], "videos": []}, Reason.ASSET_UNAVAILABLE),
    ],
)
def test_a_result_is_that_of_the_job_which_made_it(
    document: dict[str, object], reason: Reason
) -> None:
    """Where an image's job and a video's tell their state in the same place, and the model tells neither."""
    document = {"task": {"task_id": "1", "status": "TASK_STATUS_SUCCEED"}, **document}
    assert _reason(document, Depth.GENERATE, "novita", "a-model-nobody-knows") is reason


JOB = {"id": "video_1", "object": "video", "model": "b/wan", "status": "completed", "created_at": 1}


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        ([JOB], Reason.OK),
        ([{"id": "b/wan", "object": "model", "created": 1}], Reason.MODEL_NOT_FOUND),
        ([JOB, {"id": "b/wan", "object": "model"}], Reason.MODEL_NOT_FOUND),
        ([], Reason.MODEL_NOT_FOUND),
    ],
)
def test_a_listing_of_jobs_lacks_no_model(items: list[object], reason: Reason) -> None:
    """It stands in the shape of a listing of models, and tells of other things."""
    document = {"object": "list", "data": items}
    assert _reason(document, Depth.REACH, "vllm-omni", "a/wan") is reason


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"talks": [{"id": "tlk_1", "status": "done"}], "token": "x"}, Reason.OK),
        ({"talks": [{"status": "done"}], "token": "x"}, Reason.SCHEMA),
        ({"talks": [], "token": "x"}, Reason.SCHEMA),
        ({"models": []}, Reason.SCHEMA),
        ({"models": [{"id": "m"}]}, Reason.OK),
        ({"tasks": []}, Reason.OK),
        ({"jobs": {"completed": 1, "failed": 5}, "workers": {"idle": 0}}, Reason.OK),
        ({"jobs": {}, "workers": {}}, Reason.SCHEMA),
        ({"jobs": {"next": "later"}, "x": 1}, Reason.SCHEMA),
        ({"queue": {"queue_id": "default", "item_id": None, "pending": 0}}, Reason.OK),
        ({"queue": {"queue_id": "default", "item_id": []}}, Reason.SCHEMA),
        ({"status": "Online", "devices": {}}, Reason.OK),
        ({"tier": 3, "active": True}, Reason.OK),
        ({"status": "SETUP_FAILED", "setup": {"logs": "x"}}, Reason.SERVER_ERROR),
        ({"id": "job-1", "status": "SETUP_FAILED"}, Reason.OK),  # one of many
        ({"status": "WARMING"}, Reason.SCHEMA),
    ],
)
def test_listings_and_counts_under_names_of_their_own(
    document: dict[str, object], reason: Reason
) -> None:
    """Of a provider without a file."""
    assert _reason(document, Depth.REACH, None) is reason


@pytest.mark.parametrize(
    ("document", "http", "reason"),
    [
        ({"result": "018a210d-8ba4-705c-b111-1f1776f7f578"}, 202, Reason.OK),
        ({"result": "please come again"}, 202, Reason.SCHEMA),
        ({"data": "65f0c0ffee65f0c0ffee65f0"}, 200, Reason.OK),
        ({"data": "65f0c0ffee65f0c0ffee65"}, 200, Reason.SCHEMA),
        ({"data": "65f0c0ffee65f0c0ffee65f0", "trace": "x"}, 200, Reason.SCHEMA),
        ({"done": False, "faulted": False, "queue_position": 0}, 200, Reason.OK),
        ({"faulted": False, "queue_position": 0}, 200, Reason.SCHEMA),
        ({"job_id": "1", "status": "backlogged", "result": None}, 200, Reason.OK),
        ({"job_id": "1", "status": "baffled", "result": None}, 200, Reason.UNKNOWN_WORD),
    ],
)
def test_jobs_that_have_begun(document: dict[str, object], http: int, reason: Reason) -> None:
    """An id that is all there is, a flag that says not yet, a word for waiting."""
    assert _reason(document, Depth.GENERATE, None, http=http) is reason


@pytest.mark.parametrize(
    ("provider", "reason"),
    [("openrouter", Reason.QUOTA_EXHAUSTED), (None, Reason.UPSTREAM_QUOTA)],
)
def test_who_is_sent_to_openrouter(provider: str | None, reason: Reason) -> None:
    """Its own customers are; behind another gateway that gateway is the customer."""
    text = "Insufficient credits. Add more using https://openrouter.ai/settings/credits"
    body = json.dumps({"error": {"message": text, "code": 402}}).encode()
    known, generic = load_provider(provider) if provider else None, load_generic()
    verdict = explain(
        Answer(402, {"Content-Type": "application/json"}, body),
        known,
        generic,
        now=TODAY,
        depth=Depth.GENERATE,
        channel=Channel.REVERSE,
    )
    assert verdict.reason is reason


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"model_filenames": ["a/wan.safetensors"], "lora_filenames": []}, Reason.OK),
        ({"model_filenames": ["b/wan.safetensors"], "lora_filenames": []}, Reason.MODEL_NOT_FOUND),
        ({"folders": ["a"], "files": [{"name": "a/wan.safetensors", "title": "x"}]}, Reason.OK),
        ({"folders": ["a"], "files": [{"name": "b/wan.safetensors"}]}, Reason.MODEL_NOT_FOUND),
        (["a/wan"], Reason.OK),
        (["b/wan"], Reason.SCHEMA),
        ({"details": ["a/wan"]}, Reason.SCHEMA),
    ],
)
def test_a_list_under_any_name_of_models_that_has_ours_is_one(
    document: object, reason: Reason
) -> None:
    """By its file, with or without its ending; what is amiss is told in lists, too."""
    assert _reason(document, Depth.REACH, None, "a/wan") is reason


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"success": True, "movie": {"project": "p", "status": "running"}}, Reason.OK),
        ({"success": True, "movie": {"project": "p", "status": "error"}}, Reason.JOB_FAILED),
        ({"success": True, "movie": {"project": "p", "status": "purple"}}, Reason.SCHEMA),
        ({"success": True, "response": {"message": "Queued", "id": "1"}}, Reason.OK),
        ({"images": ["View/local/raw/2024-05-19/a cat.png"]}, Reason.OK),
        ({"images": ["View/local/raw/2024-05-19/a cat.txt"]}, Reason.SCHEMA),
        ({"images": ["a cat.png"]}, Reason.SCHEMA),  # a name is no address
        ({"inputs": ["View/local/raw/a.png"]}, Reason.SCHEMA),  # what was put in
        ({"images": []}, Reason.SCHEMA),
        ({"job_id": "", "job_stage": "ERROR", "job_result": []}, Reason.JOB_FAILED),
    ],
)
def test_jobs_and_results_in_places_of_their_own(
    document: dict[str, object], reason: Reason
) -> None:
    """A state in the one part of an answer, a job in its `response`, files at the server itself."""
    assert _reason(document, Depth.GENERATE, None) is reason


@pytest.mark.parametrize(
    ("stream", "reason"),
    [
        ('event: complete\ndata: [{"video": {"url": "https://x.hf.space/a.mp4"}}]\n\n', Reason.OK),
        ('event: generating\ndata: [{"video": {"url": "https://x.hf.space/a.mp4"}}]\n\n', Reason.BODY_TRUNCATED),
        ('event: complete\ndata: [null]\n\n', Reason.ASSET_UNAVAILABLE),
        ('event: error\ndata: "You have exceeded your GPU quota (60s requested)"\n\n', Reason.QUOTA_EXHAUSTED),
        ('event: error\ndata: null\n\n', Reason.JOB_FAILED),
    ],
)  # fmt: skip
def test_a_stream_of_gradio(stream: str, reason: Reason) -> None:
    """Its events are known by their names, and an error is a text alone."""
    answer = Answer(200, {"Content-Type": "text/event-stream"}, stream.encode())
    found = explain(answer, None, load_generic(), now=TODAY, depth=Depth.GENERATE)
    assert found.reason is reason, found


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        ("Upstream resources temporarily depleted", Fault.GATEWAY),
        ("Resources temporarily depleted", Fault.PROVIDER),
    ],
)
def test_whose_capacity_a_gateways_failed_job_tells_of(message: str, fault: Fault) -> None:
    """What it says of its upstream is its own word; what it hands on is the vendor's."""
    failed = {
        "id": "1",
        "status": "failed",
        "error": {"code": "resource_exhausted", "message": message},
    }
    answer = Answer(200, {}, json.dumps(failed).encode())
    found = explain(
        answer, None, load_generic(), now=TODAY, depth=Depth.GENERATE, channel=Channel.REVERSE
    )
    assert (found.reason, found.fault) == (Reason.OVERLOADED, fault)


@pytest.mark.parametrize(
    ("where", "reason"), [("header", Reason.INVALID_KEY), ("query", Reason.REJECTION_UNPROVEN)]
)
def test_a_header_that_is_missing_is_our_key(where: str, reason: Reason) -> None:
    """Pydantic says where it looked."""
    detail = [{"type": "missing", "loc": [where, "authorization"], "msg": "Field required"}]
    answer = Answer(422, {}, json.dumps({"detail": detail}).encode(), broken=("prompt",))
    assert explain(answer, None, load_generic(), now=TODAY, depth=Depth.ACCEPT).reason is reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Slide 1 is too long. Please limit speech to 60s.", Reason.REJECTED_AS_EXPECTED),
        ("Slide 1 is too long. Please limit pages to 60.", Reason.REJECTION_UNPROVEN),
        ("Source URL is required for video element in Scene 1", Reason.REJECTED_AS_EXPECTED),
        ("Source account is required", Reason.REJECTION_UNPROVEN),
    ],
)
def test_fields_by_other_words(text: str, reason: Reason) -> None:
    """`src` is a source, and a bound may be told as what to do."""
    answer = Answer(400, {}, json.dumps({"message": text}).encode(), broken=("speech", "src"))
    assert explain(answer, None, load_generic(), now=TODAY, depth=Depth.ACCEPT).reason is reason


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"data": [{"id": "b/wan", "object": "model"}]}, Reason.MODEL_NOT_FOUND),
        ({"data": [{"id": "b/wan", "architecture": {}}]}, Reason.MODEL_NOT_FOUND),
        ({"data": [{"id": "b/wan", "object": "model"}], "has_more": True}, Reason.OK),
        ({"data": [{"id": "b/wan", "object": "video"}]}, Reason.OK),  # of jobs
        ({"data": [{"id": "x", "object": "model", "root": "a/wan"}]}, Reason.OK),
        ({"data": [{"id": "vendor/a/wan:free", "object": "model"}]}, Reason.OK),
        ({"models": [{"name": "b/wan"}]}, Reason.MODEL_NOT_FOUND),
        ({"models": ["b/wan"]}, Reason.MODEL_NOT_FOUND),
        ({"models": ["a/wan"]}, Reason.OK),
        ({"models": ["b/wan"], "nextPageToken": "x"}, Reason.OK),
    ],
)
def test_a_whole_list_of_models_without_ours_is_not_green(
    document: dict[str, object], reason: Reason
) -> None:
    """Of a provider without a file, too; a page of a longer list may lack anything."""
    assert _reason(document, Depth.REACH, None, "a/wan") is reason


@pytest.mark.parametrize(
    ("text", "http", "reason"),
    [
        ("image must be an https URL or a data:image/* URI", 400, Reason.REJECTED_AS_EXPECTED),
        ("image must be an https server", 400, Reason.REJECTION_UNPROVEN),
        ("Invalid encoded image", 500, Reason.REJECTED_AS_EXPECTED),
        ("Invalid encoded image", 502, Reason.EDGE_ERROR),
        ("Failed to encode image", 500, Reason.SERVER_ERROR),
    ],
)
def test_a_file_that_was_broken_is_refused_in_many_words(
    text: str, http: int, reason: Reason
) -> None:
    """By what an address is made of, and by some with a server's status; what it makes itself is another matter."""
    answer = Answer(
        http, {}, json.dumps({"detail": text}).encode(), broken=("init_images", "image")
    )
    found = explain(answer, None, load_generic(), now=TODAY, depth=Depth.ACCEPT)
    assert found.reason is reason, found
