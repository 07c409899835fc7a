"""Times, durations and counts as people and programs read them."""

from __future__ import annotations

from datetime import UTC, datetime

from genmedia_exporter.core.clock import DAY, Unix
from genmedia_exporter.words.language import decimal, plural, say


def iso(at: Unix) -> str:
    """Return Unix seconds as ISO 8601 in UTC, to the millisecond."""
    text = datetime.fromtimestamp(float(at), UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def absolute(at: Unix) -> str:
    """Return Unix seconds for a person: 2026-11-22 08:30:00 UTC."""
    return f"{day(at)} {clock(at, seconds=True)}"


def day(at: Unix) -> str:
    """Return the day of Unix seconds in UTC, as the present language writes it: 2026-11-22."""
    when = datetime.fromtimestamp(float(at), UTC)
    return say("{year:04}-{month:02}-{day:02}", year=when.year, month=when.month, day=when.day)


def short_day(at: Unix) -> str:
    """Return the day of Unix seconds in UTC without its year: 11-22."""
    when = datetime.fromtimestamp(float(at), UTC)
    return say("{month:02}-{day:02}", month=when.month, day=when.day)


def clock(at: Unix, *, seconds: bool = False) -> str:
    """Return the time of day of Unix seconds: 08:30 UTC."""
    form = "%H:%M:%S UTC" if seconds else "%H:%M UTC"
    return datetime.fromtimestamp(float(at), UTC).strftime(form)


def span(seconds: float) -> str:
    """Return a length of time in its largest fitting unit: 12 s, 3 min, 5 h, 2 days."""
    seconds = max(0.0, seconds)
    if seconds < 60:
        return say("{n} s", n=int(seconds))
    if seconds < 3_600:
        return say("{n} min", n=int(seconds // 60))
    if seconds < 2 * DAY:
        return say("{n} h", n=int(seconds // 3_600))
    return plural(int(seconds // DAY), "{n} day", "{n} days")


def exact(seconds: float) -> str:
    """Return a configured length of time in full: 90 s is 1 min 30 s, half a second 500 ms."""
    if seconds < 1:
        return say("{n} ms", n=decimal(seconds * 1000))
    parts, rest = [], round(seconds)
    for size_, text in ((int(DAY), "d"), (3_600, "h"), (60, "min"), (1, "s")):
        number, rest = divmod(rest, size_)
        if number and text == "d":
            parts.append(plural(number, "{n} day", "{n} days"))
        elif number:
            parts.append(say(f"{{n}} {text}", n=number))
    return " ".join(parts)


def duration(seconds: float | None) -> str:
    """Return how long a probe took: 212 ms, 1.4 s, 94 s; – where nobody saw its end."""
    if seconds is None:
        return "–"
    if seconds < 1:
        return say("{n} ms", n=decimal(seconds * 1000))
    return say("{n} s", n=decimal(seconds, 1 if seconds < 10 else 0))


def percent(ratio: float) -> str:
    """Return a share for people, never rounded up to all of it: 100 %, 99.98 %, 7.5 %."""
    hundredths = int(ratio * 10_000 + 1e-6)
    places = 0 if hundredths % 100 == 0 else 1 if hundredths % 10 == 0 else 2
    return say("{n} %", n=decimal(hundredths / 100, places))


def size(count: int) -> str:
    """Return a number of bytes: 812 B, 12 kB, 1.2 MB."""
    if count < 1_000:
        return f"{count} B"
    rest, unit = count / 1e3, "kB"
    for larger in ("MB", "GB"):
        if rest < 999.5:
            break
        rest, unit = rest / 1e3, larger
    return f"{decimal(rest, 1 if rest < 9.95 else 0)} {unit}"
