"""DashScope: creates must ask to be asynchronous, and a task's state is nested in `output`."""

from typing import Any

from genmedia_exporter.demo.jobs import Job, State
from genmedia_exporter.demo.message import Response, json_response
from genmedia_exporter.demo.services.contract import KEY, Call, Role, Route, Service, bearer

__all__ = ["DashScope"]

SHORTEST, USUAL, LONGEST = 2, 5, 15
SIZES = {"480P": (832, 480), "720P": (1280, 720), "1080P": (1920, 1080)}
LARGEST_PAGE = 100
WORDS = {
    State.QUEUED: "PENDING",
    State.RUNNING: "RUNNING",
    State.SUCCEEDED: "SUCCEEDED",
    State.FAILED: "FAILED",
    State.MODERATED: "FAILED",
    State.CANCELLED: "CANCELED",
    State.ODD: "LEVITATING",
}
ERRORS = {
    State.FAILED: ("InternalError", "An internal error has occurred during generation."),
    State.MODERATED: ("DataInspectionFailed", "Input data may contain inappropriate content."),
}
REFUSALS: dict[str, tuple[int, str, str]] = {
    "server_error": (500, "InternalError", "An internal error has occurred."),
    "overloaded": (503, "ModelUnavailable", "The model is overloaded, please try again later."),
    "rate_limited": (429, "Throttling.RateQuota", "Requests rate limit exceeded."),
    "quota": (400, "Arrearage", "Access denied, the account is in arrears."),
    "invalid_key": (401, "InvalidApiKey", "Invalid API-key provided."),
    "no_entitlement": (403, "AccessDenied.Unpurchased", "Access to {model} was not purchased."),
    "region": (403, "AccessDenied", "Country, region, or territory not supported."),
    "suspended": (503, "ServiceUnavailable", "The model {model} is temporarily paused."),
    "maintenance": (503, "ServiceUnavailable", "The service is currently under maintenance."),
    "retired": (404, "ModelNotFound", "Model {model} is no longer available."),
    "unlisted": (404, "ModelNotFound", "Model not exist: {model}."),
}
"""Trouble: status, code, message."""


class DashScope(Service):
    """Video synthesis and tasks under /api/v1."""

    says = "DashScope"
    base_path = "/api/v1"
    refusals = tuple(REFUSALS)

    def routes(self) -> tuple[Route, ...]:
        """Create, list, poll, cancel."""
        create = "/api/v1/services/aigc/video-generation/video-synthesis"
        return (
            Route("POST", create, Role.CREATE, self.create),
            Route("GET", "/api/v1/tasks", Role.ACCOUNT, self.list_tasks),
            Route("GET", "/api/v1/tasks/{id}", Role.POLL, self.get_task),
            Route("POST", "/api/v1/tasks/{id}/cancel", Role.POLL, self.cancel),
            Route("GET", "/files/{id}.mp4", Role.ASSET, self.public_file, keyed=False),
        )

    def authorise(self, call: Call) -> Response | None:
        """A missing key and a wrong one are told apart by words only."""
        key = bearer(call.request)
        if not key:
            return self._error(401, "InvalidApiKey", "No API-key provided.")
        return None if key == KEY else self.refuse("invalid_key", call)

    def refuse(self, kind: str, call: Call) -> Response:
        """The trouble as code and message."""
        status, code, message = REFUSALS[kind]
        return self._error(status, code, message.format(model=self.model_of(call)))

    def missing_path(self, call: Call) -> Response:
        """A path that DashScope does not have."""
        return self._error(404, "InvalidURL", "url error, please check the url.")

    def _error(self, status: int, code: str, message: str) -> Response:
        body = {"code": code, "message": message, "request_id": self.shared.environment.fresh_id()}
        return json_response(status, body)

    def _output(self, output: dict[str, Any], **more: object) -> Response:
        body = {"request_id": self.shared.environment.fresh_id(), "output": output}
        return json_response(200, body | more)

    def create(self, call: Call) -> Response:
        """Accept a task once header, model, prompt, duration and size are in order."""
        wrong = None if self.trouble(call) == "accepts_invalid" else self._invalid(call)
        if wrong or (wrong := self.late_refusal(call)):
            return wrong
        asked = call.field("parameters", "duration")
        seconds = asked if isinstance(asked, int) and SHORTEST <= asked <= LONGEST else USUAL
        size = SIZES.get(call.text("parameters", "resolution"), SIZES["720P"])
        model = self.find_model(self.model_of(call)) or self.models[0]
        prompt, usd = call.text("input", "prompt"), model.usd * seconds
        job = self.start_job(call, model, usd, prompt=prompt, seconds=float(seconds), size=size)
        return self._output({"task_id": job.id, "task_status": "PENDING"})

    def _invalid(self, call: Call) -> Response | None:
        if call.request.header("x-dashscope-async").lower() != "enable":
            message = "current user api does not support synchronous calls"
            return self._error(403, "AccessDenied", message)
        if not call.text("model"):
            return self._error(400, "InvalidParameter", "Field required: model")
        if self.find_model(self.model_of(call)) is None:
            return self.refuse("unlisted", call)
        if not call.text("input", "prompt").strip():
            return self._error(400, "InvalidParameter", "Field required: input.prompt")
        asked = call.field("parameters", "duration")
        if asked is not None and not (isinstance(asked, int) and SHORTEST <= asked <= LONGEST):
            message = f"parameters.duration must be from {SHORTEST} to {LONGEST}"
            return self._error(400, "InvalidParameter", message)
        if call.field("parameters", "resolution") not in (None, *SIZES):
            return self._error(400, "InvalidParameter", "parameters.resolution is not supported")
        return None

    def list_tasks(self, call: Call) -> Response:
        """The account's tasks, newest first."""
        asked = call.request.query.get("page_size", "10")
        if not asked.isascii() or not asked.isdigit() or not 1 <= int(asked[:4]) <= LARGEST_PAGE:
            return self._error(400, "InvalidParameter", "page_size must be from 1 to 100")
        jobs = list(self.shared.jobs.of(self.name))
        data = [self._task(call, job) for job in jobs[: int(asked)]]
        page = {"total": len(jobs), "page_no": 1, "page_size": int(asked), "data": data}
        return json_response(200, {"request_id": self.shared.environment.fresh_id(), **page})

    def get_task(self, call: Call) -> Response:
        """A task as it is now; an id that is not known is UNKNOWN, not an error."""
        job = self.find_job(call)
        if job is None:
            return self._output({"task_id": call.captured["id"], "task_status": "UNKNOWN"})
        usage = {"video_count": 1, "video_duration": job.seconds}
        return self._output(self._task(call, job), usage=usage)

    def cancel(self, call: Call) -> Response:
        """Cancel a task that still waits."""
        job = self.find_job(call)
        if job is None or self.look(call, job).state is not State.QUEUED:
            message = "Only tasks in PENDING can be cancelled."
            return self._error(400, "UnsupportedOperation", message)
        job.fate = State.CANCELLED
        return json_response(200, {"request_id": self.shared.environment.fresh_id()})

    def _task(self, call: Call, job: Job) -> dict[str, Any]:
        state = self.look(call, job).state
        task = {"task_id": job.id, "task_status": WORDS[state]}
        if state is State.SUCCEEDED:
            task["video_url"] = self.link(call, f"/files/{job.id}.mp4")
        if state in ERRORS:
            task["code"], task["message"] = ERRORS[state]
        return task
