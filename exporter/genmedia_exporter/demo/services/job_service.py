"""What services have in common whose wire is a create, polls by an id, and a file: one subclass tells the words."""

from typing import Any, ClassVar

from genmedia_exporter.demo.jobs import Job, State
from genmedia_exporter.demo.media import file_response, make_png
from genmedia_exporter.demo.message import Response, html_response, json_response
from genmedia_exporter.demo.services.contract import CUT_AT, KEY, PAGE, Call, Service

__all__ = ["FILES", "JobService", "Refusals"]

FILES = "/files/{id}.mp4"

Refusals = dict[str, tuple[int, object, str]]
"""Trouble: HTTP status, the vendor's own code, and words in which {model} is filled in."""


class JobService(Service):
    """A subclass says where calls lie and in what words a job is accepted, shown, refused and unknown."""

    key_header: ClassVar[str] = "authorization"
    key_prefix: ClassVar[str] = "Bearer "
    said: ClassVar[Refusals] = {}
    clip_seconds: ClassVar[float] = 5.0
    size: ClassVar[tuple[int, int]] = (1280, 720)
    prompt_field: ClassVar[tuple[str, ...]] = ("prompt",)

    def error(self, status: int, code: object, message: str) -> Response:
        """The vendor's error with that code, which may be nothing."""
        raise NotImplementedError

    def invalid(self, call: Call) -> str:
        """What is wrong with a create, in the vendor's words; nothing when it is in order."""
        return "" if self.prompt_of(call).strip() else "prompt: must not be empty"

    def accepted(self, call: Call, job: Job) -> Any:
        """The document that answers a create."""
        raise NotImplementedError

    def told(self, call: Call, job: Job, state: State) -> Any:
        """The document that a poll shows."""
        raise NotImplementedError

    def unknown(self, call: Call) -> Response:
        """How the vendor answers a poll for a job that it does not have."""
        raise NotImplementedError

    def authorise(self, call: Call) -> Response | None:
        """The key in the vendor's header."""
        given = call.request.header(self.key_header)
        return None if given == f"{self.key_prefix}{KEY}" else self.refuse("invalid_key", call)

    def refuse(self, kind: str, call: Call) -> Response:
        """The trouble with the vendor's code and words."""
        status, code, message = self.said[kind]
        return self.error(status, code, message.format(model=self.model_of(call)))

    def missing_path(self, call: Call) -> Response:
        """A path that the vendor does not have."""
        return self.error(404, None, "Not Found")

    def prompt_of(self, call: Call) -> str:
        """The prompt, wherever this wire keeps it."""
        return call.text(*self.prompt_field)

    def refused_create(self, call: Call) -> Response | None:
        """The refusal of a create that is not in order, or None."""
        if self.trouble(call) == "accepts_invalid":
            return None
        if self.find_model(self.model_of(call)) is None:
            return self.refuse("unlisted", call)
        wrong = self.invalid(call)
        return self.error(*self.said_of_invalid(), wrong) if wrong else None

    def said_of_invalid(self) -> tuple[int, object]:
        """The status and code that a create has which is not in order."""
        return 400, None

    def create(self, call: Call) -> Response:
        """Accept a job once everything is in order, and charge for it."""
        wrong = self.refused_create(call)
        if wrong or (wrong := self.late_refusal(call)):
            return wrong
        model = self.find_model(self.model_of(call)) or self.models[0]
        seconds = self.clip_seconds
        job = self.start_job(
            call,
            model,
            model.usd * seconds,
            prompt=self.prompt_of(call),
            seconds=seconds,
            size=self.size,
        )
        return json_response(200, self.accepted(call, job))

    def poll(self, call: Call) -> Response:
        """A job as it is now."""
        job = self.find_job(call)
        if job is None:
            return self.unknown(call)
        return json_response(200, self.told(call, job, self.look(call, job).state))

    def cancel(self, call: Call) -> Response:
        """End a job that has not ended."""
        job = self.find_job(call)
        if job is None:
            return self.unknown(call)
        if self.look(call, job).state in (State.QUEUED, State.RUNNING):
            job.fate = State.CANCELLED
        return json_response(200, self.told(call, job, self.look(call, job).state))

    def file_of(self, call: Call, job: Job) -> str:
        """Where the job's file lies."""
        return self.link(call, FILES.replace("{id}", job.id))

    def picture(self, call: Call, job: Job) -> Response:
        """The job's picture, or whatever the fault in force puts in its place."""
        kind = self.trouble(call, job.model)
        if kind == "asset_missing":
            return self.missing_file(call)
        if kind == "asset_html":
            return html_response(200, PAGE)
        data = make_png(job.width, job.height, blank=kind == "asset_blank")
        cut = data[:CUT_AT] if kind == "asset_truncated" else data
        return file_response(cut, "image/png", call.request.header("range"))
