"""What an answer to a create says of having made something: a task's id, a result, or how these begin."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from genmedia_exporter.classify.addresses import OUTPUTS
from genmedia_exporter.classify.parse import Reading
from genmedia_exporter.core.evidence import Transport
from genmedia_exporter.core.json_pointer import resolve
from genmedia_exporter.providers.calls import Job
from genmedia_exporter.providers.states import begun_id, chat_text, results, streamed_results

_ANY_IDS: Final = (
    "/id",
    "/name",
    "/request_id",
)  # of a task, but also of a request that was refused
_TASK_IDS: Final = (
    "/task_id", "/taskId", "/job_id", "/data/task_id", "/data/taskId", "/output/task_id",
    "/result/task_id", "/generation_id",
)  # fmt: skip


def names_task(reading: Reading, jobs: Iterable[Job]) -> bool:
    """Whether the answer to a create names a task, or carries a result, by what is nothing else."""
    jobs = tuple(jobs)
    if any(results(reading.document, job) for job in jobs):
        return True
    return any(_is_id(resolve(reading.document, p)) for p in _task_ids(jobs))


def _task_ids(jobs: Iterable[Job]) -> set[str]:
    return {job.id for job in jobs if job.id and job.id not in _ANY_IDS} | {*_TASK_IDS}


def may_name_task(reading: Reading, jobs: Iterable[Job]) -> bool:
    """Whether it has an id where tasks of these *jobs* have theirs, though others may have it there."""
    return any(_is_id(resolve(reading.document, p)) for p in _own_ids(jobs))


def _own_ids(jobs: Iterable[Job]) -> set[str]:
    return {job.id for job in jobs if job.id} or {"/id"}


def _is_id(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and bool(value)


_BEGINNING: Final = 1024
"""Bytes that tell what a JSON answer is going to be; results are its first or second key."""
_MEDIA_IN_TEXT: Final = re.compile(rb'"(?:data:[\w/+.;=-]{1,80},)?[A-Za-z0-9+/_-]{256}')
"""A JSON string that goes on and on in the alphabet of base64."""
_ANYBODYS_KEYS: Final = frozenset({"", "0", "*", "message", "metadata", "name", "response"})


def begins_as_made(reading: Reading, jobs: Iterable[Job]) -> bool:
    """Whether an answer that broke off begins like what a create makes, and no other answer does.

    That is JSON with a task, a result or media in it, or a stream of events too long for us.
    """
    if reading.stream is not None:
        return reading.exchange.transport is Transport.BODY_TOO_LARGE
    begin = reading.exchange.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:_BEGINNING]
    if not begin.startswith((b"{", b"[")):
        return False
    jobs = tuple(jobs)
    if _has_key(begin, {p.rpartition("/")[2] for p in _task_ids(jobs)}):
        return True
    if _has_key(begin, {"error", "errors"}):
        return False
    places = {*OUTPUTS, *(p for job in jobs if job.output for p in job.output.pointer)}
    keys = {step for place in places for step in place.split("/")} - _ANYBODYS_KEYS
    keys |= {pointer.rpartition("/")[2] for pointer in _own_ids(jobs)}
    return _has_key(begin, keys) or _MEDIA_IN_TEXT.search(begin) is not None


def _has_key(begin: bytes, keys: set[str]) -> bool:
    """Whether one of these *keys* is in a piece of JSON with a value that is something."""
    names = "|".join(re.escape(key) for key in sorted(keys))
    some = r'(?!null|false|""|\[\s*\]|\{\s*\})\S'
    return re.search(rf'"(?:{names})"\s*:\s*{some}'.encode(), begin) is not None


_MEDIA: Final = rb"(?:data:(?:image|video)/[\w.+-]{1,40};base64,)?(?:iVBORw0KGgo|/9j/|UklGR|R0lGOD|AAAA[\w+/]{2}ZnR5c)"
"""How media begin in base64: PNG, JPEG, WebP, GIF, MP4."""
_SURELY: Final = re.compile(
    rb'"'
    + _MEDIA
    + rb'|"(?:choices|candidates)"\s*:\s*\[\s*\{|"(?:\w{0,20}_)?ur[il]"\s*:\s*"https?://'
)
"""The beginning of a result, and of nothing else."""


def begins_surely(reading: Reading, jobs: Iterable[Job]) -> bool:
    """Whether an answer that broke off names a whole task, or begins with media or their address.

    Asked of a service that has rejected such creates before: there anything else is a trouble of
    its own, such as a body without end.
    """
    jobs = tuple(jobs)
    begin = reading.exchange.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:_BEGINNING]
    if reading.stream is not None:
        told = bool(chat_text(reading.stream, "content") or streamed_results(reading.stream, None))
        return told or _SURELY.search(begin) is not None
    if not begin.startswith((b"{", b"[")):
        return reading.media
    if begun_id(begin, _task_ids(jobs)) is not None:
        return True
    if _has_key(begin, {"error", "errors"}):
        return False
    own = {job.id for job in jobs if job.id}
    return begun_id(begin, own) is not None or _SURELY.search(begin) is not None
