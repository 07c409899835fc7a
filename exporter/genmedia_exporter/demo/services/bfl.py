"""Black Forest Labs: the model is the path, and moderation is a state of a task, not an error."""

from typing import Any

from genmedia_exporter.demo.jobs import Job, State
from genmedia_exporter.demo.message import Response, json_response
from genmedia_exporter.demo.services.contract import Call, Role, Route
from genmedia_exporter.demo.services.job_service import FILES, JobService, Refusals

__all__ = ["BlackForestLabs"]

WORDS = {
    State.QUEUED: "Pending",
    State.RUNNING: "Pending",
    State.SUCCEEDED: "Ready",
    State.FAILED: "Error",
    State.MODERATED: "Request Moderated",
    State.CANCELLED: "Error",
    State.ODD: "Levitating",
}
REFUSALS: Refusals = {
    "server_error": (500, None, "Internal server error"),
    "overloaded": (503, None, "Service unavailable due to high load"),
    "rate_limited": (429, None, "Rate limit exceeded: too many active tasks"),
    "quota": (402, None, "Insufficient credits"),
    "invalid_key": (403, None, "Not authenticated"),
    "no_entitlement": (403, None, "Your key has no permission for {model}"),
    "region": (403, None, "Country, region, or territory not supported"),
    "suspended": (503, None, "{model} is temporarily paused"),
    "maintenance": (503, None, "Service is under maintenance"),
    "retired": (410, None, "{model} has been deprecated"),
    "unlisted": (404, None, "Model {model} not found"),
}
"""Trouble: status, nothing, detail."""


class BlackForestLabs(JobService):
    """Tasks under /v1/<model> and /v1/get_result."""

    says = "Black Forest Labs"
    key_style = "x-key: demo-key"
    key_header, key_prefix = "x-key", ""
    refusals = tuple(REFUSALS)
    said = REFUSALS

    def routes(self) -> tuple[Route, ...]:
        """Credits, a result, and any other POST as a model's name."""
        return (
            Route("GET", "/v1/credits", Role.ACCOUNT, self.credits),
            Route("GET", "/v1/get_result", Role.POLL, self.result),
            Route("GET", FILES, Role.ASSET, self.public_file, keyed=False),
            Route("POST", "/v1/{model}", Role.CREATE, self.create),
        )

    def error(self, status: int, code: object, message: str) -> Response:
        """A detail in words."""
        return json_response(status, {"detail": message})

    def said_of_invalid(self) -> tuple[int, object]:
        """The body is not processable."""
        return 422, None

    def invalid(self, call: Call) -> str:
        """A prompt, and a size that is one where one is asked for."""
        sizes = [call.field(side) for side in ("width", "height") if side in call.fields]
        if any(not isinstance(size, int) or size <= 0 for size in sizes):
            return "width, height: Input should be greater than 0"
        return super().invalid(call)

    def credits(self, call: Call) -> Response:
        """What is left."""
        return json_response(200, {"credits": 1000.0 - self.shared.ledger[self.name].usd * 100})

    def result(self, call: Call) -> Response:
        """A task by the id in the query."""
        return self.poll(Call(call.request, call.fault, {"id": call.request.query.get("id", "")}))

    def unknown(self, call: Call) -> Response:
        """A task that is not there is a state, too."""
        lost = {"id": call.captured["id"], "status": "Task not found", "result": None}
        return json_response(200, lost)

    def accepted(self, call: Call, job: Job) -> Any:
        """The id, and where to ask for it."""
        here = self.link(call, f"/v1/get_result?id={job.id}")
        return {"id": job.id, "polling_url": here}

    def told(self, call: Call, job: Job, state: State) -> Any:
        """The task as it is."""
        made = {"sample": self.file_of(call, job)} if state is State.SUCCEEDED else None
        return {"id": job.id, "status": WORDS[state], "result": made}
