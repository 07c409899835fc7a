"""Every text that pages and reports say, found in the code, the templates and the closed lists."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from jinja2 import Environment, nodes

from genmedia_exporter.core.evidence import PHASE_NAMES
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Channel, Fault, Operation, Outcome, Status
from genmedia_exporter.core.status_page import ComponentStatus
from genmedia_exporter.health.state import SKIP_REASONS
from genmedia_exporter.incidents import machine
from genmedia_exporter.incidents.model import Phase
from genmedia_exporter.spending import forecast
from genmedia_exporter.web.pages import (
    day_bar,
    next_probe,
    overview,
    target_depths,
    target_facts,
    target_rows,
)
from genmedia_exporter.web.pages.style import plain_word

SOURCE: Final = Path(__file__).parents[2] / "exporter" / "genmedia_exporter"
TEMPLATES: Final = sorted((SOURCE / "web" / "templates").glob("*.html"))
SPEAKS: Final = frozenset({"say", "plural"})


def in_code() -> Iterator[tuple[str, str]]:
    """Yield the texts that calls in the code name, each with its place."""
    for file in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                key = node.args[-1 if node.func.id == "plural" else 0] if node.args else None
                if node.func.id in SPEAKS and isinstance(key, ast.Constant):
                    yield f"{file.name}:{node.lineno}", str(key.value)


def in_templates() -> Iterator[tuple[str, str]]:
    """Yield the texts that calls in the templates name, each with its place."""
    environment = Environment(autoescape=True)
    for file in TEMPLATES:
        tree = environment.parse(file.read_text("utf-8"))
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in SPEAKS and call.args:
                key = call.args[-1 if call.node.name == "plural" else 0]
                if isinstance(key, nodes.Const):
                    yield f"{file.name}:{call.lineno}", str(key.value)


def in_lists() -> Iterator[tuple[str, str]]:
    """Yield the texts of closed lists, which the code looks up."""
    for reason in Reason:
        yield f"reason {reason}", reason.meaning.text
    for status in Status:
        yield f"status {status}", status.meaning
    for words in (Status, Outcome, ComponentStatus, Channel, Operation, Phase):
        for word in words:
            yield words.__name__, plain_word(word.value)
    for fault in Fault:
        yield f"fault {fault}", target_facts._FAULTS[fault]
        if fault is not Fault.NONE:
            yield f"fault {fault}", target_rows.FAULTS[fault]
            yield f"fault {fault}", target_rows._FAULTS[fault]
    tables = (
        next_probe._HELD,
        next_probe._BLOCKED,
        target_depths._FREE,
        target_depths._SKIPPED,
        target_facts._CHANNELS,
        target_rows._A_UNIT,
        target_rows._ENDINGS,
        forecast._ZERO,
        forecast._DEAR,
        overview.COUNTED,
        day_bar._SUMMARIES,
    )
    for table in tables:
        for key, text in table.items():
            yield f"table {key}", text
    yield "event", machine.REMOVED
    for name in PHASE_NAMES:
        yield "phase", name
    assert set(target_depths._SKIPPED) == set(SKIP_REASONS)
