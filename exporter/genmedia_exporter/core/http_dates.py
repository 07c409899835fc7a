"""What an answer's headers say about time: how long to wait, and when something ends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from genmedia_exporter.core.clock import Unix

_SECONDS = re.compile(r"[0-9]{1,60}(?:\.[0-9]{1,20})?")
"""The standard knows whole seconds only; some services send fractions."""

_LATEST = 4_102_444_800  # the year 2100; more is milliseconds, or nonsense

MAX_RETRY_AFTER = 86_400.0
"""Seconds; a service that asks for more than a day is not waited for."""


def retry_after(headers: Mapping[str, str], now: Unix) -> float | None:
    """Return the Retry-After header in seconds (RFC 9110 section 10.2.3), bounded; *now* in Unix seconds."""
    value = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        return min(float(value), MAX_RETRY_AFTER)
    moment = http_date(value)
    return None if moment is None else min(max(0.0, moment - now), MAX_RETRY_AFTER)


def moment_of(value: object) -> Unix | None:
    """Return the moment that JSON tells as a day, an RFC 3339 time or Unix seconds; None for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Unix(float(value)) if 0 < value < _LATEST else None
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
        aware: datetime = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return Unix(aware.timestamp())
    except (ValueError, OverflowError):
        return None


def http_date(value: str) -> Unix | None:
    """Return an HTTP date in Unix seconds, None where it is none."""
    if not value:
        return None
    try:
        moment = parsedate_to_datetime(value)
        aware: datetime = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return Unix(aware.timestamp())
    except (ValueError, TypeError, OverflowError):
        return None
