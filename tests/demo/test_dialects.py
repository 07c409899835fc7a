"""Each vendor's own words for each trouble, and which of its calls show it."""

from typing import Any

import pytest

from genmedia_exporter.demo.faults import KINDS

OPENAI = {
    "server_error": (500, "server_error"),
    "overloaded": (503, "server_is_overloaded"),
    "rate_limited": (429, "rate_limit_exceeded"),
    "quota": (429, "insufficient_quota"),
    "invalid_key": (401, "invalid_api_key"),
    "no_entitlement": (403, "must be verified"),
    "region": (403, "unsupported_country_region_territory"),
    "suspended": (503, "temporarily paused"),
    "maintenance": (503, "maintenance"),
    "retired": (404, "has been deprecated"),
    "unlisted": (404, "does not exist or you do not have access"),
}
POOL = {
    "server_error": (500, "API request failed"),
    "overloaded": (500, "heavy_load"),
    "rate_limited": (429, "rate_limit_error"),
    "quota": (403, "insufficient_user_quota"),
    "invalid_key": (401, "Invalid API key"),
    "no_entitlement": (403, "该令牌无权访问模型"),
    "region": (500, "unsupported_country_code"),
    "suspended": (503, "无可用渠道"),
    "maintenance": (503, "维护"),
    "retired": (404, "is no longer available"),
    "unlisted": (404, "model_not_found"),
    "risk_control": (200, "cooling down"),
}
GATEWAY = {
    "server_error": (500, "do_request_failed"),
    "overloaded": (503, "high demand"),
    "rate_limited": (429, "您已达到请求数限制"),
    "upstream_saturated": (429, "上游负载已饱和"),
    "quota": (403, "insufficient_user_quota"),
    "upstream_quota": (403, "insufficient_quota"),
    "invalid_key": (401, "无效的令牌"),
    "no_entitlement": (403, "该令牌无权访问模型"),
    "region": (403, "access_denied"),
    "suspended": (503, "无可用渠道"),
    "maintenance": (503, "maintenance"),
    "retired": (404, "is no longer available"),
    "unlisted": (404, "model_not_found"),
    "risk_control": (500, "cooling down"),
}
GEMINI = {
    "server_error": (500, "internal_error"),
    "overloaded": (503, "service_unavailable"),
    "rate_limited": (429, "rate_limit_exceeded"),
    "quota": (402, "payment_required"),
    "invalid_key": (401, "authentication"),
    "no_entitlement": (403, "permission_denied"),
    "region": (400, "failed_precondition"),
    "suspended": (503, "temporarily paused"),
    "maintenance": (503, "maintenance"),
    "retired": (404, "is no longer available"),
    "unlisted": (404, "model_not_found"),
}
KLING = {
    "server_error": (500, '"code": 5000'),
    "overloaded": (504, '"code": 5002'),
    "rate_limited": (429, '"code": 1302'),
    "quota": (429, '"code": 1102'),
    "invalid_key": (401, '"code": 1002'),
    "no_entitlement": (403, '"code": 1103'),
    "region": (429, '"code": 1304'),
    "suspended": (503, "temporarily paused"),
    "maintenance": (503, '"code": 5001'),
    "retired": (404, '"code": 1203'),
    "unlisted": (404, '"code": 1203'),
}
FAL = {
    "server_error": (500, "detail"),
    "overloaded": (503, "runner"),
    "rate_limited": (429, "Rate limit"),
    "quota": (403, "Exhausted balance"),
    "invalid_key": (401, "authentication"),
    "no_entitlement": (403, "access"),
    "region": (403, "not supported"),
    "suspended": (503, "temporarily paused"),
    "maintenance": (503, "maintenance"),
    "retired": (404, "is no longer available"),
    "unlisted": (404, "not found"),
}
DASHSCOPE = {
    "server_error": (500, "InternalError"),
    "overloaded": (503, "ModelUnavailable"),
    "rate_limited": (429, "Throttling.RateQuota"),
    "quota": (400, "Arrearage"),
    "invalid_key": (401, "InvalidApiKey"),
    "no_entitlement": (403, "AccessDenied.Unpurchased"),
    "region": (403, "AccessDenied"),
    "suspended": (503, "temporarily paused"),
    "maintenance": (503, "maintenance"),
    "retired": (404, "ModelNotFound"),
    "unlisted": (404, "ModelNotFound"),
}
REPLICATE = {
    "server_error": (500, "Internal server error"),
    "overloaded": (503, "No capacity"),
    "rate_limited": (429, "throttled"),
    "quota": (402, "Insufficient credit"),
    "invalid_key": (401, "Unauthenticated"),
    "no_entitlement": (403, "Forbidden"),
    "region": (403, "Country, region"),
    "suspended": (503, "temporarily paused"),
    "maintenance": (503, "maintenance"),
    "retired": (410, "has been deprecated"),
    "unlisted": (404, "could not be found"),
}
BFL = {
    "server_error": (500, "Internal server error"),
    "overloaded": (503, "high load"),
    "rate_limited": (429, "active tasks"),
    "quota": (402, "Insufficient credits"),
    "invalid_key": (403, "Not authenticated"),
    "no_entitlement": (403, "no permission"),
    "region": (403, "Country, region"),
    "suspended": (503, "temporarily paused"),
    "maintenance": (503, "maintenance"),
    "retired": (410, "has been deprecated"),
    "unlisted": (404, "not found"),
}
MINIMAX = {
    "server_error": (500, "(1000)"),
    "overloaded": (503, "overloaded"),
    "rate_limited": (429, "rate_limit_error"),
    "quota": (402, "insufficient_balance_error"),
    "invalid_key": (401, "authorized_error"),
    "no_entitlement": (403, "no permission"),
    "region": (403, "Country, region"),
    "suspended": (503, "temporarily paused"),
    "maintenance": (503, "maintenance"),
    "retired": (404, "no longer available"),
    "unlisted": (404, "does not exist"),
}
COMFYUI = {
    "server_error": (500, "server_error"),
    "overloaded": (503, "overloaded"),
    "rate_limited": (429, "Too many requests"),
    "quota": (402, "insufficient credits"),
    "invalid_key": (401, "Unauthorized"),
    "no_entitlement": (403, "do not have access"),
    "region": (403, "Country, region"),
    "suspended": (503, "temporarily paused"),
    "maintenance": (503, "maintenance"),
    "retired": (410, "no longer available"),
    "unlisted": (404, "does not exist"),
}
PIXVERSE = {
    "server_error": (500, "99999"),
    "overloaded": (503, "500069"),
    "rate_limited": (429, "too many requests"),
    "quota": (200, "500090"),
    "invalid_key": (401, "10005"),
    "no_entitlement": (200, "500020"),
    "region": (403, "Country, region"),
    "suspended": (503, "temporarily paused"),
    "maintenance": (503, "maintenance"),
    "retired": (410, "has been deprecated"),
    "unlisted": (404, "does not exist"),
}
RUNWAY = {
    "server_error": (500, "internal error"),
    "overloaded": (503, "shedding load"),
    "rate_limited": (429, "Too many requests"),
    "quota": (400, "enough credits"),
    "invalid_key": (401, "key is invalid"),
    "no_entitlement": (403, "no access"),
    "region": (403, "Country, region"),
    "suspended": (503, "temporarily paused"),
    "maintenance": (503, "maintenance"),
    "retired": (410, "has been deprecated"),
    "unlisted": (404, "does not exist"),
}
DIALECTS = {
    "sora-2-official": OPENAI,
    "sora-2-pro-official": OPENAI,
    "sora-2-reverse": POOL,
    "sora-2-pro-reverse": POOL,
    "veo-3.1-reverse": GATEWAY,
    "sora-image": GATEWAY,
    "gemini-omni": GEMINI,
    "kling": KLING,
    "fal": FAL,
    "dashscope": DASHSCOPE,
    "openai-image": OPENAI,
    "replicate": REPLICATE,
    "bfl": BFL,
    "minimax": MINIMAX,
    "comfyui": COMFYUI,
    "pixverse": PIXVERSE,
    "runway": RUNWAY,
}


