"""The rules as Prometheus takes them: promtool's check, and the histories of alerts/tests."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest

from tests.alerts.rules import FILES, FOLDER, NAMES, TESTS
from tests.alerts.slices import cut, needed
from tests.programs import find, program
from tests.yaml_files import read_yaml

KINDS: Final = ("fires", "stays silent", "resolves", "survives a missed scrape")
"""What is tested of every alert; a test says in its name which of them it shows."""
ALWAYS_FIRING: Final = "GenmediaWatchdog"


def promtools() -> list[str]:
    """Return every promtool there is: of PATH, and those that GENMEDIA_PROMTOOLS lists."""
    named = os.environ.get("GENMEDIA_PROMTOOLS", "").split(":")
    found = [
        find("promtool") or "promtool",
        *(shutil.which(name) or name for name in named if name),
    ]
    return list(dict.fromkeys(found))


each_promtool = pytest.mark.parametrize("promtool", promtools())
each_file = pytest.mark.parametrize("file", TESTS, ids=lambda file: file.stem)


def run(promtool: str, *arguments: str | Path) -> None:
    """Let promtool work, and fail with all that it says."""
    if promtool == "promtool":
        promtool = program("promtool")
    done = subprocess.run(
        [promtool, *map(str, arguments)],
        cwd=FOLDER,
        env={"GOGC": "400", **os.environ},  # a fifth less CPU, for some memory
        capture_output=True,
        text=True,
        timeout=600,
    )
    if done.returncode != 0:
        pytest.fail(f"{promtool} {arguments}\n{done.stdout}\n{done.stderr}", pytrace=False)


@each_promtool
def test_prometheus_takes_the_rules(promtool: str) -> None:
    """Every expression parses, and nothing is written twice."""
    run(promtool, "check", "rules", "--lint=all", "--lint-fatal", *FILES)


@pytest.fixture(scope="module")
def runs(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[tuple[str, Path], Future[None]]]:
    """Play the histories that were asked for, each through the rules it needs, on all processors.

    One after the other, and each through all rules, they were a quarter of CI's time.
    """
    wanted = {
        (str(item.callspec.params["promtool"]), Path(str(item.callspec.params["file"])))
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.originalname == "test_histories_end_as_told"
    }
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        folder = tmp_path_factory.mktemp("slices")
        slices = {file: cut(file, folder) for _, file in wanted}
        yield {
            (tool, file): pool.submit(run, tool, "test", "rules", *slices[file])
            for tool, file in wanted
        }
        pool.shutdown(cancel_futures=True)


@pytest.mark.timeout(600)  # whole days of a fleet, on machines that are busy with other things
@each_promtool
@each_file
def test_histories_end_as_told(
    promtool: str, file: Path, runs: Mapping[tuple[str, Path], Future[None]]
) -> None:
    """What fires, when, with which words, and what does not."""
    runs[promtool, file].result()


def test_every_alert_is_tested_in_every_kind() -> None:
    """It fires, stays silent, resolves, and survives a missed scrape: its tests say so by name."""
    shown: defaultdict[str, set[str]] = defaultdict(set)
    for file in TESTS:
        for test in read_yaml(file)["tests"]:
            name, _, story = test["name"].partition(": ")
            if name in NAMES:
                told = {kind for kind in KINDS if kind in story}
                assert told, f"{file.name}: {test['name']}: says none of {KINDS}"
                assert _speaks_of(test, name), f"{file.name}: {test['name']}: asks for others"
                shown[name] |= told
    missing = {name: sorted(set(KINDS) - shown[name]) for name in NAMES}
    assert {name: kinds for name, kinds in missing.items() if kinds} == {
        ALWAYS_FIRING: ["resolves", "stays silent", "survives a missed scrape"]
    }


def _speaks_of(test: dict[str, list[dict[str, str]]], name: str) -> bool:
    """Whether a test asks about the alert of its name."""
    asked = {check["alertname"] for check in test.get("alert_rule_test", [])}
    patterns = {
        pattern
        for check in test.get("promql_expr_test", [])
        for pattern in re.findall(r'alertname=~?"([^"]+)"', check["expr"])
    }
    return name in asked or any(re.fullmatch(pattern, name) for pattern in patterns)


def test_whole_days_are_played_through_all_rules() -> None:
    """What asks about one alert needs few rules; what asks what fires needs all."""
    days = read_yaml(FOLDER / "tests" / "days.yml")["tests"]
    assert set(NAMES) <= needed(days[0])
    (spent, *_) = [
        t for t in read_yaml(FOLDER / "tests" / "objective.yml")["tests"] if "Spent" in t["name"]
    ]
    assert {"GenmediaErrorBudgetSpent", "genmedia:target_error:avg_1h"} < needed(spent)
    assert "GenmediaTargetDown" not in needed(spent)


def test_every_file_runs_the_groups_in_order() -> None:
    """Recorded first, then alerted: promtool's own order is another one each time."""
    groups = [group["name"] for file in FILES for group in read_yaml(file)["groups"]]
    for file in TESTS:
        assert sorted(read_yaml(file)["group_eval_order"]) == sorted(groups), file.name
