"""Which exporter watches which target, kept on a database server that several of them share.

A claim is a lease on one target. All times are the server's, so that the clocks of the machines need
not agree. Locks: whoever takes a claim or gives it up locks its row FOR UPDATE; whoever writes about
a target of his own locks it FOR KEY SHARE, which his own renewals pass and nobody's taking does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Double,
    Select,
    String,
    any_,
    cast,
    delete,
    extract,
    func,
    literal,
    not_,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from genmedia_exporter.health.persisted import Saved
from genmedia_exporter.storage.place import Place, writing
from genmedia_exporter.storage.rows import saved_by_name
from genmedia_exporter.storage.tables import claims, exporters, target_state

LEASE: Final = 30.0
"""Seconds a claim lasts when nobody renews it."""
NOW: Final = cast(extract("epoch", func.clock_timestamp()), Double)
"""The server's time in Unix seconds, which goes on within a transaction."""
STATEMENT_MS: Final = 10_000
"""Milliseconds after which the server gives a statement of ours up."""


@dataclass(frozen=True, slots=True)
class Round:
    """What a round came to: the targets that are ours now, and how many should be."""

    owned: frozenset[str]
    renewed: frozenset[str]  # of those: nobody else had them since the round before
    saved: Mapping[str, Saved]  # of those that we did not watch: what storage knows, if it does
    quota: int


def group_of(names: Iterable[str]) -> str:
    """Return a word that exporters with the same targets, and only they, have in common."""
    return hashlib.sha256("\0".join(sorted(names)).encode()).hexdigest()[:8]


def quota_of(owner: str, alive: Iterable[str], targets: int) -> int:
    """Return how many of *targets* are for *owner*, when all *alive* share them evenly.

    The remainder goes to the first by name, so that the shares add up and nothing moves to and fro.
    """
    members = sorted({owner, *alive})
    each, rest = divmod(targets, len(members))
    return each + (members.index(owner) < rest)


