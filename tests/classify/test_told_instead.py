"""An error told where a result belongs, files that a create broke, and words that names of fields hold. Each beside its neighbour."""

from __future__ import annotations

import pytest

from genmedia_exporter.classify.names import holds_a_file
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Channel, Depth
from tests.classify.test_names import reason


def _chat(text: str) -> dict[str, object]:
    return {"id": "chat-8", "choices": [{"message": {"role": "assistant", "content": text}}]}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (_chat("错误: 上游服务器异常"), Reason.SERVER_ERROR),
        (_chat("Error: internal server error"), Reason.SERVER_ERROR),
        (_chat("![an error: internal](https://cdn.example.com/8.png)"), Reason.OK),
        ('"Failed to restore image"', Reason.JOB_FAILED),
        ('"https://cdn.example.com/restored.png"', Reason.OK),
        ('"nothing to restore"', Reason.SCHEMA),
        ({"message": "Error. CUDA out of memory"}, Reason.JOB_FAILED),
        ({"message": "Error. CUDA out of memory", "id": "8"}, Reason.OK),
        (
            {"message": "success", "status": "failed", "error_msg": "overdue"},
            Reason.QUOTA_EXHAUSTED,
        ),
    ],
)
def test_an_error_in_place_of_a_result(document: object, expected: Reason) -> None:
    """A chat, a bare text or a message that says nothing else is no result of anything."""
    assert reason(document, 200, depth=Depth.GENERATE) is expected


FILE = "https://cdn.example.com/made/clip.mp4"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ([FILE], Reason.OK),
        (["https://example.com/clips/8"], Reason.SCHEMA),
        ({"ok": True, "output_url": "https://api.example.com/v1/results/8"}, Reason.OK),
        ({"ok": True, "page_url": "https://api.example.com/v1/results/8"}, Reason.SCHEMA),
        ({"status": "done", "outputUrl": "https://api.example.com/results/8"}, Reason.OK),
        ({"status": "done", "inputUrl": "https://api.example.com/8"}, Reason.ASSET_UNAVAILABLE),
        ({"status": "accepted", "task_id": "8"}, Reason.OK),
        ({"status": "content_rejected", "task_id": "8"}, Reason.PROBE_MODERATED),
        ({"status": "banned", "message": "your account"}, Reason.UNKNOWN_WORD),
        ([], Reason.ASSET_UNAVAILABLE),
        ([{"base64": "iVBOR", "seed": 8}], Reason.OK),
        ([{"base64": None, "seed": 8}], Reason.SCHEMA),
        ({"artifacts": [{"base64": "iVBOR"}]}, Reason.OK),
        ({"artifacts": [{"base64": ""}]}, Reason.SCHEMA),
        ({"created": "2026-01-01T00:00:00Z", "data": []}, Reason.ASSET_UNAVAILABLE),
    ],
)
def test_results_by_their_keys(document: object, expected: Reason) -> None:
    """What an address is of tells its key, where it does not end as files do."""
    assert reason(document, 200, depth=Depth.GENERATE) is expected


@pytest.mark.parametrize(
    ("provider", "document", "expected"),
    [
        ("kling", {"code": 0, "message": "success", "request_id": "8", "data": None}, Reason.SCHEMA),
        ("kling", {"code": 0, "request_id": "8", "data": {"task_id": "9"}}, Reason.OK),
        ("", {"data": None, "request_id": "8"}, Reason.SCHEMA),
        ("", {"data": None, "generation_id": "8"}, Reason.OK),
        ("replicate", {"elsewhere": FILE}, Reason.SCHEMA),
        ("dashscope", {"output": None, "request_id": "8"}, Reason.SCHEMA),
        ("dashscope", {"output": {"task_id": "9"}, "request_id": "8"}, Reason.OK),
        (
            "kie",
            {"code": 200, "data": {"taskId": "8", "errorCode": "X", "errorMessage": "Upstream generation failed"}},
            Reason.JOB_FAILED,
        ),
        ("kie", {"code": 200, "data": {"taskId": "8", "errorCode": "", "errorMessage": ""}}, Reason.OK),
    ],
)  # fmt: skip
def test_an_id_of_the_request_is_no_job(provider: str, document: object, expected: Reason) -> None:
    """Where a file says what a job's id is, nothing else is one; nor is a good envelope around an error's code a success."""
    assert reason(document, 200, depth=Depth.GENERATE, provider=provider) is expected


@pytest.mark.parametrize(
    ("breaks", "text", "proves"),
    [
        ("image_url", "Failed to download image from https://e.com/8", True),
        ("size", "Failed to download image from https://e.com/8", False),
        ("input_reference", "Failed to process image source: cannot identify image file", True),
        ("seconds", "Failed to process image source: cannot identify image file", False),
        ("image", "Invalid file 'image': missing filename", True),
        ("prompt", "Invalid file 'image': missing filename", False),
        ("model", "model is required", True),
        ("prompt", "model is required", False),
        ("response_format", "only 'b64_json' response format is supported", True),
        ("response_format", "only approved response format is supported", False),
        ("response_format", "response_format=odd is not supported", True),
        ("response_format", "style=odd is not supported", False),
        ("prompt", "Your input exceeds the context window of this model.", True),
        ("size", "Your input exceeds the context window of this model.", False),
        ("prompt", "The input token count (9) exceeds the maximum number of tokens allowed (8).", True),
        ("prompt", "invalid params, binding: expr_path=prompt, cause=missing required parameter", True),
        ("size", "invalid params, binding: expr_path=prompt, cause=missing required parameter", False),
        ("prompt", "Your token count exceeds the tokens of your plan", False),
    ],
)  # fmt: skip
def test_what_a_validator_says_of_a_file_or_of_too_much(
    breaks: str, text: str, proves: bool
) -> None:
    """Only where that is what the create broke."""
    found = reason({"error": {"message": text}}, breaks=(breaks,))

    assert (found is Reason.REJECTED_AS_EXPECTED) is proves


