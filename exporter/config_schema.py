"""What the configuration file may say, section by section, with every default in one block."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    field_validator,
    model_validator,
)

from exporter.secret import HIDDEN
from exporter.status import Channel, Depth, Operation, Status
from exporter.values import (
    MODEL_MAX,
    Duration,
    ModelName,
    Name,
    Number,
    OpenSecretField,
    SecretField,
    Url,
    UtcTime,
    Whole,
    as_list,
    check_name,
    within,
)
from exporter.yamlsource import did_you_mean

# Every default; seconds where it is a time.
TIMEOUT: Final = 10.0
INTERVALS: Final = {Depth.REACH: 60.0, Depth.ACCEPT: 600.0, Depth.GENERATE: 21_600.0}
DEPTHS: Final = (Depth.REACH, Depth.ACCEPT)
SCHEDULE: Final = "timer"
CONCURRENCY: Final = 4  # probes of one account in flight
PROBES_IN_FLIGHT: Final = 64
BUDGET_USD: Final = 0.0  # paid probes never run
TIMEZONE: Final = "UTC"  # in which a budget's day and month begin
SLO_OFFICIAL: Final = 0.99
SLO_REVERSE: Final = 0.90
MAX_STATUS: Final = Status.DEGRADED
STORAGE_PATH: Final = "genmedia.db"
RETENTION: Final = 7_776_000.0  # 90 days

MAX_ACCOUNTS: Final = 2_000
MAX_TARGETS: Final = 20_000
MAX_PAGES: Final = 200
MAX_WINDOWS: Final = 1_000
MAX_LIST: Final = 200
MAX_HEADERS: Final = 32
MAX_PROVIDER: Final = 1_000

Schedule = Literal["timer", "scrape"]
Engine = Literal[
    "auto", "statuspage", "incidentio", "google_cloud", "betterstack", "instatus", "uptime_kuma",
    "gatus", "feed",
]  # fmt: skip

_HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_OWN_HEADERS: Final = frozenset({"host", "content-length", "transfer-encoding", "connection"})


def _each_once(depths: tuple[Depth, ...]) -> tuple[Depth, ...]:
    if not depths:
        raise ValueError("name at least one depth: reach, accept or generate")
    return tuple(depth for depth in Depth if depth in depths)


def _check_text(value: str) -> str:
    if not value.isprintable():
        raise ValueError("one line of printable text expected")
    return value


def _check_pointer(value: str) -> str:
    if (value and not value.startswith("/")) or re.search(r"~(?![01])", value):
        raise ValueError("a JSON pointer expected, such as /data/0/status")
    return value


def _check_regex(value: str) -> str:
    try:
        re.compile(value)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return value


def _check_http(value: object) -> str:
    if not re.fullmatch(r"[1-5](\d\d|xx)(-[1-5]\d\d)?", str(value)):
        raise ValueError("an HTTP status is written 429, 5xx or 520-526")
    return str(value)


def _check_header(name: str) -> str:
    if not _HEADER.fullmatch(name):
        raise ValueError("the name of a header has letters, digits and '-' only")
    if name.lower() in _OWN_HEADERS:
        raise ValueError("Host, Content-Length, Transfer-Encoding and Connection set themselves")
    return name


def _check_prefix(value: str) -> str:
    if not value.isascii() or not value.isprintable():
        raise ValueError("printable ASCII expected")
    return value


def _check_path(value: str) -> str:
    if not value.startswith("/") or value.startswith("//"):
        raise ValueError("a path starts with one '/'")
    if not value.isprintable() or set(value) & set(" \\\"'<>#"):
        raise ValueError("a path is printable, without blanks, quotes, '#', '<', '>' or '\\'")
    return value


def _hide_query(value: str | None) -> str | None:
    return re.sub(r"\?.*", f"?{HIDDEN}", value) if value else value


Timeout = Annotated[Duration, within("100ms", "10m")]
Interval = Annotated[Duration, within("1s", "30d")]
Depths = Annotated[tuple[Depth, ...], BeforeValidator(as_list), AfterValidator(_each_once)]
Concurrency = Annotated[Whole, Field(ge=1, le=1000)]
Ratio = Annotated[Number, Field(gt=0, lt=1)]
Usd = Annotated[Number, Field(ge=0, le=1_000_000)]
Text = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_check_text)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(as_list), Field(max_length=MAX_LIST)]
HeaderName = Annotated[str, AfterValidator(_check_header)]
HeaderPrefix = Annotated[str, Field(max_length=100), AfterValidator(_check_prefix)]
Headers = Annotated[dict[HeaderName, OpenSecretField], Field(max_length=MAX_HEADERS)]
Regex = Annotated[str, Field(max_length=500), AfterValidator(_check_regex)]
Pointer = Annotated[str, Field(max_length=500), AfterValidator(_check_pointer)]
HttpStatus = Annotated[str, BeforeValidator(_check_http)]
HttpStatuses = Annotated[
    tuple[HttpStatus, ...], BeforeValidator(as_list), Field(min_length=1, max_length=50)
]
UrlPath = Annotated[
    str,
    Field(max_length=2000),
    AfterValidator(_check_path),
    PlainSerializer(_hide_query, return_type=str, when_used="json"),
]


class Section(BaseModel):
    """Strict and frozen: an unknown key is an error, nothing changes after loading."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, allow_inf_nan=False
    )


