"""What an answer says about a generation job, by the provider file's words: its state, how far it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from genmedia_exporter.core.json_pointer import MISSING, resolve, resolve_all
from genmedia_exporter.providers.base import JobWord
from genmedia_exporter.providers.calls import Cost, Job
from genmedia_exporter.providers.schema import Generic

CREATE, POLL, RESULT = "create", "poll", "result"
"""How the exchange of a generation that decides may be called: `Exchange.call`."""

_TOLD = re.compile(r"(\d{1,3})(?:\.\d+)?\s*%(?:\s*\((\w{1,40})\))?")

EMPTY: tuple[object, ...] = (None, "", [], {})
"""Values that stand where a result belongs and are none."""

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
    own_place = (status.pointer,) if status and status.pointer else ()
    pointers = (*own_place, *generic.job_pointers)
    words = (resolve(document, p) for p in pointers)
    raw = next((w for w in words if isinstance(w, str) and w), None)
    if raw is None:
        return JobState()
    own = status.words if status else {}
    return JobState(_word_for(raw, own) or _word_for(raw, generic.words), raw)


def chat_text(events: Iterable[object], *names: str) -> str:
    """Return the texts of these *names* in the *events* of a chat's stream, in the order they came."""
    found = (resolve(event, f"/choices/0/delta/{name}") for event in events for name in names)
    return "".join(text for text in found if isinstance(text, str))


def told_in_prose(text: str, generic: Generic) -> list[tuple[float, JobState]]:
    """Return each share and state that a chat's prose tells, such as `25% (processing)` (sora2api)."""
    found = ((int(told[1]) / 100, told[2] or "") for told in _TOLD.finditer(text))
    return [(min(1.0, n), JobState(_word_for(raw, generic.words), raw)) for n, raw in found]


def _word_for(raw: str, words: Mapping[JobWord, tuple[str, ...]]) -> JobWord | None:
    folded = raw.strip().casefold()
    matches = (word for word, names in words.items() if folded in (n.casefold() for n in names))
    return next(matches, None)


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


def share_done(document: object, job: Job) -> float | None:
    """Return how much of the job is done, from 0 to 1, or None where the answer does not say."""
    value = resolve(document, job.progress) if job.progress else None
    percent = _number(value.strip().rstrip("%") if isinstance(value, str) else value)
    return None if percent is None else min(1.0, max(0.0, percent / 100))


def reported_usd(document: object, cost: Cost | None) -> float | None:
    """Return what the answer says the generation cost in US dollars, or None."""
    value = _number(resolve(document, cost.pointer)) if cost else None
    usd = value / cost.per_usd if cost and value is not None else None
    return usd if usd is not None and 0 <= usd <= MAX_USD else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if number - number == 0 else None  # neither infinite nor NaN
