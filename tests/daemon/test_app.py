"""The daemon's steps: what follows when one of them ends by itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import uvicorn

from genmedia_exporter.daemon.app import App
from genmedia_exporter.daemon.options import Options
from genmedia_exporter.daemon.signals import end_all
from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.targets.source import ConfigSource
from genmedia_exporter.web.http.listening import listen
from tests.events import events, messages

CONFIG = "accounts: {}\nstorage: {path: %s}\n"


@pytest.fixture
def app(tmp_path: Path) -> App:
    """A daemon that watches nothing."""
    file = tmp_path / "genmedia.yml"
    file.write_text(CONFIG % (tmp_path / "g.db"))
    source = ConfigSource(file, {})
    source.load()
    return App(source, Options(lambda: listen("127.0.0.1:0")))


def test_a_daemon_without_its_web_server_ends_in_order(
    app: App, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody could scrape it any more: it says why, and closes its database all the same."""

    async def broken(_server: uvicorn.Server, _counter: int) -> bool:
        raise RuntimeError("the loop of the server broke")

    async def scenario() -> None:
        running = asyncio.create_task(app.run(started := asyncio.Event()))
        await started.wait()
        monkeypatch.setattr(uvicorn.Server, "on_tick", broken)
        with pytest.raises(OSError, match="the web server stopped: the loop of the server broke"):
            await asyncio.wait_for(running, 10)
        with pytest.raises(StorageError, match="storage is closed"):
            await app.history.transact(lambda _connection: None)

    asyncio.run(scenario())
    assert "web server failed" in messages(caplog.records)


def test_what_fails_while_it_is_ended_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """A cancelled task is as it should be; another error is logged once, by whoever tells it."""

    async def cannot_end() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError("a lease that was not given back")

    async def failed() -> None:
        raise KeyError("raised by the caller")

    async def scenario() -> None:
        told = asyncio.create_task(failed(), name="scheduler")
        others = [
            asyncio.create_task(cannot_end(), name="share"),
            asyncio.create_task(asyncio.Event().wait(), name="review"),
        ]
        await asyncio.wait({told})
        await end_all([told, *others], told)

    asyncio.run(scenario())
    assert events(caplog.records) == [("task failed", {"task": "share"})]
    assert "a lease that was not given back" in caplog.text
