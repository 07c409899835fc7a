"""fal's queue: the addresses to ask next come with the answer, and COMPLETED may be a failure."""

from typing import Any, ClassVar

from genmedia_exporter.demo.jobs import Job, State
from genmedia_exporter.demo.message import Response, json_response
from genmedia_exporter.demo.services.contract import KEY, Call, Model, Role, Route, Service

__all__ = ["Fal"]

CLIP_SECONDS = 5.0
SIZE = (1280, 720)
BALANCE_USD = 24.5
WORDS = {State.QUEUED: "IN_QUEUE", State.RUNNING: "IN_PROGRESS", State.ODD: "LEVITATING"}
REFUSALS: dict[str, tuple[int, str, str]] = {
    "server_error": (500, "Internal Server Error", "internal_server_error"),
    "overloaded": (503, "No runner could be scheduled", "runner_scheduling_failure"),
    "rate_limited": (429, "Rate limit exceeded", ""),
    "quota": (403, "User is locked. Reason: Exhausted balance. Top up your balance.", ""),
    "invalid_key": (401, "Cannot access this application: authentication is required.", ""),
    "no_entitlement": (403, "You do not have access to application {model}.", ""),
    "region": (403, "Country, region, or territory not supported", ""),
    "suspended": (503, "Application {model} is temporarily paused.", ""),
    "maintenance": (503, "The platform is currently under maintenance.", ""),
    "retired": (404, "Application {model} is no longer available.", ""),
    "unlisted": (404, "Application {model} not found", ""),
}
"""Trouble: status, detail, error type."""
NO_PROMPT = [{"loc": ["body", "prompt"], "msg": "field required", "type": "value_error.missing"}]
BLOCKED = [
    {
        "loc": ["body", "prompt"],
        "msg": "The content could not be processed: flagged by a content checker.",
        "type": "content_policy_violation",
    }
]


class Fal(Service):
    """POST to a model's name, then follow status_url, response_url and cancel_url."""

    says = "fal queue"
    base_path = ""
    key_style = "Authorization: Key demo-key"
    refusals = tuple(REFUSALS)
    cannot = frozenset({"accepts_invalid"})
    catalogue: ClassVar[tuple[Model, ...]] = (
        Model("fal-ai/wan/v2.7/text-to-video", 0.50),
        Model("fal-ai/kling-video/v3/standard/text-to-video", 0.42),
    )

    def routes(self) -> tuple[Route, ...]:
        """Balance, one request's calls, and any other POST as a model's name."""
        one = "/{app:path}/requests/{id}"
        return (
            Route("GET", "/billing/user_balance", Role.ACCOUNT, self.balance),
            Route("GET", "/files/{id}.mp4", Role.ASSET, self.public_file, keyed=False),
            Route("GET", f"{one}/status", Role.POLL, self.status),
            Route("GET", one, Role.POLL, self.result),
            Route("PUT", f"{one}/cancel", Role.POLL, self.cancel),
            Route("POST", "/{model:path}", Role.CREATE, self.create),
        )

    def stamp(self) -> dict[str, str]:
        """The header of fal's application; its ingress does not set it."""
        return {"x-fal-request-id": self.shared.environment.fresh_id()}

    def authorise(self, call: Call) -> Response | None:
        """The key comes after the word Key."""
        kind, _, key = call.request.header("authorization").partition(" ")
        good = kind.lower() == "key" and key.strip() == KEY
        return None if good else self.refuse("invalid_key", call)

    def refuse(self, kind: str, call: Call) -> Response:
        """The trouble as a detail, some with a type in a header."""
        status, detail, error_type = REFUSALS[kind]
        headers = {"x-fal-error-type": error_type} if error_type else {}
        if kind == "rate_limited" and call.fault:
            headers["retry-after"] = f"{call.fault.number('retry_after_s') or 30:.0f}"
        return json_response(status, {"detail": detail.format(model=self.model_of(call))}, headers)

    def missing_path(self, call: Call) -> Response:
        """The framework's own 404."""
        return json_response(404, {"detail": "Not Found"})

    def balance(self, call: Call) -> Response:
        """What is left, in US dollars, as a bare number."""
        return json_response(200, round(BALANCE_USD - self.shared.ledger[self.name].usd, 4))

    def create(self, call: Call) -> Response:
        """Queue anything; what is wrong with the input shows in the result."""
        model = self.find_model(self.model_of(call))
        if model is None:
            return self.refuse("unlisted", call)
        if late := self.late_refusal(call):
            return late
        prompt = call.text("prompt")
        usd = model.usd if prompt else 0.0
        job = self.start_job(call, model, usd, prompt=prompt, seconds=CLIP_SECONDS, size=SIZE)
        return json_response(200, {"status": "IN_QUEUE", **self._addresses(call, job)})

    def _addresses(self, call: Call, job: Job) -> dict[str, Any]:
        # Requests live under the application's first two names, not under the whole path.
        app = "/".join(job.model.split("/")[:2])
        one = self.link(call, f"/{app}/requests/{job.id}")
        links = {"status_url": f"{one}/status", "response_url": one, "cancel_url": f"{one}/cancel"}
        return {"request_id": job.id, **links, "queue_position": 0}

    def status(self, call: Call) -> Response:
        """202 while it goes on, 200 when it is over, however it ended."""
        job = self.find_job(call)
        if job is None:
            return _unknown_request()
        state = self.look(call, job).state
        shown = {**self._addresses(call, job), "status": WORDS.get(state, "COMPLETED")}
        if state in WORDS:
            return json_response(202, shown)
        if state is State.FAILED:
            shown |= {"error": "Runner disconnected", "error_type": "runner_connection_error"}
        return json_response(200, shown | {"logs": None, "metrics": {"inference_time": job.lasts}})

    def result(self, call: Call) -> Response:
        """The video's address, or how it went wrong."""
        job = self.find_job(call)
        if job is None:
            return _unknown_request()
        state = self.look(call, job).state
        if state in WORDS:
            return json_response(400, {"detail": "Request is still in progress"})
        if state is State.FAILED:
            headers = {"x-fal-error-type": "runner_connection_error"}
            return json_response(503, {"detail": "Runner disconnected"}, headers)
        if state is State.CANCELLED:
            return json_response(400, {"detail": "Request was cancelled"})
        if state is State.MODERATED or not job.prompt:
            detail = BLOCKED if state is State.MODERATED else NO_PROMPT
            return json_response(422, {"detail": detail})
        url = self.link(call, f"/files/{job.id}.mp4")
        return json_response(200, {"video": {"url": url, "content_type": "video/mp4"}, "seed": 7})

    def cancel(self, call: Call) -> Response:
        """Take a request out of the queue; one that runs goes on."""
        job = self.find_job(call)
        if job is None:
            return _unknown_request()
        if self.look(call, job).state is not State.QUEUED:
            return json_response(400, {"status": "ALREADY_COMPLETED"})
        job.fate = State.CANCELLED
        return json_response(202, {"status": "CANCELLATION_REQUESTED"})


def _unknown_request() -> Response:
    return json_response(404, {"detail": "Request not found"})
