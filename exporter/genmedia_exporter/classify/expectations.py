"""What a sound answer looks like: job states, results, plain expectations."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from genmedia_exporter.classify.addresses import (
    OUTPUTS,
    names_result,
    shows_media,
    shows_result,
)
from genmedia_exporter.classify.job_ids import names_a_job, names_a_job_surely
from genmedia_exporter.classify.lexicon import blames_a_file
from genmedia_exporter.classify.parse import Reading
from genmedia_exporter.classify.prose import declines, links_to_nothing, tells_failure
from genmedia_exporter.classify.rules import check_holds, found, status_in
from genmedia_exporter.core.evidence import Basis, Exchange
from genmedia_exporter.core.json_pointer import MISSING, resolve, resolve_all
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Fault, Operation, Status
from genmedia_exporter.media.inspect import inspect, misfit
from genmedia_exporter.providers.base import JobWord
from genmedia_exporter.providers.calls import Job
from genmedia_exporter.providers.states import (
    JobState,
    chat_text,
    is_hollow,
    lacks_result,
    leads_nowhere,
    streamed_results,
)
from genmedia_exporter.targets.model import Expectation


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found in an answer, and by which rule; not yet a verdict."""

    reason: Reason
    rule: str  # "openai.insufficient_quota"
    message: str = ""  # the service's own words, unscrubbed
    explicit: bool = False  # decided by a code that can mean nothing else
    upstream: bool = False  # relayed from behind a gateway
    http: int = 0  # the status of what was judged: the answer's, or of an error in it
    fault: Fault | None = None
    status: Status | None = None
    basis: Basis = "shape"


def judge_plain(reading: Reading, expect: Expectation) -> Finding | None:
    """Judge a plain URL by what its target expects; None where the status calls for the rules."""
    if not status_in(reading.http, expect.http):
        return None
    text = reading.exchange.text
    if expect.body is not None and not found(expect.body, text):
        return Finding(Reason.EXPECTATION_FAILED, "expect.body", "body lacks what is expected")
    failed = next((c for c in expect.checks if not check_holds(c, reading.document)), None)
    if failed is not None:
        return Finding(Reason.EXPECTATION_FAILED, "expect.checks", f"at {failed.pointer}")
    return Finding(Reason.OK, "expect.met", explicit=True)


def carries(reading: Reading, job: Job) -> bool:
    """Whether the answer has the place where *job* keeps its state or its result."""
    status, output = job.status, job.output
    places = (
        status.pointer if status else None,
        status.done if status else None,
        *(output.pointer if output else ()),
    )
    return any(p is not None and resolve(reading.document, p) is not MISSING for p in places)


_NO_STATE: Final = frozenset({"ok", "successful"})
"""What stands where services of which we have no file tell a job's state, and is the word of a request."""
_IDS: Final = re.compile(r"(?:^|[_-])id$|I[dD]$|^timestamp$")
"""Keys of what every answer has, whatever it says."""


def explains(reading: Reading) -> bool:
    """Whether an answer says anything besides its HTTP status: a code, a type, a text anywhere."""
    told = any(
        layer.shown.strip() or layer.types or layer.params or layer.codes - {str(layer.http)}
        for layer in reading.layers
    )
    return told or _has_text(reading.document)


def _has_text(document: object) -> bool:
    left = [document]  # no recursion: an answer may nest as deep as it likes
    while left:
        value = left.pop()
        if isinstance(value, str) and value.strip():
            return True
        if isinstance(value, dict):
            left += (v for k, v in value.items() if not _IDS.search(k))
        elif isinstance(value, list):
            left += value
    return False


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
    return _judge_output(reading, state, job)


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


def _told_where(reading: Reading, job: Job) -> bool:
    """Whether the answer names, for another call, where the result lies."""
    found = [resolve(reading.document, pointer) for pointer in job.captures.values()]
    return bool(job.output and job.output.path and found) and not any(map(is_hollow, found))


def _has_id(reading: Reading, job: Job | None) -> bool:
    """Whether there is an id to fetch the result by: the one that was asked for, or the answer's own."""
    asked = reading.exchange.call != ""
    return asked or job is None or not job.id or resolve(reading.document, job.id) is not MISSING


