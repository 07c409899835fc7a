"""An answer's JSON, and RFC 6901 lookups in it, with one extension: `*` stands for any item or value."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from enum import Enum
from functools import lru_cache
from typing import Final


class Missing(Enum):
    """The type of MISSING; an enum so that it stays one object and tells itself from None."""

    MISSING = "missing"

    def __bool__(self) -> bool:
        return False


MISSING: Final = Missing.MISSING
"""What `resolve` answers where the document has nothing; JSON's null is None."""


def parse_json(text: str | bytes) -> object:
    """Return the JSON document that *text* is, however deep or broken it is; MISSING for none.

    NaN and the infinities, which are no JSON but which some services write, are read as null:
    such an answer may still name a job that has been paid for.
    """
    try:
        document: object = json.loads(text, parse_constant=lambda _name: None)
    except (ValueError, RecursionError):
        return MISSING
    return document


def resolve(document: object, pointer: str) -> object:
    """Return the value *pointer* leads to, the first one where it holds `*`, or MISSING."""
    return next(iter(resolve_all(document, pointer)), MISSING)


def resolve_all(document: object, pointer: str) -> list[object]:
    """Return every value *pointer* leads to, in the document's order; empty where there is none."""
    path = steps(pointer)
    value = document
    for place, step in enumerate(path):  # most lead to one value
        if step == "*":
            return _spread(value, path[place:])
        value = _child(value, step)
        if value is MISSING:
            return []
    return [value]


def _spread(document: object, path: Sequence[str]) -> list[object]:
    found = [document]
    for step in path:
        found = [child for parent in found for child in _children(parent, step)]
        if not found:
            break
    return found


@lru_cache(maxsize=4096)  # pointers come from files, so they are few
def steps(pointer: str) -> tuple[str, ...]:
    """Return the keys that *pointer* leads through, as they stand in a document; none for the whole of it."""
    # "~1" first: "~01" means "~1" literally, and must not become "/".
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])


def _children(parent: object, step: str) -> Iterable[object]:
    if step == "*" and isinstance(parent, list):
        return parent
    if step == "*" and isinstance(parent, dict) and step not in parent:
        return parent.values()  # filed under a key that only the service knows, such as a job's id
    child = _child(parent, step)
    return [] if child is MISSING else [child]


def _child(parent: object, step: str) -> object:
    if isinstance(parent, dict):
        return parent.get(step, MISSING)
    return _item(parent, step) if isinstance(parent, list) else MISSING


def _item(items: list[object], step: str) -> object:
    plain = step == "0" or (step.isascii() and step.isdigit() and step[0] != "0")
    # The length check keeps int() away from numbers with thousands of digits.
    found = items[int(step) : int(step) + 1] if plain and len(step) < 10 else []
    return found[0] if found else MISSING
