"""What came of a create that was tried on several channels, and what proves that one was refused."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final

_NOT_TAKEN: Final = frozenset({501, 503, 529})
"""5xx by which an application says that it did not begin; an edge says 503 for much else."""
_TIMED_OUT: Final = frozenset({408, 444, 460, 499})
"""4xx about time and a lost connection: what came through before that is unknown."""
_SENT_ON: Final = frozenset({307, 308})
"""Redirects that ask for the same request again elsewhere; the others may follow one that was done."""
_CODES: Final = frozenset(
    {
        "model_not_found", "get_channel_failed", "insufficient_user_quota", "insufficient_quota",
        "pre_consume_token_quota_failed", "invalid_api_key", "server_is_overloaded", "heavy_load",
        "unsupported_country_code", "sentinel_block", "moderation_blocked",
        "content_policy_violation",
    }
)  # fmt: skip
"""Error codes that mean the same under any HTTP status: refused before anything began."""
_WORDS: Final = re.compile(
    r"无可用渠道|no available channel|no available tokens|cloudflare challenge|sentinel_block",
    re.IGNORECASE,
)
"""The same in the prose of gateways and pools that give no code."""
_FAILED: Final = frozenset({"failed", "failure", "fail", "error", "cancelled", "canceled"})
_LINK: Final = re.compile(r"(?:src=['\"]|\]\()(https?://[^'\"\s)]+)")
_LONGEST: Final = 200


class NoCredentialError(Exception):
    """A channel that cannot be called: its credential is not there."""


class UnreadableAnswerError(ValueError):
    """An answer of success that names no task. Unless it is *refused*, something may have begun."""

    def __init__(self, message: str, code: str | None = None, *, refused: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.refused = refused


@dataclass(frozen=True, slots=True)
class Taken:
    """What a channel said when it took the request."""

    task_id: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class ChannelError:
    """Why one channel did not take the request. No field holds a credential of ours."""

    target: str  # the channel's name
    channel: str  # official or reverse
    kind: str  # class of the error
    status: int | None = None  # HTTP status, None without an answer
    code: str | None = None  # the answer's own error code
    message: str = ""  # at most 200 characters


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a create.

    `channel` is official or reverse and `target` the channel's name: of the one that took the
    request, or with `maybe_accepted` of the one that may have taken it: look there before you
    create again, or you may pay twice. `errors` has one entry for each channel tried that gave no
    success, in order. `url` is where the clip is when the wire gives it at once (chat).
    """

    success: bool
    channel: str | None = None
    target: str | None = None
    task_id: str | None = None
    errors: tuple[ChannelError, ...] = ()
    maybe_accepted: bool = False
    url: str | None = None


def refused(status: int | None, code: str | None, message: str, by_application: bool) -> bool:
    """Whether an answer proves that nothing was accepted.

    *status* is None for an error inside a stream; *by_application* says that the body is an error
    in JSON, not a page of some edge.
    """
    if code in _CODES or _WORDS.search(message):
        return True
    if status is None:
        return False
    if 400 <= status < 500:
        return status not in _TIMED_OUT
    return status in _SENT_ON or (status in _NOT_TAKEN and by_application)


def taken_by_task(body: bytes) -> Taken:
    """Return the task that the answer to POST /v1/videos names. Raises UnreadableAnswerError."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise UnreadableAnswerError(f"the answer is no JSON object: {short(_text(body))}")
    code, message = _error(told)
    task_id = told.get("id") or told.get("task_id")
    if not isinstance(task_id, str) or not task_id:
        said = message or f"the answer names no task: {short(_text(body))}"
        proof = refused(None, code, message, by_application=True)
        raise UnreadableAnswerError(said, code, refused=proof)
    if str(told.get("status")).lower() in _FAILED:
        raise UnreadableAnswerError(f"task {task_id} failed at once: {message}", code)
    return Taken(task_id)


def taken_by_stream(task_id: str, text: str) -> Taken:
    """Return what a chat stream that ended has made. Raises UnreadableAnswerError without a link."""
    found = _LINK.search(text)
    if found is None:
        raise UnreadableAnswerError(f"the stream ended without a link: {short(text)}")
    return Taken(task_id or found[1], found[1])


def _error(told: dict[str, Any]) -> tuple[str | None, str]:
    inner = told.get("error")
    error = inner if isinstance(inner, dict) else told
    code, message = error.get("code"), error.get("message")
    text = inner if isinstance(inner, str) else message
    return None if code is None else str(code), text if isinstance(text, str) else ""


def _text(body: bytes) -> str:
    return body[: 4 * _LONGEST].decode("utf-8", "replace")


def short(text: str) -> str:
    """Return *text* as one line of at most 200 characters."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
