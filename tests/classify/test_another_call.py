"""Answers shown without their call, at providers whose file describes other calls: what proves something, and what does not."""

from __future__ import annotations

import json

import pytest

from genmedia_exporter.classify.explain import Answer, explain
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.providers.loader import load_generic, load_provider
from tests.answers import TODAY


def _reason(document: object, depth: Depth, provider: str, model: str = "") -> Reason:
    answer = Answer(200, {"Content-Type": "application/json"}, json.dumps(document).encode())
    known, generic = load_provider(provider), load_generic()
    return explain(answer, known, generic, now=TODAY, depth=depth, model=model).reason


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"code": 200, "data": [{"model_id": "a/wan", "name": "a/wan"}]}, Reason.OK),
        ({"code": 200, "data": ["a/wan"]}, Reason.SCHEMA),
        ({"code": 200, "data": []}, Reason.SCHEMA),
        ({"code": 200, "data": [{}]}, Reason.SCHEMA),
        ([{"id": "1", "enable": True}], Reason.OK),
        ([1, 2], Reason.SCHEMA),
        ({"data": {"results": [{"air": "a@1"}]}}, Reason.OK),
        ({"data": {"credits": 3}}, Reason.OK),
        ({"data": {"credits": None}}, Reason.SCHEMA),
        ({"credits": 3, "status": "offline"}, Reason.SCHEMA),
        ({"id": "a/wan", "created": 1}, Reason.OK),
        ({"id": "b/wan", "created": 1}, Reason.SCHEMA),
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
