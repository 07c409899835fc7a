"""What an answer says about a generation job, by the provider file's words: its state, how far it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from genmedia_exporter.core.json_pointer import MISSING, parse_json, resolve, resolve_all
from genmedia_exporter.providers.base import JobWord, Pointers
from genmedia_exporter.providers.calls import Cost, Job, JobStatus
from genmedia_exporter.providers.schema import Generic

CREATE, POLL, RESULT = "create", "poll", "result"
"""How the exchange of a generation that decides may be called: `Exchange.call`."""

_TOLD = re.compile(r"(\d{1,3})(?:\.\d+)?\s*%(?:\s*\((\w{1,40})\))?")

EMPTY: tuple[object, ...] = (None, "", [], {})
"""Values that stand where a result belongs and are none."""

_STREAMED = ("/b64_json", "/url", "/image/url", "/data/0/b64_json", "/data/0/url")
"""Where an event of a stream of images holds one."""

_ADDRESS: Final = re.compile(r"([a-z][a-z0-9+.\-]*):/*", re.IGNORECASE)
_SCHEMES: Final = frozenset({"http", "https", "data", "gs", "s3", "oss"})
"""Of addresses where a result may lie: on the web, in the answer, in a store of the customer's."""

_BEGINNING: Final = 1024
"""Bytes of an answer that hold a task's id if any do."""

MAX_USD = 10_000.0
"""More than any one generation costs: a larger number is not a price."""


@dataclass(frozen=True, slots=True)
class JobState:
    """Where a generation job stands. `raw` is the service's own word."""

    word: JobWord | None = None
    raw: str = ""


def job_state(document: object, job: Job | None, generic: Generic) -> JobState:
    """Return where the job of this answer stands, by the job's own words, then the generic ones."""
    status = job.status if job else None
    if status and status.done:
        done = resolve(document, status.done)
        return JobState("succeeded" if done is True else "running", str(done))
    raw = _own_word(document, status) or _word_at(document, generic.job_pointers)
    raw = raw or (_word_inside(document, generic) if status is None else None)
    if raw is None and status is None and resolve(document, "/done") is False:
        return JobState("running", "done: false")
    if raw is None:
        absent = status.absent if status and isinstance(document, dict) else None
        return JobState(absent, absent or "")
    own = status.words if status else {}
    return JobState(_word_for(raw, own) or _word_for(raw, generic.words), raw)


def _own_word(document: object, status: JobStatus | None) -> str | None:
    """Return the state where the provider's file says it stands; a number or a flag as text."""
    value = resolve(document, status.pointer) if status and status.pointer else MISSING
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, int | str) and value != "" else None


def errors_of_state(document: object, jobs: Iterable[Job], generic: Generic) -> Iterator[Pointers]:
    """Yield where the error stands in an answer whose job is in a state that keeps it elsewhere."""
    for job in jobs:
        if job.status and job.status.errors and _own_word(document, job.status) is not None:
            word = job_state(document, job, generic).word
            if word in job.status.errors:
                yield job.status.errors[word]


def _word_at(document: object, pointers: Iterable[str]) -> str | None:
    values = (resolve(document, pointer) for pointer in pointers)
    return next((value for value in values if isinstance(value, str) and value), None)


_STATES: Final = re.compile(
    r"(?:(?:job|task|video|image|generation|prediction|render|processing|current)_?)?(?:status|state|phase|stage)",
    re.I,
)
MAX_WORD: Final = 64
"""Characters of a word for a job's state; a longer one is a text."""
_NO_PARTS: Final = frozenset({"error", "errors", "detail", "details"})


def _word_inside(document: object, generic: Generic) -> str | None:
    """Return the one known word that an answer, or a part of it, tells as a state: `{"movie": {"status": "running"}}`."""
    if not isinstance(document, dict):
        return None
    parts = [v for k, v in document.items() if isinstance(v, dict) and k not in _NO_PARTS]
    told = [
        value
        for part in (document, *parts)
        for key, value in part.items()
        if isinstance(value, str) and _STATES.fullmatch(str(key))
    ]
    known = {word: raw for raw in told if (word := _word_for(raw, generic.words))}
    return next(iter(known.values())) if len(known) == 1 else None


def captured(document: object, job: Job) -> dict[str, str]:
    """Return the values that *job* takes from an answer into its next steps."""
    found = {name: resolve(document, pointer) for name, pointer in job.captures.items()}
    texts = {name: str(v) for name, v in found.items() if isinstance(v, str | int)}
    return {name: text for name, text in texts.items() if _is_one_step(text)}


def _is_one_step(text: str) -> bool:
    """Whether a value that an answer gives can stand in a path without leading elsewhere."""
    return text.isprintable() and "/" not in text and text not in (".", "..")


def chat_text(events: Iterable[object], *names: str) -> str:
    """Return the texts of these *names* in the *events* of a chat's stream, in the order they came."""
    found = (resolve(event, f"/choices/0/delta/{name}") for event in events for name in names)
    return "".join(text for text in found if isinstance(text, str))


MAX_EVENTS: Final = 10_000
"""Events of a stream that are read: of more, the first and the last half, where errors and ends stand."""
_HALF: Final = MAX_EVENTS // 2


