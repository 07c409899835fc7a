"""Every status has a colour of its own, and words can be read on all of them."""

from __future__ import annotations

from itertools import pairwise

import pytest

from dashboards.src.palette import STATUS_COLOURS
from genmedia_exporter.core.status import Status
from tests.dashboards.lint_own import COLOURS

DARK, LIGHT = "#181b1f", "#ffffff"
"""Grafana's panels."""
NEAR_WHITE = "#f7f8fa"
"""The words it puts on a tile or cell of a colour, unless that is as bright as 180."""

PAINTED = sorted(one for one in COLOURS if one.startswith("#"))


def rgb(colour: str) -> list[int]:
    """Return red, green and blue, of 255."""
    return [int(colour[first:last], 16) for first, last in pairwise((1, 3, 5, 7))]


def luminance(colour: str) -> float:
    """Return the relative luminance, as WCAG defines it."""
    parts = [one / 255 for one in rgb(colour)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return sum(a * b for a, b in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    darker, brighter = sorted((luminance(one), luminance(other)))
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("colour", PAINTED)
def test_words_are_read_on_it(colour: str) -> None:
    """4.5:1 as WCAG asks of text, whatever the panel; the words are those Grafana takes."""
    red, green, blue = rgb(colour)
    assert (red * 299 + green * 587 + blue * 114) / 1000 <= 180
    assert contrast(colour, NEAR_WHITE) >= 4.5


@pytest.mark.parametrize("panel", [DARK, LIGHT])
@pytest.mark.parametrize("colour", PAINTED)
def test_area_is_seen(colour: str, panel: str) -> None:
    """3:1 as WCAG asks of graphics, on a dark panel and on a light one."""
    assert contrast(colour, panel) >= 3


def test_contrast_is_measured_right() -> None:
    """Black on white has the most there is; 2.59 is what a reviewer measured for the grey before."""
    assert contrast("#000000", LIGHT) == pytest.approx(21)
    assert contrast("#565d64", DARK) == pytest.approx(2.59, abs=0.01)


def test_palette_knows_every_status() -> None:
    """Each status has a colour of its own."""
    assert set(STATUS_COLOURS) == set(Status)
    assert len(set(STATUS_COLOURS.values())) == len(Status)
