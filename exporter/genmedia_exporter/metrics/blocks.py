"""The samples of all targets, kept in parts: a probe changes one depth, and only that is rendered anew."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, Final

from genmedia_exporter.core.events import EventLog
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.state import DepthState, TargetState
from genmedia_exporter.metrics import catalogue
from genmedia_exporter.metrics.exposition import Block, Format, Lines, Shows
from genmedia_exporter.metrics.state_sets import STATE_SETS
from genmedia_exporter.metrics.targets import (
    DEPTH_FAMILIES,
    HEAD_FAMILIES,
    render_depth,
    render_head,
)

log = EventLog(__name__)

_Part = tuple[DepthState | None, Block]


_of_head: Final[attrgetter[Any]] = attrgetter(
    *(field.name for field in fields(TargetState) if field.name != "depths")
)
"""Everything of a state that is not of its depths."""


_FAMILIES: Final = (*HEAD_FAMILIES, *DEPTH_FAMILIES)
_NOTHING: Final[Block] = (b"",) * len(_FAMILIES)


@dataclass(frozen=True, slots=True)
class _Kept:
    """One target's samples, and what they are of."""

    state: TargetState
    head: Block = ()
    depths: Mapping[Depth, _Part] | None = None  # None: it could not be rendered

    def block(self) -> Block:
        """Return everything, those of several depths one after the other."""
        if self.depths is None:
            return _NOTHING
        blocks = [block for _, block in self.depths.values()]
        return (*self.head, *map(b"".join, zip(*blocks, strict=True))) if blocks else self._bare()

    def _bare(self) -> Block:
        return (*self.head, *_NOTHING[len(self.head) :])


class TargetBlocks:
    """Renders targets, and remembers: the parts of each, and the lines of all by family.

    Both formats share the lines. Belongs to one thread.
    """

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._slots: dict[str, int] = {}  # where each target stands in the columns
        self._columns: list[list[bytes]] = [[] for _ in _FAMILIES]
        self._shown: list[Lines | None] = [None] * len(_FAMILIES)
        """Columns as they are on the newest page; None where a line has changed since."""

    def is_fresh(self, state: TargetState) -> bool:
        """Whether nothing of *state* is to be rendered."""
        kept = self._kept.get(state.target.name)
        return kept is not None and kept.state is state

    def take(self, state: TargetState) -> None:
        """Render what of *state* is new. Never raises: what cannot be rendered is logged and left out."""
        name = state.target.name
        kept = self._kept.get(name)
        if kept is not None and kept.state is state:
            return
        try:
            new = _rendered(state, kept)
        except Exception as error:  # one broken target must not take the page of all others down
            log.exception("target metrics left out", error, target=name)
            new = _Kept(state)
        self._kept[name] = new
        slot = self._slots.get(name)
        if slot is not None:
            self._put(slot, new.block())

    def _put(self, slot: int, block: Block) -> None:
        for place, (column, samples) in enumerate(zip(self._columns, block, strict=True)):
            if column[slot] != samples:
                column[slot] = samples
                self._shown[place] = None

    def arrange(self, names: Collection[str]) -> None:
        """Let *names*, which were all taken, stand on the page in their order, and no others."""
        if list(self._slots) == list(names):
            return
        for name in self._kept.keys() - names:
            del self._kept[name]
        self._slots = {name: slot for slot, name in enumerate(names)}
        blocks = [self._kept[name].block() for name in names]
        self._columns = [list(column) for column in zip(*blocks, strict=True)] or [
            [] for _ in _FAMILIES
        ]
        self._shown = [None] * len(_FAMILIES)

    def shown(self) -> list[str]:
        """Return the names that have samples."""
        return [name for name in self._slots if self._kept[name].depths is not None]

    def pieces(self, form: Format, shows: Shows) -> list[Lines]:
        """Return all samples family by family, each under its header.

        A family of which nothing has changed is the same object as before.
        """
        parts: list[Lines] = []
        for family in _SHOWN:
            if shows(family) and any(lines := self._lines(_PLACES[family])):
                parts += ((family.header(form),), lines)
        return parts

    def _lines(self, place: int) -> Lines:
        shown = self._shown[place]
        if shown is None:
            shown = self._shown[place] = tuple(self._columns[place])
        return shown


_PLACES: Final = {family: place for place, family in enumerate(_FAMILIES)}
_SHOWN: Final = tuple(
    shown
    for family in catalogue.TARGET_FAMILIES
    for shown in (family, *(states.slim for states in STATE_SETS if states.full is family))
)
"""The order of the page."""


def _rendered(state: TargetState, kept: _Kept | None) -> _Kept:
    known: Mapping[Depth, _Part] = {}
    head: Block | None = None
    if kept is not None and kept.depths is not None and kept.state.target is state.target:
        known = kept.depths
        head = kept.head if _of_head(kept.state) == _of_head(state) else None
    depths: dict[Depth, _Part] = {}
    for depth in state.target.depths:
        seen = state.depths.get(depth)
        part = known.get(depth)
        fits = part is not None and part[0] is seen
        depths[depth] = part if part is not None and fits else (seen, render_depth(state, depth))
    return _Kept(state, render_head(state) if head is None else head, depths)
