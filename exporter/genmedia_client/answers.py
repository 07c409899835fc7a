"""Reads the answer to a create: the task it names, or what is wrong with it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from genmedia_client.refusals import proves_refusal

_FAILED: Final = frozenset({"failed", "failure", "fail", "error", "cancelled", "canceled"})
_LINK: Final = re.compile(r"(?:src=['\"]|\]\()(https?://[^'\"\s)]+)")
_LONGEST: Final = 200


class UnreadableAnswerError(ValueError):
    """An answer of success that names no task. Unless it is *refused*, something may have begun.

    *answer* is the answer as parsed JSON, where it is any. The message quotes the whole answer: it
    is cut after credentials are hidden, or half of a key would be left at the end.
    """

    def __init__(
        self, message: str, code: str | None = None, *, refused: bool = False, answer: object = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.refused = refused
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a route answered when it took the request."""

    task_id: str
    url: str | None = None


def read_task(body: bytes) -> Accepted:
    """Return the task that the answer to POST /v1/videos names. Raises UnreadableAnswerError."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise UnreadableAnswerError(f"the answer is not a JSON object: {_text(body)}")
    code, message = _error(answer)
    task_id = answer.get("id") or answer.get("task_id")
    if not isinstance(task_id, str) or not task_id:
        said = message or f"the answer names no task: {_text(body)}"
        refused = proves_refusal(None, code, message, by_application=True)
        raise UnreadableAnswerError(said, code, refused=refused, answer=answer)
    if str(answer.get("status")).lower() in _FAILED:
        said = f"task {task_id} failed at once: {message}"
        raise UnreadableAnswerError(said, code, answer=answer)
    return Accepted(task_id)


def read_stream(task_id: str, text: str) -> Accepted:
    """Return what a finished chat stream has made. Raises UnreadableAnswerError without a link."""
    found = _LINK.search(text)
    if found is None:
        raise UnreadableAnswerError(f"the stream ended without a link: {text}")
    return Accepted(task_id or found[1], found[1])


def _error(answer: dict[str, Any]) -> tuple[str | None, str]:
    inner = answer.get("error")
    error = inner if isinstance(inner, dict) else answer
    code, message = error.get("code"), error.get("message")
    text = inner if isinstance(inner, str) else message
    return None if code is None else str(code), text if isinstance(text, str) else ""


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")


def short(text: str) -> str:
    """Return *text* as one line of at most 200 characters."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
