"""What an incident can be shown by: failed probes, redacted and cut; and what to use meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from genmedia_exporter.core.redact import hide, redact
from genmedia_exporter.core.status import Operation
from genmedia_exporter.health.failures import KeptFailure
from genmedia_exporter.health.state import Snapshot
from genmedia_exporter.incidents.domains import TOGETHER_SECONDS
from genmedia_exporter.incidents.merge import MOST_EXHIBITS, chosen
from genmedia_exporter.incidents.model import Exhibit, Incident, Substitute
from genmedia_exporter.report.failure import exchange_object, shown
from genmedia_exporter.routing.ranking import Candidate
from genmedia_exporter.routing.substitute import Substitutes

MOST_BODY: Final = 2_000
"""Characters of a response that an incident keeps."""
MOST_ASKED: Final = 50
"""Targets of an incident whose failures are looked at."""
SHORTLY_BEFORE: Final = 60.0
"""Seconds before the beginning in which a failure for another reason belongs to it."""
MOST_SUBSTITUTES: Final = 20
REQUEST_IDS: Final = (
    "x-request-id", "request-id", "x-oneapi-request-id", "x-tt-logid", "x-acs-request-id",
    "apigw-requestid", "x-amzn-requestid", "x-goog-request-id", "x-fal-request-id", "x-trace-id", "cf-ray",
)  # fmt: skip
"""Headers by which a vendor finds the request in its own logs, the most telling first."""

Failures = Callable[[str], Sequence[KeptFailure]]
"""Returns the kept failures of a target, newest first."""


def with_exhibits(incident: Incident, failures: Failures) -> Incident:
    """Return *incident* with failed probes of its targets as evidence: of each reason, then of each target."""
    if not incident.broken:
        return incident
    known = incident.exhibits
    found = [one for one in _exhibits(incident, failures) if _is_news(one, known)]
    after = chosen((*known, *found)) if found else known
    return incident if after == known else replace(incident, exhibits=after)


def _exhibits(incident: Incident, failures: Failures) -> Iterator[Exhibit]:
    for member in incident.broken[:MOST_ASKED]:
        for kept in failures(member.name):
            # Another reason, some minutes before, is another trouble.
            same = kept.verdict.reason is member.reason
            reach = TOGETHER_SECONDS if same else SHORTLY_BEFORE
            early = kept.evidence.at < incident.begin - reach
            if not early and kept.verdict.fault is member.fault:
                yield exhibit_of(kept)


def _is_news(one: Exhibit, known: Sequence[Exhibit]) -> bool:
    """Whether *one* shows what none of those *known* shows: another reason, or another target."""
    shown = {(each.target, each.reason) for each in known}
    full = len(known) >= MOST_EXHIBITS
    return (
        one.reason not in {r for _, r in shown} if full else (one.target, one.reason) not in shown
    )


def exhibit_of(kept: KeptFailure) -> Exhibit:
    """Return a kept failure as evidence that can be shown to others."""
    main = kept.evidence.main
    told = exchange_object(main, len(main.body))
    return Exhibit(
        target=kept.target.name,
        id=kept.id,
        at=kept.evidence.at,
        depth=kept.evidence.depth.value,
        method=main.method,
        url=str(told["url"]),
        http_status=main.status or 0,
        request_id=_request_id(main.headers),
        body=str(told["body"] or "")[:MOST_BODY],
        reason=kept.verdict.reason,
        rule=kept.verdict.rule,
        message=shown(kept.verdict.message),
    )


def _request_id(headers: Mapping[str, str]) -> str:
    named = {name.lower(): value for name, value in headers.items()}
    found = next((f"{name}: {named[name]}" for name in REQUEST_IDS if named.get(name)), "")
    return redact(hide(found))[:200]


def with_substitutes(incident: Incident, snapshot: Snapshot, instead: Substitutes) -> Incident:
    """Return *incident* with a way round it for each model that it has hit; it stays while it is usable."""
    before = {(one.operation, one.family): one for one in incident.substitutes}
    found: dict[tuple[Operation, str], Substitute] = {}
    for member in incident.broken:
        state = snapshot.targets.get(member.name)
        if state is None or len(found) >= MOST_SUBSTITUTES:
            continue
        key = (state.target.operation, state.target.family)
        one = before.get(key)
        other = instead.of(state)
        if one is None or not _is_as_good(one, other, snapshot):
            one = Substitute(*key, other.name) if other is not None else None
        if one is not None:
            found[key] = one
    # When all are well again, what was used meanwhile stays told.
    after = tuple(found.values()) if incident.broken else incident.substitutes
    return incident if after == incident.substitutes else replace(incident, substitutes=after)


def _is_as_good(one: Substitute, other: Candidate | None, snapshot: Snapshot) -> bool:
    """Whether *one* need not make way for *other*: still usable, and of the same family if that is."""
    state = snapshot.targets.get(one.target)
    if state is None or not state.now.status.usable:
        return False
    better = snapshot.targets.get(other.name) if other is not None else None
    alike = better is not None and better.target.family == one.family
    return state.target.family == one.family or not alike
