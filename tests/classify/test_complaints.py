"""Many validators' words times many fields times many shapes: all prove; what only mentions a field does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from genmedia_exporter.classify.explain import Answer, explain
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.providers.loader import load_generic
from tests.answers import TODAY
from tests.classify.test_vocabulary import OF_OTHER_THINGS

PROVEN = Reason.REJECTED_AS_EXPECTED
FOLDER = Path(__file__).parents[1] / "data" / "complaints"
OF_FIELDS = (FOLDER / "templates_of_fields.txt").read_text("utf-8").splitlines()
OF_OTHERS = (FOLDER / "templates_of_other_things.txt").read_text("utf-8").splitlines()
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


def _proven(templates: list[str]) -> set[str]:
    """Return the templates that prove with any field of ours, of which Chinese has its own names."""
    names = {True: ("prompt", "size", "duration"), False: ("prompt", "提示词", "时长")}
    told = [(t, t.format(f=name)) for t in templates for name in names[t.isascii()]]
    return {t for t, text in told if reason({"error": {"message": text}}) is PROVEN}


def test_every_way_to_complain_proves() -> None:
    """Of a field, in English and Chinese."""
    assert set(OF_FIELDS) - _proven(OF_FIELDS) == set()


def test_no_way_to_speak_of_something_else_does() -> None:
    """With the field's name beside it, or in the name of something else."""
    assert _proven(OF_OTHERS) == set()


def _named(place: str, text: str) -> Any:
    """Return a document in which *text* stands with the name of a field, as validators put it."""
    violation = {"field": "prompt", "description": text}
    shapes = {
        "param": {"error": {"message": text, "param": "prompt", "code": "invalid_request"}},
        "loc": {"detail": [{"loc": ["body", "prompt"], "msg": text, "type": "value_error"}]},
        "key": {"prompt": [text]},
        "key of errors": {"title": "Bad Request", "status": 400, "errors": {"prompt": [text]}},
        "field": {"message": "Validation failed", "errors": [{"field": "prompt", "message": text}]},
        "path": {"error": "Invalid input", "issues": [{"path": ["prompt"], "message": text}]},
        "violation": {
            "error": {"message": "Invalid", "details": [{"fieldViolations": [violation]}]}
        },
    }
    return shapes[place]


PLACES = ["param", "loc", "key", "key of errors", "field", "path", "violation"]


@pytest.mark.parametrize("place", PLACES)
def test_what_stands_with_a_field_says_what_is_wrong_with_it(place: str) -> None:
    """The name alone proves nothing where the sentence beside it is about a plan, a queue or a region."""
    told = {other: reason(_named(place, other)) for other in OF_OTHER_THINGS}

    assert [text for text, why in told.items() if why is Reason.REJECTED_AS_EXPECTED] == []


@pytest.mark.parametrize("place", PLACES)
def test_a_complaint_with_a_field_proves(place: str) -> None:
    """In the words of any validator, and where a second sentence refers to its documents."""
    for text in (
        "Field required",
        "Too small",
        "不能为空",
        "must be one of: a, b",
        "Invalid. See docs.",
    ):
        assert reason(_named(place, text)) is Reason.REJECTED_AS_EXPECTED, text


ASKERS = [
    "this user",
    "your role",
    "your key",
    "this account",
    "your plan",
    "trial users",
    "此用户",
    "当前套餐",
]
OF_ASKERS = [
    "{f} is not supported for {w}",
    "Unsupported {f} for {w}",
    "{w} may not set {f}",
    "{f} must be less than 5 for {w}",
    "{f} exceeds the limit of {w}",
    "{f} out of range for {w}",
    "{w}的{f}超过上限",
    "{f}超出{w}的限制",
]


@pytest.mark.parametrize("sentence", OF_ASKERS)
def test_a_limit_of_who_asks_is_no_validators(sentence: str) -> None:
    """Every create meets it."""
    told = [sentence.format(f=field, w=who) for field, who in product(FIELDS, ASKERS)]

    assert [text for text in told if reason({"error": {"message": text}}) is PROVEN] == []
