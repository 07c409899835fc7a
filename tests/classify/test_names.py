"""By what names an answer may call what was broken, and what it says of anything else: each beside its neighbour."""

from __future__ import annotations

import json

import pytest

from genmedia_exporter.classify.explain import Answer, explain
from genmedia_exporter.classify.names import is_one_of, names_of
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Channel, Depth
from genmedia_exporter.providers.loader import load_generic, load_provider
from tests.answers import TODAY


def reason(
    document: object,
    http: int = 400,
    *,
    breaks: tuple[str, ...] = (),
    provider: str = "",
    depth: Depth = Depth.ACCEPT,
    channel: Channel | None = None,
) -> Reason:
    """Return how an answer is read; *document* is its JSON, or its text."""
    body = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
    file = load_provider(provider) if provider else None
    answer = Answer(http, {}, body.encode(), broken=breaks)
    told = explain(answer, file, load_generic(), now=TODAY, depth=depth, channel=channel)
    return told.reason


@pytest.mark.parametrize(
    ("breaks", "text", "proves"),
    [
        ("num_inference_steps", "num_inference_steps must be positive", True),
        ("num_inference_steps", "num_inference_workers must be positive", False),
        ("replica_id", "Invalid replica_id", True),
        ("replica_id", "Invalid account_id", False),
        ("init_images", "Init image is none", True),
        ("init_images", "Mask image is none", False),
        ("num_outputs", "Number of outputs is not valid", True),
        ("num_outputs", "Number of seconds is not valid", False),
        ("rawresolution", "Invalid value for parameter Raw Resolution: 10x10", True),
        ("mode", "mode 必须是 text_to_video / image_to_video / omni 之一", True),
        ("size", "size an unexpected error occurred in the parameter, please use 'x'", True),
        ("size", "an unexpected error occurred", False),
    ],
)
def test_a_field_is_told_by_the_name_it_was_sent_under(
    breaks: str, text: str, proves: bool
) -> None:
    """Its words are none that need a validator's vocabulary, and its number and spelling may differ."""
    found = reason({"error": text}, breaks=(breaks,))

    assert (found is Reason.REJECTED_AS_EXPECTED) is proves


@pytest.mark.parametrize("text", ["{} is required", "{} must be an integer between 1 and 9"])
@pytest.mark.parametrize("mark", ["\ue000", "\ue001", "\ue002", "\ue003"])
def test_characters_for_private_use_are_no_field(text: str, mark: str) -> None:
    """A service may send the very ones that stand for a field while its answer is read."""
    found = reason({"error": text.format(mark)}, breaks=("prompt",))

    assert found is Reason.REJECTION_UNPROVEN


@pytest.mark.parametrize(
    ("field", "breaks", "same"),
    [
        ("images", "image", True),
        ("n", "num_outputs", True),
        ("size", "width", True),
        ("size", "aspect_ratio", False),
        ("ns", "n", False),
        ("input", "input", True),
        ("prompt", "input", False),
    ],
)
def test_names_of_one_thing(field: str, breaks: str, same: bool) -> None:
    """Both numbers, and the names of the thing it is one of; an aspect ratio is no size."""
    assert is_one_of(field, names_of((breaks,))) is same


@pytest.mark.parametrize(
    ("provider", "document", "breaks", "proves"),
    [
        ("ark", {"error": {"code": "InvalidParameter", "message": "The parameter `size` is not valid", "param": ""}}, "prompt", False),
        ("ark", {"error": {"code": "InvalidParameter", "message": "The parameter `size` is not valid", "param": ""}}, "size", True),
        ("kling", {"code": 1201, "message": "image can not be null"}, "prompt", False),
        ("kling", {"code": 1201, "message": "prompt can not be null"}, "prompt", True),
        ("minimax", {"base_resp": {"status_code": 2013, "status_msg": "invalid params, unsupported model: none-such"}}, "prompt", False),
        ("minimax", {"base_resp": {"status_code": 2013, "status_msg": "invalid params, prompt is empty"}}, "prompt", True),
        ("midjourney-proxy", {"code": 4, "description": "视频功能未启用"}, "prompt", False),
        ("midjourney-proxy", {"code": 4, "description": "prompt不能为空"}, "prompt", True),
    ],
)  # fmt: skip
def test_a_validators_own_code_is_about_what_its_text_names(
    provider: str, document: object, breaks: str, proves: bool
) -> None:
    """A known field that was not broken, the model, or something switched off: then it proves nothing."""
    found = reason(document, breaks=(breaks,), provider=provider)

    assert (found is Reason.REJECTED_AS_EXPECTED) is proves


@pytest.mark.parametrize(
    ("http", "text", "proves"),
    [
        (404, "Sampler not found", True),
        (404, "Sampler 'none-such' does not exist", True),
        (404, "Model not found", False),
        (404, "Not found", False),
        (403, "Sampler not found", False),
    ],
)
def test_a_name_that_was_looked_up_in_vain(http: int, text: str, proves: bool) -> None:
    """A 404 that says nothing else than that what we made up is not there."""
    found = reason({"detail": text}, http, breaks=("sampler_name",))

    assert (found is Reason.REJECTED_AS_EXPECTED) is proves


