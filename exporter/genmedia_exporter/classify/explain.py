"""What one answer means, without network: the classifier, asked by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from genmedia_exporter.classify.classifier import classify
from genmedia_exporter.classify.context import Context
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.evidence import (
    MAX_BODY_BYTES,
    Evidence,
    Exchange,
    Role,
    Transport,
    Verdict,
)
from genmedia_exporter.core.json_pointer import parse_json
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Channel, Depth
from genmedia_exporter.providers.calls import Job
from genmedia_exporter.providers.catalogue import load_catalogue
from genmedia_exporter.providers.schema import Generic, Provider
from genmedia_exporter.providers.states import job_state
from genmedia_exporter.targets.model import Expectation
from genmedia_exporter.targets.resolve import HTTP


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer as a person has it before them."""

    http_status: int | None  # None: nothing came
    headers: Mapping[str, str]
    body: bytes
    transport: Transport | None = None  # how it broke off
    broken: tuple[str, ...] = ()  # what the create broke that it answers, where that is known


def explain(
    answer: Answer,
    provider: Provider | None,
    generic: Generic,
    *,
    now: Unix,
    channel: Channel | None = None,
    depth: Depth | None = None,
    model: str = "",
) -> Verdict:
    """Return the verdict on *answer*; *now* in Unix seconds decides whether an end date has passed.

    Without a depth the shallowest one that can read the answer is taken: a rejected create is read
    as `accept`, a job's state as `generate`.
    """
    context = replace(_context(provider, channel, model, now), broken=answer.broken)
    if depth is not None:
        return verdict_on(answer, depth, context, generic)
    verdict = verdict_on(answer, Depth.REACH, context, generic)
    if verdict.success and _tells_of_a_bad_end(answer, provider, generic):
        return verdict_on(answer, Depth.GENERATE, context, generic)
    deeper = _DEEPER.get(verdict.reason)
    return verdict if deeper is None else _better(answer, deeper, verdict, context, generic)


def _tells_of_a_bad_end(answer: Answer, provider: Provider | None, generic: Generic) -> bool:
    """Whether the answer is a job that has ended badly: where its envelope is fine, reach would be content."""
    document = parse_json(answer.body)
    jobs: tuple[Job | None, ...] = provider.jobs if provider and provider.jobs else (None,)
    return any(job_state(document, job, generic).word in _BAD_ENDS for job in jobs)


_BAD_ENDS = ("failed", "moderated", "cancelled", "expired")

_DEEPER = {
    Reason.INVALID_REQUEST: Depth.ACCEPT,
    Reason.SCHEMA: Depth.GENERATE,
    Reason.UNKNOWN_WORD: Depth.GENERATE,
}


def _better(
    answer: Answer, depth: Depth, shallow: Verdict, context: Context, generic: Generic
) -> Verdict:
    deeper = verdict_on(answer, depth, context, generic)
    return shallow if deeper.reason in (Reason.SCHEMA, Reason.UNKNOWN_WORD) else deeper


def _context(provider: Provider | None, channel: Channel | None, model: str, now: Unix) -> Context:
    entry = provider.model(model) if provider and model else None
    own = entry.channel if entry else None
    channel = channel or own or (provider.channel if provider else Channel.OFFICIAL)
    if entry is None and channel is Channel.OFFICIAL:
        # An official relay ends when the vendor's model ends.
        entry = next((found for _, found in load_catalogue().find_model(model)), None)
    return Context(
        provider,
        channel,
        entry.operation if entry else None,
        model,
        now,
        entry.ends_at if entry else None,
        expect=Expectation() if provider is not None and provider.name == HTTP else None,
    )


def verdict_on(answer: Answer, depth: Depth, context: Context, generic: Generic) -> Verdict:
    """Return what *answer* means at *depth* for the target of *context*."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    exchange = Exchange(
        call="",
        role=Role.PROBE,
        method="",
        url="",
        host="",
        status=answer.http_status,
        headers=headers,
        body=answer.body[:MAX_BODY_BYTES],
        transport=answer.transport,
    )
    evidence = Evidence("", depth, context.now, 0.0, (exchange,))
    return classify(evidence, context, generic)
