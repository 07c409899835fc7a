"""Every query that people will run: of the panels, annotations and variables of the dashboards, and of the rules."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.stack.shipped import ROOT, rule_files, rules

DASHBOARDS = ROOT / "dashboards"
BUILT_IN = {"__rate_interval": "5m", "__interval": "5m", "__range": "6h"}
"""What Grafana fills in by itself, as for six hours on a screen."""


@dataclass(frozen=True)
class Query:
    """An expression, where it stands, and how it is asked: a step makes it one over a range."""

    place: str
    expression: str
    step: float = 0.0


def dashboard_files() -> list[Path]:
    """Return the dashboards; there must be some."""
    files = sorted(DASHBOARDS.glob("*.json"))
    assert files, f"no *.json in {DASHBOARDS}"
    return files


def of_dashboards() -> list[Query]:
    """Return the queries of all dashboards, with variables filled in."""
    return [query for file in dashboard_files() for query in _of_dashboard(file)]


def of_rules() -> list[Query]:
    """Return the expressions of all rules."""
    return [
        Query(f"{file.name}: {rule.get('alert') or rule['record']} #{number}", rule["expr"])
        for file in rule_files()
        for number, rule in enumerate(rules([file]))
    ]


def _of_dashboard(file: Path) -> Iterator[Query]:
    board = json.loads(file.read_text("utf-8"))
    variables = board.get("templating", {}).get("list", [])
    values = {each["name"]: _value(each) for each in variables} | BUILT_IN
    for panel in _panels(board["panels"]):
        for target in panel.get("targets", []):
            yield _of_panel(file, panel, target, values)
    for note in board.get("annotations", {}).get("list", []):
        if expression := note.get("expr"):
            yield Query(f"{file.name}: {note['name']}", filled(expression, values), 300.0)
    for each in variables:
        if each["type"] == "query":
            yield Query(f"{file.name}: ${each['name']}", _listing(filled(each["query"], values)))


def _panels(panels: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for panel in panels:
        yield panel
        yield from _panels(panel.get("panels", []))


def _of_panel(
    file: Path, panel: dict[str, Any], target: dict[str, Any], values: dict[str, str]
) -> Query:
    interval = target.get("interval") or panel.get("interval") or BUILT_IN["__interval"]
    expression = filled(target["expr"], values | {"__interval": interval})
    place = f"{file.name}: {panel['title']} {target['refId']}"
    return Query(place, expression, 0.0 if target.get("instant") else seconds(interval))


def _value(variable: dict[str, Any]) -> str:
    """Return what a variable stands for: everything, or what is chosen when the page opens."""
    if variable.get("includeAll") or variable["type"] == "query":
        return ".*"
    return str((variable.get("current") or {}).get("value", ""))


def filled(expression: str, values: dict[str, str]) -> str:
    """Put values in for variables; nothing that looks like one may be left."""

    def value(found: re.Match[str]) -> str:
        return values[found[1] or found[2]]

    done = re.sub(r"\$\{(\w+)(?::\w+)?\}|\$(\w+)", value, expression)
    assert "$" not in done, done
    return done


def _listing(query: str) -> str:
    """Turn what a variable of Grafana's asks into an expression that has a result if that has."""
    if asked := re.fullmatch(r"query_result\((.+)\)", query):
        return asked[1]
    found = re.fullmatch(r"label_values\((.+), *(\w+)\)", query)
    assert found is not None, query
    return f"group by ({found[2]}) ({found[1]})"


def seconds(interval: str) -> float:
    """Return an interval of Grafana in seconds."""
    number, unit = int(interval[:-1]), interval[-1]
    return float(number * {"s": 1, "m": 60, "h": 3600, "d": 86400}[unit])
