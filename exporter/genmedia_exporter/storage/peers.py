"""What the other exporters on the same server have written about their targets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, Table, any_, func, select

from genmedia_exporter.health.persisted import Saved
from genmedia_exporter.health.uptime import Sample
from genmedia_exporter.storage.leases import NOW, as_array
from genmedia_exporter.storage.rows import saved_by_name
from genmedia_exporter.storage.tables import claims, history, target_state, transitions

OVERLAP_POLLS: Final = 3
"""Polls for which ids are read again: a row may become visible after one with a greater id."""
MOST_ROWS: Final = 10_000
"""Rows of history read in one poll; the rest follows in the next."""


@dataclass(frozen=True, slots=True)
class PeerUpdates:
    """What one poll found."""

    owners: Mapping[str, str] = field(default_factory=dict)  # by target, running leases only
    saved: Mapping[str, Saved] = field(default_factory=dict)  # by target, changed states only
    samples: Mapping[str, Sequence[Sample]] = field(default_factory=dict)  # oldest first


class Peers:
    """Returns only what is new since the last poll. Used by one thread."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._rows: dict[str, Mapping[str, Any]] = {}
        self._tails = (_Tail(history), _Tail(transitions))

    def poll(self, connection: Connection, names: Collection[str]) -> PeerUpdates:
        """Return what is new about those of *names* that others own."""
        with connection.begin():
            owners, saved = self._states(connection, names)
            found: dict[str, list[Sample]] = defaultdict(list)
            for tail in self._tails:
                for row in tail.read(connection):
                    if row["target"] in names:
                        found[row["target"]].append(Sample(row["at"], row["up"], row["holds"]))
        samples = {name: sorted(new, key=lambda s: s.at) for name, new in found.items()}
        return PeerUpdates(owners, saved, samples)

    def reset(self) -> None:
        """Return every state again at the next poll: the last result may have been lost."""
        self._rows.clear()

    def _states(
        self, connection: Connection, names: Collection[str]
    ) -> tuple[Mapping[str, str], Mapping[str, Saved]]:
        wanted = select(target_state, claims.c.target, claims.c.owner)
        wanted = wanted.outerjoin_from(claims, target_state, target_state.c.name == claims.c.target)
        wanted = wanted.where(
            claims.c.target == any_(as_array(names)),
            claims.c.until > NOW,
            claims.c.owner != self._owner,
        )
        owners: dict[str, str] = {}
        new: list[Mapping[str, Any]] = []
        before, self._rows = self._rows, {}
        for row in map(dict, connection.execute(wanted).mappings()):
            name, owner = row.pop("target"), row.pop("owner")
            owners[name] = owner
            if row["name"] is None:
                continue
            self._rows[name] = row
            if row != before.get(name):
                new.append(row)
        return owners, saved_by_name(new)


class _Tail:
    """Reads new rows of a table, each once. The first read only finds the end."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._floors: list[int] = []
        self._seen: dict[
            str, int
        ] = {}  # newest id by target; those of one target become visible in order

    def read(self, connection: Connection) -> Sequence[RowMapping]:
        table = self._table
        if not self._floors:
            newest = connection.execute(select(func.max(table.c.id))).scalar() or 0
            self._floors = [newest]
            return []
        columns = (table.c.id, table.c.target, table.c.at, table.c.up, table.c.holds)
        wanted = select(*columns).where(table.c.id > self._floors[0])
        rows = connection.execute(wanted.order_by(table.c.id).limit(MOST_ROWS)).mappings().all()
        newest = rows[-1]["id"] if rows else self._floors[-1]
        # A full page means that we are behind; late rows are long visible.
        self._floors = (
            [newest] if len(rows) == MOST_ROWS else [*self._floors, newest][-OVERLAP_POLLS:]
        )
        new = [row for row in rows if row["id"] > self._seen.get(row["target"], 0)]
        for row in new:
            self._seen[row["target"]] = row["id"]
        return new
