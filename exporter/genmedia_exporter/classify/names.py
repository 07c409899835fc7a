"""By what names an answer may call what our create broke. Pure functions."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from genmedia_exporter.classify.lexicon import words_of
from genmedia_exporter.classify.words_of_validators import AROUND, FIELDS, IN_PASSING, PARTS

MAX_ABBREVIATION: Final = 3
"""Characters of a name that has no plural, such as `n`."""


@lru_cache(maxsize=256)
def names_of(breaks: tuple[str, ...]) -> frozenset[str]:
    """Return every name of what was broken, as words: its own, in both numbers, and those of what it is one of."""
    found: set[str] = set()
    for told in breaks:
        own = words_of(told)
        found |= {own, re.sub(r"\bimg\b", "image", own), *FIELDS.get(told, ())}
        if re.search(r"\bid$", own):
            found.add(re.sub(r"\bid$", "uuid", own))
        if re.search(r"\bsrc$", own):
            found |= {re.sub(r"\bsrc$", address, own) for address in ("source", "source url")}
        if len(own) > MAX_ABBREVIATION:
            found.add(own[:-1] if own.endswith("s") else f"{own}s")
        if own.replace(" ", "_") not in FIELDS and own not in IN_PASSING:
            found |= set(next((names for names in FIELDS.values() if own in names), ()))
    return frozenset(found)


def is_one_of(field: str, wanted: frozenset[str]) -> bool:
    """Whether *field* is one of the names *wanted*, or is made of one and what may stand beside it: `text_prompt`."""
    words = words_of(field)
    if "negative" in words:
        return False
    joined = words.replace(" ", "")
    if any(joined == name.replace(" ", "") for name in wanted):
        return True
    parts = frozenset(words.split())
    if "input" in parts and not parts.isdisjoint({"image", "video"}):
        return False  # of what is put in
    if re.search(r"^prompt (?:image|video|audio|file|mask)s?$", words):
        return False  # a `promptImage` holds a file; an `image_prompt` may be words for one
    return bool(parts & PARTS & wanted) and parts <= AROUND | PARTS


_FILES: Final = frozenset(
    {
        "image",
        "images",
        "video",
        "audio",
        "mask",
        "file",
        "picture",
        "photo",
        "frame",
        "asset",
        "reference",
    }
)
"""Words of fields that hold a file, or where one is."""
_OF_FILES: Final = frozenset(
    {
        "file",
        "files",
        "filename",
        "mimetype",
        "mime",
        "extension",
        "upload",
        "uploaded",
        "media",
        "urls",
        "uri",
    }
)
"""Words that a validator needs of a file."""


_COUNTS: Final = frozenset({"num", "number"})
_AT: Final = frozenset({"url", "urls", "uri", "base64", "b64", "path", "data"})
"""Last words of fields that tell where a file is, or hold it as a text."""


@lru_cache(maxsize=256)
def holds_a_file(names: frozenset[str]) -> bool:
    """Whether one of *names* is of a field that holds a file, and not of how many or how large."""
    return any(_is_of_a_file(name.split()) for name in names)


def _is_of_a_file(words: list[str]) -> bool:
    *before, last = words or [""]
    if not _COUNTS.isdisjoint(before):
        return False
    return last in _FILES or (last in _AT and not _FILES.isdisjoint(before))


@lru_cache(maxsize=256)
def words_in(names: frozenset[str]) -> frozenset[str]:
    """Return the single words of *names*, and of a file where one of them holds it."""
    words = frozenset(word for name in names for word in name.split())
    return words | _OF_FILES if holds_a_file(names) else words


_NODES: Final = frozenset({"node", "nodes", "class type"})
_NO_NODE: Final = re.compile(r"\bbecause node\b.{0,80}\bdoes not exist\b")


def lacks_a_node(text: str, wanted: frozenset[str]) -> bool:
    """Whether a machine lacks a node that a workflow needs, and none was broken.

    ComfyUI calls the whole workflow a prompt: its code `invalid_prompt` names no text of ours then.
    """
    return wanted.isdisjoint(_NODES) and _NO_NODE.search(text) is not None
