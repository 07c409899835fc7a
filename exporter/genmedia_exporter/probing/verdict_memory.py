"""Remembers what answers meant: a service that is well says the same each time, and need not be read again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final

from genmedia_exporter.core.evidence import Evidence, Exchange, Hints, Verdict
from genmedia_exporter.core.status import Depth
from genmedia_exporter.providers.schema import Generic, Provider
from genmedia_exporter.targets.model import Target

PER_TARGET: Final = 2
"""Answers that are remembered of a target and depth: the usual one, and that of an outage."""
MOST_TARGETS: Final = 20_000
"""Targets and depths of which any are; those that a reload took away are among them."""
MOST_NAMES: Final = 1_000
"""Headers of which it is remembered whether they tell something, for each set of rules."""
_ALWAYS_TELLING: Final = ("content-type", "sunset")
_FRESH: Final = ("request_id", "requestid", "log_id", "logid", "trace_id", "traceid", "timestamp")
"""Fields of JSON that say something new with each answer and of a success nothing else, in lower case."""

_Answer = tuple[object, ...]
_Told = tuple[tuple[str, str | None], ...]
"""Names of headers, with values where those decide something."""


@dataclass(slots=True)
class _Headers:
    """What is remembered of headers, for all targets of a provider together."""

    telling: frozenset[str]  # those whose values decide something; of others it is the name
    tells: dict[str, bool] = field(default_factory=dict)  # of those seen, whether they are such
    shared: dict[_Told, _Told] = field(default_factory=dict)  # those of whole answers, each once

    def share(self, told: _Told) -> _Told:
        """Return what is equal to *told* and was there before: most answers have the same headers."""
        if len(self.shared) >= MOST_NAMES:
            self.shared.clear()
        return self.shared.setdefault(told, told)


@dataclass(slots=True)
class _Known:
    """What is remembered of one target at one depth."""

    target: Target
    headers: _Headers
    verdicts: dict[_Answer, Verdict] = field(default_factory=dict)
    fresh: re.Pattern[bytes] | None = (
        None  # of fields that were new in an answer, with their values
    )


class VerdictMemory:
    """Holds verdicts that follow from the answer alone: not from the time, nor from other answers."""

    def __init__(self, generic: Callable[[], Generic]) -> None:
        self._generic = generic
        self._known: dict[tuple[str, Depth], _Known] = {}
        self._headers: dict[frozenset[str], _Headers] = {}

    def recall(self, target: Target, evidence: Evidence, hints: Hints) -> Verdict | None:
        """Return what the same answer meant before; None where it was not seen, or may mean another thing now."""
        known = self._known.get((target.name, evidence.depth))
        if known is None or known.target is not target or not _alone(target, evidence):
            return None
        return known.verdicts.get(self._answer(known, evidence, hints))

    def keep(self, target: Target, evidence: Evidence, hints: Hints, verdict: Verdict) -> None:
        """Remember *verdict*, unless more than the answer decided it."""
        if not _alone(target, evidence):
            return
        key = (target.name, evidence.depth)
        known = self._known.get(key)
        if known is None or known.target is not target:
            if len(self._known) >= MOST_TARGETS:
                self._known.clear()
            known = self._known[key] = _Known(target, self._headers_of(target.provider))
        if known.fresh is None and verdict.success and _has_fresh(evidence):
            known.fresh = _fresh_fields(self._undecided(target))
        while len(known.verdicts) >= PER_TARGET:
            del known.verdicts[next(iter(known.verdicts))]
        known.verdicts[self._answer(known, evidence, hints)] = verdict

    def _headers_of(self, provider: Provider) -> _Headers:
        """Return what is known of the headers of *provider*; those with the same rules share it."""
        rules = (*provider.rules, *self._generic().rules)
        named = (name.lower() for rule in rules for name in rule.when.header)
        telling = frozenset((*_ALWAYS_TELLING, *named))
        return self._headers.setdefault(telling, _Headers(telling))

    def _undecided(self, target: Target) -> tuple[str, ...]:
        """Return the fresh fields that no rule looks at."""
        rules = repr((target.provider.rules, self._generic().rules, target.expect)).lower()
        return tuple(name for name in _FRESH if name not in rules)

    def _answer(self, known: _Known, evidence: Evidence, hints: Hints) -> _Answer:
        (exchange,) = evidence.exchanges
        headers = tuple(
            [
                (name, value if self._tells(name, known.headers) else None)
                for name, value in exchange.headers.items()
            ]
        )
        said = exchange.body
        if known.fresh is not None and 200 <= (exchange.status or 0) < 300:
            said = known.fresh.sub(rb"\1\2", said)
        body = hashlib.blake2b(said, digest_size=16).digest()
        shared = known.headers.share(headers)
        told = (exchange.call, exchange.status, exchange.redirect_to, shared, body)
        return (*told, evidence.credential, hints)

    def _tells(self, name: str, known: _Headers) -> bool:
        tells = known.tells.get(name)
        if tells is None:
            named = any(fnmatchcase(name, glob) for glob in self._generic().error_headers)
            tells = named or name in known.telling
            if len(known.tells) < MOST_NAMES:
                known.tells[name] = tells
        return tells


@lru_cache(maxsize=64)
def _fresh_fields(names: tuple[str, ...]) -> re.Pattern[bytes]:
    """Return what finds such a field: its name and whether it holds a text are kept, its value is not."""
    either = "|".join(names) or "(?!)"
    value = r'(?:(")[^"\\]{1,100}"|[0-9.]{1,20}(?=\s{0,3}[,}]))'
    return re.compile(rf'(?i)("(?:{either})"\s{{0,3}}:\s{{0,3}}){value}'.encode())


def _has_fresh(evidence: Evidence) -> bool:
    return _fresh_fields(_FRESH).search(evidence.exchanges[0].body) is not None


def _alone(target: Target, evidence: Evidence) -> bool:
    """Whether one whole answer decides, at any time."""
    if len(evidence.exchanges) != 1 or evidence.generation is not None:
        return False
    (exchange,) = evidence.exchanges
    return target.ends_at is None and _is_timeless(exchange)


def _is_timeless(exchange: Exchange) -> bool:
    return exchange.transport is None and "retry-after" not in exchange.headers
