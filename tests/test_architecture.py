"""The architecture page against the code: a stranger who follows it finds what it names."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Final

import pytest

from tests.test_docs import fenced, rows
from tests.test_layers import ROWS

ROOT: Final = Path(__file__).parent.parent
PACKAGE: Final = ROOT / "exporter" / "genmedia_exporter"
PAGE: Final = (ROOT / "docs" / "architecture.md").read_text("utf-8")
CONTRIBUTING: Final = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
SEVEN: Final = rows(PAGE, "", "file", "begin at", "what happens there")


def names_in(file: Path) -> set[str]:
    """Return the classes, functions and methods (as Class.method) of a module."""
    found = set()
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, ast.ClassDef):
            inner = (n for n in node.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
            found |= {node.name, *(f"{node.name}.{n.name}" for n in inner)}
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
    return found


@pytest.mark.parametrize("row", SEVEN, ids=lambda row: row[1].strip("`"))
def test_the_walk_names_what_is_there(row: list[str]) -> None:
    """Each of the seven files has the functions that the page sends its reader to."""
    file = PACKAGE / row[1].strip("`")
    assert set(re.findall(r"`([^`]+)`", row[2])) <= names_in(file)


def test_seven_files_make_a_probe() -> None:
    """Numbered in order, and the same seven that open CONTRIBUTING.md."""
    assert [row[0] for row in SEVEN] == list("1234567")
    opening = re.findall(r"^\d\. `([\w/.]+)`", CONTRIBUTING, re.MULTILINE)
    assert opening == [row[1].strip("`") for row in SEVEN]


def test_the_picture_of_the_layers_is_the_list_that_is_tested() -> None:
    """Row by row, as tests/test_layers.py has them."""
    (picture,) = fenced(PAGE, "layers")
    assert tuple(re.split(r" {2,}", line)[0] for line in picture.splitlines()) == ROWS


PATHS: Final = sorted(set(re.findall(r"`([\w/.]+(?:/|\.(?:py|yml|md)))`", PAGE)))


@pytest.mark.parametrize("path", PATHS)
def test_every_path_exists(path: str) -> None:
    """Inside the package, or from the root; a file named without its folder is in drivers/."""
    if "NAME" in path:
        path = path.rpartition("NAME")[0].rpartition("/")[0]
    homes = (PACKAGE, ROOT, PACKAGE / "drivers")
    assert any((home / path).exists() for home in homes), path


SENT_TO: Final = re.findall(r"`(\w+\.\w+|\w+)` in `([\w/.]+\.py)`", PAGE)


@pytest.mark.parametrize(("name", "file"), SENT_TO)
def test_every_name_is_where_the_page_says(name: str, file: str) -> None:
    """Names that the prose places in a file are defined there."""
    assert name in names_in(PACKAGE / file)
