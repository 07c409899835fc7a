"""Leases in the database: which exporter owns which target, when several share one server.

A claim is a lease on one target. All times are the server's, so the clocks of the machines need not
agree. Taking or releasing a claim locks its row FOR UPDATE. Writing about a target of one's own locks
it FOR KEY SHARE: the owner's renewals pass that lock, another exporter's claim does not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
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

from genmedia_exporter.health.persisted import Saved
from genmedia_exporter.storage.place import Place, writing
from genmedia_exporter.storage.rows import saved_by_name
from genmedia_exporter.storage.tables import claims, exporters, target_state

LEASE: Final = 30.0
"""Seconds a claim lasts when nobody renews it."""
NOW: Final = cast(extract("epoch", func.clock_timestamp()), Double)
"""The server's time in Unix seconds, which goes on within a transaction."""
STATEMENT_MS: Final = 10_000
"""Milliseconds after which the server cancels a statement of ours."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """Result of one renewal: the targets we own now, and how many we should own."""

    owned: frozenset[str]
    renewed: frozenset[str]  # of those: nobody else owned them since the last renewal
    saved: Mapping[str, Saved]  # of those new to us: the stored state, where there is one
    quota: int


def group_of(names: Iterable[str]) -> str:
    """Return a key that only exporters with the same targets have in common."""
    return hashlib.sha256("\0".join(sorted(names)).encode()).hexdigest()[:8]


def quota_of(owner: str, alive: Iterable[str], targets: int) -> int:
    """Return how many of *targets* are for *owner*, when all *alive* share them evenly.

    The remainder goes to the first by name, so that the quotas add up and targets do not oscillate.
    """
    members = sorted({owner, *alive})
    each, rest = divmod(targets, len(members))
    return each + (members.index(owner) < rest)


class Claims:
    """One exporter's claims. Used by one thread; raises SQLAlchemyError, OSError, StorageError.

    After an error, close it; the next call connects again.
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

    def renew(self, names: frozenset[str], known: Collection[str], spare_expired: bool) -> Renewal:
        """Send a heartbeat, renew our leases, and claim free targets up to our quota of *names*.

        *known* are the targets we own already. With *spare_expired*, expired leases of others are not
        taken: the server was away, and their owners are about to renew them.
        """
        connection = self.connection()
        with connection.begin():
            alive = self._heartbeat(connection, group_of(names))
            self._list(connection, names)
            renewed = self._renew(connection, names)
            quota = quota_of(self._owner, alive, len(names))
            wanted = quota - len(renewed)
            taken = (
                self._take(connection, names, wanted, spare_expired) if wanted > 0 else frozenset()
            )
            owned = renewed | taken
            # In this transaction: while we hold the rows, nobody writes about these targets.
            saved = _saved(connection, owned - (renewed & frozenset(known)))
        self._listed = names
        return Renewal(owned, renewed, saved, quota)

    def _heartbeat(self, connection: Connection, group: str) -> Sequence[str]:
        """Register as alive; return the live exporters of our group, including us."""
        from sqlalchemy.dialects.postgresql import insert  # slow: only where leases are

        row = f"{self._owner}/{group}"
        values = {"until": NOW + self._lease}
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
        """Insert a row for each target that has none."""
        if not names - self._listed:
            return
        from sqlalchemy.dialects.postgresql import insert

        # Asked first: inserting a row that is there waits for whoever is changing it.
        listed = connection.execute(select(claims.c.target).where(_among(names))).scalars()
        if new := sorted(names.difference(listed)):
            rows = [{"target": name, "owner": None, "until": 0.0} for name in new]
            connection.execute(insert(claims).on_conflict_do_nothing(), rows)

    def _renew(self, connection: Connection, names: frozenset[str]) -> frozenset[str]:
        """Extend the leases still ours, even expired ones; release targets that are not configured."""
        self._free(connection, not_(_among(names)))
        statement = update(claims).where(claims.c.owner == self._owner)
        renewed = statement.values(until=NOW + self._lease).returning(claims.c.target)
        return frozenset(connection.execute(renewed).scalars())

    def _take(
        self, connection: Connection, names: frozenset[str], count: int, spare_expired: bool
    ) -> frozenset[str]:
        free: ColumnElement[bool] = claims.c.owner.is_(None)
        if not spare_expired:
            free = or_(free, claims.c.until <= NOW)
        found = select(claims.c.target).where(_among(names), free).order_by(claims.c.target)
        found = found.limit(count).with_for_update(skip_locked=True)
        taken = frozenset(connection.execute(found).scalars())
        if taken:
            statement = update(claims).where(_among(taken))
            connection.execute(statement.values(owner=self._owner, until=NOW + self._lease))
        return taken

    def release(self, names: Collection[str]) -> None:
        """Release *names* at once. Write everything about them first."""
        connection = self.connection()
        with connection.begin():
            self._free(connection, _among(names))

    def leave(self) -> None:
        """Release everything and deregister."""
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
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()
            connection.engine.dispose()


def limit_waiting(connection: Connection, lease: float = LEASE) -> None:
    """Set timeouts on the server: a paused process must not hold a lock longer than a lease."""
    idle = max(1, round(lease * 1_000))
    connection.execute(text(f"SET statement_timeout = {STATEMENT_MS}"))
    connection.execute(text(f"SET idle_in_transaction_session_timeout = {idle}"))


Fence = Callable[[Connection, Collection[str]], Collection[str]]
"""Returns those of some targets that we may write about until the transaction ends."""
Permit = Callable[[Connection, str], bool]
"""Returns whether we may pay for a target until the transaction ends."""


def lock_lease(connection: Connection, owner: str, target: str) -> bool:
    """Whether *owner* holds a running lease on *target*.

    If so, nobody else can claim it until the caller's transaction ends.
    """
    found = select(claims.c.target).where(
        claims.c.target == target, claims.c.owner == owner, claims.c.until > NOW
    )
    locked = found.with_for_update(read=True, key_share=True)
    return connection.execute(locked).scalar() is not None


def lock_claims(connection: Connection, owner: str, names: Collection[str]) -> frozenset[str]:
    """Return those of *names* that nobody has taken from *owner*; their leases may have expired.

    Nobody else can claim or write about them until the caller's transaction ends.
    """
    found = select(claims.c.target).where(claims.c.owner == owner, _among(names))
    locked = found.with_for_update(read=True, key_share=True)
    return frozenset(connection.execute(locked).scalars())


def leased() -> Select[tuple[str]]:
    """Return a query for the targets that have an owner at this moment."""
    return select(claims.c.target).where(claims.c.owner.is_not(None), claims.c.until > NOW)


def permit_of(owner: str) -> Permit:
    """Return `lock_lease` for one owner."""
    return lambda connection, target: lock_lease(connection, owner, target)


def fence_of(owner: str) -> Fence:
    """Return `lock_claims` for one owner."""
    return lambda connection, names: lock_claims(connection, owner, names)


def _among(names: Iterable[str]) -> ColumnElement[bool]:
    """Whether a claim is on one of *names*; one array parameter, however many there are."""
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
