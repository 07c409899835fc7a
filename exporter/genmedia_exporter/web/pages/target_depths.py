"""What the page of one target says depth by depth: the last probe, its phases, and when the next comes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Final

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.evidence import PHASE_NAMES, Asset
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Outcome
from genmedia_exporter.health.backoff import retry_after_until
from genmedia_exporter.health.state import DepthState, SkipReason, TargetState, unseen
from genmedia_exporter.report.formatting import duration, exact, size, span
from genmedia_exporter.spending.limits import dollars
from genmedia_exporter.web.pages.next_probe import UNDISTURBED, Conditions, next_probe, tick_of
from genmedia_exporter.web.pages.style import GLYPHS, Moment, moment, plain_word
from genmedia_exporter.words.language import decimal, say

OUTCOME_TONES: Final[Mapping[str, str]] = {
    Outcome.SUCCESS: "good",
    Outcome.FAILURE: "bad",
    Outcome.REFUSED: "ours",
    Outcome.UNAVAILABLE: "plan",
    Outcome.MODERATED: "good",
    Outcome.INCONCLUSIVE: "quiet",
}
_FREE: Final = {True: "free", False: "no result yet"}
NAMED: Final = 3
"""Reasons of failures that are named; of more, only the count is told."""


@dataclass(frozen=True, slots=True)
class DepthRow:
    """One depth; texts only, ready to show."""

    depth: str
    tone: str
    glyph: str
    word: str
    reason: str
    message: str
    made: str
    notes: tuple[str, ...]
    rule: str
    when: Moment | None
    took: str
    usual: str
    http: str
    every: str
    next_probe: str
    total: str
    failed: str
    skipped: str
    cost: str


@dataclass(frozen=True, slots=True)
class Phases:
    """Where the time of the last probes went: names of phases, and a row of texts for each depth."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def depth_rows(
    state: TargetState, now: Unix, conditions: Conditions = UNDISTURBED
) -> tuple[DepthRow, ...]:
    """Return a row for each depth that is probed, shallow first; *now* in Unix seconds."""
    return tuple(_row(state, depth, now, conditions) for depth in state.target.depths)


def phases(state: TargetState) -> Phases:
    """Return the phases that were measured in the last probe of any depth."""
    last = {d: s.last.phases.known() for d, s in _known(state) if s.last is not None}
    timed = {depth: known for depth, known in last.items() if known}
    names = tuple(name for name in PHASE_NAMES if any(name in k for k in timed.values()))
    return Phases(
        names,
        tuple(
            (depth, tuple(duration(k[n]) if n in k else "–" for n in names))
            for depth, k in timed.items()
        ),
    )


def _known(state: TargetState) -> Iterator[tuple[Depth, DepthState]]:
    return ((depth, state.depths.get(depth) or unseen(depth)) for depth in state.target.depths)


def _row(state: TargetState, depth: Depth, now: Unix, conditions: Conditions) -> DepthRow:
    known = state.depths.get(depth) or unseen(depth)
    last = known.last
    tone = OUTCOME_TONES[last.verdict.outcome] if last else "quiet"
    at = last.at if last else known.last_at
    return DepthRow(
        depth=depth,
        tone=tone,
        glyph=GLYPHS[tone],
        word=_word(known),
        reason=say(last.verdict.reason.meaning.text) if last else "",
        message=last.verdict.message if last else "",
        made=made(known.asset),
        notes=tuple(_notes(state, depth, known, now)),
        rule=last.verdict.rule if last else "",
        when=moment(at, now) if at is not None else None,
        took=duration(last.duration) if last else "",
        usual=duration(known.median) if known.median is not None else "",
        http=(str(last.http_status) if last.http_status else say("no response")) if last else "",
        every=exact(state.target.intervals[depth]),
        next_probe=next_probe(state, depth, now, conditions),
        total=decimal(known.total),
        failed=_failed(known),
        skipped=_skipped(known),
        cost=dollars(round(known.cost_usd, 6)) if known.cost_usd else say(_FREE[depth.free]),
    )


def _word(known: DepthState) -> str:
    if known.last is not None:
        return say(plain_word(known.last.verdict.outcome))
    return say("not yet") if known.last_at is None else say("not since the restart")


def made(asset: Asset | None) -> str:
    """Return what a generation made, as far as that is known: mp4, 1280×720, 5.0 s, 1.2 MB."""
    if asset is None:
        return ""
    parts = [asset.kind]
    if asset.width and asset.height:
        parts.append(f"{asset.width}×{asset.height}")
    if asset.duration is not None and isfinite(asset.duration):
        parts.append(duration(asset.duration))
    if asset.size is not None:
        parts.append(size(asset.size))
    return say(", ").join(parts)


def _notes(state: TargetState, depth: Depth, known: DepthState, now: Unix) -> Iterator[str]:
    last = known.last
    if known.disabled and (last is None or last.verdict.reason is not known.disabled):
        yield say(known.disabled.meaning.text)
    if last is None:
        return
    if not known.fresh:
        yield say("Expired.")
    if last.slow:
        yield say("Much slower than its baseline.")
    waiting = retry_after_until(state, depth) - tick_of(last, now)
    if waiting > 0:
        yield say("Retry-After: the service asked us to wait {span} more.", span=span(waiting))


def _failed(known: DepthState) -> str:
    most = sorted(known.failures.items(), key=lambda pair: (-pair[1], pair[0]))
    named = [
        _times(count, say(Reason(reason).meaning.text).rstrip(".。"))
        for reason, count in most[:NAMED]
    ]
    if len(most) > NAMED:
        named.append(_times(sum(count for _, count in most[NAMED:]), say("other")))
    return say(", ").join(named)


def _times(count: int, what: str) -> str:
    return say("{n} {what}", n=decimal(count), what=what)


def _skipped(known: DepthState) -> str:
    counted = ((why, number) for why, number in known.skipped.items() if number)
    return say(", ").join(
        say("{n} for {why}", n=decimal(number), why=say(_SKIPPED[why])) for why, number in counted
    )


_SKIPPED: Final[Mapping[SkipReason, str]] = {
    "budget": "budget",
    "maintenance": "maintenance",
    "retired": "retirement",
    "network": "network",
    "concurrency": "concurrency",
}
