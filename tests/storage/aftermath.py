"""What must hold of the SQLite file of an exporter that was killed, by itself and against before."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from genmedia_exporter.storage.tables import VERSION, metadata

Row = Mapping[str, Any]
CENT: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Aftermath:
    """All that is in the file; rows by id, states by target, jobs by reservation."""

    history: Mapping[int, Row] = field(default_factory=dict)
    transitions: Mapping[int, Row] = field(default_factory=dict)
    ledger: Mapping[int, Row] = field(default_factory=dict)
    jobs: Mapping[int, Row] = field(default_factory=dict)
    states: Mapping[str, Row] = field(default_factory=dict)

    @property
    def usd(self) -> float:
        """What is spent, by the ledger: settled, or else reserved."""
        return sum(map(amount, self.ledger.values()))


def amount(row: Row) -> float:
    """Return what a booking counts."""
    settled = row["settled_usd"]
    return float(row["reserved_usd"] if settled is None else settled)


def read(path: Path) -> tuple[Aftermath, list[str]]:
    """Return what is in the file, and what is wrong with it as a file.

    A copy is looked at: whoever opens a file with a journal repairs it, and that is the exporter's
    to do.
    """
    with tempfile.TemporaryDirectory(prefix="aftermath-") as folder:
        for suffix in ("", "-wal"):
            if (found := Path(f"{path}{suffix}")).exists():
                shutil.copy(found, Path(folder) / f"g.db{suffix}")
        db = sqlite3.connect(Path(folder) / "g.db")
        db.row_factory = sqlite3.Row
        try:
            return _read(db)
        finally:
            db.close()


def _read(db: sqlite3.Connection) -> tuple[Aftermath, list[str]]:
    checked = [row[0] for row in db.execute("PRAGMA integrity_check")]
    if checked != ["ok"]:
        return Aftermath(), [f"integrity_check: {checked[:3]}"]
    tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return Aftermath(), []  # killed before it could make them
    if tables != set(metadata.tables):
        return Aftermath(), [f"tables: {sorted(tables)}"]
    versions = [row[0] for row in db.execute("SELECT version FROM schema_version")]
    wrong = [] if versions == [VERSION] else [f"schema versions: {versions}"]

    def all_of(table: str, key: str) -> dict[Any, Row]:
        return {row[key]: dict(row) for row in db.execute(f"SELECT * FROM {table}")}  # noqa: S608

    found = Aftermath(
        all_of("history", "id"),
        all_of("transitions", "id"),
        all_of("ledger", "id"),
        all_of("jobs", "reservation"),
        all_of("target_state", "name"),
    )
    return found, wrong


# --- by itself


def contradictions(found: Aftermath) -> Iterator[str]:
    """Yield what in the file does not fit together."""
    seen = Counter((r["target"], r["depth"], r["at"]) for r in found.history.values())
    yield from (f"recorded {n} times: {what}" for what, n in seen.items() if n > 1)
    yield from _miscounted(found)
    yield from _broken_chains(found)
    for number, job in found.jobs.items():
        paid = found.ledger.get(number)
        if paid is None or paid["target"] != job["target"]:
            yield f"a job without its reservation: {number} of {job['target']}"
        elif paid["settled_usd"] is not None:
            yield f"a job that is settled already: {number} of {job['target']}"


def _miscounted(found: Aftermath) -> Iterator[str]:
    rows = Counter((r["target"], r["depth"]) for r in found.history.values())
    counted = {
        (name, depth): counters
        for name, state in found.states.items()
        for depth, counters in json.loads(state["depths"]).items()
    }
    for key in rows.keys() | counted.keys():
        total = counted[key]["total"] if key in counted else 0
        if total != rows[key]:
            yield f"{key}: {total} probes counted, {rows[key]} recorded"
        if key in counted and sum(counted[key]["failures"].values()) > total:
            yield f"{key}: more failures than probes"


def _broken_chains(found: Aftermath) -> Iterator[str]:
    moves: dict[str, list[Row]] = {}
    for _, row in sorted(found.transitions.items()):
        if row["status_changed"]:
            moves.setdefault(row["target"], []).append(row)
    for name, state in found.states.items():
        chain = moves.pop(name, [])
        links = [None, *(row["current"] for row in chain)]
        if [row["previous"] for row in chain] != links[:-1]:
            yield f"{name}: a gap in its transitions"
        if chain and (state["status"], state["transition_at"]) != (links[-1], chain[-1]["at"]):
            yield f"{name} is {state['status']}, its last transition is to {links[-1]}"
        if state["changes"] != max(0, len(chain) - 1):
            yield f"{name}: {state['changes']} changes counted, {len(chain)} transitions"
    yield from (f"{name}: transitions without a state" for name in moves)


# --- against before


def losses(before: Aftermath, after: Aftermath) -> Iterator[str]:
    """Yield what was there and is gone, or has become less."""
    for table in ("history", "transitions"):
        old, new = getattr(before, table), getattr(after, table)
        yield from (
            f"{table} {n} vanished or changed" for n, row in old.items() if new.get(n) != row
        )
    for name, state in before.states.items():
        if name not in after.states:
            yield f"the state of {name} vanished"
        else:
            yield from _less(name, state, after.states[name])
    for number, row in before.ledger.items():
        yield from _unbooked(number, row, after.ledger.get(number))
    for number in before.jobs.keys() - after.jobs.keys():
        if after.ledger.get(number, {"settled_usd": None})["settled_usd"] is None:
            yield f"the job of booking {number} vanished unsettled"


def _less(name: str, before: Row, after: Row) -> Iterator[str]:
    if after["changes"] < before["changes"] or after["added_at"] != before["added_at"]:
        yield f"{name}: changes or added_at went back"
    depths = json.loads(after["depths"])
    for depth, old in json.loads(before["depths"]).items():
        new = depths.get(depth)
        if new is None:
            yield f"{name}: nothing is known of {depth} any more"
            continue
        for key in ("total", "cost_usd", "last_at", "last_success_at"):
            if (new[key] or 0) < (old[key] or 0):
                yield f"{name}, {depth}: {key} went back from {old[key]} to {new[key]}"
        for kind in ("failures", "skipped"):
            for reason, count in old[kind].items():
                if new[kind].get(reason, 0) < count:
                    yield f"{name}, {depth}: {kind} for {reason} went back"


def _unbooked(number: int, before: Row, after: Row | None) -> Iterator[str]:
    if after is None:
        yield f"booking {number} vanished"
        return
    if {**before, "settled_usd": None} != {**after, "settled_usd": None}:
        yield f"booking {number} changed"
    old, new = before["settled_usd"], after["settled_usd"]
    if old is not None and (new is None or new < old - CENT):
        yield f"booking {number} was settled at {old}, and is at {new}"