class Claims:
    """One exporter's claims. Belongs to one thread; raises SQLAlchemyError, OSError, StorageError.

    After an error the next call connects anew.
    """

    def __init__(self, place: Place, owner: str, lease: float) -> None:
        self._place = place
        self._owner = owner
        self._lease = lease  # seconds
        self._connection: Connection | None = None
        self._listed: frozenset[str] = frozenset()

    def connection(self) -> Connection:
        """Return the open connection, or a new one."""
        if self._connection is None:
            connection = writing(self._place).connect()
            with connection.begin():
                limit_waiting(connection, self._lease)
            self._connection, self._listed = connection, frozenset()
        return self._connection

    def round(self, names: frozenset[str], known: Collection[str], patient: bool) -> Round:
        """Say that we live, renew what is ours, and claim what is free up to our share of *names*.

        *known* are those we watch already. When *patient*, an expired claim of another is left to
        him: the server was away, and he is about to renew it.
        """
        connection = self.connection()
        with connection.begin():
            alive = self._appear(connection, group_of(names))
            self._list(connection, names)
            renewed = self._renew(connection, names)
            quota = quota_of(self._owner, alive, len(names))
            wanted = quota - len(renewed)
            taken = self._take(connection, names, wanted, patient) if wanted > 0 else frozenset()
            owned = renewed | taken
            # In this transaction: while we hold the rows, nobody writes about these targets.
            saved = _saved(connection, owned - (renewed & frozenset(known)))
        self._listed = names
        return Round(owned, renewed, saved, quota)

    def _appear(self, connection: Connection, group: str) -> Sequence[str]:
        """Write down that we live; return who of our group does, us among them."""
        row = f"{self._owner}/{group}"
        values = {"seen_at": NOW, "until": NOW + self._lease}
        statement = insert(exporters).values(id=row, **values)
        connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
        mine = exporters.c.id.startswith(f"{self._owner}/", autoescape=True)
        gone = select(exporters.c.id).where(
            or_(exporters.c.until <= NOW, mine), exporters.c.id != row
        )
        found = connection.execute(gone.with_for_update(skip_locked=True)).scalars().all()
        connection.execute(delete(exporters).where(exporters.c.id.in_(found)))
        alive = select(exporters.c.id).where(
            exporters.c.id.endswith(f"/{group}", autoescape=True), exporters.c.until > NOW
        )
        return [found.rpartition("/")[0] for found in connection.execute(alive).scalars()]

    def _list(self, connection: Connection, names: frozenset[str]) -> None:
        """Make sure that each target has a row."""
        if not names - self._listed:
            return
        # Asked first: inserting a row that is there waits for whoever is changing it.
        listed = connection.execute(select(claims.c.target).where(_among(names))).scalars()
        if new := sorted(names.difference(listed)):
            rows = [{"target": name, "owner": None, "until": 0.0} for name in new]
            connection.execute(insert(claims).on_conflict_do_nothing(), rows)

    def _renew(self, connection: Connection, names: frozenset[str]) -> frozenset[str]:
        """Prolong what is ours still, however late; what is not configured any more is let go."""
        self._free(connection, not_(_among(names)))
        statement = update(claims).where(claims.c.owner == self._owner)
        renewed = statement.values(until=NOW + self._lease).returning(claims.c.target)
        return frozenset(connection.execute(renewed).scalars())

    def _take(
        self, connection: Connection, names: frozenset[str], count: int, patient: bool
    ) -> frozenset[str]:
        free: ColumnElement[bool] = claims.c.owner.is_(None)
        if not patient:
            free = or_(free, claims.c.until <= NOW)
        found = select(claims.c.target).where(_among(names), free).order_by(claims.c.target)
        found = found.limit(count).with_for_update(skip_locked=True)
        taken = frozenset(connection.execute(found).scalars())
        if taken:
            statement = update(claims).where(_among(taken))
            connection.execute(statement.values(owner=self._owner, until=NOW + self._lease))
        return taken

    def release(self, names: Collection[str]) -> None:
        """Give *names* up at once. Write everything about them before."""
        connection = self.connection()
        with connection.begin():
            self._free(connection, _among(names))

    def leave(self) -> None:
        """Give everything up and say that we are gone."""
        connection = self.connection()
        with connection.begin():
            self._free(connection, literal(True))
            mine = exporters.c.id.startswith(f"{self._owner}/", autoescape=True)
            connection.execute(delete(exporters).where(mine))

    def _free(self, connection: Connection, which: ColumnElement[bool]) -> None:
        mine = select(claims.c.target).where(claims.c.owner == self._owner, which)
        mine = mine.order_by(claims.c.target).with_for_update()
        if found := connection.execute(mine).scalars().all():
            statement = update(claims).where(_among(found))
            connection.execute(statement.values(owner=None, until=0.0))

    def close(self) -> None:
        """Let go of the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()
            connection.engine.dispose()


def limit_waiting(connection: Connection, lease: float = LEASE) -> None:
    """Let the server give up on us: a paused process must not hold a lock longer than a lease."""
    idle = max(1, round(lease * 1_000))
    connection.execute(text(f"SET statement_timeout = {STATEMENT_MS}"))
    connection.execute(text(f"SET idle_in_transaction_session_timeout = {idle}"))


Fence = Callable[[Connection, Collection[str]], Collection[str]]
"""Returns those of some targets that may be written about in a transaction, until its end."""
Permit = Callable[[Connection, str], bool]
"""Says whether a target may be paid for in a transaction, until its end."""


def still_mine(connection: Connection, owner: str, target: str) -> bool:
    """Whether *owner* has *target* and its lease runs. Until the caller's transaction ends, nobody
    else can claim it.
    """
    found = select(claims.c.target).where(
        claims.c.target == target, claims.c.owner == owner, claims.c.until > NOW
    )
    locked = found.with_for_update(read=True, key_share=True)
    return connection.execute(locked).scalar() is not None


def claimed_by(connection: Connection, owner: str, names: Collection[str]) -> frozenset[str]:
    """Return those of *names* that nobody has taken from *owner*, though their lease may be over.

    Until the caller's transaction ends, nobody can: what he writes about them is written by him
    alone.
    """
    found = select(claims.c.target).where(claims.c.owner == owner, _among(names))
    locked = found.with_for_update(read=True, key_share=True)
    return frozenset(connection.execute(locked).scalars())


def leased() -> Select[tuple[str]]:
    """Return the question which targets somebody watches at this moment."""
    return select(claims.c.target).where(claims.c.owner.is_not(None), claims.c.until > NOW)


def permit_of(owner: str) -> Permit:
    """Return `still_mine` of an owner."""
    return lambda connection, target: still_mine(connection, owner, target)


def fence_of(owner: str) -> Fence:
    """Return `claimed_by` of an owner."""
    return lambda connection, names: claimed_by(connection, owner, names)


def _among(names: Iterable[str]) -> ColumnElement[bool]:
    """Whether a claim is of one of *names*: as one array, however many they are."""
    return claims.c.target == any_(as_array(names))


def as_array(names: Iterable[str]) -> ColumnElement[Any]:
    """Return *names* as one parameter."""
    return literal(sorted(names), ARRAY(String))


def _saved(connection: Connection, names: Collection[str]) -> Mapping[str, Saved]:
    if not names:
        return {}
    wanted = select(target_state).where(target_state.c.name == any_(as_array(names)))
    found = connection.execute(wanted).mappings().all()
    return saved_by_name(found)
