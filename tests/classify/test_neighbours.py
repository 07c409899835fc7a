"""Kinds of answers found in the world, each beside its neighbour that means something else."""

from __future__ import annotations

import json

import pytest

from genmedia_exporter.classify.envelope import refuses
from genmedia_exporter.classify.explain import Answer, explain
from genmedia_exporter.core.evidence import Verdict
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Channel, Depth, Fault
from genmedia_exporter.providers.loader import load_generic, load_provider
from tests.answers import TODAY


def _verdict(
    document: object,
    http: int = 400,
    *,
    depth: Depth = Depth.ACCEPT,
    provider: str = "",
    channel: Channel | None = None,
    model: str = "",
) -> Verdict:
    body = json.dumps(document, ensure_ascii=False).encode()
    file = load_provider(provider) if provider else None
    return explain(
        Answer(http, {}, body),
        file,
        load_generic(),
        now=TODAY,
        depth=depth,
        channel=channel,
        model=model,
    )


@pytest.mark.parametrize(
    ("text", "proves"),
    [
        ("Request parameters are invalid", True),
        ("duration value is invalid", True),
        ("External_task_id probe-1 already exists", False),
        ("callback_url is invalid", False),
        ("callback_url and aspect_ratio are invalid", True),
        ("errors.parameters at input.prompt", True),
    ],
)
def test_a_validators_own_code_proves_unless_its_text_is_about_another_field(
    text: str, proves: bool
) -> None:
    """Kling's 1201 is said of an id, too."""
    verdict = _verdict({"code": 1201, "message": text}, provider="kling")

    assert (verdict.reason is Reason.REJECTED_AS_EXPECTED) is proves


@pytest.mark.parametrize(
    ("code", "text", "channel", "reason"),
    [
        (-2001, "permission denied (错误码: 3018)", Channel.REVERSE, Reason.UPSTREAM_AUTH),
        (-2001, "permission denied", Channel.REVERSE, Reason.NO_ENTITLEMENT),
        (3018, "permission denied (错误码: 3018)", Channel.REVERSE, Reason.NO_ENTITLEMENT),
        (-2001, "permission denied (错误码: 3018)", Channel.OFFICIAL, Reason.NO_ENTITLEMENT),
        (-2001, "permission denied (4 tries)", Channel.REVERSE, Reason.NO_ENTITLEMENT),
    ],
)
def test_a_gateway_that_quotes_another_code_relays(
    code: int, text: str, channel: Channel, reason: Reason
) -> None:
    """What its vendor refused is not our key's."""
    told = {"code": code, "message": text, "data": None}

    assert _verdict(told, 200, depth=Depth.GENERATE, channel=channel).reason is reason


@pytest.mark.parametrize(
    ("text", "is_absent"),
    [
        ("The model 'gpt-image-2' does not exist", True),
        ("The model 'gpt-image-2' is not supported", True),
        ("The model does not support this operation", True),
        ("The model 'gpt-image-2' does not support the 'input_fidelity' parameter.", False),
        ("Model hailuo-fast does not support Text-to-Video mode", False),
        ("模型不支持", True),
        ("该模型不支持文生视频模式", False),
    ],
)
def test_a_model_that_lacks_something_is_not_absent(text: str, is_absent: bool) -> None:
    """Only a model that nobody finds is."""
    reason = _verdict({"error": {"message": text}}).reason

    assert (reason is Reason.MODEL_NOT_FOUND) is is_absent
    assert reason is not Reason.REJECTED_AS_EXPECTED


@pytest.mark.parametrize(
    ("document", "proves"),
    [
        ({"title": "Input validation failed", "detail": "- input.prompt is required\n"}, True),
        ({"title": "Input validation failed", "detail": "- version is required\n"}, False),
        ({"title": "Input validation failed", "detail": "- version is required\n- input.prompt is required\n"}, False),
        ({"detail": "Input validation failed"}, False),
        ({"detail": "Prompt validation failed"}, True),
        ({"detail": [{"type": "model_attributes_type", "loc": ["body", "image_size", "ImageSize"],
                      "msg": "Input should be a valid dictionary or object to extract fields from"}]}, True),
        ({"detail": [{"type": "model_attributes_type", "loc": ["body", "model"],
                      "msg": "Input should be a valid dictionary or object to extract fields from"}]}, False),
        ({"detail": [{"type": "string_not_ascii", "loc": ["body", "prompt"], "msg": "String should contain only ASCII characters"}]}, True),
        ({"detail": [{"type": "value_error", "loc": ["body", "prompt"], "msg": "Extract of the account is due"}]}, False),
    ],
)  # fmt: skip
def test_what_stands_above_complaints_proves_nothing(document: object, proves: bool) -> None:
    """Nor does a complaint of what every create lacks."""
    assert (_verdict(document, 422).reason is Reason.REJECTED_AS_EXPECTED) is proves


