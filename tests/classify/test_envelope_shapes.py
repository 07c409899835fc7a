"""Envelopes in which services of which we have no file refuse, whatever the HTTP status: by flags, codes and texts under names of their own."""

from __future__ import annotations

import json
from typing import Final

import pytest

from genmedia_exporter.classify.explain import Answer, explain
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.providers.loader import load_generic
from tests.answers import TODAY

SAID: Final = "insufficient balance"
REFUSING: Final[tuple[object, ...]] = (
    {"status": 0, "info": SAID},
    {"ret": -1, "msg": SAID},
    {"errno": 1, "errmsg": SAID},
    {"result": "error", "reason": SAID},
    {"rc": 5, "desc": SAID},
    {"isSuccess": False, "message": SAID},
    {"ok": False, "description": SAID},
    {"success": "false", "msg": SAID},
    {"status": "fail", "msg": SAID},
    {"err": SAID},
    {"exception": SAID},
    {"Error": {"Code": "x", "Message": SAID}},
    {"fault": {"faultstring": SAID}},
    {"error": "x", "error_description": SAID},
    {"result_code": "FAIL", "err_code_des": SAID},
    {"responseStatus": "FAILED", "message": SAID},
    {"code": 1001, "message": SAID, "data": None},
    {"code": "1001", "desc": SAID},
    {"retcode": 100, "retmsg": SAID},
    {"error_code": 17, "error_msg": SAID},
    {"statusCode": 402, "body": SAID},
    {"Response": {"Error": {"Code": "x", "Message": SAID}}},
    {"errors": [{"detail": SAID}]},
    {"errors": {"base": [SAID]}},
    {"data": {"error": SAID}},
    {"data": {"errors": [{"message": SAID}]}},
    {"meta": {"code": 402, "msg": SAID}},
    {"header": {"code": 11, "message": SAID}},
    {"base_resp": {"status_code": 1008, "status_msg": SAID}},
    {"resultCode": "9999", "resultMsg": SAID},
    {"type": "error", "error": {"message": SAID}},
    {"status": "error", "errorMessage": SAID},
    {"state": "ERROR", "failureReason": SAID},
    {"failed": True, "reason": SAID},
    {"detail": SAID},
    {"message": SAID, "code": "E1"},
    {"success": 0, "error": SAID},
    {"failure": SAID},
    {"problem": SAID},
    {"Message": SAID},
    {"title": "x", "detail": SAID, "status": 402},
    {"error": {"0": SAID}},
    {"error": [SAID]},
    {"error": {"errors": [{"reason": SAID}]}},
    {"msg": SAID, "status": 500},
    {"status": {"code": 402, "message": SAID}},
    {"status": {"error": SAID}},
    {"response": {"error": SAID}},
    {"result": {"error": SAID}},
    {"output": {"error": SAID}},
    {"errorCode": "X", "errorMsg": SAID},
    {"stat": "fail", "code": 1, "message": SAID},
    {"ErrCode": 5, "ErrMsg": SAID},
    {"outcome": "failure", "message": SAID},
)


def _reason(document: object, http: int, depth: Depth) -> Reason:
    answer = Answer(http, {"content-type": "application/json"}, json.dumps(document).encode())
    return explain(answer, None, load_generic(), now=TODAY, depth=depth, model="wan").reason


@pytest.mark.parametrize("document", REFUSING, ids=str)
def test_a_refusal_is_found_in_any_envelope(document: object) -> None:
    """With 200 and with a status of its own, to whatever was asked."""
    asked = [(200, depth) for depth in Depth] + [(400, Depth.GENERATE), (403, Depth.REACH)]
    found = {(http, depth): _reason(document, http, depth) for http, depth in asked}
    assert set(found.values()) == {Reason.QUOTA_EXHAUSTED}, found


@pytest.mark.parametrize(
    "beside",
    [
        {"err": None},
        {"err": ""},
        {"exception": "none"},
        {"failure": 0},
        {"failure": 3},  # of so many tasks
        {"rc": 0, "desc": "success"},
        {"warning": "this parameter is deprecated"},
        {"hint": "keep this id"},
        {"warning": "insufficient balance for more than one of these", "images": ["x"]},
        {"meta": {"code": 200, "msg": "ok"}},
        {"head": {"code": "0"}},
        {"error": {"0": ""}},
    ],
    ids=str,
)
def test_what_stands_beside_a_result_refuses_nothing(beside: dict[str, object]) -> None:
    """Empty places, counts, good words and hints."""
    made = {"status": "succeeded", "video_url": "https://c.example/a.mp4"}
    assert _reason({**made, **beside}, 200, Depth.GENERATE) is Reason.OK


@pytest.mark.parametrize(
    ("document", "http", "reason"),
    [
        ({"code": -1, "result": "zqx"}, 200, Reason.REJECTION_UNPROVEN),
        ({"code": 7, "result": {"task_id": "1"}}, 200, Reason.ACCEPTED_UNEXPECTEDLY),
        (
            {"error": "x", "error_description": "prompt is required"},
            400,
            Reason.REJECTED_AS_EXPECTED,
        ),
        ({"error": "Bad request", "note": "prompt is required"}, 400, Reason.REJECTION_UNPROVEN),
    ],
)
def test_what_a_create_is_answered_with(document: object, http: int, reason: Reason) -> None:
    """A code below zero was never a payload's; a word alone is explained elsewhere."""
    assert _reason(document, http, Depth.ACCEPT) is reason