@pytest.mark.parametrize(("breaks", "proves"), [(("model", "prompt"), True), (("prompt",), False)])
def test_a_field_of_who_asks_that_was_left_out(breaks: tuple[str, ...], proves: bool) -> None:
    """The model is what a validator asks for only where the create has none."""
    error = {"message": "'model' is a required property", "param": "model"}

    assert (reason({"error": error}, breaks=breaks) is Reason.REJECTED_AS_EXPECTED) is proves


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("image", True),
        ("image url", True),
        ("video base64", True),
        ("image size", False),
        ("number of images", False),
        ("num images", False),
        ("url", False),
    ],
)
def test_fields_that_hold_a_file(name: str, holds: bool) -> None:
    """Not those of how many, or how large."""
    assert holds_a_file(frozenset({name})) is holds


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("unrecognized_keys", Reason.REJECTION_UNPROVEN), ("too_small", Reason.REJECTED_AS_EXPECTED)],
)
def test_a_key_that_nobody_knows_is_no_broken_value(kind: str, expected: Reason) -> None:
    """Whoever does not know it refuses each create that has it."""
    document = {
        "error": "Validation of body failed",
        "issues": [{"code": kind, "path": ["style"], "message": "Invalid input"}],
    }

    assert reason(document, breaks=("style",)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("enable_safety_checker cannot be disabled for this model", Reason.REJECTION_UNPROVEN),
        ("rejected by the safety_checker", Reason.PROBE_MODERATED),
        ("apikey error", Reason.INVALID_KEY),
        ("FAL_API_KEY_NOT_CONFIGURED", Reason.ROUTING_BROKEN),
        ("No credentials for provider: nanobanana", Reason.NO_CHANNEL),
        ("No credentials", Reason.INVALID_KEY),
        ("Channel #7 does not support the requested model: flux", Reason.NO_CHANNEL),
        ("Model not support", Reason.MODEL_NOT_FOUND),
        ("text to video models do not support image in content", Reason.REJECTION_UNPROVEN),
        ("active_job_exists", Reason.CONCURRENCY_LIMITED),
        ("the text was filtered", Reason.PROBE_MODERATED),
        ("quality and fps cannot be set simultaneously", Reason.REJECTION_UNPROVEN),
        ("too many requests running simultaneously", Reason.CONCURRENCY_LIMITED),
        ("Image Copyright Internal Error", Reason.SERVER_ERROR),
        ("Image Copyright Violation", Reason.PROBE_MODERATED),
        ("All of your image generation API calls are consumed: upgrade", Reason.QUOTA_EXHAUSTED),
        ("API calls are consumed by their worker", Reason.REJECTION_UNPROVEN),
    ],
)
def test_words_that_mean_another_thing_beside_others(text: str, expected: Reason) -> None:
    """A setting that has safety in its name, a key that the service itself lacks, a channel by its number."""
    assert reason({"error": {"message": text}}, breaks=("prompt",)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[gemini/gemini-image] [402]: Insufficient credits", Reason.UPSTREAM_QUOTA),
        ("[402]: Insufficient credits", Reason.UPSTREAM_QUOTA),
        ("Insufficient credits [402]", Reason.QUOTA_EXHAUSTED),
    ],
)
def test_a_status_in_brackets_is_of_whoever_is_behind(text: str, expected: Reason) -> None:
    """At the beginning, with or without a model's name."""
    told = reason({"error": {"message": text}}, 402, depth=Depth.GENERATE, channel=Channel.REVERSE)

    assert told is expected


@pytest.mark.parametrize(
    ("http", "text", "expected"),
    [
        (429, "Server busy: queue is full", Reason.OVERLOADED),
        (429, "The queue is full", Reason.CONCURRENCY_LIMITED),
        (404, "Video file not found", Reason.LOST_JOB),
        (404, "Not found", Reason.WRONG_PATH),
    ],
)
def test_whose_queue_and_what_is_gone(http: int, text: str, expected: Reason) -> None:
    """Of a generation."""
    assert reason({"detail": text}, http, depth=Depth.GENERATE) is expected


FAILED = {"status": "fail", "error": {"message": "Provider is currently unavailable"}}
REFUSED = {"status": "fail", "error": {"message": "Invalid API key"}}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"glimmerlabs": FAILED}, Reason.OVERLOADED),
        ({"glimmerlabs": REFUSED}, Reason.UPSTREAM_AUTH),  # of whoever asks that vendor
        ({"data": REFUSED}, Reason.INVALID_KEY),
        ({"glimmerlabs": {"status": "fail"}}, Reason.JOB_FAILED),
        ({"glimmerlabs": FAILED, "others": {"status": "success"}}, Reason.SCHEMA),
        ({"glimmerlabs": {"status": "success", "error": None, "image_url": "https://a.example/1"}}, Reason.OK),
    ],
)  # fmt: skip
def test_a_failure_under_the_name_of_a_vendor(document: object, expected: Reason) -> None:
    """An aggregator answers for each that it asked; where it is one alone, its failure is the answer."""
    assert reason(document, 200, depth=Depth.GENERATE) is expected
