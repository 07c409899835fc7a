"""Where the answer to a create has the id of the job that it began, in files that we have and anywhere else. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from typing import Final

from genmedia_exporter.classify.lexicon import words_of
from genmedia_exporter.core.json_pointer import MISSING, resolve
from genmedia_exporter.providers.calls import Job
from genmedia_exporter.providers.states import is_hollow

_OF_JOBS: Final = (
    "task job set generation prediction inference render execution run queue video prompt"
)
_JOBS: Final = frozenset(_OF_JOBS.split())
"""Words of the key of a job's id, and of nothing else's: `taskId`, `generation_id`."""
_OTHERS: Final = frozenset(
    {"request", "image", "project", "workflow", "message", "event", "call", "operation", "order"}
)
"""Words of a key that may hold a job's id, but also that of a request or of what was made."""
_ANY: Final = frozenset({"id", "uuid", "hash"})
_NAMES: Final = "data result response output job task generation prediction object payload video"
_PARTS: Final = tuple(name + ending for ending in ("", "s") for name in _NAMES.split())
"""Where the one job stands that an answer is about; a list there has it first."""
MAX_KEYS: Final = 500
"""Keys of such a part that are looked at; a job has a few dozen."""
_ALONE: Final = ("result", "data")
"""Where a job's id is all that is told: `{"result": "018a210d-8ba4-705c-b111-1f1776f7f578"}`."""
_DRAWN: Final = re.compile(
    r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{24}|[0-9a-f]{32}", re.I
)
"""An id that somebody has drawn."""


def names_a_job(document: object, job: Job | None) -> bool:
    """Whether there is an id where the provider's file, or anybody, has that of a job."""
    if job and job.id and _is_id(resolve(document, job.id)):
        return True
    # Where a file says what a job's id is, or a result has its place and nothing in it, an id of the request is none.
    known = (job is not None and bool(job.id)) or _holds_nothing(document)
    return names_a_job_surely(document) or (
        not known and (_has_id(document, _may_be_of_a_job) or _has_name(document))
    )


def names_a_job_surely(document: object) -> bool:
    """Whether there is an id that is a job's and nobody else's."""
    return _has_id(document, _is_of_a_job) or _is_id_alone(document)


def _has_id(document: object, fits: Callable[[str], bool]) -> bool:
    parts = [document] if isinstance(document, dict) else []
    for name in _PARTS:
        part = document.get(name) if isinstance(document, dict) else None
        first = part[0] if isinstance(part, list) and part else part
        parts += [first] if isinstance(first, dict) else []
    told = (item for part in parts for item in islice(part.items(), MAX_KEYS))
    return any(_is_id(value) and fits(str(key)) for key, value in told)


def _has_name(document: object) -> bool:
    return isinstance(document, dict) and _is_id(document.get("name"))


def _is_of_a_job(key: str) -> bool:
    *told, last = words_of(key).split() or [""]
    return last in ("id", "uuid") and bool(told) and _JOBS.issuperset(told)


def _may_be_of_a_job(key: str) -> bool:
    *told, last = words_of(key).split() or [""]
    return key in _ANY or (last in ("id", "uuid") and bool(told) and _OTHERS.issuperset(told))


def _is_id_alone(document: object) -> bool:
    """Whether an id is all that is told: beside a code or a text it may be that of the request."""
    if not isinstance(document, dict) or len(document) != 1:
        return False
    told = (document.get(key) for key in _ALONE)
    return any(isinstance(value, str) and _DRAWN.fullmatch(value) for value in told)


def _is_id(value: object) -> bool:
    if isinstance(value, bool) or value == 0:
        return False
    return isinstance(value, str | int) and not is_hollow(value)


def _holds_nothing(document: object) -> bool:
    """Whether nothing is where an envelope holds what it is about."""
    held = document if isinstance(document, dict) else {}
    return any(held.get(key, MISSING) is None for key in ("data", "output", "result"))
