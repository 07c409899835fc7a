"""What an answer of a generation is, that no rule spoke about: a job's state, a stream, the file itself. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from genmedia_exporter.classify.addresses import shows_media, shows_result
from genmedia_exporter.classify.finding import Finding
from genmedia_exporter.classify.lexicon import blames_a_file
from genmedia_exporter.classify.outputs import judge_output, judge_text
from genmedia_exporter.classify.parse import Reading
from genmedia_exporter.classify.rules import check_holds
from genmedia_exporter.core.evidence import Exchange
from genmedia_exporter.core.json_pointer import MISSING, resolve_all
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Operation
from genmedia_exporter.media.inspect import inspect, misfit
from genmedia_exporter.providers.base import JobWord
from genmedia_exporter.providers.calls import Job
from genmedia_exporter.providers.states import JobState, chat_text, streamed_results

_NO_STATE: Final = frozenset({"ok", "successful"})
"""What stands where services of which we have no file tell a job's state, and is the word of a request."""


def judge_generated(
    reading: Reading, state: JobState, job: Job | None, operation: Operation | None
) -> Finding:
    """Judge an answer of a generation that no rule spoke about."""
    if reading.stream is not None:
        return _judge_stream(reading, job)
    if reading.media:
        return _judge_media(reading.exchange, operation)
    if reading.document is MISSING:
        return Finding(Reason.SCHEMA, "not_json", reading.exchange.text)
    if job and any(check_holds(check, reading.document) for check in job.moderation):
        return Finding(Reason.PROBE_MODERATED, "job.moderation", explicit=True)
    if state.word == "failed" or (reading.claims_error and state.word in (None, "succeeded")):
        return _judge_failed(reading, state)
    if state.raw and state.word is None and not _is_no_state(reading, state, job):
        return Finding(Reason.UNKNOWN_WORD, "job.word", state.raw)
    if state.word is not None and state.word != "succeeded":
        return Finding(_JOB_REASONS[state.word], f"job.{state.word}", _job_text(reading, state))
    return judge_output(reading, state, job)


def _judge_media(answer: Exchange, operation: Operation | None) -> Finding:
    """Judge an answer that is the file itself, of which perhaps only the beginning is here."""
    told = answer.headers.get("content-length", "")
    if told == "0":
        return Finding(Reason.ASSET_INVALID, "asset.empty", "an empty file")
    packed = answer.headers.get("content-encoding", "identity") != "identity"
    known = not packed and told.isascii() and told.isdigit() and len(told) < 19
    size = max(int(told), len(answer.body)) if known else None
    seen = inspect(answer.body, answer.headers.get("content-type", ""), size).asset
    wrong = seen.problem or misfit(seen.kind, operation)
    if answer.body and wrong:
        return Finding(Reason.ASSET_INVALID, "asset.invalid", wrong)
    return Finding(Reason.OK, "asset", explicit=True)


def _is_no_state(reading: Reading, state: JobState, job: Job | None) -> bool:
    """Whether what stands for a job's state, at a service of which we have no file, is a request's word beside a result."""
    described = job is not None and job.status is not None  # then each word of its states is known
    if described or state.raw.casefold() not in _NO_STATE:
        return False
    return shows_result(reading.document)


def _judge_failed(reading: Reading, state: JobState) -> Finding:
    """Judge a job that failed: for a file that it was given, or by its service's fault."""
    text = _job_text(reading, state)
    if state.word == "failed" and blames_a_file(text):
        return Finding(Reason.INVALID_REQUEST, "job.file", text)
    return Finding(Reason.JOB_FAILED, "job.error" if reading.claims_error else "job.failed", text)


_JOB_REASONS: dict[JobWord, Reason] = {
    "queued": Reason.OK,  # an answer that may come once; the driver knows the deadline
    "running": Reason.OK,
    "cancelled": Reason.JOB_CANCELLED,
    "expired": Reason.JOB_EXPIRED,
    "moderated": Reason.PROBE_MODERATED,
    "unknown": Reason.LOST_JOB,
}


def _job_text(reading: Reading, state: JobState) -> str:
    texts = (layer.shown for layer in reading.layers if layer.shown)
    return next(texts, state.raw)


def _judge_stream(reading: Reading, job: Job | None) -> Finding:
    if reading.claims_error:
        return Finding(Reason.JOB_FAILED, "stream.error", _job_text(reading, JobState()))
    if not reading.stream_done:
        return Finding(
            Reason.BODY_TRUNCATED, "stream.unfinished", "the stream ended before its end was told"
        )
    text = chat_text(reading.stream or (), "content")
    images = streamed_results(reading.stream or (), job)
    shown = job is None and any(map(shows_media, reading.stream or ()))
    if (images or shown) and not text:
        return Finding(Reason.OK, "stream.output", explicit=True)
    if not text and _was_filtered(reading.stream or ()):
        return Finding(Reason.PROBE_MODERATED, "stream.filtered", "content_filter", explicit=True)
    if not text:
        return Finding(Reason.ASSET_UNAVAILABLE, "stream.empty", "the stream carries no result")
    return judge_text([text], job)


def _was_filtered(events: Iterable[object]) -> bool:
    """Whether a chat's stream ends because its content was not let through."""
    ends = (v for event in events for v in resolve_all(event, "/choices/*/finish_reason"))
    return "content_filter" in ends
