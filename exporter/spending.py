"""When a paid generation is worth its price: pure functions from states to wishes, and to a choice."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from exporter.budget import ROUTINE_SHARE, TOLERANCE
from exporter.evidence import Evidence, Exchange, Transport
from exporter.judge import is_fresh
from exporter.pacing import not_before
from exporter.providers.states import CREATE
from exporter.reasons import Reason
from exporter.state import Attempt, DepthState, SkipReason, TargetState, unseen
from exporter.status import Depth, Outcome, Status

CONFIRM_SECONDS: Final = 60.0
"""After a first failed generation, seconds until a second one tells an accident from a fault."""
RECHECK_SHARE: Final = 1 / 8
"""A confirmed failure is paid for again after this share of the interval; doubles up to all of it."""
WINDOW_SECONDS: Final = 86_400.0
"""What the routine has spent is counted over this long, so that midnight does not bunch it."""

_LEARNT_BY_PAYING: Final = frozenset(
    {Status.DOWN, Status.SUSPENDED, Status.RISK_CONTROL, Status.DEGRADED, Status.MAINTENANCE}
)
"""Troubles after whose end a generation proves that the product is back."""


class Cause(IntEnum):
    """Why a target's generation is worth paying for, most urgent first."""

    CONFIRM = 0  # one has failed: accident or fault?
    SUSPICION = 1  # free depths contradict each other, the page says ill, it has become slow
    RECOVERY = 2  # it was failing: does it work again?
    ROUTINE = 3  # its turn has come


@dataclass(frozen=True, slots=True)
class Wish:
    """A generation that would teach something now."""

    name: str
    cause: Cause
    usd: float  # estimated price
    staleness: float  # intervals since the last one ended; infinite when there was none

    @property
    def order(self) -> tuple[float, float, str]:
        """Sorts by urgency, then by what a dollar buys: staleness. Deterministic."""
        worth = self.staleness / self.usd if self.usd > 0 else math.inf
        return self.cause, -worth, self.name


def wish(
    state: TargetState, usd: float, now: float, tick: float, paid_at: float | None = None
) -> Wish | None:
    """Return what paying *usd* would be good for at *now* (Unix) and monotonic *tick*, if anything.

    *paid_at* is when the ledger last paid for the target (Unix seconds): a crash may have lost what
    that bought, and must not be a reason to buy it again before its time.
    """
    interval = state.target.intervals.get(Depth.GENERATE)
    if interval is None or _pointless(state, tick):
        return None
    known = _with_payment(state.depths.get(Depth.GENERATE) or unseen(Depth.GENERATE), paid_at)
    age = _age(known, now, tick)
    staleness = _since_start(known, age) / interval
    cause = _cause(state, known, age, interval, tick)
    if cause is None and staleness >= 1 and age >= CONFIRM_SECONDS:
        cause = Cause.ROUTINE if not _failing(state, known, tick) else None
    return None if cause is None else Wish(state.target.name, cause, usd, staleness)


def is_due(state: TargetState, now: float, tick: float) -> bool:
    """Whether the turn of the paid depth has come, whatever may stand against it."""
    interval = state.target.intervals.get(Depth.GENERATE)
    known = state.depths.get(Depth.GENERATE) or unseen(Depth.GENERATE)
    if interval is None:
        return False
    return _since_start(known, _age(known, now, tick)) >= interval


def obstacle(state: TargetState, network_ok: bool) -> SkipReason | None:
    """Return why a generation that is due is not even wished for, as the counters call it."""
    if state.in_maintenance:
        return "maintenance"
    if state.now.status is Status.RETIRED:
        return "retired"
    return None if network_ok else "network"


def _with_payment(known: DepthState, paid_at: float | None) -> DepthState:
    """Return what is known of the paid depth; what was paid for and never seen counts as tried."""
    if paid_at is None or known.last is not None or paid_at <= (known.last_at or 0.0):
        return known
    return replace(known, last_at=paid_at)


def _pointless(state: TargetState, tick: float) -> bool:
    """Whether money would buy nothing that is not known for free, or nothing at all."""
    if state.now.status is Status.RETIRED or state.in_maintenance:
        return True
    if state.target.account.credential_problem or tick < not_before(state, Depth.GENERATE):
        return True
    known = [state.depths.get(d) or unseen(d) for d in state.target.depths if d.free]
    lasts = [depth.last for depth in known if not depth.stopped]
    return any(last is None or _refused(last) for last in lasts)


def _refused(last: Attempt) -> bool:
    return not last.good and last.verdict.outcome is not Outcome.INCONCLUSIVE


def _age(known: DepthState, now: float, tick: float) -> float:
    """Return the seconds since the last generation ended; infinite when there was none."""
    if known.last is not None:
        return tick - known.last.tick
    return math.inf if known.last_at is None else max(0.0, now - known.last_at)


def _since_start(known: DepthState, age: float) -> float:
    """Return the seconds since the last generation began: turns are counted from start to start."""
    return age + known.last.duration if known.last is not None else age


def _failing(state: TargetState, known: DepthState, tick: float) -> bool:
    last = known.last
    return last is not None and not last.good and is_fresh(state, Depth.GENERATE, tick)


def _cause(
    state: TargetState, known: DepthState, age: float, interval: float, tick: float
) -> Cause | None:
    """Return what is urgent about it, if anything."""
    if _failing(state, known, tick):
        return _after_failure(known, age, interval)
    if age < CONFIRM_SECONDS:
        return None
    if _suspicious(state, known):
        return Cause.SUSPICION
    if _recovered(state, known) and age >= RECHECK_SHARE * interval:
        return Cause.RECOVERY
    return None


