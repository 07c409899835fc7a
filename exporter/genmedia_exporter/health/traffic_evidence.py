"""What applications tell, as evidence beside that of our own probes: a contradiction of ours wins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from genmedia_exporter.core.clock import PAST, Monotonic
from genmedia_exporter.core.evidence import Phases
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.state import RECENT_ATTEMPTS, Attempt, DepthState, TargetState
from genmedia_exporter.health.traffic import ReportedCall, Slot

OURS_WINS_SECONDS: Final = 3_600.0
"""For so long, or for its interval if that is shorter, a generation of ours that worked contradicts."""


def told(
    state: TargetState, fresh: Mapping[Depth, DepthState], tick: Monotonic
) -> tuple[Depth, DepthState] | None:
    """Return what applications tell of *state* at monotonic *tick*, where it counts; else None.

    *fresh* is what our own probes say. A failed call is one of a real create, so it is evidence at
    the depth generate: only a generation of ours contradicts it. A call that worked counts while none
    of our depths fails.
    """
    denied = any(known.last is not None and not known.last.good for known in fresh.values())
    proven = _proven_by_us(state, fresh)
    words = [(slot, word) for slot in state.traffic.lasting(tick) if (word := slot.word)]
    kept = [(s, w) for s, w in words if not (denied if w.good else s.last <= proven)]
    if not kept:
        return None
    attempts = tuple(_attempt(slot, word) for slot, word in kept)[-RECENT_ATTEMPTS:]
    newest = kept[-1][1]
    depth = newest.depth if all(word.good for _, word in kept) else Depth.GENERATE
    return depth, DepthState(recent=attempts)


def _proven_by_us(state: TargetState, fresh: Mapping[Depth, DepthState]) -> Monotonic:
    """Return until when (monotonic) a generation of ours that worked stands against what is told."""
    paid = fresh.get(Depth.GENERATE)
    last = paid.last if paid is not None else None
    if last is None or not last.good:
        return PAST
    interval = state.target.intervals.get(Depth.GENERATE, OURS_WINS_SECONDS)
    return last.tick + min(interval, OURS_WINS_SECONDS)


def _attempt(slot: Slot, word: ReportedCall) -> Attempt:
    return Attempt(word.at, slot.last, word.duration, word.verdict, word.http_status, Phases())
