"""Nights through the shipped rules: many in one run of promtool, for that costs little more than one.

Each has a job of its own, and no rule mixes jobs. promtool only compares; so it is asked at each minute whether nothing
fires, and its complaints say what does.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import yaml

from tests.alerts.rules import FILES, GROUPS
from tests.nights.history import Night
from tests.yaml_files import read_yaml

Labels = dict[str, str]
Timeline = dict[float, list[Labels]]
"""What fires at each minute."""

QUESTION: Final = 'ALERTS{alertstate="firing", alertname!="GenmediaWatchdog"}'
COMPLAINT: Final = re.compile(r"expr: .*?, time: ([\dwdhms]+),(.*?)(?=\n\s+expr: |\Z)", re.DOTALL)
SERIES: Final = re.compile(r'\{__name__="ALERTS",((?:\s*\w+="(?:[^"\\]|\\.)*",?)+)\}')
LABEL: Final = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
SECONDS: Final = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}


def play(promtool: str, nights: Sequence[Night], folder: Path) -> dict[str, Timeline]:
    """Return what fires in each night, by its name. All must be scraped equally often."""
    file = folder / "nights.yml"
    file.write_text(_written(_document(nights, _without_texts(folder))), "utf-8")
    done = subprocess.run(
        [promtool, "test", "rules", str(file)],
        env={"GOGC": "400", **os.environ},
        capture_output=True,
        text=True,
        timeout=7200,
        check=False,
    )
    said = done.stdout + done.stderr
    assert ", err: " not in said, said[:4000]
    assert "FAILED" in said or "SUCCESS" in said, said[:4000]
    fired = _fired(said)
    return {
        night.name: {
            minute: [a for a in fired.get(minute, []) if a["job"] == night.job]
            for minute in night.every()
        }
        for night in nights
    }


def _without_texts(folder: Path) -> list[Path]:
    """Write the rules without their annotations, which nobody asks for here: a quarter of the time goes into these."""
    copies = []
    for source in FILES:
        content = read_yaml(source)
        for group in content["groups"]:
            for rule in group["rules"]:
                rule.pop("annotations", None)
        copies.append(folder / source.name)
        copies[-1].write_text(_written(content), "utf-8")
    return copies


def _written(document: object) -> str:
    return yaml.safe_dump(document, width=10**9, sort_keys=False)


def _document(nights: Sequence[Night], rule_files: Sequence[Path]) -> dict[str, object]:
    (step,) = {night.step for night in nights}
    longest = max(nights, key=lambda night: night.minutes)
    questions = [
        {"expr": QUESTION, "eval_time": f"{minute * 60:.0f}s", "exp_samples": []}
        for minute in longest.every()
    ]
    test = {
        "interval": f"{step * 60:.0f}s",
        "input_series": [series for night in nights for series in night.series()],
        "promql_expr_test": questions,
    }
    return {
        "rule_files": [str(file) for file in rule_files],
        "evaluation_interval": f"{step * 60:.0f}s",
        "group_eval_order": list(GROUPS),
        "tests": [test],
    }


def _fired(said: str) -> Timeline:
    found: Timeline = {}
    for time, rest in COMPLAINT.findall(said):
        seconds = sum(int(n) * SECONDS[unit] for n, unit in re.findall(r"(\d+)([wdhms])", time))
        found[seconds / 60] = [
            {label: value for label, value in LABEL.findall(text) if label != "alertstate"}
            for text in SERIES.findall(rest)
        ]
    return found
