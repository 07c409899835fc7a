"""ComfyUI behind a proxy that asks for a key: a workflow in, and a history that is empty until the end."""

from typing import Any

from genmedia_exporter.demo.jobs import Job, State
from genmedia_exporter.demo.message import Response, json_response
from genmedia_exporter.demo.services.contract import Call, Role, Route
from genmedia_exporter.demo.services.job_service import JobService, Refusals

__all__ = ["ComfyUI"]

ENDED = {State.SUCCEEDED: "success", State.FAILED: "error", State.ODD: "levitating"}
REFUSALS: Refusals = {
    "server_error": (500, "server_error", "500 Internal Server Error"),
    "overloaded": (503, "overloaded", "Allocation on device: the server is overloaded"),
    "rate_limited": (429, "rate_limited", "Too many requests"),
    "quota": (402, "quota", "The account has insufficient credits"),
    "invalid_key": (401, "unauthorized", "Unauthorized: invalid token"),
    "no_entitlement": (403, "forbidden", "You do not have access to {model}"),
    "region": (403, "forbidden", "Country, region, or territory not supported"),
    "suspended": (503, "paused", "The queue is temporarily paused"),
    "maintenance": (503, "maintenance", "The server is currently under maintenance"),
    "retired": (410, "gone", "{model} is no longer available"),
    "unlisted": (404, "not_found", "The model {model} does not exist"),
}
"""Trouble: status, type, message; what the proxy before it says."""


class ComfyUI(JobService):
    """A queue of workflows; the model is the checkpoint that one of its nodes loads."""

    says = "ComfyUI"
    base_path = ""
    refusals = tuple(REFUSALS)
    said = REFUSALS
    cannot = frozenset({"moderated"})
    clip_seconds = 1.0
    size = (256, 256)

    def routes(self) -> tuple[Route, ...]:
        """The system, a workflow, its history, a picture."""
        return (
            Route("GET", "/system_stats", Role.ACCOUNT, self.system),
            Route("POST", "/prompt", Role.CREATE, self.create),
            Route("GET", "/history/{id}", Role.POLL, self.poll),
            Route("GET", "/view", Role.ASSET, self.view),
        )

    def error(self, status: int, code: object, message: str) -> Response:
        """An error with a type."""
        error = {"type": code or "not_found", "message": message, "details": "", "extra_info": {}}
        return json_response(status, {"error": error, "node_errors": {}})

    def _inputs(self, call: Call, field: str) -> str:
        nodes = call.field("prompt")
        inputs = [
            node.get("inputs")
            for node in (nodes.values() if isinstance(nodes, dict) else ())
            if isinstance(node, dict)
        ]
        found = [one.get(field) for one in inputs if isinstance(one, dict)]
        return next((text for text in found if isinstance(text, str)), "")

    def model_of(self, call: Call) -> str:
        """The checkpoint that a node of the workflow loads."""
        return self._inputs(call, "ckpt_name")[:200] or self.models[0].id

    def prompt_of(self, call: Call) -> str:
        """The first text of the workflow."""
        return self._inputs(call, "text")

    def said_of_invalid(self) -> tuple[int, object]:
        """A workflow that leads nowhere."""
        return 400, "prompt_no_outputs"

    def invalid(self, call: Call) -> str:
        """A workflow with nodes."""
        return "" if call.field("prompt") else "Prompt has no outputs"

    def system(self, call: Call) -> Response:
        """What it runs on."""
        return json_response(200, {"system": {"os": "posix", "comfyui_version": "0.3"}})

    def unknown(self, call: Call) -> Response:
        """The history of nothing is empty for ever."""
        return json_response(200, {})

    def accepted(self, call: Call, job: Job) -> Any:
        """The id and the place in line."""
        return {"prompt_id": job.id, "number": 1, "node_errors": {}}

    def told(self, call: Call, job: Job, state: State) -> Any:
        """Nothing until it has ended, then everything under the id."""
        if state not in ENDED:
            return {}
        file = {"filename": f"{job.id}.png", "subfolder": "", "type": "output"}
        status = {"status_str": ENDED[state], "completed": state is State.SUCCEEDED}
        outputs = {"7": {"images": [file]}} if state is State.SUCCEEDED else {}
        return {job.id: {"outputs": outputs, "status": status}}

    def view(self, call: Call) -> Response:
        """The picture that the query names."""
        name = call.request.query.get("filename", "").removesuffix(".png")
        job = self.shared.jobs.find(self.name, name)
        return self.missing_file(call) if job is None else self.picture(call, job)
