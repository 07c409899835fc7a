"""The past on a target's page: probes, changes and the last day, bounded, and when storage is broken."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from genmedia_exporter.core.clock import EPOCH, Unix
from genmedia_exporter.core.status import Status
from genmedia_exporter.health.state import Transition
from genmedia_exporter.storage import reader as storage_reader
from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.storage.place import Place
from genmedia_exporter.storage.reader import Reader
from genmedia_exporter.web.http.readers import BUSY, SLOW, Readers
from genmedia_exporter.web.pages import target_history
from genmedia_exporter.web.pages.day_bar import SLOTS, day_bar
from genmedia_exporter.web.pages.target_history import (
    MOST_CHANGES,
    SHOWN,
    TargetHistory,
    change_rows,
    read_history,
)
from tests.metrics.samples import healthy, snapshot
from tests.web.pages.test_target_page import Page, page_of
from tests.web.records import NOW, change, row, stored
from tests.web.site import Backend, client


def test_past_is_shown_page_by_page(tmp_path: Path) -> None:
    """Fifty probes, a link to older ones, and the same as JSON."""
    rows = [row(n, reason="timeout_of_old" if n == 3 else "ok") for n in range(70, 0, -1)]
    reader = stored(tmp_path / "g.db", rows)
    with client(Backend().services(reader=lambda: reader)) as http:
        first = http.get("/targets/sora-2-official")
        assert first.headers["cache-control"] == "no-store"
        page = Page(first.content)
        assert page.text.count("Probe succeeded. 200 200 ms") == SHOWN - 1
        assert "timeout of old" in page.text  # a word of another version
        assert "http-equiv" in str(page.attributes)
        (older,) = [
            v
            for n, v in page.attributes
            if n == "href" and v and v.startswith("?cursor=") and "lang" not in v
        ]
        second = http.get("/targets/sora-2-official" + older)
        rest = Page(second.content)
        assert rest.text.count("Probe succeeded. 200 200 ms") == 20
        assert "Older probes" in rest.text
        assert "http-equiv" not in str(rest.attributes)
        assert "older probes" not in rest.text
        (link,) = re.findall(r'href="\.\./(api/[^"]*)"', second.text)
        assert len(http.get("/" + link.replace("&amp;", "&")).json()["records"]) == 20
        for bad in ("x", "-1", "1" * 20, "", "1&cursor=2"):
            assert http.get(f"/targets/sora-2-official?cursor={bad}").status_code == 400


UNHEALTHY: dict[str, Any] = {"previous": "operational", "current": "down", "reason": "server_error"}


def test_changes_are_those_that_were_recorded(tmp_path: Path) -> None:
    """From, to, when and why, newest first; what changed `up` alone, or is another's, is none."""
    only_up = change(15, current="down", previous="down", up=None, status_changed=False)
    others = change(8, "veo-3.1", **UNHEALTHY)
    first = change(30, previous=None)
    changes = [first, change(20, **UNHEALTHY), only_up, change(10), others]
    boom = row(20, status="down", up=0, reason="server_error", message="boom", at=NOW - 1201)
    reader = stored(tmp_path / "g.db", [boom], changes)
    state = replace(
        healthy(), last_transition=Transition(NOW - 600, Status.DOWN, Status.OPERATIONAL)
    )
    with client(Backend(snapshot(state)).services(reader=lambda: reader)) as http:
        text = Page(http.get("/targets/sora-2-official").content).text
    assert (
        "✓ operational down Probe succeeded. 2026-11-18 10:57:10 UTC , 10 min ago "
        "✕ down operational Internal server error. boom 2026-11-18 10:47:10 UTC , 20 min ago "
        "✓ operational first observation Probe succeeded. 2026-11-18 10:37:10 UTC"
    ) in text
    assert text.count("first observation") == 1


def test_a_change_has_the_words_of_its_own_probe_only() -> None:
    """A later probe, one with another reason, or one that was long before did not lead to it."""
    later = row(1, reason="server_error", message="later")
    cause = row(2, reason="server_error", message="boom", at=NOW - 121)
    other = row(3, reason="timeout", message="another")
    before = row(4, reason="server_error", message="long before")
    past = TargetHistory(changes=[change(2, **UNHEALTHY)])
    for day, words in (([later, cause, other], "boom"), ([later, other, before], ""), ([], "")):
        (found,) = change_rows(healthy(), replace(past, day=day), NOW)
        assert (found.reason, found.message) == ("Internal server error.", words)


