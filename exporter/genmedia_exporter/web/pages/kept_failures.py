"""The kept failures of a target on its page, each with the line that replays its verdict."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.health.failures import KeptFailure
from genmedia_exporter.report.failure import explain_line, shown
from genmedia_exporter.web.pages.links import quoted
from genmedia_exporter.web.pages.style import Moment, moment
from genmedia_exporter.words.language import say

MOST_INLINE: Final = 2_048
"""Bytes of an answer that stand on the page; a larger one is fetched by the line that replays it."""
MOST_SHOWN: Final = 700
"""Bytes of an answer that are shown."""


@dataclass(frozen=True, slots=True)
class KeptRow:
    """One failed probe that is kept whole."""

    id: str
    when: Moment
    depth: str
    reason: str
    message: str
    http: str
    explain: str
    rule: str
    answered: str


def kept_rows(kept: Sequence[KeptFailure], now: Unix, external_url: str) -> Iterator[KeptRow]:
    """Yield a row for each of *kept*; *external_url* is where people reach us, "" where unknown."""
    for failure in kept:
        evidence, verdict = failure.evidence, failure.verdict
        yield KeptRow(
            failure.id,
            moment(evidence.at, now),
            evidence.depth,
            say(verdict.reason.meaning.text),
            shown(verdict.message),
            str(evidence.main.status or evidence.main.transport or "–"),
            _replay(failure, external_url),
            verdict.rule,
            _answered(failure),
        )


def _answered(kept: KeptFailure) -> str:
    """Return the beginning of the answer that decided, without what looks like a credential or a person."""
    body = kept.evidence.main.body[:MOST_SHOWN].decode("utf-8", "replace")
    return shown(body).strip()


def _replay(kept: KeptFailure, external_url: str) -> str:
    if len(kept.evidence.main.body) <= MOST_INLINE:
        return explain_line(kept)
    base = external_url.rstrip("/") or "http://127.0.0.1:10067"
    url = f"{base}/api/v1/targets/{quoted(kept.target.name)}/probes/{kept.id}"
    return f"curl -s {shlex.quote(url)} | jq -r .explain | sh"
