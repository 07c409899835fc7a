"""Which headers of an answer are kept as evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase

KEPT_HEADERS = frozenset({
    "cf-mitigated", "cf-ray", "content-encoding", "content-length", "content-range",
    "content-type", "date", "deprecation", "openai-processing-ms", "retry-after",
    "server", "sunset", "via", "www-authenticate", "x-fal-error-type", "x-fal-request-id",
    "x-new-api-version", "x-oneapi-request-id", "x-request-id",
})  # fmt: skip
_KEPT_PREFIX = "x-ratelimit-"
_NEVER_KEPT = frozenset({"set-cookie", "location"})
MAX_KEPT_HEADERS = 40
MAX_HEADER_LENGTH = 256
MAX_KNOWN_NAMES = 256


class KeptHeaders:
    """The names of those that are kept: what always tells something, and *named* ones, perhaps with `*`."""

    def __init__(self, named: Iterable[str] = ()) -> None:
        names = {name.lower() for name in named}
        self._names = (KEPT_HEADERS | names) - _NEVER_KEPT
        self._globs = tuple(sorted(name for name in names if "*" in name))
        self._known: dict[str, bool] = {}  # of names that were met, whether they are kept

    def of(self, headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """Yield names and values of those to keep; rate limits last, for they may be many."""
        found = [name for name in headers if self._is_kept(name)]
        found.sort(key=lambda name: name.startswith(_KEPT_PREFIX))
        return ((name, headers[name]) for name in found[:MAX_KEPT_HEADERS])

    def _is_kept(self, name: str) -> bool:
        kept = self._known.get(name)
        if kept is None:
            kept = self._fits(name)
            if len(self._known) < MAX_KNOWN_NAMES:
                self._known[name] = kept
        return kept

    def _fits(self, name: str) -> bool:
        if name in self._names or name.startswith(_KEPT_PREFIX):
            return True
        return name not in _NEVER_KEPT and any(fnmatchcase(name, g) for g in self._globs)
