"""A real process that is stopped and continued, as by SIGSTOP or a debugger: nothing is degraded or stale."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Final

from genmedia_exporter.demo.world import run_in_thread
from tests.system.test_follow import BACK, SERVICES, Exporter, configuration, exporter

PAUSED: Final = 6.0
"""Seconds; a probe a second is stale after two and a half, and gives up after one."""


def _changes(watching: Exporter) -> dict[str, str]:
    return {name: t["since"] for name, t in watching.look().items()}


def test_a_stopped_process_blames_nobody(tmp_path: Path) -> None:
    """Stopped twice, with probes in flight: every status is as it was, since when it was."""
    with run_in_thread() as world, exporter(tmp_path, configuration(world)) as watching:
        for name in SERVICES:
            world.set_fault(name, "slow", seconds=0.4)  # so that some are always in flight
        watching.wait_for(dict.fromkeys(SERVICES, BACK))
        before = _changes(watching)
        for _ in range(2):
            os.kill(watching.pid, signal.SIGSTOP)
            time.sleep(PAUSED)
            os.kill(watching.pid, signal.SIGCONT)
            at_once = watching.look()
            time.sleep(3.0)
            later = watching.look()
            for seen in (at_once, later):
                assert {t["status"] for t in seen.values()} == {"operational"}
        assert _changes(watching) == before
