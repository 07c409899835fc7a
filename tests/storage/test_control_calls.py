"""Control calls in the database: what comes back, what is too old, and what cannot be read."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from genmedia_exporter.core.control_calls import CONTROL_SECONDS, MadeCall
from genmedia_exporter.core.evidence import Exchange, Role, Transport
from genmedia_exporter.storage.control_calls import MAX_BODY, StoredCalls
from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.storage.place import Place
from genmedia_exporter.storage.tables import settings
from tests.fakes import FakeClock
from tests.postgres import Server, postgres
from tests.storage.helpers import living


def answer(body: bytes = b"{}", transport: Transport | None = None) -> Exchange:
    """Return what a token's route said."""
    url = "https://relay.example/api/usage/token/"
    headers = {"content-type": "application/json"}
    return Exchange(
        "token", Role.CONTROL, "GET", url, "relay.example", 200, headers, body, transport
    )


def made(clock: FakeClock, id: str = "1", told: Exchange | None = None) -> MadeCall:
    """Return a call that is made now."""
    return MadeCall(id, "relay.example", "token", clock.now(), told)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A running server; skipped where Debian's postgresql is not installed, but never in CI."""
    with postgres() as running:
        yield running


async def lives(path: Path | Place, clock: FakeClock, *calls: MadeCall) -> tuple[MadeCall, ...]:
    """Keep *calls* in one life, and return what the next knows."""
    async with living(path, clock) as first:
        stored = StoredCalls(first.history, clock)
        for call in calls:
            stored.keep(call)
            await stored.close()
    async with living(path, clock) as second:
        return await StoredCalls(second.history, clock).load()


def test_an_answer_comes_back(tmp_path: Path) -> None:
    """In place of the note that it was asked for."""
    clock = FakeClock()
    calls = (made(clock), made(clock, told=answer(b"\xff{}")))

    assert asyncio.run(lives(tmp_path / "g.db", clock, *calls)) == calls[1:]


def test_a_server_keeps_them_as_a_file_does(server: Server) -> None:
    """Also bytes that no text of it could hold; and of two calls of a kind the newer."""
    clock = FakeClock()
    older, other = made(clock, told=answer(b"1")), made(clock, id="2")
    newer = made(clock, told=answer(b"\x00\xff{}"))

    known = asyncio.run(lives(server.place, clock, older, other, newer))

    assert sorted(known, key=lambda call: call.id) == [newer, other]


def test_secrets_of_others_are_not_written_down(tmp_path: Path) -> None:
    """A gateway's route may tell more than we asked for; what is decided by it stays."""
    clock = FakeClock()
    told = answer(b'{"code": 7, "message": "no quota", "url": "https://bob:hunter2@db.example/"}')

    (known,) = asyncio.run(lives(tmp_path / "g.db", clock, made(clock, told=told)))

    assert known.answer is not None
    assert b"hunter2" not in known.answer.body
    assert json.loads(known.answer.body)["message"] == "no quota"


@pytest.mark.parametrize("lost", [answer(b"x" * (MAX_BODY + 1)), answer(transport=Transport.RESET)])
def test_what_is_too_long_or_broke_off_is_a_call_all_the_same(
    tmp_path: Path, lost: Exchange
) -> None:
    """Nothing is known of its answer."""
    clock = FakeClock()
    call = made(clock, told=lost)

    assert asyncio.run(lives(tmp_path / "g.db", clock, call)) == (made(clock),)


def test_the_longest_that_is_kept(tmp_path: Path) -> None:
    """To the byte."""
    clock = FakeClock()
    call = made(clock, told=answer(b"x" * MAX_BODY))

    assert asyncio.run(lives(tmp_path / "g.db", clock, call)) == (call,)


@pytest.mark.parametrize(
    ("passed", "known"), [(-1, 1), (CONTROL_SECONDS - 1, 1), (CONTROL_SECONDS, 0)]
)
def test_it_counts_for_five_minutes(tmp_path: Path, passed: float, known: int) -> None:
    """Also by a clock that was set back meanwhile."""

    async def scenario() -> int:
        clock = FakeClock()
        await lives(tmp_path / "g.db", clock, made(clock))
        clock.wall_step += passed
        async with living(tmp_path / "g.db", clock) as later:
            return len(await StoredCalls(later.history, clock).load())

    assert asyncio.run(scenario()) == known


def test_old_ones_and_what_nobody_can_read_go_with_the_next(tmp_path: Path) -> None:
    """So that the table stays small; other settings stay."""

    async def scenario() -> list[str]:
        clock = FakeClock()
        await lives(tmp_path / "g.db", clock, made(clock, "old"))
        clock.freeze(CONTROL_SECONDS)
        rows = [{"name": "control:broken", "value": "{"}, {"name": "own", "value": "1"}]
        async with living(tmp_path / "g.db", clock) as life:
            await life.history.transact(
                lambda connection: connection.execute(insert(settings), rows)
            )
            stored = StoredCalls(life.history, clock)
            assert await stored.load() == ()
            stored.keep(made(clock, "new"))
            await stored.close()
            found = await life.history.transact(
                lambda connection: list(connection.execute(settings.select()).scalars())
            )
            return sorted(found)

    assert asyncio.run(scenario()) == ["control:new", "own"]


class Broken:
    """A database that never works."""

    async def transact(self, work: object) -> tuple[MadeCall, ...]:
        """Fail."""
        raise StorageError("no database")


def test_without_a_database_nothing_is_known_and_nothing_fails() -> None:
    """The budget of the process itself holds all the same."""

    async def scenario() -> tuple[MadeCall, ...]:
        clock = FakeClock()
        stored = StoredCalls(Broken(), clock)  # type: ignore[arg-type]
        stored.keep(made(clock))
        await stored.close()
        return await stored.load()

    assert asyncio.run(scenario()) == ()
