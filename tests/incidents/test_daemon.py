"""Incidents of running exporters, where a user meets them: over sockets, after a restart, from two of them."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from genmedia_exporter.demo.world import World, run_in_thread
from tests.postgres import PASSWORD, Server, postgres
from tests.sharding.processes import PLACES, SERVICES, Replica, replicas, until

NAMES = ("omni", "kling", "wan")


@pytest.fixture
def server() -> Iterator[Server]:
    """A server; skipped where Debian's postgresql is not installed, but never in CI."""
    with postgres() as running:
        yield running


def configured(world: World, storage: object) -> str:
    """Return a configuration that watches three targets once a second."""
    accounts = {
        name: {
            "provider": SERVICES[name][0],
            "base_url": f"{world.url}/{PLACES[name]}",
            "api_key": {"value": "demo-key"},
        }
        for name in NAMES
    }
    targets = [
        {"name": name, "account": name, "model": SERVICES[name][1], "depths": ["reach"]}
        for name in NAMES
    ]
    defaults = {"timeout": "2s", "interval": {"reach": "1s"}}
    whole = {"defaults": defaults, "accounts": accounts, "targets": targets, "storage": storage}
    return json.dumps(whole)


def incidents(replica: Replica) -> list[dict[str, Any]]:
    """Return what it tells of incidents."""
    listed: list[dict[str, Any]] = replica.get("/api/v1/incidents").json()["incidents"]
    return listed


def well(replica: Replica) -> bool:
    """Whether all its targets are."""
    return all(target["status"] == "operational" for target in replica.targets().values())


def break_all(world: World) -> None:
    """Let every service answer with internal errors."""
    for name in NAMES:
        world.set_fault(PLACES[name], "server_error")


def told(replica: Replica, broken: int) -> bool:
    """Whether it tells of one incident with so many broken targets."""
    found = incidents(replica)
    return len(found) == 1 and found[0]["targets_broken"] == broken


def test_it_is_told_everywhere_and_outlives_a_restart(tmp_path: Path) -> None:
    """API, metrics, pages and log; stopped and started, the exporter goes on with the same."""
    with run_in_thread() as world:
        text = configured(world, {"path": str(tmp_path / "g.db")})
        with replicas(tmp_path, text, 1) as (first,):
            until(lambda: well(first), lambda: first.log)
            assert incidents(first) == []
            break_all(world)
            until(lambda: told(first, 3), lambda: first.log)
            (known,) = incidents(first)
            assert (known["scope"], known["vendor"]) == ("vendor", "127.0.0.1")
            assert (known["reason"], known["fault"]) == ("server_error", "provider")

            whole = first.get(f"/api/v1/incidents/{known['id']}").json()
            until(lambda: first.get(f"/api/v1/incidents/{known['id']}").json()["evidence"])
            assert {event["status"] for event in whole["events"]} == {"down"}
            labels = (
                f'incident="{known["id"]}",vendor="127.0.0.1",scope="vendor",'
                'reason="server_error",fault="provider"'
            )
            assert first.metric(f"genmedia_incident_info{{{labels}}}") == 1
            assert first.metric(f'genmedia_incident_targets{{incident="{known["id"]}"}}') == 3
            assert known["id"] in first.get("/").text
            assert "HTTP 500" in first.get(f"/incidents/{known['id']}").text
            assert re.search(r'msg="incident began" incident=\S+ scope=vendor', first.log)
            first.send(signal.SIGTERM)
            first.process.wait(15)
        with replicas(tmp_path, text, 1) as (again,):
            until(lambda: incidents(again), lambda: again.log)
            assert [one["id"] for one in incidents(again)] == [known["id"]]
            for name in NAMES:
                world.clear_fault(PLACES[name])
            until(lambda: told(again, 0), lambda: again.log)
            (ebbing,) = incidents(again)
            assert (ebbing["id"], ebbing["phase"]) == (known["id"], "monitoring")


def test_two_exporters_tell_of_the_same(tmp_path: Path, server: Server) -> None:
    """On one PostgreSQL; also when the one that told of it first is killed."""
    url = f"postgresql://exporter:{PASSWORD}@127.0.0.1:{server.port}/postgres"
    with run_in_thread() as world:
        shared = configured(world, {"url": {"value": url}})
        with replicas(tmp_path, shared, 2) as (one, other):
            until(lambda: well(one) and well(other), lambda: one.log + other.log)
            break_all(world)
            until(lambda: told(one, 3) and told(other, 3), lambda: one.log + other.log)
            until(lambda: len({i["id"] for each in (one, other) for i in incidents(each)}) == 1)
            (known,) = incidents(one)
            one.send(signal.SIGKILL)
            one.process.wait(15)
            until(lambda: other.owned == len(NAMES))
            assert [i["id"] for i in incidents(other)] == [known["id"]]
