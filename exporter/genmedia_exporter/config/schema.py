"""What the configuration file may say, section by section."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from genmedia_exporter.config.fields import (
    BUDGET_USD,
    CONCURRENCY,
    CONNECTION,
    DEPTHS,
    INTERVALS,
    MAX_ACCOUNTS,
    MAX_PAGES,
    MAX_STATUS,
    MAX_TARGETS,
    MAX_WINDOWS,
    PROBES_IN_FLIGHT,
    PROFILE,
    RETENTION,
    SCHEDULE,
    SLO_OFFICIAL,
    SLO_REVERSE,
    STORAGE_PATH,
    TIMEOUT,
    TIMEZONE,
    Concurrency,
    Connection,
    Depths,
    Engine,
    Interval,
    Ratio,
    Schedule,
    Section,
    Texts,
    Timeout,
    Usd,
    at_most,
    check_text,
)
from genmedia_exporter.config.problems import did_you_mean
from genmedia_exporter.config.target_schema import AccountConfig, Intervals, TargetConfig
from genmedia_exporter.config.values import (
    Duration,
    Name,
    OpenSecretField,
    SecretField,
    SecretSource,
    Url,
    UtcTime,
    Whole,
    as_list,
    within,
)
from genmedia_exporter.core.database_url import parse_database_url
from genmedia_exporter.core.status import Channel, Depth, Status


class DefaultIntervals(Intervals):
    """Intervals of which those that are not written keep their defaults."""

    reach: Interval = INTERVALS[Depth.REACH]
    accept: Interval = INTERVALS[Depth.ACCEPT]
    generate: Interval = INTERVALS[Depth.GENERATE]


class Defaults(Section):
    """What holds for accounts and targets that say nothing else."""

    timeout: Timeout = TIMEOUT
    interval: DefaultIntervals = DefaultIntervals()
    depths: Depths = DEPTHS
    schedule: Schedule = SCHEDULE
    concurrency: Concurrency = CONCURRENCY


class ConcurrencyLimits(Section):
    """What the exporter allows itself."""

    probes_in_flight: Annotated[Whole, Field(ge=1, le=10_000)] = PROBES_IN_FLIGHT


class Probe(Section):
    """How free probes are made."""

    connection: Connection = CONNECTION


class Budget(Section):
    """What paid probes may cost. Both must be above 0 for any to run."""

    daily_usd: Usd = BUDGET_USD
    monthly_usd: Usd = BUDGET_USD
    timezone: str = TIMEZONE

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value == TIMEZONE:  # also where the machine has no time zone data
            return value
        try:
            ZoneInfo(value)
        except (OSError, LookupError, ValueError):
            hint = did_you_mean(value, available_timezones(), "write one such as Europe/Berlin")
            raise ValueError(f"not a time zone this machine knows; {hint}") from None
        return value


class StatusPage(Section):
    """A vendor's status page."""

    id: Name
    url: Url | None = None  # None: that of the provider called like it
    engine: Engine = "auto"
    components: Texts = ()
    products: Texts = ()  # google_cloud only: product ids
    interval: Annotated[Duration, within("1s", "1d")] | None = None  # default: the engine's


class MaintenanceWindow(Section):
    """When we do not judge the targets that fit any of the globs."""

    targets: Annotated[Texts, Field(min_length=1)]
    start: UtcTime
    end: UtcTime
    reason: Annotated[str, Field(max_length=200), AfterValidator(check_text)] = ""

    @model_validator(mode="after")
    def _ends_after_start(self) -> Self:
        if self.end <= self.start:
            raise ValueError("the end must come after the start")
        return self


class Slo(Section):
    """Objectives by channel, as a ratio of successful attempts."""

    official: Ratio = SLO_OFFICIAL
    reverse: Ratio = SLO_REVERSE

    def of(self, channel: Channel) -> float:
        """Return the objective of *channel*."""
        return self.official if channel is Channel.OFFICIAL else self.reverse


class Policy(Section):
    """How to choose among channels: preferred ones first, then in an order, up to a status."""

    prefer: Annotated[tuple[Channel, ...], BeforeValidator(as_list), Field(max_length=2)] = ()
    order_by: Literal["stability", "price", "latency"] = "stability"
    max_status: Status = MAX_STATUS


class Routing(Section):
    """Named policies."""

    policies: Annotated[dict[Name, Policy], Field(max_length=50)] = Field(default={})


class Traffic(Section):
    """What applications report of their own calls, and the token that lets them."""

    enabled: bool = False
    token: SecretField | None = None

    @model_validator(mode="after")
    def _guarded(self) -> Self:
        if self.enabled and self.token is None:
            raise ValueError("enabled needs a token: {env: GENMEDIA_TRAFFIC_TOKEN}")
        return self


class Metrics(Section):
    """Which metrics are shown."""

    profile: Literal["full", "slim"] = PROFILE
    drop: Texts = ()  # globs of names


class Storage(Section):
    """Where history, ledger and state are kept: a SQLite file, or a database URL."""

    path: Annotated[str, Field(min_length=1, max_length=4096), AfterValidator(check_text)] = (
        STORAGE_PATH
    )
    url: OpenSecretField | None = None  # holds a password more often than not
    retention: Annotated[Duration, within("1h", "3650d")] = RETENTION

    @field_validator("url")
    @classmethod
    def _readable(cls, value: SecretSource | None) -> SecretSource | None:
        if value is not None and value.value is not None:  # what is kept elsewhere is read later
            parse_database_url(value.value.reveal())
        return value

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if {"path", "url"} <= self.model_fields_set:
            raise ValueError("either path or url, not both")
        return self


class Document(Section):
    """The whole file."""

    defaults: Defaults = Defaults()
    limits: ConcurrencyLimits = ConcurrencyLimits()
    probe: Probe = Probe()
    budget: Budget = Budget()
    accounts: Annotated[
        Mapping[Name, AccountConfig], Field(max_length=MAX_ACCOUNTS), at_most(MAX_ACCOUNTS)
    ] = Field(default={})
    targets: Annotated[
        tuple[TargetConfig, ...], Field(max_length=MAX_TARGETS), at_most(MAX_TARGETS)
    ] = ()
    status_pages: Annotated[
        tuple[StatusPage, ...], Field(max_length=MAX_PAGES), at_most(MAX_PAGES)
    ] = ()
    maintenance: Annotated[
        tuple[MaintenanceWindow, ...], Field(max_length=MAX_WINDOWS), at_most(MAX_WINDOWS)
    ] = ()
    slo: Slo = Slo()
    routing: Routing = Routing()
    storage: Storage = Storage()
    metrics: Metrics = Metrics()
    traffic: Traffic = Traffic()

    @property
    def usual_depths(self) -> Depths:
        """The depths of who says nothing of them: a budget is there to be spent."""
        said = "depths" in self.defaults.model_fields_set
        if said or not (self.budget.daily_usd and self.budget.monthly_usd):
            return self.defaults.depths
        return (*self.defaults.depths, Depth.GENERATE)

    @model_validator(mode="before")
    @classmethod
    def _empty_sections(cls, value: Any) -> Any:
        # "targets:" with nothing below is how a section is emptied by hand.
        return {k: v for k, v in value.items() if v is not None or k not in cls.model_fields}
