"""Exporters that share one PostgreSQL, as processes that tests kill and pause; run by the tests."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import httpx2

from genmedia_exporter.daemon.app import App
from genmedia_exporter.daemon.logs import configure
from genmedia_exporter.daemon.options import Options
from genmedia_exporter.demo.world import World
from genmedia_exporter.sharding.membership import LeaseTimings
from genmedia_exporter.targets.source import ConfigSource
from genmedia_exporter.web.http.listening import listen
from tests.postgres import PASSWORD, Server

ROOT: Final = Path(__file__).parents[2]
QUICK: Final = LeaseTimings(lease=1.5, renew_every=0.4, rebalance_every=0.2, poll_every=0.3)
WITHIN: Final = 90.0
_NOBODY: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Whom clients trust that ask without TLS: to read all authorities takes 50 ms, and each look would pay it."""
SERVICES: Final = {
    "sora": ("openai", "sora-2"),
    "image": ("openai", "gpt-image-2.5-flare"),
    "veo": ("new-api", "veo-3.1"),
    "omni": ("gemini", "gemini-omni-1.2-flash"),
    "kling": ("kling", "kling-v3"),
    "wan": ("dashscope", "wan2.7-t2v"),
}
"""Targets by name, each with a service of the demo world to itself, and its model."""
PLACES: Final = {
    "sora": "sora-2-official",
    "image": "openai-image",
    "veo": "veo-3.1-reverse",
    "omni": "gemini-omni",
    "kling": "kling",
    "wan": "dashscope",
}


def configuration(world: World, server: Server, names: tuple[str, ...] = tuple(SERVICES)) -> str:
    """Return a configuration that watches targets often on a shared database.

    Not each second: on a loaded machine a pause of two and a half intervals would make a status unknown.
    """
    accounts = {
        name: {
            "provider": SERVICES[name][0],
            "base_url": f"{world.url}/{PLACES[name]}",
            "api_key": {"value": "demo-key"},
        }
        for name in names
    }
    targets = [
        {"name": name, "account": name, "model": SERVICES[name][1], "depths": ["reach"]}
        for name in names
    ]
    url = f"postgresql://exporter:{PASSWORD}@127.0.0.1:{server.port}/postgres"
    return json.dumps(
        {
            "defaults": {"timeout": "2s", "interval": {"reach": "2s"}},
            "accounts": accounts,
            "targets": targets,
            "storage": {"url": {"value": url}},
        }
    )


class Replica:
    """An exporter process."""

    def __init__(self, folder: Path, name: str, text: str) -> None:
        self.config = folder / f"{name}.yml"
        self.config.write_text(text)
        self._log = folder / f"{name}.log"
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.sharding.processes", str(self.config)],
                cwd=ROOT,
                stderr=log,
            )
        self.url = ""

    @property
    def log(self) -> str:
        """What it has said."""
        return self._log.read_text()

    def started(self) -> Replica:
        """Wait until it listens."""
        until(
            lambda: "msg=listening" in self.log or self.process.poll() is not None, lambda: self.log
        )
        found = re.search(r"msg=listening .*url=(http://\S+)", self.log)
        assert found is not None, self.log
        self.url = found[1]
        return self

    def get(self, path: str) -> httpx2.Response:
        """Ask it."""
        return httpx2.get(self.url + path, trust_env=False, timeout=60, verify=_NOBODY)

    def targets(self) -> dict[str, dict[str, Any]]:
        """Return its targets by name."""
        return {t["name"]: t for t in self.get("/api/v1/status").json()["targets"]}

    def metric(self, line: str) -> float | None:
        """Return the value of a series, None where there is none."""
        found = re.search(rf"^{re.escape(line)} (\S+)$", self.get("/metrics").text, re.MULTILINE)
        return float(found[1]) if found else None

    @property
    def owned(self) -> int:
        """How many targets it watches."""
        return int(self.metric("genmedia_exporter_targets_owned") or 0)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(number)


@contextlib.contextmanager
def replicas(folder: Path, text: str, count: int) -> Iterator[list[Replica]]:
    """Run some until the end of the block; whatever happens, none is left. More may be added."""
    running = [Replica(folder, f"replica-{number}", text) for number in range(count)]
    try:
        for replica in running:
            replica.started()
        yield running
    finally:
        for replica in running:
            replica.process.kill()
            replica.process.wait()
    for replica in running:
        assert "Traceback" not in replica.log, replica.log


def until(met: Callable[[], object], told: Callable[[], object] = lambda: "") -> None:
    """Wait for something that other processes do; fail when it takes too long."""
    deadline = time.monotonic() + WITHIN
    while not met():
        assert time.monotonic() < deadline, told()
        time.sleep(0.05)


def main(path: str) -> None:
    """Serve on a free port, with short leases."""
    configure("info", "logfmt")
    source = ConfigSource(path, os.environ)
    source.load()
    app = App(source, Options(lambda: listen("127.0.0.1:0")), timings=QUICK)
    asyncio.run(app.run())


if __name__ == "__main__":
    main(sys.argv[1])
