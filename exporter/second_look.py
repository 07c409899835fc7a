"""What one answer alone cannot tell: control calls, the calendar, and who was really refused."""

from __future__ import annotations

from dataclasses import replace

from exporter.answers import Finding, lists_model
from exporter.context import Context
from exporter.evidence import Evidence
from exporter.providers.base import Kind
from exporter.providers.calls import Call
from exporter.providers.schema import Generic
from exporter.reasons import Reason
from exporter.rules import check_holds, status_in
from exporter.signals import Reading, read

UPSTREAM_REASONS: dict[Reason, Reason] = {
    Reason.QUOTA_EXHAUSTED: Reason.UPSTREAM_QUOTA,
    Reason.DAILY_QUOTA: Reason.UPSTREAM_QUOTA,
    Reason.INVALID_KEY: Reason.UPSTREAM_AUTH,
    Reason.ACCOUNT_CLOSED: Reason.UPSTREAM_AUTH,
    Reason.NO_ENTITLEMENT: Reason.UPSTREAM_AUTH,
    Reason.NETWORK_POLICY: Reason.UPSTREAM_AUTH,
    Reason.RATE_LIMITED: Reason.UPSTREAM_RATE_LIMITED,
    Reason.CONCURRENCY_LIMITED: Reason.UPSTREAM_RATE_LIMITED,
    Reason.MODEL_NOT_FOUND: Reason.ROUTING_BROKEN,
    Reason.WRONG_PATH: Reason.ROUTING_BROKEN,
}
"""What a refusal means when the gateway, not we, is the one refused (row 13 and its neighbours)."""


def with_controls(
    finding: Finding, evidence: Evidence, context: Context, generic: Generic
) -> Finding:
    """Let the control calls decide between two readings of the same words (wire.md section 8.4)."""
    if context.provider is None:
        return finding
    operation = context.operation or context.provider.operation
    for call in context.provider.controls_for(finding.reason, operation, context.model):
        exchange = evidence.control(call.id)
        if exchange is None or exchange.transport or not status_in(exchange.status or 0, call.http):
            continue
        reading = read(exchange, context.provider, generic)
        if call.membership is not None:
            listed = lists_model(reading, call.membership, context.model)
            finding = _with_listing(finding, listed, call.id, context)
        elif finding.reason is Reason.INVALID_KEY and _all_hold(call, reading):
            finding = Finding(Reason.QUOTA_EXHAUSTED, f"control.{call.id}", finding.message, True)
    return finding


def _all_hold(call: Call, reading: Reading) -> bool:
    return bool(call.expect) and all(check_holds(c, reading.document) for c in call.expect)


def _with_listing(finding: Finding, listed: bool | None, call: str, context: Context) -> Finding:
    if listed is False and (context.worked_before or context.ended):
        return replace(finding, reason=Reason.RETIRED, rule=f"{finding.rule}+{call}.vanished")
    if listed is True and finding.reason is Reason.MODEL_NOT_FOUND:
        return replace(finding, reason=Reason.ROUTING_BROKEN, rule=f"{finding.rule}+{call}.listed")
    if listed is True and finding.reason is Reason.WRONG_PATH:
        return replace(finding, reason=Reason.OK, rule=f"call.{call}")
    return finding


_VANISHING = frozenset({Reason.MODEL_NOT_FOUND, Reason.WRONG_PATH})


def with_lifecycle(finding: Finding, context: Context) -> Finding:
    """Read an ambiguous 'not here' as retirement where the calendar or the past says so."""
    if finding.reason in _VANISHING and context.ended:
        return replace(finding, reason=Reason.RETIRED, rule=f"{finding.rule}+end_date")
    if finding.reason in _VANISHING and context.worked_before:
        return replace(finding, reason=Reason.RETIRED, rule=f"{finding.rule}+worked_before")
    return finding


def with_upstream(finding: Finding, kind: Kind | None) -> Finding:
    """Read a refusal relayed from behind a gateway as the gateway's, not ours."""
    if not finding.upstream or kind == "direct":
        return finding
    reason = UPSTREAM_REASONS.get(finding.reason)
    return replace(finding, reason=reason, fault=None, status=None) if reason else finding
