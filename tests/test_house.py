"""House rules that a machine can hold: sizes, docstrings, printing, and the door for time and chance."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import LONGEST

SOURCE: Final = Path(__file__).parent.parent / "exporter"
PACKAGE: Final = SOURCE / "genmedia_exporter"
FILES: Final = sorted(SOURCE.rglob("*.py"))
MAX_FILE: Final = 300
MAX_FUNCTION: Final = 60
CHANCE: Final = frozenset({"random", "secrets", "uuid"})

TESTS: Final = Path(__file__).parent
OF_NO_PACKAGE: Final = frozenset(
    {
        "alertmanager",
        "alerts",
        "bench",
        "dashboards",
        "data",
        "deploy",
        "fuzz",
        "nights",
        "stack",
        "system",
    }
)
"""Folders of tests for what is beside the source, for the whole product, and for what tests read."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def label(file: Path) -> str:
    """Return how a file is called in messages."""
    return file.relative_to(SOURCE).as_posix()


def tree(file: Path) -> ast.Module:
    """Return a file, parsed."""
    return ast.parse(file.read_text("utf-8"), str(file))


def in_folder(file: Path, *folders: str) -> bool:
    """Whether a file is in one of these folders of the package."""
    return any(PACKAGE / folder in file.parents for folder in folders)


each_file = pytest.mark.parametrize("file", FILES, ids=label)


@each_file
def test_no_file_is_long(file: Path) -> None:
    """A file that needs more lines is two files."""
    lines = len(file.read_text("utf-8").splitlines())
    assert lines <= MAX_FILE, f"{label(file)} has {lines} lines, more than {MAX_FILE}"


@each_file
def test_no_function_is_long(file: Path) -> None:
    """A function that needs more lines is two functions."""
    for node in ast.walk(tree(file)):
        if isinstance(node, Function):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= MAX_FUNCTION, f"{label(file)}:{node.lineno}: {node.name} has {lines}"


@each_file
def test_every_module_says_what_it_is_for(file: Path) -> None:
    """The docstring is the module's first line and its first sentence."""
    text = ast.get_docstring(tree(file))
    assert text, f"{label(file)} has no docstring"
    assert text.splitlines()[0].rstrip().endswith((".", "?", "!", ":")), text.splitlines()[0]


@each_file
def test_only_commands_print(file: Path) -> None:
    """What people type prints; the daemon logs. The demo world is a program of its own."""
    if in_folder(file, "commands", "demo") or file.name == "cli.py":
        return
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "print", f"{label(file)}:{node.lineno}: prints"


@each_file
def test_time_and_chance_come_through_the_door(file: Path) -> None:
    """Only clock.py, and the demo world, read a clock, sleep, or throw dice: tests must not wait."""
    if in_folder(file, "demo") or file.name == "clock.py":
        return
    found = [f"{label(file)}:{line}: {what}" for line, what in _side_doors(tree(file))]
    assert not found


def _side_doors(module: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            names = {alias.name for alias in node.names}
            yield from ((node.lineno, f"import {n}") for n in names & (CHANCE | {"time"}))
        elif isinstance(node, ast.ImportFrom) and node.module in CHANCE | {"time"}:
            yield node.lineno, f"from {node.module} import"
        elif isinstance(node, ast.Call):
            call = ast.unparse(node.func)
            now = call.endswith((".now", ".utcnow", ".today")) and call.startswith("date")
            # sleep(0) waits for nothing: it only gives the event loop its turn.
            slept = call == "asyncio.sleep" and ast.unparse(node) != "asyncio.sleep(0)"
            if now or slept:
                yield node.lineno, call


@each_file
def test_errors_do_not_vanish(file: Path) -> None:
    """No bare except, and no handler of everything whose body is only pass."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.ExceptHandler):
            place = f"{label(file)}:{node.lineno}"
            assert node.type is not None, f"{place}: a bare except"
            broad = ast.unparse(node.type) in ("Exception", "BaseException")
            silent = all(isinstance(statement, ast.Pass) for statement in node.body)
            assert not (broad and silent), f"{place}: an error vanishes"


@each_file
def test_events_go_through_the_door(file: Path) -> None:
    """Only core/events.py and what formats the lines know the logging module."""
    if file.name in ("events.py", "logs.py"):
        return
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            assert "logging" not in {alias.name for alias in node.names}, f"{label(file)}: logging"
        elif isinstance(node, ast.ImportFrom):
            assert node.module != "logging", f"{label(file)}: logging"


def test_tests_lie_as_the_packages_do() -> None:
    """A folder of tests has the name of the package it tests; `client` is genmedia_client."""
    packages = {folder.parent.name for folder in PACKAGE.glob("*/__init__.py")} | {"client"}
    folders = {file.relative_to(TESTS).parts[0] for file in TESTS.glob("*/**/*.py")}
    assert folders - packages - OF_NO_PACKAGE == set()


def test_what_takes_longest_is_there() -> None:
    """A file that was renamed would begin last again, and nobody would notice."""
    assert [name for name in LONGEST if not (TESTS.parent / name).is_file()] == []
