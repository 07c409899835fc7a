"""What one target's state says of its vendor, its account and our network; and when that is an incident."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Fault, Status
from genmedia_exporter.health.state import TargetState
from genmedia_exporter.incidents.model import NETWORK, Domain, Scope
from genmedia_exporter.targets.model import Account, Target

TOGETHER_SECONDS: Final = 600.0
"""Targets that break within so long of each other break together."""
TOGETHER: Final = 3
"""So many of a domain that break together are an incident, however many others work."""
MUTE_SECONDS: Final = 600.0
"""A target that has said nothing for so long is not counted among those that should work."""

_THEIRS: Final = frozenset({Fault.PROVIDER, Fault.GATEWAY})
_BROKEN: Final[Mapping[Scope, frozenset[Status]]] = {
    Scope.VENDOR: frozenset(
        {Status.DOWN, Status.SUSPENDED, Status.RISK_CONTROL, Status.RATE_LIMITED}
    ),
    Scope.ACCOUNT: frozenset({Status.AUTH_ERROR, Status.QUOTA_EXHAUSTED}),
}
_OVER: Final = frozenset({Status.OPERATIONAL, Status.DEGRADED, Status.RETIRED, Status.MAINTENANCE})
"""Statuses that end a target's part in an incident: it works, or is not meant to."""


class Word(Enum):
    """What a state says of a domain."""

    BROKEN = auto()
    SILENT = auto()  # nothing
    OVER = auto()


@dataclass(frozen=True, slots=True)
class Groups:
    """Which targets are in which domain: what a configuration says once."""

    names: Mapping[Domain, tuple[str, ...]]
    domains: Mapping[str, Mapping[Scope, Domain]]  # by target
    vendors: Mapping[Domain, str]

    @classmethod
    def of(cls, targets: Iterable[Target]) -> Groups:
        """Return the groups of *targets*."""
        names: dict[Domain, list[str]] = {}
        domains: dict[str, Mapping[Scope, Domain]] = {}
        vendors: dict[Domain, str] = {}
        by_account: dict[str, Mapping[Scope, Domain]] = {}  # thousands of targets may share one
        for target in targets:
            account = target.account
            of = by_account.get(account.name)
            if of is None:
                of = by_account[account.name] = _domains(account)
            domains[target.name] = of
            for domain in (of[Scope.VENDOR], of[Scope.ACCOUNT]):
                names.setdefault(domain, []).append(target.name)
                vendors[domain] = of[Scope.VENDOR].name
        return cls({domain: tuple(found) for domain, found in names.items()}, domains, vendors)


def _domains(account: Account) -> Mapping[Scope, Domain]:
    both = (Domain(Scope.VENDOR, account.vendor), Domain(Scope.ACCOUNT, account.name))
    return {domain.scope: domain for domain in (*both, NETWORK)}


def word(state: TargetState, scope: Scope) -> Word:
    """Return what *state* says of its domain of that *scope*."""
    if trouble(state) is scope:
        return Word.BROKEN
    return Word.OVER if state.now.status in _OVER or state.in_maintenance else Word.SILENT


def trouble(state: TargetState) -> Scope | None:
    """Return in which domain *state* has a trouble, None where it has none or nobody can say."""
    status, fault = state.now.status, state.now.fault
    if status in _BROKEN[Scope.VENDOR] and fault in _THEIRS:
        return None if state.in_maintenance else Scope.VENDOR
    if status in _BROKEN[Scope.ACCOUNT] and fault is Fault.ACCOUNT:
        return Scope.ACCOUNT
    return Scope.NETWORK if state.now.reason is Reason.OWN_NETWORK else None


def is_onset(broken: Sequence[TargetState], watched: Sequence[TargetState], now: Unix) -> bool:
    """Whether the *broken* ones among all that are *watched* of a domain are an incident at *now*.

    They are when they are more than half of those that should work, and two at least where two are
    watched; or when three broke within ten minutes.
    """
    fresh = [s for s in broken if now - s.since < TOGETHER_SECONDS <= now - s.added_at]
    if len(fresh) >= TOGETHER:
        return True
    scope = trouble(broken[0]) if broken else None
    asked = [state for state in watched if _should_work(state, scope, now)]
    return 2 * len(broken) > len(asked) and len(broken) >= min(2, len(watched))


def _should_work(state: TargetState, scope: Scope | None, now: Unix) -> bool:
    if state.now.status is Status.RETIRED or state.in_maintenance:
        return False
    mute = state.now.status is Status.UNKNOWN or state.now.fault is Fault.ACCOUNT
    return trouble(state) is scope or not (mute and now - state.since >= MUTE_SECONDS)


def begin_of(broken: Iterable[TargetState]) -> Unix:
    """Return when an incident of *broken* began: with the first of those that broke in one go.

    What had been broken for long before is a part of it, but not its beginning.
    """
    newest_first = sorted((state.since for state in broken), reverse=True)
    begin = newest_first[0]
    for since in newest_first[1:]:
        if begin - since > TOGETHER_SECONDS:
            break
        begin = since
    return begin
