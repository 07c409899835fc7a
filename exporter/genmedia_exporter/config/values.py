"""Values as people write them in YAML: durations, times, names, URLs, globs and where a secret is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
)

from genmedia_exporter.core.secret import HIDDEN, Secret

# Milliseconds of each unit, longest first; compound durations name them in this order.
_UNITS: Final = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
_DURATION: Final = re.compile("".join(rf"(?:(?P<{u}>\d{{1,9}}){u})?" for u in _UNITS), re.ASCII)

NAME_MAX: Final = 128
MODEL_MAX: Final = 200
WAYS_TO_KEEP: Final = "write {env: NAME}, {file: PATH} or, if you mean it, {value: ...}"


def kind_of(value: object) -> str:
    """Name the kind of a parsed YAML value for a message, never the value itself."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    names: dict[type, str] = {int: "a number", float: "a number", str: "a text", list: "a list"}
    return names.get(type(value), "a mapping")


def quote(text: str) -> str:
    """Return *text* in quotes for a message: one line, printable, at most 60 characters."""
    short = text if len(text) <= 60 else text[:59] + "…"
    return "'" + "".join(c if c.isprintable() else ascii(c)[1:-1] for c in short) + "'"


# --- durations ---


def parse_duration(value: object) -> float:
    """Return the seconds of a duration such as `500ms`, `10s` or `1h30m`.

    Raises ValueError, whose text says what to write instead.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ValueError(f"a duration needs a unit: write {value}s, or use ms, m, h, d")
    if not isinstance(value, str):
        raise ValueError(f"a duration such as 10s expected, got {kind_of(value)}")
    return _seconds(value)


@lru_cache(maxsize=1_000)
def _seconds(value: str) -> float:
    found = _DURATION.fullmatch(value)
    if not value or found is None:
        raise ValueError(f"{quote(value)} is not a duration: write it like 500ms, 10s, 5m, 1h30m")
    return sum(int(found[unit] or 0) * size for unit, size in _UNITS.items()) / 1000


def format_duration(seconds: float) -> str:
    """Write *seconds* as parse_duration reads it, to the millisecond."""
    rest, parts = round(seconds * 1000), []
    for unit, size in _UNITS.items():
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def within(low: str, high: str) -> AfterValidator:
    """Bound a duration, both ends included."""
    least, most = parse_duration(low), parse_duration(high)

    def check(seconds: float) -> float:
        if not least <= seconds <= most:
            raise ValueError(f"must be from {low} to {high}, got {format_duration(seconds)}")
        return seconds

    return AfterValidator(check)


DURATION_SCHEMA: Final[Mapping[str, str]] = {
    "type": "string",
    "pattern": "^(?=.)" + "".join(rf"(\d{{1,9}}{unit})?" for unit in _UNITS) + "$",
}
"""What an editor is told of a duration."""

Duration = Annotated[
    float,
    BeforeValidator(
        parse_duration, json_schema_input_type=Annotated[str, WithJsonSchema({**DURATION_SCHEMA})]
    ),
    PlainSerializer(format_duration, return_type=str),
]


# --- times ---


def parse_time(value: object) -> datetime:
    """Return a time in UTC from ISO 8601 text (or what a YAML library made of it).

    Raises ValueError for anything without an offset: a maintenance window that moves with the
    machine's time zone is worse than none.
    """
    if isinstance(value, str):
        value = _from_iso(value)
    if not isinstance(value, datetime):
        if isinstance(value, date):
            raise ValueError(f"a day is not a time: write {value.isoformat()}T00:00:00Z")
        raise ValueError(f"a time such as 2026-12-01T02:00:00Z expected, got {kind_of(value)}")
    if value.tzinfo is None:
        way_out = value.isoformat(timespec="seconds")
        raise ValueError(f"a time needs a zone: write {way_out}Z for UTC, or an offset like +08:00")
    if not 2000 <= value.year <= 2200:
        raise ValueError("a time must lie between the years 2000 and 2200")
    return value.astimezone(UTC)


def _from_iso(text: str) -> date:
    try:
        return date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{quote(text)} is not a time: write it like 2026-12-01T02:00:00Z"
        ) from None


def format_time(value: datetime) -> str:
    """Write a UTC time as ISO 8601 with Z."""
    return value.isoformat().replace("+00:00", "Z")


UtcTime = Annotated[
    datetime, BeforeValidator(parse_time), PlainSerializer(format_time, return_type=str)
]


# --- names, globs, numbers, URLs ---


def check_name(value: str) -> str:
    """Accept what can be a label value, a file name's stem and a line of a table alike."""
    if not 1 <= len(value) <= NAME_MAX:
        raise ValueError(f"a name has 1 to {NAME_MAX} characters")
    if not value.isprintable() or set(value) & set("\"'`\\") or value != value.strip():
        raise ValueError("a name is printable, without quotes, backslashes or blanks at its ends")
    return value


