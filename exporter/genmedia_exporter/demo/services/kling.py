"""Kling: every answer in an envelope with its own code; the key is a token we sign ourselves."""

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any

from genmedia_exporter.demo.jobs import Job, State
from genmedia_exporter.demo.message import Response, json_response
from genmedia_exporter.demo.services.contract import KEY, Call, Role, Route, Service, bearer

__all__ = ["SECRET", "Kling"]

SECRET = "demo-secret"  # noqa: S105 - the pretend half of a pretend key pair
DURATIONS = ("5", "10")
LARGEST_PAGE = 500
SIZE = (1280, 720)
WORDS = {
    State.QUEUED: "submitted",
    State.RUNNING: "processing",
    State.SUCCEEDED: "succeed",
    State.FAILED: "failed",
    State.MODERATED: "failed",
    State.ODD: "levitating",
}
SAID = {
    State.FAILED: "internal error",
    State.MODERATED: "Failure to pass the risk control system: content safety (1301)",
}
REFUSALS: dict[str, tuple[int, int, str]] = {
    "server_error": (500, 5000, "Internal server error"),
    "overloaded": (504, 5002, "Server timeout, the backlog is long"),
    "rate_limited": (429, 1302, "API request too fast"),
    "quota": (429, 1102, "Resource pack depleted or expired"),
    "invalid_key": (401, 1002, "Access key not found"),
    "no_entitlement": (403, 1103, "No permission for this model"),
    "region": (429, 1304, "IP is not on the whitelist"),
    "suspended": (503, 5003, "This model is temporarily paused"),
    "maintenance": (503, 5001, "Service temporarily unavailable, under maintenance"),
    "retired": (404, 1203, "The model {model} has been deprecated"),
    "unlisted": (404, 1203, "The model {model} does not exist"),
}
"""Trouble: status, code, message. 5003 is ours: Kling documents no code for a paused model."""


