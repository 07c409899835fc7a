"""Who may import whom: the layers of the design, held against the imports that are really there."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Final

import pytest

SOURCE: Final = Path(__file__).parent.parent / "exporter"

LAYERS: Final[Mapping[str, tuple[str, ...]]] = {
    # Top to bottom; each may import from itself and from those above. `x.*` is everything in x.
    "words": (
        "genmedia_exporter",
        "genmedia_exporter.core.clock",
        "genmedia_exporter.daemon.early_signals",
        "genmedia_exporter.core.secret",
        "genmedia_exporter.core.status",
        "genmedia_exporter.core.reasons",
    ),
    "facts": (
        "genmedia_exporter.core.evidence",
        "genmedia_exporter.core.http_dates",
        "genmedia_exporter.core.json_pointer",
        "genmedia_exporter.core.status_page",
        "genmedia_exporter.status_pages.report",
    ),
    "configuration": (
        "genmedia_exporter.config.values",
        "genmedia_exporter.config.problems",
        "genmedia_exporter.config.yaml_source",
        "genmedia_exporter.config.validation",
        "genmedia_exporter.config.fields",
        "genmedia_exporter.config.target_schema",
        "genmedia_exporter.config.schema",
        "genmedia_exporter.config.loader",
    ),
    "providers": ("genmedia_exporter.providers", "genmedia_exporter.providers.*"),
    "targets": (
        "genmedia_exporter.targets.model",
        "genmedia_exporter.targets.credentials",
        "genmedia_exporter.targets.accounts",
        "genmedia_exporter.targets.depths",
        "genmedia_exporter.targets.resolve",
        "genmedia_exporter.targets.summary",
        "genmedia_exporter.targets.source",
    ),
    "wire": (
        "genmedia_exporter.drivers",
        "genmedia_exporter.drivers.*",
        "genmedia_exporter.media.inspect",
        "genmedia_exporter.media.images",
        "genmedia_exporter.media.videos",
        "genmedia_exporter.spending.prompts",
        "genmedia_exporter.status_pages.engines",
        "genmedia_exporter.status_pages.engines.*",
        "genmedia_exporter.status_pages.fetch",
        "genmedia_exporter.status_pages.watch",
    ),
    "classification": (
        "genmedia_exporter.classify.parse",
        "genmedia_exporter.classify.rules",
        "genmedia_exporter.classify.expectations",
        "genmedia_exporter.classify.context",
        "genmedia_exporter.classify.refine",
        "genmedia_exporter.classify.classifier",
        "genmedia_exporter.classify.explain",
        "genmedia_exporter.probing.prober",
    ),
    "board": (
        "genmedia_exporter.health.state",
        "genmedia_exporter.health.baseline",
        "genmedia_exporter.health.own_network",
        "genmedia_exporter.health.backoff",
        "genmedia_exporter.health.judge",
        "genmedia_exporter.health.attempts",
        "genmedia_exporter.health.page_agreement",
        "genmedia_exporter.health.persisted",
        "genmedia_exporter.health.replica",
        "genmedia_exporter.health.transitions",
        "genmedia_exporter.health.uptime",
        "genmedia_exporter.health.uptime_windows",
        "genmedia_exporter.health.board",
    ),
    "budget": (
        "genmedia_exporter.spending.limits",
        "genmedia_exporter.spending.clock_guard",
        "genmedia_exporter.spending.forecast",
    ),
    "storage": ("genmedia_exporter.storage", "genmedia_exporter.storage.*"),
    "purse": ("genmedia_exporter.spending.ledger",),
    "scheduler": (
        "genmedia_exporter.spending.priority",
        "genmedia_exporter.spending.demand",
        "genmedia_exporter.generation_needs",
        "genmedia_exporter.spending.planner",
        "genmedia_exporter.spending.runner",
        "genmedia_exporter.scheduler_needs",
        "genmedia_exporter.probing.due_queue",
        "genmedia_exporter.probing.single_flight",
        "genmedia_exporter.last_seen",
        "genmedia_exporter.probing.scheduler",
    ),
    "metrics": (
        "genmedia_exporter.metrics.exposition",
        "genmedia_exporter.metrics.catalogue",
        "genmedia_exporter.metrics.targets",
        "genmedia_exporter.metrics.exporter",
        "genmedia_exporter.metrics.status_pages",
        "genmedia_exporter.metrics.routes",
        "genmedia_exporter.metrics.page",
        "genmedia_exporter.routing.ranking",
        "genmedia_exporter.routing.client",
    ),
    "report": ("genmedia_exporter.report", "genmedia_exporter.report.*"),
    # For people's programs: nothing of the exporter itself imports it.
    "fallback": (
        "genmedia_exporter.fallback_channels",
        "genmedia_exporter.fallback_result",
        "genmedia_exporter.fallback",
    ),
    "web": ("genmedia_exporter.web", "genmedia_exporter.web.*"),
    "app": (
        "genmedia_exporter.sharding.membership",
        "genmedia_exporter.sharding.coordinator",
        "genmedia_exporter.sharding.rebalance",
        "genmedia_exporter.daemon.signals",
        "genmedia_exporter.daemon.app",
    ),
    "commands": ("genmedia_exporter.commands", "genmedia_exporter.commands.*"),
    "command line": (
        "genmedia_exporter.daemon.logs",
        "genmedia_exporter.cli",
        "genmedia_exporter.__main__",
    ),
}
DEMO: Final = "genmedia_exporter.demo"


def module_name(file: Path) -> str:
    """Return the dotted name of a file of the package."""
    parts = file.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> Mapping[str, ast.Module]:
    """Return every module of the package, parsed."""
    files = sorted(SOURCE.rglob("*.py"))
    return {module_name(file): ast.parse(file.read_text("utf-8"), str(file)) for file in files}


@cache
def imports() -> Mapping[str, frozenset[str]]:
    """Return for each module the modules of ours that it imports, wherever in the file it does."""
    return {name: frozenset(_imported(name, tree)) for name, tree in modules().items()}


def _imported(name: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if _is_ours(a.name))
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}:{node.lineno}: a relative import"
            if _is_ours(node.module or ""):
                for alias in node.names:
                    inner = f"{node.module}.{alias.name}"
                    yield inner if inner in modules() else str(node.module)


def _is_ours(name: str) -> bool:
    return name.split(".")[0] == "genmedia_exporter"


def is_demo(name: str) -> bool:
    """Whether a module belongs to the demo world."""
    return name == DEMO or name.startswith(f"{DEMO}.")


def layer_of(name: str) -> int | None:
    """Return the number of a module's layer, None where it has none."""
    found = [
        number
        for number, names in enumerate(LAYERS.values())
        if any(fnmatchcase(name, pattern) for pattern in names)
    ]
    return found[0] if found else None


