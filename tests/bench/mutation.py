"""How many small mistakes in the core its tests find.

Run: python -m tests.bench.mutation [--each N] [--only MODULE] [--least PERCENT] [--show]

Each mutant is a module of the core with one thing changed: a comparison, an `and`, a `not`, a sum, a
number, a condition. The tests of that module run against it, in a process of their own, until one
fails: then the mutant is found. One that no test fails on has survived, and is printed. Of each module
N mutants are taken, evenly over its text, so that two runs of one text are the same run.

Exit status 1: less than PERCENT of all mutants was found (85 by default), or the tests fail without one.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.abc
import importlib.machinery
import importlib.util
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Final

import pydantic  # noqa: F401  # imported once here, so that no child has to
import pytest
import sqlalchemy  # noqa: F401
import yaml  # noqa: F401

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = "genmedia_exporter"

_HEALTH: Final = (
    "tests/health",
    "tests/storage/test_restart.py",
    "tests/status_pages/test_report.py",
)


def _classify(*names: str) -> tuple[str, ...]:
    """Return the tests of a module of classification, by name: those that find most come first."""
    return tuple(f"tests/classify/test_{name}.py" for name in names)


CORE: Final[dict[str, tuple[str, ...]]] = {
    "health.judge": _HEALTH,
    "health.board": _HEALTH,
    "health.precedence": ("tests/health/test_precedence.py",),
    "health.own_network": (
        "tests/health/test_own_network.py",
        "tests/health/test_network_edges.py",
    ),
    "health.traffic": ("tests/health/test_traffic.py",),
    "health.traffic_evidence": ("tests/health/test_traffic.py",),
    "spending.bucket": ("tests/spending/test_bucket.py",),
    "spending.priority": ("tests/spending/test_priority.py",),
    "probing.single_flight": ("tests/probing/test_single_flight.py",),
    "incidents.machine": ("tests/incidents/test_machine.py",),
    "incidents.domains": ("tests/incidents/test_machine.py", "tests/incidents/test_domains.py"),
    "classify.by_words": _classify("neighbours", "lexicon", "proof", "by_words", "strong"),
    "classify.envelope": _classify("envelope"),
    "classify.differential": _classify("differential"),
    "classify.prose": _classify("prose"),
    "classify.told_in_prose": _classify("prose"),
    "classify.refine": _classify("refine"),
    "classify.outputs": _classify("shapes", "results", "prose", "another_call"),
    "classify.job_ids": _classify("shapes", "another_call", "results"),
    "classify.addresses": _classify("shapes", "results", "who_is_told_of", "another_call"),
    "classify.generic_reach": _classify("reach_shapes", "another_call", "who_is_told_of"),
    "classify.model_lists": _classify("reach_shapes", "another_call"),
    "classify.health_reports": _classify("reach_shapes", "another_call", "who_is_told_of"),
    "classify.sent": _classify("sent"),
    "classify.strong": _classify("strong"),
    "classify.proof": _classify("proof", "neighbours", "kinds"),
    "classify.fields": _classify("proof", "fields", "kinds"),
    "classify.kinds": _classify("kinds"),
    "classify.vocabulary": _classify("vocabulary", "kinds", "neighbours"),
}
"""The modules whose mistakes nobody would see, and the tests that must."""

SECONDS: Final = 300
"""A mutant that runs longer does not end by itself, and is found by that."""

_COMPARED: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_COUNTED: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
}


@dataclass(frozen=True)
class Mutant:
    """A module with one thing changed."""

    module: str  # below the package, with dots
    line: int
    change: str
    source: str


def mutants_of(module: str) -> list[Mutant]:
    """Return every mutant of *module*, in the order of its text."""
    path = ROOT / "exporter" / PACKAGE / (module.replace(".", "/") + ".py")
    tree = ast.parse(path.read_text("utf-8"))
    places = list(_places(tree))
    found = (_mutant(module, tree, place) for place in range(len(places)))
    return [mutant for mutant in found if mutant is not None]


def _mutant(module: str, tree: ast.Module, place: int) -> Mutant | None:
    changed = copy.deepcopy(tree)
    node = list(_places(changed))[place]
    before = ast.unparse(node)
    if not _change(node):
        return None
    after = ast.unparse(node)
    line = getattr(node, "lineno", 0)
    return Mutant(module, line, f"{before}  ->  {after}", ast.unparse(changed))


def _places(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield what may be changed; annotations, decorators and texts may not."""
    left: list[ast.AST] = [tree]
    while left:
        node = left.pop()
        if isinstance(node, (ast.Compare, ast.BoolOp, ast.UnaryOp, ast.BinOp, ast.Constant)):
            yield node
        if isinstance(node, (ast.If, ast.IfExp, ast.While)):
            yield node
        left += reversed(list(_below(node)))


