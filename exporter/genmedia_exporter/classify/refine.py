"""What one answer alone cannot tell: control calls, the calendar, who was refused, what was made."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from genmedia_exporter.classify.context import Context
from genmedia_exporter.classify.finding import Finding
from genmedia_exporter.classify.listings import lists_model
from genmedia_exporter.classify.parse import Reading, read
from genmedia_exporter.classify.rules import check_holds, status_in
from genmedia_exporter.core.evidence import (
    UNREACHABLE,
    Evidence,
    Exchange,
    Generation,
    Role,
    Transport,
)
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.providers.base import ProviderKind
from genmedia_exporter.providers.calls import Call
from genmedia_exporter.providers.schema import Generic
from genmedia_exporter.providers.states import POLL, RESULT, chat_text, told_in_prose

UPSTREAM_REASONS: dict[Reason, Reason] = {
    Reason.QUOTA_EXHAUSTED: Reason.UPSTREAM_QUOTA,
    Reason.DAILY_QUOTA: Reason.UPSTREAM_QUOTA,
    Reason.INVALID_KEY: Reason.UPSTREAM_AUTH,
    Reason.ACCOUNT_CLOSED: Reason.UPSTREAM_AUTH,
    Reason.NO_ENTITLEMENT: Reason.UPSTREAM_AUTH,
    Reason.NETWORK_POLICY: Reason.UPSTREAM_AUTH,
    Reason.RATE_LIMITED: Reason.UPSTREAM_RATE_LIMITED,
    Reason.CONCURRENCY_LIMITED: Reason.UPSTREAM_RATE_LIMITED,
    Reason.MODEL_NOT_FOUND: Reason.UPSTREAM_MODEL,
    Reason.WRONG_PATH: Reason.ROUTING_BROKEN,
}
"""What a refusal means when the gateway is refused, not we (docs/wire.md §8.2 row 13)."""


def with_controls(
    finding: Finding, evidence: Evidence, context: Context, generic: Generic
) -> Finding:
    """Let the control calls decide between two readings of the same words (docs/wire.md §8.4)."""
    if context.provider is None:
        return finding
    operation = context.operation or context.provider.operation
    for call in context.provider.controls_for(finding.reason, operation, context.model):
        exchange = evidence.control(call.id)
        if exchange is None or exchange.transport or not status_in(exchange.status or 0, call.http):
            continue
        reading = read(exchange, context.provider, generic, context.channel)
        if call.membership is not None:
            listed = lists_model(reading, call.membership, context.model)
            finding = _with_listing(finding, listed, call, context, evidence.depth)
        elif finding.reason is Reason.INVALID_KEY and _all_hold(call, reading):
            finding = Finding(Reason.QUOTA_EXHAUSTED, f"control.{call.id}", finding.message, True)
    return finding


def _all_hold(call: Call, reading: Reading) -> bool:
    return bool(call.expect) and all(check_holds(c, reading.document) for c in call.expect)


def _with_listing(
    finding: Finding, listed: bool | None, call: Call, context: Context, depth: Depth
) -> Finding:
    if listed is False:
        switched_off = _lacks_public(finding, call, context)
        reason = Reason.NO_CHANNEL if switched_off else finding.reason
        return replace(finding, reason=reason, rule=f"{finding.rule}+{call.id}.vanished")
    if listed is True and finding.reason is Reason.MODEL_NOT_FOUND:
        return replace(
            finding, reason=Reason.ROUTING_BROKEN, rule=f"{finding.rule}+{call.id}.listed"
        )
    # A list stands in for a model's own page; the path of a create it cannot bring back.
    if listed is True and finding.reason is Reason.WRONG_PATH and depth is Depth.REACH:
        return replace(finding, reason=Reason.OK, rule=f"call.{call.id}")
    return finding


def _lacks_public(finding: Finding, call: Call, context: Context) -> bool:
    """Whether a gateway's public list, which asks for no key, lacks a model that is not found.

    Its operator offers it to nobody now. Past the vendor's date the calendar explains it better.
    """
    kind = context.provider.kind if context.provider else None
    missing = finding.reason is Reason.MODEL_NOT_FOUND and not finding.upstream
    return kind == "gateway" and missing and not call.auth and not _dated(context, kind)


_ABSENT: Final = re.compile(r"not (?:be )?found|(?:does not|doesn't|not) exist|不存在|未找到", re.I)
_NOT_FOR_US: Final = re.compile(
    r"\b(?:not allowed|for your account|operation|coding plan|throughput|inference profile|feature)\b",
    re.I,
)
"""What says that the model is there, and not for this account, this kind of call or this plan."""
_VANISHING = frozenset({Reason.MODEL_NOT_FOUND, Reason.WRONG_PATH})


def with_lifecycle(finding: Finding, context: Context, kind: ProviderKind | None) -> Finding:
    """Read an ambiguous 'not here' by the calendar, and by who says so.

    Absence is not permanence: only the vendor's own date makes it a retirement, and not at a
    gateway that served the model long after it. A gateway has switched off what it had before.
    """
    told = finding.message
    absent = finding.reason in _VANISHING and bool(
        _ABSENT.search(told) or not _NOT_FOR_US.search(told)
    )
    if absent and _dated(context, kind):
        return replace(finding, reason=Reason.RETIRED, rule=f"{finding.rule}+end_date")
    if finding.reason is not Reason.MODEL_NOT_FOUND or kind != "gateway" or finding.upstream:
        return finding
    if context.worked_before:
        return replace(finding, reason=Reason.NO_CHANNEL, rule=f"{finding.rule}+worked_before")
    if _is_sold_to_nobody(finding, context):
        return replace(finding, reason=Reason.NO_CHANNEL)
    return finding


def _is_sold_to_nobody(finding: Finding, context: Context) -> bool:
    """Whether it is a list of all that is sold that lacks the model, not one of what our key may use."""
    calls = context.provider.calls if context.provider else ()
    return any(
        finding.rule == f"call.{call.id}.unlisted"
        for call in calls
        if "catalogue" in call.proves and "key" not in call.proves
    )


def _dated(context: Context, kind: ProviderKind | None) -> bool:
    """Whether the known end date explains why the model is not found."""
    return context.ended and not (kind == "gateway" and context.outlived_end)


def with_upstream(finding: Finding, kind: ProviderKind | None) -> Finding:
    """Read a refusal relayed from behind a gateway as the gateway's, not ours."""
    if not finding.upstream or kind == "direct":
        return finding
    reason = UPSTREAM_REASONS.get(finding.reason)
    return replace(finding, reason=reason, fault=None, status=None) if reason else finding


