"""The shape of most video APIs: create a job, ask after it, fetch the result."""

from __future__ import annotations

from genmedia_exporter.core.evidence import Exchange, Generation, JobRef, Role
from genmedia_exporter.core.json_pointer import resolve
from genmedia_exporter.core.status import Depth
from genmedia_exporter.drivers._job import (
    LEAST_ASK_SECONDS,
    LEAST_CREATE_SECONDS,
    PaidJob,
    document_of,
    paid_job,
    text_at,
)
from genmedia_exporter.drivers._poll import Poller, PollResult
from genmedia_exporter.drivers._result import fetch_result
from genmedia_exporter.drivers.contract import NoCallError, Run, make_free_call
from genmedia_exporter.providers.states import reported_usd
from genmedia_exporter.targets.model import Target
from genmedia_exporter.transport.client import ProbeClient
from genmedia_exporter.transport.request import Request, job_id


async def probe(client: ProbeClient, target: Target, depth: Depth) -> None:
    """Reach: ask for the model or the list. Accept: a create that must be rejected at once."""
    await make_free_call(client, target, depth)


async def generate(client: ProbeClient, target: Target, run: Run) -> Generation:
    """Create (unless *run* names a job), follow to the end, look at the result, clean up.

    Raises NoCallError, before anything is sent, where a job could not be followed.
    """
    task = paid_job(client, target, run)
    poll = task.job.poll
    if poll is None or task.job.id is None or task.job.status is None:
        raise NoCallError(f"{target.provider.name} does not say how a job is asked after")
    ref = run.job or await _create(task)
    if ref is None:
        return Generation()
    run.progressed("queue", None)
    end = await Poller(task, ref, poll).end()
    client.exchanges.append(end.answer)
    began = run.clock.monotonic()
    asset = await fetch_result(task, end.answer, ref) if _has_result(end) else None
    fetch = run.clock.monotonic() - began if _has_result(end) else None
    await _clean_up(task, ref, end)
    return Generation(
        job_id=ref.id,
        resumed=run.job is not None,
        took=None if end.took is None else ref.create_seconds + end.took + (fetch or 0.0),
        queue=end.queue,
        run=end.run,
        fetch=fetch,
        overdue=end.overdue,
        stuck=end.stuck,
        asset=asset,
        reported_usd=_cost(task),
    )


async def _create(task: PaidJob) -> JobRef | None:
    """Create the job and tell the caller of it; None where none was made that we can name.

    An answer that broke off after all it had to say still names its job.
    """
    created = await task.create(task.patience(LEAST_CREATE_SECONDS), "elided")
    made = job_id(created.body, task.job.id or "") if 200 <= (created.status or 0) < 300 else None
    if made is None:
        return None
    document = document_of(created)
    result = task.job.output.result_url if task.job.output else None
    ref = JobRef(
        made,
        task.run.clock.now(),
        created.duration,
        poll_url=text_at(document, task.job.poll_url),
        output_url=text_at(document, result),
    )
    await task.run.accepted(ref)
    return ref


def _has_result(end: PollResult) -> bool:
    # "Finished" is not "succeeded" everywhere: an error may stand beside it.
    return end.word == "succeeded" and not resolve(document_of(end.answer), "/error")


async def _clean_up(task: PaidJob, ref: JobRef, end: PollResult) -> None:
    """Cancel or delete the job where its state allows it; whether that succeeds decides nothing."""
    cancel = task.job.cancel
    if cancel is None or end.word is None or end.word not in cancel.states:
        return
    given = next((u for e in task.client.exchanges if (u := _cancel_url(e, cancel.url))), "")
    url = task.address(given, cancel.path, ref.id)
    request = Request("cancel", cancel.method, url)
    await task.ask(request, task.patience(LEAST_ASK_SECONDS), role=Role.CLEANUP)


def _cancel_url(exchange: Exchange, pointer: str | None) -> str:
    return text_at(document_of(exchange), pointer) if pointer else ""


def _cost(task: PaidJob) -> float | None:
    """Return what the answers say it cost, the last word first."""
    answers = [e for e in reversed(task.client.exchanges) if e.role is Role.PROBE]
    told = (reported_usd(document_of(answer), task.job.cost) for answer in answers)
    return next((usd for usd in told if usd is not None), None)
