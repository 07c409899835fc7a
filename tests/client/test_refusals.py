"""What a refusal proves, and what it blames: tables of answers in the shapes of vendors and gateways."""

from __future__ import annotations

import json

import pytest

from genmedia_client.refusals import proves_refusal, refusal_cause


@pytest.mark.parametrize(
    ("status", "code", "message", "by_application", "proof"),
    [
        (400, None, "", False, True),
        (404, None, "Invalid URL", True, True),
        (408, None, "", True, False),
        (499, None, "", True, False),
        (500, None, "do_request_failed", True, False),
        (500, "heavy_load", "", True, True),
        (500, None, "No available tokens for video generation.", True, True),
        (501, "api_not_implemented", "", True, True),
        (502, None, "", False, False),
        (503, None, "paused", True, True),
        (503, None, "<html>", False, False),
        (504, None, "", True, False),
        (303, None, "", False, False),
        (307, None, "", False, True),
        (None, None, "generation failed", True, False),
        (500, "sensitive_words_detected", "", True, True),
        (500, None, "Content policy violation", True, False),
    ],
)
def test_what_proves_a_refusal(
    status: int | None, code: str | None, message: str, by_application: bool, proof: bool
) -> None:
    """Only what cannot have begun; everything else is doubt."""
    assert proves_refusal(status, code, message, by_application) is proof


def error(code: str | int | None = None, message: str = "", **more: object) -> dict[str, object]:
    """Return an error as OpenAI writes it."""
    return {"error": {"code": code, "message": message, **more}}


def relayed(answer: object) -> dict[str, object]:
    """Return an error as new-api relays it for a task."""
    return {"code": "fail_to_fetch_task", "message": json.dumps(answer), "data": None}


