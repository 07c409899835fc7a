"""What Grafana makes of a value: words, a unit, and a colour. As much of it as these dashboards use."""

from __future__ import annotations

import math
from typing import Any, Final, NamedTuple

from tests.dashboards.reading import Json

PLAIN: Final = "transparent"
_SPANS: Final = (
    ("year", 31536000.0),
    ("month", 2628000.0),
    ("week", 604800.0),
    ("day", 86400.0),
    ("hour", 3600.0),
    ("minute", 60.0),
    ("second", 1.0),
)


class Shown(NamedTuple):
    """The text of a value, and the colour that it stands on."""

    text: str
    colour: str


def shown(value: float | str | None, field: Json, now: float) -> Shown:
    """Return how a field with these settings shows a value."""
    for mapping in field.get("mappings", []):
        if (result := _mapped(value, mapping)) is not None:
            return Shown(result.get("text") or _text(value, field, now), result["color"])
    if value is None:
        return Shown(field.get("noValue", ""), PLAIN)
    return Shown(_text(value, field, now), threshold(value, field))


def threshold(value: float | str, field: Json) -> str:
    """Return the colour of the highest step that a value reaches."""
    colour = PLAIN
    if isinstance(value, float):
        for step in field.get("thresholds", {}).get("steps", []):
            if step["value"] is None or value >= step["value"]:
                colour = step["color"]
    return colour


def _mapped(value: float | str | None, mapping: Json) -> Json | None:
    options = mapping["options"]
    if mapping["type"] == "special":
        nothing = value is None or (isinstance(value, float) and math.isnan(value))
        return options["result"] if nothing else None
    if value is None:
        return None
    if mapping["type"] == "value":
        found: Json | None = options.get(f"{value:g}" if isinstance(value, float) else value)
        return found
    inside = isinstance(value, float) and options["from"] <= value <= options["to"]
    return options["result"] if inside else None


def _text(value: float | str | None, field: Json, now: float) -> str:
    if not isinstance(value, float):
        return value or ""
    return _united(value, field.get("unit", "none"), field.get("decimals"), now)


def _united(value: float, unit: str, decimals: int | None, now: float) -> str:
    if unit == "percentunit":
        return f"{_number(value * 100, 1 if decimals is None else decimals)}%"
    if unit == "currencyUSD":
        return f"${_number(value, 2 if decimals is None else decimals)}"
    if unit == "dateTimeFromNow":
        return _ago(value / 1000 - now)
    if unit == "dtdurations":
        return _lasting(value)
    if unit == "s":
        return _seconds(value)
    if unit == "bytes":
        return f"{value / 1e6:.0f} MB"
    return _number(value, decimals)


def _number(value: float, decimals: int | None) -> str:
    return f"{value:.{decimals}f}" if decimals is not None else f"{value:.3g}"


def _seconds(value: float) -> str:
    if value and abs(value) < 1:
        return f"{value * 1000:.0f} ms"
    if abs(value) >= 3600:
        return f"{value / 3600:.3g} hours"
    return f"{value / 60:.3g} mins" if abs(value) >= 120 else f"{value:.3g} s"


def _ago(seconds: float) -> str:
    name, length = next((s for s in _SPANS if abs(seconds) >= s[1]), _SPANS[-1])
    count = round(abs(seconds) / length)
    words = f"{count} {name}{'' if count == 1 else 's'}"
    return f"in {words}" if seconds > 0 else f"{words} ago"


def _lasting(seconds: float) -> str:
    parts, left = [], abs(seconds)
    for name, length in _SPANS:
        count = int(left // length)
        left -= count * length
        if count:
            parts.append(f"{count} {name}{'' if count == 1 else 's'}")
    words = ", ".join(parts[:2]) or "0 seconds"
    return f"{words} ago" if seconds < 0 else words


def settings(panel: Json, title: str) -> Json:
    """Return the settings of one column: the panel's, and the overrides by its title."""
    found: dict[str, Any] = dict(panel["fieldConfig"]["defaults"])
    for one in panel["fieldConfig"].get("overrides", []):
        if one["matcher"]["options"] == title:
            found |= {each["id"]: each["value"] for each in one["properties"]}
    return found
