"""A generation bought by hand: what becomes of it in history, and of its money when it is interrupted."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from genmedia_exporter.cli import main
from genmedia_exporter.commands.buy import _bought
from genmedia_exporter.core.clock import SystemClock
from genmedia_exporter.demo.world import World, run_in_thread
from genmedia_exporter.probing.prober import Prober
from genmedia_exporter.spending.ledger import Ledger
from genmedia_exporter.spending.limits import Refusal
from genmedia_exporter.spending.statements import Reservation
from genmedia_exporter.targets.model import Target
from genmedia_exporter.targets.source import ConfigSource
from genmedia_exporter.transport.network import Network
from tests.fakes import FakeClock
from tests.storage.helpers import living

Capture = pytest.CaptureFixture[str]

CONFIG = """
defaults: {{timeout: 2s}}
budget: {{daily_usd: 1, monthly_usd: 30}}
storage: {{path: "{path}"}}
accounts:
  vendor: {{provider: openai, base_url: "{url}/openai-image", api_key: {{value: demo-key}}}}
targets:
  - {{name: image, account: vendor, model: gpt-image-2.5-flare}}
"""
COMMAND = ["probe", "image", "--depth", "generate"]


@pytest.fixture
def world() -> Iterator[World]:
    """Run a world in which pictures are quick."""
    with run_in_thread(job_seconds=0.01) as running:
        yield running


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database is."""
    return tmp_path / "paid.db"


@pytest.fixture
def paying(world: World, path: Path) -> str:
    """Write a configuration with a budget."""
    config = path.with_name("genmedia.yml")
    config.write_text(CONFIG.format(url=world.url, path=path), "utf-8")
    return str(config)


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    """Return what a query finds in a database."""
    with contextlib.closing(sqlite3.connect(path)) as found:
        return list(found.execute(query))


def image(config: str) -> tuple[Target, ConfigSource]:
    """Return the target of the configuration, and where it is from."""
    source = ConfigSource(config, {})
    source.load()
    (target,) = source.resolution.targets
    return target, source


class _Terminal(io.StringIO):
    """A terminal at which somebody types."""

    def isatty(self) -> bool:
        """Say that somebody is there."""
        return True


def test_a_paid_probe_is_in_history(world: World, paying: str, capsys: Capture) -> None:
    """As an exporter would have written it, with what it cost: 204 tokens at 30 dollars a million."""
    assert main([*COMMAND, "--yes", "--config.file", paying]) == 0
    capsys.readouterr()
    assert main(["export", "--config.file", paying]) == 0
    (record,) = json.loads(capsys.readouterr().out)["image"]
    assert (record["depth"], record["status"], record["cost_usd"]) == (
        "generate",
        "operational",
        0.00612,
    )
    assert (record["model"], record["type"]) == ("gpt-image-2.5-flare", "official")


def test_ctrl_c_at_the_prompt_buys_nothing(
    world: World, paying: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is heard at once, no loop is in its way, and no money is set aside."""

    def press(_prompt: str) -> str:
        with pytest.raises(RuntimeError):
            asyncio.get_running_loop()
        raise KeyboardInterrupt

    monkeypatch.setattr("sys.stdin", _Terminal(""))
    monkeypatch.setattr("builtins.input", press)
    before = world.ledger["openai-image"].creates
    with contextlib.suppress(KeyboardInterrupt):
        main([*COMMAND, "--config.file", paying])
    assert world.ledger["openai-image"].creates == before
    assert rows(path, "SELECT * FROM ledger") == []


def test_money_reserved_while_somebody_presses_ctrl_c_is_given_back(
    paying: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The transaction goes on in its thread; nobody will spend what it has set aside."""
    target, source = image(paying)
    real, pressed = Ledger._reserve_in_ledger, list[asyncio.Task[Any]]()

    async def slow(ledger: Ledger, target: Target, price: float) -> Reservation | Refusal:
        given = await real(ledger, target, price)
        asyncio.get_running_loop().call_soon(pressed[0].cancel)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return given

    async def press(*arguments: Any) -> None:
        pressed.append(asyncio.create_task(_bought(*arguments)))
        await pressed[0]

    monkeypatch.setattr(Ledger, "_reserve_in_ledger", slow)
    prober = Prober(Network(), SystemClock())
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(press(target, source, prober, SystemClock()))
    assert rows(path, "SELECT reserved_usd, settled_usd FROM ledger") == [(0.0078, 0.0)]


def test_beside_an_exporter_only_the_record_is_added(
    world: World, paying: str, path: Path, capsys: Capture
) -> None:
    """What the exporter knows of the target stays as it has written it, and so does what it shows."""
    target, _ = image(paying)

    async def scenario() -> None:
        async with living(path, FakeClock(), target) as exporter:
            exporter.see(name="image")
            await exporter.history.flush()
            before = rows(path, "SELECT * FROM target_state")
            command = [*COMMAND, "--yes", "--config.file", paying]
            assert await asyncio.to_thread(main, command) == 0
            assert rows(path, "SELECT * FROM target_state") == before
            exporter.see(name="image")
            assert await exporter.history.flush()

    asyncio.run(scenario())
    found = rows(path, "SELECT depth, cost_usd FROM history ORDER BY id")
    assert found == [("reach", 0.0), ("generate", 0.00612), ("reach", 0.0)]


def test_a_history_that_cannot_be_written_is_said(
    world: World, paying: str, path: Path, capsys: Capture
) -> None:
    """The money is booked, and what was seen is shown all the same."""
    assert main([*COMMAND, "--yes", "--config.file", paying]) == 0
    with contextlib.closing(sqlite3.connect(path)) as found, found:
        found.execute("ALTER TABLE history RENAME TO elsewhere")
    assert main([*COMMAND, "--yes", "--config.file", paying]) == 0
    told = capsys.readouterr()
    assert "image: could not write history: " in told.err
    assert told.out.count("Booked $0.00612.") == 2
    assert len(rows(path, "SELECT * FROM ledger")) == 2