@pytest.mark.parametrize(
    ("document", "http", "expected"),
    [
        ('All accounts exhausted. Last error: HTTP 429: {"error": {"code": 429, "message": "No capacity available for model m", "status": "RESOURCE_EXHAUSTED"}}', 429, Reason.OVERLOADED),
        ("All accounts exhausted.", 429, Reason.RISK_CONTROL),
        ({"error": {"message": "Backend request failed with status 400", "details": '{"error": {"message": "max_tokens must be at most 9"}}'}}, 400, Reason.REJECTED_AS_EXPECTED),
        ({"error": {"message": "Backend request failed with status 400", "type": "backend_error"}}, 400, Reason.REJECTION_UNPROVEN),
        ({"error": {"message": "Backend request failed with status 500", "type": "backend_error"}}, 400, Reason.SERVER_ERROR),
        ({"error": {"message": "2 validation errors for Job\nconfig.n\n  Extra inputs are not permitted [type=extra_forbidden, input_value=1]"}}, 500, Reason.REJECTION_UNPROVEN),
        ({"error": {"message": "1 validation error for JobResponse\nurl\n  Field required [type=missing, input_value={}]"}}, 500, Reason.SERVER_ERROR),
    ],
)  # fmt: skip
def test_what_a_relay_wraps(document: object, http: int, expected: Reason) -> None:
    """An error quoted in a text, or as a string of JSON; a status alone, and a validator's print in a 500."""
    assert reason(document, http, breaks=("max_tokens",), channel=Channel.REVERSE) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Image pixel is invalid", Reason.INVALID_REQUEST),
        ("Generation failed due to invalid keyframe asset.", Reason.INVALID_REQUEST),
        ("Image could not be rendered", Reason.JOB_FAILED),
        ("Generation crashed: out of memory", Reason.JOB_FAILED),
        ("Invalid image, and no credits left", Reason.QUOTA_EXHAUSTED),
    ],
)
def test_a_job_that_failed_for_its_file(text: str, expected: Reason) -> None:
    """What was put in shows nothing of the service."""
    document = {"id": "t", "state": "failed", "failure_reason": text, "assets": None}

    assert reason(document, 200, provider="luma", depth=Depth.GENERATE) is expected


@pytest.mark.parametrize(
    ("text", "http", "expected"),
    [
        ("不支持的分辨率 \"0k\"", 500, Reason.REJECTED_AS_EXPECTED),
        ("不支持的账号 \"0k\"", 500, Reason.SERVER_ERROR),
        ("1 validation error for Render\nwidth\n  value is not a valid integer (type=type_error.integer)", 500, Reason.REJECTED_AS_EXPECTED),
        ("绘画功能已关闭", 200, Reason.PAUSED),
        ("[API_REQUEST_PARAMS_INVALID] [参数错误]: invalid parameter", 400, Reason.REJECTION_UNPROVEN),
        ("Failed to get the authorization header.", 400, Reason.INVALID_KEY),
        ("model must match the served video model (wan)", 400, Reason.MODEL_NOT_FOUND),
        ("model must be a string", 400, Reason.REJECTION_UNPROVEN),
    ],
)  # fmt: skip
def test_words_outweigh_the_status(text: str, http: int, expected: Reason) -> None:
    """A validator's sentence in a 500, and what is no validator's in a 400 or 200."""
    document = {"code": 0, "msg": text, "data": []} if http == 200 else {"error": text}

    assert reason(document, http, breaks=("resolution",)) is expected


@pytest.mark.parametrize(
    ("http", "text", "expected"),
    [
        (500, "API quota exceeded. Please try again later.", Reason.UPSTREAM_QUOTA),
        (402, "API quota exceeded. Please try again later.", Reason.QUOTA_EXHAUSTED),
        (503, "model is at capacity (max_concurrent=1)", Reason.OVERLOADED),
        (429, "your max_concurrent is reached", Reason.CONCURRENCY_LIMITED),
    ],
)
def test_a_server_that_fails_has_refused_nobody(http: int, text: str, expected: Reason) -> None:
    """Whose quota it is where a relay's own server fails, and whose limit it is where a model is full."""
    found = reason({"message": text}, http, depth=Depth.GENERATE, channel=Channel.REVERSE)

    assert found is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Invalid parameter. This feature is paused.", Reason.PAUSED),
        ("Invalid parameter. The service is under maintenance.", Reason.MAINTENANCE),
        ("Invalid parameter. The prompt is empty.", Reason.REJECTED_AS_EXPECTED),
    ],
)
def test_an_own_code_beside_a_sentence_about_the_service(text: str, expected: Reason) -> None:
    """The first sentence is a validator's and the second tells why."""
    document = {"code": 1201, "message": text}

    assert reason(document, breaks=("prompt",), provider="kling") is expected


@pytest.mark.parametrize(("where", "proves"), [("size", False), ("prompt", True)])
def test_what_pydantic_repeats_names_no_field(where: str, proves: bool) -> None:
    """Beside the place, the sentence and the kind stands what we sent, whatever it is called."""
    sent = {"field": "prompt" if where == "size" else "size", "value": "is required"}
    item = {"type": "missing", "loc": ["body", where], "msg": "Field required", "input": sent}

    found = reason({"detail": [item]}, 422, breaks=("prompt",))

    assert (found is Reason.REJECTED_AS_EXPECTED) is proves


@pytest.mark.parametrize(
    ("http", "expected"), [(200, Reason.SCHEMA), (429, Reason.UPSTREAM_RATE_LIMITED)]
)
def test_json_in_a_text_is_an_error_only_where_the_status_is(http: int, expected: Reason) -> None:
    """A text of a 200 may hold anything."""
    text = 'log: {"error": {"code": "rate_limit_exceeded", "message": "Too many requests"}}'

    assert reason(text, http, depth=Depth.GENERATE) is expected