def _below(node: ast.AST) -> Iterator[ast.AST]:
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params", "bases"):
            continue
        inner = value if isinstance(value, list) else [value]
        yield from (child for child in inner if isinstance(child, ast.AST))


def _change(node: ast.AST) -> bool:
    """Change *node* in place; False where there is nothing to change."""
    match node:
        case ast.Compare(ops=[one]) if type(one) in _COMPARED:
            node.ops = [_COMPARED[type(one)]()]
        case ast.BoolOp():
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        case ast.UnaryOp(op=ast.Not()):
            node.op, node.operand = ast.Not(), ast.UnaryOp(ast.Not(), node.operand)
        case ast.BinOp() if type(node.op) in _COUNTED:
            node.op = _COUNTED[type(node.op)]()
        case ast.Constant(value=bool(value)):
            node.value = not value
        case ast.Constant(value=int(value) | float(value)):
            node.value = value + 1
        case ast.If() | ast.IfExp() | ast.While() if not isinstance(node.test, ast.Compare):
            node.test = ast.UnaryOp(ast.Not(), node.test)
        case _:
            return False
    return True


class _Swapped(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from another text than its file's."""

    def __init__(self, name: str, source: str) -> None:
        self._name, self._source = name, source

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Find the one module."""
        if fullname != self._name:
            return None
        return importlib.util.spec_from_loader(fullname, self)

    def exec_module(self, module: ModuleType) -> None:
        """Run the other text."""
        exec(compile(self._source, f"<mutant of {self._name}>", "exec"), module.__dict__)  # noqa: S102  # our own text


def is_found(mutant: Mutant | None, tests: Sequence[str]) -> bool:
    """Whether one of *tests* fails on *mutant*; without one, whether they fail at all."""
    child = os.fork()
    if child == 0:
        signal.alarm(SECONDS)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        if mutant is not None:
            sys.meta_path.insert(0, _Swapped(f"{PACKAGE}.{mutant.module}", mutant.source))
        os._exit(int(pytest.main([*tests, "-x", "-q", "-p", "no:cacheprovider"])))
    _, status = os.waitpid(child, 0)
    return status != 0


def spread(mutants: Sequence[Mutant], wanted: int) -> list[Mutant]:
    """Return *wanted* of them, evenly over the text; all where there are no more."""
    if len(mutants) <= wanted:
        return list(mutants)
    return [mutants[place * len(mutants) // wanted] for place in range(wanted)]


def run(modules: Sequence[str], each: int, show: bool) -> tuple[int, int]:
    """Return how many mutants were found, and how many there were; print those that survived."""
    found = taken = 0
    for module in modules:
        tests = CORE[module]
        if is_found(None, tests):
            raise SystemExit(f"{module}: its tests fail without a mutant")
        chosen = spread(mutants_of(module), each)
        survived = [mutant for mutant in chosen if not is_found(mutant, tests)]
        _say(f"{module}: {len(chosen) - len(survived)} of {len(chosen)} mutants found")
        for mutant in survived if show else ():
            _say(f"  line {mutant.line}: {mutant.change}")
        found, taken = found + len(chosen) - len(survived), taken + len(chosen)
    return found, taken


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> int:
    """Run the tests of the core against its mutants."""
    parser = argparse.ArgumentParser(description="mutation score of the core")
    parser.add_argument("--each", type=int, default=15, help="mutants of each module (15)")
    parser.add_argument("--only", action="append", choices=sorted(CORE), help="only this module")
    parser.add_argument("--least", type=float, default=85.0, help="percent to be found (85)")
    parser.add_argument("--show", action="store_true", help="print the mutants that survived")
    args = parser.parse_args()
    found, taken = run(args.only or list(CORE), args.each, args.show)
    share = 100 * found / taken
    _say(f"found {found} of {taken} mutants ({share:.1f}%)")
    return 0 if share >= args.least else 1


if __name__ == "__main__":
    sys.exit(main())
