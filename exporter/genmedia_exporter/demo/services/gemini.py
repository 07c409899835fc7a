"""The Gemini API: Omni through Interactions, and the older long-running Veo calls.

Interactions name errors with strings, everything older with numbers and RPC words.
"""

import base64
import re
from dataclasses import replace
from typing import Any, ClassVar

from genmedia_exporter.demo.jobs import Job, State
from genmedia_exporter.demo.media import make_mp4
from genmedia_exporter.demo.message import Response, json_response
from genmedia_exporter.demo.services.contract import KEY, Call, Model, Role, Route, Service
from genmedia_exporter.demo.services.gemini_dialect import (
    GEMINI_REFUSALS,
    no_interaction,
    rpc_error,
    rpc_type,
    string_error,
)

__all__ = ["Gemini"]

NEW_SHAPE_PATH = "/v1beta/interactions"
SHORTEST, LONGEST = 3.0, 10.0
VEO_SHORTEST, VEO_LONGEST = 4, 8
SIZES = {"360p": (640, 360), "720p": (1280, 720), "1080p": (1920, 1080), "4k": (3840, 2160)}
RATIOS = ("16:9", "9:16")
PRICES = {
    "gemini-omni-1.2-flash": {"360p": 0.023, "1080p": 0.105, "4k": 0.21},
    "gemini-omni-1.1-flash": {"360p": 0.039, "1080p": 0.195},
}
"""US dollars a second where it is not the price at 720p, which stands in the catalogue."""
WORDS = {
    State.QUEUED: "queued",
    State.RUNNING: "in_progress",
    State.SUCCEEDED: "completed",
    State.FAILED: "failed",
    State.MODERATED: "failed",
    State.CANCELLED: "cancelled",
    State.ODD: "levitating",
}
ERRORS = {
    State.FAILED: ("internal_error", "Internal error encountered."),
    State.MODERATED: ("prompt_blocked", "The prompt was blocked by the safety filter."),
}


