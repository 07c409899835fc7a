"""Sentences that differ in few words and blame another: whose limit, whose purse, what was made. Each beside its neighbour."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from genmedia_exporter.classify.addresses import MAX_VALUES, shows_media
from genmedia_exporter.classify.explain import Answer, explain
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Channel, Depth
from genmedia_exporter.providers.loader import load_generic, load_provider
from tests.answers import TODAY
from tests.classify.test_names import reason


@pytest.mark.parametrize(
    ("http", "text", "expected"),
    [
        (429, "Infrastructure is at maximum capacity, try again later", Reason.OVERLOADED),
        (429, "You are at the maximum of requests, try again later", Reason.RATE_LIMITED),
        (503, "No instances available (yet) for the model", Reason.OVERLOADED),
        (503, "No available channel for the model", Reason.NO_CHANNEL),
        (500, "rate_limit_check_failed", Reason.SERVER_ERROR),
        (500, "rate_limit_exceeded", Reason.RATE_LIMITED),
        (400, "Invalid image model: x/y. Use format: provider/model", Reason.MODEL_NOT_FOUND),
        (404, "no local server found for requested model", Reason.MODEL_NOT_FOUND),
        (400, "Invalid image", Reason.INVALID_REQUEST),
    ],
)
def test_whose_limit_and_what_is_missing(http: int, text: str, expected: Reason) -> None:
    """At a vendor that nobody has described."""
    assert reason({"error": {"message": text}}, http, depth=Depth.GENERATE) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("estimated cost exceeds user quota", Reason.QUOTA_EXHAUSTED),
        ("用户剩余额度不足", Reason.QUOTA_EXHAUSTED),
        ("Your credit balance is too low", Reason.UPSTREAM_QUOTA),
    ],
)
def test_whose_purse_a_relay_tells_of(text: str, expected: Reason) -> None:
    """With a server's status, only the user's own is ours."""
    told = reason({"message": text}, 503, depth=Depth.GENERATE, channel=Channel.REVERSE)

    assert told is expected


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("channel:image_generation_failed", "blocked due to safety policy", Reason.PROBE_MODERATED),
        ("channel:image_generation_failed", "no image came back", Reason.NO_CHANNEL),
        ("channel:image_generation_failed", "retry policy exhausted", Reason.NO_CHANNEL),
        ("channel:no_available_key", "safety policy", Reason.NO_CHANNEL),
    ],
)
def test_a_channel_whose_picture_a_filter_took(code: str, text: str, expected: Reason) -> None:
    """At any gateway that speaks as new-api does."""
    document = {"error": {"message": text, "type": "channel_error", "code": code}}

    told = reason(document, depth=Depth.GENERATE, channel=Channel.REVERSE)

    assert told is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("内容审查失败", Reason.PROBE_MODERATED),
        ("任务审批失败", Reason.JOB_FAILED),
        ("SHOP_CONTENT_REJECTED", Reason.PROBE_MODERATED),
        ("Failed to store result: content rejected by the store", Reason.JOB_FAILED),
        ("Please use an image with a detectable face", Reason.INVALID_REQUEST),
        ("Please wait for a free worker", Reason.JOB_FAILED),
    ],
)
def test_why_a_job_failed(text: str, expected: Reason) -> None:
    """For its content, for the picture it was given, or by the service."""
    document = {"status": "failed", "error": {"message": text}}

    assert reason(document, 200, depth=Depth.GENERATE) is expected


FILE = "https://cdn.example.com/made/clip.mp4?sig=1"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"status": "complete", "downloads": [{"url": FILE}]}, Reason.OK),
        ({"status": "complete", "downloads": []}, Reason.ASSET_UNAVAILABLE),
        ({"status": "complete", "deep": {"er": [{"link": FILE}]}}, Reason.OK),
        ({"status": "complete", "input": {"image": FILE}}, Reason.ASSET_UNAVAILABLE),
        ({"status": "complete", "thumbnail": FILE}, Reason.ASSET_UNAVAILABLE),
        ({"status": "complete", "page": "https://example.com/clips/8"}, Reason.ASSET_UNAVAILABLE),
        ({"status": "ok", "image_url": FILE}, Reason.OK),
        ({"status": "ok", "hint": "look later"}, Reason.UNKNOWN_WORD),
        ({"status": "odd", "image_url": FILE}, Reason.UNKNOWN_WORD),
        ({"id": "8", "status": "ok", "video_url": ""}, Reason.UNKNOWN_WORD),
        ({"id": "8", "status": "none"}, Reason.UNKNOWN_WORD),
        ({"status": "complete", "images": [FILE], "videos": []}, Reason.ASSET_UNAVAILABLE),
        ({"status": "complete", "images": [FILE], "video": {"url": ""}}, Reason.ASSET_UNAVAILABLE),
        ({"status": "complete", "startImage": FILE}, Reason.ASSET_UNAVAILABLE),
        ({"status": "complete", "works": [{"resource": {"resource": FILE}}]}, Reason.OK),
        (
            {"name": "operations/8", "done": True, "response": {"@type": "x"}},
            Reason.ASSET_UNAVAILABLE,
        ),
        ({"name": "operations/8", "done": False}, Reason.OK),
    ],
)
def test_what_was_made_by_a_service_nobody_has_described(
    document: object, expected: Reason
) -> None:
    """The address of a picture or a clip is a result, unless it is what was sent or a preview."""
    assert reason(document, 200, depth=Depth.GENERATE) is expected


def test_a_file_that_says_where_results_lie_is_believed() -> None:
    """What its provider's file knows, no address elsewhere stands in for."""
    document = {"status": "succeeded", "elsewhere": FILE}

    told = reason(document, 200, depth=Depth.GENERATE, provider="replicate")

    assert told is Reason.ASSET_UNAVAILABLE


