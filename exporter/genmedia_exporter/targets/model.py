"""What is watched, resolved from configuration and catalogue: accounts and targets, frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal
from urllib.parse import urlsplit

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.secret import Secret
from genmedia_exporter.core.status import Channel, Depth, Operation
from genmedia_exporter.providers.base import HttpStatuses
from genmedia_exporter.providers.calls import AuthKind, Call, Check, Job
from genmedia_exporter.providers.prices import Price
from genmedia_exporter.providers.schema import Provider
from genmedia_exporter.targets.vendor import vendor_of

Schedule = Literal["timer", "scrape"]
Connection = Literal["fresh", "warm"]

SHORTEST_CLIP: Final = 4.0
"""Seconds a clip has where the provider file does not say what it asks for."""


_DRIVER_BY_OPERATION: Final[Mapping[Operation, str]] = {
    Operation.VIDEO: "async_job",
    Operation.IMAGE: "sync_image",
    Operation.CHAT: "chat_stream",
}
"""The wire shape of an operation for which the provider file describes no job of its own."""


@dataclass(frozen=True, slots=True)
class Cap:
    """What paid probes may cost at most, in US dollars; None: no limit of its own."""

    daily_usd: float | None = None
    monthly_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """A base URL and a credential of ours at a provider."""

    name: str
    provider: Provider
    base_url: str  # scheme://host[:port][/path], without the version prefix and final slash
    channel: Channel
    api_key: Secret | None = None
    credential_problem: str | None = None  # why api_key is None although one was configured
    auth_header: str | None = None  # override of the provider's header name
    auth_prefix: str | None = None  # override of the provider's prefix, may be ""
    headers: Mapping[str, Secret] = field(default_factory=lambda: MappingProxyType({}))
    concurrency: int = 16  # probes of this account in flight at once
    budget: Cap = Cap()
    own_vendor: str | None = None  # `vendor:` of the file
    variables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    environment: Mapping[str, Secret] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def auth_kind(self) -> AuthKind:
        """How the credential is attached; its own form may decide."""
        auth = self.provider.auth
        return auth.type if self.api_key is None else auth.kind_for(self.api_key.reveal())

    def fields(self) -> dict[str, str]:
        """Return what templates may hold of the account: `{account.NAME}`, `{env.NAME}`."""
        own = {f"account.{name}": value for name, value in self.variables.items()}
        return own | {f"env.{name}": value.reveal() for name, value in self.environment.items()}

    @property
    def host(self) -> str:
        """The host name of the base URL, without port."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def vendor(self) -> str:
        """Who runs the endpoint: what fails together."""
        return self.own_vendor or vendor_of(self.host)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a `plain_http` target must answer; from the target's `expect:`."""

    http: HttpStatuses = ("2xx",)
    body: str | None = None  # regular expression that must be found in the text
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """One thing watched: account x model x operation."""

    name: str
    account: Account
    model: str  # empty for a plain URL
    operation: Operation
    channel: Channel
    depths: tuple[Depth, ...]  # those that can run, shallow first
    intervals: Mapping[Depth, float]  # seconds, for each of `depths`
    timeout: float = 10.0  # seconds for one free probe, from resolve to the last byte
    schedule: Schedule = "timer"
    connection: Connection = "fresh"  # warm: free probes may use one of an earlier probe
    price: Price | None = None
    budget: Cap = Cap()  # its own; the account's and the process's hold as well
    ends_at: Unix | None = None  # own end date or the vendor's for an official relay
    end_date_binding: bool = False  # the date is from this provider's own file, and certain
    end_date_certain: bool = True  # False: people are told, but it decides nothing by itself
    successor: str | None = None
    family: str = ""  # the logical model, over all channels; empty for a plain URL
    page: tuple[str, str] | None = None  # status page id, component
    slo: float = 0.99
    path: str = ""  # plain_http: appended to the base URL
    expect: Expectation | None = None

    @property
    def provider(self) -> Provider:
        """The provider that serves this target."""
        return self.account.provider

    @property
    def driver(self) -> str:
        """The name of the driver that fits: the wire shape of its job, or of its operation."""
        if not self.model:
            return "plain_http"
        job = self.provider.job_for(self.operation, self.model)
        return job.driver if job is not None else _DRIVER_BY_OPERATION[self.operation]

    def call_for(self, depth: Depth) -> Call | None:
        """Return the free call a probe at *depth* makes, or None."""
        return self.provider.call_for(depth, self.operation, self.model)


def generation_usd(price: Price | None, job: Job | None) -> float | None:
    """Return what one generation costs in US dollars, or None where nobody can say.

    A price per second tells nothing until the job says how long a clip it asks for.
    """
    return None if price is None or job is None else _usd(price, job.seconds)


def accident_usd(target: Target) -> float:
    """Return what a create that must be rejected has cost if it was accepted, in US dollars.

    Unlike what is bought on purpose it needs no certainty: a clip of unknown length counts as a
    short one. 0 only where no price is known at all.
    """
    job = target.provider.job_for(target.operation, target.model)
    seconds = job.seconds if job is not None and job.seconds is not None else SHORTEST_CLIP
    return 0.0 if target.price is None else _usd(target.price, seconds) or 0.0


def _usd(price: Price, seconds: float | None) -> float | None:
    if price.usd_per_second is None:
        return sum(price.units().values())  # one request, or one image
    return None if seconds is None else price.usd_per_second * seconds


@dataclass(frozen=True, slots=True)
class TrafficAccess:
    """Whether applications may report their own calls, and with which token."""

    enabled: bool = False
    token: Secret | None = None  # None while enabled: it could not be read


NO_TRAFFIC_ACCESS = TrafficAccess()


@dataclass(frozen=True, slots=True)
class MaintenanceWindow:
    """A maintenance window of ours, or a running one of the target's page component."""

    start: Unix
    end: Unix
    reason: str = ""

    def covers(self, at: Unix) -> bool:
        """Whether *at* (Unix seconds) lies inside."""
        return self.start <= at < self.end
