"""What comments, docstrings and provider files cite is there: sections of docs/wire.md, files, headings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent
WIRE: Final = ROOT / "docs" / "wire.md"
FOLDERS: Final = ("exporter", "tests", "docs", "alerts", "dashboards", "deploy")
KINDS: Final = frozenset({".py", ".yml", ".yaml", ".md", ".html", ".toml", ".tmpl"})


@cache
def cited_from() -> tuple[Path, ...]:
    """Return every file that may cite another, wherever modules lie."""
    found = [file for folder in FOLDERS for file in (ROOT / folder).rglob("*")]
    found += ROOT.glob("*")
    return tuple(
        sorted(
            file
            for file in found
            if file.suffix in KINDS or file.name in {"Makefile", "Dockerfile"}
            if "__pycache__" not in file.parts and ".egg-info" not in str(file)
        )
    )


# --- docs/wire.md


@dataclass(frozen=True, slots=True)
class Section:
    """What can be cited of a section: itself, its numbered items, its table's numbered rows."""

    items: frozenset[str] = field(default_factory=frozenset)
    rows: frozenset[str] = field(default_factory=frozenset)


@cache
def sections() -> Mapping[str, Section]:
    """Return the numbered sections of docs/wire.md."""
    parts = re.split(r"^#{2,3} (\d+(?:\.\d+)?) .*$", WIRE.read_text("utf-8"), flags=re.MULTILINE)
    return {
        number: Section(
            items=frozenset(re.findall(r"^(\d+)\. ", body, re.MULTILINE)),
            rows=frozenset(re.findall(r"^\| (\d+) \|", body, re.MULTILINE)),
        )
        for number, body in zip(parts[1::2], parts[2::2], strict=True)
    }


NUMBER: Final = r"\d+(?:\.\d+)?"
CITED: Final = re.compile(
    rf"§({NUMBER})(?:-§({NUMBER}))?(?: (rows?|no\.|step) (\d+(?:(?:, | and | to |-)\d+)*))?"
)
ROWS: Final = re.compile(r"\((rows? \d+(?:(?:, | and | to |-)\d+)*)")
"""Rows without their table are those of §8.2."""


def unresolved(line: str) -> Iterator[str]:
    """Yield what a line cites of docs/wire.md and is not there."""
    if "wire.md" in line and re.search(r"wire\.md[`*]*,? (?:sections? )?\d", line):
        yield "cite it as docs/wire.md §1.2"
    if "§" in line.partition("wire.md")[0]:
        yield "a section of which page?"
    for rows in ROWS.findall(line):
        line += f" §8.2 {rows}"
    for first, last, kind, numbers in CITED.findall(line):
        for number in filter(None, (first, last)):
            if number not in sections():
                yield f"§{number}"
        section = sections().get(last or first, Section())
        known = section.rows if kind.startswith("row") else section.items
        for number in re.findall(r"\d+", numbers):
            if number not in known:
                yield f"§{last or first} {kind} {number}"


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        ("docs/wire.md §6.2", []),
        ("docs/wire.md §4.1-§4.4, §10 no. 10", []),
        ("docs/wire.md §8.2 row 39", []),
        ("docs/wire.md §8.2 rows 9, 27", []),
        ("wire.md §8.2 rows 29 to 35", []),
        ("(rows 10-12, 14); before 429", []),
        ("(row 77)", ["§8.2 row 77"]),
        ("docs/wire.md section 6.2", ["cite it as docs/wire.md §1.2"]),
        ("wire.md 8.2 row 34", ["cite it as docs/wire.md §1.2"]),
        ("see §6.2", ["a section of which page?"]),
        ("docs/wire.md §8.1 step 0", []),
        ("docs/wire.md §8.1 step 9", ["§8.1 step 9"]),
        ("docs/wire.md §6.9", ["§6.9"]),
        ("docs/wire.md §4.1-§4.9", ["§4.9"]),
        ("docs/wire.md §1, §11", ["§11"]),
        ("docs/wire.md §8.2 row 40", ["§8.2 row 40"]),
        ("docs/wire.md §8.2 rows 9, 77", ["§8.2 rows 77"]),
        ("docs/wire.md §8.4 no. 12", ["§8.4 no. 12"]),
    ],
)
def test_a_wrong_section_is_found(line: str, missing: list[str]) -> None:
    """The check itself: what is there passes, what is not is named."""
    assert list(unresolved(line)) == missing


def test_citations_of_the_wire_reference_resolve() -> None:
    """Each section, row and item that a file cites is in docs/wire.md."""
    found = []
    citations = 0
    for file in cited_from():
        if file in {WIRE, Path(__file__)}:
            continue
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            citations += "wire.md §" in line
            found += [f"{file.relative_to(ROOT)}:{number}: {m}" for m in unresolved(line)]
    assert found == []
    assert citations > 200  # the walk has seen the provider files


def test_the_wire_reference_resolves_within() -> None:
    """Its own cross-references lead to sections that it has."""
    assert list(unresolved("wire.md " + WIRE.read_text("utf-8"))) == []


def test_the_wire_reference_is_numbered_in_order() -> None:
    """Sections, and the rows of the table from evidence to status, are found by counting."""
    numbers = [tuple(map(int, number.split("."))) for number in sections()]
    assert numbers == sorted(set(numbers))
    assert sections()["8.2"].rows == {str(n) for n in range(1, 40)}


def test_sources_of_the_wire_reference_resolve() -> None:
    """Each [key] stands in the section of sources, and each source is used."""
    text, _, sources = WIRE.read_text("utf-8").partition("\n## 9 Sources\n")
    used = set(re.findall(r"(?<![\w`/\]])\[([a-z][a-z0-9-]+)\](?![(\[])", text)) - {"key"}
    listed = re.findall(r"\*\*([a-z0-9-]+)\*\* ", sources)
    assert used == set(listed)
    assert len(listed) == len(set(listed))


def test_the_wire_reference_wraps() -> None:
    """Lines of prose are read in a terminal; tables and addresses may be longer."""
    long = [
        line
        for line in WIRE.read_text("utf-8").splitlines()
        if len(line) > 122 and not line.startswith("|") and "https://" not in line
    ]
    assert long == []


# --- files


PATH: Final = re.compile(
    r"(?<![\w./{}*<@-])((?:\.\./)*(?:exporter|tests|docs|alerts|dashboards|deploy)/"
    r"[\w./-]+\.(?:py|yml|yaml|md|json|tmpl))(?![\w/*{}])"
)
PAGE: Final = re.compile(r"(?<![\w./:-])([A-Z]{4,}\.md)(#[\w-]+)?")


def headings(file: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.*)$", file.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def missing_files(file: Path) -> Iterator[str]:
    """Yield the files and headings that a file names and that are not there."""
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        where = f"{file.relative_to(ROOT)}:{number}"
        for path in PATH.findall(line):
            if not any((base / path).exists() for base in (ROOT, file.parent)):
                yield f"{where}: {path}"
        for name, anchor in PAGE.findall(line):
            pages = [base / name for base in (file.parent, ROOT) if (base / name).exists()]
            if not pages or (anchor and anchor[1:] not in headings(pages[0])):
                yield f"{where}: {name}{anchor}"


def test_files_that_are_cited_exist() -> None:
    """A path or a page in a comment, a docstring or a text leads somewhere."""
    files = [file for file in cited_from() if file != Path(__file__)]
    assert [missing for file in files for missing in missing_files(file)] == []
