"""Shapes of what free calls are answered with at services of which we have no file: listings, accounts, health, and what is none."""

from __future__ import annotations

import json
from typing import Final

import pytest

from genmedia_exporter.classify.explain import Answer, explain
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.providers.loader import load_generic, load_provider
from tests.answers import TODAY

MODEL: Final = "wan-2.2"
SHOWN: Final[tuple[object, ...]] = (
    {"name": MODEL, "displayName": "Veo", "description": "Access requires billing to be enabled."},
    {"email": "a@b.c", "is_active": True, "banned": False},
    {"account": {"credits": 5, "status": "active"}},
    {"object": "list", "data": [{"id": MODEL}]},
    {"models": [{"name": MODEL}]},
    {"data": {"models": [{"id": MODEL}]}},
    [{"id": MODEL}],
    [MODEL],
    {"balance": 1.2},
    {"credits": 100},
    {"data": {"balance": 1.2}},
    {"user": {"id": 1, "credits": 3}},
    {"email": "a@b.c"},
    {"id": MODEL, "name": "x"},
    {"name": MODEL, "description": "d"},
    {"status": "ok"},
    {"status": "healthy"},
    {"result": [{"id": MODEL}]},
    {"items": [{"id": MODEL}]},
    {"account": {"id": 1}},
    {"remaining": 3},
    {"credit_balance": 3},
    {"total_credits": 3},
    {"wallet": {"balance": 1}},
    {"wallet_balance": 2},
    {"subscription": {"plan": "pro"}},
    {"success": True, "data": {"x": 1}},
    {"code": 0, "data": [{"id": 1}]},
    {"engines": [{"id": MODEL}]},
    {"voices": [{"voice_id": "x"}]},
    {"avatars": [{"avatar_id": "x"}]},
    {"templates": [{"template_id": "x"}]},
    {"workflows": [{"name": "x"}]},
    {"model": MODEL, "status": "ready"},
    {"endpoints": [{"id": "x"}]},
    {"points": 5},
    {"data": {"points": 5}},
    {"quota": {"used": 1, "limit": 2}},
    {"api_credits": 5},
    {"available_credits": 5},
    {"coins": 4},
    {"userId": "x", "plan": "p"},
    {"data": {"user_id": 1, "username": "a"}},
    {"data": {"id": "m", "attributes": {}}},
    {"results": [{"slug": MODEL}]},
    {"data": [{"model": MODEL}]},
    {"data": [{"name": MODEL}]},
    {"models": {MODEL: {"x": 1}}},
    {MODEL: {"type": "video"}},
    {"data": {MODEL: {"type": "video"}}},
    {"models": [MODEL]},
    {"data": [MODEL]},
    {"model_list": [MODEL]},
    {"list": [{"model_name": MODEL}]},
    {"checkpoints": [{"title": MODEL}]},
    {"samplers": [{"name": "x"}]},
    {"version": "1.2", "model": MODEL},
    {"queue_running": [], "queue_pending": []},
    {"online": True},
    {"ready": True},
    {"healthy": True},
    {"state": "READY"},
    {"status": "UP"},
    {"status": "success", "data": {"credits": 1}},
    {"status": "running", "model_loaded": True},
    {"model_id": MODEL, "state": "active"},
    {"tasks": []},
    {"jobs": []},
    {"data": {"list": [], "total": 0}},
    {"data": {"total": 0, "records": []}},
    {"total": 0, "items": []},
    {"count": 0, "results": []},
    {"hasMore": False, "items": []},
    {"projects": [{"id": 1}]},
    {"rate_limit": {"remaining": 1}},
    {"tier": "free"},
    {"apiKey": {"name": "x"}},
    {"key": "x", "credits": 3},
    {"data": {"label": "x", "usage": 1, "limit": None}},
    {"data": {"quota": 1}},
    {"purchased": 3, "used": 1},
    {"balance": {"credits": 0}},
    {"remainingCredits": 0},
    {"creditsRemaining": 5},
    {"apiCredits": 1},
    {"cents": 500},
    {"amount": 5, "currency": "USD"},
    {"data": {"remain_quota": 1}},
    {"data": {"total_points": 5}},
    {"balance_infos": [{"currency": "CNY", "total_balance": "1"}], "is_available": True},
)
NONE: Final[tuple[object, ...]] = (
    {"name": MODEL, "description": "Access requires billing to be enabled."},
    {"plan": "pro", "status": "suspended"},
    {"account": {"credits": 5, "status": "disabled"}},
    {"user": {"email": "a@b.c", "banned": True}},
    {"email": "a@b.c", "is_active": False},
    {"credits": 5, "blocked": True},
    {"models": [MODEL], "ready": False},
    {},
    [],
    {"data": {}},
    {"data": None},
    {"message": "hello"},
    {"ok": True},
    {"success": True},
    {"success": True, "data": None},
    {"code": 0, "message": "ok"},
    {"status": "error"},
    {"detail": "x"},
    {"html": "x"},
    {"data": ""},
    {"result": None},
    {"status": "down"},
    {"status": "unhealthy"},
    {"ready": False},
    {"online": False},
    {"models": []},
    {"version": "1.0"},
    {"timestamp": 1},
    {"title": "x"},
    {"status": "offline"},
    {"state": "FAILED"},
    {"name": "other"},
    {"model": "other"},
    {"id": "x"},
    {"url": "https://x"},
    {"redirect": "/login"},
    {"error": None},
    {"errors": []},
    {"msg": "登录"},
    {"login": "required"},
    {"balance": None},
    {"permissions": ["x"]},
    {"status": "unhealthy", "models": [MODEL]},
    {"error_list": [{"name": "x"}]},
    {"message": {"credits": None}},
    {"warnings": [{"id": 1}]},
    {MODEL: {}},
    {"balance": ""},
    {"ready": "yes"},
)


def _reason(document: object) -> Reason:
    answer = Answer(200, {"content-type": "application/json"}, json.dumps(document).encode())
    found = explain(answer, None, load_generic(), now=TODAY, depth=Depth.REACH, model=MODEL)
    return found.reason


@pytest.mark.parametrize("document", SHOWN, ids=str)
def test_what_services_answer_on_an_ordinary_day(document: object) -> None:
    """A listing, something of an account, our model, a word of health."""
    assert _reason(document) is Reason.OK


@pytest.mark.parametrize("document", NONE, ids=str)
def test_what_shows_nothing(document: object) -> None:
    """An answer alone is no proof."""
    assert _reason(document) is not Reason.OK


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"queue_running": [], "queue_pending": []}, Reason.OK),
        ({"queue_running": None, "queue_pending": 0}, Reason.SCHEMA),
        ({"videos": []}, Reason.SCHEMA),
    ],
)
def test_an_empty_queue_is_one_where_a_file_describes_other_calls(
    document: object, reason: Reason
) -> None:
    """ComfyUI's, for one: it has nothing to do."""
    answer = Answer(200, {"content-type": "application/json"}, json.dumps(document).encode())
    known = load_provider("comfyui")
    found = explain(answer, known, load_generic(), now=TODAY, depth=Depth.REACH, model="workflow")
    assert found.reason is reason
