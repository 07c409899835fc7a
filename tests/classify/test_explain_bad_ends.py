"""`explain` without a depth: a job that ended badly is no success, however fine its envelope is."""

from __future__ import annotations

import json

import pytest

from genmedia_exporter.classify.explain import Answer, explain
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.providers.loader import load_generic, load_provider

FAILED = {"taskId": "t", "state": "fail", "failMsg": "worker died"}


@pytest.mark.parametrize(
    ("provider", "document", "reason"),
    [
        ("kie", {"code": 200, "msg": "success", "data": FAILED}, Reason.JOB_FAILED),
        ("kie", {"code": 200, "msg": "success", "data": 120}, Reason.OK),
        ("wavespeed", {"code": 200, "data": {"id": "p", "status": "failed"}}, Reason.JOB_FAILED),
        ("wavespeed", {"code": 200, "data": {"balance": 1.5}}, Reason.OK),
        (
            "kling",
            {"code": 0, "data": {"task_id": "t", "task_status": "failed"}},
            Reason.JOB_FAILED,
        ),
        ("segmind", {"status": "FAILED"}, Reason.JOB_FAILED),
        ("pixverse", {"ErrCode": 0, "Resp": {"status": 7}}, Reason.PROBE_MODERATED),
        ("minimax", {"task": {"status": "expired"}}, Reason.JOB_EXPIRED),
    ],
)
def test_a_bad_end_is_read_as_one(provider: str, document: object, reason: Reason) -> None:
    """The free call of the same service would be content with the envelope alone."""
    answer = Answer(200, {}, json.dumps(document).encode())
    verdict = explain(answer, load_provider(provider), load_generic(), now=Unix(1_796_000_000.0))
    assert verdict.reason is reason
