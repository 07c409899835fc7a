"""Who may import whom: one line of packages, held against the imports that are really there."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

import pytest

SOURCE: Final = Path(__file__).parent.parent / "exporter"

ROWS: Final = (
    # A package imports from the rows above its own, and from itself; neighbours in a row do not know each other.
    "core",
    "words",
    "config",
    "providers",
    "targets",
    "media transport",
    "drivers classify",
    "status_pages",
    "health",
    "storage probing routing",
    "spending sharding report",
    "incidents",
    "metrics",
    "web",
    "daemon",
    "commands",
    "cli",
    "__main__",
)
LAYER: Final = {name: number for number, row in enumerate(ROWS) for name in row.split()}
DAEMON: Final = "genmedia_exporter"
CLIENT: Final = "genmedia_client"
DEMO: Final = f"{DAEMON}.demo"


def module_name(file: Path) -> str:
    """Return the dotted name of a file below the source root."""
    parts = file.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> Mapping[str, ast.Module]:
    """Return every module of both packages, parsed."""
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
    return name.split(".")[0] in (DAEMON, CLIENT)


def is_demo(name: str) -> bool:
    """Whether a module belongs to the demo world."""
    return name == DEMO or name.startswith(f"{DEMO}.")


def package_of(name: str) -> str:
    """Return the package below `genmedia_exporter` that holds a module; empty for the root."""
    return f"{name}.".split(".")[1]


OURS: Final = sorted(n for n in modules() if n.startswith(f"{DAEMON}.") and not is_demo(n))


@pytest.mark.parametrize("name", OURS)
def test_imports_go_upwards(name: str) -> None:
    """A module imports from its own package and from packages in the rows above."""
    own = package_of(name)
    assert own in LAYER, f"{name}: add the package {own} to ROWS where it belongs"
    for imported in imports()[name] - {DAEMON}:
        theirs = package_of(imported)
        fits = theirs == own or LAYER.get(theirs, len(ROWS)) < LAYER[own]
        assert fits, f"{name} imports {imported}: {theirs} is not above {own}"


def test_every_row_is_there() -> None:
    """ROWS names no package that is gone, and none twice."""
    packages = {package_of(name) for name in OURS}
    assert sorted(" ".join(ROWS).split()) == sorted(packages)


def test_only_packages_lie_in_the_root() -> None:
    """Beside the command line and what starts it, every module is in a package."""
    files = {file.name for file in (SOURCE / DAEMON).glob("*.py")}
    assert files == {"__init__.py", "__main__.py", "cli.py"}


def test_nothing_imports_in_circles() -> None:
    """Within a package, too, there is an order."""
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


def test_nothing_of_the_daemon_imports_the_client() -> None:
    """It stands beside the exporter: the openai package takes half a second to import."""
    users = [n for n in OURS if any(i.split(".")[0] == CLIENT for i in imports()[n])]
    assert users == []
    openai = {
        name
        for name, tree in modules().items()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Import) and any(a.name == "openai" for a in node.names))
        or (isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] == "openai")
    }
    assert {name.split(".")[0] for name in openai} == {CLIENT}


def test_private_modules_stay_in_their_package() -> None:
    """A module whose name begins with an underscore is imported by its neighbours only."""
    for name, imported in imports().items():
        for other in imported:
            package, _, last = other.rpartition(".")
            private = last.startswith("_") and not last.startswith("__")
            inside = name == package or name.startswith(f"{package}.")
            assert inside or not private, f"{name} imports {other}"
