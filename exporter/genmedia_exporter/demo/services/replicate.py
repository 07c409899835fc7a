"""Replicate: a model is a path, a prediction brings its own addresses, and errors have a title."""

from typing import Any

from genmedia_exporter.demo.jobs import Job, State
from genmedia_exporter.demo.message import Response, json_response
from genmedia_exporter.demo.services.contract import Call, Role, Route
from genmedia_exporter.demo.services.job_service import FILES, JobService, Refusals

__all__ = ["Replicate"]

WORDS = {
    State.QUEUED: "starting",
    State.RUNNING: "processing",
    State.SUCCEEDED: "succeeded",
    State.FAILED: "failed",
    State.MODERATED: "failed",
    State.CANCELLED: "canceled",
    State.ODD: "levitating",
}
SAID = {
    State.FAILED: "Prediction crashed unexpectedly",
    State.MODERATED: "The input or output was flagged as sensitive. Please try again with different inputs. (E005)",
}
REFUSALS: Refusals = {
    "server_error": (500, "Internal server error", "Internal server error"),
    "overloaded": (503, "Service unavailable", "No capacity: the service is overloaded."),
    "rate_limited": (429, None, "Request was throttled. Your rate limit resets in ~30s."),
    "quota": (402, "Insufficient credit", "You have insufficient credit to run this model."),
    "invalid_key": (401, "Unauthenticated", "You did not pass a valid authentication token"),
    "no_entitlement": (403, "Forbidden", "You do not have permission to run this model."),
    "region": (403, "Forbidden", "Country, region, or territory not supported"),
    "suspended": (503, "Disabled", "The model {model} is temporarily paused."),
    "maintenance": (503, "Maintenance", "The service is currently under maintenance."),
    "retired": (410, "Gone", "The model {model} has been deprecated."),
    "unlisted": (404, None, "The requested resource could not be found."),
}
"""Trouble: status, title, detail."""


class Replicate(JobService):
    """Predictions under /v1."""

    says = "Replicate"
    refusals = tuple(REFUSALS)
    said = REFUSALS
    prompt_field = ("input", "prompt")

    def routes(self) -> tuple[Route, ...]:
        """The account, a model, its predictions."""
        return (
            Route("GET", "/v1/account", Role.ACCOUNT, self.account),
            Route("POST", "/v1/models/{model:path}/predictions", Role.CREATE, self.create),
            Route("GET", "/v1/models/{model:path}", Role.MODEL, self.model),
            Route("GET", "/v1/predictions/{id}", Role.POLL, self.poll),
            Route("POST", "/v1/predictions/{id}/cancel", Role.POLL, self.cancel),
            Route("GET", FILES, Role.ASSET, self.public_file, keyed=False),
        )

    def error(self, status: int, code: object, message: str) -> Response:
        """A detail, with the title that most errors have."""
        titled = {} if code is None else {"title": code}
        return json_response(status, titled | {"detail": message, "status": status})

    def said_of_invalid(self) -> tuple[int, object]:
        """Inputs are checked against the model's schema."""
        return 422, "Input validation failed"

    def invalid(self, call: Call) -> str:
        """The input is an object with a prompt."""
        if not isinstance(call.field("input"), dict):
            return "- input: Invalid type. Expected: object"
        return "" if self.prompt_of(call).strip() else "- input: prompt is required"

    def account(self, call: Call) -> Response:
        """Whose key it is."""
        return json_response(200, {"type": "user", "username": "demo", "name": "Demo"})

    def model(self, call: Call) -> Response:
        """A model that is there."""
        found = self.find_model(self.model_of(call))
        if found is None or found not in self.listed(call):
            return self.refuse("unlisted", call)
        owner, _, name = found.id.partition("/")
        return json_response(200, {"owner": owner, "name": name, "visibility": "public"})

    def unknown(self, call: Call) -> Response:
        """A prediction that is not there has the words of everything that is not there."""
        return self.error(404, None, "The requested resource could not be found.")

    def accepted(self, call: Call, job: Job) -> Any:
        """The prediction, and where to ask for it."""
        return self.told(call, job, State.QUEUED)

    def told(self, call: Call, job: Job, state: State) -> Any:
        """The prediction as it is."""
        here = self.link(call, f"/v1/predictions/{job.id}")
        done = state is State.SUCCEEDED
        return {
            "id": job.id,
            "model": job.model,
            "status": WORDS[state],
            "error": SAID.get(state),
            "output": [self.file_of(call, job)] if done else None,
            "urls": {"get": here, "cancel": f"{here}/cancel"},
        }
