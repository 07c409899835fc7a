"""When can a state change by itself? Only then is it judged again without anything having happened."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, compress, product
from typing import Final

from genmedia_exporter.core.clock import Monotonic, Unix
from genmedia_exporter.core.status_page import PageReport
from genmedia_exporter.health.attempts import refreshed
from genmedia_exporter.health.judge import GATEWAY_GRACE, expiry
from genmedia_exporter.health.page_agreement import page_word, word_ends
from genmedia_exporter.health.state import SOURCES, TargetState
from genmedia_exporter.targets.model import MaintenanceWindow

NEVER: Final = Monotonic(math.inf)
STEP: Final = 0.5
"""Seconds by which the wall clock must step before what hangs on it is looked at anew."""
_SOURCES: Final = {
    shown: frozenset(compress(SOURCES, shown)) for shown in product((False, True), repeat=2)
}
"""Where fresh evidence comes from, by whether there is some of each source."""
SPARE: Final = 64
"""Entries of the heap that may be outdated before it is made anew, beside four for each name."""


class Deadlines:
    """The next deadline of each name: a heap with lazy deletion."""

    def __init__(self) -> None:
        self._heap: list[tuple[Monotonic, str]] = []
        self._due: dict[str, Monotonic] = {}
        self._parting: float | None = None  # of the wall clock from the monotonic one

    def are_void(self, now: Unix, tick: Monotonic) -> bool:
        """Whether they tell nothing: there are none yet, or the wall clock has stepped. Told once."""
        before, self._parting = self._parting, float(now) - float(tick)
        return before is None or abs(self._parting - before) > STEP

    def put(self, name: str, due: Monotonic) -> None:
        """Let *name* be due at monotonic *due*, in place of any moment it had."""
        if self._due.get(name) == due:
            return
        self._due[name] = due
        if due < NEVER:
            heapq.heappush(self._heap, (due, name))
        if len(self._heap) > 4 * len(self._due) + SPARE:
            self._heap = [(due, name) for name, due in self._due.items() if due < NEVER]
            heapq.heapify(self._heap)

    def take(self, tick: Monotonic) -> Iterator[str]:
        """Take out and yield every name that is due at *tick*."""
        while self._heap and self._heap[0][0] <= tick:
            due, name = heapq.heappop(self._heap)
            if self._due.get(name) == due:
                del self._due[name]
                yield name


def at_moment(
    state: TargetState,
    windows: Iterable[MaintenanceWindow],
    pages: Mapping[str, PageReport],
    now: Unix,
    tick: Monotonic,
    busy: bool,
) -> TargetState:
    """Return *state* with what the moment alone makes of it: open windows, its page, what is fresh."""
    word, depths = page_word(state.target, pages, now), refreshed(state, tick, busy)
    probed, reported = any(known.fresh for known in depths.values()), state.traffic.lasting(tick)
    window = next((window for window in windows if window.covers(now)), None)
    page = state.page if state.page.word == word else replace(state.page, word=word)
    sources = _SOURCES[probed, bool(reported)]
    before = (state.window, state.depths, state.page, state.sources)
    if before == (window, depths, page, sources):  # as it nearly always is
        return state
    return replace(state, window=window, depths=depths, page=page, sources=sources)


def next_change(
    state: TargetState,
    windows: Iterable[MaintenanceWindow],
    pages: Mapping[str, PageReport],
    now: Unix,
    tick: Monotonic,
    busy: bool,
) -> Monotonic:
    """Return the monotonic moment at which *state* may become another one though nothing happens.

    Not before *tick*, which is *now* in Unix seconds. What others do to it, our own network among
    them, is not foreseen.
    """
    wall = (tick + (at - now) for at in _on_the_wall(state, windows, pages) if at >= now)
    return min(chain(_of_evidence(state, tick, busy), wall), default=NEVER)


def _of_evidence(state: TargetState, tick: Monotonic, busy: bool) -> Iterator[Monotonic]:
    if state.restored_until is not None and state.restored_until >= tick:
        yield state.restored_until
    if state.traffic.expires >= tick:
        yield state.traffic.expires
    for depth, known in state.depths.items():
        if known.last is None:
            continue
        expires = known.last.tick + expiry(state, depth)
        if expires >= tick:
            yield expires
        elif busy and expires + state.target.timeout >= tick:
            yield tick  # nobody knows when the probe in flight ends: look again soon
        graced = known.failing_since
        if graced is not None and graced + GATEWAY_GRACE >= tick:
            yield graced + GATEWAY_GRACE


def _on_the_wall(
    state: TargetState, windows: Iterable[MaintenanceWindow], pages: Mapping[str, PageReport]
) -> Iterator[Unix]:
    for window in windows:
        yield window.start
        yield window.end
    if state.ends_at is not None:
        yield state.ends_at
    if state.target.page is not None:
        ends = word_ends(pages.get(state.target.page[0]))
        if ends is not None:
            yield ends
