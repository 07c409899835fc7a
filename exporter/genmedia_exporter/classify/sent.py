"""What a create broke, read from the request itself: fields that are empty, missing, or no such thing can be. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from genmedia_exporter.classify.lexicon import words_of
from genmedia_exporter.classify.words_of_validators import FIELDS
from genmedia_exporter.core.json_pointer import parse_json

_SAID: Final = ("prompt", "messages")
"""What says what to make; a create without it is broken in that."""
_EMPTY: Final[tuple[object, ...]] = ("", None, [], {})
_SOUND: Final = {
    "prompt": r".*\S.*",
    "messages": r".*\S.*",
    "seconds": r"(?:[1-9]|[1-9]\d|[1-5]\d\d|600)(?:\.0+)?s?",
    "n": r"[1-9]|1[0-6]",
    "size": r"\d{3,4}p|[1-8]k|(?:[6-9]\d|\d{3,4})(?: ?[x*] ?(?:[6-9]\d|\d{3,4}))?|[1-9]\d?:[1-9]\d?|[a-z]{2,12}",
    "aspect_ratio": r"[1-9]\d?:[1-9]\d?|[a-z]{2,12}",
    "quality": r"[a-z]{2,12}",
    "mode": r"[a-z][a-z0-9_-]{0,20}",
}
"""How each of these looks where nothing is wrong with it."""
_PATTERNS: Final = {name: re.compile(pattern, re.I | re.S) for name, pattern in _SOUND.items()}
_AROUND_BODY: Final = frozenset({"method", "path", "body"})
"""Keys of a request of which the body is a part."""
MAX_VALUES: Final = 500
"""Values of a request that are looked at; creates have a dozen."""


def broken_by(request: object) -> tuple[str, ...]:
    """Return what a create of this *request* broke; () where nobody can tell.

    A request is `{"method": …, "path": …, "body": …}`, or the body alone.
    """
    wrapped = isinstance(request, Mapping) and not request.keys().isdisjoint(_AROUND_BODY)
    body = request.get("body") if isinstance(request, Mapping) and wrapped else request
    document = parse_json(body) if isinstance(body, str) else body
    if not isinstance(document, dict) or not (wrapped or document):
        return ()
    leaves = list(_leaves(document))
    broken = [name for path, value in leaves if _is_broken(path[-1], value) for name in _told(path)]
    known = {name for path, _ in leaves for key in path for name in _fields(key)}
    if known.isdisjoint(_SAID) and (broken or not known):
        broken += _SAID
    return tuple(dict.fromkeys(broken))


def declared(breaks: Iterable[str]) -> tuple[str, ...]:
    """Return what a create broke, of the fields that somebody says it did: `params.steps` breaks `steps`."""
    names = (name for path in breaks for name in _told(tuple(path.split("."))))
    return tuple(dict.fromkeys(names))


def _leaves(document: object) -> Iterator[tuple[tuple[str, ...], object]]:
    """Yield each value that holds no other, with the keys that lead to it."""
    left: list[tuple[tuple[str, ...], object]] = [((), document)]
    for _ in range(MAX_VALUES):
        if not left:
            return
        path, value = left.pop()
        if isinstance(value, dict) and value:
            left += [((*path, str(key)), inner) for key, inner in reversed(value.items())]
        elif isinstance(value, list) and value:
            left += [(path, inner) for inner in reversed(value)]
        elif path:
            yield path, value


def _fields(key: str) -> tuple[str, ...]:
    """Return the fields that *key* may be a name of."""
    words = words_of(key)
    return tuple(
        name for name, names in FIELDS.items() if words == words_of(name) or words in names
    )


def _is_broken(key: str, value: object) -> bool:
    if value in _EMPTY or (isinstance(value, str) and not value.strip()):
        return True
    if isinstance(value, bool):
        return False
    fields = _fields(key)
    if not fields:
        return isinstance(value, int | float) and value < 0
    return not any(_PATTERNS[field].fullmatch(str(value).strip()) for field in fields)


def _told(path: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of what is broken at *path*; what to make is also what holds it."""
    key, fields = path[-1], _fields(path[-1])
    if set(fields) & set(_SAID) or not fields:
        holders = [p for p in path[:-1] if set(_fields(p)) & set(_SAID)]
        return (key, *fields, *holders, *(name for p in holders for name in _fields(p)))
    return (key, *fields)
