"""Reading the committed dashboards: files, panels, queries, and queries with their variables filled."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from dashboards.src.portable import panels

FOLDER: Final = Path(__file__).resolve().parents[2] / "dashboards"
FILES: Final = sorted(FOLDER.glob("genmedia-*.json"))

Json = dict[str, Any]

# Grafana's own, as it fills them in: a duration each, none of them the default of a variable.
GLOBALS: Final[Mapping[str, str]] = {"__rate_interval": "4m7s", "__interval": "15m"}
_VARIABLE: Final = re.compile(r"\$\{(\w+)(?::\w+)?\}|\$(\w+)")


@dataclass(frozen=True, slots=True)
class Asked:
    """One query and where it stands."""

    dashboard: str
    panel: str
    expression: str
    instant: bool = True
    span: int = 0  # seconds of the smallest step, where the panel has one


@cache
def load(file: Path) -> Json:
    """Return a dashboard as the data it is."""
    loaded: Json = json.loads(file.read_text("utf-8"))
    return loaded


def variables(dashboard: Json) -> dict[str, str]:
    """Return what every variable stands for at first: the default of a preset, else all."""
    return {
        one["name"]: one.get("current", {}).get("value") or one.get("allValue", ".*")
        for one in dashboard["templating"]["list"]
    }


def seconds(interval: str) -> int:
    """Return an interval of Grafana in seconds."""
    return int(interval[:-1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[interval[-1]]


def filled(expression: str, values: Mapping[str, str]) -> str:
    """Fill in the variables. Raises KeyError for one that is neither Grafana's nor declared."""
    known = {**GLOBALS, **values}
    return _VARIABLE.sub(lambda match: known[match[1] or match[2]], expression)


def asked_of_panels(dashboard: Json, **chosen: str) -> Iterator[Asked]:
    """Yield every query of the panels, filled; *chosen* are variables that stand for something else."""
    values = variables(dashboard) | chosen
    for panel in panels(dashboard):
        span = panel.get("interval")
        known = values | ({"__interval": span} if span else {})
        for target in panel.get("targets", ()):
            expression = filled(target["expr"], known)
            uid, title = dashboard["uid"], panel["title"]
            yield Asked(uid, title, expression, target["instant"], seconds(span) if span else 0)


def listed(question: str) -> str:
    """Return what a variable asks Prometheus, without what Grafana takes of the answer."""
    if question.startswith("query_result("):
        return question.removeprefix("query_result(").removesuffix(")")
    return question.removeprefix("label_values(").rpartition(",")[0]


def asked(dashboard: Json) -> Iterator[Asked]:
    """Yield every query of a dashboard, filled: of panels, annotations and variables."""
    uid, values = dashboard["uid"], variables(dashboard)
    yield from asked_of_panels(dashboard)
    for mark in dashboard.get("annotations", {}).get("list", ()):
        yield Asked(uid, f"annotation {mark['name']}", filled(mark["expr"], values), False)
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            yield Asked(
                uid, f"variable {variable['name']}", filled(listed(variable["query"]), values)
            )
