"""What a single field of the configuration may hold, with every default in one block."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from genmedia_exporter.config.values import (
    Duration,
    Number,
    OpenSecretField,
    Whole,
    as_list,
    quote,
    within,
)
from genmedia_exporter.core.secret import HIDDEN
from genmedia_exporter.core.status import Depth, Status

# Every default; seconds where it is a time.
TIMEOUT: Final = 10.0
INTERVALS: Final = {Depth.REACH: 60.0, Depth.ACCEPT: 600.0, Depth.GENERATE: 21_600.0}
DEPTHS: Final = (Depth.REACH, Depth.ACCEPT)
SCHEDULE: Final = "timer"
CONNECTION: Final = "fresh"
CONCURRENCY: Final = 16  # probes of one account in flight
PROBES_IN_FLIGHT: Final = 64
BUDGET_USD: Final = 0.0  # paid probes never run
TIMEZONE: Final = "UTC"  # in which a budget's day and month begin
SLO_OFFICIAL: Final = 0.99
SLO_REVERSE: Final = 0.90
MAX_STATUS: Final = Status.DEGRADED
STORAGE_PATH: Final = "genmedia.db"
PROFILE: Final = "full"  # of metrics
RETENTION: Final = 7_776_000.0  # 90 days

MAX_ACCOUNTS: Final = 2_000
MAX_TARGETS: Final = 12_000
MAX_PAGES: Final = 200
MAX_WINDOWS: Final = 1_000
MAX_LIST: Final = 200
MAX_HEADERS: Final = 32
MAX_PROVIDER: Final = 1_000

Schedule = Literal["timer", "scrape"]
Connection = Literal["fresh", "warm"]
Engine = Literal[
    "auto", "statuspage", "incidentio", "google_cloud", "betterstack", "instatus", "uptime_kuma",
    "gatus", "feed", "google_ai_studio", "cachet", "statusio", "upptime", "cstate", "uptimerobot",
    "aws_health", "azure_rss", "cloudflare_v3", "flashduty", "rootly", "openstatus", "statuscake",
    "statushub", "sorry", "onlineornot",
]  # fmt: skip

_HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_OWN_HEADERS: Final = frozenset({"host", "content-length", "transfer-encoding", "connection"})


def _each_once(depths: tuple[Depth, ...]) -> tuple[Depth, ...]:
    if not depths:
        raise ValueError("name at least one depth: reach, accept or generate")
    return tuple(depth for depth in Depth if depth in depths)


def at_most(most: int) -> BeforeValidator:
    """Bound a list or mapping before anything in it is looked at."""

    def check(value: object) -> object:
        if isinstance(value, dict | list) and len(value) > most:
            raise ValueError(f"at most {most} entries, there are more")
        return value

    return BeforeValidator(check)


def check_text(value: str) -> str:
    """Refuse line breaks and other control characters."""
    if not value.isprintable():
        raise ValueError("one line of printable text expected")
    return value


def check_pointer(value: str) -> str:
    """Accept an RFC 6901 pointer; `*` stands for any list item (our one extension)."""
    if value and not value.startswith("/"):
        raise ValueError(f"a JSON pointer starts with '/': write {quote('/' + value)}")
    if re.search(r"~(?![01])", value):
        raise ValueError("in a JSON pointer '~' is written '~0' and '/' inside a key '~1'")
    return value


def _check_regex(value: str) -> str:
    try:
        re.compile(value)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return value


def check_http(value: object) -> str:
    """Return an HTTP status, or a range of them, as text."""
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
Text = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(check_text)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(as_list), Field(max_length=MAX_LIST)]
HeaderName = Annotated[str, AfterValidator(_check_header)]
HeaderPrefix = Annotated[str, Field(max_length=100), AfterValidator(_check_prefix)]
Headers = Annotated[dict[HeaderName, OpenSecretField], Field(max_length=MAX_HEADERS)]
Variables = Annotated[
    dict[
        Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)],
        Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=200)],
    ],
    Field(max_length=20),
]
"""What a provider's file calls {account.NAME}: a region, a project. It may stand in a host name."""
Regex = Annotated[str, Field(max_length=500), AfterValidator(_check_regex)]
Pointer = Annotated[str, Field(max_length=500), AfterValidator(check_pointer)]
HttpStatus = Annotated[str, BeforeValidator(check_http, json_schema_input_type=str | int)]
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