def test_changes_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many are shown, none that is too old is, and the search itself has an end."""
    many = [change(n) for n in range(40, 0, -1)]
    reader = stored(tmp_path / "g.db", [row(1)], many)
    assert [c["at"] for c in reader.transitions("sora-2-official", NOW - 150, 9)] == [
        NOW - 60, NOW - 120,
    ]  # fmt: skip
    assert len(reader.transitions("sora-2-official", EPOCH, 5)) == 5
    past = asyncio.run(read_history(Readers(lambda: reader), "sora-2-official", NOW, None))
    page = page_of(replace(healthy(), last_transition=None), past)
    assert page.text.count(" ✓ operational down ") == MOST_CHANGES
    assert "The newest 10; older ones are not shown." in page.text
    monkeypatch.setattr(storage_reader, "MOVES", 3)
    assert len(reader.transitions("sora-2-official", EPOCH, 9)) == 3


def test_the_last_change_is_there_in_any_case() -> None:
    """The board knows it, whatever storage says."""
    text = page_of(healthy(), TargetHistory("the disk is gone")).text
    assert "✓ operational down Probe succeeded. 2026-11-18 09:06:40 UTC" in text
    assert "History is not available now: the disk is gone." in text


def test_the_day_in_half_hours() -> None:
    """What is unknown is neither good nor bad, and each slot says what it is."""
    rows = [row(n, id=999 - n) for n in range(1, 400)]
    rows += [row(n, up=0, id=999 - n) for n in range(400, 500)]
    rows += [row(n, up=None, id=999 - n) for n in range(500, 600)]
    day = day_bar(rows, NOW)
    kinds = [slot.kind for slot in day.slots]
    assert len(kinds) == SLOTS
    assert kinds[-1] == "up"
    assert {"up", "partly", "down", "unknown"} == set(kinds)
    assert kinds[:25] == ["unknown"] * 25
    counted = re.findall(r"(\d+) (?:without|with|down) ", day.summary)
    assert sum(map(int, counted)) == SLOTS
    assert day.slots[-1].title == "11:00–11:30 UTC: 100 % up"
    assert {slot.kind: slot.height for slot in day.slots}["up"] == 32
    nothing = day_bar([], NOW)
    assert nothing.summary == "Of the last 48 half hours: 48 without data."


@pytest.mark.parametrize("at", [NOW, Unix(NOW // 1800 * 1800), Unix(NOW // 1800 * 1800 + 1799.999)])
def test_the_day_ends_now(at: Unix) -> None:
    """On the edge of a slot, too; a clock that was set back breaks nothing."""
    rows = [{"at": at + 900, "up": 1, "holds": 150.0}, {"at": at - 3000, "up": 1, "holds": 9e4}]
    assert day_bar(rows, at).slots[-1].kind in ("up", "unknown")


def test_without_storage_the_page_stands(tmp_path: Path) -> None:
    """Everything of the snapshot is there, and one calm sentence."""

    def broken_reader() -> Reader:
        raise StorageError("g.db cannot be read: disk I/O error")

    with client(Backend().services(reader=broken_reader)) as http:
        answer = http.get("/targets/sora-2-official")
    assert answer.status_code == 200
    text = Page(answer.content).text
    assert "History is not available now: g.db cannot be read: disk I/O error." in text
    assert "reach 1 min 2 free" in text
    missing = Reader(Place(tmp_path / "none.db"))
    with client(Backend().services(reader=lambda: missing)) as http:
        assert "there is no history yet" in http.get("/targets/sora-2-official").text


def test_a_day_of_very_many_probes_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read is bounded, and the page says so."""
    monkeypatch.setattr(target_history, "AT_ONCE", 10)
    monkeypatch.setattr(target_history, "MOST_ROWS", 30)
    reader = stored(tmp_path / "g.db", [row(n) for n in range(100, 0, -1)])
    past = asyncio.run(read_history(Readers(lambda: reader), "sora-2-official", NOW, None))
    assert (len(past.day), past.cut, len(past.probes)) == (30, True, SHOWN)
    assert "Only the newest 8,000 probes are counted." in page_of(healthy(), past).text
    whole = asyncio.run(
        read_history(Readers(lambda: reader), "sora-2-official", NOW + 82_000, None)
    )
    assert (whole.cut, whole.day[-1]["at"] < NOW + 82_000 - 86_400) == (True, False)


def test_a_slow_database_does_not_hold_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while it goes without, and not more than a few wait in threads."""
    monkeypatch.setattr(target_history, "READ_SECONDS", 0.05)
    gate, asked = threading.Event(), []

    def stuck() -> Reader:
        asked.append(1)
        gate.wait(10)
        raise StorageError("late")

    async def run() -> tuple[list[str], str]:
        readers = Readers(stuck)
        found = await asyncio.gather(*(read_history(readers, "a", NOW, None) for _ in range(5)))
        gate.set()
        for _ in range(100):
            await asyncio.sleep(0.01)
            later = await read_history(readers, "a", NOW, None)
            if later.problem == "late":
                break
        return sorted(each.problem for each in found), later.problem

    began = time.monotonic()
    problems, later = asyncio.run(run())
    assert problems == sorted([SLOW] * 2 + [BUSY] * 3)
    assert later == "late"
    assert time.monotonic() - began < 5
