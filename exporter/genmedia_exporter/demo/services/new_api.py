"""A new-api gateway: what its video and image relays share, and its two shapes of error.

The gateway's own refusals are `{"error": {...}}`; what the vendor behind it said arrives as a
string inside `{"code": "fail_to_fetch_task", "message": "..."}`.
"""

import json
from collections.abc import Mapping
from typing import ClassVar

from genmedia_exporter.demo.message import Response, json_response
from genmedia_exporter.demo.services.contract import KEY, Call, Role, Route, Service

__all__ = ["Gateway", "as_inner", "gateway_error"]

QUOTA_GRANTED = 50_000_000
QUOTA_PER_USD = 500_000
GROUP = "default"

OWN_REFUSALS: dict[str, tuple[int, str, str]] = {
    "server_error": (500, "do_request_failed", "请求上游地址失败"),
    "rate_limited": (429, "", "您已达到请求数限制：1分钟内最多请求60次"),
    "quota": (403, "insufficient_user_quota", "用户额度不足, 剩余额度: ＄0.000000"),
    "invalid_key": (401, "", "无效的令牌"),
    "no_entitlement": (403, "", "该令牌无权访问模型 {model}"),
    "region": (403, "access_denied", "您的 IP 不在令牌允许访问的列表中"),
    "suspended": (503, "model_not_found", "分组 default 下模型 {model} 无可用渠道（distributor）"),
    "maintenance": (503, "", "系统维护中 (service API endpoint is currently under maintenance)"),
}
"""Trouble: status, code, message of the gateway itself."""

RELAYED: dict[str, tuple[int, object, str]] = {
    "overloaded": (503, 503, "This model is currently experiencing high demand."),
    "upstream_quota": (403, "insufficient_quota", "You exceeded your current quota."),
    "retired": (404, 404, "This model models/{model} is no longer available."),
    "unlisted": (
        404,
        "model_not_found",
        "The model `{model}` does not exist or you do not have access to it.",
    ),
}
"""Trouble: status, code, message of the vendor behind the gateway."""

STATUS_WORDS = {503: "UNAVAILABLE", 404: "NOT_FOUND"}
SATURATED = "当前分组上游负载已饱和，请稍后再试"
RISK_WORDS = {
    "pool": "No available tokens: all tokens are cooling down (账号风控)",
    "cloudflare": "Cloudflare challenge or rate limit (429) triggered.",
    "sentinel": "sentinel_block: something didn't look right with your request",
}


def gateway_error(status: int, code: str, message: str, request_id: str) -> Response:
    """An error of the gateway itself: its request's id stands in the words and in the header."""
    text = f"{message} (request id: {request_id})"
    body = {"error": {"message": text, "type": "new_api_error", "code": code}}
    return json_response(status, body, {"x-oneapi-request-id": request_id})