SAFETY = "Your request was rejected by the safety system."
BLOCKED = error("moderation_blocked", SAFETY, type="image_generation_user_error")
SECONDS = error(
    "invalid_value",
    "Invalid value: '10'. Supported values are: '4', '8', and '12'.",
    type="invalid_request_error",
    param="seconds",
)


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (400, BLOCKED),
        (400, error("content_policy_violation", "")),
        (400, relayed(BLOCKED)),
        (400, [BLOCKED]),
        (400, error("400", f"litellm.BadRequestError: OpenAIException - {json.dumps(BLOCKED)}\n")),
        (500, error("sensitive_words_detected", "")),
        (400, error("InputTextSensitiveContentDetected", "")),
        (400, {"code": "DataInspectionFailed", "message": "Input data may be wrong."}),
        (400, {"code": 1301, "message": "", "request_id": "r"}),
        (422, {"type": "error", "error": {"type": "unprocessable_entity_error", "message": "new_sensitive (1026)", "code": "1026"}}),
        (400, {"failureCode": "SAFETY.INPUT.TEXT", "code": "SAFETY.INPUT.TEXT"}),
        (403, {"id": "1", "name": "content_moderation", "errors": ["The request was flagged."]}),
        (403, error(403, "Your input was flagged by moderation")),
        (422, {"error": "The prompt failed the safety checks"}),
        (400, {"reason": "TaskPromptPolicyViolation", "message": ""}),
        (400, error(None, "This content may violate our guardrails concerning similarity to others.")),
        (400, error(None, "This request may violate our content policies.")),
        (400, error(None, "输入内容包含敏感词，请修改后重试")),
        (400, error(None, "内容违规")),
        (400, error(None, "提示词未通过内容审核")),
        (400, error(None, "违反平台使用政策")),
        (None, error(None, "Content policy violation: the prompt was refused")),
        (429, error("content_policy_violation", "")),
    ],
)  # fmt: skip
def test_the_content_is_refused(status: int | None, answer: object) -> None:
    """By a code in any spelling, or by words in English and Chinese, also behind a gateway."""
    assert refusal_cause(status, answer) == "content"


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (400, SECONDS),
        (400, relayed(SECONDS)),
        (400, error(None, "prompt is required", type="invalid_request_error")),
        (400, {"code": "invalid_request", "message": "prompt is required", "data": None}),
        (400, {"code": "InvalidParameter", "message": ""}),
        (400, error("INVALID_ARGUMENT", "durationSeconds is out of bounds.")),
        (400, error(400, "", status="INVALID_ARGUMENT", details=[{"fieldViolations": [{"field": "size", "description": "?"}]}])),
        (400, {"code": 1201, "message": "参数 duration 不合法"}),
        (413, error(None, "The image is too large")),
        (422, {"detail": [{"type": "extra_forbidden", "loc": ["body", "lenght"], "msg": "Extra inputs are not permitted", "input": "quota"}]}),
        (422, {"detail": "seconds must be one of 4, 8, 12"}),
    ],
)  # fmt: skip
def test_the_request_is_wrong(status: int, answer: object) -> None:
    """A parameter is named, or the answer says by code or words that a value cannot be."""
    assert refusal_cause(status, answer) == "request"


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (404, error("model_not_found", "The model `x` does not exist", param="model")),
        (400, error("invalid_value", "Invalid value: 'x'.", param="model")),
        (422, {"detail": [{"loc": ["body", "model"], "msg": "Input should be 'a' or 'b'"}]}),
        (400, error(None, "Model x is not supported", type="invalid_request_error")),
        (422, {"title": "Invalid version or not permitted", "detail": "It does not exist"}),
        (400, error("model_price_error", "模型 x 的价格未配置")),
        (503, error("model_not_found", "当前分组 default 下对于模型 x 无可用渠道")),
        (400, error("billing_hard_limit_reached", "Billing hard limit has been reached", type="invalid_request_error")),
        (400, {"code": "Arrearage", "message": "Access denied, please make sure your account is fine"}),
        (400, relayed(error("insufficient_quota", "You exceeded your current quota", param="tokens"))),
        (403, {"code": "insufficient_user_quota", "message": "用户额度不足", "data": None}),
        (400, error("API_KEY_INVALID", "API key not valid. Please pass a valid API key.")),
        (401, error("invalid_api_key", "Incorrect API key provided", type="invalid_request_error")),
        (401, error(None, "Your account violates our content policy")),
        (403, error("Forbidden", "Your resource has been temporarily blocked because we detected behavior that may violate our content policy.")),
        (403, error(None, "该账号因内容违规已被封禁")),
        (403, error("unsupported_country_region_territory", "Country, region, or territory not supported")),
        (400, error("FAILED_PRECONDITION", "User location is not supported for the API use.")),
        (429, error("rate_limit_exceeded", "Rate limit reached for sora-2")),
        (429, error("ServerOverloaded", "")),
        (400, error(None, "No available tokens: all are cooling down, parameters unknown")),
        (400, error("sentinel_block", "something didn't look right")),
        (400, error("bad_response_status_code", "bad response status code 400", param="400")),
        (422, {"status": "FAILED", "error": "CUDA error: device-side assert triggered"}),
        (500, error("invalid_request", "size an unexpected error occurred in the parameter")),
        (503, error(None, "paused")),
        (400, "<html><head><title>400 Bad Request: missing Host</title></head></html>"),
        (403, "<p>Sensitive content was blocked by the firewall</p>"),
        (400, ""), (400, None), (None, None), (400, {"error": None}), (400, {"a": "{" * 500}),
    ],
)  # fmt: skip
def test_the_route_is_at_fault(status: int | None, answer: object) -> None:
    """Model, money, key, account, place, rate and pool differ from route to route; so may the unknown."""
    assert refusal_cause(status, answer) is None


def test_what_is_quoted_back_is_not_read() -> None:
    """FastAPI quotes the caller's value: its words decide nothing."""
    detail = {"loc": ["body", "seconds"], "msg": "Input should be 4", "input": "nsfw content"}
    assert refusal_cause(422, {"detail": [detail]}) == "request"


def test_nesting_ends() -> None:
    """A hostile answer costs neither the stack nor the time."""
    deep: object = "nsfw"
    for _ in range(5000):
        deep = {"error": deep}
    assert refusal_cause(400, deep) is None