class Kling(Service):
    """Videos as tasks under /v1/videos/text2video."""

    says = "Kling"
    key_style = "Authorization: Bearer <HS256 token of demo-key / demo-secret>, or demo-key"
    refusals = tuple(REFUSALS)

    def routes(self) -> tuple[Route, ...]:
        """Tasks, and the account's costs."""
        path = "/v1/videos/text2video"
        return (
            Route("POST", path, Role.CREATE, self.create),
            Route("GET", path, Role.ACCOUNT, self.list_tasks),
            Route("GET", f"{path}/{{id}}", Role.POLL, self.get_task),
            Route("GET", "/account/costs", Role.ACCOUNT, self.costs),
            Route("GET", "/files/{id}.mp4", Role.ASSET, self.public_file, keyed=False),
        )

    def model_of(self, call: Call) -> str:
        """Kling's field is `model_name`; without it the first model is meant."""
        return call.text("model_name")[:200] or call.text("model")[:200] or self.models[0].id

    def authorise(self, call: Call) -> Response | None:
        """The plain key, or a token signed with the key pair and valid now."""
        token = bearer(call.request)
        if token == KEY:
            return None
        code, message = judge_token(token, self.shared.environment.wall())
        return self._envelope(401, code, message) if code else None

    def refuse(self, kind: str, call: Call) -> Response:
        """The trouble as an envelope with its code."""
        status, code, message = REFUSALS[kind]
        return self._envelope(status, code, message.format(model=self.model_of(call)))

    def missing_path(self, call: Call) -> Response:
        """A method or path that Kling does not have."""
        return self._envelope(404, 1202, "Invalid request method or path")

    def _envelope(self, status: int, code: int, message: str, data: object = None) -> Response:
        body = {"code": code, "message": message, "request_id": self.shared.environment.fresh_id()}
        return json_response(status, body | ({} if data is None else {"data": data}))

    def create(self, call: Call) -> Response:
        """Accept a task once prompt, model and duration are in order."""
        wrong = None if self.trouble(call) == "accepts_invalid" else self._invalid(call)
        if wrong or (wrong := self.late_refusal(call)):
            return wrong
        asked = str(call.field("duration"))
        seconds = float(asked if asked in DURATIONS else DURATIONS[0])
        model = self.find_model(self.model_of(call)) or self.models[0]
        prompt, usd = call.text("prompt"), model.usd * seconds
        job = self.start_job(call, model, usd, prompt=prompt, seconds=seconds, size=SIZE)
        return self._envelope(200, 0, "SUCCEED", self._task(call, job))

    def _invalid(self, call: Call) -> Response | None:
        if not call.text("prompt").strip():
            return self._envelope(400, 1201, "prompt: must not be empty")
        if self.find_model(self.model_of(call)) is None:
            return self.refuse("unlisted", call)
        if "duration" in call.fields and str(call.field("duration")) not in DURATIONS:
            return self._envelope(400, 1201, "duration: must be 5 or 10")
        return None

    def list_tasks(self, call: Call) -> Response:
        """The account's tasks, newest first, a page of them."""
        page, size = _number(call, "pageNum", 1, 1000), _number(call, "pageSize", 30, LARGEST_PAGE)
        if page is None or size is None:
            return self._envelope(400, 1201, "pageNum, pageSize: out of range")
        jobs = list(self.shared.jobs.of(self.name))[(page - 1) * size : page * size]
        return self._envelope(200, 0, "SUCCEED", [self._task(call, job) for job in jobs])

    def get_task(self, call: Call) -> Response:
        """A task as it is now."""
        job = self.find_job(call)
        if job is None:
            return self._envelope(404, 1203, "task not found")
        return self._envelope(200, 0, "SUCCEED", self._task(call, job))

    def costs(self, call: Call) -> Response:
        """What is left of the resource pack."""
        left = max(0.0, 1000.0 - self.shared.ledger[self.name].usd)
        pack = {"resource_pack_name": "demo", "remaining_quantity": left, "status": "online"}
        data = {"code": 0, "msg": "success", "resource_pack_subscribe_infos": [pack]}
        return self._envelope(200, 0, "SUCCEED", data)

    def _task(self, call: Call, job: Job) -> dict[str, Any]:
        state = self.look(call, job).state
        times = {"created_at": job.created_at * 1000, "updated_at": job.created_at * 1000}
        task: dict[str, Any] = {"task_id": job.id, "task_status": WORDS[state], **times}
        if state in SAID:
            task["task_status_msg"] = SAID[state]
        if state is State.SUCCEEDED:
            url = self.link(call, f"/files/{job.id}.mp4")
            video = {"id": job.id, "url": url, "duration": f"{job.seconds:g}"}
            task["task_result"] = {"videos": [video]}
        return task


def _number(call: Call, name: str, default: int, most: int) -> int | None:
    text = call.request.query.get(name, str(default))
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    return number if 1 <= number <= most else None


def judge_token(token: str, now: float) -> tuple[int, str]:
    """Kling's code and words for a token at that unix time; code 0 when it is good."""
    if not token:
        return 1001, "Authorization is empty"
    head, _, signature = token.rpartition(".")
    claims = _decoded(head.partition(".")[2])
    algorithm = _decoded(head.partition(".")[0]).get("alg")
    if not claims or algorithm != "HS256":
        return 1000, "Authorization is invalid"
    if claims.get("iss") != KEY:
        return 1002, "Access key not found"
    digest = hmac.new(SECRET.encode(), head.encode("utf-8", "replace"), hashlib.sha256).digest()
    good = base64.urlsafe_b64encode(digest).rstrip(b"=")
    if not hmac.compare_digest(good, signature.encode("utf-8", "replace")):
        return 1000, "Signature is invalid"
    begins, ends = claims.get("nbf", 0), claims.get("exp")
    if not isinstance(ends, int | float) or not isinstance(begins, int | float):
        return 1000, "Authorization is invalid"
    if begins > now:
        return 1003, "Authorization is not yet valid"
    return (1004, "Authorization has expired") if ends <= now else (0, "")


def _decoded(part: str) -> dict[str, Any]:
    try:
        value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
