"""Shapes of answers to a generation at services of which we have no file: what begins, what runs, what is made, and what is none of it."""

from __future__ import annotations

import json
from typing import Final

import pytest

from genmedia_exporter.classify.explain import Answer, explain
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.providers.loader import load_generic, load_provider
from tests.answers import TODAY

ID: Final = "018a210d-8ba4-705c-b111-1f1776f7f578"
LINK: Final = "https://c.example/x"
BYTES: Final = "iVBORw0KGgo" + "A1b2C3d4" * 80
DATA: Final = f"data:image/png;base64,{BYTES}"
BEGUN: Final = (
    {"id": ID, "status": "starting"},
    {"request_id": ID},
    {"data": {"id": ID}},
    {"job": {"id": ID}},
    {"jobId": ID},
    {"taskId": ID},
    {"uuid": ID},
    {"generationId": ID},
    {"code": 0, "data": {"task_id": ID}},
    {"success": True, "requestId": ID},
    {"name": "operations/x"},
    {"job_id": ID, "eta": 12},
    {"status": "success", "id": ID, "message": "queued"},
    {"data": {"uuid": ID}},
    {"hash": ID},
    {"messageId": ID},
    {"result": {"task_id": ID}},
    {"object": {"id": ID}},
    {"data": [{"id": ID, "status": "pending"}]},
    {"task": {"id": ID}},
    {"run_id": ID},
    {"execution_id": ID},
    {"prompt_id": ID, "number": 3, "node_errors": {}},
    {"workflow_id": ID, "status": "CREATED"},
    {"call_id": ID},
    {"event_id": ID},
    {"jobs": [{"id": ID, "status": "queued"}]},
    {"generations": [{"id": ID}]},
    {"imageId": ID},
    {"render_id": ID},
    {"project_id": ID, "status": "queued"},
    {"success": True, "data": {"jobId": ID}},
    {"jobSetId": ID},
    {"task_uuid": ID},
    {"taskUUID": ID},
    {"generation_id": ID, "credits_used": 2},
)
RUNNING: Final = (
    {"status": "IN_PROGRESS"},
    {"state": "active"},
    {"progress": 40},
    {"data": {"progress": "30%", "status": "IN_PROGRESS"}},
    {"job_status": "running"},
    {"phase": "running"},
    {"stage": "generating"},
    {"result": {"status": "processing"}},
    {"status": "started"},
    {"status": "initializing"},
    {"status": "working"},
    {"status": "rendering", "progress": 0.3},
    {"status": "IN_QUEUE", "queue_position": 2},
    {"status": "scheduled"},
    {"status": "new"},
    {"status": "uploading"},
    {"status": "assigned"},
    {"status": "PROGRESS"},
    {"status": "STARTED"},
    {"status": "in progress"},
    {"status": "In Progress"},
    {"status": "WAITING_TO_START"},
    {"state": "GENERATING"},
    {"status": "queued", "position": 1},
    {"status": "ongoing"},
    {"status": "doing"},
    {"status": "executing"},
    {"status": "loading"},
    {"status": "warming_up"},
    {"status": "preprocessing"},
    {"status": "post-processing"},
    {"status": "encoding"},
    {"status": "retrying"},
    {"status": "not_started"},
)
MADE: Final = (
    {"status": "succeeded", "steps": [{"output": {"blobs": [{"id": "b", "url": LINK}]}}]},
    {"response": {"status": "done", "url": LINK, "data": {"output": {}}}},
    {"status": "done", "url": "https://c.example/a.mp4"},
    {"status": "COMPLETED", "result_url": LINK},
    {"images": ["https://c.example/a.png"]},
    {"images": [BYTES]},
    {"image": BYTES},
    {"image": DATA},
    {"output": [LINK]},
    {"data": {"images": [{"url": LINK}]}},
    {"artifacts": [{"base64": BYTES}]},
    {"video": "https://c.example/a.mp4"},
    {"result": {"video_url": LINK}},
    {"files": [{"url": LINK}]},
    {"download_url": LINK},
    {"assets": [{"url": "https://c.example/a"}]},
    {"b64_json": BYTES},
    {"results": [{"b64": BYTES}]},
    {"predictions": [{"bytesBase64Encoded": BYTES, "mimeType": "image/png"}]},
    {"data": {"image_base64": [BYTES]}},
    {"result": {"image": BYTES}},
    {"status": "OK", "output": {"image_url": LINK}},
    {"images": [{"b64_json": BYTES}]},
    {"images": [{"image": BYTES}]},
    {"outputs": [{"data": BYTES}]},
    {"output": [{"type": "image_generation_call", "result": BYTES}]},
    {"result": [{"url": LINK}]},
    {"data": {"output": {"url": LINK}}},
    {"status": "finished", "videos": [LINK]},
    {"status": "success", "data": {"video": LINK}},
    {"image_urls": [LINK]},
    {"imageURL": LINK},
    {"data": [{"imageURL": LINK}]},
    {"media": [{"url": LINK}]},
    {"fileUrl": LINK},
    {"signed_url": LINK},
    {"base64": BYTES},
    {"img": BYTES},
    {"choices": [{"message": {"images": [{"image_url": {"url": DATA}}], "content": ""}}]},
    {"video_base64": BYTES},
    {"audio": None, "video": {"uri": "gs://b/a.mp4"}},
    {"generated_images": [{"image": {"imageBytes": BYTES}}]},
    {"status": "completed", "generations": [{"url": LINK}]},
    {"image_base64": BYTES},
)


