"""Whether an answer of a generation that tells of no trouble holds a result, or a job that has begun. Pure functions."""

from __future__ import annotations

import re
from typing import Final

from genmedia_exporter.classify.addresses import OUTPUTS, names_result, shows_media
from genmedia_exporter.classify.finding import Finding
from genmedia_exporter.classify.job_ids import names_a_job, names_a_job_surely
from genmedia_exporter.classify.parse import Reading
from genmedia_exporter.classify.prose import declines, links_to_nothing, tells_failure
from genmedia_exporter.classify.rules import found
from genmedia_exporter.core.json_pointer import MISSING, resolve, resolve_all
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.providers.calls import Job
from genmedia_exporter.providers.states import JobState, is_hollow, lacks_result, leads_nowhere


def _told_where(reading: Reading, job: Job) -> bool:
    """Whether the answer names, for another call, where the result lies."""
    found = [resolve(reading.document, pointer) for pointer in job.captures.values()]
    return bool(job.output and job.output.path and found) and not any(map(is_hollow, found))


def _has_id(reading: Reading, job: Job | None) -> bool:
    """Whether there is an id to fetch the result by: the one that was asked for, or the answer's own."""
    asked = reading.exchange.call != ""
    return asked or job is None or not job.id or resolve(reading.document, job.id) is not MISSING


def judge_output(reading: Reading, state: JobState, job: Job | None) -> Finding:
    """Judge an answer by what it holds: a result, none where there should be one, or a job that has begun."""
    pointers = job.output.pointer if job and job.output else ()
    by_id = not pointers and job and job.output and job.output.path
    if state.word == "succeeded" and by_id and _has_id(reading, job):
        return Finding(Reason.OK, "job.succeeded", explicit=True)
    values = [v for p in pointers or OUTPUTS for v in resolve_all(reading.document, p)]
    if not all(map(is_hollow, values)):
        return judge_text(values, job)
    if state.word == "succeeded":
        return _judge_without_output(reading, state, job, described=bool(pointers))
    if not pointers and shows_media(reading.document):
        return Finding(Reason.OK, "job.output", explicit=True)
    if _answers_emptily(reading, state, job):
        return Finding(Reason.ASSET_UNAVAILABLE, "answer.no_output", "answered without a result")
    if names_a_job(reading.document, job):
        return Finding(Reason.OK, "job.created")
    if job is None and _tells_progress(reading.document):
        return Finding(Reason.OK, "job.progress")
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


def _judge_without_output(
    reading: Reading, state: JobState, job: Job | None, *, described: bool
) -> Finding:
    """Judge a job that succeeded with nothing where results lie, as far as that is *described*."""
    if job and _told_where(reading, job):
        return Finding(Reason.OK, "job.succeeded")  # another call fetches what the captures name
    if resolve(reading.document, "/object") == "video":
        return Finding(Reason.OK, "job.succeeded")  # the OpenAI shape fetches the result by its id
    document = reading.document
    said = next((layer.message for layer in reading.layers if layer.message), _message(document))
    begun = state.raw.casefold() in _REQUESTS and _BEGUN.search(said) is not None
    taken = reading.http == _TAKEN and names_a_job_surely(document)
    if not described and (taken or (begun and names_a_job(document, None))):
        return Finding(Reason.OK, "job.created")  # what has succeeded is the request
    if not described and (names_result(document) or shows_media(document)):
        return Finding(Reason.OK, "job.output", explicit=True)
    return Finding(Reason.ASSET_UNAVAILABLE, "job.no_output", "succeeded without a result")


def _tells_progress(document: object) -> bool:
    """Whether an answer tells how far a job is."""
    parts = [document, document.get("data")] if isinstance(document, dict) else []
    told = [part.get("progress") for part in parts if isinstance(part, dict)]
    return any(isinstance(v, int | float) and not isinstance(v, bool) for v in told)


_REQUESTS: Final = frozenset({"success", "succeed", "ok"})
"""Words for a request that went well, where they stand for a job's state."""
_BEGUN: Final = re.compile(
    r"\b(?:queued|submitted|accepted|created|started|in progress|being processed)\b", re.I
)
"""What is said of a job that has only begun."""


def _message(document: object) -> str:
    told = document.get("message", document.get("msg")) if isinstance(document, dict) else None
    return told if isinstance(told, str) else ""


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


def judge_text(values: list[object], job: Job | None) -> Finding:
    """Judge what stands where a result belongs: prose there is a result only if it leads to one."""
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
