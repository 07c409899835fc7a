"""Finding what an error says where no pointer leads: its codes and texts, at any depth, under any key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from genmedia_exporter.classify.envelope import GOOD_WORDS

MAX_VALUES: Final = 2_000
MAX_DEPTH: Final = 24
MAX_SAID: Final = 40
"""Codes and texts that are kept; a sound error has a handful."""

_CODES: Final = re.compile(
    r"(?:err(?:or)?)?_?(?:code|codes|errno|err|error|type|reason|status|name|title|kind)n?|"
    r"(?:fail(?:ure)?|reject|block|finish|exception|error|inner)_?(?:code|reason|type)|__type|status_str",
    re.I,
)
_TEXTS: Final = re.compile(
    r"\w{0,20}_?(?:message|msg|reason|desc|description)|err_?code_?des|err|hints?|tips?|warnings?|body|(?:err(?:or)?|status|fail(?:ure)?|exception|inner|raw)?_?(?:message|messege|msg|messages|detail|details|description|"
    r"error|errors|reason|title|failure|exception|info|raw|text|fault|defaultmessage|why|problems?|issues?|faultstring|(?:non_?field|form|global|general)_?errors)",
    re.I,
)
_ECHO: Final = re.compile(
    r"(?:input|request(?:_?parameters|_?body)?|ctx|context|url|doc_?url|help|documentation|instance|headers|"
    r"stack|trace|usage|model|.*_?id|timestamp|path|rejected_?value|value|params)$",
    re.I,
)
"""Keys under which a service repeats what we sent, or tells what every answer has."""


_OF_ERRORS: Final = re.compile(r"(?:field|validation|node)?_?errors|violations", re.I)
"""Keys of an object whose own keys are fields, and whose values are what is wrong with them."""
_OF_LISTS: Final = ("error", "detail", "details", "message")
"""Under these that holds only for what is a list: any other may be what the error tells of itself."""


@dataclass(frozen=True, slots=True)
class Said:
    """What was found in a document."""

    codes: frozenset[str]
    texts: tuple[str, ...]


def said_anywhere(document: object) -> Said:
    """Return the codes and texts of an error, wherever they stand in *document*."""
    codes: list[str] = []
    texts: list[str] = []
    for key, value, listed in _scalars(document):
        if len(codes) + len(texts) >= MAX_SAID:
            break
        if isinstance(value, str) and is_prose(value):
            if listed or _TEXTS.fullmatch(key) or key == "" or _CODES.fullmatch(key):
                texts.append(value.strip())
        elif _CODES.fullmatch(key) and not isinstance(value, bool) and isinstance(value, str | int):
            codes.append(str(value).strip()[:128])
        elif _TEXTS.fullmatch(key) and isinstance(value, str) and value.strip():
            texts.append(value.strip())
    known = frozenset(code for code in codes if code.casefold() not in GOOD_WORDS)
    return Said(known, tuple(dict.fromkeys(texts)))


def is_prose(text: str) -> bool:
    """Whether a text is more than a word or a code."""
    return " " in text.strip() or len(text) > 80 or re.search(r"[\u4e00-\u9fff]", text) is not None


def _scalars(document: object) -> Iterator[tuple[str, object, bool]]:
    """Yield each scalar with its key, and whether that key is one of an object of errors."""
    left: list[tuple[str, object, int, bool]] = [("", document, 0, False)]
    for _ in range(MAX_VALUES):
        if not left:
            return
        key, value, depth, listed = left.pop()
        if depth > MAX_DEPTH:
            continue
        if isinstance(value, dict):
            errors = _OF_ERRORS.fullmatch(key) is not None
            told = islice(
                (
                    (key if str(k).isdigit() else str(k), v)
                    for k, v in value.items()
                    if not _ECHO.match(str(k))
                ),
                MAX_VALUES,
            )
            lists = key in _OF_LISTS
            inner = [(k, v, depth + 1, errors or (lists and isinstance(v, list))) for k, v in told]
            left += reversed(inner)
        elif isinstance(value, list):
            left += reversed([(key, v, depth + 1, listed) for v in value[:MAX_VALUES]])
        else:
            yield key, value, listed
