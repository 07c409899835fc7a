"""Loops that live and die together: when one fails, the other ends, and the error is seen."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from genmedia_exporter.sharding.coordinator import LeaseCoordinator
from tests.storage.helpers import Life


class Broken(Exception):
    """A bug of a loop."""


async def broken() -> None:
    """Fail at once, as a loop with a bug does."""
    raise Broken


def others() -> set[str]:
    """Return the names of the tasks that are left besides the present one."""
    return {t.get_name() for t in asyncio.all_tasks() if t is not asyncio.current_task()}


@pytest.mark.parametrize("part", ["_recorder", "_backfill"])
def test_history_leaves_no_loop_behind(
    part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer without its reader, or the other way round, would go on unseen."""

    async def scenario() -> None:
        life = Life(tmp_path / "g.db")
        await life.begin()
        monkeypatch.setattr(getattr(life.history, part), "run", broken)
        with pytest.raises(ExceptionGroup) as raised:
            await life.history.run()
        assert raised.group_contains(Broken)
        assert others() == set()
        await life.history.close()

    asyncio.run(scenario())


@pytest.mark.parametrize("part", ["_keep_leases", "_poll_peers"])
def test_sharing_leaves_no_loop_behind(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exporter that renews leases and hears of nobody, or the other way round."""

    async def endless(self: LeaseCoordinator) -> None:
        await asyncio.Event().wait()

    async def fails(self: LeaseCoordinator) -> None:
        await broken()

    for name in ("_keep_leases", "_poll_peers"):
        monkeypatch.setattr(LeaseCoordinator, name, fails if name == part else endless)

    async def scenario() -> None:
        coordinator = LeaseCoordinator.__new__(LeaseCoordinator)  # its loops are all that runs
        with pytest.raises(ExceptionGroup) as raised:
            await coordinator.run()
        assert raised.group_contains(Broken)
        assert others() == set()

    asyncio.run(scenario())