class Intervals(Section):
    """Seconds between probes by depth; None where a wider setting holds.

    A single duration instead of the mapping is for the free depths: it must not make paid ones
    more frequent by accident.
    """

    reach: Interval | None = None
    accept: Interval | None = None
    generate: Interval | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_for_the_free(cls, value: Any) -> Any:
        return {"reach": value, "accept": value} if isinstance(value, str | int | float) else value

    def of(self, depth: Depth) -> float | None:
        """Return the seconds set here for *depth*, or None."""
        seconds: float | None = getattr(self, depth.value)
        return seconds


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


class Limits(Section):
    """What the exporter allows itself."""

    probes_in_flight: Annotated[Whole, Field(ge=1, le=10_000)] = PROBES_IN_FLIGHT


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


class PriceConfig(Section):
    """What one use costs, in exactly one unit."""

    usd_per_second: Annotated[Number, Field(ge=0, le=1000)] | None = None
    usd_per_request: Annotated[Number, Field(ge=0, le=1000)] | None = None
    usd_per_image: Annotated[Number, Field(ge=0, le=1000)] | None = None

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if len(self.model_dump(exclude_none=True)) != 1:
            raise ValueError("one of usd_per_second, usd_per_request and usd_per_image expected")
        return self


class AuthConfig(Section):
    """How the credential is attached, where the provider's own way does not fit."""

    header: HeaderName | None = None
    prefix: HeaderPrefix | None = None


class Overrides(Section):
    """What an account or a target may set instead of the defaults."""

    channel: Channel | None = None
    timeout: Timeout | None = None
    interval: Intervals = Intervals()
    depths: Depths | None = None
    schedule: Schedule | None = None
    price: PriceConfig | None = None
    slo: Ratio | None = None


class AccountConfig(Overrides):
    """A base URL and a credential at a provider."""

    provider: Annotated[str, Field(min_length=1, max_length=MAX_PROVIDER)]
    base_url: Url | None = None
    api_key: SecretField | None = None
    concurrency: Concurrency | None = None
    headers: Headers = {}
    auth: AuthConfig = AuthConfig()


class PageRef(Section):
    """The component of a status page that speaks for a target."""

    id: Name
    component: Text


class CheckConfig(Section):
    """One condition on a JSON answer; with the pointer alone, something must be there."""

    pointer: Pointer
    equals: Any = None
    any_of: tuple[Any, ...] = ()
    matches: Regex | None = None
    type: Literal["list", "object", "string", "number", "boolean"] | None = None


class ExpectConfig(Section):
    """What a plain URL must answer."""

    http: HttpStatuses = ("2xx",)
    body: Regex | None = None
    checks: Annotated[tuple[CheckConfig, ...], Field(max_length=50)] = ()


class TargetConfig(Overrides):
    """One thing to watch. Without a name it is called `<account>/<model>`, or like its account."""

    name: Name
    account: Name
    model: ModelName | None = None
    operation: Operation | None = None
    page: PageRef | None = None
    path: UrlPath | None = None
    expect: ExpectConfig | None = None

    @model_validator(mode="before")
    @classmethod
    def _name_by_default(cls, value: Any) -> Any:
        if not isinstance(value, dict) or "name" in value:
            return value
        parts = [value.get("account"), value.get("model")]
        name = "/".join(part for part in parts if isinstance(part, str))
        try:
            check_name(name)
        except ValueError:
            # Too long only when both parts are sound; otherwise they have problems of their own.
            name = name[:1] or "?"
            if all(isinstance(part, str) and 1 <= len(part) <= MODEL_MAX for part in parts):
                raise ValueError("account and model make too long a name: write name:") from None
        return {**value, "name": name}


class StatusPage(Section):
    """A vendor's status page."""

    id: Name
    url: Url
    engine: Engine = "auto"
    components: Texts = ()
    products: Texts = ()  # google_cloud only: product ids
    interval: Annotated[Duration, within("1s", "1d")] | None = None  # default: the engine's


class MaintenanceWindow(Section):
    """When we do not judge the targets that fit any of the globs."""

    targets: Annotated[Texts, Field(min_length=1)]
    start: UtcTime
    end: UtcTime
    reason: Annotated[str, Field(max_length=200), AfterValidator(_check_text)] = ""

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

    policies: Annotated[dict[Name, Policy], Field(max_length=50)] = {}


class Storage(Section):
    """Where history, ledger and state are kept: a SQLite file, or a database URL."""

    path: Annotated[str, Field(min_length=1, max_length=4096), AfterValidator(_check_text)] = (
        STORAGE_PATH
    )
    url: OpenSecretField | None = None  # holds a password more often than not
    retention: Annotated[Duration, within("1h", "3650d")] = RETENTION

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if {"path", "url"} <= self.model_fields_set:
            raise ValueError("either path or url, not both")
        return self


class Document(Section):
    """The whole file."""

    defaults: Defaults = Defaults()
    limits: Limits = Limits()
    budget: Budget = Budget()
    accounts: Annotated[Mapping[Name, AccountConfig], Field(max_length=MAX_ACCOUNTS)] = {}
    targets: Annotated[tuple[TargetConfig, ...], Field(max_length=MAX_TARGETS)] = ()
    status_pages: Annotated[tuple[StatusPage, ...], Field(max_length=MAX_PAGES)] = ()
    maintenance: Annotated[tuple[MaintenanceWindow, ...], Field(max_length=MAX_WINDOWS)] = ()
    slo: Slo = Slo()
    routing: Routing = Routing()
    storage: Storage = Storage()

    @model_validator(mode="before")
    @classmethod
    def _empty_sections(cls, value: Any) -> Any:
        # "targets:" with nothing below is how a section is emptied by hand.
        return {k: v for k, v in value.items() if v is not None or k not in cls.model_fields}
