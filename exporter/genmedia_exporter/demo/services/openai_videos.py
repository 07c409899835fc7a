"""OpenAI's Videos API: models, and jobs under /v1/videos."""

from collections.abc import Mapping
from typing import Any, ClassVar

from genmedia_exporter.demo.jobs import Job, State
from genmedia_exporter.demo.message import Response, json_response
from genmedia_exporter.demo.services.contract import KEY, Call, Model, Role, Route, Service, bearer
from genmedia_exporter.demo.services.openai_dialect import (
    OPENAI_REFUSALS,
    openai_error,
    openai_missing_key,
    openai_refusal,
)

__all__ = ["OpenAIBase", "OpenAIVideos"]

SECONDS = ("4", "8", "12")
SIZES = ("720x1280", "1280x720", "1024x1792", "1792x1024")
LONGEST_PROMPT = 32_000
MODEL_BORN = 1_759_708_800
ASSET_LIFE_SECONDS = 3600
WORDS = {
    State.QUEUED: "queued",
    State.RUNNING: "in_progress",
    State.SUCCEEDED: "completed",
    State.FAILED: "failed",
    State.MODERATED: "failed",
    State.ODD: "levitating",
}
ERRORS = {
    State.FAILED: ("internal_error", "The video could not be generated."),
    State.MODERATED: ("moderation_blocked", "Your request was rejected by the safety system."),
}


class OpenAIBase(Service):
    """Key, errors, headers and model calls that all of OpenAI's API share."""

    refusals = OPENAI_REFUSALS
    scopes: ClassVar[Mapping[str, str]] = {"quota": "create"}

    def model_routes(self) -> tuple[Route, ...]:
        """The two free calls about models."""
        return (
            Route("GET", "/v1/models", Role.LIST, self.list_models),
            Route("GET", "/v1/models/{model}", Role.MODEL, self.get_model),
        )

    def authorise(self, call: Call) -> Response | None:
        """OpenAI tells a missing key from a wrong one."""
        key = bearer(call.request)
        if not key:
            return openai_missing_key()
        return None if key == KEY else self.refuse("invalid_key", call)

    def refuse(self, kind: str, call: Call) -> Response:
        """The trouble in OpenAI's words."""
        retry_after = call.fault.number("retry_after_s") if call.fault else 0
        return openai_refusal(kind, self.model_of(call), retry_after)

    def missing_path(self, call: Call) -> Response:
        """OpenAI names the method and the path that it does not know."""
        place = f"{call.request.method} {call.request.path[:200]}"
        return openai_error(404, None, f"Invalid URL ({place})")

    def stamp(self) -> dict[str, str]:
        """The headers of OpenAI's own application."""
        spent = str(self.shared.environment.dice.randint(20, 180))
        own = {"openai-processing-ms": spent, "openai-version": "2020-10-01"}
        return {"x-request-id": f"req_{self.shared.environment.fresh_id()}", **own}

    def list_models(self, call: Call) -> Response:
        """The models on sale."""
        data = [_model_object(model) for model in self.listed(call)]
        return json_response(200, {"object": "list", "data": data})

    def get_model(self, call: Call) -> Response:
        """One model, or that it does not exist."""
        model = self.find_model(self.model_of(call))
        return json_response(200, _model_object(model)) if model else self.refuse("unlisted", call)


def _model_object(model: Model) -> dict[str, Any]:
    return {"id": model.id, "object": "model", "created": MODEL_BORN, "owned_by": "openai"}


