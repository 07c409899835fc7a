"""Where the answer to a create has the id of the job that it began, in files that we have and anywhere else. Pure functions."""

from __future__ import annotations

import re
from typing import Final

from genmedia_exporter.core.json_pointer import MISSING, resolve
from genmedia_exporter.providers.calls import Job
from genmedia_exporter.providers.states import is_hollow

_SURE: Final = (
    "/task_id", "/data/task_id", "/data/taskId", "/output/task_id", "/generation_id", "/data/generation_id", "/job_id",
    "/data/job_id", "/queue_id", "/data/queue_id", "/inference_id", "/data/inference_id", "/prediction_id",
    "/data/prediction_id", "/video_id", "/data/video_id",
)  # fmt: skip
"""Of a job, and of nothing else."""
_ANY: Final = ("/id", "/request_id", "/name", "/data/id", "/response/id", "/job/id", "/task/id")
"""Of a job, but also of a request, a model or an answer."""
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
        not known and any(_is_id(resolve(document, pointer)) for pointer in _ANY)
    )


def names_a_job_surely(document: object) -> bool:
    """Whether there is an id that is a job's and nobody else's."""
    return any(_is_id(resolve(document, pointer)) for pointer in _SURE) or _is_id_alone(document)


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