def test_a_word_that_a_file_does_not_have_is_unknown() -> None:
    """Where the states of a job are described, a request's word is none of them."""
    document = {"status": "ok", "output": [FILE]}

    told = reason(document, 200, depth=Depth.GENERATE, provider="replicate")

    assert told is Reason.UNKNOWN_WORD


def test_an_endless_answer_is_looked_at_in_part() -> None:
    """An address behind more values than are looked at is not found, and none is read for long."""
    assert shows_media([*range(MAX_VALUES - 2), FILE][::-1])
    assert not shows_media([FILE, *range(MAX_VALUES - 1)])
    assert not shows_media(["https://a/" + ".mp4?" * 800 + " x"] * MAX_VALUES)
    deep: object = {"a": "x", "pad": [""] * 300_000}
    for _ in range(400):  # half a minute, were each level to look at all that it holds
        deep = {"result": deep}
    assert not shows_media(deep)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"code": 0, "message": "success", "data": {"status": "warning"}}, Reason.SCHEMA),
        ({"code": 0, "message": "success", "data": {"status": "ok"}}, Reason.OK),
        ({"code": 0, "message": "success", "data": {"name": "studio"}}, Reason.OK),
        ({"code": 0, "data": [{"id": "job-1", "status": "failed"}]}, Reason.OK),
        ({"success": True, "data": {"status": "unavailable"}}, Reason.SCHEMA),
        ({"id": "studio", "status": "unhealthy"}, Reason.SCHEMA),
        ({"id": "job-1", "status": "failed"}, Reason.OK),
    ],
)
def test_a_report_that_tells_what_does_not_work(document: object, expected: Reason) -> None:
    """It was answered, and is no proof that it works; a failed job in a list is another matter."""
    assert reason(document, 200, depth=Depth.REACH) is expected


@pytest.mark.parametrize(
    ("field", "text", "proves"),
    [
        ("speed", "unknown speed warp - expected quality, fast, or fastest", True),
        ("speed", "unknown speed warp", False),
        ("speed", "unknown user warp - expected a member", False),
        ("aspect_ratio", "画幅仅支持 1:1 / 16:9", True),
        ("aspect_ratio", "会员仅支持 1:1 / 16:9", False),
    ],
)
def test_a_value_nobody_knows(field: str, text: str, proves: bool) -> None:
    """Told with those that are known, it is a validator's."""
    told = reason({"error": text}, breaks=(field,))

    assert (told is Reason.REJECTED_AS_EXPECTED) is proves


@pytest.mark.parametrize(
    ("field", "text", "proves"),
    [
        ("prompt", "prompt is required for video upscaling", True),
        ("prompt", "prompt approval is required for video upscaling", False),
        ("prompt", "prompt is required for members", False),
        ("input_images", "seedream-4-5 accepts at most 14 input image(s)", True),
        ("input_images", "your plan accepts at most 14 input image(s)", False),
        ("input_images", "seedream-4-5 accepts at most 14 tasks", False),
        ("size", "Requested size 99999x1 is outside BytePlus limits for seedream-4-5", True),
        ("size", "Requested task is outside BytePlus limits for seedream-4-5", False),
        ("seconds", "Requested duration is outside the allowed range", True),
        ("seconds", "Requested duration is beyond your current limits", False),
        ("seconds", "Requested duration 30 is beyond free limits", False),
        ("prompt", "Sandbox allows up to 3 prompts", False),
        ("seconds", "Free accounts: supports only 5s clips", False),
        ("seconds", "请求时长超长，请重试", False),
        ("seconds", "请求时长过长，请稍后重试", False),
        ("seconds", "This diffusion model supports 10-second clips only.", True),
        ("size", "This diffusion model supports 10-second clips only.", False),
        ("seconds", "This plan supports 10-second clips only until it is upgraded", False),
        ("prompt", "Prompt 超长", True),
        ("prompt", "排队超长", False),
    ],
)
def test_a_bound_told_in_other_words(field: str, text: str, proves: bool) -> None:
    """Of the field that was broken, and of nothing that is ours."""
    told = reason({"error": text}, breaks=(field,))

    assert (told is Reason.REJECTED_AS_EXPECTED) is proves


