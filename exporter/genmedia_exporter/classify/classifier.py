"""One pure function from evidence to verdict: docs/wire.md §8 in the order given there."""

from __future__ import annotations

from dataclasses import replace

from genmedia_exporter.classify.accepted import as_accepted, is_named, was_made, without_job
from genmedia_exporter.classify.balance import balance_of, with_balance
from genmedia_exporter.classify.by_rules import find_by_rules
from genmedia_exporter.classify.calls import calls_of, job_of
from genmedia_exporter.classify.context import Context
from genmedia_exporter.classify.differential import with_differential
from genmedia_exporter.classify.expectations import carries, judge_plain
from genmedia_exporter.classify.finding import Finding
from genmedia_exporter.classify.generated import judge_generated
from genmedia_exporter.classify.generic_reach import shows_another_call, shows_something
from genmedia_exporter.classify.health_reports import says_it_is_broken
from genmedia_exporter.classify.listings import judge_listing
from genmedia_exporter.classify.model_lists import lacks_model, lists_jobs
from genmedia_exporter.classify.parse import Reading, read, unwrapped, without_page
from genmedia_exporter.classify.refine import (
    with_acquittal,
    with_controls,
    with_generation,
    with_lifecycle,
    with_upstream,
)
from genmedia_exporter.classify.rules import Setting
from genmedia_exporter.classify.told_end import told_end
from genmedia_exporter.classify.told_in_prose import as_told
from genmedia_exporter.classify.transport_reasons import TRANSPORT_REASONS
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.evidence import Evidence, Exchange, Verdict
from genmedia_exporter.core.http_dates import http_date, retry_after
from genmedia_exporter.core.json_pointer import MISSING
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.redact import scrub
from genmedia_exporter.core.status import Certainty, Channel, Depth, Fault, Outcome
from genmedia_exporter.providers.base import ProviderKind
from genmedia_exporter.providers.calls import Job
from genmedia_exporter.providers.schema import Generic
from genmedia_exporter.providers.states import EMPTY, JobState, job_state

_NEED_CREDENTIAL = frozenset(
    {Reason.INVALID_KEY, Reason.NO_ENTITLEMENT, Reason.QUOTA_EXHAUSTED, Reason.ACCOUNT_CLOSED}
)


def classify(evidence: Evidence, context: Context, generic: Generic) -> Verdict:
    """Return what *evidence* means for the target of *context*. Pure; any answer has a verdict."""
    main = evidence.main
    reading = read(main, context.provider, generic, context.channel)
    kind = _kind(context, reading)
    finding = _find(reading, evidence.depth, context, generic, kind)
    finding = with_generation(finding, evidence, reading, generic)
    finding = with_controls(finding, evidence, context, generic)
    finding = with_differential(finding, evidence, reading, context, generic)
    finding = without_job(finding, evidence, context, generic)
    finding = with_lifecycle(finding, context, kind)
    finding = with_acquittal(finding, evidence.depth, context, kind)
    finding = with_upstream(finding, kind)
    if not evidence.credential and finding.reason in _NEED_CREDENTIAL:
        finding = Finding(Reason.NO_CREDENTIAL, "no_credential", finding.message)
    balance = balance_of(evidence, context.provider)
    finding = with_balance(finding, evidence.depth, balance, context)
    told = told_end(evidence, context)
    return replace(_verdict(finding, main, context.now, kind), balance=balance, told_end=told)


def _kind(context: Context, reading: Reading) -> ProviderKind | None:
    """Return what answered; a gateway gives itself away even where the operator did not say so."""
    if reading.gateway or context.channel is Channel.REVERSE:
        return "gateway"
    return context.provider.kind if context.provider else None


def _find(
    reading: Reading, depth: Depth, context: Context, generic: Generic, kind: ProviderKind | None
) -> Finding:
    main = reading.exchange
    if depth is Depth.ACCEPT and was_made(reading, context, generic):
        return Finding(Reason.ACCEPTED_UNEXPECTEDLY, "accept.made", as_accepted(main))
    if main.transport is not None:
        reason = TRANSPORT_REASONS[main.transport]
        return Finding(reason, "transport", main.detail, basis="transport")
    if context.expect is not None:
        plain = judge_plain(reading, context.expect)
        if plain is not None:
            return plain
    if 300 <= reading.http < 400:
        return Finding(Reason.REDIRECTED, "redirect", f"to {main.redirect_to or 'elsewhere'}")
    job = job_of(reading, context)
    state = _state(reading, job, generic, depth)
    if _is_of_another_job(reading, job, state):
        job = None
    setting = Setting(depth, context.channel, kind, state.word)
    finding = find_by_rules(reading, context, generic, setting)
    if finding is None and depth is Depth.GENERATE:
        made = judge_generated(reading, state, job, context.operation)
        return as_told(made, reading, context, setting)
    begun = state.word == "failed" or (reading.stream is not None and depth is Depth.GENERATE)
    if finding is not None and begun and 200 <= reading.http < 300 and kind == "gateway":
        return replace(finding, upstream=True)  # we were accepted; whoever made it refused later
    return finding or _by_shape(reading, depth, context)


