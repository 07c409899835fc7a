"""House rules that a machine can hold: sizes, docstrings, printing, and the door for time and chance."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

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


@cache
def tree(file: Path) -> ast.Module:
    """Return a file, parsed."""
    return ast.parse(file.read_text("utf-8"), str(file))


def in_folder(file: Path, *folders: str) -> bool:
    """Whether a file is in one of these folders of the package."""
    return any(PACKAGE / folder in file.parents for folder in folders)


def functions(file: Path) -> Iterator[Function]:
    """Yield the functions of a file."""
    yield from (node for node in ast.walk(tree(file)) if isinstance(node, Function))


def test_no_file_is_long() -> None:
    """A file that needs more lines is two files."""
    lines = {label(file): len(file.read_text("utf-8").splitlines()) for file in FILES}

    assert len(lines) > 400
    assert {name: n for name, n in lines.items() if n > MAX_FILE} == {}


def test_no_function_is_long() -> None:
    """A function that needs more lines is two functions."""
    lines = {
        f"{label(file)}:{node.lineno}: {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for file in FILES
        for node in functions(file)
    }

    assert len(lines) > 3_000
    assert {name: n for name, n in lines.items() if n > MAX_FUNCTION} == {}


def test_every_module_says_what_it_is_for() -> None:
    """The docstring is the module's first line and its first sentence."""
    first = {label(f): (ast.get_docstring(tree(f)) or "").split("\n")[0].rstrip() for f in FILES}

    assert {n: text for n, text in first.items() if not text.endswith((".", "?", "!", ":"))} == {}


def test_only_commands_print() -> None:
    """What people type prints; the daemon logs. The demo world is a program of its own."""
    found = [
        f"{label(file)}:{node.lineno}"
        for file in FILES
        if not in_folder(file, "commands", "demo") and file.name != "cli.py"
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if node.func.id == "print"
    ]

    assert found == []


def test_time_and_chance_come_through_the_door() -> None:
    """Only clock.py, and the demo world, read a clock, sleep, or throw dice: tests must not wait."""
    found = [
        f"{label(file)}:{line}: {what}"
        for file in FILES
        if not in_folder(file, "demo") and file.name != "clock.py"
        for line, what in _side_doors(tree(file))
    ]

    assert found == []


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


def test_errors_do_not_vanish() -> None:
    """No bare except, and no handler of everything whose body is only pass."""
    handlers = [
        (f"{label(file)}:{node.lineno}", node)
        for file in FILES
        for node in ast.walk(tree(file))
        if isinstance(node, ast.ExceptHandler)
    ]

    assert len(handlers) > 100
    assert [place for place, node in handlers if _swallows(node)] == []


def _swallows(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    broad = ast.unparse(handler.type) in ("Exception", "BaseException")
    return broad and all(isinstance(statement, ast.Pass) for statement in handler.body)


def test_events_go_through_the_door() -> None:
    """Only core/events.py and what formats the lines know the logging module."""
    found = [
        f"{label(file)}:{node.lineno}"
        for file in FILES
        if file.name not in ("events.py", "logs.py")
        for node in ast.walk(tree(file))
        if (isinstance(node, ast.Import) and "logging" in {alias.name for alias in node.names})
        or (isinstance(node, ast.ImportFrom) and node.module == "logging")
    ]

    assert found == []


def test_the_rules_can_be_broken() -> None:
    """What each of them looks for is found where it is."""
    module = ast.parse(
        "import time, random\nfrom uuid import uuid4\ndatetime.now()\nawait_ = asyncio.sleep(1)\nasyncio.sleep(0)\n"
        "try: pass\nexcept: pass\ntry: pass\nexcept Exception: pass\ntry: pass\nexcept OSError: pass\n"
    )
    handlers = [node for node in ast.walk(module) if isinstance(node, ast.ExceptHandler)]

    assert sorted(line for line, _ in _side_doors(module)) == [1, 1, 2, 3, 4]
    assert [_swallows(handler) for handler in handlers] == [True, True, False]


def test_tests_lie_as_the_packages_do() -> None:
    """A folder of tests has the name of the package it tests; `client` is genmedia_client."""
    packages = {folder.parent.name for folder in PACKAGE.glob("*/__init__.py")} | {"client"}
    folders = {file.relative_to(TESTS).parts[0] for file in TESTS.glob("*/**/*.py")}
    assert folders - packages - OF_NO_PACKAGE == set()


def test_what_takes_longest_is_there() -> None:
    """A file that was renamed would begin last again, and nobody would notice."""
    assert [name for name in LONGEST if not (TESTS.parent / name).is_file()] == []