OURS: Final = sorted(name for name in modules() if not is_demo(name))


@pytest.mark.parametrize("name", OURS)
def test_imports_go_upwards(name: str) -> None:
    """A module has a layer and imports only from it and from those above it."""
    own = layer_of(name)
    assert own is not None, f"{name} has no layer yet: add it to LAYERS where it belongs"
    titles = list(LAYERS)
    for imported in imports()[name] - {name}:
        assert not is_demo(imported), f"{name} imports the demo world"
        theirs = layer_of(imported)
        assert theirs is not None
        assert theirs <= own, f"{titles[own]}: {name} imports {imported} of {titles[theirs]}"


def test_nothing_imports_in_circles() -> None:
    """Within a layer, too, there is an order."""
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, f"a circle: {' -> '.join((*path, name))}"
        if name not in done:
            for imported in sorted(imports().get(name, frozenset()) - {name}):
                visit(imported, (*path, name))
            done.add(name)

    for name in imports():
        visit(name, ())


def test_the_demo_world_stands_alone() -> None:
    """It imports nothing else of ours: a fake that shares code with the product proves nothing."""
    for name in filter(is_demo, imports()):
        foreign = [other for other in imports()[name] if not is_demo(other)]
        assert not foreign, f"{name} imports {foreign}"


def test_nothing_imports_the_fallback_client() -> None:
    """It stands beside the exporter: the openai package takes half a second to import."""
    users = [
        name for name, imported in imports().items() if "genmedia_exporter.fallback" in imported
    ]
    assert users == []
    openai = [
        name
        for name, tree in modules().items()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Import) and any(a.name == "openai" for a in node.names))
        or (isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] == "openai")
    ]
    assert openai == ["genmedia_exporter.fallback"]


def test_private_modules_stay_in_their_package() -> None:
    """A module whose name begins with an underscore is imported by its neighbours only."""
    for name, imported in imports().items():
        for other in imported:
            package, _, last = other.rpartition(".")
            private = last.startswith("_") and not last.startswith("__")
            inside = name == package or name.startswith(f"{package}.")
            assert inside or not private, f"{name} imports {other}"


def test_every_module_is_listed_once() -> None:
    """No module is in two layers; a name without a star is one that is there."""
    listed = [name for names in LAYERS.values() for name in names]
    assert len(listed) == len(set(listed))
    planned = {"genmedia_exporter.storage", "genmedia_exporter.routing.ranking"}
    gone = [n for n in listed if "*" not in n and n not in modules() and n not in planned]
    assert not gone
