"""Stops of depths, written by whoever finds the reason: a command, or an exporter that watches now.

Whoever replaces the row of a target keeps what another has written into it meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from sqlalchemy import Connection, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.attempts import stopped
from genmedia_exporter.health.persisted import Saved, held_back
from genmedia_exporter.health.state import UNSEEN, DepthState, TargetState, unseen
from genmedia_exporter.storage.codec import depths_from_json, depths_to_json
from genmedia_exporter.storage.place import Place, reading
from genmedia_exporter.storage.rows import Row, saved_by_name, state_row
from genmedia_exporter.storage.tables import StorageError, target_state

Stop = tuple[str, Depth, Reason]
"""A target's name, the depth that ended, and why."""

_SIGNS: Final = ('"stopped": "', '"stopped": true')
"""How a row that has a stop can be told without taking it apart: thousands are written at once."""


def with_stops(
    connection: Connection, states: Collection[Row]
) -> tuple[Collection[Row], list[Stop]]:
    """Return *states* with the stops their rows have by now, and those that were news to us.

    Until the transaction ends nobody else can write these rows.
    """
    there = _stops(connection, [row["name"] for row in states])
    merged, news = [], []
    for row in states:
        theirs = there.get((row["name"], row["identity"]), {})
        ours = depths_from_json(row["depths"]) if theirs else {}
        new = {
            depth: reason
            for depth, reason in theirs.items()
            if ours.get(depth, DepthState()).stopped is None
        }
        after = {d: stopped(ours.get(d) or unseen(d), reason) for d, reason in new.items()}
        merged.append({**row, "depths": depths_to_json({**ours, **after})} if new else row)
        news += [(row["name"], depth, reason) for depth, reason in new.items()]
    return merged, news


def _stops(
    connection: Connection, names: Collection[str]
) -> dict[tuple[str, str], dict[Depth, Reason]]:
    """Return the stops in the rows of *names*, by name and identity; all of these are locked."""
    found: dict[tuple[str, str], dict[Depth, Reason]] = {}
    names, table = sorted(names), target_state.c  # the same order everywhere: no circle of waiting
    for start in range(0, len(names), 500):
        few = table.name.in_(names[start : start + 500])
        asked = select(table.name, table.identity, table.depths).where(few).order_by(table.name)
        for name, identity, depths in connection.execute(asked.with_for_update()):
            if _has_stop(depths):
                known = _read(depths).items()
                found[name, identity] = {d: s.stopped for d, s in known if s.stopped is not None}
    return found


def _read(depths: str) -> Mapping[Depth, DepthState]:
    """Return the depths of a row; nothing where they cannot be read: its target begins anew."""
    try:
        return depths_from_json(depths)
    except (KeyError, TypeError, ValueError, AttributeError):
        return {}


def _has_stop(depths: str) -> bool:
    return any(sign in depths for sign in _SIGNS)


def remember(connection: Connection, state: TargetState, depth: Depth) -> None:
    """Write what one probe, the only one in *state*, says of creates at *depth*: never less."""
    row = state_row(state)
    asked = select(target_state).where(target_state.c.name == row["name"]).with_for_update()
    found = connection.execute(asked).mappings().first()
    seen = state.depths[depth]
    if found is None or found["identity"] != row["identity"]:
        bare = TargetState(state.target, MappingProxyType({depth: seen}), added_at=state.added_at)
        connection.execute(target_state.delete().where(target_state.c.name == row["name"]))
        connection.execute(target_state.insert().values(state_row(bare)))
        return
    depths = _read(found["depths"])
    known = depths.get(depth) or unseen(depth)
    counts = {r: known.failures.get(r, 0) + n for r, n in seen.failures.items()}
    after = replace(
        known,
        total=known.total + seen.total,
        failures=MappingProxyType({**known.failures, **counts}),
        last_at=seen.last_at,
        last_success_at=seen.last_success_at,
        cost_usd=known.cost_usd + seen.cost_usd,
        stopped=known.stopped or seen.stopped,
        unanswered=seen.unanswered,
    )
    text = depths_to_json({**depths, depth: after})
    mine = target_state.c.name == row["name"]
    connection.execute(target_state.update().where(mine).values(depths=text))


def what_holds_back(place: Place) -> Mapping[str, Saved]:
    """Return of each target what bears on its creates, and nothing else. Raises StorageError.

    That is stops, creates in doubt, and whether one was ever rejected. Empty without a database.
    """
    if place.is_file and not place.path.is_file():
        return {}
    try:
        with reading(place).connect() as connection:
            if not inspect(connection).has_table(target_state.name):
                return {}
            saved = saved_by_name(connection.execute(select(target_state)).mappings().all())
    except (SQLAlchemyError, OSError, ValueError) as error:
        raise StorageError(f"{place.shown} cannot be read: {error}") from error
    return {name: _bare(known) for name, known in saved.items()}


def _bare(saved: Saved) -> Saved:
    held = held_back(saved.depths)
    depths = {
        depth: DepthState(
            stopped=known.stopped,
            unanswered=known.unanswered,
            last_success_at=known.last_success_at,
        )
        for depth, known in saved.depths.items()
        if depth in held or depth is Depth.ACCEPT
    }
    return Saved(saved.identity, UNSEEN, None, 0, saved.added_at, MappingProxyType(depths))
