"""The shape of most image APIs: one request that is answered with the image itself."""

from __future__ import annotations

from genmedia_exporter.core.evidence import Generation
from genmedia_exporter.core.status import Depth
from genmedia_exporter.drivers._job import document_of, is_sound, paid_job
from genmedia_exporter.drivers._result import fetch_result
from genmedia_exporter.drivers.contract import NoCallError, Run, make_free_call
from genmedia_exporter.providers.states import reported_usd
from genmedia_exporter.targets.model import Target
from genmedia_exporter.transport.client import ProbeClient


async def probe(client: ProbeClient, target: Target, depth: Depth) -> None:
    """Reach: ask for the model or the list. Accept: a create that must be rejected.

    Both obey the target's one timeout: a rejection needs no image, so it is not slow.
    """
    await make_free_call(client, target, depth)


async def generate(client: ProbeClient, target: Target, run: Run) -> Generation:
    """Create, wait as long as the provider file allows, and look at what came.

    Raises NoCallError for a job to be resumed: there is none to ask after.
    """
    task = paid_job(client, target, run)
    if run.job is not None:
        raise NoCallError(f"an answer of {target.provider.name} cannot be asked for again")
    created = await task.create(task.job.timeout_seconds, "elided")
    if not is_sound(created):
        return Generation()
    began = run.clock.monotonic()
    asset = await fetch_result(task, created, None)
    return Generation(
        fetch=run.clock.monotonic() - began,
        asset=asset,
        reported_usd=reported_usd(document_of(created), task.job.cost),
    )
