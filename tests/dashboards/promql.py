"""What a query asks for: the metrics and labels it names, and the labels its answer carries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import promql_parser as promql

from genmedia_exporter.metrics.catalogue import FAMILIES
from genmedia_exporter.metrics.exposition import Kind

SCRAPED = frozenset({"job", "instance"})
"""What Prometheus adds to every sample."""

FOREIGN = {
    "up": (),
    "ALERTS": ("alertname", "alertstate", "target"),
    "scrape_duration_seconds": (),
    "scrape_samples_scraped": (),
    "process_cpu_seconds_total": (),
    "process_start_time_seconds": (),
    "process_resident_memory_bytes": (),
    "process_open_fds": (),
    "process_max_fds": (),
}
"""From Prometheus itself and the official client library."""


RECORDED = (
    *("target_error_budget:ratio", "target_error_budget:spent_30d"),
    *("target_errors:ratio_6h", "target_errors:ratio_1d"),
)
"""From the shipped recording rules, which tests/stack runs."""


def known() -> dict[str, frozenset[str]]:
    """Return name and labels of all samples that can be there."""
    found = {name: frozenset(labels) for name, labels in FOREIGN.items()}
    found |= {f"genmedia:{name}": frozenset({"target"}) for name in RECORDED}
    for family in FAMILIES:
        found |= _samples(family.name, family.labels, family.kind is Kind.HISTOGRAM)
    return found


def _samples(name: str, labels: tuple[str, ...], histogram: bool) -> dict[str, frozenset[str]]:
    own = frozenset(labels)
    if not histogram:
        return {name: own}
    return {f"{name}_bucket": own | {"le"}, f"{name}_sum": own, f"{name}_count": own}


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of an expression without running it."""

    labels: frozenset[str]
    problems: tuple[str, ...] = ()


def selectors(node: promql.Expr) -> Iterator[promql.VectorSelector]:
    """Yield every selector of an expression."""
    if isinstance(node, promql.VectorSelector):
        yield node
    elif isinstance(node, promql.MatrixSelector):
        yield node.vector_selector
    for child in children(node):
        yield from selectors(child)


def children(node: promql.Expr) -> list[promql.Expr]:
    """Return the expressions directly inside of one."""
    if isinstance(node, promql.BinaryExpr):
        return [node.lhs, node.rhs]
    if isinstance(node, promql.Call):
        return list(node.args)
    if isinstance(
        node, promql.AggregateExpr | promql.ParenExpr | promql.UnaryExpr | promql.SubqueryExpr
    ):
        return [node.expr]
    return []


def answer(node: promql.Expr) -> Answer:
    """Return the labels an expression's answer can have, and what cannot be right about it."""
    if isinstance(node, promql.MatrixSelector):
        return answer(node.vector_selector)
    if isinstance(node, promql.VectorSelector):
        return _selected(node)
    inner = [answer(child) for child in children(node)]
    problems = tuple(one for part in inner for one in part.problems)
    labels = frozenset(label for part in inner for label in part.labels)
    if isinstance(node, promql.AggregateExpr):
        return _aggregated(node, labels, problems)
    if isinstance(node, promql.BinaryExpr):
        return _joined(node, inner, problems)
    if isinstance(node, promql.Call) and node.func.name == "histogram_quantile":
        lost = () if "le" in labels else ("histogram_quantile without le",)
        return Answer(labels - {"le"}, problems + lost)
    return Answer(labels, problems)


def _selected(node: promql.VectorSelector) -> Answer:
    name = node.name or ""
    if name not in known():
        return Answer(frozenset(), (f"no metric {name}",))
    labels = known()[name] | SCRAPED
    named = [matcher.name for matcher in node.matchers.matchers]
    wrong = tuple(f"{name} has no label {one}" for one in named if one not in labels)
    return Answer(labels, wrong)


def _aggregated(
    node: promql.AggregateExpr, labels: frozenset[str], problems: tuple[str, ...]
) -> Answer:
    keeps = str(node.op) in ("topk", "bottomk")
    if node.modifier is None:
        return Answer(labels if keeps else frozenset(), problems)
    by = frozenset(node.modifier.labels)
    wrong = tuple(f"by {one}: not there" for one in sorted(by - labels))
    if isinstance(node.param, promql.StringLiteral):  # count_values makes a label of this name
        by |= {node.param.val}
    return Answer(labels if keeps else by, problems + wrong)


def _joined(node: promql.BinaryExpr, inner: list[Answer], problems: tuple[str, ...]) -> Answer:
    left, right = inner
    if str(node.op) == "or":
        return Answer(left.labels | right.labels, problems)
    labels = left.labels or right.labels
    if node.modifier is None or node.modifier.matching is None:
        return Answer(labels, problems)
    on = frozenset(node.modifier.matching.labels)
    wrong = tuple(f"on {one}: not on both sides" for one in on - (left.labels & right.labels))
    brought = frozenset(node.modifier.group_labels or ())
    wrong += tuple(f"group_left {one}: not there" for one in brought - right.labels)
    return Answer(left.labels | brought, problems + wrong)
