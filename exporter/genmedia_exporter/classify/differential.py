"""Two creates, wrong in different things: does the service answer what was wrong, or everything alike? Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from genmedia_exporter.classify.accepted import as_accepted, is_named, is_surprising, was_made
from genmedia_exporter.classify.by_rules import find_by_rules
from genmedia_exporter.classify.calls import asked_of
from genmedia_exporter.classify.context import Context
from genmedia_exporter.classify.expectations import Finding
from genmedia_exporter.classify.parse import Reading, read
from genmedia_exporter.classify.rules import Setting, status_in
from genmedia_exporter.core.evidence import Evidence, Exchange
from genmedia_exporter.core.json_pointer import MISSING
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.providers.schema import Generic
from genmedia_exporter.providers.states import EMPTY

MADE: Final = "control.made"
"""The rule of a verdict that the second create was accepted."""

_IDS: Final = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\d[t ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:z|[+-]\d\d:?\d\d)?"
    r"|\b(?=\w*\d)\w{12,}\b|\b[0-9a-f]{8,}\b|\d{5,}|\b(?:req|trace|request)[-_:]\w+",
    re.I,
)
"""Ids, times and hashes: what differs between any two answers."""


def with_differential(
    finding: Finding, evidence: Evidence, reading: Reading, context: Context, generic: Generic
) -> Finding:
    """Let the same create with other mistakes decide about a rejection that nothing proves.

    A control that failed, or was refused for something of its own, changes nothing.
    """
    second = _second(evidence)
    if second is None or finding.reason is not Reason.REJECTION_UNPROVEN:
        return finding
    other = read(second, context.provider, generic, context.channel)
    if was_made(other, context, generic) or _says_yes(other, context):
        return Finding(Reason.ACCEPTED_UNEXPECTEDLY, MADE, as_accepted(second))
    if second.transport is not None:
        return finding
    kind = context.provider.kind if context.provider else None
    setting = Setting(Depth.ACCEPT, context.channel, "gateway" if other.gateway else kind)
    found = find_by_rules(other, context, generic, setting)
    if found is not None and found.reason is Reason.REJECTED_AS_EXPECTED:
        return replace(found, rule=f"{finding.rule}+{second.call}.complains", message="")
    unread = found is None or found.reason is Reason.REJECTION_UNPROVEN
    if not unread or not _is_refusal(other):
        return finding
    if same_refusal(reading, other):
        return replace(
            finding, reason=Reason.CREATE_REFUSED, rule=f"{finding.rule}+{second.call}.same"
        )
    if not _validates(reading, other, context):
        return finding
    rule = f"{finding.rule}+{second.call}.differs"
    return replace(finding, reason=Reason.REJECTED_AS_EXPECTED, rule=rule)


def _second(evidence: Evidence) -> Exchange | None:
    if evidence.depth is not Depth.ACCEPT:
        return None
    return next((e for e in evidence.second_creates), None)


def _says_yes(reading: Reading, context: Context) -> bool:
    """Whether it is a success that says anything: in doubt it was made."""
    if reading.exchange.transport is not None or not is_surprising(reading, context):
        return False
    if reading.claims_error:
        return is_named(reading, context)
    return reading.document is not MISSING and reading.document not in EMPTY


def _is_refusal(reading: Reading) -> bool:
    return reading.claims_error or 400 <= reading.http < 500


def _validates(one: Reading, two: Reading, context: Context) -> bool:
    """Whether two refusals have one status, and that is one that validators answer with.

    Who refuses the one as forbidden and the other as a conflict has not looked at what is wrong.
    """
    asked = asked_of(one.exchange, Depth.ACCEPT, context)
    return one.http == two.http and status_in(one.http, asked.http)


def same_refusal(one: Reading, two: Reading) -> bool:
    """Whether two refusals say the same, ids and times apart."""
    return one.http == two.http and _said(one) == _said(two)


def _said(reading: Reading) -> tuple[object, ...]:
    codes = tuple(sorted(_plain(c) for layer in reading.layers for c in layer.codes | layer.types))
    inner = reading.layers[0] if reading.layers else None
    told = inner is not None and bool(inner.shown.strip() or codes)
    text = inner.shown if inner is not None and told else reading.exchange.text
    params = inner.params if inner is not None else frozenset()
    return (codes, tuple(sorted(params)), _plain(text))


def _plain(text: str) -> str:
    return " ".join(_IDS.sub("#", text).casefold().split())
