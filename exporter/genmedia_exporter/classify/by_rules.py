"""From an answer to a finding: the provider's rules, the generic ones, the lexicon, then the bare status."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from genmedia_exporter.classify.answered_by import edge_number
from genmedia_exporter.classify.by_words import Asked, find_by_words
from genmedia_exporter.classify.calls import asked_of, calls_of
from genmedia_exporter.classify.context import Context
from genmedia_exporter.classify.finding import Finding
from genmedia_exporter.classify.listings import judge_listing
from genmedia_exporter.classify.parse import Reading
from genmedia_exporter.classify.proof import names_another, speaks_of_another
from genmedia_exporter.classify.rules import Setting, holds
from genmedia_exporter.core.evidence import Basis
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import AnsweredBy, Depth
from genmedia_exporter.providers.rules import Rule, When
from genmedia_exporter.providers.schema import Generic

_NOT_VALIDATION: Final = frozenset(
    {
        Reason.QUOTA_EXHAUSTED,
        Reason.DAILY_QUOTA,
        Reason.INVALID_KEY,
        Reason.ACCOUNT_CLOSED,
        Reason.NETWORK_POLICY,
        Reason.PROBE_MODERATED,
        Reason.RISK_CONTROL,
        Reason.MODEL_NOT_FOUND,
        Reason.PAUSED,
        Reason.MAINTENANCE,
    }
)
"""What a text may be about although the code beside it is the validator's own."""


def find_by_rules(
    reading: Reading, context: Context, generic: Generic, setting: Setting
) -> Finding | None:
    """Return what the answer means by what it says, codes before words before its status; or None."""
    if reading.answered_by is AnsweredBy.EDGE and not reading.html:
        return _of_edge(reading)
    asked = asked_of(reading.exchange, setting.depth, context)
    provider = context.provider
    found = first(provider.rules, provider.name, reading, setting) if provider else None
    found = found or _declared_failure(reading, setting.depth, context)
    if found is None and _is_sound(reading, setting):
        return first(generic.of_success, "generic", reading, setting)
    found = found or first(generic.speaking, "generic", reading, setting)
    if found is None and not (reading.html or reading.media):
        found = find_by_words(reading, setting, asked)
    if found is None:
        found = _by_status(reading, generic, setting)
    if found is None or found.reason is not Reason.INVALID_REQUEST:
        return found
    return (
        _as_rejection(found, reading, setting, asked)
        if asked.breaks
        else _about(found, reading, setting)
    )


def _about(found: Finding, reading: Reading, setting: Setting) -> Finding:
    """Read what a validator's code calls an invalid request by what its text is about."""
    words = find_by_words(reading, setting, Asked())
    about = words is not None and words.reason in _NOT_VALIDATION
    return replace(words, rule=f"{found.rule}+{words.rule}") if words and about else found


def _is_sound(reading: Reading, setting: Setting) -> bool:
    """Whether nothing in the answer calls itself a failure."""
    failed = setting.job in ("failed", "moderated", "expired", "cancelled")
    sound = 200 <= reading.http < 300 and not reading.html
    return sound and not reading.claims_error and not failed


def _declared_failure(reading: Reading, depth: Depth, context: Context) -> Finding | None:
    """Judge an answer such as 404 to a made-up job, where the call itself declares it sound."""
    if depth is not Depth.REACH or 200 <= reading.http < 300:
        return None
    calls = (call for call in calls_of(reading.exchange, depth, context) if call.expect)
    return judge_listing(reading, calls, context.model)


def _by_status(reading: Reading, generic: Generic, setting: Setting) -> Finding | None:
    """Judge an answer nobody understands by its status alone; a failed job by what it is."""
    if setting.job == "failed" and setting.depth is Depth.GENERATE:
        return None
    return first(generic.bare, "generic", reading, setting)


def _as_rejection(found: Finding, reading: Reading, setting: Setting, asked: Asked) -> Finding:
    """Read what is called an invalid request, where a create was one, by what proves a validator.

    Its own code, as the file of its provider has it, is proof, unless the text is about our account
    or a parameter is named that our create did not break.
    """
    if not found.rule.startswith("generic."):
        asked = replace(asked, http=("2xx", "4xx", "5xx"))  # its file knows its statuses
    words = find_by_words(reading, setting, asked)
    own = found.explicit and (words is None or words.reason not in _NOT_VALIDATION)
    params = [param for layer in reading.layers for param in layer.params]
    another = names_another(params, asked.breaks) or any(
        speaks_of_another(layer.shown, layer.spoken, asked.breaks) for layer in reading.layers
    )
    if own and not another:
        return replace(found, reason=Reason.REJECTED_AS_EXPECTED)
    if words is not None:
        return replace(words, rule=f"{found.rule}+{words.rule}")
    return replace(found, reason=Reason.REJECTION_UNPROVEN)


def _of_edge(reading: Reading) -> Finding:
    """Judge an answer that only the edge gave, in JSON or plain text: never our key's, whatever it says."""
    text, http = reading.exchange.text, reading.http
    number = edge_number(text)
    if number == 1015 or http == 429:
        reason = Reason.RATE_LIMITED
    elif http >= 500:
        timed_out = http == 504 or "timeout" in text.casefold()
        reason = Reason.SERVER_TIMEOUT if timed_out else Reason.EDGE_ERROR
    elif http == 404:
        reason = Reason.WRONG_PATH
    else:
        reason = Reason.EDGE_CHALLENGE
    shown = next((layer.shown for layer in reading.layers if layer.shown), text)
    return Finding(reason, f"edge.{number or http}", shown, http=http, basis="shape")


def first(rules: Iterable[Rule], owner: str, reading: Reading, setting: Setting) -> Finding | None:
    """Return what the first rule that holds says, the innermost error's first."""
    rules = tuple(rules)
    for layer in reading.layers:
        for rule in rules:
            if holds(rule.when, layer, reading, setting):
                return Finding(
                    rule.means,
                    f"{owner}.{rule.id}",
                    layer.shown,
                    explicit=rule.by_code,
                    upstream=layer.upstream if rule.relayed is None else rule.relayed,
                    http=layer.http,
                    fault=rule.fault,
                    status=rule.status,
                    basis=_basis(rule.when),
                )
    return None


def _basis(when: When) -> Basis:
    if when.code or when.type or when.param or when.checks:
        return "code"
    if when.message or when.body is not None:
        return "words"
    return "shape" if when.header or when.html or when.job else "status"
