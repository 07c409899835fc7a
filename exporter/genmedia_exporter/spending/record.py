"""What a command has paid for goes into history, as an exporter would have written it, also beside one."""

from __future__ import annotations

from types import MappingProxyType

from sqlalchemy import Connection, insert, select

from genmedia_exporter.core.clock import Clock
from genmedia_exporter.core.evidence import Evidence, Verdict
from genmedia_exporter.health.board import Board
from genmedia_exporter.health.state import TargetState
from genmedia_exporter.health.uptime import sample_of
from genmedia_exporter.storage.rows import history_row, saved_by_name, state_row
from genmedia_exporter.storage.tables import history, target_state
from genmedia_exporter.targets.model import Target


def note_down(
    connection: Connection,
    clock: Clock,
    target: Target,
    seen: tuple[Evidence, Verdict],
    usd: float,
) -> None:
    """Add the record of one probe that has cost *usd*, judged as by an exporter that just started.

    What an exporter has written of the target's state stays; only where none has, it gets a name.
    """
    mine = target_state.c.name == target.name
    rows = connection.execute(select(target_state).where(mine)).mappings().all()
    board = Board(clock)
    board.restore(saved_by_name(rows))
    board.configure([target], {})
    change = board.observe(*seen, usd)
    if change is None or change.probe is None:
        return
    sample = sample_of(change, clock.now(), clock.monotonic())
    if sample is not None:
        connection.execute(insert(history).values(history_row(change, sample, *change.probe)))
    if not rows:
        depth = seen[0].depth
        known = MappingProxyType({depth: change.after.depths[depth]})
        bare = TargetState(target, known, added_at=change.after.added_at)
        connection.execute(insert(target_state).values(state_row(bare)))