def test_application_faults_speak_the_vendors_dialect(visitor: Any, service: str) -> None:
    """A good create meets each trouble in this vendor's status and words, and costs nothing."""
    for kind, (status, words) in DIALECTS[service].items():
        visitor.world.set_fault(service, kind)
        answer = visitor.create(service)
        assert (kind, answer.status_code) == (kind, status)
        assert words in answer.text
    assert visitor.world.ledger[service].creates == 0
    visitor.world.clear_fault(service)
    assert visitor.reach(service).status_code == 200


def test_table_of_dialects_is_complete(visitor: Any, service: str) -> None:
    """Every application kind is either promised above or refused by name."""
    for kind in (k.name for k in KINDS.values() if k.layer == "application"):
        if kind in DIALECTS[service] or kind == "flaky":
            visitor.world.set_fault(service, kind)
        else:
            with pytest.raises(ValueError, match="cannot show"):
                visitor.world.set_fault(service, kind)


def test_pool_check_cannot_see_what_the_stream_sees(visitor: Any) -> None:
    """Under risk control the free check says no in a 200, the stream carries the reason."""
    for words, said in (
        ("pool", "cooling down"),
        ("cloudflare", "Cloudflare"),
        ("sentinel", "sentinel_block"),
    ):
        visitor.world.set_fault("sora-2-reverse", "risk_control", words=words)
        check = visitor.validate("sora-2-reverse")
        assert check.status_code == 200
        assert "No available models for video generation" in check.text
        assert said in visitor.create("sora-2-reverse").text


def test_gateway_carries_the_vendors_body_as_a_string(visitor: Any) -> None:
    """fail_to_fetch_task, with JSON inside the message."""
    visitor.world.set_fault("veo-3.1-reverse", "upstream_quota")
    body = visitor.create("veo-3.1-reverse").json()
    assert body["code"] == "fail_to_fetch_task"
    assert '"insufficient_quota"' in body["message"]
    assert visitor.validate("veo-3.1-reverse").status_code == 400


def test_gateway_quota_shows_on_the_token(visitor: Any) -> None:
    """The usage call still answers, and says that nothing is left."""
    visitor.world.set_fault("veo-3.1-reverse", "quota")
    usage = visitor.get("veo-3.1-reverse", "/api/usage/token/").json()
    assert usage["data"]["total_available"] == 0


def test_scope_and_model_narrow_a_fault(visitor: Any) -> None:
    """Only creates, or only one of two models."""
    visitor.world.set_fault("openai-image", "overloaded", scope="create")
    assert visitor.reach("openai-image").status_code == 200
    assert visitor.validate("openai-image").status_code == 503
    visitor.world.set_fault("openai-image", "retired", model="gpt-image-1.5")
    assert visitor.reach("openai-image").status_code == 200
    assert visitor.get("openai-image", "/v1/models/gpt-image-1.5").status_code == 404
    listed = visitor.get("openai-image", "/v1/models").json()["data"]
    assert [model["id"] for model in listed] == ["gpt-image-2.5-flare"]
