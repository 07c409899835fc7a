"""What a driver is: one function for the free depths, perhaps one that generates, found by file name."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache

import genmedia_exporter.drivers
from genmedia_exporter.core.clock import Clock
from genmedia_exporter.core.evidence import JOB_ASKED, Exchange, Generation, JobRef, Role
from genmedia_exporter.core.status import Depth
from genmedia_exporter.providers.calls import Job
from genmedia_exporter.providers.states import begun_id
from genmedia_exporter.targets.model import Target
from genmedia_exporter.transport.body import Read
from genmedia_exporter.transport.client import ProbeClient
from genmedia_exporter.transport.request import Request, fill, job_id, usable_id

Probe = Callable[[ProbeClient, Target, Depth], Awaitable[None]]
"""Makes the calls of one depth; the client keeps the exchanges. Returns and raises nothing."""


@dataclass(slots=True)
class Run:
    """A paid generation under way: what a driver needs besides the client and the target."""

    clock: Clock
    prompt: str
    accepted: Callable[[JobRef], Awaitable[None]]  # told as soon as the id is known, before a poll
    progressed: Callable[[str, float | None], None] = lambda _phase, _share: None
    """Told of the phase (submit, queue, run, fetch) and, where the service says, the share done."""
    job: JobRef | None = None  # set: ask after this job, and never create one


Generate = Callable[[ProbeClient, Target, Run], Awaitable[Generation]]
"""Creates (unless resumed), polls to the job's deadline, looks at the asset, cleans up.

Everything that happens is in the client's exchanges and the Generation; nothing is raised but
cancellation, after which the job can be resumed, and NoCallError before anything is sent.
"""

_MACHINERY = frozenset({"contract"})


@dataclass(frozen=True, slots=True)
class Driver:
    """How one wire shape is probed. `generate` is None where it cannot generate (yet)."""

    name: str
    probe: Probe
    generate: Generate | None = None


class UnknownDriverError(LookupError):
    """There is no driver of that name; the message names those there are."""


class NoCallError(LookupError):
    """The target's provider has no call for that depth and operation."""


def driver_names() -> tuple[str, ...]:
    """Return the names of all drivers, from the files beside this one, importing none of them."""
    found = (module.name for module in pkgutil.iter_modules(genmedia_exporter.drivers.__path__))
    return tuple(sorted(n for n in found if not n.startswith("_") and n not in _MACHINERY))


DRIVERS = driver_names()


@cache
def load(name: str) -> Driver:
    """Import and return the driver *name*. Raises UnknownDriverError."""
    if name not in DRIVERS:
        raise UnknownDriverError(f"no driver {name!r}; there are {', '.join(DRIVERS)}")
    module = importlib.import_module(f"genmedia_exporter.drivers.{name}")
    return Driver(name, module.probe, getattr(module, "generate", None))


async def make_free_call(
    client: ProbeClient, target: Target, depth: Depth, read: Read = "whole"
) -> None:
    """Make the call the provider file has for a free *depth*. Raises NoCallError."""
    call = target.call_for(depth)
    if call is None:
        raise NoCallError(f"{target.provider.name} has no free call for the depth {depth.value}")
    await client.send(
        call, model=target.model, operation=target.operation, read=read, path=target.path
    )


async def cancel_job(client: ProbeClient, target: Target, created: Exchange) -> None:
    """Cancel or delete the job that *created* says it made; nothing where that cannot be done."""
    job = target.provider.job_for(target.operation, target.model)
    made = _made_by(created, job)
    if job is not None and job.cancel is not None and made is not None:
        url = client.address(job.cancel.path, {"model": target.model, "id": made})
        await client.request(Request("cancel", job.cancel.method, url), role=Role.CLEANUP)


def can_ask_after(target: Target, created: Exchange) -> bool:
    """Whether the service can be asked for the job that *created* says it made."""
    job = target.provider.job_for(target.operation, target.model)
    return job is not None and job.poll is not None and _made_by(created, job) is not None


async def ask_after_job(client: ProbeClient, target: Target, created: Exchange) -> None:
    """Ask for the job that *created* says it made, once, as a control."""
    job = target.provider.job_for(target.operation, target.model)
    made = _made_by(created, job)
    if job is not None and job.poll is not None and made is not None:
        fields = {**client.fresh(), "model": target.model, "id": made}
        request = Request(
            JOB_ASKED,
            job.poll.method,
            client.address(job.poll.path, fields),
            headers=fill(job.poll.headers, fields),
            body=fill(job.poll.body, fields),
        )
        await client.request(request, role=Role.CONTROL)


def _made_by(created: Exchange, job: Job | None) -> str | None:
    """Return the id of the job that *created* names, in its beginning where it broke off."""
    if job is None or job.id is None:
        return None
    return job_id(created.body, job.id) or usable_id(begun_id(created.body, (job.id,)))
