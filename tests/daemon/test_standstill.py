"""The probing loop stands still on purpose: what is known is told all the same, and the process ends when told to."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from genmedia_exporter.daemon import loop_calls
from genmedia_exporter.daemon.app import App
from genmedia_exporter.daemon.options import Options
from genmedia_exporter.daemon.watchdog import TICK
from genmedia_exporter.targets.source import ConfigSource
from genmedia_exporter.web.http.listening import listen
from genmedia_exporter.web.routes.lifecycle import UNHEALTHY_SECONDS
from tests.web.site import said

CONFIG: Final = """
accounts: {{here: {{provider: http, base_url: "http://127.0.0.1:9"}}}}
targets: [{{account: here, depths: reach, schedule: {schedule}}}]
storage: {{path: {folder}/g.db}}
"""
PATIENCE: Final = 20.0
"""Seconds: whoever waits for the probing loop waits for ever; on a busy machine a first page alone takes one."""

STANDS: Final = """
import asyncio, signal, sys, threading
from genmedia_exporter.cli import main
from genmedia_exporter.daemon import signals

signals.EndDeadline.__init__.__defaults__ = (1.0,)

def stand(*_):
    asyncio.get_running_loop().call_soon_threadsafe(threading.Event().wait)

signal.signal(signal.SIGUSR1, stand)
sys.exit(main(sys.argv[1:]))
"""
"""The exporter, which SIGUSR1 lets stand still for ever; it has one second to end, for a test's sake."""


def app(folder: Path, schedule: str = "timer") -> App:
    """Return a daemon with one target."""
    file = folder / "genmedia.yml"
    file.write_text(CONFIG.format(folder=folder, schedule=schedule))
    source = ConfigSource(file, {})
    source.load()
    return App(source, Options(lambda: listen("127.0.0.1:0"), enable_lifecycle=True))


@contextmanager
def standing(app: App) -> Iterator[httpx2.Client]:
    """Run *app* in a thread, hold its loop up, and yield a client; let it go on in the end."""
    ready, released = threading.Event(), threading.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def run() -> None:
        running = asyncio.create_task(app.run(started := asyncio.Event()))
        await started.wait()
        loops.append(asyncio.get_running_loop())
        ready.set()
        await running

    def stand() -> None:
        ready.set()
        released.wait()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    with pytest.MonkeyPatch.context() as patch:
        # Signals belong to the main thread, which is the test's.
        patch.setattr("genmedia_exporter.daemon.app.handled", _no_signals)
        thread.start()
        assert ready.wait(10)
        ready.clear()
        loops[0].call_soon_threadsafe(stand)
        assert ready.wait(10)
        try:
            with httpx2.Client(base_url=app.url, timeout=PATIENCE, trust_env=False) as client:
                yield client
        finally:
            released.set()
            loops[0].call_soon_threadsafe(app.stop)
            thread.join(20)


@contextmanager
def _no_signals(_handlers: object, _came: object) -> Iterator[None]:
    yield


def age(client: httpx2.Client) -> float:
    """Return what /metrics says of its own age."""
    families = text_string_to_metric_families(client.get("/metrics").text)
    return next(f for f in families if f.name.endswith("snapshot_age_seconds")).samples[0].value


def look(app: App, seconds: float) -> None:
    """Let the watchdog believe that it has looked for so long."""
    for _ in range(int(seconds / TICK)):
        app.website._watchdog.look(TICK)


def test_what_is_known_is_told_while_probing_stands(tmp_path: Path) -> None:
    """Each page, with an age that grows; unhealthy after half a minute, and only then."""
    watched = app(tmp_path)
    with standing(watched) as client:
        first = age(client)
        assert first >= 0.0
        assert any(age(client) > first for _ in range(1_000))  # a page rests for some milliseconds
        for path in ("/", "/api/v1/status", "/-/ready", "/config", "/targets/here"):
            assert client.get(path).status_code in (200, 503)
        healthy = client.get("/-/healthy")
        assert (healthy.status_code, healthy.text) == (200, "Healthy\n")
        assert int(healthy.headers["age"]) >= 0
        look(watched, UNHEALTHY_SECONDS + 1)
        sick = client.get("/-/healthy")
        assert sick.status_code == 503
        assert sick.text.startswith("Unhealthy: probing has stood still for 3")
        assert client.get("/metrics").status_code == 200


def test_a_scrape_that_makes_probes_does_not_wait_for_them(tmp_path: Path) -> None:
    """A loop that is known to stand is not asked at all, else one within the usual patience."""
    watched = app(tmp_path, "scrape")
    with standing(watched) as client:
        assert client.get("/metrics").status_code == 200
        look(watched, 5)
        assert client.get("/metrics").status_code == 200


def test_what_only_probing_can_do_is_refused_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 and when to come again; that spending stops is kept."""
    monkeypatch.setattr(loop_calls, "BEGIN_SECONDS", 0.05)
    watched = app(tmp_path)
    with standing(watched) as client:
        for answer in (client.get("/probe?target=here"), client.post("/-/reload")):
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert said(answer) == "Not now: the probing loop does not answer."
        on, off = (client.post(f"/-/spending?enabled={word}") for word in ("true", "false"))
        assert (on.status_code, off.status_code) == (503, 503)
        assert said(on).endswith("Paid probes stay off.")
        assert said(off).endswith("and then it is off.")
        assert watched.ledger.enabled
    assert not watched.ledger.enabled


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_process_that_stands_ends_all_the_same(tmp_path: Path, number: signal.Signals) -> None:
    """The signal is seen beside the loop; where the threads stand is logged, and the exit code says it."""
    app(tmp_path)
    arguments = ["--config.file", "genmedia.yml", "--web.listen-address", "127.0.0.1:0"]
    with subprocess.Popen(
        [sys.executable, "-c", STANDS, *arguments],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        url = read_until(process.stderr.readline, "msg=listening").split("url=")[1].strip()
        process.send_signal(signal.SIGUSR1)
        assert httpx2.get(f"{url}/metrics", timeout=60, trust_env=False).status_code == 200
        process.send_signal(number)
        try:
            code = process.wait(10)
        finally:
            process.kill()
        assert (code, "Thread MainThread" in process.stderr.read()) == (1, True)


def read_until(readline: Callable[[], str], words: str) -> str:
    """Return the first line that holds *words*."""
    while line := readline():
        if words in line:
            return line
    raise AssertionError(f"nothing said: {words}")
