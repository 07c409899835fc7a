"""MiniMax's second API: real statuses, a type, and the first API's number at the end of the words."""

from typing import Any

from genmedia_exporter.demo.jobs import Job, State
from genmedia_exporter.demo.message import Response, json_response
from genmedia_exporter.demo.services.contract import Call, Role, Route
from genmedia_exporter.demo.services.job_service import FILES, JobService, Refusals

__all__ = ["MiniMax"]

WORDS = {
    State.QUEUED: "queued",
    State.RUNNING: "running",
    State.SUCCEEDED: "succeeded",
    State.FAILED: "failed",
    State.MODERATED: "failed",
    State.CANCELLED: "cancelled",
    State.ODD: "levitating",
}
SAID = {State.FAILED: ("1000", "unknown error"), State.MODERATED: ("1026", "input new_sensitive")}
REFUSALS: Refusals = {
    "server_error": (500, "server_error", "unknown error (1000)"),
    "overloaded": (503, "server_error", "the system is overloaded (1033)"),
    "rate_limited": (429, "rate_limit_error", "rate limit (1002)"),
    "quota": (402, "insufficient_balance_error", "insufficient balance (1008)"),
    "invalid_key": (401, "authorized_error", "invalid api key (1004)"),
    "no_entitlement": (403, "permission_error", "no permission for model {model}"),
    "region": (403, "permission_error", "Country, region, or territory not supported"),
    "suspended": (503, "unavailable", "model {model} is temporarily paused"),
    "maintenance": (503, "unavailable", "the service is currently under maintenance"),
    "retired": (404, "not_found_error", "model {model} is no longer available"),
    "unlisted": (404, "not_found_error", "model {model} does not exist"),
}
"""Trouble: status, type, message."""


class MiniMax(JobService):
    """Tasks under /v2."""

    says = "MiniMax"
    base_path = "/v2"
    refusals = tuple(REFUSALS)
    said = REFUSALS
    clip_seconds = 4.0

    def routes(self) -> tuple[Route, ...]:
        """Create, list, poll, delete."""
        query = "/v2/query/video_generation"
        return (
            Route("POST", "/v2/video_generation", Role.CREATE, self.create),
            Route("GET", query, Role.ACCOUNT, self.listing),
            Route("GET", f"{query}/{{id}}", Role.POLL, self.poll),
            Route("DELETE", "/v2/video_generation/{id}", Role.POLL, self.cancel),
            Route("GET", FILES, Role.ASSET, self.public_file, keyed=False),
        )

    def error(self, status: int, code: object, message: str) -> Response:
        """An error with its type."""
        body = {"type": code or "bad_request_error", "message": message, "http_code": str(status)}
        return json_response(status, {"type": "error", "error": body})

    def prompt_of(self, call: Call) -> str:
        """The texts of the content."""
        content = call.field("content")
        parts = content if isinstance(content, list) else []
        return "".join(str(part.get("text", "")) for part in parts if isinstance(part, dict))

    def invalid(self, call: Call) -> str:
        """A text that is not empty."""
        return "" if self.prompt_of(call).strip() else "invalid params, content: empty text (2013)"

    def listing(self, call: Call) -> Response:
        """The account's tasks, newest first."""
        jobs = list(self.shared.jobs.of(self.name))[:20]
        tasks = [self._task(call, job, self.look(call, job).state) for job in jobs]
        return json_response(200, {"tasks": tasks, "total": len(tasks)})

    def unknown(self, call: Call) -> Response:
        """A task that is not there."""
        return self.error(404, "not_found_error", "task not found")

    def accepted(self, call: Call, job: Job) -> Any:
        """The id."""
        return {"task_id": job.id}

    def told(self, call: Call, job: Job, state: State) -> Any:
        """The task as it is."""
        return {"task": self._task(call, job, state)}

    def _task(self, call: Call, job: Job, state: State) -> dict[str, Any]:
        task: dict[str, Any] = {"id": job.id, "model": job.model, "status": WORDS[state]}
        if state is State.SUCCEEDED:
            task["content"] = {"url": self.file_of(call, job)}
        if state in SAID:
            code, words = SAID[state]
            task["error"] = {"code": code, "message": f"{words} ({code})"}
        return task