FAILED = {"id": "a", "status": "error", "error": {"code": "contentPolicyViolation"}}


@pytest.mark.parametrize(
    ("document", "is_refusal"),
    [
        ({"data": [FAILED]}, True),
        ({"data": [FAILED, FAILED]}, True),
        ({"data": [FAILED, {"id": "b", "url": "https://x/y.mp4"}]}, False),
        ({"data": []}, False),
        ({"Response": {"Status": "FINISH", "Task": {"ErrCode": 70000, "Message": "Prompt violates policy"}}}, True),
        ({"Response": {"Status": "FINISH", "Task": {"ErrCode": 0, "Message": "SUCCESS"}}}, False),
        ({"Response": {"Status": "FINISH", "Task": {"ErrCode": 70000, "Message": ""}}}, False),
        ({"Response": {"Status": "FINISH", "Task": {"Code": 70000, "Message": "a lighthouse"}}}, False),
        ({"a": {"b": {"c": {"d": {"e": {"error_code": "E1", "msg": "no"}}}}}}, True),
        ({"a": {"b": {"c": {"d": {"e": {"f": {"error_code": "E1", "msg": "no"}}}}}}}, False),
    ],
)  # fmt: skip
def test_an_envelope_refuses_by_what_it_holds(document: object, is_refusal: bool) -> None:
    """Where all of it is an error, or where something in it has an error's code and a text."""
    assert refuses(document) is is_refusal


def test_an_item_that_was_blocked_is_the_contents_fault() -> None:
    """Its code is read although the list is the answer's payload."""
    verdict = _verdict({"data": [FAILED]}, 200, depth=Depth.GENERATE)

    assert (verdict.reason, verdict.fault) == (Reason.PROBE_MODERATED, Fault.CONTENT)


@pytest.mark.parametrize(
    ("http", "text", "reason"),
    [
        (503, "视频队列已满，请稍后重试", Reason.OVERLOADED),
        (503, "The video queue is full", Reason.OVERLOADED),
        (500, "The video queue is full", Reason.OVERLOADED),
        (429, "The video queue is full", Reason.CONCURRENCY_LIMITED),
        (503, "Your queue is full", Reason.CONCURRENCY_LIMITED),
        (503, "Too many concurrent tasks", Reason.CONCURRENCY_LIMITED),
        (500, "Your default credentials were not found.", Reason.ROUTING_BROKEN),
        (500, "Unable to locate credentials", Reason.ROUTING_BROKEN),
        (401, "Invalid credentials", Reason.INVALID_KEY),
        (500, "not implemented", Reason.NOT_IMPLEMENTED),
        (404, "not implemented", Reason.WRONG_PATH),
    ],
)
def test_whose_queue_whose_credentials_and_whose_route(
    http: int, text: str, reason: Reason
) -> None:
    """The server's where it says so by its status or by what only a server has."""
    assert _verdict({"error": {"message": text}}, http, depth=Depth.GENERATE).reason is reason


def test_what_a_gateway_cannot_do_has_not_ended() -> None:
    """Its vendor's end date explains only what is not found."""
    told = {"error": {"message": "not implemented", "type": "one_api_error"}}

    verdict = _verdict(told, 500, depth=Depth.GENERATE, provider="one-api", model="dall-e-3")

    assert (verdict.reason, verdict.fault) == (Reason.NOT_IMPLEMENTED, Fault.GATEWAY)


@pytest.mark.parametrize(
    ("text", "proves"),
    [
        ("Invalid size: 1x1", True),
        ("size=1x1 is not supported for this model", True),
        ("UnsupportedParamsError: size=1x1 is not supported for this model", True),
        ("Unsupported value for parameter size", True),
        ("Unsupported parameter value: size", True),
        ("Argument not supported: size", False),
        ("Unknown parameter: size", False),
        ("Unrecognized request argument: size", False),
        ("unexpected keyword argument size", False),
        ("The parameter 'size' is not supported", False),
        ("Invalid size for nano-banana-pro. Available sizes: 1024x1024, 1152x896", True),
        ("size must be one of 256x256, 512x512 for dall-e-2 or dall-e", True),
        ("Invalid size for some-plan-pro", False),
    ],
)
def test_a_field_that_nobody_knows_is_no_value_that_is_wrong(text: str, proves: bool) -> None:
    """Every create that has it is refused, whatever stands in it; a model's name says nothing."""
    assert (_verdict({"error": {"message": text}}).reason is Reason.REJECTED_AS_EXPECTED) is proves


