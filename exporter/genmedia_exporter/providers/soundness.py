"""What a provider file must hold together, beyond what each of its values may be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from genmedia_exporter.config.problems import KeyPath
from genmedia_exporter.providers.base import DriverName, placeholders
from genmedia_exporter.providers.calls import Call, Job
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


_OF_VENDOR: Final = re.compile(
    r"https://(?:[a-z0-9-]|\{account\.[a-z_]+\})+(?:\.(?:[a-z0-9-]|\{account\.[a-z_]+\})+)+/"
)
"""An address of a call's own: its host stands in the file, but for what an account says of itself."""

EVERYWHERE: Final = frozenset({"uuid", "now"})
OF_CALLS: Final = frozenset({"model", "operation", "path"}) | EVERYWHERE
OF_JOBS: Final = frozenset({"model", "operation", "prompt"}) | EVERYWHERE
"""What the templates of calls, and of creates, may hold; later steps of a job also {id} and its captures."""


def faults_of(provider: Provider) -> Iterator[Fault]:
    """Yield what makes *provider* no file to pay by; each is an error."""
    yield from _of_prices(provider)
    own = frozenset(f"account.{name}" for name in provider.variables)
    auth = provider.auth
    yield from _unfilled({"headers": provider.headers}, EVERYWHERE | own)
    address = {"base_url": provider.base_url, "auth.token_url": auth.token_url}
    yield from _unfilled({**address, "auth.region": auth.region, "auth.service": auth.service}, own)
    for number, call in enumerate(provider.calls):
        yield from _below(("calls", number), _of_call(call, own))
    for number, job in enumerate(provider.jobs):
        yield from _below(("jobs", number), _of_job(job))
        yield from _below(("jobs", number), _templates_of(job, own))


def _of_prices(provider: Provider) -> Iterator[Fault]:
    """Yield the prices at what no job asks for: they would never be one's own."""
    for number, model in enumerate(provider.models):
        job = provider.job_for(model.operation, model.name)
        asked = {**(job.asks if job else {}), "host": ""}
        for place, price in enumerate(model.prices):
            for key in sorted(price.at.keys() - asked.keys()):
                path = ("models", number, "prices", place, "at")
                yield Fault(path, f"its job does not say which {key} it asks for", "write asks:")


def _below(path: KeyPath, faults: Iterator[Fault]) -> Iterator[Fault]:
    return (Fault((*path, *f.path), f.message, f.hint) for f in faults)


def _unfilled(templates: Mapping[str, object], known: frozenset[str]) -> Iterator[Fault]:
    for key, template in templates.items():
        # What the environment holds may be secret, and an address is shown.
        shown = "path" in key or "url" in key
        filled = {n for n in placeholders(template) if n.startswith("env.") and not shown}
        for name in sorted(placeholders(template) - known - filled):
            words = ", ".join(f"{{{word}}}" for word in sorted(known))
            yield Fault(tuple(key.split(".")), f"nothing fills {{{name}}}", f"known here: {words}")


def _of_call(call: Call, own: frozenset[str]) -> Iterator[Fault]:
    other = call.control
    templates = {
        "path": call.path,
        "query": call.query,
        "headers": call.headers,
        "json": call.body,
        "form": call.form,
        "control.json": other.body if other else None,
        "control.form": other.form if other else None,
    }
    yield from _unfilled(templates, OF_CALLS | own)
    if "://" in call.path and not _OF_VENDOR.match(call.path):
        yield Fault(
            ("path",),
            "this leads nowhere safe",
            "write a path, or https://HOST/ with a host in full",
        )


def _templates_of(job: Job, own: frozenset[str]) -> Iterator[Fault]:
    create = {"path": job.path, "headers": job.headers, "json": job.body, "form": job.form}
    yield from _unfilled(create, OF_JOBS | own)
    asked, kept = job.poll, OF_JOBS | own | {"id"}
    later = {
        "poll.path": asked.path if asked else "",
        "poll.headers": asked.headers if asked else {},
        "poll.json": asked.body if asked else None,
        "cancel.path": job.cancel.path if job.cancel else "",
    }
    yield from _unfilled(later, kept)
    result = {"output.path": (job.output.path or "") if job.output else ""}
    yield from _unfilled(result, kept | job.captures.keys())


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
    never = sorted(set(job.status.errors if job.status else ()) - set(words))
    for word in never:
        yield Fault(("status", "errors"), f"no word means {word}, so its error is never read")
    if words and not words.get("succeeded"):
        yield Fault(("status", "words"), "no word means succeeded, so no job would ever succeed")