class OpenAIVideos(OpenAIBase):
    """Videos as jobs: create, poll, download, delete."""

    says = "OpenAI Videos API"

    def routes(self) -> tuple[Route, ...]:
        """Models, and videos."""
        return (
            *self.model_routes(),
            Route("POST", "/v1/videos", Role.CREATE, self.create),
            Route("GET", "/v1/videos", Role.ACCOUNT, self.list_videos),
            Route("GET", "/v1/videos/{id}", Role.POLL, self.get_video),
            Route("DELETE", "/v1/videos/{id}", Role.POLL, self.delete_video),
            Route("GET", "/v1/videos/{id}/content", Role.ASSET, self.content),
        )

    def create(self, call: Call) -> Response:
        """Accept a job once its seconds, prompt, size and model are in order."""
        wrong = None if self.trouble(call) == "accepts_invalid" else self._invalid(call)
        if wrong or (wrong := self.late_refusal(call)):
            return wrong
        seconds, size = call.text("seconds"), call.text("size")
        length = float(seconds) if seconds in SECONDS else float(SECONDS[0])
        width, height = (size if size in SIZES else SIZES[0]).split("x")
        model = self.find_model(self.model_of(call)) or self.models[0]
        job = self.start_job(
            call,
            model,
            model.usd * length,
            prompt=call.text("prompt"),
            seconds=length,
            size=(int(width), int(height)),
            prefix="video_",
        )
        return json_response(200, self._video_object(call, job))

    def _invalid(self, call: Call) -> Response | None:
        seconds, size = call.field("seconds"), call.field("size")
        prompt = call.field("prompt")
        if seconds is not None and seconds not in SECONDS:
            listed = "Supported values are: '4', '8', and '12'."
            message = f"Invalid value: {_shown(seconds)}. {listed}"
            return openai_error(400, "invalid_value", message, param="seconds")
        if prompt is None:
            message = "Missing required parameter: 'prompt'."
            return openai_error(400, "missing_required_parameter", message, param="prompt")
        if not isinstance(prompt, str) or not 1 <= len(prompt) <= LONGEST_PROMPT:
            message = f"Invalid 'prompt': expected a string of 1 to {LONGEST_PROMPT} characters."
            return openai_error(400, "invalid_value", message, param="prompt")
        if size is not None and size not in SIZES:
            message = f"Invalid value: {_shown(size)}. Supported values are: {', '.join(SIZES)}."
            return openai_error(400, "invalid_value", message, param="size")
        return None if self.find_model(self.model_of(call)) else self.refuse("unlisted", call)

    def list_videos(self, call: Call) -> Response:
        """The jobs of this account, newest first."""
        asked = call.request.query.get("limit", "20")
        limit = min(100, int(asked)) if asked.isascii() and asked[:9].isdigit() else 20
        jobs = list(self.shared.jobs.of(self.name))
        data = [self._video_object(call, job) for job in jobs[:limit]]
        ends = {"first_id": data[0]["id"], "last_id": data[-1]["id"]} if data else {}
        more = len(jobs) > len(data)
        page = {"object": "list", "data": data, "first_id": None, "last_id": None}
        return json_response(200, page | ends | {"has_more": more})

    def get_video(self, call: Call) -> Response:
        """A job as it is now."""
        job = self.find_job(call)
        return json_response(200, self._video_object(call, job)) if job else _not_found(call)

    def delete_video(self, call: Call) -> Response:
        """Forget an ended job; one that runs stays."""
        job = self.find_job(call)
        if job is None:
            return _not_found(call)
        if self.look(call, job).state in (State.QUEUED, State.RUNNING):
            return openai_error(400, None, "The video is still being generated.")
        self.shared.jobs.forget(job)
        return json_response(200, {"id": job.id, "deleted": True, "object": "video.deleted"})

    def content(self, call: Call) -> Response:
        """The video itself."""
        job = self.find_job(call)
        if job is None:
            return _not_found(call)
        if self.look(call, job).state is not State.SUCCEEDED:
            return openai_error(404, None, "The video is not ready for download.")
        return self.video_file(call, job)

    def missing_file(self, call: Call) -> Response:
        """A completed job whose file cannot be had: met in the wild in these words."""
        name = call.captured.get("id", "")
        return openai_error(404, None, f"Files [file_{name[-12:]}] are not accessible.")

    def _video_object(self, call: Call, job: Job) -> dict[str, Any]:
        view = self.look(call, job)
        ended = view.state not in (State.QUEUED, State.RUNNING, State.ODD)
        code, message = ERRORS.get(view.state, ("", ""))
        done_at = job.created_at + int(job.lasts) if ended else None
        return {
            "id": job.id,
            "object": "video",
            "model": job.model,
            "status": WORDS[view.state],
            "progress": view.progress,
            "created_at": job.created_at,
            "completed_at": done_at,
            "expires_at": job.created_at + ASSET_LIFE_SECONDS if ended else None,
            "prompt": job.prompt,
            "seconds": f"{job.seconds:g}",
            "size": f"{job.width}x{job.height}",
            "remixed_from_video_id": None,
            "error": {"code": code, "message": message} if code else None,
        }


def _shown(value: object) -> str:
    return f"'{str(value)[:60]}'"


def _not_found(call: Call) -> Response:
    message = f"Video with id '{call.captured.get('id', '')}' not found."
    return openai_error(404, None, message, param="video_id")