class Gemini(Service):
    """models, interactions, predictLongRunning and its operations."""

    says = "Gemini API (Interactions, and long-running Veo)"
    base_path = "/v1beta"
    key_style = "x-goog-api-key: demo-key"
    refusals = tuple(GEMINI_REFUSALS)
    catalogue: ClassVar[tuple[Model, ...]] = (
        Model("gemini-omni-1.2-flash", 0.07),
        Model("gemini-omni-1.1-flash", 0.13),
        Model("veo-3.1-generate-preview", 0.40),
    )

    def routes(self) -> tuple[Route, ...]:
        """Interactions first: their paths must not be taken for models."""
        models, one = "/v1beta/models", f"{NEW_SHAPE_PATH}/{{id}}"
        operation = f"{models}/{{model}}/operations/{{id}}"
        return (
            Route("POST", NEW_SHAPE_PATH, Role.CREATE, self.interact),
            Route("GET", one, Role.POLL, self.get_interaction),
            Route("POST", f"{one}/cancel", Role.POLL, self.cancel),
            Route("DELETE", one, Role.POLL, self.delete),
            Route("GET", models, Role.LIST, self.list_models),
            Route("GET", f"{models}/{{model}}", Role.MODEL, self.get_model),
            Route("POST", f"{models}/{{model}}:predictLongRunning", Role.CREATE, self.predict),
            Route("GET", operation, Role.POLL, self.operation),
            Route("GET", "/v1beta/files/{id}:download", Role.ASSET, self.public_file),
        )

    def stamp(self) -> dict[str, str]:
        """The header of Google's front end."""
        return {"server": "scaffolding on HTTPServer2", "server-timing": "gfet4t7; dur=42"}

    def authorise(self, call: Call) -> Response | None:
        """A bad key is a 400 for models and a 401 for interactions."""
        key = call.request.header("x-goog-api-key") or call.request.query.get("key", "")
        if key == KEY:
            return None
        if key or call.request.path.startswith(NEW_SHAPE_PATH):
            return self.refuse("invalid_key", call)
        message = "Method doesn't allow unregistered callers."
        return rpc_error(403, "PERMISSION_DENIED", message)

    def refuse(self, kind: str, call: Call) -> Response:
        """The trouble, in the shape that belongs to the path."""
        status, word, code, message = GEMINI_REFUSALS[kind]
        text = message.format(model=self.model_of(call))
        if call.request.path.startswith(NEW_SHAPE_PATH):
            return string_error(401 if kind == "invalid_key" else status, code, text)
        details: list[dict[str, Any]] = []
        if kind == "invalid_key":
            details = [{"@type": rpc_type("ErrorInfo"), "reason": "API_KEY_INVALID"}]
        elif kind == "rate_limited" and call.fault:
            delay = f"{call.fault.number('retry_after_s'):.0f}s"
            details = [{"@type": rpc_type("RetryInfo"), "retryDelay": delay}]
        return rpc_error(status, word, text, details)

    def missing_path(self, call: Call) -> Response:
        """Google's 404 for a path that no API has."""
        return Response(404, b"<title>Error 404 (Not Found)!!1</title>", "text/html")

    def list_models(self, call: Call) -> Response:
        """The models on sale."""
        return json_response(200, {"models": [_model_object(m) for m in self.listed(call)]})

    def get_model(self, call: Call) -> Response:
        """One model, or that it is not found."""
        model = self.find_model(self.model_of(call))
        return json_response(200, _model_object(model)) if model else self.refuse("unlisted", call)

    def interact(self, call: Call) -> Response:
        """Start an interaction; without `background` answer once it is over."""
        wrong = None if self.trouble(call) == "accepts_invalid" else self._invalid(call)
        if wrong or (wrong := self.late_refusal(call)):
            return wrong
        model = self.find_model(self.model_of(call)) or self.models[0]
        seconds = _seconds(call.field("response_format", "duration")) or SHORTEST
        resolution = call.text("response_format", "resolution")
        size = SIZES.get(resolution, SIZES["720p"])
        if call.text("response_format", "aspect_ratio") == "9:16":
            size = (size[1], size[0])
        prompt = str(call.field("input"))[:1000]
        usd = PRICES.get(model.id, {}).get(resolution, model.usd) * seconds
        job = self.start_job(call, model, usd, prompt=prompt, seconds=seconds, size=size)
        job.notes["delivery"] = call.text("response_format", "delivery")
        if call.field("background") is True:
            return json_response(200, self._interaction(call, job))
        job.lasts = 0
        return replace(
            json_response(200, self._interaction(call, job)), wait=self.shared.job_seconds
        )

    def _invalid(self, call: Call) -> Response | None:
        form = call.field("response_format")
        duration = call.field("response_format", "duration")
        if not call.text("model"):
            return string_error(400, "invalid_request", "model is required")
        if not self.model_of(call).startswith("gemini-") or not self.find_model(
            self.model_of(call)
        ):
            return self.refuse("unlisted", call)
        if not call.field("input"):
            return string_error(400, "invalid_request", "input must not be empty")
        if form is not None and not isinstance(form, dict):
            return string_error(400, "invalid_request", "response_format must be an object")
        if duration is not None and not SHORTEST <= (_seconds(duration) or 0) <= LONGEST:
            return string_error(400, "invalid_request", "duration must be from 3 to 10 seconds")
        for name, allowed in (("resolution", tuple(SIZES)), ("aspect_ratio", RATIOS)):
            if call.field("response_format", name) not in (None, *allowed):
                message = f"{name} must be one of {', '.join(allowed)}"
                return string_error(400, "invalid_request", message)
        return None

    def get_interaction(self, call: Call) -> Response:
        """An interaction as it is now."""
        job = self.find_job(call)
        return json_response(200, self._interaction(call, job)) if job else no_interaction()

    def cancel(self, call: Call) -> Response:
        """Stop an interaction that has not ended."""
        job = self.find_job(call)
        if job is None:
            return no_interaction()
        if self.look(call, job).state not in (State.QUEUED, State.RUNNING):
            return string_error(400, "failed_precondition", "the interaction has ended")
        job.fate = State.CANCELLED
        return json_response(200, self._interaction(call, job))

    def delete(self, call: Call) -> Response:
        """Forget an interaction."""
        job = self.find_job(call)
        if job is None:
            return no_interaction()
        self.shared.jobs.forget(job)
        return json_response(200, {})

    def _interaction(self, call: Call, job: Job) -> dict[str, Any]:
        state = self.look(call, job).state
        shown: dict[str, Any] = {"id": job.id, "object": "interaction", "model": job.model}
        shown |= {"status": WORDS[state], "created": job.created_at}
        if state is State.SUCCEEDED:
            shown["output_video"] = self._output(call, job)
        if state in ERRORS:
            code, message = ERRORS[state]
            shown["errors"] = [{"code": code, "message": message}]
        return shown

    def _output(self, call: Call, job: Job) -> dict[str, str]:
        if job.notes.get("delivery") == "inline":
            data = make_mp4(job.seconds, job.width, job.height)
            return {"mime_type": "video/mp4", "data": base64.b64encode(data).decode()}
        return {"mime_type": "video/mp4", "uri": self._file(call, job)}

    def _file(self, call: Call, job: Job) -> str:
        return self.link(call, f"/v1beta/files/{job.id}:download?alt=media")

    def predict(self, call: Call) -> Response:
        """Start a long-running Veo operation."""
        wrong = None if self.trouble(call) == "accepts_invalid" else self._veo_invalid(call)
        if wrong or (wrong := self.late_refusal(call)):
            return wrong
        asked = call.field("parameters", "durationSeconds")
        fits = isinstance(asked, int) and VEO_SHORTEST <= asked <= VEO_LONGEST
        seconds = float(asked) if fits else float(VEO_LONGEST)
        model = self.find_model(self.model_of(call)) or self.models[-1]
        prompt, usd = _veo_prompt(call), model.usd * seconds
        job = self.start_job(call, model, usd, prompt=prompt, seconds=seconds, size=SIZES["720p"])
        return json_response(200, {"name": f"models/{model.id}/operations/{job.id}"})

    def _veo_invalid(self, call: Call) -> Response | None:
        model = self.find_model(self.model_of(call))
        if model is None or not model.id.startswith("veo-"):
            return self.refuse("unlisted", call)
        asked = call.field("parameters", "durationSeconds")
        if asked is not None and not (
            isinstance(asked, int) and VEO_SHORTEST <= asked <= VEO_LONGEST
        ):
            message = "The number value for `durationSeconds` is out of bound. "
            message += "Please provide a value between 4 and 8, inclusive."
            return rpc_error(400, "INVALID_ARGUMENT", message)
        if not _veo_prompt(call):
            return rpc_error(400, "INVALID_ARGUMENT", "`instances[0].prompt` must not be empty.")
        return None

    def operation(self, call: Call) -> Response:
        """An operation as it is now; a filtered video is done, without an error or a sample."""
        job, name = self.find_job(call), call.request.path.removeprefix("/v1beta/")
        if job is None:
            return rpc_error(404, "NOT_FOUND", f"Operation {name[:200]} not found.")
        state = self.look(call, job).state
        if state in (State.QUEUED, State.RUNNING):
            return json_response(200, {"name": name})
        if state in (State.FAILED, State.ODD):
            error = {"code": 13, "message": ERRORS[State.FAILED][1], "status": "INTERNAL"}
            return json_response(200, {"name": name, "done": True, "error": error})
        made: dict[str, Any] = {"generatedSamples": [{"video": {"uri": self._file(call, job)}}]}
        if state is State.MODERATED:
            made = {"raiMediaFilteredCount": 1, "raiMediaFilteredReasons": ["Blocked by policy."]}
        response = {"generateVideoResponse": made}
        return json_response(200, {"name": name, "done": True, "response": response})


def _model_object(model: Model) -> dict[str, Any]:
    veo = model.id.startswith("veo-")
    methods = ["predictLongRunning"] if veo else ["createInteraction"]
    return {
        "name": f"models/{model.id}",
        "version": "001",
        "displayName": model.id,
        "supportedGenerationMethods": methods,
    }


def _seconds(value: object) -> float | None:
    if isinstance(value, str) and (found := re.fullmatch(r"(\d{1,3}(?:\.\d{1,3})?)s?", value)):
        return float(found[1])
    good = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1000
    return float(value) if good and isinstance(value, int | float) else None


def _veo_prompt(call: Call) -> str:
    instances = call.field("instances")
    first = instances[0] if isinstance(instances, list) and instances else None
    prompt = first.get("prompt") if isinstance(first, dict) else None
    return prompt if isinstance(prompt, str) else ""
