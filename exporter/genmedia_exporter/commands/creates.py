"""What a command knows and tells of creates that must be rejected: the stops of a running exporter are its own."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from genmedia_exporter.commands.buy import ledger_of
from genmedia_exporter.core.clock import Clock
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.persisted import Saved, restricted
from genmedia_exporter.health.state import StateChange, TargetState
from genmedia_exporter.storage.disabled_depths import record_create, saved_restrictions
from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.storage.one_shot import OneShotDatabase
from genmedia_exporter.storage.place import place_of
from genmedia_exporter.targets.source import ConfigSource


class Creates:
    """The database of *source*, as far as the depth `accept` is concerned. Never raises."""

    def __init__(self, source: ConfigSource, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._place = place_of(source.config, source.resolution)

    def saved(self) -> Mapping[str, Saved]:
        """Return for a board what bears on creates; nothing, and a warning, where it cannot be read."""
        try:
            return saved_restrictions(self._place)
        except StorageError as error:
            print(f"cannot read which depths are disabled: {error}", file=sys.stderr)
            return {}

    async def take_in(self, change: StateChange | None, depth: Depth) -> None:
        """Write down what a probe has shown of creates, and what it has cost."""
        if change is None or not (
            restricted(change.before.depths) or restricted(change.after.depths)
        ):
            return
        target = change.after.target
        try:
            database = OneShotDatabase(self._place)
            await database.transact(
                lambda connection: record_create(connection, change.after, depth)
            )
        except StorageError as error:
            print(f"{target.name}: could not record this: {error}", file=sys.stderr)
        if change.unplanned_usd:
            ledger = ledger_of(self._source, self._clock)
            await ledger.unplanned_charge(target, change.unplanned_usd)
            await ledger.close()


def why_stopped(state: TargetState | None, depth: Depth) -> str:
    """Return why a target is not probed at *depth* any more, and the way out; empty where it is."""
    known = state.depths.get(depth) if state is not None else None
    if state is None or known is None or known.disabled is None:
        return ""
    return (
        f"{state.target.name!r} is not probed at the depth {depth.value!r} any more "
        f"({known.disabled}): {known.disabled.meaning.text} Take the depth off the target; "
        "or, once its service rejects such creates, give the target another name: it begins anew"
    )
