"""Lists of models in answers nobody described: whether they have ours. Pure functions."""

from __future__ import annotations

import re
from typing import Final, TypeGuard

from genmedia_exporter.providers.states import EMPTY

_OF_MODELS: Final = re.compile(
    r"\w*(?:models?|checkpoints?|engines?|files?)(?:_?names?|_?ids?|_?list)?", re.I
)
"""Keys of lists of what can be asked for, also where it is called by its file."""
_OF_A_FILE: Final = re.compile(r"\.(?:safetensors|ckpt|gguf|sft|pth?|bin)$", re.I)
MAX_LISTED: Final = 5_000
"""Entries of a list that are looked at."""


def names_model(document: dict[str, object], model: str) -> bool:
    """Whether a list of models in *document* has *model*, or something is told under its name."""
    listed = any(_has_model(str(key), value, model) for key, value in document.items())
    return listed or describes(document, model)


def describes(document: dict[str, object], model: str) -> bool:
    """Whether something is told under the name of *model*."""
    return model != "" and document.get(model) not in EMPTY


def _has_model(key: str, value: object, model: str) -> bool:
    """Whether a list of models, by its key, has *model*, by any of what it tells of each; without the ending of its file."""
    if not model or not _OF_MODELS.fullmatch(key):
        return False
    if isinstance(value, dict):
        return model in value
    if not isinstance(value, list):
        return False
    wanted = _OF_A_FILE.sub("", model)
    told = (
        v
        for item in value[:MAX_LISTED]
        for v in (item.values() if isinstance(item, dict) else [item])
    )
    return any(isinstance(v, str) and _OF_A_FILE.sub("", v) == wanted for v in told)


def is_of_objects(value: object) -> TypeGuard[list[dict[str, object]]]:
    """Whether *value* is a list of objects that hold something, and of nothing else."""
    return isinstance(value, list) and value != [] and all(isinstance(v, dict) and v for v in value)


def lists_jobs(document: object) -> bool:
    """Whether an answer lists jobs, which have a state and may name any model, and no models."""
    items = document.get("data") if isinstance(document, dict) else None
    return is_of_objects(items) and all({"status", "created_at"} <= item.keys() for item in items)


_OF_A_MODEL: Final = frozenset(
    {"owned_by", "architecture", "context_length", "input_modalities", "permission"}
)
"""What lists of models tell of each, and of nothing else."""
_IN_PAGES: Final = (
    "has_more",
    "next",
    "next_page",
    "cursor",
    "next_cursor",
    "nextPageToken",
    "total",
)
"""What a list tells that has more than one page: then it may lack anything."""


def lacks_model(document: object, model: str) -> bool:
    """Whether an answer is a whole list of models, in none of which *model* is named."""
    if not model or not isinstance(document, dict) or any(document.get(k) for k in _IN_PAGES):
        return False
    lists = [v for k, v in document.items() if _OF_MODELS.fullmatch(str(k)) and isinstance(v, list)]
    items: object = [item for listed in lists for item in listed]
    if is_of_objects(data := document.get("data")) and all(map(_is_a_model, data)):
        items = data
    if not isinstance(items, list) or not items:
        return False
    told = (t for item in items for t in (item.values() if isinstance(item, dict) else [item]))
    return not any(isinstance(t, str) and model in t for t in told)


def _is_a_model(item: dict[str, object]) -> bool:
    named = "id" in item
    return named and (item.get("object") == "model" or not _OF_A_MODEL.isdisjoint(item))
