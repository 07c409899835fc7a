"""One palette for all dashboards: what every status, outcome and threshold looks like, and says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.models import dashboard as model

from genmedia_exporter.core.status import Status

# Grafana has a light and a dark panel, and no colour is read as text on both (4.5:1; 4.2 at best). So
# colours are areas here, at least 3:1 from both panels, and words stand on them at 4.5:1 or more, in
# the near-white that Grafana takes by itself. tests/dashboards/test_palette.py measures this.
GOOD: Final = "#1a7f45"
CAUTION: Final = "#96620a"
BAD: Final = "#c82d25"
OURS: Final = "#8a4dbd"
PLANNED: Final = "#2069bb"
GONE: Final = "#4f6b80"
QUIET: Final = "#6a737b"
PLAIN: Final = "transparent"
"""No colour: the words have that of the panel's text."""

# Statuses of one icon share a hue; the word names them.
STATUS_COLOURS: Final[Mapping[Status, str]] = {
    Status.UNKNOWN: QUIET,
    Status.OPERATIONAL: GOOD,
    Status.DEGRADED: CAUTION,
    Status.RATE_LIMITED: "#9e5719",
    Status.RISK_CONTROL: "#a3502d",
    Status.MAINTENANCE: PLANNED,
    Status.DOWN: BAD,
    Status.SUSPENDED: "#b83a5e",
    Status.RETIRED: GONE,
    Status.AUTH_ERROR: OURS,
    Status.QUOTA_EXHAUSTED: "#a3459c",
}

Steps = tuple[tuple[float | None, str], ...]

NEUTRAL: Final[Steps] = ((None, PLAIN),)
SOME_IS_GOOD: Final[Steps] = ((None, CAUTION), (1, GOOD))
NONE_IS_GOOD: Final[Steps] = ((None, GOOD), (1, BAD))
NONE_IS_CALM: Final[Steps] = ((None, PLAIN), (1, OURS))
AVAILABILITY: Final[Steps] = ((None, BAD), (0.9, CAUTION), (0.99, GOOD))
BUDGET_USED: Final[Steps] = ((None, GOOD), (0.8, CAUTION), (1, BAD))
BUDGET_LEFT: Final[Steps] = ((None, BAD), (0, CAUTION), (0.25, GOOD))
TIME_LEFT: Final[Steps] = ((None, BAD), (14 * 86400, CAUTION), (30 * 86400, GOOD))
MODEL_LEFT: Final[Steps] = ((None, GONE), (0, BAD), (14 * 86400, CAUTION), (30 * 86400, PLAIN))


def thresholds(steps: Steps) -> build.ThresholdsConfig:
    """Return the steps as absolute thresholds; the first, of None, is the base."""
    found = [model.Threshold(value=value, color=colour) for value, colour in steps]
    return build.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(found)


def words(options: Mapping[str, tuple[str, str]]) -> list[model.ValueMapping]:
    """Map exact values to a text and a colour, in that order in legends."""
    return [
        model.ValueMap(
            options={
                value: model.ValueMappingResult(text=text, color=colour, index=index)
                for index, (value, (text, colour)) in enumerate(options.items())
            }
        )
    ]


def nothing(text: str, colour: str = QUIET) -> model.ValueMapping:
    """Map no value to a text in the quiet colour, or in none.

    Grafana would give it that of the lowest threshold: red for no known time, green for no target.
    """
    result = model.ValueMappingResult(text=text, color=colour)
    match = model.SpecialValueMatch.NULL_AND_NAN
    return model.SpecialValueMap(options=model.DashboardSpecialValueMapOptions(match, result))


STATUSES: Final = words(
    {
        str(status.code): (f"{status.icon} {status.value}", STATUS_COLOURS[status])
        for status in Status
    }
)
STARS: Final = words(
    {"0": ("not yet judged", QUIET)}
    | {str(n): ("★" * n + "☆" * (5 - n), GOOD if n > 3 else CAUTION) for n in range(1, 6)}
)
AGREEMENT: Final = words({"1": ("agrees", GOOD), "0": ("✗ differs", CAUTION)})
FRESH: Final = words({"1": ("✓ fresh success", GOOD), "0": ("✗ none", CAUTION)})
RESULT: Final = words({"1": ("✓ succeeded", GOOD), "0": ("✗ did not", CAUTION)})
SCRAPED: Final = words({"1": ("✓ up", GOOD), "0": ("✗ not scraped", BAD)})
NETWORK: Final = words({"1": ("✓ fine", GOOD), "0": ("✗ in doubt", BAD)})
CONFIGURATION: Final = words({"1": ("✓ in force", GOOD), "0": ("✗ refused, old one kept", BAD)})
STORAGE: Final = words({"1": ("✓ writing", GOOD), "0": ("✗ memory only", BAD)})
SPENDING: Final = words({"1": ("✓ allowed", GOOD), "0": ("✗ switched off", CAUTION)})
PAGE_READ: Final = words({"1": ("✓ read", GOOD), "0": ("✗ unreadable", CAUTION)})
LISTED: Final = words({"1": ("✓ listed", GOOD), "0": ("✗ missing", CAUTION)})
WINDOW: Final = words({"0": ("no window", QUIET), "1": ("🔵 in a window", PLANNED)})
FIRING: Final = words({"1": ("firing", BAD)})
COMPONENT: Final = words(
    {
        "operational": ("🟢 operational", GOOD),
        "degraded": ("🟡 degraded", CAUTION),
        "partial_outage": ("🔴 partial outage", BAD),
        "major_outage": ("🔴 major outage", BAD),
        "maintenance": ("🔵 maintenance", PLANNED),
        "unknown": ("⚪ unknown", QUIET),
    }
)


_HTTP_CODES: Final = {
    "0": ("no answer", GONE),
    "401": ("401 not our key", OURS),
    "403": ("403 not allowed", OURS),
    "429": ("429 rate or quota", CAUTION),
}
_HTTP_CLASSES: Final = (
    (200, GOOD),
    (300, QUIET),
    (400, PLANNED),  # what a free probe at accept hopes for
    (500, BAD),
)


def http_codes() -> list[model.ValueMapping]:
    """Colour HTTP status codes by their hundred, and say in words what some of them mean.

    Without a text the number itself is shown: a 404 and a 422 are not the same rejection.
    """
    found = words(_HTTP_CODES)
    for index, (first, colour) in enumerate(_HTTP_CLASSES, len(_HTTP_CODES)):
        result = model.ValueMappingResult(color=colour, index=index)
        options = model.DashboardRangeMapOptions(from_val=first, to=first + 99, result=result)
        found.append(model.RangeMap(options=options))
    return found
