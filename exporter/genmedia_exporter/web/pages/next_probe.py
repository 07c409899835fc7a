"""When the next probe of a depth comes, or what holds it; in words for the page of one target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from genmedia_exporter.core.status import Depth, Outcome
from genmedia_exporter.health.backoff import Hold, hold, next_run, next_slot, retry_after_until
from genmedia_exporter.health.state import Attempt, DepthState, TargetState, unseen
from genmedia_exporter.report.formatting import span
from genmedia_exporter.spending.demand import wish
from genmedia_exporter.spending.forecast import Forecast, Planned
from genmedia_exporter.spending.limits import TOLERANCE, Spending

_HELD: Final[Mapping[Hold, str]] = {
    Hold.DISABLED: "never",
    Hold.MAINTENANCE: "after maintenance",
    Hold.RETIRED: "not while it is retired",
    Hold.NETWORK: "not while our own network is in doubt",
}
_PAID: Final = "as the budget allows"


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a target and holds its probes: our network, and the money for them."""

    network_ok: bool = True
    spending: Spending | None = None  # None: nothing is known of money
    planned: Planned | None = None  # None: nothing is planned for this target


ALL_WELL: Final = Around()


def around(name: str, network_ok: bool, spending: Spending, forecast: Forecast) -> Around:
    """Return what stands around the target called *name*."""
    planned = next((each for each in forecast.planned if each.name == name), None)
    return Around(network_ok, spending, planned)


def coming(state: TargetState, depth: Depth, now: float, around: Around) -> str:
    """Return when the next probe comes, as the plan has it; a status page's word may bring it forward.

    *now* in Unix seconds. Where something holds the depth, that is said instead.
    """
    known = state.depths.get(depth) or unseen(depth)
    tick = tick_of(known.last, now) if known.last else 0.0
    held = hold(state, depth, tick, around.network_ok)
    if held is Hold.DISABLED:
        return _HELD[held]
    if not depth.free and around.planned is not None and around.planned.never:
        return f"never: {around.planned.never}"
    if held is not None and held in _HELD:
        return _HELD[held]
    return _turn(state, depth, known, now) if depth.free else _paid(state, known, now, around)


def tick_of(last: Attempt, now: float) -> float:
    """Return *now*, Unix seconds, on the clock of the probes."""
    return last.tick + now - last.at


def _turn(state: TargetState, depth: Depth, known: DepthState, now: float) -> str:
    if state.target.schedule == "scrape":
        return "on the next scrape"
    if known.last is None:
        return "soon"
    interval, tick = state.target.intervals[depth], tick_of(known.last, now)
    due = next_run(state, depth, known.last.tick)
    if due <= tick:  # it runs, or was left out
        due = next_slot(state.target.name, depth, interval, tick)
    return f"in {span(due - tick)}" if due - tick >= 1 else "now"


def _paid(state: TargetState, known: DepthState, now: float, around: Around) -> str:
    """Return what decides on the next generation: money first, for that is in our hands."""
    held = _no_money(around.spending, around.planned) or _not_worth_it(state)
    if held:
        return held
    waiting = (
        retry_after_until(state, Depth.GENERATE) - tick_of(known.last, now) if known.last else 0.0
    )
    return f"in {span(waiting)} at the earliest" if waiting > 0 else _PAID


def _no_money(spending: Spending | None, planned: Planned | None) -> str:
    if spending is None:
        return ""
    if not spending.enabled:
        return "not while paid probes are switched off"
    today, month = spending.spent_today_usd, spending.spent_this_month_usd
    if today is None or month is None:
        return "not until the ledger can be read"
    usd = (planned.usd if planned else None) or 0.0
    for spent, limit, word in (
        (today, spending.daily_usd, "today’s"),
        (month, spending.monthly_usd, "this month’s"),
    ):
        if spent + usd > limit + TOLERANCE:
            return f"not while {word} budget cannot cover it"
    return ""


def _not_worth_it(state: TargetState) -> str:
    """Return what must be well before a generation is bought, empty if it is."""
    if state.target.account.credential_problem:
        return "not without a credential"
    for depth in (depth for depth in state.target.depths if depth.free):
        known = state.depths.get(depth) or unseen(depth)
        if known.last is None and not known.disabled:
            return f"not before {depth} has run"
        if known.last is not None and _refused(known.last):
            return f"not while {depth} fails"
    return "" if _would_be_bought(state) else "not now"


def _refused(last: Attempt) -> bool:
    return not last.good and last.verdict.outcome is not Outcome.INCONCLUSIVE


def _would_be_bought(state: TargetState) -> bool:
    """Whether a generation would be wished for if its turn had come: asked of who decides it."""
    depths = {depth: known for depth, known in state.depths.items() if depth.free}
    return wish(replace(state, depths=depths), usd=1.0, now=0.0, tick=0.0) is not None
