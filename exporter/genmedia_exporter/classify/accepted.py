"""Was a create that must be rejected accepted? In doubt it was, and what it made may have been paid for."""

from __future__ import annotations

from genmedia_exporter.classify.calls import calls_of, job_of, jobs_of
from genmedia_exporter.classify.context import Context
from genmedia_exporter.classify.envelope import says_error_outright
from genmedia_exporter.classify.expectations import begins_as_made, may_name_task, names_task
from genmedia_exporter.classify.parse import Reading
from genmedia_exporter.classify.rules import status_in
from genmedia_exporter.core.status import Depth
from genmedia_exporter.providers.base import JobWord
from genmedia_exporter.providers.schema import Generic
from genmedia_exporter.providers.states import job_state

_REFUSED: tuple[JobWord | None, ...] = ("failed", "moderated", "cancelled", "expired")


def was_made(reading: Reading, context: Context, generic: Generic) -> bool:
    """Whether the answer to a create is what it makes, or the beginning of that: no refusal is.

    Nor has a refusal a task, whatever word stands for its code.
    """
    if not is_surprising(reading, context):
        return False
    if names_task(reading, jobs_of(context)):
        return job_state(reading.document, job_of(reading, context), generic).word not in _REFUSED
    if reading.claims_error:
        return False
    if reading.media or reading.stream:
        return True
    return reading.exchange.transport is not None and begins_as_made(reading, jobs_of(context))


def is_named(reading: Reading, context: Context) -> bool:
    """Whether an answer that only its code calls an error has an id where tasks have theirs."""
    outright = says_error_outright(reading.document)
    named = may_name_task(reading, jobs_of(context))
    return named and not outright and is_surprising(reading, context)


def is_surprising(reading: Reading, context: Context) -> bool:
    """Whether the answer to a create is a success that its call does not expect."""
    if not 200 <= reading.http < 300:
        return False
    asked = (
        c for c in calls_of(reading.exchange, Depth.ACCEPT, context) if c.depth is Depth.ACCEPT
    )
    return not any(status_in(reading.http, call.http) for call in asked)
