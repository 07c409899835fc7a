"""What the parts of a paid generation share: the job's description, its addresses, requests in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from genmedia_exporter.core.evidence import Exchange, Role
from genmedia_exporter.core.json_pointer import MISSING, parse_json, resolve
from genmedia_exporter.drivers.contract import NoCallError, Run
from genmedia_exporter.providers.calls import Job
from genmedia_exporter.providers.states import CREATE
from genmedia_exporter.targets.model import Target
from genmedia_exporter.transport.body import Heard, Read
from genmedia_exporter.transport.client import ProbeClient
from genmedia_exporter.transport.request import MAX_URL_LENGTH, Request, absolute, fill

NOTHING: Mapping[str, str] = MappingProxyType({})

LEAST_CREATE_SECONDS = 30.0
"""Services take longer to accept a job than to answer a question; giving up would lose what is paid."""

LEAST_ASK_SECONDS = 10.0
"""For a poll or a clean-up, where the target's own timeout is shorter."""

LEAST_ASSET_SECONDS = 30.0
"""For the start of the result: stores may have to bring it from far away."""


@dataclass(frozen=True, slots=True)
class PaidJob:
    """One generation under way, as all its steps see it."""

    client: ProbeClient
    target: Target
    run: Run
    job: Job

    def fields(self, job_id: str = "") -> dict[str, str]:
        """Return what the templates of the provider file may hold."""
        return {
            **self.client.fresh(),
            "model": self.target.model,
            "operation": self.target.operation.value,
            "prompt": self.run.prompt,
            "id": job_id,
        }

    def address(
        self, given: str, template: str, job_id: str, captures: Mapping[str, str] = NOTHING
    ) -> str:
        """Return the address a service has *given* if the key may go there, else the template's.

        A given one may be relative to the service.
        """
        if given.startswith("/"):
            given = absolute(self.target.account.base_url, given)
        if given and self.client.is_own(given):
            return given
        return self.client.address(template, {**captures, **self.fields(job_id)})

    async def ask(
        self,
        request: Request,
        seconds: float,
        *,
        role: Role = Role.PROBE,
        read: Read = "elided",
        keep: bool = True,
    ) -> Exchange:
        """Send *request* once, to be answered within *seconds*; *keep*: note it as evidence."""
        self.client.deadline = self.run.clock.monotonic() + seconds
        exchange = await self.client.request(request, role=role, read=read)
        if not keep:
            self.client.exchanges.pop()
        return exchange

    async def create(self, seconds: float, read: Read, heard: Heard | None = None) -> Exchange:
        """Ask for the generation: the one request that costs money, sent once whatever happens."""
        self.run.progressed("submit", None)
        fields, job = self.fields(), self.job
        request = Request(
            CREATE,
            job.method,
            self.client.address(job.path, fields),
            headers=fill(job.headers, fields),
            body=fill(job.body, fields),
            form=None if job.form is None else fill(job.form, fields),
            heard=heard,
        )
        return await self.ask(request, seconds, read=read)

    def patience(self, least: float) -> float:
        """Return the seconds one exchange may take: the target's timeout, at least *least*."""
        return max(self.target.timeout, least)


def paid_job(client: ProbeClient, target: Target, run: Run) -> PaidJob:
    """Return the generation of *target* as its steps see it. Raises NoCallError without a description."""
    job = target.provider.job_for(target.operation, target.model)
    if job is None or job.output is None:
        raise NoCallError(f"{target.provider.name} does not say how it generates")
    return PaidJob(client, target, run, job)


def document_of(exchange: Exchange) -> object:
    """Return the JSON document of an answer, or MISSING."""
    return parse_json(exchange.text)


def text_at(document: object, pointer: str | None) -> str:
    """Return the text *pointer* leads to; empty where there is none, or none of a sane length."""
    value = resolve(document, pointer) if pointer else MISSING
    return value if isinstance(value, str) and len(value) <= MAX_URL_LENGTH else ""


def is_sound(exchange: Exchange) -> bool:
    """Whether an answer came, whole and with a status of success."""
    return exchange.transport is None and 200 <= (exchange.status or 0) < 300


def without_body(exchange: Exchange) -> Exchange:
    """Return *exchange* without its bytes: media say nothing to those who read evidence."""
    return replace(exchange, body=b"")
