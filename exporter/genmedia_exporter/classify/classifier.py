"""One pure function from evidence to verdict: docs/wire.md §8 in the order given there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from genmedia_exporter.classify.context import Context
from genmedia_exporter.classify.expectations import (
    Finding,
    begins_as_made,
    carries,
    explains,
    judge_generated,
    judge_listing,
    judge_plain,
    may_name_task,
    names_task,
)
from genmedia_exporter.classify.parse import Reading, read, says_error_outright, without_page
from genmedia_exporter.classify.refine import (
    with_controls,
    with_generation,
    with_lifecycle,
    with_upstream,
)
from genmedia_exporter.classify.rules import Setting, holds, status_in
from genmedia_exporter.core.evidence import Evidence, Exchange, Transport, Verdict
from genmedia_exporter.core.http_dates import http_date, retry_after
from genmedia_exporter.core.json_pointer import MISSING
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.redact import scrub
from genmedia_exporter.core.status import Certainty, Depth, Fault, Operation, Outcome
from genmedia_exporter.providers.base import HttpStatuses, JobWord, Kind
from genmedia_exporter.providers.calls import Call, Job
from genmedia_exporter.providers.schema import Generic, Rule
from genmedia_exporter.providers.states import EMPTY, JobState, job_state

TRANSPORT_REASONS: dict[Transport, Reason] = {
    Transport.DNS: Reason.DNS_FAILURE,
    Transport.CONNECT_REFUSED: Reason.CONNECT_REFUSED,
    Transport.CONNECT_TIMEOUT: Reason.CONNECT_TIMEOUT,
    Transport.CONNECT_FAILED: Reason.CONNECT_FAILED,
    Transport.TLS: Reason.TLS_ERROR,
    Transport.TLS_CERTIFICATE: Reason.TLS_CERTIFICATE,
    Transport.RESET: Reason.CONNECTION_RESET,
    Transport.RESPONSE_TIMEOUT: Reason.RESPONSE_TIMEOUT,
    Transport.BODY_TIMEOUT: Reason.BODY_TIMEOUT,
    Transport.BODY_TRUNCATED: Reason.BODY_TRUNCATED,
    Transport.BODY_TOO_LARGE: Reason.BODY_TOO_LARGE,
    Transport.PROTOCOL: Reason.PROTOCOL_ERROR,
    Transport.PROXY: Reason.PROXY_ERROR,
}

_NEED_CREDENTIAL = frozenset(
    {Reason.INVALID_KEY, Reason.NO_ENTITLEMENT, Reason.QUOTA_EXHAUSTED, Reason.ACCOUNT_CLOSED}
)
_GATEWAY_TYPES = frozenset({"new_api_error", "one_api_error", "aihubmix_api_error"})
_GATEWAY_HEADERS = ("x-oneapi-request-id", "x-new-api-version")


def classify(evidence: Evidence, context: Context, generic: Generic) -> Verdict:
    """Return what *evidence* means for the target of *context*. Pure; any answer has a verdict."""
    main = evidence.main
    reading = read(main, context.provider, generic)
    kind = _kind(context, reading)
    finding = _find(reading, evidence.depth, context, generic, kind)
    finding = with_generation(finding, evidence, reading, generic)
    finding = with_controls(finding, evidence, context, generic)
    finding = with_lifecycle(finding, context)
    finding = with_upstream(finding, kind)
    if not evidence.credential and finding.reason in _NEED_CREDENTIAL:
        finding = Finding(Reason.NO_CREDENTIAL, "no_credential", finding.message)
    return _verdict(finding, main, context.now, kind)


def _kind(context: Context, reading: Reading) -> Kind | None:
    """Return what answered; a gateway gives itself away even where the operator did not say so."""
    kind = context.provider.kind if context.provider else None
    if kind in ("gateway", "direct"):
        return kind
    headers = reading.exchange.headers
    words = {word for layer in reading.layers for word in layer.types | layer.codes}
    told = any(h in headers for h in _GATEWAY_HEADERS) or words & _GATEWAY_TYPES
    return "gateway" if told or "fail_to_fetch_task" in words else kind


def _find(
    reading: Reading, depth: Depth, context: Context, generic: Generic, kind: Kind | None
) -> Finding:
    main = reading.exchange
    if depth is Depth.ACCEPT and _was_made(reading, context, generic):
        return Finding(Reason.ACCEPTED_UNEXPECTEDLY, "accept.made")
    if main.transport is not None:
        return Finding(TRANSPORT_REASONS[main.transport], "transport", main.detail)
    if context.expect is not None:
        plain = judge_plain(reading, context.expect)
        if plain is not None:
            return plain
    if 300 <= reading.http < 400:
        return Finding(Reason.REDIRECTED, "redirect", f"to {main.redirect_to or 'elsewhere'}")
    job = _job(reading, context)
    state = _state(reading, job, generic, depth)
    setting = Setting(depth, context.channel, kind, state.word)
    finding = _by_rules(reading, context, generic, setting)
    if finding is None and depth is Depth.GENERATE:
        return judge_generated(reading, state, job)
    if finding is not None and state.word == "failed" and kind == "gateway":
        return replace(finding, upstream=True)  # we were accepted; whoever made it refused later
    return finding or _by_shape(reading, depth, context)


def _was_made(reading: Reading, context: Context, generic: Generic) -> bool:
    """Whether the answer to a create is what it makes, or the beginning of that: no refusal is.

    Nor has a refusal a task, whatever word stands for its code.
    """
    if not _is_surprising(reading, context):
        return False
    if names_task(reading, _jobs(context)):
        return job_state(reading.document, _job(reading, context), generic).word not in _REFUSED
    if reading.claims_error:
        return False
    if reading.media or reading.stream:
        return True
    return reading.exchange.transport is not None and begins_as_made(reading, _jobs(context))


_REFUSED: tuple[JobWord | None, ...] = ("failed", "moderated", "cancelled", "expired")


def _is_surprising(reading: Reading, context: Context) -> bool:
    """Whether the answer to a create is a success that its call does not expect."""
    return 200 <= reading.http < 300 and not _is_asked_for(reading.http, reading, context)


def _is_asked_for(status: int, reading: Reading, context: Context) -> bool:
    """Whether the call that must be rejected names this HTTP status as that of a sound answer."""
    asked = (c for c in _calls(reading.exchange, Depth.ACCEPT, context) if c.depth is Depth.ACCEPT)
    return any(status_in(status, call.http) for call in asked)


def _state(reading: Reading, job: Job | None, generic: Generic, depth: Depth) -> JobState:
    generated = depth is Depth.GENERATE
    return job_state(reading.document, job, generic) if generated else JobState()


def _job(reading: Reading, context: Context) -> Job | None:
    """Return the job the answer belongs to: the first whose state or result it carries."""
    jobs = _jobs(context)
    return next((job for job in jobs if carries(reading, job)), jobs[0] if jobs else None)


def _jobs(context: Context) -> tuple[Job, ...]:
    """Return the jobs an answer may belong to."""
    provider, operation = context.provider, context.operation
    operations = tuple(Operation) if operation is None else (operation,)
    return provider.jobs_for(operations, context.model or None) if provider else ()


def _declared_failure(reading: Reading, depth: Depth, context: Context) -> Finding | None:
    """Judge an answer such as 404 to a made-up job, where the call itself declares it sound."""
    if depth is not Depth.REACH or 200 <= reading.http < 300:
        return None
    calls = (call for call in _calls(reading.exchange, depth, context) if call.expect)
    return judge_listing(reading, calls, context.model)


def _calls(exchange: Exchange, depth: Depth, context: Context) -> tuple[Call, ...]:
    """Return the calls *exchange* may be the answer to: the one made, or any when none is named."""
    calls = context.provider.calls if context.provider else ()
    if exchange.call:
        return tuple(call for call in calls if call.id == exchange.call)
    return tuple(call for call in calls if call.depth in (depth, None))


def _by_rules(
    reading: Reading, context: Context, generic: Generic, setting: Setting
) -> Finding | None:
    provider = context.provider
    found = _first(provider.rules, provider.name, reading, setting) if provider else None
    found = found or _declared_failure(reading, setting.depth, context)
    if found is None and _is_sound(reading, setting):
        found = _first(generic.of_success, "generic", reading, setting)
    elif found is None:
        found = _first(generic.speaking, "generic", reading, setting)
        if found is None:
            return _by_status(reading, context, generic, setting)
    return _as_rejection(found) if found and setting.depth is Depth.ACCEPT else found


def _as_rejection(found: Finding) -> Finding:
    """Read a request that is called invalid as the rejection a create must have."""
    rejected = found.reason is Reason.INVALID_REQUEST
    return replace(found, reason=Reason.REJECTED_AS_EXPECTED) if rejected else found


_VALIDATION: HttpStatuses = (400, 422)
"""What validators answer with everywhere; the file of a provider names what its own has besides."""


def _by_status(
    reading: Reading, context: Context, generic: Generic, setting: Setting
) -> Finding | None:
    """Judge an answer no rule understands by its status alone.

    It is the rejection of a create only where it says something, and has the status of one:
    anything between us and the validator may answer 418 or 400 with nothing.
    """
    found = _first(generic.bare, "generic", reading, setting)
    if not found or found.reason is not Reason.INVALID_REQUEST or setting.depth is not Depth.ACCEPT:
        return found
    if not explains(reading):
        return Finding(Reason.SCHEMA, found.rule, reading.exchange.text)
    asked = status_in(found.http, _VALIDATION) or _is_asked_for(found.http, reading, context)
    return _as_rejection(found) if asked else found


def _is_sound(reading: Reading, setting: Setting) -> bool:
    """Whether nothing in the answer calls itself a failure."""
    failed = setting.job in ("failed", "moderated", "expired", "cancelled")
    sound = 200 <= reading.http < 300 and not reading.html
    return sound and not reading.claims_error and not failed


def _first(rules: Iterable[Rule], owner: str, reading: Reading, setting: Setting) -> Finding | None:
    rules = tuple(rules)
    for layer in reading.layers:
        for rule in rules:
            if holds(rule.when, layer, reading, setting):
                return Finding(
                    rule.means,
                    f"{owner}.{rule.id}",
                    layer.shown,
                    explicit=rule.by_code,
                    upstream=layer.upstream,
                    http=layer.http,
                    fault=rule.fault,
                    status=rule.status,
                )
    return None


def _by_shape(reading: Reading, depth: Depth, context: Context) -> Finding:
    if reading.stream is not None and not reading.stream_done:
        return Finding(Reason.BODY_TRUNCATED, "stream.unfinished", "ended without [DONE]")
    if reading.claims_error:
        named = depth is Depth.ACCEPT and may_name_task(reading, _jobs(context))
        if named and not says_error_outright(reading.document) and _is_surprising(reading, context):
            return Finding(Reason.ACCEPTED_UNEXPECTEDLY, "accept.named")
        shown = next((layer.shown for layer in reading.layers if layer.shown), "")
        return Finding(Reason.UNKNOWN_WORD, "error.unknown", shown)
    if reading.document is MISSING:
        return Finding(Reason.SCHEMA, "not_json", reading.exchange.text)
    if depth is Depth.ACCEPT and reading.document in EMPTY:
        return Finding(Reason.SCHEMA, "accept.empty", reading.exchange.text)  # nothing was made
    if depth is Depth.ACCEPT:
        return Finding(Reason.ACCEPTED_UNEXPECTEDLY, "accept.accepted")
    calls = _calls(reading.exchange, depth, context)
    if not calls and reading.document not in ({}, [], None):
        return Finding(Reason.OK, "answered", explicit=True)
    listed = judge_listing(reading, calls, context.model)
    return listed or Finding(Reason.SCHEMA, "reach.schema", reading.exchange.text)


def _verdict(finding: Finding, main: Exchange, now: float, kind: Kind | None) -> Verdict:
    meaning = finding.reason.meaning
    fault = finding.fault or meaning.fault
    if meaning.shared and kind == "gateway" and finding.fault is None:
        fault = Fault.GATEWAY
    return Verdict(
        meaning.outcome,
        finding.status or meaning.status,
        fault,
        finding.reason,
        finding.rule,
        "" if meaning.outcome is Outcome.SUCCESS else scrub(without_page(finding.message)),
        _certainty(finding),
        retry_after(main.headers, now),
        http_date(main.headers.get("sunset", "")),
    )


def _certainty(finding: Finding) -> Certainty:
    if finding.reason.meaning.transient:
        return Certainty.TRANSIENT
    return Certainty.EXPLICIT if finding.explicit else Certainty.STABLE
