"""Runway: tasks with a failure code of several parts, and an organisation that tells credits and limits."""

from typing import Any

from genmedia_exporter.demo.jobs import Job, State
from genmedia_exporter.demo.message import Response, json_response
from genmedia_exporter.demo.services.contract import Call, Role, Route
from genmedia_exporter.demo.services.job_service import FILES, JobService, Refusals

__all__ = ["Runway"]

WORDS = {
    State.QUEUED: "PENDING",
    State.RUNNING: "RUNNING",
    State.SUCCEEDED: "SUCCEEDED",
    State.FAILED: "FAILED",
    State.MODERATED: "FAILED",
    State.CANCELLED: "CANCELLED",
    State.ODD: "LEVITATING",
}
SAID = {
    State.FAILED: ("INTERNAL.BAD_OUTPUT.CODE01", "An unexpected error occurred."),
    State.MODERATED: ("SAFETY.INPUT.TEXT", "The prompt was not accepted."),
}
REFUSALS: Refusals = {
    "server_error": (500, None, "An internal error occurred."),
    "overloaded": (503, None, "The service is shedding load: it is overloaded."),
    "rate_limited": (429, None, "Too many requests."),
    "quota": (400, None, "You do not have enough credits to run this task."),
    "invalid_key": (401, None, "The API key is invalid."),
    "no_entitlement": (403, None, "Your organization has no access to {model}."),
    "region": (403, None, "Country, region, or territory not supported."),
    "suspended": (503, None, "{model} is temporarily paused."),
    "maintenance": (503, None, "The service is currently under maintenance."),
    "retired": (410, None, "{model} has been deprecated."),
    "unlisted": (404, None, "The model {model} does not exist."),
}
"""Trouble: status, nothing, error."""


class Runway(JobService):
    """Tasks under /v1."""

    says = "Runway"
    refusals = tuple(REFUSALS)
    said = REFUSALS
    prompt_field = ("promptText",)

    def routes(self) -> tuple[Route, ...]:
        """The organisation, create, poll, cancel."""
        return (
            Route("GET", "/v1/organization", Role.ACCOUNT, self.organization),
            Route("POST", "/v1/text_to_video", Role.CREATE, self.create),
            Route("GET", "/v1/tasks/{id}", Role.POLL, self.poll),
            Route("DELETE", "/v1/tasks/{id}", Role.POLL, self.cancel),
            Route("GET", FILES, Role.ASSET, self.public_file, keyed=False),
        )

    def error(self, status: int, code: object, message: str) -> Response:
        """An error in words."""
        return json_response(status, {"error": message})

    def invalid(self, call: Call) -> str:
        """A prompt and a length."""
        if not self.prompt_of(call).strip():
            return "promptText: must not be empty"
        seconds = call.field("duration")
        return "" if isinstance(seconds, int) and 2 <= seconds <= 10 else "duration: out of range"

    def organization(self, call: Call) -> Response:
        """Credits and limits."""
        left = 12_000 - int(self.shared.ledger[self.name].usd * 100)
        return json_response(200, {"creditBalance": left, "tier": {"models": {}}, "usage": {}})

    def unknown(self, call: Call) -> Response:
        """A task that is not there."""
        return self.error(404, None, "Task not found.")

    def accepted(self, call: Call, job: Job) -> Any:
        """The id."""
        return {"id": job.id}

    def told(self, call: Call, job: Job, state: State) -> Any:
        """The task as it is."""
        task: dict[str, Any] = {"id": job.id, "status": WORDS[state]}
        if state is State.SUCCEEDED:
            task["output"] = [self.file_of(call, job)]
        if state in SAID:
            task["failureCode"], task["failure"] = SAID[state]
        return task
