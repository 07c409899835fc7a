"""Which channel to call now: a pure function from a snapshot to a ranked list, by operation and policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from genmedia_exporter.config.problems import did_you_mean
from genmedia_exporter.config.schema import Policy
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Channel, Depth, Operation, Status
from genmedia_exporter.health.state import DepthState, Snapshot, TargetState
from genmedia_exporter.providers.prices import Price

Uptime = Callable[[str], float | None]
"""The share of known time, 0 to 1, in which the target of that name was up; None: not known yet."""

CLIP_SECONDS: Final = 8
"""The standard clip that prices are compared by: 8 s of video, or one request, or one image."""
DEFAULT_POLICY: Final = "production"

BUILT_IN: Final[Mapping[str, Policy]] = MappingProxyType(
    {
        "production": Policy(prefer=(Channel.OFFICIAL, Channel.REVERSE)),
        "development": Policy(order_by="price"),
        "budget": Policy(order_by="price"),
        "stable": Policy(),
    }
)

_PASSING: Final = (
    Status.OPERATIONAL,
    Status.DEGRADED,
    Status.RATE_LIMITED,
    Status.RISK_CONTROL,
)
"""What a policy's max_status may let pass; no policy makes the rest usable."""
_LEAST_BAD: Final = (
    *_PASSING[:3],
    Status.UNKNOWN,
    Status.RISK_CONTROL,
    Status.MAINTENANCE,
    Status.DOWN,
    Status.SUSPENDED,
    Status.QUOTA_EXHAUSTED,
    Status.AUTH_ERROR,
    Status.RETIRED,
)
_BADNESS: Final = {status: rank for rank, status in enumerate(_LEAST_BAD)}
_UPTIME_DIGITS: Final = 3  # uptimes closer than a tenth of a percent are the same


