"""Control calls of the last minutes in the database: a restart loop must not use an operator's limit up.

A few rows in the table of settings, and gone when they no longer count.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Protocol, TypeVar

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from genmedia_exporter.core.clock import Clock, Unix
from genmedia_exporter.core.control_calls import CONTROL_SECONDS, MadeCall
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.core.evidence import Exchange, Role
from genmedia_exporter.core.redact import hide, redact_header
from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.storage.tables import settings

log = EventLog(__name__)

T = TypeVar("T")

PREFIX: Final = "control:"
"""How the names of these rows begin."""
MAX_BODY: Final = 16_384
"""Bytes of an answer that are kept; of a longer one only that it came."""


class Database(Protocol):
    """Where they are kept."""

    def transact(self, work: Callable[[Connection], T]) -> Awaitable[T]:
        """Do *work* in one transaction. Raises StorageError."""
        ...


class StoredCalls:
    """Writes control calls down as they are made. Used by the event loop only."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._writing: set[asyncio.Task[None]] = set()

    async def load(self) -> tuple[MadeCall, ...]:
        """Return the calls that still count; none where the database cannot be read."""
        now = self._clock.now()
        try:
            return await self._database.transact(lambda connection: _load(connection, now))
        except StorageError:
            return ()

    def keep(self, made: MadeCall) -> None:
        """Write *made* down in a task of its own."""
        task = asyncio.get_running_loop().create_task(self._save(made))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _save(self, made: MadeCall) -> None:
        now = self._clock.now()
        try:
            await self._database.transact(lambda connection: _save(connection, made, now))
        except StorageError as error:
            log.debug("control call not stored", call=made.call, err=str(error))

    async def close(self) -> None:
        """Wait for what is being written."""
        if self._writing:
            await asyncio.wait(self._writing)


def _load(connection: Connection, now: Unix) -> tuple[MadeCall, ...]:
    asked = select(settings.c.name, settings.c.value).where(settings.c.name.startswith(PREFIX))
    found = (_read(name, value) for name, value in connection.execute(asked))
    return tuple(made for made in found if made is not None and _counts(made, now))


def _counts(made: MadeCall, now: Unix) -> bool:
    """Whether a call is of the last minutes; by a clock that was set back meanwhile, too."""
    return abs(now - made.at) < CONTROL_SECONDS


def _save(connection: Connection, made: MadeCall, now: Unix) -> None:
    asked = select(settings.c.name, settings.c.value).where(settings.c.name.startswith(PREFIX))
    known = ((name, _read(name, value)) for name, value in connection.execute(asked))
    gone = [name for name, call in known if call is None or not _counts(call, now)]
    name = f"{PREFIX}{made.id}"
    # Another exporter on the same server may write the same row at the same moment: one is enough.
    connection.execute(delete(settings).where(settings.c.name.in_([*gone, name])))
    with contextlib.suppress(IntegrityError), connection.begin_nested():
        connection.execute(insert(settings).values(name=name, value=_written(made)))


def _written(made: MadeCall) -> str:
    answer = made.answer
    kept = answer is not None and answer.transport is None and len(answer.body) <= MAX_BODY
    told = _as_fields(answer) if answer is not None and kept else None
    return json.dumps({"host": made.host, "call": made.call, "at": made.at, "answer": told})


def _as_fields(answer: Exchange) -> Mapping[str, object]:
    # Scrubbed of our own credentials already; what is another's is not written down either.
    body = hide(answer.body.decode("utf-8", "surrogateescape"))
    return {
        "method": answer.method,
        "url": answer.url,
        "host": answer.host,
        "status": answer.status,
        "headers": {n: redact_header(n, hide(v)) for n, v in answer.headers.items()},
        "body": base64.b64encode(body.encode("utf-8", "surrogateescape")).decode("ascii"),
    }


def _read(name: str, value: str) -> MadeCall | None:
    """Return the call in a row; None for one that cannot be read."""
    try:
        told: Mapping[str, Any] = json.loads(value)
        answer = _answer(told["call"], told["answer"]) if told["answer"] else None
        at = Unix(float(told["at"]))
        return MadeCall(name.removeprefix(PREFIX), told["host"], told["call"], at, answer)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _answer(call: str, told: Mapping[str, Any]) -> Exchange:
    return Exchange(
        call,
        Role.CONTROL,
        told["method"],
        told["url"],
        told["host"],
        told["status"],
        told["headers"],
        base64.b64decode(told["body"]),
    )