def _reason(document: object) -> Reason:
    answer = Answer(200, {"content-type": "application/json"}, json.dumps(document).encode())
    return explain(answer, None, load_generic(), now=TODAY, depth=Depth.GENERATE).reason


@pytest.mark.parametrize("document", [*BEGUN, *RUNNING, *MADE], ids=str)
def test_what_services_answer_on_an_ordinary_day(document: dict[str, object]) -> None:
    """By the words of keys: whose id it is, what a state is called, where results stand."""
    assert _reason(document) is Reason.OK


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({}, Reason.SCHEMA),
        ({"ok": True}, Reason.SCHEMA),
        ({"success": True}, Reason.SCHEMA),
        ({"message": "hello"}, Reason.SCHEMA),
        ({"data": {}}, Reason.SCHEMA),
        ({"images": []}, Reason.SCHEMA),
        ({"user_id": ID, "model_id": ID, "taskType": "video"}, Reason.SCHEMA),  # of whom, of what
        ({"error_id": ID}, Reason.SCHEMA),
        ({"data": {"name": "studio"}}, Reason.SCHEMA),
        ({"code": 200, "msg": "success", "data": ID}, Reason.SCHEMA),  # perhaps the request's
        ({"next_page_token": BYTES}, Reason.SCHEMA),
        ({"input_image": DATA}, Reason.SCHEMA),  # what was put in
        ({"mask": {"url": LINK}, "thumbnail": DATA}, Reason.SCHEMA),
        ({"docs_url": LINK, "url_of_help": LINK}, Reason.SCHEMA),
        ({"result": LINK}, Reason.SCHEMA),  # without a state it may be the address of anything
        ({"videos": [], "cover": {"image_url": LINK}}, Reason.SCHEMA),
        ({"status": "purple"}, Reason.UNKNOWN_WORD),
        ({"status": "run" + "_" * 61}, Reason.OK),
        ({"status": "run" + "_" * 62}, Reason.UNKNOWN_WORD),  # a text, and no word
        ({"status": "ok"}, Reason.UNKNOWN_WORD),
        ({"stage": "prod"}, Reason.SCHEMA),
        ({"error": {"status": "running"}}, Reason.JOB_FAILED),
        ({"a": {"status": "running"}, "b": {"status": "failed"}}, Reason.SCHEMA),
        ({"progress": True}, Reason.SCHEMA),
        ({"status": "killed"}, Reason.JOB_FAILED),
        ({"job_status": "failed"}, Reason.JOB_FAILED),
        ({"status": "TIME-OUT"}, Reason.SERVER_TIMEOUT),
        ({"status": "completed"}, Reason.ASSET_UNAVAILABLE),
        ({"status": "completed", "task_id": ID, "message": "started"}, Reason.ASSET_UNAVAILABLE),
        ({"status": "success", "id": ID, "message": "all is well"}, Reason.ASSET_UNAVAILABLE),
        ({"status": "done", "url": ""}, Reason.ASSET_UNAVAILABLE),
        ({"status": "FAILED", "output": None}, Reason.JOB_FAILED),
    ],
    ids=str,
)
def test_what_looks_like_it_and_is_not(document: dict[str, object], reason: Reason) -> None:
    """Other people's ids, what was put in, places that hold nothing, words that nobody knows."""
    assert _reason(document) is reason


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"Response": {"ResultVideoUrl": "https://c.example/a.mp4", "Status": "DONE"}}, Reason.OK),
        ({"Response": {"ResultVideoUrl": "", "Status": "DONE"}}, Reason.ASSET_UNAVAILABLE),
        ({"Response": {"JobStatusCode": "5", "Url": "https://c.example/a.mp4"}}, Reason.ASSET_UNAVAILABLE),
        ({"Response": {"Url": "https://c.example/a.mp4"}}, Reason.SCHEMA),
    ],
)  # fmt: skip
def test_a_job_that_the_file_does_not_describe(document: object, reason: Reason) -> None:
    """One that is done by a word of everybody's, and has nothing where the file has a job's state and result."""
    answer = Answer(200, {"content-type": "application/json"}, json.dumps(document).encode())
    known = load_provider("tencent")
    found = explain(answer, known, load_generic(), now=TODAY, depth=Depth.GENERATE)
    assert found.reason is reason, found
