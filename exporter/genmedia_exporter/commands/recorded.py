"""Recorded answers for `provider test`: what a file of them holds, checked before anything is judged."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from genmedia_exporter.commands.usage import UsageError
from genmedia_exporter.config.files import read_bounded
from genmedia_exporter.config.problems import did_you_mean
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Fault, Operation, Status

Given = Mapping[str, Any]
"""One recorded answer, as its line has it."""

_CLOSED: Final = {
    "depth": tuple(Depth),
    "operation": tuple(Operation),
    "reason": tuple(Reason),
    "fault": tuple(Fault),
    "status": tuple(Status),
}
_ANSWER: Final = frozenset({"http", "json", "text", "body_b64", "headers", "call"})
_KEYS: Final = _ANSWER | _CLOSED.keys() | {"id", "model", "play", "control", "expect", "source"}
_STATUSES: Final = range(100, 600)


def recorded(file: Path) -> Iterator[tuple[str, Given]]:
    """Yield each answer of *file* with its place, a JSON object a line or all in one list. Raises UsageError and OSError."""
    found = False
    for number, given in _values(file):
        place = f"{file}:{number}"
        if problem := _problem(given):
            raise UsageError(f"{place}: {problem}")
        found = True
        yield place, given
    if not found:
        raise UsageError(f"{file}: no answer in it; one JSON object a line is wanted")


def _values(file: Path) -> Iterator[tuple[int, Any]]:
    text = _text(file)
    if text.lstrip().startswith("["):
        yield from enumerate(_parsed(text, f"{file}:1"), 1)
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, _parsed(line, f"{file}:{number}")


def _text(file: Path) -> str:
    try:
        return read_bounded(file).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{file}: not UTF-8 text; one JSON object a line is wanted") from None


def _parsed(text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        said = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        raise UsageError(f"{place}: no JSON: {said}; one object a line is wanted") from None
    except RecursionError:
        raise UsageError(f"{place}: nested too deep") from None


def _problem(given: Any) -> str:
    """Return what is wrong with an answer, or nothing."""
    if not isinstance(given, dict):
        return 'no object; {"depth": …, "http": …, "json": …, "reason": …} is wanted'
    if unknown := next((key for key in given if key not in _KEYS), None):
        return f"{unknown}: no key of an answer; {did_you_mean(unknown, sorted(_KEYS), ', '.join(sorted(_KEYS)))}"
    if "depth" not in given:
        return f"depth is missing: {', '.join(Depth)}"
    for key, words in _CLOSED.items():
        if key in given and given[key] not in words:
            return f"{key} {given[key]!r} is none; {did_you_mean(str(given[key]), words, ', '.join(words))}"
    if not {"reason", "fault", "status"} & given.keys():
        return "reason is missing: what it should be found to mean"
    return _of_steps(given) or _of_control(given)


def _of_steps(given: Given) -> str:
    if "play" not in given:
        return _of_answer(given)
    steps = given["play"]
    if not isinstance(steps, list) or not steps:
        return "play is no list of answers"
    told = (
        f"play {n}: {problem}" for n, step in enumerate(steps, 1) if (problem := _of_answer(step))
    )
    return next(told, "")


def _of_control(given: Given) -> str:
    control = given.get("control")
    if control is None:
        return ""
    if not isinstance(control, dict) or "call" not in control:
        return "control is no answer with the call that it is to"
    problem = _of_answer(control)
    return f"control: {problem}" if problem else ""


def _of_answer(answer: Any) -> str:
    if not isinstance(answer, dict):
        return "no object"
    status = answer.get("http")
    if isinstance(status, bool) or not isinstance(status, int) or status not in _STATUSES:
        return (
            f"http {status!r} is no HTTP status"
            if "http" in answer
            else "http is missing: the status"
        )
    if not isinstance(answer.get("headers", {}), dict):
        return "headers are no object"
    if len({"json", "text", "body_b64"} & answer.keys()) > 1:
        return "json, text and body_b64: one of them says what was answered"
    return ""
