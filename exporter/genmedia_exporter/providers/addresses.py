"""The address that people write for a provider, in any of its spellings, and the one that calls begin with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from genmedia_exporter.providers.schema import Provider

_VERSION: Final = re.compile(r"v\d+(\.\d+)?((alpha|beta|p)\d*)*")
"""What a segment of a path looks like that is a version: v1, v1beta, v2.1."""
_OPENAI: Final = frozenset({"/models", "/chat/completions"})
"""Clients of OpenAI's wire append these to a base URL that has a version already."""
_FIELD: Final = re.compile(r"\{[^}]*\}")


class AddressError(ValueError):
    """An address below which the provider's paths cannot be; says why, and `hint` the way out."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


class Place(NamedTuple):
    """Where an account's calls go: `base` is scheme, host and path without the version `prefix`."""

    base: str
    prefix: str


def place_of(written: str, provider: Provider) -> Place:
    """Return where the calls of *provider* go for a *written* base URL.

    With or without the version, a part of it, or a whole endpoint of the provider at its end, it is
    the same place: `https://host/api`, `/api/v1` and `/api/v1/videos` for the prefix `/api/v1`.
    Raises AddressError where a call's path would have two versions, or begin with nothing that
    the provider's own host has.
    """
    parts = urlsplit(written)
    segments = _segments(parts.path)
    kept = _without_overlap(segments, _heads(provider))
    address = f"{parts.scheme}://{parts.netloc}"
    _refuse_what_its_own_host_lacks(address, kept, provider)
    place = Place("/".join([address, *kept]), provider.prefix)
    second = sorted(head for head in _heads(provider) if _versioned(head))
    if kept != segments or not second or not _versioned(kept):
        return place
    if _versioned(_segments(provider.prefix)) and _OPENAI & {c.path for c in provider.calls}:
        return place._replace(prefix="")  # the version that was written stands instead
    path = provider.prefix or f"/{second[0][0]}"
    raise AddressError(
        f"its calls would have two versions in their path: /{'/'.join(kept)}{path}",
        f"write it without its version, or with both if that is meant: {place.base}{path}",
    )


def _versioned(segments: tuple[str, ...]) -> bool:
    return any(_VERSION.fullmatch(segment) for segment in segments)


def _without_overlap(
    segments: tuple[str, ...], heads: frozenset[tuple[str, ...]]
) -> tuple[str, ...]:
    """Take off the end what the provider's paths begin with, as often as it stands there."""
    while True:
        lengths = range(len(segments), 0, -1)
        found = next((n for n in lengths if any(h[:n] == segments[-n:] for h in heads)), 0)
        if not found:
            return segments
        segments = segments[:-found]


@cache
def _heads_of(prefix: str, paths: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    heads = {_segments(prefix)}
    for path in paths:
        if not path.startswith("https://") and not (path.startswith("//") and prefix):
            literal, field, _ = f"{prefix}/{path.partition('?')[0]}".partition("{")
            heads.add(_segments(literal.rpartition("/")[0] if field else literal))
    return frozenset(head for head in heads if head)


def _segments(path: str) -> tuple[str, ...]:
    return tuple(segment for segment in path.split("/") if segment)


def _heads(provider: Provider) -> frozenset[tuple[str, ...]]:
    """Return the segments that the paths of *provider* begin with, to the first that is filled in."""
    return _heads_of(provider.prefix, tuple(_paths(provider)))


def _paths(provider: Provider) -> Iterator[str]:
    yield from (call.path for call in provider.calls)
    for job in provider.jobs:
        yield job.path
        if job.poll:
            yield job.poll.path


def _refuse_what_its_own_host_lacks(
    address: str, kept: tuple[str, ...], provider: Provider
) -> None:
    """Below a vendor's own host there is one address only. Raises AddressError."""
    own = urlsplit(provider.base_url or "")
    if not own.netloc or not _fits(own.netloc, urlsplit(address).netloc):
        return
    path = "/".join(_without_overlap(_segments(own.path), _heads(provider)))
    if not _fits(path, "/".join(kept)):
        raise AddressError(
            f"{provider.title} is not below this path",
            f"leave base_url out, or write {provider.base_url}",
        )


def _fits(template: str, text: str) -> bool:
    pattern = "[^/]+".join(map(re.escape, _FIELD.split(template)))
    return re.fullmatch(pattern, text) is not None
