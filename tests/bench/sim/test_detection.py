"""The comparison of monitors: its clock, its schedules, how it counts, and a short run of both."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from genmedia_exporter.core.clock import Monotonic, Unix
from genmedia_exporter.demo.faults import KINDS
from tests.bench import detection
from tests.bench.sim.clock import EPOCH, SimClock, StuckError, simulate
from tests.bench.sim.fleet import DEFAULT, FLEETS, roster
from tests.bench.sim.run import Case
from tests.bench.sim.schedule import DAY, Fault, ScheduleError, draw, read_schedule
from tests.bench.sim.score import score
from tests.bench.sim.timeline import Timeline
from tests.bench.sim.world import service_kinds, showable, templates

BAD = {
    '[{"target": "a"': "1:16: ",
    '{"target": "a"}': "expected a list",
    "[3]": "item 1: expected an object",
    '[{"target": "a", "kind": "hang", "start_s": 1}]': "item 1: end_s is missing",
    '[{"target": "a", "kind": "hang", "start_s": 1, "end_s": 2, "x": 0}]': "no key 'x'",
    '[{"target": "", "kind": "hang", "start_s": 1, "end_s": 2}]': "target: must be",
    '[{"target": "a", "kind": "hung", "start_s": 1, "end_s": 2}]': "kind: no kind 'hung'",
    '[{"target": "a", "kind": "hang", "start_s": -1, "end_s": 2}]': "start_s: must be",
    '[{"target": "a", "kind": "hang", "start_s": 2, "end_s": 2}]': "end_s: 2 does not come after",
    '[{"target": "a", "kind": "hang", "start_s": NaN, "end_s": 2}]': "start_s: must be",
    '[{"target": "a", "kind": "hang", "start_s": true, "end_s": 2}]': "start_s: must be",
}


def test_a_week_passes_at_once() -> None:
    """Sleeps, time-outs and threads live in simulated time."""

    async def main() -> tuple[Monotonic, Unix]:
        clock = SimClock()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(DAY):
                await clock.sleep(2 * DAY)
        await asyncio.to_thread(int)
        await clock.sleep(6 * DAY)
        return clock.monotonic(), clock.now()

    began = time.monotonic()
    elapsed, now = simulate(main())
    assert elapsed == pytest.approx(7 * DAY)
    assert now == pytest.approx(EPOCH + 7 * DAY)
    assert time.monotonic() - began < 5


def test_waiting_for_nothing_is_an_error() -> None:
    """A simulation in which nothing can happen any more ends, loudly."""

    async def main() -> None:
        await asyncio.Event().wait()

    with pytest.raises(StuckError):
        simulate(main())


@pytest.mark.parametrize(("text", "message"), BAD.items())
def test_a_bad_schedule_is_named_with_its_place(
    tmp_path: Path, text: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """File, item and key; exit status 1."""
    path = tmp_path / "schedule.json"
    path.write_text(text, "utf-8")
    with pytest.raises(ScheduleError):
        read_schedule(path)
    assert detection.main(["--schedule", str(path)]) == 1
    said = capsys.readouterr().err
    assert str(path) in said
    assert message in said


def test_a_drawn_schedule_repeats_and_can_be_read_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same seed draws the same, within the days, and what is printed is a schedule."""
    faults = draw(DEFAULT, 3, 7)
    assert faults == draw(DEFAULT, 3, 7) != draw(DEFAULT, 3, 8)
    assert all(f.end <= 3 * DAY for f in faults)
    assert any(f.transient for f in faults)
    assert detection.main(["--days", "3", "--seed", "7", "--print-schedule"]) == 0
    path = tmp_path / "schedule.json"
    path.write_text(capsys.readouterr().out, "utf-8")
    assert read_schedule(path) == faults


def test_any_name_is_watched() -> None:
    """Fleets, demo services and demo targets by their names; others as copies, and it is said."""
    found = roster(["sora-image", "kling", "Wan 2.7 on fal", "my own", "another"])
    services = {w.name: w.service for w in found.watched}
    expected = {"sora-image": "sora-image", "kling": "kling", "Wan 2.7 on fal": "fal"}
    assert services == expected | {"my own": DEFAULT[0].service, "another": DEFAULT[1].service}
    assert len(found.notes) == 2
    assert "my own" in found.notes[0]