def _after_failure(known: DepthState, age: float, interval: float) -> Cause | None:
    bad = 0
    for attempt in reversed(known.recent):
        if attempt.good:
            break
        bad += 1
    if bad == 1:
        return Cause.CONFIRM if age >= CONFIRM_SECONDS else None
    wait = min(interval, RECHECK_SHARE * interval * 2.0 ** min(bad - 2, 10))
    return Cause.RECOVERY if age >= max(wait, CONFIRM_SECONDS) else None


def _suspicious(state: TargetState, known: DepthState) -> bool:
    """Whether something has come up since the last generation that only another one can settle."""
    before = known.last_at or 0.0
    page_ill = state.page.page_ill_since
    if page_ill is not None and before < page_ill:
        return True
    if state.now.reason is Reason.SLOW and before < state.since:
        return True
    since = _contradicted_since(state)
    return since is not None and (known.last is None or known.last.tick < since)


def _contradicted_since(state: TargetState) -> float | None:
    """Return since when (monotonic) one free depth works and another cannot say, or None."""
    free = [state.depths[d] for d in state.target.depths if d.free and d in state.depths]
    if not any(depth.last is not None and depth.last.good for depth in free):
        return None
    unclear = [depth.failing_since for depth in free if depth.last and not depth.last.good]
    return min((since for since in unclear if since is not None), default=None)


def _recovered(state: TargetState, known: DepthState) -> bool:
    change = state.last_transition
    if change is None or not change.current.usable or change.previous not in _LEARNT_BY_PAYING:
        return False
    return (known.last_at or 0.0) < change.at


@dataclass(frozen=True, slots=True)
class Pace:
    """What may be spent, in US dollars; sums are over the last WINDOW_SECONDS."""

    daily_usd: float
    spent_usd: float
    urgent_usd: float = 0.0  # of that, what was urgent, as far as this process knows

    def fits(self, wished: Wish) -> bool:
        """Whether it may be bought now, as far as sharing the day among targets is concerned.

        The routine keeps within its share, though one alone always may; rechecks of what is known
        to fail keep within the day. A confirmation or a suspicion is for the purse to refuse.
        """
        if wished.cause is Cause.ROUTINE:
            routine = max(0.0, self.spent_usd - self.urgent_usd)
            share = max(ROUTINE_SHARE * self.daily_usd, wished.usd)
            return routine + wished.usd <= share + TOLERANCE
        if wished.cause is Cause.RECOVERY:
            return self.spent_usd + wished.usd <= self.daily_usd + TOLERANCE
        return True


def daily_pace(daily_usd: float, monthly_usd: float, spent_before_today: float, days: int) -> float:
    """Return what a day may cost so that the month's budget lasts *days* more days, today included."""
    return max(0.0, min(daily_usd, (monthly_usd - spent_before_today) / max(1, days)))


def choose(wishes: Iterable[Wish], pace: Pace) -> Wish | None:
    """Return the generation to buy next, or None while the most deserving has to wait its time.

    The routine waits rather than be overtaken: else the cheap would keep the dear away for ever. A
    recheck that does not fit is in nobody's way.
    """
    able = [w for w in wishes if w.cause is not Cause.RECOVERY or pace.fits(w)]
    first = min(able, key=lambda w: w.order, default=None)
    return first if first is not None and pace.fits(first) else None


class UrgentSpending:
    """What was bought out of turn, remembered for WINDOW_SECONDS: it is not the routine's."""

    def __init__(self) -> None:
        self._bought: dict[int, tuple[float, float]] = {}  # reservation: when (Unix), US dollars

    def add(self, reservation: int, at: float, usd: float) -> None:
        """Note a purchase, or what it really cost."""
        self._bought[reservation] = (at, usd)

    def __contains__(self, reservation: int) -> bool:
        return reservation in self._bought

    def since(self, at: float) -> float:
        """Return what was bought after *at* (Unix seconds), and forget what came before."""
        self._bought = {key: kept for key, kept in self._bought.items() if kept[0] > at}
        return sum(usd for _, usd in self._bought.values())


_NEVER_SENT: Final = frozenset(
    {
        Transport.DNS,
        Transport.CONNECT_REFUSED,
        Transport.CONNECT_TIMEOUT,
        Transport.CONNECT_FAILED,
        Transport.TLS,
        Transport.TLS_CERTIFICATE,
    }
)
_IN_DOUBT: Final = frozenset({408, 409, 425, 499})
"""Refusals after which the job may exist all the same."""


def charged(evidence: Evidence, reserved: float) -> float:
    """Return what a finished generation has cost, as far as can be known, in US dollars.

    What the answer says it cost; nothing where the create never left or was refused; the price
    that was reserved in every other case, also when nobody can tell.
    """
    made = evidence.generation
    if made is not None and made.reported_usd is not None:
        return made.reported_usd
    accepted = made is not None and (made.job_id or made.resumed)
    first = evidence.exchanges[0] if evidence.exchanges else None
    if first is not None and not accepted and _refused_create(first):
        return 0.0
    return reserved


def _refused_create(create: Exchange) -> bool:
    if create.call != CREATE:  # of a job that was taken up again: that it was made is certain
        return False
    if create.transport is not None:
        left = create.status is not None or create.phases.processing is not None
        return not left and create.transport in _NEVER_SENT
    status = create.status or 0
    return 400 <= status < 500 and status not in _IN_DOUBT
