"""Sentences with words that no list has: what only a validator says proves, what may be about else does not."""

from __future__ import annotations

import json

import pytest

from genmedia_exporter.classify.explain import Answer, explain
from genmedia_exporter.classify.proof import complaint
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.providers.loader import load_generic, load_provider
from tests.answers import TODAY

BREAKS = ("prompt", "seconds", "size", "n")


def _proves(text: str, document: object = None) -> bool:
    return complaint(document or {"message": text}, text, [], [], BREAKS)


def _read(status: int, message: str, depth: Depth, provider: str = "") -> Reason:
    body = json.dumps({"error": {"message": message}}, ensure_ascii=False).encode()
    file = load_provider(provider) if provider else None
    answer = Answer(status, {}, body)
    return explain(answer, file, load_generic(), now=TODAY, depth=depth).reason


@pytest.mark.parametrize(
    "text",
    [
        "duration must be an integer between 5 and 60, or -1 to let the director choose",
        "size must be one of 512x512 or 768x768 for painterly-mini",
        "seconds must be >= 4 ticks",
        "n cannot be greater than 4 renderings",
        "prompt cannot be longer than 2000 glyphs",
        "prompt must not exceed 500 wordpieces",
        "Only n=2 is presently supported",
        "moonbeam video requests require a prompt",
        "size is not supported, choose 1024x1024 like everybody",
        "该引擎仅支持 6、12 秒时长",
        "时长必须在 4 到 15 秒的档位",
        "glimmer 2.0 引擎支持 4~15 秒时长，当前值: 0",
        "文生视频必须提供 prompt；图生视频可以省略",
        "Invalid value for parameter Width: glimmer wants a number",
        "Unsupported glimmering Veo size: 0x0",
        "The requested resolution is below the minimum of glimmers",
        "Movie duration cannot be zero",
        "Glimmer input should be '5s', '9s' or '10s' duration",
        "Provider API error: Image size format should be like 512x512 or glimmer",
        "Neither glimmer_uri nor prompt was provided",
        "Duration 3 seconds is only available for image-to-video glimmers",
        "The glimmer has an empty prompt",
        "Glimmer failed: size field values must be greater than 0 glimmers",
        "Glimmer failed: prompt field is not a string of glimmers",
        "Glimmering failed: `height` and `width` have to be divisible by 8 but are 200 and 500.",
        "Invalid image size for glimmer web",
        "Invalid enum value. Expected '16:9' | '9:16' | '1:1'",
        "Invalid value: '7x7'. Supported values are: '1024x1024', '1024x1536', and 'auto'.",
    ],
)
def test_a_bound_of_our_field_proves_in_any_words(text: str) -> None:
    """The field is the subject, a kind or a bound the predicate: no other service speaks so."""
    assert _proves(text)


@pytest.mark.parametrize(
    "text",
    [
        "The requested resolution is below the minimum of glimmering members",
        "Invalid image size for glimmering guests of your region",
        "Duration 3 seconds is only available for glimmering members",
        "Resolution 4k is not available in Glimmerland",
        "Provider billing error: size must be at least 5 glimmers",
        "The glimmer has no prompt left",
        "Invalid field 'prompt' in request. Available fields for glimmer are: prompt, image",
        "Your plan only allows one of '480p', '720p'",
        "Invalid enum value. Expected 'red' | 'blue'",
        "Invalid enum value. Expected '16:9'",
        "duration must be at least 5 days before the launch of your renderer",
        "seconds must be between 0 and 0 for glimmering lanes",
        "seconds must be an integer your card can pay for",
        "Only n=0 is presently supported",
        "n must be less than number of glimmering nodes",
        "size must be one of our enabled presets",
        "size must be 0 on this glimmering rack",
        "duration must be 10 or more minutes after the last glimmer",
        "prompt is required by glimmering law",
        "prompt must be at least 10 glyphs until the storm is over",
        "该引擎仅支持 0 个用户数量",
        "时长必须为 5 的会员档位",
        "glimmering: prompt moods cannot be empty",
        "glimmer 引擎支持 4~15 个会员",
        "必须提供 prompt 审核证明，请联系我们",
        "Invalid value for parameter Glimmer: size of the queue",
        "Unsupported plan size: 5",
        "Invalid cluster size: 0",
    ],
)
def test_a_bound_of_something_else_proves_nothing(text: str) -> None:
    """A plan, a day, a place that is switched off: every create would hear it."""
    assert not _proves(text)