def _state(reading: Reading, job: Job | None, generic: Generic, depth: Depth) -> JobState:
    if depth is not Depth.GENERATE:
        return JobState()
    own = job_state(reading.document, job, generic)
    return own if own.raw else job_state(unwrapped(reading.document), job, generic)


def _is_of_another_job(reading: Reading, job: Job | None, state: JobState) -> bool:
    """Whether an answer shown without its call says that it is done, and neither where its provider's file has that nor the result."""
    if job is None or reading.exchange.call or state.word != "succeeded":
        return False
    described = job.output is not None and job.output.pointer
    return bool(described) and not carries(reading, job)


def _by_shape(reading: Reading, depth: Depth, context: Context) -> Finding:
    if reading.stream is not None and not reading.stream_done:
        return Finding(Reason.BODY_TRUNCATED, "stream.unfinished", "ended before its end was told")
    shown = next((layer.shown for layer in reading.layers if layer.shown), "")
    if reading.claims_error and depth is Depth.ACCEPT:
        if is_named(reading, context):
            return Finding(
                Reason.ACCEPTED_UNEXPECTEDLY, "accept.named", as_accepted(reading.exchange)
            )
        return Finding(Reason.REJECTION_UNPROVEN, "error.unknown", shown)
    if reading.claims_error:
        return Finding(Reason.UNKNOWN_WORD, "error.unknown", shown)
    if reading.document is MISSING:
        return Finding(Reason.SCHEMA, "not_json", reading.exchange.text)
    if depth is Depth.ACCEPT and reading.document in EMPTY:
        return Finding(Reason.SCHEMA, "accept.empty", reading.exchange.text)  # nothing was made
    if depth is Depth.ACCEPT:
        return Finding(
            Reason.ACCEPTED_UNEXPECTEDLY, "accept.accepted", as_accepted(reading.exchange)
        )
    return _of_a_free_call(reading, depth, context)


def _of_a_free_call(reading: Reading, depth: Depth, context: Context) -> Finding:
    """Judge an answer that is no error by what the call shows that it may be the answer to."""
    calls = calls_of(reading.exchange, depth, context)
    listed = judge_listing(reading, calls, context.model)
    undescribed = listed is None and not (calls and reading.exchange.call)
    if undescribed and lacks_model(reading.document, context.model):
        return Finding(Reason.MODEL_NOT_FOUND, "answered.unlisted", "not listed")
    if not calls and shows_something(reading.document, context.model):
        return Finding(Reason.OK, "answered", explicit=True)
    if not calls and says_it_is_broken(reading.document):
        return Finding(Reason.SERVER_ERROR, "answered.broken", reading.exchange.text)
    if not reading.exchange.call and _is_another(listed, reading, context):
        return Finding(Reason.OK, "answered", explicit=True)
    return listed or Finding(Reason.SCHEMA, "reach.schema", reading.exchange.text)


def _is_another(listed: Finding | None, reading: Reading, context: Context) -> bool:
    """Whether an answer shown without its call, which lists no models as the file has it, proves something else."""
    models = listed is not None and not lists_jobs(reading.document)
    return not models and shows_another_call(reading.document, context.model)


def _verdict(finding: Finding, main: Exchange, now: Unix, kind: ProviderKind | None) -> Verdict:
    meaning = finding.reason.meaning
    fault = finding.fault or meaning.fault
    # The vendor's, relayed; what a gateway says of its upstream is its own word.
    told = finding.message.casefold().startswith("upstream")
    theirs = finding.upstream and finding.reason is Reason.OVERLOADED and not told
    if meaning.shared and kind == "gateway" and finding.fault is None and not theirs:
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
        finding.basis,
    )


def _certainty(finding: Finding) -> Certainty:
    if finding.reason.meaning.transient:
        return Certainty.TRANSIENT
    return Certainty.EXPLICIT if finding.explicit else Certainty.STABLE
