"""Times, durations and counts as people and programs read them."""

from __future__ import annotations

from datetime import UTC, datetime

from genmedia_exporter.core.clock import DAY, Unix


def iso(at: Unix) -> str:
    """Return Unix seconds as ISO 8601 in UTC, to the millisecond."""
    text = datetime.fromtimestamp(float(at), UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def absolute(at: Unix) -> str:
    """Return Unix seconds for a person: 2026-11-22 08:30:00 UTC."""
    return datetime.fromtimestamp(float(at), UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def span(seconds: float) -> str:
    """Return a length of time in its largest fitting unit: 12 s, 3 min, 5 h, 2 days."""
    seconds = max(0.0, seconds)
    for size, unit, until in ((1, "s", 60), (60, "min", 3600), (3600, "h", 172_800)):
        if seconds < until:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds // DAY)} days"


def duration(seconds: float) -> str:
    """Return how long a probe took: 212 ms, 1.4 s, 94 s."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"


def size(count: int) -> str:
    """Return a number of bytes: 812 B, 12 kB, 1.2 MB."""
    if count < 1_000:
        return f"{count} B"
    rest, unit = count / 1e3, "kB"
    for larger in ("MB", "GB"):
        if rest < 999.5:
            break
        rest, unit = rest / 1e3, larger
    return f"{rest:.1f} {unit}" if rest < 9.95 else f"{rest:.0f} {unit}"
