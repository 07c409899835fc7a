"""A paid job is left by a process that dies and taken up by the next: one event, one time, everywhere."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from genmedia_exporter.demo.world import World, run_in_thread
from tests.sharding.processes import Replica, replicas, until

JOB_SECONDS = 1.0


def configured(folder: Path, world: World) -> str:
    """Return a configuration that buys once."""
    account = {
        "provider": "bfl",
        "base_url": f"{world.url}/bfl",
        "api_key": {"value": "demo-key"},
    }
    target = {
        "name": "clip",
        "account": "bfl",
        "model": "flux-3-video",
        "operation": "video",
        "price": {"usd_per_request": 0.1},
    }
    return json.dumps(
        {
            "defaults": {"depths": ["generate"]},
            "budget": {"daily_usd": 100, "monthly_usd": 1000},
            "accounts": {"bfl": account},
            "targets": [target],
            "storage": {"path": str(folder / "g.db")},
        }
    )


def ended(replica: Replica) -> str:
    """Return the line that tells the end of the generation; empty before."""
    found = re.search(r'msg="generation ended" .*', replica.log)
    return found[0] if found else ""


def exported(replica: Replica) -> dict[str, Any]:
    """Return the record of the generation, once it is written."""
    records: list[dict[str, Any]] = []

    def written() -> bool:
        listed = replica.get("/api/v1/export").json().get("clip", ())
        records[:] = [r for r in listed if r["depth"] == "generate"]
        return bool(records)

    until(written, lambda: replica.log)
    return records[0]


def times(replica: Replica) -> tuple[float | None, ...]:
    """Return how long it took, by metric, export, API and log; and how many are counted."""
    told = re.search(r"duration_seconds=(\S+)", ended(replica))
    record = exported(replica)
    assert record["reason"] == "ok", replica.log
    return (
        replica.metric('genmedia_probe_duration_seconds{target="clip",depth="generate"}'),
        record["response_time"],
        replica.targets()["clip"]["depths"]["generate"]["duration_seconds"],
        float(told[1]) if told else None,
        replica.metric('genmedia_generation_duration_seconds_count{target="clip"}'),
    )


@pytest.mark.parametrize("seen", [False, True], ids=["ended meanwhile", "found under way"])
def test_a_generation_over_a_restart_has_one_time(tmp_path: Path, seen: bool) -> None:
    """From its create, by the wall clock, where somebody saw it end; else none, anywhere."""
    with run_in_thread(job_seconds=JOB_SECONDS) as world:
        if seen:
            world.set_fault("bfl", "job_stuck")
        text, account = configured(tmp_path, world), world.ledger["bfl"]
        with replicas(tmp_path, text, 1) as (first,):
            until(lambda: _kept(tmp_path / "g.db"), lambda: first.log)
            began = time.time()
            first.send(signal.SIGKILL)
        until(lambda: time.time() > began + JOB_SECONDS)
        asked = account.requests
        with replicas(tmp_path, text, 1) as (second,):
            # The second poll after that shows that the first has been answered.
            until(lambda: account.requests > asked + seen, lambda: second.log)
            healed = time.time()
            world.clear_fault("bfl")
            until(lambda: ended(second), lambda: second.log)
            took, *others = times(second)
        assert account.creates == 1
    if not seen:
        assert (took, *others) == (None, None, None, None, 0)
    else:
        assert took is not None
        assert healed - began < took < time.time() - began + 1
        assert others == [round(took, 6), round(took, 6), round(took, 1), 1]


def _kept(file: Path) -> bool:
    """Whether the job is on disk."""
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as database:
        found = database.execute("SELECT count(*) FROM jobs").fetchone()
    database.close()
    return bool(found[0])