class Gateway(Service):
    """Token, public catalogue and lists; subclasses add what is relayed."""

    refusals = (*OWN_REFUSALS, *RELAYED, "upstream_saturated", "risk_control")
    scopes: ClassVar[Mapping[str, str]] = {
        "overloaded": "create",
        "quota": "valid_create",
        "suspended": "create",
        "retired": "create",
        "risk_control": "create",
        "upstream_quota": "valid_create",
        "upstream_saturated": "valid_create",
    }

    def open_routes(self) -> tuple[Route, ...]:
        """The free calls."""
        return (
            Route("GET", "/api/status", Role.OPEN, self.status),
            Route("GET", "/api/pricing", Role.OPEN, self.pricing),
            Route("GET", "/api/usage/token/", Role.ASSET, self.usage),
            Route("GET", "/v1/dashboard/billing/subscription", Role.ASSET, self.billing_limit),
            Route("GET", "/v1/dashboard/billing/usage", Role.ASSET, self.billing_usage),
            Route("GET", "/v1/models", Role.LIST, self.list_models),
        )

    def relay_error(self, status: int, inner: object) -> Response:
        """What the vendor behind the gateway said."""
        raise NotImplementedError

    def stamp(self) -> dict[str, str]:
        """The header of the gateway's own process."""
        return {"x-oneapi-request-id": self.shared.environment.fresh_id()}

    def authorise(self, call: Call) -> Response | None:
        """The token, with or without `Bearer` before it."""
        asked = call.request.header("authorization").strip()
        token = asked[7:].strip() if asked.lower().startswith("bearer ") else asked
        if not token:
            return gateway_error(401, "", "未提供令牌", self.shared.environment.fresh_id())
        return None if token == KEY else self.refuse("invalid_key", call)

    def missing_path(self, call: Call) -> Response:
        """A path that the gateway does not route."""
        message = f"Invalid URL ({call.request.method} {call.request.path[:200]})"
        return gateway_error(404, "", message, self.shared.environment.fresh_id())

    def refuse(self, kind: str, call: Call) -> Response:
        """The trouble, said by the gateway or passed on from behind it."""
        model = self.model_of(call)
        if kind in OWN_REFUSALS:
            status, own, message = OWN_REFUSALS[kind]
            return gateway_error(
                status, own, message.format(model=model), self.shared.environment.fresh_id()
            )
        if kind == "risk_control":
            words = call.fault_option("words")
            text = RISK_WORDS[words or "pool"]
            return self.relay_error(500, {"error": {"message": text, "code": "risk_control"}})
        if kind == "upstream_saturated":
            return self.relay_error(429, SATURATED)
        status, code, message = RELAYED[kind]
        inner = {"code": code, "message": message.format(model=model)}
        if status in STATUS_WORDS and isinstance(code, int):
            inner["status"] = STATUS_WORDS[status]
        return self.relay_error(status, {"error": inner})

    def status(self, call: Call) -> Response:
        """Who the gateway is."""
        data = {"version": "v1.0.0-demo", "system_name": "Demo Gateway", "start_time": 1}
        return json_response(200, {"success": True, "message": "", "data": data})

    def pricing(self, call: Call) -> Response:
        """What is on sale, and for how much a call."""
        data = [
            {
                "model_name": model.id,
                "quota_type": 1,
                "model_price": model.usd,
                "enable_groups": [GROUP],
            }
            for model in self.listed(call)
        ]
        ratios = {GROUP: 1}
        return json_response(200, {"success": True, "data": data, "group_ratio": ratios})

    def usage(self, call: Call) -> Response:
        """What is left on the token; nothing, while its quota is used up."""
        used = self.quota_used(call)
        data = {
            "object": "token_usage",
            "name": "demo",
            "total_granted": QUOTA_GRANTED,
            "total_used": used,
            "total_available": QUOTA_GRANTED - used,
            "unlimited_quota": False,
        }
        return json_response(200, {"code": True, "message": "ok", "data": data})

    def quota_used(self, call: Call) -> int:
        """How much of what was granted is gone; everything, while the quota is used up."""
        spent = round(self.shared.ledger[self.name].usd * QUOTA_PER_USD)
        return QUOTA_GRANTED if self.trouble(call) == "quota" else min(spent, QUOTA_GRANTED)

    def billing_limit(self, call: Call) -> Response:
        """What was granted, in US dollars."""
        usd = QUOTA_GRANTED / QUOTA_PER_USD
        told = {"object": "billing_subscription", "hard_limit_usd": usd, "access_until": 0}
        return json_response(200, told)

    def billing_usage(self, call: Call) -> Response:
        """What is used, in US cents."""
        cents = self.quota_used(call) / QUOTA_PER_USD * 100
        return json_response(200, {"object": "list", "total_usage": cents})

    def list_models(self, call: Call) -> Response:
        """The models that this token may use."""
        data = [{"id": m.id, "object": "model", "owned_by": "custom"} for m in self.listed(call)]
        return json_response(200, {"success": True, "object": "list", "data": data})

    def no_channel(self, call: Call) -> Response:
        """A model that no channel serves."""
        return self.refuse("suspended", call)


def as_inner(value: object) -> str:
    """A vendor's body as the string that the gateway carries it in."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