def stream_events(text: str) -> tuple[tuple[object, ...], bool]:
    """Return the JSON events of a Server-Sent Events answer, and whether it says that it is whole.

    Chats end with `[DONE]`, streams of images with an event of a type like `image_generation.completed`, those of
    Gradio with an event called `complete`, or `error`, which has its text alone.
    """
    told = list(_named_payloads(text))
    read = told if len(told) <= MAX_EVENTS else [*told[:_HALF], *told[-_HALF:]]
    documents = (_event(name, payload) for name, payload in read if payload != "[DONE]")
    events = tuple(document for document in documents if document is not MISSING)
    ended = any(payload == "[DONE]" or name == "complete" for name, payload in told)
    return events, ended or any(map(completes_stream, events))


def _named_payloads(text: str) -> Iterator[tuple[str, str]]:
    name = ""
    for line in text.splitlines():
        if line.startswith("event:"):
            name = line[6:].strip()
        elif line.startswith("data:"):
            yield name, line[5:].strip()
        elif not line:
            name = ""


def _event(name: str, payload: str) -> object:
    document = parse_json(payload)
    if name != "error" or isinstance(document, dict):
        return document
    if document is MISSING:
        return {"error": payload}
    return {"error": document if isinstance(document, str) and document else "failed"}


def completes_stream(event: object) -> bool:
    """Whether an event says that the stream is complete with it."""
    kind = resolve(event, "/type")
    return isinstance(kind, str) and kind.endswith(".completed")


def streamed_results(events: Iterable[object], job: Job | None) -> list[object]:
    """Return the images in the *events* of a stream; previews of one are left out."""
    pointers = (*(job.output.pointer if job and job.output else ()), *_STREAMED)
    whole = (event for event in events if "partial_image" not in str(resolve(event, "/type")))
    found = (value for event in whole for p in pointers for value in resolve_all(event, p))
    return [value for value in found if value not in EMPTY]


NO_VALUES: Final = ("null", "none", "undefined", "None")
"""What programs write where they had nothing."""


def is_hollow(value: object) -> bool:
    """Whether *value*, where a result belongs, holds nothing, however many empty parts it has."""
    left = [value]  # no recursion: an answer may nest as deep as it likes
    while left:
        one = left.pop()
        if isinstance(one, dict):
            left += one.values()
        elif isinstance(one, list):
            left += one
        elif one not in EMPTY and one not in NO_VALUES:
            return False
    return True


def leads_nowhere(text: str) -> bool:
    """Whether *text* is an address that no customer can fetch a result from, such as file:///tmp/a."""
    found = _ADDRESS.match(text)
    return found is not None and "//" in found[0] and found[1].lower() not in _SCHEMES


def told_in_prose(text: str, generic: Generic) -> list[tuple[float, JobState]]:
    """Return each share and state that a chat's prose tells, such as `25% (processing)` (sora2api)."""
    found = ((int(told[1]) / 100, told[2] or "") for told in _TOLD.finditer(text))
    return [(min(1.0, n), JobState(_word_for(raw, generic.words), raw)) for n, raw in found]


def _word_for(raw: str, words: Mapping[JobWord, tuple[str, ...]]) -> JobWord | None:
    if len(raw) > MAX_WORD:
        return None
    told = _folded(raw)
    matches = (word for word, names in words.items() if told in map(_folded, names))
    return next(matches, None)


@lru_cache(maxsize=1024)
def _folded(word: str) -> str:
    return re.sub(r"[\s_-]+", "", word.casefold())


def results(document: object, job: Job) -> list[object]:
    """Return what stands where *job* keeps its result, the first pointer's first; empty ones left out."""
    pointers = job.output.pointer if job.output else ()
    found = (value for p in pointers for value in resolve_all(document, p))
    return [value for value in found if value not in EMPTY]


def lacks_result(document: object, job: Job) -> bool:
    """Whether the place that holds the result is there, or an empty list of such places, and no result."""
    pointers = job.output.pointer if job.output else ()
    places = [p.rpartition("/")[0] for p in pointers if p.count("/") > 1]
    lists = [resolve(document, p.rpartition("/")[0]) for p in places if p.endswith("/0")]
    there = any(resolve(document, place) is not MISSING for place in places) or [] in lists
    return there and not results(document, job)


def begun_id(body: bytes, pointers: Iterable[str]) -> str | None:
    """Return the whole id of a task in the beginning of an answer that broke off, or None."""
    names = "|".join(sorted(re.escape(p.rpartition("/")[2]) for p in pointers))
    found = re.search(
        rf'"(?:{names})"\s*:\s*(?:"([^"\\]{{1,200}})"|(\d{{1,40}})\b)'.encode(), body[:_BEGINNING]
    )
    value = (found[1] or found[2]) if found is not None and names else None
    return value.decode("utf-8", "replace") if value else None


def share_done(document: object, job: Job) -> float | None:
    """Return how much of the job is done, from 0 to 1, or None where the answer does not say."""
    value = resolve(document, job.progress) if job.progress else None
    percent = as_number(value.strip().rstrip("%") if isinstance(value, str) else value)
    return None if percent is None else min(1.0, max(0.0, percent / 100))


def reported_usd(document: object, cost: Cost | None) -> float | None:
    """Return what the answer says the generation cost in US dollars, or None."""
    value = as_number(resolve(document, cost.pointer)) if cost else None
    usd = cost.usd(value) if cost and value is not None else None
    return usd if usd is not None and 0 <= usd <= MAX_USD else None


def as_number(value: object) -> float | None:
    """Return the finite number that *value* is, or that its text says; or None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if number - number == 0 else None  # neither infinite nor NaN