def with_acquittal(
    finding: Finding, depth: Depth, context: Context, kind: ProviderKind | None
) -> Finding:
    """Read a refused key at a gateway as the gateway's own, where ours has just worked.

    Not at reach: that call is answered by the gateway alone.
    """
    refused = finding.reason is Reason.INVALID_KEY and depth is not Depth.REACH
    if not (refused and context.key_accepted and kind == "gateway"):
        return finding
    return replace(finding, upstream=True, rule=f"{finding.rule}+key_accepted")


_NOT_THERE = frozenset({Reason.WRONG_PATH, Reason.MODEL_NOT_FOUND})
_ENDED = frozenset({"job.succeeded", "job.output"})  # what says that there must be a result
_SILENT = frozenset({Reason.OK, Reason.BODY_TIMEOUT})
_OURS: dict[Transport, Reason] = {
    # Nobody else may be blamed for what we would not or could not send.
    Transport.CONNECT_FAILED: Reason.CONNECT_FAILED,
    Transport.PROXY: Reason.PROXY_ERROR,
    Transport.LOCAL: Reason.PROBE_ERROR,
}
_NO_OUTPUT = Finding(Reason.ASSET_UNAVAILABLE, "job.no_output", "succeeded without a result")


def with_generation(
    finding: Finding, evidence: Evidence, reading: Reading, generic: Generic
) -> Finding:
    """Read the deciding answer of a generation by how far it came (docs/wire.md §8.2 rows 29 to 35).

    An answer that a job has succeeded is a success only with a result that can be one.
    """
    made = evidence.generation
    if made is None:
        return finding
    if made.overdue and finding.reason in _SILENT:
        return _unexplained(reading, generic) or _overdue(made)
    status = evidence.main.status or 0
    vague = finding.reason in _NOT_THERE or (status == 404 and not finding.explicit)
    if vague and 400 <= status < 500:
        return _not_there(finding, evidence.main)
    if finding.rule == "job.schema" and evidence.main.call == RESULT:
        return _NO_OUTPUT  # the job has succeeded: whatever lies there is not what it made
    return _with_asset(finding, made, evidence) if finding.reason is Reason.OK else finding


def _unexplained(reading: Reading, generic: Generic) -> Finding | None:
    """Find the last state that a chat's stream tells, if it is a word we do not know."""
    said = chat_text(reading.stream or (), "reasoning_content", "content")
    told = told_in_prose(said, generic)
    state = told[-1][1] if told else None
    if state is None or state.word is not None or not state.raw:
        return None
    return Finding(Reason.UNKNOWN_WORD, "stream.word", state.raw)


def _overdue(made: Generation) -> Finding:
    if made.overdue == "queued":
        return Finding(Reason.QUEUE_TIMEOUT, "job.queued_at_deadline", "queued at the deadline")
    if made.stuck:
        message = "no progress for the second half of the time it had"
        return Finding(Reason.GENERATION_STUCK, "job.stuck", message)
    return Finding(Reason.GENERATION_TIMEOUT, "job.running_at_deadline", "running at the deadline")


def _not_there(finding: Finding, main: Exchange) -> Finding:
    """Read a 404 to a question about a job as the job's loss; to the create it is about the model."""
    if main.call == POLL:
        return replace(finding, reason=Reason.LOST_JOB, rule=f"{finding.rule}+job", explicit=False)
    if main.call == RESULT:
        rule = f"{finding.rule}+result"
        return replace(finding, reason=Reason.ASSET_UNAVAILABLE, rule=rule, explicit=False)
    return finding


def _with_asset(finding: Finding, made: Generation, evidence: Evidence) -> Finding:
    if made.asset is not None and made.asset.kind == UNREACHABLE:
        return Finding(Reason.ASSET_UNAVAILABLE, "asset.address", made.asset.problem)
    if made.asset is not None and made.asset.problem:
        return Finding(Reason.ASSET_INVALID, "asset.invalid", made.asset.problem)
    if made.asset is not None:
        return Finding(Reason.OK, "asset", explicit=True)
    tried = next((e for e in reversed(evidence.exchanges) if e.role is Role.ASSET), None)
    if tried is not None:
        return _unavailable(tried)
    if finding.rule in _ENDED and evidence.main.call in (POLL, RESULT):
        return _NO_OUTPUT
    return Finding(Reason.SCHEMA, "job.schema", "neither an id nor a state nor a result")


def _unavailable(tried: Exchange) -> Finding:
    if tried.transport is not None:
        reason = _OURS.get(tried.transport, Reason.ASSET_UNAVAILABLE)
        return Finding(reason, "asset.transport", f"{tried.host}: {tried.detail}")
    return Finding(
        Reason.ASSET_UNAVAILABLE, "asset.http", f"{tried.host}: HTTP {tried.status} {tried.text}"
    )
