"""Columns of tables are as wide as their longest words, measured in Inter 14 px, with 13 px around."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dashboards.src.portable import panels
from tests.dashboards.reading import FILES, Json, load

PAGE = 1584
"""Pixels that panels share on a screen of 1600."""
AROUND = 26
"""Pixels that a panel keeps of its part."""
FLEXIBLE = 150
"""Least for a column without a width: Grafana's own minimum, and a target's name."""
BY_UNIT = {"dateTimeFromNow": 140, "dtdurations": 165}
STATUS_WORDS = 155
BY_LABEL = {"from": 130, "to": 130}

TABLES = [
    pytest.param(panel, id=f"{file.stem}: {panel['title']}")
    for file in FILES
    for panel in panels(load(file))
    if panel["type"] == "table"
]


def columns(panel: Json) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the titles of the columns, and how they look."""
    for one in panel["fieldConfig"]["overrides"]:
        found = {entry["id"]: entry["value"] for entry in one["properties"]}
        yield one["matcher"]["options"], found


def least(look: dict[str, object], label: str) -> int:
    """Return how wide a column must be."""
    status = "quota_exhausted" in str(look.get("mappings"))
    unit = BY_UNIT.get(str(look["unit"]), 0)
    return max(unit, BY_LABEL.get(label, 0), STATUS_WORDS if status else 0)


@pytest.mark.parametrize("panel", TABLES)
def test_words_fit(panel: Json) -> None:
    """Nothing is cut that says when, for how long or in which status."""
    names = panel["transformations"][-1]["options"]["renameByName"]
    labels = {title: label for label, title in names.items()}
    for title, look in columns(panel):
        width = look.get("custom.width", FLEXIBLE)
        assert isinstance(width, int)
        assert width >= least(look, labels[title]), title


@pytest.mark.parametrize("panel", TABLES)
def test_table_fits_its_panel(panel: Json) -> None:
    """What the fixed columns leave is enough for the others."""
    room = PAGE * panel["gridPos"]["w"] / 24 - AROUND
    widths = [look.get("custom.width", FLEXIBLE) for _, look in columns(panel)]
    assert sum(width for width in widths if isinstance(width, int)) <= room
