"""When the next probe of a depth comes, or what holds it; in words for the page of one target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from genmedia_exporter.core.clock import Monotonic, Unix
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.backoff import Hold, hold, next_run, next_slot
from genmedia_exporter.health.state import Attempt, DepthState, TargetState, unseen
from genmedia_exporter.report.formatting import span
from genmedia_exporter.spending.demand import Blocked, BlockedBy
from genmedia_exporter.words.language import say

_HELD: Final[Mapping[Hold, str]] = {
    Hold.DISABLED: "never",
    Hold.MAINTENANCE: "after maintenance",
    Hold.RETIRED: "not while it is retired",
    Hold.NETWORK: "not while our own network is in doubt",
}
_BLOCKED: Final[Mapping[BlockedBy, str]] = {
    BlockedBy.SWITCHED_OFF: "not while paid probes are switched off",
    BlockedBy.TOTALS_UNKNOWN: "not until the ledger can be read",
    BlockedBy.DAY: "not while today’s budget cannot cover it",
    BlockedBy.MONTH: "not while this month’s budget cannot cover it",
    BlockedBy.DISABLED: _HELD[Hold.DISABLED],
    BlockedBy.UNCONFIRMED: "not while the last create is unconfirmed",
    BlockedBy.MAINTENANCE: _HELD[Hold.MAINTENANCE],
    BlockedBy.RETIRED: _HELD[Hold.RETIRED],
    BlockedBy.NETWORK: _HELD[Hold.NETWORK],
    BlockedBy.CREDENTIAL: "not without a credential",
}


@dataclass(frozen=True, slots=True)
class Conditions:
    """What holds a target's probes from conditions: our network, and what the planner of purchases says."""

    network_ok: bool = True
    blocked: Blocked | None = None  # of the paid depth


UNDISTURBED: Final = Conditions()


def next_probe(state: TargetState, depth: Depth, now: Unix, conditions: Conditions) -> str:
    """Return when the next probe comes, as planned; an incident on a status page may bring it forward.

    *now* in Unix seconds. Where something holds the depth, that is said instead.
    """
    known = state.depths.get(depth) or unseen(depth)
    tick = tick_of(known.last, now) if known.last else Monotonic(0.0)
    if not depth.free:
        return _paid(conditions.blocked, tick)
    held = hold(state, depth, tick, conditions.network_ok)
    if held is not None and held in _HELD:
        return say(_HELD[held])
    return _turn(state, depth, known, now)


def tick_of(last: Attempt, now: Unix) -> Monotonic:
    """Return *now*, Unix seconds, on the clock of the probes."""
    return last.tick + (now - last.at)


def _turn(state: TargetState, depth: Depth, known: DepthState, now: Unix) -> str:
    if state.target.schedule == "scrape":
        return say("on the next scrape")
    if known.last is None:
        return say("soon")
    interval, tick = state.target.intervals[depth], tick_of(known.last, now)
    due = next_run(state, depth, known.last.tick)
    if due <= tick:  # it runs, or was skipped
        due = next_slot(state.target.name, depth, interval, tick)
    return say("in {span}", span=span(due - tick)) if due - tick >= 1 else say("now")


def _paid(blocked: Blocked | None, tick: Monotonic) -> str:
    if blocked is None:
        return say("as the budget allows")
    match blocked.by:
        case BlockedBy.NEVER:
            return say("never: {why}", why=blocked.why)
        case BlockedBy.FREE_DEPTH_FAILS:
            return say("not while {depth} fails", depth=blocked.depth)
        case BlockedBy.FREE_DEPTH_UNTRIED:
            return say("not before {depth} has run", depth=blocked.depth)
        case BlockedBy.RETRY_AFTER:
            wait = span(max(0.0, blocked.until - tick))
            return say("in {span} at the earliest", span=wait)
    return say(_BLOCKED[blocked.by])