@pytest.mark.parametrize("field", ["prompt", "messages"])
def test_a_service_that_knows_no_prompt_is_another_kind(field: str) -> None:
    """Its validator is well, and rejects every create that we or a customer could send."""
    detail = [{"loc": ["body", field], "msg": "extra fields not permitted"}]
    assert not _proves("", {"detail": detail})
    assert not _proves(f"Unknown parameter: '{field}'")


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("", [{"loc": ["body", "prompt"], "msg": "field required"}]),
        ("", [{"loc": ["body", "size"], "msg": "extra fields not permitted"}]),
        ("Unknown parameter value for prompt: ''", []),
    ],
)
def test_a_create_goes_without_the_others(text: str, detail: list[object]) -> None:
    """Whoever does not know a field that may be left out works all the same; a wrong value is a value."""
    assert _proves(text, {"detail": detail} if detail else None)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("invalid value for 'size'", Reason.REJECTED_AS_EXPECTED),
        ("glimmering went wrong near the size", Reason.SERVER_ERROR),
    ],
)
def test_a_validator_may_answer_500(message: str, reason: Reason) -> None:
    """Some servers turn whatever they refuse into a 500; only a bound of our field tells."""
    assert _read(500, message, Depth.ACCEPT, "openai-compatible") is reason


@pytest.mark.parametrize(
    ("status", "message", "reason"),
    [
        (410, "job expired", Reason.LOST_JOB),
        (410, "model expired", Reason.RETIRED),
        (503, "没有可用的Token进行视频生成，所有Token都处于禁用或配额耗尽状态", Reason.OVERLOADED),
        (403, "Your text contains words that are not allowed", Reason.PROBE_MODERATED),
        (403, "Your plan is not allowed", Reason.NO_ENTITLEMENT),
        (400, "Glimmer is only accessible to billed users at this time", Reason.NO_ENTITLEMENT),
        (400, "width is a forbidden field", Reason.INVALID_REQUEST),
        (400, "width is forbidden for you", Reason.NO_ENTITLEMENT),
    ],
)
def test_what_is_said_of_jobs_pools_and_content(status: int, message: str, reason: Reason) -> None:
    """A purged job is no retired model, an empty pool no empty purse, a word filter no missing right."""
    assert _read(status, message, Depth.GENERATE) is reason


@pytest.mark.parametrize(
    ("text", "proves"),
    [
        ('Invalid JSON payload received. Unknown name "size": Cannot find field.', False),
        ("Invalid value at 'size': must be one of 512x512", True),
    ],
)
def test_who_cannot_read_a_create_has_not_looked_at_it(text: str, proves: bool) -> None:
    """A schema of another version refuses every create of ours in its reader, before any validator."""
    assert _proves(text) is proves


@pytest.mark.parametrize(
    ("length", "reason"),
    [
        ("0", Reason.ASSET_INVALID),
        ("12", Reason.ASSET_INVALID),
        ("999", Reason.OK),
        ("", Reason.OK),
    ],
)
def test_an_empty_file_is_nothing_made(length: str, reason: Reason) -> None:
    """A 200 with the type of a video and no byte of one, or no more than its first."""
    headers = {"content-type": "video/mp4", **({"content-length": length} if length else {})}
    body = b"\0\0\0\x18ftypmp42" if length != "0" else b""
    answer = Answer(200, headers, body)
    file = load_provider("segmind")
    found = explain(answer, file, load_generic(), now=TODAY, depth=Depth.GENERATE)

    assert found.reason is reason


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("image is required", Reason.REJECTION_UNPROVEN),
        ("camera_control is only supported in std mode", Reason.REJECTION_UNPROVEN),
        ("prompt is required", Reason.REJECTED_AS_EXPECTED),
        ("duration value '99' is invalid", Reason.REJECTED_AS_EXPECTED),
    ],
)
def test_a_validators_own_code_proves_only_what_it_names(message: str, reason: Reason) -> None:
    """Kling's 1201 is a validator's; of a field that we sent as it should be, every create hears."""
    body = json.dumps({"code": 1201, "message": message}).encode()
    answer = Answer(400, {}, body)
    read = explain(answer, load_provider("kling"), load_generic(), now=TODAY, depth=Depth.ACCEPT)
    assert read.reason is reason


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("failed parsing request body: json: cannot unmarshal string into Go struct field GlimmerRequest.response_format of type x.ChatResponseFormat", Reason.REJECTION_UNPROVEN),
        ("json: cannot unmarshal number into Go struct field Glimmer.seed of type string", Reason.REJECTION_UNPROVEN),
        ("json: cannot unmarshal number into Go struct field Glimmer.prompt of type string", Reason.REJECTED_AS_EXPECTED),
        ("failed to decode upstream response: json: cannot unmarshal object into Go value of type []string", Reason.SERVER_ERROR),
        ("json: cannot unmarshal string into Go struct field GlimmerResponse.created of type int64", Reason.SERVER_ERROR),
        ("failed to read request from queue", Reason.SERVER_ERROR),
    ],
)  # fmt: skip
def test_a_server_that_cannot_read_our_request_is_not_down(message: str, reason: Reason) -> None:
    """It has the route and stumbled over what we sent; over what came from behind it, that is its own trouble."""
    assert _read(500, message, Depth.ACCEPT) is reason
    if reason is Reason.REJECTION_UNPROVEN:
        assert _read(500, message, Depth.GENERATE) is Reason.SERVER_ERROR