@pytest.mark.parametrize(
    ("http", "text", "expected"),
    [
        (503, "All model workers has been shutdown: sdxl", Reason.OVERLOADED),
        (503, "The model has been shut down", Reason.RETIRED),
        (400, "Deployment is not active", Reason.PAUSED),
        (403, "App is inactive", Reason.NO_ENTITLEMENT),
        (
            500,
            "Something went wrong. Please try again with a different model.",
            Reason.SERVER_ERROR,
        ),
        (503, "no inference server found for requested model", Reason.SERVER_ERROR),
        (503, "Unsupported video version", Reason.SERVER_ERROR),
        (500, "Access to storage/output-bucket is denied", Reason.SERVER_ERROR),
        (402, "Prompt exceeds maximum capacity of 1000 characters", Reason.QUOTA_EXHAUSTED),
    ],
)
def test_what_is_shut(http: int, text: str, expected: Reason) -> None:
    """Workers come back, a model does not, and a deployment is its owner's."""
    assert reason({"message": text}, http, depth=Depth.GENERATE) is expected


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"job": {"id": "8", "status": "failed", "error": {"code": "render_error"}}}, "job_failed"),
        ({"job": {"id": "8", "status": "in_progress"}}, "ok"),
        (
            {"job": {"status": "failed", "error": {"message": "User doesn't have a license"}}},
            "no_entitlement",
        ),
    ],
)
def test_a_job_in_an_object_of_its_own(document: object, expected: str) -> None:
    """As export services wrap it."""
    assert reason(document, 200, depth=Depth.GENERATE).value == expected


def test_a_balance_among_attributes() -> None:
    """The account is read, so the key works."""
    document = {"data": {"attributes": {"credits": {"total": 200}}}}

    assert reason(document, 200, depth=Depth.REACH) is Reason.OK


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The model does not exist", Reason.RETIRED),
        ("The model is not allowed for your account", Reason.MODEL_NOT_FOUND),
        ("The operation does not work with the specified model", Reason.MODEL_NOT_FOUND),
        ("The model is not found, or not supported for this operation", Reason.RETIRED),
    ],
)
def test_the_calendar_explains_only_what_is_absent(text: str, expected: Reason) -> None:
    """Past its end, a model that is there and not for us has not ended for that reason."""
    body = json.dumps({"error": {"code": "InvalidEndpointOrModel.X", "message": text}}).encode()
    ark = load_provider("ark")
    day = datetime.fromtimestamp(float(TODAY), UTC).date()
    old = next(model for model in ark.models if model.end_date and model.end_date < day)
    answer = Answer(404, {}, body)

    told = explain(
        answer, ark, load_generic(), now=TODAY, depth=Depth.GENERATE, model=old.name
    ).reason

    assert told is expected


@pytest.mark.parametrize(
    ("http", "text", "channel", "expected"),
    [
        (403, "Request rejected by anti-bot rules.", Channel.REVERSE, Reason.RISK_CONTROL),
        (403, "Request rejected by routing rules.", Channel.REVERSE, Reason.NO_ENTITLEMENT),
        (503, "anti-bot check service unavailable", Channel.REVERSE, Reason.OVERLOADED),
        (404, "模型 x 不在当前 API Key 的可用模型范围内", None, Reason.NO_ENTITLEMENT),
        (404, "页面不在这里", None, Reason.WRONG_PATH),
        (404, "NO_VIDEOS", None, Reason.ASSET_UNAVAILABLE),
    ],
)
def test_who_may_not(http: int, text: str, channel: Channel | None, expected: Reason) -> None:
    """A pool whose accounts are taken for robots, a model that is not open to us, a result that is not there."""
    code = "NO_VIDEOS" if text == "NO_VIDEOS" else "Error"

    told = reason({"error": code, "message": text}, http, depth=Depth.GENERATE, channel=channel)

    assert told is expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("because of bucket acl", Reason.ASSET_UNAVAILABLE),
        ("of this account", Reason.NO_ENTITLEMENT),
    ],
)
def test_a_store_that_keeps_its_object_to_itself(words: str, expected: Reason) -> None:
    """The picture was made; nobody can fetch it."""
    body = (
        "<?xml version='1.0'?><Error><Code>AccessDenied</Code>"
        f"<Message>You have no right to access this object {words}.</Message></Error>"
    )

    assert reason(body, 403, depth=Depth.GENERATE) is expected


@pytest.mark.parametrize(("field", "proves"), [("prompt", True), ("size", False)])
def test_what_a_body_lacks(field: str, proves: bool) -> None:
    """Told after a colon."""
    text = "AiError: Request is missing headers or body: prompt"

    assert (reason({"error": text}, breaks=(field,)) is Reason.REJECTED_AS_EXPECTED) is proves


def test_two_files_know_the_same_words_of_a_filter() -> None:
    """new-api's own rule of channels comes before the generic ones, so it has to have this one, too."""
    found = [
        next(rule for rule in rules if rule.id == "channel_moderated").when
        for rules in (load_provider("new-api").rules, load_generic().rules)
    ]

    assert found[0] == found[1]
