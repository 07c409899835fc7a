"""Commands and creates that must be rejected: a stop is everybody's, whoever finds the reason."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from genmedia_exporter.cli import main
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.demo.world import World, run_in_thread
from genmedia_exporter.storage.disabled_depths import saved_restrictions
from genmedia_exporter.storage.place import Place
from genmedia_exporter.targets.model import Target
from genmedia_exporter.targets.source import ConfigSource
from tests.fakes import FakeClock
from tests.spending.helpers import rows
from tests.storage.helpers import Life, living

Capture = pytest.CaptureFixture[str]
ACCEPT, ACCEPTED = Depth.ACCEPT, Reason.ACCEPTED_UNEXPECTEDLY

CONFIG = """
defaults: {{timeout: {timeout}}}
storage: {{path: "{path}"}}
accounts:
  vendor: {{provider: openai, base_url: "{url}/openai-image", api_key: {{value: demo-key}}}}
targets:
  - {{name: image, account: vendor, model: gpt-image-2.5-flare}}
"""


@pytest.fixture
def world() -> Iterator[World]:
    """Run a world whose validator is asleep."""
    with run_in_thread(job_seconds=0.01) as running:
        running.set_fault("openai-image", "accepts_invalid")
        yield running


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database is."""
    return tmp_path / "genmedia.db"


def written(world: World, path: Path, timeout: str = "2s") -> str:
    """Write a configuration and return where."""
    config = path.with_name("genmedia.yml")
    config.write_text(CONFIG.format(url=world.url, path=path, timeout=timeout), "utf-8")
    return str(config)


def image(config: str) -> Target:
    """Return the target of the configuration."""
    source = ConfigSource(config, {})
    source.load()
    (target,) = source.resolution.targets
    return target


def disabled_reason(path: Path) -> Reason | None:
    """Return why the depth was disabled, as the next command reads it."""
    return saved_restrictions(Place(path))["image"].depths[ACCEPT].disabled


@pytest.mark.parametrize("first", [["check"], ["probe", "image", "--depth", "accept"]])
def test_a_command_that_has_an_accident_stops_everybody(
    first: list[str], world: World, path: Path, capsys: Capture
) -> None:
    """It is written down and booked; no command orders again, and each says why and what helps."""
    config = written(world, path)
    before = world.ledger["openai-image"].creates
    main([*first, "--config.file", config])
    made = world.ledger["openai-image"].creates
    assert made == before + 1
    assert disabled_reason(path) is ACCEPTED
    (booked,) = rows(path)
    assert booked[1:3] == ("image", "vendor")
    assert booked[4:] == (0.0078, 0.0078)
    capsys.readouterr()

    assert main(["probe", "image", "--depth", "accept", "--config.file", config]) == 1
    told = capsys.readouterr().err
    assert "'image' is not probed at the depth 'accept' any more (accepted_unexpectedly)" in told
    assert "give the target another name" in told
    assert main(["check", "--config.file", config, "--format", "json"]) == 2  # not green again
    shown = capsys.readouterr()
    assert "not probed at the depth 'accept'" in shown.err
    (now,) = json.loads(shown.out)["targets"]
    assert (now["status"], now["reason"], now["fault"]) == ("unknown", ACCEPTED, "provider")
    assert "give the target another name" in now["message"]
    assert main(["probe", "image", "--config.file", config]) == 0  # reach goes on
    assert world.ledger["openai-image"].creates == made
    renamed = Path(config).read_text("utf-8").replace("name: image", "name: image again")
    Path(config).write_text(renamed, "utf-8")
    assert main(["probe", "image again", "--depth", "accept", "--config.file", config]) == 2
    assert world.ledger["openai-image"].creates == made + 1


def test_three_commands_without_an_answer_are_enough(
    world: World, path: Path, capsys: Capture
) -> None:
    """By hand or by cron: what a service may be making is not ordered again and again."""
    config = written(world, path, timeout="300ms")
    world.set_fault("openai-image", "slow", seconds=30.0)
    for _ in range(3):
        assert main(["probe", "image", "--depth", "accept", "--config.file", config]) == 2
    assert disabled_reason(path) is Reason.ACCEPT_UNANSWERED
    assert [row[4:] for row in rows(path)] == [(pytest.approx(0.0234),) * 2]
    assert main(["probe", "image", "--depth", "accept", "--config.file", config]) == 1


def test_an_answer_between_commands_begins_the_count_anew(world: World, path: Path) -> None:
    """And a rejection ends it: there is a validator."""
    config = written(world, path, timeout="300ms")
    command = ["probe", "image", "--depth", "accept", "--config.file", config]
    for fault in ("slow", "slow", "", "slow", "slow", "slow"):
        if fault:
            world.set_fault("openai-image", fault, seconds=30.0)
        else:
            world.clear_fault("openai-image")
        assert main(command) == (2 if fault else 0)
    assert main(command) == 2
    assert disabled_reason(path) is None


def test_an_exporter_obeys_the_stop_of_a_command(world: World, path: Path) -> None:
    """Before it starts and while it runs: it hears of it when it next writes, and keeps it."""
    config = written(world, path)
    target = image(config)

    def see(life: Life) -> None:
        life.see(name="image")

    async def scenario() -> None:
        async with living(path, FakeClock(), target) as exporter:
            see(exporter)
            await exporter.history.flush()
            command = ["probe", "image", "--depth", "accept", "--config.file", config]
            assert await asyncio.to_thread(main, command) == 2
            see(exporter)
            await exporter.history.flush()
            known = exporter.state("image").depths[ACCEPT]
            assert known.disabled is ACCEPTED
            assert known.failures[ACCEPTED] == 1  # what the alert looks at
            see(exporter)
        async with living(path, FakeClock(), target) as again:
            assert again.state("image").depths[ACCEPT].disabled is ACCEPTED

    asyncio.run(scenario())


def test_a_database_that_cannot_be_read_is_told(world: World, path: Path, capsys: Capture) -> None:
    """The free probe is made all the same, as the daemon makes it."""
    world.clear_fault("openai-image")
    config = written(world, path)
    path.write_bytes(b"this is no database" * 100)
    assert main(["check", "--config.file", config]) == 0
    assert "cannot read which depths are disabled: " in capsys.readouterr().err


def test_a_row_that_cannot_be_read_is_no_obstacle(world: World, path: Path) -> None:
    """Neither to an exporter that replaces it nor to a command: its target begins anew."""
    config = written(world, path)
    target = image(config)

    async def scenario() -> None:
        async with living(path, FakeClock(), target) as exporter:
            exporter.see(name="image")
        with contextlib.closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(
                """UPDATE target_state SET depths = '{"accept": {"stopped": "x"}}'"""
            )
        async with living(path, FakeClock(), target) as exporter:
            exporter.see(name="image")
            assert await exporter.history.flush()
        with contextlib.closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(
                """UPDATE target_state SET depths = '{"accept": {"stopped": "x"}}'"""
            )

    asyncio.run(scenario())
    main(["check", "--config.file", config])
    assert disabled_reason(path) is ACCEPTED
