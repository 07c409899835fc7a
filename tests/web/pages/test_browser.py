"""The pages in a real browser: found sound by axe-core, wide and narrow, followed live, and safe.

Without chromium all of it is skipped, without axe-core what needs it; in CI neither may be missing.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from genmedia_exporter.core.status import Status
from genmedia_exporter.health.state import Snapshot, TargetState
from genmedia_exporter.words.language import languages
from tests.incidents.samples import closed, incident, of_our_network
from tests.metrics.samples import broken, healthy, snapshot, unseen
from tests.programs import axe
from tests.web.browser import Browser, browser
from tests.web.fleet import SHARE, fleet, past
from tests.web.pages.test_status_page import HOSTILE
from tests.web.site import Backend, kept_failure, serve

PICTURES: Final = os.environ.get("PAGE_PICTURES")
"""A folder for pictures of what was looked at, such as CI keeps."""
WIDTHS: Final = (320, 390, 850, 1280, 3840)
PATHS: Final = ("/", "/targets/sora-2-official", "/incidents", f"/incidents/{incident().id}")
NASTY: Final = (HOSTILE, "\u202egnitset \u200b\u200b", "x" * 10_000)


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser for all tests of this file."""
    with browser(tmp_path_factory.mktemp("chromium")) as opened:
        yield opened


def small() -> Snapshot:
    """Return one target of each kind, with names that have tricks in them."""
    return snapshot(healthy(), broken("风控 pool / 2"), unseen(), *(named(n) for n in NASTY))


def named(name: str) -> TargetState:
    state = broken(name[:200])
    now = replace(state.now, message=name)
    return replace(state, now=now, target=replace(state.target, family="tricks"))


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """A site with all that pages show."""
    board = small()
    services = Backend(board=board).services(
        past=past(board),
        failures=lambda _name: [kept_failure("sora-2-official")],
        incidents=lambda: (incident(), of_our_network(), closed()),
    )
    with serve(services) as url:
        yield url


@pytest.mark.parametrize("path", [*PATHS, "/embed", "/targets/nobody", "/incidents/nobody"])
def test_axe_finds_nothing(tab: Browser, site: str, path: str) -> None:
    """On any width in both themes, and in every language on a light phone and a dark desk: words change no colour."""
    source = axe().read_text("utf-8")
    looks = [("en", dark, width) for dark in (False, True) for width in (320, 768, 1280)]
    looks += [(code, dark, 1280 if dark else 320) for code in languages() for dark in (False, True)]
    for code, dark, width in dict.fromkeys(looks):
        tab.look(width, dark=dark)
        tab.open(f"{site}{path}?lang={code}")
        tab.run(source + ";0")
        script = "axe.run().then(r => JSON.stringify(r.violations.map(v => [v.id, v.nodes.map(n => n.html + n.failureSummary)])))"
        found = json.loads(tab.run(script))
        assert found == [], (code, dark, width)


@pytest.mark.parametrize("path", [*PATHS, "/embed"])
def test_nothing_is_wider_than_the_screen(tab: Browser, site: str, path: str) -> None:
    """From a small phone to a wall; every link and button can be hit: 24 px, or in a line of text."""
    for code in languages():
        for width in WIDTHS:
            tab.look(width)
            tab.open(f"{site}{path}?lang={code}")
            assert tab.run("document.documentElement.scrollWidth") <= width, (code, width)
            small_ones = tab.run(
                "[...document.querySelectorAll('button, summary, select, nav a')]"
                ".filter(e => e.offsetParent && e.getBoundingClientRect().height < 24)"
                ".map(e => e.outerHTML)"
            )
            assert small_ones == [], (code, width)
            if PICTURES:
                Path(PICTURES).mkdir(parents=True, exist_ok=True)
                name = f"{path.strip('/').replace('/', '-') or 'status'}-{code}-{width}.png"
                tab.picture(Path(PICTURES) / name)


def test_hostile_names_do_nothing(tab: Browser, site: str) -> None:
    """No script of theirs runs, no element of theirs is there."""
    tab.look(1280)
    tab.open(site + "/")
    assert tab.run("document.scripts.length") == 1
    assert tab.run("document.querySelectorAll('main script, main img, main iframe').length") == 0
    assert HOSTILE in tab.run("document.body.innerText")


