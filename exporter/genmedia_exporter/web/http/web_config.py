"""--web.config.file in exporter-toolkit's schema: TLS, users, headers, rate limit; all of it checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from genmedia_exporter.config.files import read_bounded
from genmedia_exporter.config.problems import EmptyFile, Problem, Problems
from genmedia_exporter.config.yaml_source import read_yaml
from genmedia_exporter.web.http.rate_limit import RateLimit
from genmedia_exporter.web.http.tls import Tls
from genmedia_exporter.web.http.web_config_section import MAX_FILE, Read, SectionReader
from genmedia_exporter.web.http.web_config_tls import read_tls

EMPTY: Final = "the file is empty"
SECTIONS: Final = ("tls_server_config", "http_server_config", "basic_auth_users", "rate_limit")
_ANY: Final = r"[\x20-\x7e]{0,2000}"
_HEADERS: Final = {
    "Content-Security-Policy": _ANY,
    "X-Frame-Options": r"(?i)(deny|sameorigin)?",
    "X-Content-Type-Options": r"(?i)(nosniff)?",
    "X-XSS-Protection": _ANY,
    "Strict-Transport-Security": _ANY,
}
_BCRYPT: Final = r"\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}"
_GO_UNITS: Final = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}  # fmt: skip
_GO_PART: Final = re.compile(r"(\d{1,9}(?:\.\d{0,9})?)(ns|us|µs|ms|s|m|h)")


@dataclass(frozen=True, slots=True)
class WebConfig:
    """What the file says."""

    tls: Tls | None = None
    users: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    rate_limit: RateLimit | None = None
    warnings: tuple[Problem, ...] = ()
    empty: bool = False  # not even {}: it may be about to be written


def load_web_config(path: Path, read: Read = read_bounded) -> WebConfig:
    """Read and check the file; names of files in it are relative to it. Raises Problems.

    One without anything in it is plain HTTP, as it is for exporter-toolkit.
    """
    try:
        content = read(path, MAX_FILE)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "not a path"
        raise Problems([Problem(str(path), "", f"cannot be read: {why}")]) from None
    try:
        source = read_yaml(content, str(path))
    except EmptyFile:
        warning = Problem(f"{path}:1:1", "", f"{EMPTY}: plain HTTP for all", severity="warning")
        return WebConfig(warnings=(warning,), empty=True)
    reader = SectionReader(source.data, source.places, path.parent, read)
    reader.check_keys((), source.data, SECTIONS)
    tls, users, headers = read_tls(reader), _users(reader), _headers(reader)
    limit = _rate_limit(reader)
    if reader.problems:
        raise Problems(reader.problems)
    return WebConfig(tls, users, headers, limit, tuple(reader.warnings))


def _users(reader: SectionReader) -> Mapping[str, bytes]:
    """Return bcrypt hashes by user."""
    path = ("basic_auth_users",)
    users = {}
    for name, value in reader.section(path).items():
        if ":" in name or not name:
            message = "a user name must not be empty or contain ':'"
            reader.note((*path, name), message, at_key=True)
        elif not isinstance(value, str) or not re.fullmatch(_BCRYPT, value):
            reader.note((*path, name), "not a bcrypt hash", "make one with: htpasswd -nBC 10 ''")
        else:
            users[name] = value.encode()
    return MappingProxyType(users)


def _headers(reader: SectionReader) -> Mapping[str, str]:
    """Return the headers to send with every answer; a blank one is not set."""
    path = ("http_server_config",)
    section = reader.section(path)
    reader.check_keys(path, section, ("http2", "headers"))
    if reader.flag((*path, "http2"), False):
        reader.warn((*path, "http2"), "clients speak HTTP/1.1, HTTP/2 is not served")
    found = reader.section((*path, "headers"))
    reader.check_keys((*path, "headers"), found, _HEADERS)
    headers = {}
    for name in found.keys() & _HEADERS.keys():
        value = found[name]
        if isinstance(value, str) and re.fullmatch(_HEADERS[name], value):
            headers[name] = value
        elif value is not None:
            reader.note((*path, "headers", name), "not a valid value of this header")
    return MappingProxyType({name: value for name, value in headers.items() if value.strip()})


def _rate_limit(reader: SectionReader) -> RateLimit | None:
    """Return the limit, None where there is none: an interval of 0 is none."""
    path = ("rate_limit",)
    section = reader.section(path)
    reader.check_keys(path, section, ("interval", "burst"))
    interval = _go_duration(section.get("interval", 0))
    burst = section.get("burst", 0)
    if interval is None:
        reader.note((*path, "interval"), "expected a duration such as 1s, 250ms or 1m30s")
    if isinstance(burst, bool) or not isinstance(burst, int) or burst < 0:
        reader.note((*path, "burst"), "expected a number of requests")
    elif interval and burst == 0:
        reader.note(path, "a burst below 1 refuses every request", "write burst: 20")
    elif interval:
        return RateLimit(interval, burst)
    return None


def _go_duration(value: object) -> float | None:
    """Return the seconds of a duration as Go writes it, None when it is none."""
    if value in (0, "0") and not isinstance(value, bool):
        return 0.0
    if not isinstance(value, str) or not re.fullmatch(f"(?:{_GO_PART.pattern})+", value):
        return None
    return sum(float(number) * _GO_UNITS[unit] for number, unit in _GO_PART.findall(value))
