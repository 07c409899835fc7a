"""The last failures of each target and depth, kept whole: what was asked and answered, and the verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from genmedia_exporter.core.evidence import Evidence, Exchange, Observation, Verdict
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Outcome
from genmedia_exporter.health.persisted import identity
from genmedia_exporter.targets.model import Target

KEPT: Final = 10
"""Failures of a target and depth."""
KEPT_BODY: Final = 32 << 10
"""Bytes of each body."""
KEPT_BYTES: Final = 16 << 20
"""Bytes of all bodies together; what exceeds them goes, the oldest first."""

_WELL: Final = (Outcome.SUCCESS, Outcome.MODERATED)


@dataclass(frozen=True, slots=True, eq=False)
class KeptFailure:
    """One failed probe. Our own credentials are not in it; what looks like others' may be."""

    id: str  # of its target: the depth, and the Unix milliseconds at which it ended
    target: Target
    evidence: Evidence  # bodies cut to KEPT_BODY
    verdict: Verdict
    sizes: tuple[int, ...]  # bytes of the bodies as they were read, exchange by exchange

    @property
    def weight(self) -> int:
        """The bytes of its bodies."""
        return sum(len(exchange.body) for exchange in self.evidence.exchanges)


class FailureLog:
    """Keeps the last failures, in memory only. Other threads may read what the event loop writes."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, Depth], tuple[KeptFailure, ...]] = {}  # oldest first
        self._weight = 0

    def configure(self, targets: Iterable[Target]) -> None:
        """Keep what is about *targets*, and forget all others."""
        known = {target.name: identity(target) for target in targets}
        for key, kept in tuple(self._kept.items()):
            if known.get(key[0]) != identity(kept[-1].target):
                self._put(key, ())

    def add(self, target: Target, found: Observation) -> None:
        """Keep *found* if it is a failure."""
        if found.verdict.outcome in _WELL:
            return
        key = (target.name, found.evidence.depth)
        before = self._kept.get(key, ())
        self._put(key, _shortened((*before, _kept(target, found))))
        while self._weight > KEPT_BYTES:
            self._drop_oldest()

    def of(self, name: str) -> tuple[KeptFailure, ...]:
        """Return the failures of a target, newest first."""
        found = [kept for depth in Depth for kept in self._kept.get((name, depth), ())]
        return tuple(sorted(found, key=lambda kept: kept.evidence.at, reverse=True))

    def _put(self, key: tuple[str, Depth], kept: tuple[KeptFailure, ...]) -> None:
        before = self._kept.pop(key, ())
        self._weight += sum(k.weight for k in kept) - sum(k.weight for k in before)
        if kept:
            self._kept[key] = kept

    def _drop_oldest(self) -> None:
        """Forget the failure that goes first: no first of its reason while there are others."""
        candidates = [(key, _next_to_go(kept), kept) for key, kept in self._kept.items()]
        key, gone, kept = min(
            candidates, key=lambda each: (each[1] in _firsts(each[2]), each[1].evidence.at)
        )
        self._put(key, tuple(k for k in kept if k is not gone))


def _kept(target: Target, found: Observation) -> KeptFailure:
    evidence = found.evidence
    cut = tuple(_cut(exchange) for exchange in evidence.exchanges)
    return KeptFailure(
        f"{evidence.depth}-{round(float(evidence.at) * 1_000)}",
        target,
        replace(evidence, exchanges=cut),
        found.verdict,
        tuple(len(exchange.body) for exchange in evidence.exchanges),
    )


def _cut(exchange: Exchange) -> Exchange:
    return replace(exchange, body=exchange.body[:KEPT_BODY])


def _shortened(kept: tuple[KeptFailure, ...]) -> tuple[KeptFailure, ...]:
    if len(kept) <= KEPT:
        return kept
    gone = _next_to_go(kept)
    return tuple(k for k in kept if k is not gone)


def _next_to_go(kept: tuple[KeptFailure, ...]) -> KeptFailure:
    """Return the oldest that is not the first of its reason, or the oldest of all."""
    firsts = _firsts(kept)
    return next((k for k in kept if k not in firsts), kept[0])


def _firsts(kept: tuple[KeptFailure, ...]) -> list[KeptFailure]:
    seen: dict[Reason, KeptFailure] = {}
    for failure in kept:
        seen.setdefault(failure.verdict.reason, failure)
    return list(seen.values())