def test_who_watches_a_schedule_and_for_how_long(tmp_path: Path) -> None:
    """The default fleet if it names no others; a week at least, by whole days of the budget."""

    def case(target: str, *more: str, end: float = 5_000.0) -> Case:
        item = {"target": target, "kind": "hang", "start_s": 1_000, "end_s": end}
        path = tmp_path / "schedule.json"
        path.write_text(json.dumps([item]), "utf-8")
        return detection.case_of(detection.parse(["--schedule", str(path), *more]))

    assert [w.name for w in case("sora-image").watched] == [w.name for w in DEFAULT]
    assert [w.name for w in case("Kling v3").watched] == ["Kling v3"]
    assert len(case("Kling v3", "--fleet", "tight").watched) == 4
    assert case("a").days == 7
    assert case("a", end=8.5 * DAY).days == 9
    assert case("a", "--days", "2").days == 2
    assert case("a", "--days", "2").seconds == 3 * DAY
    assert case("a", "--days", "0.5").seconds == DAY


@pytest.mark.parametrize("template", templates())
def test_every_kind_can_be_shown_somehow(template: str) -> None:
    """What a service has no words for is shown as the nearest thing it has."""
    for kind in KINDS:
        assert showable(template, kind) in service_kinds(template)


def _line(*words: tuple[float, str]) -> Timeline:
    line = Timeline()
    for at, word in words:
        line.say(at, word)
    return line


def test_how_a_monitor_is_scored() -> None:
    """Delays from the beginning, misses by length, alarms without a fault, transients."""
    faults = [
        Fault("a", "hang", 1_000, 2_000),
        Fault("a", "job_fails", 10_000, 40_000),
        Fault("a", "reset", 50_000, 50_010),
        Fault("a", "moderated", 60_000, 70_000),
        Fault("a", "hang", 80_000, 80_100),
    ]
    line = _line(
        (10, "operational"),
        (1_060, "down"),
        (2_030, "operational"),
        (50_005, "down"),
        (50_400, "operational"),
        (60_100, "down"),
        (60_400, "operational"),
    )
    found = score(faults, {"a": line}, 0.5, lambda f: f.kind == "hang").as_json()
    assert found["median_delay_s"] == 60
    assert (found["faults"], found["detected"]) == (3, 1)
    assert found["missed_over_10min"] == found["missed_generation_only_over_6h"] == 1
    assert found["missed_free_visible_over_10min"] == 0
    assert found["false_alarms"] == 1


def test_both_monitors_watch_the_same_day(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fault that the free depths show is found by both, sooner and for far less by ours."""
    items: list[dict[str, Any]] = [
        {"target": "gemini-omni-1.2", "kind": "server_error", "start_s": 4000, "end_s": 8000},
        {"target": "sora-image", "kind": "edge_502", "start_s": 2000, "end_s": 2200},
        {"target": "sora-image", "kind": "reset", "start_s": 6000, "end_s": 6010},
    ]
    path = tmp_path / "schedule.json"
    path.write_text(json.dumps(items), "utf-8")
    assert detection.main(["--schedule", str(path), "--days", "0.1", "--format", "json"]) == 0
    result = json.loads(capsys.readouterr().out)
    ours, article = result["ours"], result["article"]
    assert ours["faults"] == article["faults"] == 2
    assert ours["missed_over_10min"] == article["missed_over_10min"] == 0
    assert ours["detected"] == 2
    assert ours["false_alarms"] == 0
    assert ours["p95_delay_s"] < 120
    assert 0 < ours["usd_per_day"] < article["usd_per_day"] / 100
    assert result["ratio_usd"] == pytest.approx(
        ours["usd_per_day"] / article["usd_per_day"], rel=1e-2
    )
    assert result["fleet"]["targets"] == [w.name for w in DEFAULT]


def test_fleets_have_hosts_of_their_own() -> None:
    """Two targets on one host would be one service."""
    for fleet in FLEETS.values():
        assert len({w.slug for w in fleet}) == len(fleet)
