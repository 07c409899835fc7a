"""PixVerse: HTTP 200 whatever happens, a code in the envelope, and states that are numbers."""

from typing import Any

from genmedia_exporter.demo.jobs import Job, State
from genmedia_exporter.demo.message import Response, json_response
from genmedia_exporter.demo.services.contract import Call, Role, Route
from genmedia_exporter.demo.services.job_service import FILES, JobService, Refusals

__all__ = ["PixVerse"]

NUMBERS: dict[State, object] = {
    State.QUEUED: 5,
    State.RUNNING: 5,
    State.SUCCEEDED: 1,
    State.FAILED: 8,
    State.MODERATED: 7,
    State.CANCELLED: 8,
    State.ODD: "levitating",
}
REFUSALS: Refusals = {
    "server_error": (500, 99999, "Unknown error: internal server error"),
    "overloaded": (503, 500069, "The system is under high load, it is overloaded"),
    "rate_limited": (429, 429, "too many requests"),
    "quota": (200, 500090, "Insufficient balance"),
    "invalid_key": (401, 10005, "API key is invalid"),
    "no_entitlement": (200, 500020, "This operation is not permitted"),
    "region": (403, 403, "Country, region, or territory not supported"),
    "suspended": (503, 503, "Model {model} is temporarily paused"),
    "maintenance": (503, 503, "The service is currently under maintenance"),
    "retired": (410, 410, "Model {model} has been deprecated"),
    "unlisted": (404, 404, "Model {model} does not exist"),
}
"""Trouble: status, ErrCode, ErrMsg. Numbers below 1000 are ours: none is documented for that trouble."""


class PixVerse(JobService):
    """Videos under /openapi/v2."""

    says = "PixVerse"
    base_path = "/openapi/v2"
    key_style = "API-KEY: demo-key, and a new Ai-trace-id each time"
    key_header, key_prefix = "api-key", ""
    refusals = tuple(REFUSALS)
    said = REFUSALS

    def routes(self) -> tuple[Route, ...]:
        """Balance, create, poll."""
        at = "/openapi/v2"
        return (
            Route("GET", f"{at}/account/balance", Role.ACCOUNT, self.balance),
            Route("POST", f"{at}/video/text/generate", Role.CREATE, self.create),
            Route("GET", f"{at}/video/result/{{id}}", Role.POLL, self.poll),
            Route("GET", FILES, Role.ASSET, self.public_file, keyed=False),
        )

    def error(self, status: int, code: object, message: str) -> Response:
        """The envelope with its code."""
        return json_response(status, self._envelope(code, message, None))

    def said_of_invalid(self) -> tuple[int, object]:
        """A parameter that is wrong."""
        return 200, 400013

    def refused_create(self, call: Call) -> Response | None:
        """Without a trace id nothing is taken."""
        if not call.request.header("ai-trace-id"):
            return self.error(200, 400011, "Empty parameter: Ai-trace-id")
        return super().refused_create(call)

    def invalid(self, call: Call) -> str:
        """A prompt."""
        return "" if self.prompt_of(call).strip() else "Invalid binding request: prompt"

    def _envelope(self, code: object, message: str, content: object) -> dict[str, object]:
        return {"ErrCode": code, "ErrMsg": message, "Resp": content}

    def balance(self, call: Call) -> Response:
        """What is left."""
        left = {"account_id": 1, "credit_monthly": 0, "credit_package": 1000}
        return json_response(200, self._envelope(0, "success", left))

    def unknown(self, call: Call) -> Response:
        """A video that is not there."""
        return self.error(404, 500008, "task not found")

    def accepted(self, call: Call, job: Job) -> Any:
        """The id."""
        return self._envelope(0, "success", {"video_id": job.id})

    def told(self, call: Call, job: Job, state: State) -> Any:
        """The video as it is."""
        video: dict[str, object] = {"id": job.id, "status": NUMBERS[state]}
        if state is State.SUCCEEDED:
            video["url"] = self.file_of(call, job)
        return self._envelope(0, "success", video)
