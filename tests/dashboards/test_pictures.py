"""The dashboards as people see them: a recorded day, answered by a real Prometheus, drawn by a real browser.

The pictures stay in build/pictures/dashboards, or where PAGE_PICTURES says: look at them after a change of a dashboard.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from dashboards.src.portable import panels
from genmedia_exporter.core.clock import Unix
from tests.dashboards.drawn import day
from tests.dashboards.drawn.answers import Answers
from tests.dashboards.drawn.page import drawn
from tests.dashboards.reading import FILES, FOLDER, load
from tests.stack.programs import Prometheus, prometheus, run
from tests.web.browser import Browser, browser

KEPT: Final = FOLDER.parent / "build" / "pictures"
PICTURES: Final = Path(os.environ.get("PAGE_PICTURES", KEPT)) / "dashboards"
SCREENS: Final = {"desktop": (1600, 1000), "phone": (390, 844)}
EMPTY: Final = {"genmedia-target": {"Vendor's status page"}}
"""What has nothing to show even on this day: the vendor of the target in need has no page."""


@pytest.fixture(scope="module")
def now() -> float:
    """The end of the day."""
    return float(int(time.time()))


@pytest.fixture(scope="module")
def server(now: float, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """Run a Prometheus that has the day, and scrapes nothing."""
    folder = tmp_path_factory.mktemp("day")
    text = folder / "day.txt"
    text.write_text(day.openmetrics(Unix(now)), "utf-8")
    flags = ("--max-block-duration=48h", "openmetrics")
    run("promtool", "tsdb", "create-blocks-from", *flags, text, folder / "data", within=250)
    text.unlink()
    config = folder / "prometheus.yml"
    config.write_text("{}", "utf-8")
    with prometheus(folder, config, "--storage.tsdb.retention.time=9d") as running:
        running.wait_for("last_over_time(genmedia_target_info[1h])", 60)
        yield running


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Run a browser."""
    with browser(tmp_path_factory.mktemp("chromium")) as opened:
        yield opened


@pytest.fixture(scope="module")
def opened(server: Prometheus, now: float) -> dict[str, Answers]:
    """Every dashboard, opened as people find it."""
    return {file.stem: Answers(server, load(file), now, day.DAY) for file in FILES}


def picture(tab: Browser, folder: Path, name: str, answers: Answers, screen: str) -> dict[str, Any]:
    """Draw a dashboard on a screen, keep the picture, and return what the browser measured."""
    width, height = SCREENS[screen]
    page = folder / f"{name}-{screen}.html"
    page.write_text(drawn(load(FOLDER / f"{name}.json"), answers, width), "utf-8")
    tab.look(width, height)
    tab.open(page.as_uri())
    PICTURES.mkdir(parents=True, exist_ok=True)
    tab.picture(PICTURES / f"{name}-{screen}.png")
    tab.picture(PICTURES / f"{name}-{screen}-first-screen.png", whole=False)
    measured: dict[str, Any] = tab.run(MEASURE)
    return measured


MEASURE: Final = """({
  wide: document.documentElement.scrollWidth,
  cut: [...document.querySelectorAll('td, .tile div')].filter(e => e.scrollWidth > e.clientWidth + 1
      && e.tagName !== 'TD').map(e => e.textContent),
  first: [...document.querySelectorAll('h2, td')].filter(e => e.getBoundingClientRect().bottom < 844
      && e.getBoundingClientRect().right <= innerWidth).map(e => e.textContent),
})"""


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("name", [file.stem for file in FILES])
def test_pictures_are_drawn(
    tab: Browser, opened: dict[str, Answers], tmp_path: Path, name: str, screen: str
) -> None:
    """Nothing is wider than the screen, and no number is cut."""
    seen = picture(tab, tmp_path, name, opened[name], screen)
    assert seen["wide"] <= SCREENS[screen][0]
    assert seen["cut"] == []
    assert (PICTURES / f"{name}-{screen}.png").stat().st_size > 20_000


def test_first_screen_of_a_phone_shows_what_is_broken(
    tab: Browser, opened: dict[str, Answers], tmp_path: Path
) -> None:
    """Name and status of what is down, the most urgent first, without a touch."""
    seen = picture(tab, tmp_path, "genmedia-fleet", opened["genmedia-fleet"], "phone")["first"]
    assert seen[0] == "Broken now"
    for text in ("veo-3.1-reverse", "🟣 quota_exhausted", "sora-2-official", "🔴 down"):
        assert text in seen, seen


def test_target_opens_on_the_one_in_most_need(opened: dict[str, Answers]) -> None:
    """One target, not all: of official channels, the one that we can mend, before those that others must."""
    assert opened["genmedia-target"].choice == {"target": "wan-2.7-on-fal"}


def test_an_open_incident_is_marked_on_all_panels(opened: dict[str, Answers]) -> None:
    """From its beginning to now, with vendor and reason."""
    marks = [mark for mark in opened["genmedia-fleet"].marks if "Incident " in mark.text]
    assert [mark.text.partition(" Incident")[0] for mark in marks] == ["openai.com: server_error"]
    assert marks[0].end - marks[0].begin > 1800


@pytest.mark.parametrize("name", [file.stem for file in FILES])
def test_no_panel_is_empty_that_has_something_to_show(
    opened: dict[str, Answers], name: str
) -> None:
    """The day has everything, but what is said here."""
    found = {
        panel["title"]
        for panel in panels(load(FOLDER / f"{name}.json"))
        if not opened[name].of(panel)
    }
    assert found == EMPTY.get(name, set())
