"""The events of the code and those of docs/logs.md: the same, with the same levels and fields."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

from tests.test_docs import rows

ROOT: Final = Path(__file__).parent.parent
SOURCE: Final = ROOT / "exporter"
PAGE: Final = (ROOT / "docs" / "logs.md").read_text("utf-8")

LEVELS: Final = {
    "debug": "DEBUG",
    "info": "INFO",
    "warning": "WARN",
    "error": "ERROR",
    "exception": "ERROR",
}
KEYS: Final = {"time", "level", "source", "msg", "logger"}
"""What every line says of itself: no event may have a field of this name."""


@dataclass(slots=True)
class Event:
    """One event, from wherever in the code it is logged."""

    levels: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)


def calls() -> Iterator[tuple[str, ast.Call, str]]:
    """Yield every call that logs through the door: where, the call, the method."""
    for file in sorted(SOURCE.rglob("*.py")):
        text = file.read_text("utf-8")
        if "\nlog = EventLog(__name__)\n" not in text:
            continue
        for node in ast.walk(ast.parse(text, str(file))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if isinstance(node.func.value, ast.Name) and node.func.value.id == "log":
                yield f"{file.relative_to(SOURCE)}:{node.lineno}", node, node.func.attr


CALLS: Final = [pytest.param(*call, id=call[0]) for call in calls()]


def event_of(call: ast.Call, method: str) -> tuple[str, Event]:
    """Return what a call logs, with the levels and fields it may have."""
    arguments = list(call.args)
    if method == "at":
        level = arguments.pop(0)
        constants = {n.value for n in ast.walk(level) if isinstance(n, ast.Constant)}
        levels = {LEVELS[str(value)] for value in constants if value in LEVELS}
    else:
        levels = {LEVELS[method]}
    text = ast.literal_eval(arguments[0])
    fields = {str(keyword.arg).rstrip("_") for keyword in call.keywords}
    return str(text), Event(levels, fields | ({"err", "stack"} if method == "exception" else set()))


@pytest.mark.parametrize(("place", "call", "method"), CALLS)
def test_a_message_is_a_constant(place: str, call: ast.Call, method: str) -> None:
    """No f-string, no %, no argument to fill in: what changes stands in a field."""
    expected = {"at": 2, "exception": 2}.get(method, 1)
    assert len(call.args) == expected, f"{place}: log.{method} takes {expected} unnamed arguments"
    message = call.args[1] if method == "at" else call.args[0]
    assert isinstance(message, ast.Constant), f"{place}: the message is no constant"
    assert isinstance(message.value, str), place
    assert message.value == message.value.strip(" .\n"), place
    assert "%" not in message.value, f"{place}: a percent sign"
    assert "{" not in message.value, f"{place}: a brace"
    assert all(keyword.arg for keyword in call.keywords), f"{place}: ** hides the fields"
    assert not KEYS & event_of(call, method)[1].fields, place


def in_code() -> Mapping[str, Event]:
    """Return every event of the code."""
    found: dict[str, Event] = {}
    for _, call, method in calls():
        name, event = event_of(call, method)
        known = found.setdefault(name, Event())
        known.levels |= event.levels
        known.fields |= event.fields
    return found


def in_docs() -> Mapping[str, Event]:
    """Return every event of the page."""
    found: dict[str, Event] = {}
    for name, levels, fields, _ in rows(PAGE, "event", "level", "fields", "when"):
        assert name not in found, f"{name} stands twice"
        named = {part.strip(" `") for part in fields.split(",")} - {"–"}
        found[name.strip("`")] = Event({part.strip() for part in levels.split(",")}, named)
    return found


def test_every_event_is_documented() -> None:
    """Both ways, with its levels and its fields."""
    assert in_docs() == in_code()
