"""What an answer's headers say about time: how long to wait, and when something ends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from genmedia_exporter.core.clock import Unix

_SECONDS = re.compile(r"[0-9]{1,60}(?:\.[0-9]{1,20})?")
"""The standard knows whole seconds only; some services send fractions."""

MAX_RETRY_AFTER = 86_400.0
"""Seconds; a service that asks for more than a day is not waited for."""


def retry_after(headers: Mapping[str, str], now: Unix) -> float | None:
    """Return the Retry-After header in seconds (RFC 9110 section 10.2.3), bounded; *now* in Unix seconds."""
    value = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        return min(float(value), MAX_RETRY_AFTER)
    moment = http_date(value)
    return None if moment is None else min(max(0.0, moment - now), MAX_RETRY_AFTER)


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
