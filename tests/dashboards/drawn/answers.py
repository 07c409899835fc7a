"""What Prometheus answers to a dashboard: the series of its panels, and the marks over them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.dashboards.reading import Json, filled, listed, seconds, variables
from tests.stack.programs import Prometheus, get

POINTS: Final = 360
"""How many points a panel over time asks for, as on a wide screen."""
SCRAPE: Final = 240


@dataclass(frozen=True, slots=True)
class Series:
    """One series of an answer; an instant one has a single point."""

    query: str
    name: str
    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]

    @property
    def last(self) -> float | None:
        """Return its newest value."""
        return self.points[-1][1] if self.points else None


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment or a stretch over all panels, and what it says."""

    begin: float
    end: float
    text: str
    colour: str


class Answers:
    """A dashboard opened at a moment, looking back so many seconds."""

    def __init__(self, server: Prometheus, dashboard: Json, now: float, back: float) -> None:
        self.now, self.begin = now, now - back
        self._server = server
        self._values = variables(dashboard)
        self.choice = self._chosen(dashboard)
        self.marks = (
            [m for one in dashboard["annotations"]["list"] for m in self._marked(one)]
            if (dashboard.get("annotations"))
            else []
        )

    def _chosen(self, dashboard: Json) -> dict[str, str]:
        """Open as Grafana does: on all, but where a variable offers no All, on the first there is."""
        for one in dashboard["templating"]["list"]:
            if one["type"] == "query" and not one.get("includeAll"):
                asked = filled(listed(one["query"]), self._values)
                first = self._get("query", query=asked, time=self.now)[0]["metric"][one["name"]]
                self._values[one["name"]] = re.sub(r"([.+*?()|\[\]])", r"\\\\\1", first)
                return {one["name"]: first}
        return {}

    def of(self, panel: Json) -> list[Series]:
        """Return all series of a panel."""
        least = max(seconds(panel["interval"]), 3 * SCRAPE) if panel.get("interval") else 0
        step = max(SCRAPE, least, int((self.now - self.begin) / POINTS))
        known = self._values | {"__interval": f"{step}s", "__rate_interval": f"{4 * SCRAPE}s"}
        found: list[Series] = []
        for target in panel["targets"]:
            expression = filled(target["expr"], known)
            if target["instant"]:
                answer = self._get("query", query=expression, time=self.now)
            else:
                begin = self.begin // step * step
                answer = self._get(
                    "query_range", query=expression, start=begin, end=self.now, step=step
                )
            found += [_series(target, one) for one in answer]
        return found

    def _get(self, what: str, **asked: float | str) -> list[Json]:
        text = {name: str(value) for name, value in asked.items()}
        answer = get(f"{self._server.url}/api/v1/{what}", **text)
        assert answer["status"] == "success", (asked, answer)
        result: list[Json] = answer["data"]["result"]
        return result

    def _marked(self, one: Json) -> Iterator[Mark]:
        expression = filled(one["expr"], self._values)
        for found in self._get(
            "query_range", query=expression, start=self.begin, end=self.now, step=SCRAPE
        ):
            text = f"{_named(one['titleFormat'], found)} {_named(one['textFormat'], found)}"
            times = [(float(at), float(value)) for at, value in found["values"]]
            if one.get("useValueForTime"):
                moments = sorted({value / 1000 for _, value in times})
                spans = [(m, m) for m in moments if self.begin <= m <= self.now]
            else:
                spans = [(times[0][0], times[-1][0])]
            yield from (Mark(a, b, text, one["iconColor"]) for a, b in spans)


def _series(target: Json, found: Json) -> Series:
    points = found.get("values") or [found["value"]]
    kept = tuple((float(at), float(v)) for at, v in points if v not in ("NaN", "+Inf", "-Inf"))
    legend = target.get("legendFormat", "__auto")
    labels: dict[str, Any] = found["metric"]
    name = ", ".join(map(str, labels.values())) if legend == "__auto" else _named(legend, found)
    return Series(target["refId"], name, labels, kept)


def _named(pattern: str, found: Json) -> str:
    return re.sub(r"\{\{(\w+)\}\}", lambda m: str(found["metric"].get(m[1], "")), pattern)
