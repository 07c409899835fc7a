"""Was a create that must be rejected accepted? In doubt it was, and what it made may have been paid for."""

from __future__ import annotations

from typing import Final

from genmedia_exporter.classify.calls import calls_of, job_of, jobs_of
from genmedia_exporter.classify.context import Context
from genmedia_exporter.classify.envelope import says_error_outright
from genmedia_exporter.classify.finding import Finding
from genmedia_exporter.classify.made import (
    begins_as_made,
    begins_surely,
    may_name_task,
    names_task,
)
from genmedia_exporter.classify.parse import Reading
from genmedia_exporter.classify.rules import status_in
from genmedia_exporter.classify.transport_reasons import TRANSPORT_REASONS
from genmedia_exporter.core.evidence import JOB_ASKED, Evidence, Exchange
from genmedia_exporter.core.json_pointer import parse_json
from genmedia_exporter.core.reasons import Reason
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
    if reading.exchange.transport is not None and context.worked_before:
        return begins_surely(reading, jobs_of(context))
    if reading.media or reading.stream:
        return True
    return reading.exchange.transport is not None and begins_as_made(reading, jobs_of(context))


def as_accepted(created: Exchange) -> str:
    """Return how people are told of an invalid create that was accepted."""
    return f"HTTP {created.status}: {created.text}"


def without_job(
    finding: Finding, evidence: Evidence, context: Context, generic: Generic
) -> Finding:
    """Take an answer that broke off for no create, where the service does not know its job later.

    Of a service that has rejected such creates before; a whole answer that names a job counts.
    """
    asked, main = evidence.control(JOB_ASKED), evidence.main
    doubtful = finding.reason is Reason.ACCEPTED_UNEXPECTEDLY and context.worked_before
    if not doubtful or asked is None or asked.transport or main.transport is None:
        return finding
    state = job_state(parse_json(asked.text), None, generic)
    if asked.status not in NO_SUCH_JOB and state.word != "unknown":
        return finding
    return Finding(TRANSPORT_REASONS[main.transport], "accept.no_job", main.detail, basis="shape")


NO_SUCH_JOB: Final = (400, 404, 410)
"""What services answer that do not know a job."""


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