@pytest.mark.parametrize(
    ("text", "proves"),
    [
        ("unsupported 10k image model: gpt-image-medium", False),
        ("unknown model", False),
        ("invalid size for this model", True),
    ],
)
def test_a_complaint_of_the_model_beside_a_field_of_ours_proves_nothing(
    text: str, proves: bool
) -> None:
    """Although its parameter is one that we broke."""
    told = {"error": {"param": "size", "message": text}}

    assert (_verdict(told).reason is Reason.REJECTED_AS_EXPECTED) is proves


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"task_id": "task_1", "status": "SUCCESS", "fail_reason": ""}, Reason.ASSET_UNAVAILABLE),
        ({"id": "video_1", "status": "completed"}, Reason.OK),
        ({"id": "video_1", "status": "failed", "error": {"message": "x"}}, Reason.JOB_FAILED),
    ],
)
def test_a_result_that_is_fetched_by_its_id_needs_one(document: object, reason: Reason) -> None:
    """A job that says success without an id and without an address has made nothing."""
    verdict = _verdict(document, 200, depth=Depth.GENERATE, provider="new-api")

    assert verdict.reason is reason


@pytest.mark.parametrize(
    ("http", "code", "reason"),
    [
        (403, "insufficient_balance", Reason.QUOTA_EXHAUSTED),
        (429, "insufficient_quota", Reason.UPSTREAM_QUOTA),
    ],
)
def test_whose_balance_a_vendors_type_speaks_of(http: int, code: str, reason: Reason) -> None:
    """OpenAI answers 429 with it; a gateway that says it with 403 means ours."""
    told = {
        "error": {"message": "Insufficient balance", "type": "insufficient_quota", "code": code}
    }

    verdict = _verdict(told, http, depth=Depth.GENERATE, provider="laozhang")

    assert verdict.reason is reason


@pytest.mark.parametrize(
    ("http", "text", "reason"),
    [
        (503, "当前账号池不支持该模型", Reason.NO_CHANNEL),
        (503, "账号池中没有可用账号", Reason.RISK_CONTROL),
        (503, "model x load is in cooldown after a recent failure", Reason.SERVER_ERROR),
        (503, "All deployments are in cooldown", Reason.NO_CHANNEL),
        (400, "Provider rejected the prompt", Reason.PROBE_MODERATED),
        (400, "Provider rejected the prompt format", Reason.INVALID_REQUEST),
    ],
)
def test_a_pool_a_load_and_a_prompt_that_was_rejected(http: int, text: str, reason: Reason) -> None:
    """Each beside a sentence in nearly the same words."""
    told = {"error": {"message": text}}

    verdict = _verdict(told, http, depth=Depth.GENERATE, channel=Channel.REVERSE)

    assert verdict.reason is reason


@pytest.mark.parametrize(
    ("text", "proves"),
    [
        ("Prompt must contain a node with an output", True),
        ("Prompt must contain a queue with an output", False),
    ],
)
def test_words_of_what_we_broke_are_not_strange(text: str, proves: bool) -> None:
    """A workflow has nodes; to everybody else a node is a server."""
    told = {"error": text, "location": "prompt"}

    known = _verdict(told, provider="comfyui").reason is Reason.REJECTED_AS_EXPECTED
    unknown = _verdict(told).reason is Reason.REJECTED_AS_EXPECTED

    assert (known, unknown) == (proves, False)


@pytest.mark.parametrize(
    ("prompt", "description", "reason"),
    [
        ("Beach sunset, retired boats", "/imagine Beach sunset, retired boats", Reason.JOB_FAILED),
        ("Beach sunset", "the model was retired", Reason.RETIRED),
    ],
)
def test_a_prompt_that_is_repeated_says_nothing(
    prompt: str, description: str, reason: Reason
) -> None:
    """A failed job tells of which prompt it was; only what else it says is why it failed."""
    job = {"prompt": prompt, "promptEn": prompt, "description": description, "imageUrl": None}
    job |= {"status": "FAILURE", "failReason": "Glimmering form" if prompt in description else ""}
    found = _verdict(job, 200, depth=Depth.GENERATE, provider="midjourney-proxy")

    assert found.reason is reason
