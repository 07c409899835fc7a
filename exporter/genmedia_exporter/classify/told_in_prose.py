"""Judging prose in place of a result by its words: a failure that it tells is no refusal of what we asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from genmedia_exporter.classify.by_rules import first
from genmedia_exporter.classify.by_words import Asked, find_by_words
from genmedia_exporter.classify.context import Context
from genmedia_exporter.classify.finding import Finding
from genmedia_exporter.classify.layers import plain_layer
from genmedia_exporter.classify.outputs import FAILED_IN_PROSE, REFUSED_IN_PROSE
from genmedia_exporter.classify.parse import Reading
from genmedia_exporter.classify.prose import tells_failure
from genmedia_exporter.classify.rules import Setting
from genmedia_exporter.core.reasons import Reason

_OF_THE_SERVICE: Final = frozenset(
    {
        Reason.EDGE_CHALLENGE,
        Reason.RISK_CONTROL,
        Reason.CONCURRENCY_LIMITED,
        Reason.DAILY_QUOTA,
        Reason.RATE_LIMITED,
        Reason.QUOTA_EXHAUSTED,
        Reason.INVALID_KEY,
        Reason.NO_CHANNEL,
        Reason.MAINTENANCE,
        Reason.OVERLOADED,
        Reason.UPSTREAM_AUTH,
        Reason.UPSTREAM_QUOTA,
        Reason.UPSTREAM_RATE_LIMITED,
    }
)
"""What a model that will not draw does not speak of, so that it holds also in prose which tells of no failure."""


def as_told(finding: Finding, reading: Reading, context: Context, setting: Setting) -> Finding:
    """Read prose in place of a result by its words: what failed is no refusal of what we asked for."""
    if finding.rule not in (REFUSED_IN_PROSE, FAILED_IN_PROSE):
        return finding
    said = replace(reading, refused=True, layers=(plain_layer(finding.message, reading.http),))
    provider = context.provider
    words = first(provider.rules, provider.name, said, setting) if provider else None
    words = words or find_by_words(said, setting, Asked())
    failed = tells_failure(finding.message)
    if words is not None and (failed or words.reason in _OF_THE_SERVICE):
        return replace(
            words, rule=f"{finding.rule}+{words.rule}", upstream=setting.kind == "gateway"
        )
    return replace(finding, reason=Reason.JOB_FAILED, rule=FAILED_IN_PROSE) if failed else finding