@pytest.mark.parametrize(
    ("text", "breaks", "proves"),
    [
        ("Maximum 5 images allowed, got 6", "images_url", True),
        ("At most 5 images, got 6", "image_urls", True),
        ("Maximum 5 seed allowed, got 6", "seed", True),
        ("Maximum 5 fps allowed, got 6", "fps", False),  # no plural: it counts nothing
        ("Maximum 5 images allowed", "images_url", False),
        ("Maximum 5 images allowed per day, got 6", "images_url", False),
        ("Maximum 5 videos allowed, got 6", "images_url", False),
        ("Images are not available, got 6", "images_url", False),
        ("Params body.video_style invalid", "video_style", True),
        ("Invalid replica_uuid", "replica_id", True),
        ("Invalid template_uuid", "replica_id", False),
        ("Invalid data for image - reason invalid base64 encoding", "image", True),
        ("Invalid data for image - reason invalid base64 encoding", "seed", False),
        ("Params body.voice invalid", "video_style", False),
        ("Template modifications missing", "modifications", True),
        ("Modifications are required", "modifications", True),
        ("Account modifications missing", "modifications", False),
        ("Channel modifications missing", "modifications", False),
        ("Template modifications missing since the outage", "modifications", False),
        ("Template duration missing", "duration", False),
        ("Template images missing", "images", False),
        ("Template sizes missing", "size", False),
        ("Template api key missing", "api_key", False),
    ],
)
def test_names_of_what_a_create_broke_in_other_words(text: str, breaks: str, proves: bool) -> None:
    """What is counted may lack the word for its address; what is missing may be told with what it is a part of."""
    body = json.dumps({"detail": text}).encode()
    answer = Answer(400, {}, body, broken=(breaks,))
    found = explain(answer, None, load_generic(), now=TODAY, depth=Depth.ACCEPT).reason

    assert (found is Reason.REJECTED_AS_EXPECTED) is proves


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("Could not download image from the provided URL. Please verify the URL is accessible.", Reason.INVALID_REQUEST),
        ("Unable to fetch the input video from the link", Reason.INVALID_REQUEST),
        ("Could not download video from the worker", Reason.JOB_FAILED),
        ("Unable to download the result from the storage URL", Reason.JOB_FAILED),
    ],
)  # fmt: skip
def test_a_file_that_we_put_in_cannot_be_fetched(message: str, reason: Reason) -> None:
    """From its address; what a service made and cannot fetch is its own."""
    body = json.dumps({"status": "failed", "error": message}).encode()
    found = explain(
        Answer(200, {}, body), None, load_generic(), now=TODAY, depth=Depth.GENERATE
    ).reason

    assert found is reason


def test_a_rate_that_is_paid_for_is_money() -> None:
    """402 asks for money, whatever words stand with it."""
    assert _read(402, "Rate limited", Depth.GENERATE) is Reason.QUOTA_EXHAUSTED
    assert _read(429, "Rate limited", Depth.GENERATE) is Reason.RATE_LIMITED


def test_a_code_in_a_text_is_read_like_one_beside_it() -> None:
    """`bizCode=…` is how some relay what their vendor answered."""
    refused = "upstream bizCode=unsupported_aspect_ratio, msg=glimmer 1:1"
    assert _read(400, refused, Depth.ACCEPT) is Reason.REJECTED_AS_EXPECTED
    broke = "upstream bizCode=glimmer_ratio, msg=glimmer 1:1"
    assert _read(400, broke, Depth.ACCEPT) is Reason.REJECTION_UNPROVEN


def test_an_error_told_as_text_in_an_event_is_read() -> None:
    """The wire of a web client puts JSON into a text: a code that is no success, beside a message."""
    told = json.dumps({"code": 710022002, "message": "访问频繁"})
    event = json.dumps({"event_data": told, "event_type": 2005})
    stream = f"data: {event}\n\n".encode()
    sound = f"data: {json.dumps({'event_data': json.dumps({'message': 'x'})})}\n\n".encode()
    headers = {"content-type": "text/event-stream"}
    reasons = [
        explain(
            Answer(200, headers, body), None, load_generic(), now=TODAY, depth=Depth.GENERATE
        ).reason
        for body in (stream, sound)
    ]
    assert reasons[0] is Reason.RATE_LIMITED
    assert reasons[1] is not Reason.RATE_LIMITED
