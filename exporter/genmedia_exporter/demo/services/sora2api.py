"""sora2api, a back end that plays the vendor's web app on pooled accounts: chat, streamed.

Without `stream` a chat call only says whether the pool can work, in prose, with status 200.
"""

from collections.abc import Mapping
from typing import ClassVar

from genmedia_exporter.demo.jobs import Job
from genmedia_exporter.demo.message import Piece, Response, json_response
from genmedia_exporter.demo.services.contract import KEY, Call, Model, Role, Route, Service, bearer
from genmedia_exporter.demo.services.stream import (
    DONE,
    chat_answer,
    chat_delta,
    event,
    event_stream,
)

__all__ = ["Sora2Api"]

CLIP_SECONDS = 10.0
SIZE = (1280, 720)
CHECK_GOOD = "All tokens available for video generation. Please enable streaming to use the generation feature."
CHECK_BAD = "No available models for video generation"
RISK_WORDS = {
    "pool": "No available tokens for video generation. All tokens are either disabled, cooling down, "
    "Sora2 quota exhausted, don't support Sora2, or expired.",
    "cloudflare": "Cloudflare challenge or rate limit (429) triggered. "
    "Please change proxy or reduce request frequency.",
    "sentinel": 'API request failed: 400 - {"error": {"code": "sentinel_block", '
    '"message": "Hmmm something didn\'t look right with your request."}}',
}
OWN, FRONT = "server_error", "new_api_error"
REFUSALS: dict[str, tuple[int, str, str | None, str]] = {
    "server_error": (500, OWN, None, "API request failed: 500 - internal error"),
    "overloaded": (500, OWN, "heavy_load", "API request failed: 400 - heavy_load"),
    "rate_limited": (429, "rate_limit_error", None, "Too many concurrent requests, slow down."),
    "quota": (403, FRONT, "insufficient_user_quota", "用户额度不足, 剩余额度: ＄0.000000"),
    "no_entitlement": (403, FRONT, None, "该令牌无权访问模型 {model}"),
    "region": (
        500,
        OWN,
        "unsupported_country_code",
        "API request failed: unsupported_country_code",
    ),
    "suspended": (
        503,
        FRONT,
        "model_not_found",
        "分组 default 下模型 {model} 无可用渠道（distributor）",
    ),
    "maintenance": (503, OWN, None, "The service is currently under maintenance (维护中)."),
    "retired": (404, OWN, "model_not_found", "The model {model} is no longer available."),
    "unlisted": (
        404,
        "invalid_request_error",
        "model_not_found",
        "The model `{model}` does not exist or you do not have access to it.",
    ),
}
"""Money and channels belong to the gateway that stands in front, and are said in its words."""


class Sora2Api(Service):
    """Two calls: the models, and chat."""

    says = "sora2api, a reverse back end"
    refusals = (*REFUSALS, "invalid_key", "risk_control")
    scopes: ClassVar[Mapping[str, str]] = {
        "overloaded": "create",
        "quota": "create",
        "region": "create",
        "suspended": "create",
        "risk_control": "valid_create",
    }
    cannot = frozenset({"accepts_invalid"})

    def routes(self) -> tuple[Route, ...]:
        """Models, chat, and the files that the chat links to."""
        return (
            Route("GET", "/v1/models", Role.LIST, self.list_models),
            Route("POST", "/v1/chat/completions", Role.CREATE, self.chat),
            Route("GET", "/files/{id}.mp4", Role.ASSET, self.public_file, keyed=False),
        )

    def authorise(self, call: Call) -> Response | None:
        """A missing key and a wrong one are both 401."""
        key = bearer(call.request)
        if not key:
            return json_response(401, {"detail": "Not authenticated"})
        return None if key == KEY else self.refuse("invalid_key", call)

    def missing_path(self, call: Call) -> Response:
        """The framework's own 404."""
        return json_response(404, {"detail": "Not Found"})

    def refuse(self, kind: str, call: Call) -> Response:
        """The trouble as this back end, or the gateway before it, says it."""
        if kind == "invalid_key":
            return json_response(401, {"detail": "Invalid API key"})
        if kind == "risk_control":
            return json_response(500, _error(self._risk_words(call)))
        status, who, code, message = REFUSALS[kind]
        return json_response(status, _error(message.format(model=self.model_of(call)), who, code))

    def _risk_words(self, call: Call) -> str:
        words = call.fault_option("words")
        return RISK_WORDS[words or "pool"]

    def list_models(self, call: Call) -> Response:
        """The models on offer."""
        data = [{"id": m.id, "object": "model", "owned_by": "sora2api"} for m in self.listed(call)]
        return json_response(200, {"object": "list", "data": data})

    def chat(self, call: Call) -> Response:
        """Say whether the pool can work, or stream a generation."""
        prompt, model = _prompt(call), self.find_model(self.model_of(call))
        if not call.field("messages"):
            return json_response(400, {"detail": "Messages cannot be empty"})
        if model is None:
            message = f"Invalid model: {self.model_of(call)}"
            return json_response(400, _error(message, "invalid_request_error"))
        risky = self.trouble(call) == "risk_control"
        if call.field("stream") is not True:
            now, text = int(self.shared.environment.wall()), CHECK_BAD if risky else CHECK_GOOD
            return chat_answer(self.shared.environment.fresh_id(), model.id, text, now)
        if risky:
            return event_stream([(0.0, event(_error(self._risk_words(call)))), (0.0, DONE)])
        return self._generate(call, model, prompt)

    def _generate(self, call: Call, model: Model, prompt: str) -> Response:
        job = self.start_job(call, model, model.usd, prompt=prompt, seconds=CLIP_SECONDS, size=SIZE)
        kind, step = self.trouble(call), self.shared.job_seconds / 4
        if kind == "job_queued_forever":
            return event_stream([(0.0, self._progress(model, 0, "queued"))], endless=True)
        start = [
            (0.0, chat_delta(model.id, reasoning_content="**Generation Process Begins**\n")),
            (0.0, self._progress(model, 0, "queued")),
        ]
        word = "levitating" if kind == "job_unknown_word" else "processing"
        moving = [(step, self._progress(model, percent, word)) for percent in (25, 50, 75)]
        if kind in ("job_stuck", "job_unknown_word"):
            return event_stream([*start, moving[0]], endless=True)
        return event_stream([*start, *moving, *self._ending(call, job, kind, step)])

    def _progress(self, model: Model, percent: int, word: str) -> bytes:
        text = f"**Video Generation Progress**: {percent}% ({word})\n"
        return chat_delta(model.id, reasoning_content=text)

    def _ending(self, call: Call, job: Job, kind: str, step: float) -> list[Piece]:
        if kind == "job_lost":
            return []
        if kind == "job_fails":
            return [(step, event(_error("Upstream API error: generation failed"))), (0.0, DONE)]
        if kind == "moderated":
            words = "Content policy violation: the prompt was refused"
            return [(step, event(_error(words))), (0.0, DONE)]
        link = self.link(call, f"/files/{job.id}.mp4")
        player = f"```html\n<video src='{link}' controls></video>\n```"
        text = chat_delta(job.model, content=player)
        return [(step, text), (0.0, chat_delta(job.model, finish="stop")), (0.0, DONE)]


def _prompt(call: Call) -> str:
    messages = call.field("messages")
    last = messages[-1] if isinstance(messages, list) and messages else None
    content = last.get("content") if isinstance(last, dict) else None
    return content if isinstance(content, str) else ""


def _error(message: str, kind: str = OWN, code: str | None = None) -> dict[str, object]:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}
