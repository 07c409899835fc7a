"""Videos through a new-api gateway: token, then channel, then prompt, then money, then vendor."""

from typing import Any

from genmedia_exporter.demo.jobs import Job, State
from genmedia_exporter.demo.message import Response, json_response
from genmedia_exporter.demo.services.contract import Call, Role, Route
from genmedia_exporter.demo.services.new_api import Gateway, as_inner, gateway_error

__all__ = ["GatewayVideos"]

CLIP_SECONDS = 8.0
SIZE = (1280, 720)
WORDS = {
    State.QUEUED: "queued",
    State.RUNNING: "in_progress",
    State.SUCCEEDED: "completed",
    State.FAILED: "failed",
    State.MODERATED: "failed",
    State.ODD: "levitating",
}
ERRORS = {
    State.FAILED: ("internal_error", "Internal error encountered."),
    State.MODERATED: ("content_policy_violation", "The prompt was blocked by the safety filter."),
}


class GatewayVideos(Gateway):
    """POST /v1/videos and what follows; no list, no delete."""

    says = "new-api gateway, videos (reverse)"

    def routes(self) -> tuple[Route, ...]:
        """The free calls, and tasks."""
        return (
            *self.open_routes(),
            Route("POST", "/v1/videos", Role.CREATE, self.create),
            Route("GET", "/v1/videos/{id}", Role.POLL, self.get_task),
            Route("GET", "/v1/videos/{id}/content", Role.ASSET, self.content),
        )

    def relay_error(self, status: int, inner: object) -> Response:
        """The vendor's body, as a string in the task relay's own envelope."""
        return _task_error(status, "fail_to_fetch_task", as_inner(inner))

    def create(self, call: Call) -> Response:
        """Accept a task once a channel and a prompt are there."""
        if not call.text("model"):
            message = "未指定模型名称，模型名称不能为空"
            return gateway_error(400, "", message, self.shared.environment.fresh_id())
        model = self.find_model(self.model_of(call))
        if model is None:
            return self.no_channel(call)
        if not call.text("prompt").strip() and self.trouble(call) != "accepts_invalid":
            return _task_error(400, "invalid_request", "field prompt is required")
        if late := self.late_refusal(call):
            return late
        job = self.start_job(
            call,
            model,
            model.usd,
            prompt=call.text("prompt"),
            seconds=CLIP_SECONDS,
            size=SIZE,
            prefix="task_",
        )
        return json_response(200, self._task(call, job))

    def get_task(self, call: Call) -> Response:
        """A task as it is now."""
        job = self.find_job(call)
        if job is None:
            return _task_error(400, "task_not_exist", "task_not_exist")
        return json_response(200, self._task(call, job))

    def content(self, call: Call) -> Response:
        """The video, passed through the gateway."""
        job = self.find_job(call)
        if job is None:
            return _plain_error(404, "Task not found")
        state = self.look(call, job).state
        if state is not State.SUCCEEDED:
            message = f"Task is not completed yet, current status: {WORDS[state].upper()}"
            return _plain_error(400, message)
        return self.video_file(call, job)

    def missing_file(self, call: Call) -> Response:
        """The vendor's store no longer has the file."""
        return _plain_error(502, "Failed to fetch video content")

    def _task(self, call: Call, job: Job) -> dict[str, Any]:
        view = self.look(call, job)
        code, message = ERRORS.get(view.state, ("", ""))
        task: dict[str, Any] = {
            "id": job.id,
            "task_id": job.id,
            "object": "video",
            "model": job.model,
            "status": WORDS[view.state],
            "progress": view.progress,
            "created_at": job.created_at,
            "seconds": f"{job.seconds:g}",
            "size": f"{job.width}x{job.height}",
        }
        return task | ({"error": {"code": code, "message": message}} if code else {})


def _task_error(status: int, code: str, message: str) -> Response:
    return json_response(status, {"code": code, "message": message, "data": None})


def _plain_error(status: int, message: str) -> Response:
    error = {"message": message, "type": "invalid_request_error"}
    return json_response(status, {"error": error})
