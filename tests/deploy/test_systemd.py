"""The unit of systemd: understood, tight, and fitting to what the program does."""

from __future__ import annotations

import re
import subprocess
from typing import Final

from genmedia_exporter.cli import build_parser
from genmedia_exporter.daemon.app import STOP_TIMEOUT
from tests.deploy.files import DEPLOY
from tests.programs import program

UNIT: Final = DEPLOY / "systemd" / "genmedia-exporter.service"
MOST_EXPOSED: Final = 2.0


def settings() -> dict[str, str]:
    """Return the last value of each setting."""
    lines = UNIT.read_text("utf-8").splitlines()
    parts = (line.partition("=") for line in lines if re.match(r"[A-Z]\w+=", line))
    return {name: value for name, _, value in parts}


def test_its_flags_are_ours() -> None:
    """What it starts would start."""
    _, *flags = settings()["ExecStart"].split()
    known = {option for action in build_parser()._actions for option in action.option_strings}
    assert flags
    assert {flag.split("=")[0] for flag in flags} <= known


def test_it_waits_for_what_the_program_tells() -> None:
    """Ready by notification, ended by the watchdog, and an orderly end has time."""
    found = settings()
    assert (found["Type"], found["NotifyAccess"]) == ("notify", "main")
    assert float(found["WatchdogSec"].removesuffix("s")) >= 60
    assert float(found["TimeoutStopSec"].removesuffix("s")) >= 10 + STOP_TIMEOUT
    assert found["DynamicUser"] == "yes"


def test_systemd_finds_it_sound_and_tight() -> None:
    """The program is not installed here; everything else must be understood."""
    analyze = program("systemd-analyze")
    verified = subprocess.run([analyze, "verify", str(UNIT)], capture_output=True, text=True)
    complaints = [line for line in verified.stderr.splitlines() if UNIT.name in line]
    assert [line for line in complaints if "is not executable" not in line] == []
    rated = subprocess.run(
        [analyze, "security", "--offline=true", str(UNIT)], capture_output=True, text=True
    )
    found = re.search(r"Overall exposure level .*: ([0-9.]+)", rated.stdout)
    assert found is not None, rated.stderr
    assert float(found[1]) <= MOST_EXPOSED