def check_model(value: str) -> str:
    """Accept a model's name as vendors write it; it becomes part of a URL's path."""
    if not 1 <= len(value) <= MODEL_MAX:
        raise ValueError(f"a model's name has 1 to {MODEL_MAX} characters")
    if not value.isprintable() or set(value) & set(" \"'`\\?#{}<>") or ".." in value.split("/"):
        raise ValueError("a model's name is printable, without blanks, quotes or any of \\?#{}<>")
    return value


def check_url(value: str) -> str:
    """Accept an absolute http or https URL that holds nothing secret. Messages never repeat it."""
    if len(value) > 2000 or not value.isprintable() or set(value) & set(" \\\"'<>"):
        raise ValueError("not a URL: it has blanks, quotes or other characters that need escaping")
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError("not a URL: its host or port cannot be read") from None
    if parts.scheme not in ("http", "https"):
        raise ValueError("a URL starts with https:// or http://")
    if not host:
        raise ValueError("a URL needs a host after ://")
    if "@" in parts.netloc:
        raise ValueError("a URL carries no user or password here: use api_key or headers")
    if "?" in value or "#" in value:
        raise ValueError("a URL carries no '?' or '#' part here")
    return value


def check_number(value: object) -> object:
    """Refuse what pydantic would quietly turn into a number: `true`, `"5"`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"a number expected, got {kind_of(value)}")
    return value


def as_list(value: Any) -> Any:
    """Let a single value stand for a list of one."""
    return value if isinstance(value, list | tuple) or value is None else [value]


Name = Annotated[str, AfterValidator(check_name)]
ModelName = Annotated[str, AfterValidator(check_model)]
Url = Annotated[str, AfterValidator(check_url)]
Number = Annotated[float, BeforeValidator(check_number)]
Whole = Annotated[int, BeforeValidator(check_number)]


# --- secrets ---


@dataclass(frozen=True, slots=True)
class SecretSource:
    """Where a credential is kept. `env` and `file` name the place; a `value` is the thing itself."""

    kind: Literal["env", "file", "value"]
    place: str = ""  # name of the variable or path of the file
    value: Secret | None = None


def parse_secret_source(value: object) -> SecretSource:
    """Read `{env: NAME}`, `{file: PATH}` or `{value: ...}`.

    Raises ValueError without a trace of what was written: it may well be the key itself.
    """
    if isinstance(value, SecretSource):
        return value
    if not isinstance(value, dict) or len(value) != 1:
        raise ValueError(f"a secret cannot stand here as {_shape(value)}: {WAYS_TO_KEEP}")
    ((kind, text),) = value.items()
    if kind not in ("env", "file", "value"):
        raise ValueError(f"a secret is kept in env, file or value: {WAYS_TO_KEEP}")
    if not isinstance(text, str) or not text:
        raise ValueError(f"{kind}: a text in quotes expected, got {kind_of(text or None)}")
    if kind == "value":
        return SecretSource("value", value=Secret(text))
    return SecretSource(kind, place=_checked_place(kind, text))


def _shape(value: object) -> str:
    return "a mapping of several keys" if isinstance(value, dict) and value else kind_of(value)


def _checked_place(kind: str, text: str) -> str:
    if kind == "env" and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,127}", text):
        raise ValueError("env: the name of an environment variable expected")
    if kind == "file" and (len(text) > 4096 or not text.isprintable()):
        raise ValueError("file: the path of a file expected")
    return text


def parse_open_secret(value: object) -> SecretSource:
    """Read a secret source, or a bare text where most texts are harmless (headers, database URLs)."""
    if isinstance(value, str):
        return SecretSource("value", value=Secret(value))
    return parse_secret_source(value)


_hidden = PlainSerializer(lambda _: HIDDEN, return_type=str)
_SECRET_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {kind: {"type": "string", "minLength": 1} for kind in ("env", "file", "value")},
    "additionalProperties": False,
    "minProperties": 1,
    "maxProperties": 1,
}
_OPEN_SECRET_SCHEMA: Final[dict[str, Any]] = {"anyOf": [_SECRET_SCHEMA, {"type": "string"}]}
SecretField = Annotated[
    SecretSource, PlainValidator(parse_secret_source), _hidden, WithJsonSchema(_SECRET_SCHEMA)
]
OpenSecretField = Annotated[
    SecretSource, PlainValidator(parse_open_secret), _hidden, WithJsonSchema(_OPEN_SECRET_SCHEMA)
]