class RoutingError(ValueError):
    """An operation or a policy that there is not; `str()` is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What ranking looks at of one target; equal ones rank alike.

    `price` is in US dollars for one standard clip, `latency` in seconds, `uptime` from 0 to 1;
    each is None where nobody knows.
    """

    name: str
    operation: Operation
    channel: Channel
    status: Status
    callable: bool  # we hold what a call takes
    price: float | None
    uptime: float | None
    latency: float | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One target in its place. `reason` says why it is not usable, and is empty where it is."""

    rank: int  # 1 is best
    candidate: Candidate
    state: TargetState
    usable: bool
    reason: str
    why: str

    @property
    def price_per_100(self) -> float | None:
        """What 100 standard clips cost, in US dollars."""
        return per_100(self.candidate.price)


@dataclass(frozen=True, slots=True)
class Ranking:
    """The answer. `message` is empty when the first entry is usable, else says what is the matter."""

    operation: Operation
    policy: str
    entries: tuple[Entry, ...]
    message: str = ""


def no_uptime(_name: str) -> float | None:
    """Know no uptime of anything."""
    return None


def policies(configured: Mapping[str, Policy]) -> Mapping[str, Policy]:
    """Return the policies in force: the built-in ones and the configured, which win by name."""
    return {**BUILT_IN, **configured}


def route(
    snapshot: Snapshot,
    operation: str,
    policy: str = DEFAULT_POLICY,
    known: Mapping[str, Policy] = BUILT_IN,
    uptime: Uptime = no_uptime,
    family: str | None = None,
) -> Ranking:
    """Rank the targets of *operation*, of one *family* or of all, by the policy of that name.

    Raises RoutingError for an operation, a policy or a family that there is not.
    """
    wanted, rules = operation_called(operation), _policy(policy, known)
    states = routed(snapshot) if family is None else _of_family(routed(snapshot), family)
    makers = [state for state in states if state.target.operation is wanted]
    candidates = {state.target.name: candidate(state, uptime) for state in makers}
    entries = tuple(
        _entry(rank, chosen, snapshot.targets[chosen.name], rules)
        for rank, chosen in enumerate(ranked(candidates.values(), rules), 1)
    )
    return Ranking(wanted, policy, entries, _message(states, wanted, entries))


def routed(snapshot: Snapshot) -> list[TargetState]:
    """Return the targets that a call can be sent to: a plain URL, without a model, makes nothing."""
    return [state for state in snapshot.targets.values() if state.target.model]


def ranked(candidates: Any, policy: Policy) -> list[Candidate]:
    """Return *candidates*, an iterable of Candidate, best first by *policy*; ties go by name."""
    return sorted(candidates, key=lambda one: _key(one, policy))


def usable(one: Candidate, policy: Policy) -> bool:
    """Whether *policy* lets the target be called now."""
    passing = one.status in _PASSING and one.status.code <= policy.max_status.code
    return passing and one.callable


def candidate(state: TargetState, uptime: Uptime = no_uptime, *, timed: bool = True) -> Candidate:
    """Return what ranking looks at of *state*; its latency only when *timed*."""
    target = state.target
    known = uptime(target.name)
    return Candidate(
        name=target.name,
        operation=target.operation,
        channel=target.channel,
        status=state.now.status,
        callable=state.now.reason is not Reason.NO_CREDENTIAL,
        price=clip_price(target.price, target.operation),
        uptime=None if known is None else round(known, _UPTIME_DIGITS),
        latency=_latency(state.depths.get(Depth.REACH)) if timed else None,
    )


def clip_price(price: Price | None, operation: Operation) -> float | None:
    """Return what one standard clip costs in US dollars, None where that is not known."""
    if price is None:
        return None
    if price.usd_per_second is not None:
        # A second of something that has no length is not a price of one use.
        return price.usd_per_second * CLIP_SECONDS if operation is Operation.VIDEO else None
    return price.usd_per_request if price.usd_per_request is not None else price.usd_per_image


def per_100(price: float | None) -> float | None:
    """Return what 100 uses cost, without the dust of binary fractions."""
    return None if price is None else round(price * 100, 6)


def _latency(reach: DepthState | None) -> float | None:
    """Return the usual seconds of a `reach` probe: the median, else those of a last success."""
    if reach is None or reach.last is None or not reach.last.verdict.success:
        return None
    return reach.median if reach.median is not None else reach.last.duration


def _key(one: Candidate, policy: Policy) -> tuple[Any, ...]:
    fit = usable(one, policy)
    liked = policy.prefer.index(one.channel) if one.channel in policy.prefer else len(policy.prefer)
    by_uptime = _none_last(None if one.uptime is None else -one.uptime)
    if policy.order_by == "stability":
        order = by_uptime
    else:
        order = _none_last(one.price if policy.order_by == "price" else one.latency)
    # Among the unusable how bad it is comes before what is preferred: nobody prefers what is gone.
    status = _BADNESS[one.status if one.callable else Status.AUTH_ERROR]
    price = _none_last(one.price)
    return (not fit, 0 if fit else status, liked, order, status, by_uptime, price, one.name)


def _none_last(value: float | None) -> tuple[bool, float]:
    return value is None, value or 0.0


def _entry(rank: int, one: Candidate, state: TargetState, policy: Policy) -> Entry:
    fit = usable(one, policy)
    text = "" if fit else _reason(one, state, policy)
    why = f"Not usable, {one.status}: {text}" if text else _why(one)
    said = state.now.message
    reason = f"{text} ({said})" if text and said and said != text else text
    return Entry(rank, one, state, fit, reason, why)


def _reason(one: Candidate, state: TargetState, policy: Policy) -> str:
    if one.status in _PASSING[:2] and one.callable:
        return f"The policy takes nothing worse than {policy.max_status}."
    return state.now.reason.meaning.text


def _why(one: Candidate) -> str:
    facts = [f"{one.channel} channel", str(one.status)]
    facts.append("price unknown" if one.price is None else f"${one.price:.2f} a clip")
    if one.uptime is not None:
        facts.append(f"uptime {one.uptime:.1%}")
    text = ", ".join(facts)
    return f"{text[0].upper()}{text[1:]}."


def _message(asked: list[TargetState], wanted: Operation, entries: tuple[Entry, ...]) -> str:
    if not entries:
        there = {state.target.operation for state in asked}
        listed = ", ".join(operation for operation in Operation if operation in there)
        return f"No target makes {wanted}; operations of the targets there are: {listed or 'none'}."
    if entries[0].usable:
        return ""
    return f"None of {len(entries)} is usable now; the least bad comes first."


def operation_called(word: str) -> Operation:
    """Return the operation of that name. Raises RoutingError."""
    try:
        return Operation(word)
    except ValueError:
        hint = did_you_mean(word, list(Operation), f"known are: {', '.join(Operation)}")
    raise RoutingError(f"no operation is called {word[:100]!r}; {hint}")


def _of_family(states: Sequence[TargetState], word: str) -> list[TargetState]:
    found = [state for state in states if state.target.family == word]
    if found:
        return found
    there = sorted({state.target.family for state in states})
    hint = did_you_mean(word, there, f"known are: {', '.join(there) or 'none'}")
    raise RoutingError(f"no target here is of the family {word[:100]!r}; {hint}")


def _policy(word: str, known: Mapping[str, Policy]) -> Policy:
    if word in known:
        return known[word]
    hint = did_you_mean(word, known, f"known are: {', '.join(known)}")
    raise RoutingError(f"no policy is called {word[:100]!r}; {hint}")
