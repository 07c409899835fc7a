"""Does a rule of a provider file hold for a layer of an answer? Pure matching, no order, no meaning."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final

from genmedia_exporter.classify.layers import Layer
from genmedia_exporter.classify.parse import Reading
from genmedia_exporter.core.json_pointer import MISSING, resolve_all
from genmedia_exporter.core.status import Channel, Depth
from genmedia_exporter.providers.base import HttpStatuses, JobWord, ProviderKind
from genmedia_exporter.providers.calls import Check
from genmedia_exporter.providers.rules import When

_SPECIAL: Final = frozenset("*?[")
"""What makes a text a pattern."""
MAX_REGEX_TEXT: Final = 65_536
"""Characters a rule's regular expression sees."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a rule may ask about besides the answer itself."""

    depth: Depth
    channel: Channel
    kind: ProviderKind | None  # None: the provider is unknown
    job: JobWord | None = None


def holds(when: When, layer: Layer, reading: Reading, setting: Setting) -> bool:
    """Whether every written condition of *when* holds for *layer*."""
    return (
        _setting_fits(when, layer, reading, setting)
        and _any_glob(when.code, layer.codes)
        and _any_glob(when.type, layer.types)
        and _any_glob(when.param, layer.params)
        and (not when.message or any(m in layer.message for m in _folded(when.message)))
        and _status_fits(when, layer)
        and all(_header_fits(reading.exchange.headers, *pair) for pair in when.header.items())
        and all(check_holds(check, layer.document) for check in when.checks)
        and (when.body is None or found(when.body, reading.exchange.text))
    )


def _setting_fits(when: When, layer: Layer, reading: Reading, setting: Setting) -> bool:
    return (
        (not when.depth or setting.depth in when.depth)
        and (not when.channel or setting.channel in when.channel)
        and (not when.kind or setting.kind in when.kind)
        and (not when.job or setting.job in when.job)
        and when.html == reading.html  # the words of a web page are anybody's
        and (when.upstream is None or when.upstream == layer.upstream)
    )


def _status_fits(when: When, layer: Layer) -> bool:
    # A 200 that is an error says nothing by its status, so words alone may decide there.
    silent = 200 <= layer.http < 300 and bool(when.message)
    return not when.http or silent or status_in(layer.http, when.http)


def _any_glob(patterns: tuple[str, ...], words: frozenset[str]) -> bool:
    if not patterns:
        return True
    plain, globs = _apart(patterns)
    return not plain.isdisjoint(words) or any(fnmatchcase(w, p) for p in globs for w in words)


# Rules come from files, so their texts are few, and each is compared with every answer.
@lru_cache(maxsize=4096)
def _apart(patterns: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return what is to be there as it stands, and what is a pattern."""
    globs = tuple(p for p in _folded(patterns) if not _SPECIAL.isdisjoint(p))
    return frozenset(_folded(patterns)) - frozenset(globs), globs


@lru_cache(maxsize=4096)
def _folded(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(text.casefold() for text in texts)


def _header_fits(headers: Mapping[str, str], name: str, fragment: str) -> bool:
    value = headers.get(name.lower())
    return value is not None and (fragment == "*" or fragment.casefold() in value.casefold())


def found(pattern: str, text: str) -> bool:
    """Whether a regular expression is found in the first MAX_REGEX_TEXT characters of *text*."""
    return _compiled(pattern).search(text[:MAX_REGEX_TEXT]) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def status_in(status: int, wanted: HttpStatuses) -> bool:
    """Whether an HTTP status is one of 429, 5xx or 520-526."""
    return any(low <= status <= high for low, high in _bounds(wanted))


@lru_cache(maxsize=1024)
def _bounds(wanted: HttpStatuses) -> tuple[tuple[int, int], ...]:
    return tuple(_bound(str(item)) for item in wanted)


def _bound(item: str) -> tuple[int, int]:
    if item.endswith("xx"):
        return int(item[0]) * 100, int(item[0]) * 100 + 99
    low, _, high = item.partition("-")
    return int(low), int(high or low)


_TYPES: dict[str, type | tuple[type, ...]] = {
    "list": list,
    "object": dict,
    "string": str,
    "number": (int, float),
    "boolean": bool,
}


def check_holds(check: Check, document: object) -> bool:
    """Whether a JSON document satisfies *check*; with `*` in the pointer any item may do so."""
    if document is MISSING:
        return False
    values = resolve_all(document, check.pointer)
    return any(_value_fits(check, value) for value in values)


def _value_fits(check: Check, value: object) -> bool:
    asked = check.model_fields_set - {"pointer"}
    if not asked:
        return value is not None
    return (
        ("equals" not in asked or _same(value, check.equals))
        and (not check.any_of or any(_same(value, option) for option in check.any_of))
        and (check.matches is None or found(check.matches, _as_text(value)))
        and (check.type is None or _is_type(value, check.type))
    )


def _same(value: object, wanted: object) -> bool:
    # True == 1 in Python, not in JSON.
    return isinstance(value, bool) == isinstance(wanted, bool) and value == wanted


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _is_type(value: object, name: str) -> bool:
    return isinstance(value, _TYPES[name]) and (name == "boolean" or not isinstance(value, bool))
