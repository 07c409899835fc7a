"""What people read, in their language: one catalogue of all words, and numbers as each language writes them.

The key of a word is its English text. The language is that of the task that answers a reader; where
nobody has chosen one, as in logs and commands, it is English.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

import yaml

Word = str | Mapping[str, str]
"""A text, or one for each plural form of the language."""


@dataclass(frozen=True, slots=True)
class Language:
    """A language that pages are written in; *words* has a translation for each English text."""

    code: str  # as in HTML's lang and in Accept-Language
    name: str  # as its speakers call it
    forms: tuple[str, ...]  # plural forms: of one, of any other count; or the only one
    decimal: str = "."
    group: str = ","
    group_from: int = 4  # digits from which thousands are set apart
    words: Mapping[str, Word] = field(default_factory=lambda: MappingProxyType({}))

    def form(self, number: int) -> str:
        """Return which plural form *number* takes."""
        return self.forms[0] if number == 1 else self.forms[-1]


ENGLISH: Final = Language("en", "English", ("one", "other"))


@cache
def languages() -> Mapping[str, Language]:
    """Return all languages by code; English, which needs no catalogue, is the first."""
    spanish = Language("es", "Español", ("one", "other"), ",", ".", 5, _read("es"))
    chinese = Language("zh-Hans", "简体中文", ("other",), words=_read("zh-Hans"))
    return {known.code: known for known in (ENGLISH, spanish, chinese)}


def _read(code: str) -> Mapping[str, Word]:
    text = files("genmedia_exporter.words").joinpath(f"{code}.yml").read_text("utf-8")
    return MappingProxyType(yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)))  # noqa: S506 - both are safe


_CURRENT: Final[ContextVar[Language]] = ContextVar("language", default=ENGLISH)


def language() -> Language:
    """Return the language that is spoken now."""
    return _CURRENT.get()


@contextmanager
def speaking(code: str) -> Iterator[Language]:
    """Speak the language of this code within the block, and in threads and tasks begun there."""
    known = languages()[code]
    token = _CURRENT.set(known)
    try:
        yield known
    finally:
        _CURRENT.reset(token)


def say(text: str, **values: Any) -> str:
    """Return an English *text* in the present language, with *values* put in for its {names}.

    What has no translation, such as a word of a newer version, stays as it is.
    """
    word = language().words.get(text, text)
    found = word if isinstance(word, str) else text
    return found.format(**values) if values else found


def plural(number: int, one: str, other: str, **values: Any) -> str:
    """Return the text that fits *number*, which stands for {n} in it; the key is that of many."""
    spoken = language()
    word = spoken.words.get(other)
    if isinstance(word, Mapping):
        found = word[spoken.form(number)]
    else:
        found = word or (one if number == 1 else other)
    return found.format(n=decimal(number), **values)


def decimal(value: float, places: int = 0) -> str:
    """Return a number as the present language writes it: 1,234.5 or 1234,5."""
    spoken = language()
    text = f"{value:,.{places}f}"
    whole, point, rest = text.partition(".")
    digits = sum(sign.isdigit() for sign in whole)
    whole = whole.replace(",", spoken.group if digits >= spoken.group_from else "")
    return f"{whole}{spoken.decimal if point else ''}{rest}"


def best(wanted: str) -> str:
    """Return the code of the language that an Accept-Language header likes best; English by default."""
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(wanted[:500].split(",")):
        tag, _, weight = part.strip().partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        code = _by_tag(tag.strip().casefold())
        if code and quality > 0:
            ranked.append((-quality, place, code))
    return min(ranked)[2] if ranked else ENGLISH.code


def _by_tag(tag: str) -> str | None:
    if tag == "*":
        return ENGLISH.code
    primary = tag.partition("-")[0]
    return next((code for code in languages() if code.partition("-")[0] == primary), None)