def test_an_open_page_follows(tab: Browser) -> None:
    """What changes is swapped in place: the rest, the focus and the title's count stay right."""
    board = snapshot(*(healthy(f"t{n}") for n in range(3)), broken("first"))
    backend = Backend(board=board)
    with serve(backend.services()) as url:
        tab.look(1280)
        tab.open(url + "/")
        tab.run("document.querySelector('.targets a.name').focus(); window.kept = 1")
        assert tab.run("document.title").startswith("(1) ")
        second = broken("second")
        backend.board = snapshot(*board.targets.values(), second)
        tab.run(until("document.title.startsWith('(2) ')"))
        assert tab.run("document.activeElement.textContent") == "first"
        assert tab.run("window.kept") == 1  # the page was not loaded again
        fine = replace(healthy("first"), now=replace(healthy().now, status=Status.OPERATIONAL))
        backend.board = snapshot(*(healthy(f"t{n}") for n in range(3)), fine, second)
        tab.run(until("document.title.startsWith('(1) ')"))
        assert "second" in tab.run("document.querySelector('h1').textContent")
    tab.run(until("!document.getElementById('offline').hidden"))


def test_times_of_day_are_the_readers(tab: Browser, site: str) -> None:
    """Those of his zone; without JavaScript they are in UTC, and say so."""
    tab.look(1280)
    try:
        tab.call("Emulation.setTimezoneOverride", timezoneId="Asia/Shanghai")
        tab.open(site + "/?lang=en")
        tab.run(until("document.querySelector('.clock').textContent.includes('GMT')"))
        shown = tab.run("document.querySelector('.clock').textContent")
        assert re.fullmatch(r"(\d\d-\d\d )?\d\d:\d\d GMT\+8", shown), shown
    finally:
        tab.call("Emulation.setTimezoneOverride", timezoneId="UTC")


def until(expression: str) -> str:
    """Return a script that waits until an expression is true."""
    return (
        "new Promise((resolve, reject) => { let tries = 0; const look = () => {"
        f"if ({expression}) resolve(true); else if (++tries > 1200) reject('never');"
        "else setTimeout(look, 50); }; look(); })"
    )


def test_without_javascript_everything_is_there(tab: Browser, site: str) -> None:
    """Filters work as a form, and the page says that it refreshes."""
    tab.look(390, script=False)
    try:
        tab.open(site + "/?status=risk_control&lang=en")
        assert tab.run("document.querySelectorAll('.targets tbody tr').length") == 4
        assert "Refreshes every 30 s." in tab.run("document.body.innerText")
        assert tab.run("!!document.querySelector('noscript meta, head meta[http-equiv]')")
    finally:
        tab.look(390, script=True)


@pytest.mark.parametrize("code", list(languages()))
def test_two_hundred_targets_on_a_phone(tab: Browser, code: str) -> None:
    """Twenty of them in trouble, with long names: six screens."""
    board = fleet()
    with serve(Backend(board=board).services(past=past(board))) as url:
        tab.look(390, 844)
        tab.open(f"{url}/?lang={code}")
        assert tab.run("document.documentElement.scrollHeight") <= 6 * 844
        sick = tab.run("document.querySelectorAll('.targets tr:not(.also)').length")
        assert sick == len(board.targets) / SHARE + 1  # and the head


def test_a_healthy_target_has_a_line_of_its_own(tab: Browser) -> None:
    """On a phone, too; families of which only a count is shown stand side by side."""
    board = fleet(share=10_000)
    with serve(Backend(board=snapshot(*list(board.targets.values())[-25:])).services()) as url:
        tab.look(390, 844)
        tab.open(f"{url}/?lang=en")
        widths = "[...document.querySelectorAll('.healthy > ul > li')].map(e => e.offsetWidth)"
        assert min(tab.run(widths)) > 300
    with serve(Backend(board=board).services()) as url:
        tab.open(f"{url}/?lang=en")
        assert max(tab.run(widths)) < 200
