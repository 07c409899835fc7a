"""Which call of the provider file an answer belongs to, and which job."""

from __future__ import annotations

from genmedia_exporter.classify.by_words import VALIDATORS, Asked
from genmedia_exporter.classify.context import Context
from genmedia_exporter.classify.expectations import carries
from genmedia_exporter.classify.parse import Reading
from genmedia_exporter.classify.proof import EVERYTHING
from genmedia_exporter.core.evidence import TOKEN, Exchange
from genmedia_exporter.core.status import Depth, Operation
from genmedia_exporter.providers.calls import Call, Job
from genmedia_exporter.providers.states import results


def calls_of(exchange: Exchange, depth: Depth, context: Context) -> tuple[Call, ...]:
    """Return the calls *exchange* may be the answer to: the one made, or any when none is named."""
    calls = context.provider.calls if context.provider else ()
    if exchange.call and context.provider:
        named = context.provider.call_named(exchange.call)
        return (named,) if named is not None else ()
    return tuple(call for call in calls if call.depth in (depth, None))


def asked_of(exchange: Exchange, depth: Depth, context: Context) -> Asked:
    """Return what the create that *exchange* answers was sent with; nothing at other depths.

    An answer that somebody shows us tells no call: unless the request is at hand, whoever sent it may have
    broken anything.
    """
    if depth is not Depth.ACCEPT or exchange.call == TOKEN:
        return Asked()
    creates = [c for c in calls_of(exchange, depth, context) if c.depth is Depth.ACCEPT]
    breaks = tuple(name for call in creates for name in call.breaks)
    refusals = (status for call in creates for status in call.http if not _is_good(status))
    known = context.broken or (breaks if exchange.call else (*EVERYTHING, *breaks))
    return Asked(known or EVERYTHING, (*VALIDATORS, *refusals))


def _is_good(status: str | int) -> bool:
    return str(status).startswith("2")


def jobs_of(context: Context) -> tuple[Job, ...]:
    """Return the jobs an answer may belong to."""
    provider, operation = context.provider, context.operation
    operations = tuple(Operation) if operation is None else (operation,)
    return provider.jobs_for(operations, context.model or None) if provider else ()


def job_of(reading: Reading, context: Context) -> Job | None:
    """Return the job the answer belongs to: the first whose result it holds, or whose state or result it has a place for."""
    jobs = jobs_of(context)
    carried = [job for job in jobs if carries(reading, job)]
    holding = (job for job in carried if results(reading.document, job))
    return next(holding, next(iter(carried or jobs), None))
