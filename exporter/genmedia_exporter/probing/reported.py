"""What an application tells of a call of its own, judged by the same rules as an answer to a probe."""

from __future__ import annotations

from dataclasses import dataclass, replace

from genmedia_exporter.classify.context import Context
from genmedia_exporter.classify.explain import Answer, verdict_on
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.evidence import NEVER_SENT, Hints, Verdict
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.secret import without_secrets
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.state import TargetState
from genmedia_exporter.health.traffic import LATE_SECONDS, ReportedCall
from genmedia_exporter.providers.loader import load_generic

BY_WORD = "traffic.reported"
"""The rule of a call whose application says that it worked, and shows no answer."""
_ACCEPTED = frozenset(("job.created", "job.queued", "job.running"))
"""The rules of answers that tell of a job which has no result yet."""


@dataclass(frozen=True, slots=True)
class Told:
    """One call as an application tells of it."""

    at: Unix
    answer: Answer | None = None  # None: the application says that it worked
    depth: Depth = Depth.GENERATE  # without an answer: how far it worked
    duration: float = 0.0  # seconds


def judged(told: Told, state: TargetState, now: Unix) -> ReportedCall:
    """Return what *told* of the target of *state* means at *now*."""
    late = now - told.at > LATE_SECONDS
    if told.answer is None:
        worked = ReportedCall(told.at, told.depth, _worked(), duration=told.duration)
        return replace(worked, late=late)
    context = Context.of(state.target, now, Hints(worked_before=state.has_worked))
    verdict = verdict_on(told.answer, Depth.GENERATE, context, load_generic())
    verdict = replace(verdict, message=without_secrets(verdict.message))
    depth = Depth.ACCEPT if verdict.success and verdict.rule in _ACCEPTED else Depth.GENERATE
    unreached = told.answer.transport in NEVER_SENT
    status = told.answer.http_status or 0
    return ReportedCall(told.at, depth, verdict, status, told.duration, unreached, late)


def _worked() -> Verdict:
    ok = Reason.OK.meaning
    return Verdict(ok.outcome, ok.status, ok.fault, Reason.OK, BY_WORD)
