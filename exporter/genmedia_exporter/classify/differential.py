"""Two creates, wrong in different things: does the service answer what was wrong, or everything alike? Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from genmedia_exporter.classify.accepted import as_accepted, is_named, is_surprising, was_made
from genmedia_exporter.classify.by_rules import find_by_rules
from genmedia_exporter.classify.calls import asked_of
from genmedia_exporter.classify.context import Context
from genmedia_exporter.classify.finding import Finding
from genmedia_exporter.classify.parse import Reading, read
from genmedia_exporter.classify.rules import Setting, status_in
from genmedia_exporter.core.evidence import REPEATED, SECOND, Evidence, Exchange
from genmedia_exporter.core.json_pointer import MISSING
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.providers.schema import Generic
from genmedia_exporter.providers.states import EMPTY

MADE: Final = "control.made"
"""The rule of a verdict that a later create was accepted."""
DIFFERS: Final = ".differs"
"""How the rule of a verdict ends whose second create got another answer."""

_IDS: Final = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\d[t ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:z|[+-]\d\d:?\d\d)?"
    r"|\b(?=\w*\d)\w{12,}\b|\b[0-9a-f]{8,}\b|\d{5,}|\b(?:req|trace|request)[-_:]\w+",
    re.I,
)
"""Ids, times and hashes: what differs between any two answers."""
_NOISE: Final = re.compile(r"[\w.:-]*\d[\w.:-]*")
"""Whatever holds a digit: what differs between two answers of a service to one and the same create."""


def with_differential(
    finding: Finding, evidence: Evidence, reading: Reading, context: Context, generic: Generic
) -> Finding:
    """Let the same create with other mistakes decide about a rejection that nothing proves.

    A control that failed, or was refused for something of its own, changes nothing. Another answer
    proves a validator only where the first create, repeated, gets the first answer again.
    """
    second, third = _made(evidence, SECOND), _made(evidence, REPEATED)
    if second is None or finding.reason is not Reason.REJECTION_UNPROVEN:
        return finding
    for create in (second, third):
        if create is not None and _was_accepted(create, context, generic):
            return Finding(Reason.ACCEPTED_UNEXPECTEDLY, MADE, as_accepted(create))
    if second.transport is not None:
        return finding
    other = read(second, context.provider, generic, context.channel)
    found = _by_rules(other, context, generic)
    if found is not None and found.reason is Reason.REJECTED_AS_EXPECTED:
        return replace(found, rule=f"{finding.rule}+{second.call}.complains", message="")
    unread = found is None or found.reason is Reason.REJECTION_UNPROVEN
    if not unread or not _is_refusal(other):
        return finding
    return _compared(finding, (reading, other), third, context, generic)


def _compared(
    finding: Finding,
    pair: tuple[Reading, Reading],
    third: Exchange | None,
    context: Context,
    generic: Generic,
) -> Finding:
    """Read two refusals that nobody understands by what they have in common."""
    reading, other = pair
    rule = f"{finding.rule}+{other.exchange.call}"
    if same_refusal(reading, other):
        return replace(finding, reason=Reason.CREATE_REFUSED, rule=f"{rule}.same")
    if not _validates(reading, other, context):
        return finding
    if third is None or third.transport is not None:
        return replace(finding, rule=f"{rule}{DIFFERS}")
    repeated = read(third, context.provider, generic, context.channel)
    if same_refusal(reading, repeated):
        return replace(finding, reason=Reason.REJECTED_AS_EXPECTED, rule=f"{rule}{DIFFERS}")
    if same_refusal(reading, repeated, noisy=True) and same_refusal(reading, other, noisy=True):
        return replace(finding, reason=Reason.CREATE_REFUSED, rule=f"{rule}.same")
    return replace(finding, rule=f"{rule}.unsteady")


def _by_rules(reading: Reading, context: Context, generic: Generic) -> Finding | None:
    kind = context.provider.kind if context.provider else None
    setting = Setting(Depth.ACCEPT, context.channel, "gateway" if reading.gateway else kind)
    return find_by_rules(reading, context, generic, setting)


def _made(evidence: Evidence, suffix: str) -> Exchange | None:
    """Return the create after the first whose call ends in *suffix*, or None."""
    creates = evidence.second_creates if evidence.depth is Depth.ACCEPT else ()
    return next((e for e in creates if e.call.endswith(suffix)), None)


def _was_accepted(create: Exchange, context: Context, generic: Generic) -> bool:
    reading = read(create, context.provider, generic, context.channel)
    return was_made(reading, context, generic) or _says_yes(reading, context)


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


def same_refusal(one: Reading, two: Reading, *, noisy: bool = False) -> bool:
    """Whether two refusals say the same, ids and times apart; *noisy*: all that holds a digit, too."""
    return one.http == two.http and _said(one, noisy) == _said(two, noisy)


def _said(reading: Reading, noisy: bool) -> tuple[object, ...]:
    codes = tuple(sorted(_plain(c) for layer in reading.layers for c in layer.codes | layer.types))
    inner = reading.layers[0] if reading.layers else None
    told = inner is not None and bool(inner.shown.strip() or codes)
    text = inner.shown if inner is not None and told else reading.exchange.text
    params = inner.params if inner is not None else frozenset()
    text = _NOISE.sub("#", text) if noisy else text
    return (codes, tuple(sorted(params)), _plain(text))


def _plain(text: str) -> str:
    return " ".join(_IDS.sub("#", text).casefold().split())
