"""The budget of control calls over a restart: a loop of them must not use an operator's login limit up."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from genmedia_exporter.core.clock import SystemClock, Unix
from genmedia_exporter.core.control_calls import CONTROL_SECONDS
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.daemon.app import App
from genmedia_exporter.daemon.options import Options
from genmedia_exporter.targets.source import ConfigSource
from genmedia_exporter.web.http.listening import listen
from tests.probing.test_controls import INVALID, NOTHING_LEFT, Gateway
from tests.transport.server import Server

TOKEN = "/api/usage/token/"
CONFIG = """
storage: {{path: {folder}/g.db}}
accounts:
  relay:
    provider: new-api
    base_url: {url}
    api_key: {{value: {key}}}
targets:
  - {{name: a, account: relay, model: sora-2, operation: video, depths: [reach]}}
"""


class LaterClock(SystemClock):
    """The machine's clocks, with the wall time of some seconds later."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def now(self) -> Unix:
        """Return that time."""
        return super().now() + self._seconds


def life(folder: Path, url: str, clock: LaterClock, key: str = "sk-1") -> Reason:
    """Run a daemon until its target is probed, end it in order, and return what came of the probe."""
    file = folder / "genmedia.yml"
    file.write_text(CONFIG.format(folder=folder, url=url, key=key))
    source = ConfigSource(file, {})
    source.load()
    app = App(source, Options(lambda: listen("127.0.0.1:0")), clock)

    async def scenario() -> Reason:
        running = asyncio.create_task(app.run(started := asyncio.Event()))
        await started.wait()
        target = source.resolution.targets[0]
        seen = await app.probing.on_demand.probe_now(target.name, Depth.REACH, 5.0)
        app.stop()
        await running
        return seen.verdict.reason

    return asyncio.run(scenario())


def test_a_restart_loop_asks_once(tmp_path: Path) -> None:
    """And each life knows what the first was told: our quota there is used up."""
    gateway = Gateway({"/v1/models": (401, INVALID), TOKEN: (200, NOTHING_LEFT)})
    with Server(gateway.play) as server:
        reasons = [life(tmp_path, server.url, LaterClock(10.0 * n)) for n in range(3)]

    assert reasons == [Reason.QUOTA_EXHAUSTED] * 3
    assert gateway.asked[TOKEN] == 1


@pytest.mark.parametrize(("passed", "asked"), [(CONTROL_SECONDS - 5, 1), (CONTROL_SECONDS + 5, 2)])
def test_it_is_asked_again_after_five_minutes(tmp_path: Path, passed: float, asked: int) -> None:
    """By the wall clock, which goes on while no process runs."""
    gateway = Gateway({"/v1/models": (401, INVALID), TOKEN: (200, NOTHING_LEFT)})
    with Server(gateway.play) as server:
        for step in (0.0, passed):
            life(tmp_path, server.url, LaterClock(step))

    assert gateway.asked[TOKEN] == asked


def test_another_key_is_asked_for(tmp_path: Path) -> None:
    """What one was told says nothing of the other, and neither stands in the database."""
    gateway = Gateway({"/v1/models": (401, INVALID), TOKEN: (200, NOTHING_LEFT)})
    with Server(gateway.play) as server:
        for key in ("sk-first-of-two", "sk-second-of-two"):
            life(tmp_path, server.url, LaterClock(0.0), key)

    assert gateway.asked[TOKEN] == 2
    assert b"of-two" not in (tmp_path / "g.db").read_bytes()


def test_a_call_that_failed_counts(tmp_path: Path) -> None:
    """It may have been counted there, too, and changes nothing in the next life either."""
    gateway = Gateway({"/v1/models": (401, INVALID), TOKEN: (429, {"message": "slow down"})})
    with Server(gateway.play) as server:
        reasons = [life(tmp_path, server.url, LaterClock(10.0 * n)) for n in range(2)]

    assert reasons == [Reason.INVALID_KEY] * 2
    assert gateway.asked[TOKEN] == 1
