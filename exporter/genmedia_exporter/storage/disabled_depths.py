"""Disabled depths in the database: written by the command or exporter that finds the reason.

Whoever replaces the row of a target keeps what another process has written into it meanwhile.
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
from genmedia_exporter.health.attempts import disable
from genmedia_exporter.health.persisted import Saved, restricted
from genmedia_exporter.health.state import UNSEEN, DepthState, TargetState, unseen
from genmedia_exporter.storage.codec import depths_from_json, depths_to_json
from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.storage.place import Place, reading
from genmedia_exporter.storage.rows import Row, saved_by_name, state_row
from genmedia_exporter.storage.tables import one_line, target_state

DisabledDepth = tuple[str, Depth, Reason]
"""A target's name, the depth that is not probed again, and why."""

_MARKS: Final = ('"stopped": "', '"stopped": true')
"""What JSON with a disabled depth contains. Parsing it would be slow: thousands are written at once."""


def merge_disabled(
    connection: Connection, states: Collection[Row]
) -> tuple[Collection[Row], list[DisabledDepth]]:
    """Return *states* with the disabled depths of the rows they replace, and those new to us.

    Nobody else can write these rows until the transaction ends.
    """
    there = _disabled_in(connection, [row["name"] for row in states])
    merged, found = [], []
    for row in states:
        theirs = there.get((row["name"], row["identity"]), {})
        ours = depths_from_json(row["depths"]) if theirs else {}
        new = {
            depth: reason
            for depth, reason in theirs.items()
            if ours.get(depth, DepthState()).disabled is None
        }
        after = {d: disable(ours.get(d) or unseen(d), reason) for d, reason in new.items()}
        merged.append({**row, "depths": depths_to_json({**ours, **after})} if new else row)
        found += [(row["name"], depth, reason) for depth, reason in new.items()]
    return merged, found


def _disabled_in(
    connection: Connection, names: Collection[str]
) -> dict[tuple[str, str], dict[Depth, Reason]]:
    """Return the disabled depths of *names* by name and identity, and lock their rows."""
    found: dict[tuple[str, str], dict[Depth, Reason]] = {}
    names, table = sorted(names), target_state.c  # the same order everywhere: no deadlock
    for start in range(0, len(names), 500):
        few = table.name.in_(names[start : start + 500])
        asked = select(table.name, table.identity, table.depths).where(few).order_by(table.name)
        for name, identity, depths in connection.execute(asked.with_for_update()):
            if _any_disabled(depths):
                known = _read(depths).items()
                found[name, identity] = {d: s.disabled for d, s in known if s.disabled is not None}
    return found


def _read(depths: str) -> Mapping[Depth, DepthState]:
    """Return the depths of a row; none where they cannot be read: the target starts anew."""
    try:
        return depths_from_json(depths)
    except (KeyError, TypeError, ValueError, AttributeError):
        return {}


def _any_disabled(depths: str) -> bool:
    return any(mark in depths for mark in _MARKS)


def record_create(connection: Connection, state: TargetState, depth: Depth) -> None:
    """Add the single probe in *state* to what is stored of creates at *depth*."""
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
        disabled=known.disabled or seen.disabled,
        unanswered=seen.unanswered,
    )
    text = depths_to_json({**depths, depth: after})
    mine = target_state.c.name == row["name"]
    connection.execute(target_state.update().where(mine).values(depths=text))


def saved_restrictions(place: Place) -> Mapping[str, Saved]:
    """Return what restricts the creates of each target, and nothing else. Raises StorageError.

    That is disabled depths, creates in doubt, and whether one was ever rejected. Empty without a
    database.
    """
    if place.is_file and not place.path.is_file():
        return {}
    try:
        with reading(place).connect() as connection:
            if not inspect(connection).has_table(target_state.name):
                return {}
            saved = saved_by_name(connection.execute(select(target_state)).mappings().all())
    except (SQLAlchemyError, OSError, ValueError) as error:
        raise StorageError(f"{place.shown} cannot be read: {one_line(error)}") from error
    return {name: _bare(known) for name, known in saved.items()}


def _bare(saved: Saved) -> Saved:
    held = restricted(saved.depths)
    depths = {
        depth: DepthState(
            disabled=known.disabled,
            unanswered=known.unanswered,
            last_success_at=known.last_success_at,
        )
        for depth, known in saved.depths.items()
        if depth in held or depth is Depth.ACCEPT
    }
    return Saved(saved.identity, UNSEEN, None, 0, saved.added_at, MappingProxyType(depths))
