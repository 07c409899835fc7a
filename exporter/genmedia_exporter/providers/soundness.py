"""What a provider file must hold together, beyond what each of its values may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from genmedia_exporter.config.problems import KeyPath
from genmedia_exporter.providers.base import DriverName, placeholders
from genmedia_exporter.providers.calls import Job
from genmedia_exporter.providers.schema import Provider


class Fault(NamedTuple):
    """One thing that is wrong, and where."""

    path: KeyPath
    message: str
    hint: str = ""


_NEEDED: Final[Mapping[DriverName, tuple[str, ...]]] = {
    "async_job": ("id", "poll", "status", "output"),
    "sync_image": ("output",),
    "chat_stream": ("output",),
    "plain_http": (),
}
"""Without which a job is paid for and never known to have ended."""


def faults_of(provider: Provider) -> Iterator[Fault]:
    """Yield what makes *provider* no file to pay by; each is an error."""
    for number, job in enumerate(provider.jobs):
        path = ("jobs", number)
        yield from (Fault((*path, *f.path), f.message, f.hint) for f in _of_job(job))


def _of_job(job: Job) -> Iterator[Fault]:
    missing = [name for name in _NEEDED[job.driver] if getattr(job, name) is None]
    if missing:
        yield Fault((), f"a job of the driver {job.driver} cannot end without {', '.join(missing)}")
    if job.poll and not job.poll_url and "id" not in placeholders([job.poll.path, job.poll.body]):
        yield Fault(("poll",), "it does not name the job", "write {id} into its path or json")
    yield from _of_status(job)


def _of_status(job: Job) -> Iterator[Fault]:
    words = job.status.words if job.status else {}
    said = [name.strip().casefold() for names in words.values() for name in names]
    for word in sorted({word for word in said if said.count(word) > 1}):
        yield Fault(("status", "words"), f"{word!r} means two states")
    if words and not words.get("succeeded"):
        yield Fault(("status", "words"), "no word means succeeded, so no job would ever succeed")
