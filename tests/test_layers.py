"""Who may import whom: the layers of the design, held against the imports that are really there."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent

LAYERS: Final[Mapping[str, tuple[str, ...]]] = {
    # Top to bottom; each may import from itself and from those above. `x.*` is everything in x.
    "words": (
        "exporter",
        "exporter.clock",
        "exporter.early_signals",
        "exporter.secret",
        "exporter.status",
        "exporter.reasons",
    ),
    "facts": (
        "exporter.evidence",
        "exporter.http_dates",
        "exporter.json_pointer",
        "exporter.page",
        "exporter.page_reports",
    ),
    "configuration": (
        "exporter.values",
        "exporter.problems",
        "exporter.yamlsource",
        "exporter.validation",
        "exporter.config_fields",
        "exporter.config_targets",
        "exporter.config_schema",
        "exporter.config",
    ),
    "providers": ("exporter.providers", "exporter.providers.*"),
    "targets": (
        "exporter.target",
        "exporter.credentials",
        "exporter.accounts",
        "exporter.depth_plan",
        "exporter.targets",
        "exporter.describe",
        "exporter.reload",
    ),
    "wire": (
        "exporter.drivers",
        "exporter.drivers.*",
        "exporter.asset",
        "exporter.asset_images",
        "exporter.asset_videos",
        "exporter.prompts",
        "exporter.pages",
        "exporter.pages.*",
        "exporter.page_fetch",
        "exporter.page_watch",
    ),
    "classification": (
        "exporter.signals",
        "exporter.rules",
        "exporter.answers",
        "exporter.context",
        "exporter.second_look",
        "exporter.classify",
        "exporter.explain",
        "exporter.prober",
    ),
    "board": (
        "exporter.state",
        "exporter.baseline",
        "exporter.network_watch",
        "exporter.pacing",
        "exporter.judge",
        "exporter.attempts",
        "exporter.page_view",
        "exporter.saved",
        "exporter.replica",
        "exporter.moves",
        "exporter.uptime",
        "exporter.uptime_rings",
        "exporter.board",
    ),
    "budget": ("exporter.budget", "exporter.budget_window", "exporter.budget_forecast"),
    "storage": ("exporter.storage", "exporter.storage.*"),
    "purse": ("exporter.purse",),
    "scheduler": (
        "exporter.wishes",
        "exporter.spending",
        "exporter.generation_needs",
        "exporter.generation_wants",
        "exporter.generation",
        "exporter.scheduler_needs",
        "exporter.turns",
        "exporter.lanes",
        "exporter.last_seen",
        "exporter.scheduler",
    ),
    "metrics": (
        "exporter.exposition",
        "exporter.metrics_catalogue",
        "exporter.metrics_target",
        "exporter.metrics_own",
        "exporter.metrics_pages",
        "exporter.metrics_routes",
        "exporter.metrics",
        "exporter.routing",
        "exporter.ask_route",
    ),
    "report": ("exporter.report", "exporter.report.*"),
    # For people's programs: nothing of the exporter itself imports it.
    "fallback": (
        "exporter.fallback_channels",
        "exporter.fallback_result",
        "exporter.fallback",
    ),
    "web": ("exporter.web", "exporter.web.*"),
    "app": (
        "exporter.sharing",
        "exporter.share",
        "exporter.hand_over",
        "exporter.interrupts",
        "exporter.app",
    ),
    "commands": ("exporter.commands", "exporter.commands.*"),
    "command line": ("exporter.logs", "exporter.cli", "exporter.__main__"),
}
DEMO: Final = "exporter.demo"


def module_name(file: Path) -> str:
    """Return the dotted name of a file of the package."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> Mapping[str, ast.Module]:
    """Return every module of the package, parsed."""
    files = sorted((ROOT / "exporter").rglob("*.py"))
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
    return name.split(".")[0] == "exporter"


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
    users = [name for name, imported in imports().items() if "exporter.fallback" in imported]
    assert users == []
    openai = [
        name
        for name, tree in modules().items()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Import) and any(a.name == "openai" for a in node.names))
        or (isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] == "openai")
    ]
    assert openai == ["exporter.fallback"]


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
    planned = {"exporter.storage", "exporter.routing"}
    gone = [n for n in listed if "*" not in n and n not in modules() and n not in planned]
    assert not gone