def _judge_output(reading: Reading, state: JobState, job: Job | None) -> Finding:
    pointers = job.output.pointer if job and job.output else ()
    by_id = not pointers and job and job.output and job.output.path
    if state.word == "succeeded" and by_id and _has_id(reading, job):
        return Finding(Reason.OK, "job.succeeded", explicit=True)
    values = [v for p in pointers or OUTPUTS for v in resolve_all(reading.document, p)]
    if not all(map(is_hollow, values)):
        return _judge_text(values, job)
    if state.word == "succeeded":
        return _judge_without_output(reading, job, described=bool(pointers))
    if _answers_emptily(reading, state, job):
        return Finding(Reason.ASSET_UNAVAILABLE, "answer.no_output", "answered without a result")
    if not pointers and shows_media(reading.document):
        return Finding(Reason.OK, "job.output", explicit=True)
    if names_a_job(reading.document, job):
        return Finding(Reason.OK, "job.created")
    return Finding(Reason.SCHEMA, "job.schema", "neither a job nor a result")


def _words_alone(value: object) -> list[object]:
    """Return the texts of a part of a chat that holds nothing else, as Gemini has it; else what it is."""
    parts = value.get("parts") if isinstance(value, dict) else None
    if not isinstance(parts, list) or not all(
        isinstance(p, dict) and p.keys() <= _OF_WORDS for p in parts
    ):
        return [value]
    return [part.get("text") for part in parts if part.get("text") and not part.get("thought")]


_OF_WORDS: Final = frozenset({"text", "thought", "thoughtSignature"})
_TAKEN: Final = 202
"""What a create is answered with that was taken and is not done."""


def _judge_without_output(reading: Reading, job: Job | None, *, described: bool) -> Finding:
    """Judge a job that succeeded with nothing where results lie, as far as that is *described*."""
    if job and _told_where(reading, job):
        return Finding(Reason.OK, "job.succeeded")  # another call fetches what the captures name
    if resolve(reading.document, "/object") == "video":
        return Finding(Reason.OK, "job.succeeded")  # the OpenAI shape fetches the result by its id
    document = reading.document
    if not described and reading.http == _TAKEN and names_a_job_surely(document):
        return Finding(Reason.OK, "job.created")  # what has succeeded is the request
    if not described and (names_result(document) or shows_media(document)):
        return Finding(Reason.OK, "job.output", explicit=True)
    return Finding(Reason.ASSET_UNAVAILABLE, "job.no_output", "succeeded without a result")


def _answers_emptily(reading: Reading, state: JobState, job: Job | None) -> bool:
    """Whether an answer that holds its result itself holds none."""
    if job and job.driver == "sync_image" and lacks_result(reading.document, job):
        return True
    if job is None and reading.document == []:
        return True
    made = isinstance(resolve(reading.document, "/created"), int | str)
    if made and resolve(reading.document, "/data") == []:
        return True
    if resolve(reading.document, "/done") is True and isinstance(
        resolve(reading.document, "/response"), dict
    ):
        return True  # an operation of Google's
    return state.word is None and isinstance(resolve(reading.document, "/choices"), list)


REFUSED_IN_PROSE: Final = "job.refused_in_prose"
FAILED_IN_PROSE: Final = "job.failed_in_prose"


def _judge_text(values: list[object], job: Job | None) -> Finding:
    pattern = job.output.must_match if job and job.output else None
    values = [v for value in values for v in _words_alone(value)]
    if not values:
        return Finding(Reason.ASSET_UNAVAILABLE, "job.words", "nothing but words")
    texts = [v for v in values if isinstance(v, str)]
    if pattern and texts and not any(found(pattern, text) for text in texts):
        return Finding(Reason.PROBE_MODERATED, REFUSED_IN_PROSE, texts[0])
    if texts and len(texts) == len(values) and all(map(tells_failure, texts)):
        return Finding(Reason.JOB_FAILED, FAILED_IN_PROSE, texts[0])
    if texts and len(texts) == len(values) and all(map(declines, texts)):
        return Finding(Reason.PROBE_MODERATED, REFUSED_IN_PROSE, texts[0])
    if texts and len(texts) == len(values) and all(map(leads_nowhere, texts)):
        return Finding(Reason.ASSET_UNAVAILABLE, "job.address", texts[0])
    described = job is not None and job.output is not None and bool(job.output.pointer)
    if not described and len(texts) == len(values) and all(map(links_to_nothing, texts)):
        return Finding(Reason.ASSET_UNAVAILABLE, "job.words", texts[0])
    return Finding(Reason.OK, "job.output", explicit=True)


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
    return _judge_text([text], job)


def _was_filtered(events: Iterable[object]) -> bool:
    """Whether a chat's stream ends because its content was not let through."""
    ends = (v for event in events for v in resolve_all(event, "/choices/*/finish_reason"))
    return "content_filter" in ends
