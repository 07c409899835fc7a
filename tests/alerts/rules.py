"""The rules as the tests read them: one record a rule, with what its expression touches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import promql_parser as promql

from genmedia_exporter.metrics.catalogue import FAMILIES
from genmedia_exporter.metrics.exposition import Kind
from tests.yaml_files import read_yaml

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / "alerts"
FILES: Final = (FOLDER / "recording.rules.yml", FOLDER / "alerting.rules.yml")
TESTS: Final = sorted((FOLDER / "tests").glob("*.yml"))
RUNBOOKS: Final = FOLDER / "runbooks"
README: Final = FOLDER / "README.md"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a file, as it stands there."""

    group: str
    body: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The alert, or the metric that is recorded."""
        return str(self.body.get("alert") or self.body["record"])

    @property
    def expr(self) -> str:
        """What is evaluated."""
        return str(self.body["expr"])

    @property
    def severity(self) -> str:
        """How loud the alert is."""
        return str(self.body["labels"]["severity"])

    @property
    def annotations(self) -> Mapping[str, str]:
        """What people read."""
        found: Mapping[str, str] = self.body["annotations"]
        return found

    @property
    def label(self) -> str:
        """How the rule is called in messages."""
        return f"{self.name}-{self.severity}" if "alert" in self.body else self.name


GROUPS: Final[Mapping[str, list[Rule]]] = {
    group["name"]: [Rule(group["name"], body) for body in group["rules"]]
    for file in FILES
    for group in read_yaml(file)["groups"]
}
RULES: Final = [rule for rules in GROUPS.values() for rule in rules]
ALERTS: Final = [rule for rule in RULES if "alert" in rule.body]
RECORDS: Final = [rule for rule in RULES if "record" in rule.body]
NAMES: Final = list(dict.fromkeys(rule.name for rule in ALERTS))

SCRAPE: Final = frozenset({"job", "instance"})
"""Labels that Prometheus adds to every sample it scrapes."""


def known_series() -> dict[str, frozenset[str]]:
    """Return every series that rules may name, with its labels; of recorded ones all labels."""
    found = {
        "up": SCRAPE,
        "process_start_time_seconds": SCRAPE,
        "ALERTS": SCRAPE | {"alertname", "alertstate", "severity"},
    }
    everything = set(SCRAPE)
    for family in FAMILIES:
        labels = SCRAPE | set(family.labels)
        everything |= labels
        if family.kind is Kind.HISTOGRAM:
            found[f"{family.name}_bucket"] = labels | {"le"}
            found[f"{family.name}_count"] = found[f"{family.name}_sum"] = labels
        else:
            found[family.name] = labels
    return found | {rule.name: frozenset(everything) for rule in RECORDS}


def selectors(expr: str) -> list[promql.VectorSelector]:
    """Return every selector in an expression."""
    found: list[promql.VectorSelector] = []

    def visit(node: promql.Expr) -> bool:
        if isinstance(node, promql.VectorSelector):
            found.append(node)
        return True

    promql.walk(promql.parse(expr), visit)
    return found


def matched_labels(expr: str) -> set[str]:
    """Return every label that an expression groups by, matches on, or carries over in a join."""
    found: set[str] = set()

    def visit(node: promql.Expr) -> bool:
        if isinstance(node, promql.AggregateExpr) and node.modifier is not None:
            found.update(node.modifier.labels)
        elif isinstance(node, promql.BinaryExpr) and node.modifier is not None:
            matching = node.modifier.matching
            found.update(matching.labels if matching is not None else ())
            found.update(node.modifier.group_labels or ())
        return True

    promql.walk(promql.parse(expr), visit)
    return found


def label_bearers(expr: str) -> set[str]:
    """Return the series whose labels the result of an expression has, all of them.

    What folds, joins or renames labels is not looked through: it is in the result as an empty name.
    """
    return _bearers(promql.parse(expr))


def _bearers(node: promql.Expr) -> set[str]:
    if isinstance(node, promql.VectorSelector):
        return {node.name or ""}
    if isinstance(node, promql.ParenExpr):
        return _bearers(node.expr)
    if isinstance(node, promql.Call) and node.func.name == "last_over_time":
        (held,) = node.args
        return (
            {held.vector_selector.name or ""} if isinstance(held, promql.MatrixSelector) else {""}
        )
    if isinstance(node, promql.BinaryExpr):
        return _bearers_of_two(node)
    return {""}


def _bearers_of_two(node: promql.BinaryExpr) -> set[str]:
    operator = str(node.op)
    if operator == "or":
        return _bearers(node.lhs) | _bearers(node.rhs)
    filters = operator in {"and", "unless"} or isinstance(node.rhs, promql.NumberLiteral)
    return _bearers(node.lhs) if filters else {""}
