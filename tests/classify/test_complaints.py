"""Many validators' words times many fields times many shapes: all prove; what only mentions a field does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from genmedia_exporter.classify.explain import Answer, explain
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.providers.loader import load_generic
from tests.answers import TODAY

FIELDS = [
    "prompt",
    "text_prompt",
    "promptText",
    "duration",
    "seconds",
    "size",
    "resolution",
    "durationSeconds",
    "aspect_ratio",
    "messages",
    "n",
]
COMPLAINTS = [
    "{f} is required",
    "{f} is missing",
    "missing {f}",
    "Missing required parameter: {f}",
    "{f} cannot be empty",
    "'{f}' must be a string",
    "Invalid {f}",
    "Invalid value for {f}",
    "{f}: invalid value",
    "The {f} field is required.",
    "parameter '{f}' is not valid",
    "{f} is too short",
    "{f} out of range",
    "{f} must be between 1 and 10",
    "{f} must be one of: a, b",
    "Unsupported {f}: 0",
    "{f} '0' is not supported",
    "Value of {f} is not allowed",
    "Expected {f} to be greater than 0",
    "no {f} provided",
    "No {f} found in request",
    "{f} was not provided",
    "{f} can't be blank",
    "Please provide a valid {f}.",
    "Request is missing {f}",
    "missing key: {f}",
    "`{f}` is a required property",
    "Validation failed: {f}",
    "Validation error on field {f}",
    "{f} does not match the pattern",
    "{f} has an invalid format",
    "{f}不能为空",
    "缺少参数{f}",
    "{f}参数错误",
    "参数{f}无效",
    "请输入{f}",
    "{f}取值范围错误",
    "{f}为必填项",
    "{f}长度不能小于1",
]
SHAPES: tuple[Callable[[str], Any], ...] = (
    lambda m: {"error": {"message": m, "type": "invalid_request_error", "code": "invalid_request"}},
    lambda m: {"error": m},
    lambda m: {"code": 400, "msg": m, "data": None},
    lambda m: {"detail": m},
    lambda m: {"errors": [m]},
    lambda m: {"code": "InvalidParameter", "message": m, "request_id": "r"},
    lambda m: m,
    lambda m: {"base_resp": {"status_code": 2013, "status_msg": m}},
    lambda m: {"code": "fail_to_fetch_task", "message": json.dumps({"code": "x", "message": m})},
    lambda m: {"statusCode": 400, "message": [m], "error": "Bad Request"},
)

OTHERS = [
    "insufficient credits",
    "your balance is too low",
    "API key is invalid",
    "missing API key",
    "account suspended",
    "rate limit exceeded, wait 30 seconds",
    "you already have 2 running jobs",
    "daily limit reached",
    "service unavailable",
    "model not found",
    "under maintenance",
    "country not supported",
    "upgrade required",
    "this feature is not available on your plan",
    "organization must be verified",
    "model is required",
    "model: field required",
    "signature does not match",
    "content-type must be application/json",
    "webhook_url is required",
    "cfg_scale must be less than 10",
    "negative_prompt is too long",
    "temperature out of range",
    "request body is empty",
    "Invalid JSON",
    "bad request",
    "request rejected",
    "operation failed",
    "the request was invalid",
    "image is required",
    "steps must be between 1 and 50",
    "余额不足",
    "并发超限",
    "账号已被封禁",
    "请求过于频繁",
    "系统繁忙",
    "未开通该服务",
    "当前地区不支持",
]
MENTIONS = (
    "",
    "Prompt rejected: ",
    "Your prompt was not processed: ",
    "Request for duration 5 refused: ",
    "Error while validating prompt - ",
    "size 1x1, prompt '': ",
)
ECHOES: tuple[Callable[[str], Any], ...] = (
    *SHAPES[:4],
    lambda m: {"code": 400, "msg": m, "data": {"prompt": "", "size": "1x1"}},
    lambda m: {"error": m, "request": {"prompt": "", "seconds": "0"}},
)


def reason(document: object) -> Reason:
    """Return what a refused create means with this answer, under no provider at all."""
    body = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
    answer = Answer(400, {}, body.encode())
    return explain(answer, None, load_generic(), now=TODAY, depth=Depth.ACCEPT).reason


@pytest.mark.parametrize("complaint", COMPLAINTS)
def test_a_complaint_of_what_we_broke_proves(complaint: str) -> None:
    """Of any field, in any shape."""
    told = [(field, shape(complaint.format(f=field))) for field, shape in product(FIELDS, SHAPES)]

    unproven = {field for field, doc in told if reason(doc) is not Reason.REJECTED_AS_EXPECTED}
    assert unproven == set()


@pytest.mark.parametrize("other", OTHERS)
def test_what_only_mentions_it_does_not(other: str) -> None:
    """Whatever stands before, and whatever of ours it repeats."""
    told = [(mention + other, shape) for mention, shape in product(MENTIONS, ECHOES)]

    proven = {text for text, shape in told if reason(shape(text)) is Reason.REJECTED_AS_EXPECTED}
    assert proven == set()
