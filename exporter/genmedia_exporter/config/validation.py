"""What pydantic finds in a file, in our words and at its place there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from genmedia_exporter.config.problems import (
    MAX_TOLD,
    MORE,
    KeyPath,
    Places,
    Problem,
    Problems,
    Suggestions,
    format_path,
)
from genmedia_exporter.config.values import kind_of
from genmedia_exporter.config.yaml_source import YamlSource

_ALL_KEYS: Final = 24  # up to so many known keys are listed where none is close

_WORDS: Final[dict[str, str]] = {
    "string_type": "a text expected, got {kind}",
    "dict_type": "a mapping of 'key: value' expected, got {kind}",
    "mapping_type": "a mapping of 'key: value' expected, got {kind}",
    "model_type": "a mapping of 'key: value' expected, got {kind}",
    "model_attributes_type": "a mapping of 'key: value' expected, got {kind}",
    "list_type": "a list expected, got {kind}",
    "tuple_type": "a list expected, got {kind}",
    "int_type": "a whole number expected, got {kind}",
    "int_parsing": "a whole number expected, got {kind}",
    "int_from_float": "a whole number expected",
    "float_type": "a number expected, got {kind}",
    "float_parsing": "a number expected, got {kind}",
    "finite_number": "a number expected, not infinity or nan",
    "bool_type": "true or false expected, got {kind}",
    "bool_parsing": "true or false expected, got {kind}",
    "date_type": "a day such as 2026-12-01 expected, got {kind}",
    "date_parsing": "a day such as 2026-12-01 expected",
    "date_from_datetime_parsing": "a day such as 2026-12-01 expected",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than": "must be less than {lt:g}",
    "less_than_equal": "must be at most {le:g}",
    "too_long": "at most {max_length} entries, there are more",
    "too_short": "at least {min_length} expected, the list has fewer",
    "string_too_long": "at most {max_length} characters",
    "string_too_short": "at least {min_length} characters",
    "string_pattern_mismatch": "does not fit the pattern {pattern}",
    "value_error": "{error}",
    "missing": "this key is required",
    "extra_forbidden": "unknown key",
}


def problems_of(
    error: ValidationError,
    source: YamlSource,
    model: type[BaseModel],
    secret_at: Callable[[KeyPath], KeyPath | None] = lambda path: None,
) -> dict[KeyPath, Problem]:
    """Return every finding of *error* as a problem in *source*, which was validated by *model*.

    They come by the path each is about, one a path. *secret_at* gives, for a path at or below a secret, the path that may be shown instead.
    Raises Problems when there are more of them than are told.
    """
    found: dict[KeyPath, Problem] = {}
    suggestions = Suggestions()
    for details in error.errors(include_url=False):
        if len(found) == MAX_TOLD:
            raise Problems([*found.values(), Problem(source.places.filename, "", MORE)])
        path = _path_in_file(details, source.data)
        if path not in found:
            shown = secret_at(path)
            found[path] = _explained(details, path, source.places, model, shown, suggestions)
    return found


def _explained(
    details: ErrorDetails,
    path: KeyPath,
    places: Places,
    model: type,
    shown: KeyPath | None,
    suggestions: Suggestions,
) -> Problem:
    kind, context = details["type"], details.get("ctx", {})
    if kind in ("literal_error", "enum"):
        message, hint = _one_of(str(context["expected"]), details["input"], suggestions)
    else:
        words = _WORDS.get(kind, "not a value that can stand here")
        message, hint = words.format(kind=kind_of(details["input"]), **context), ""
    if kind == "extra_forbidden":
        known = _keys_at(model, tuple(0 if isinstance(s, int) else s for s in path[:-1]))
        listed = f"known here: {', '.join(known)}" if len(known) <= _ALL_KEYS else ""
        hint = _elsewhere(model, path) or suggestions.hint(str(path[-1]), known, listed)
    problem = places.problem(path, message, hint, at_key=kind == "extra_forbidden")
    # The place stays exact; a key below a secret may be the secret itself, misplaced.
    return problem if shown is None else replace(problem, path=format_path(shown), hint="")


def _elsewhere(model: type, path: KeyPath) -> str:
    """Return that a target's key at *path* is one of accounts, where it is."""
    if len(path) == 3 and path[0] == "targets" and path[2] in _keys_at(model, ("accounts", "x")):
        return "it is a key of accounts"
    return ""


def _one_of(expected: str, given: object, suggestions: Suggestions) -> tuple[str, str]:
    known = re.findall(r"'([^']*)'", expected)
    message = f"must be {expected}" if len(known) <= _ALL_KEYS else "not a word known here"
    return message, suggestions.hint(given, known) if isinstance(given, str) else ""


def _path_in_file(details: ErrorDetails, data: Any) -> KeyPath:
    # pydantic's location also names union members, "[key]" and the 0 of a value standing for a list.
    path: list[str | int] = []
    steps = details["loc"]
    for step in steps:
        in_list = isinstance(data, list) and isinstance(step, int) and step < len(data)
        if in_list or (isinstance(data, dict) and step in data):
            path.append(step)
            data = data[step]
    if details["type"] == "missing":
        path.append(steps[-1])
    return tuple(path)


@lru_cache(1_000)
def _keys_at(model: Any, path: KeyPath) -> list[str]:
    kinds = [model]
    for step in path:
        kinds = [inner for kind in kinds for inner in _inside(kind, step)]
    models = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
    return sorted({f.alias or name for m in models for name, f in m.model_fields.items()})


def _inside(kind: Any, step: str | int) -> list[Any]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        fields = {field.alias or name: field for name, field in kind.model_fields.items()}
        return _members(fields[str(step)].annotation) if str(step) in fields else []
    arguments = get_args(kind)
    if not arguments:
        return []
    return _members(arguments[0] if isinstance(step, int) else arguments[-1])


def _members(annotation: Any) -> list[Any]:
    if get_origin(annotation) is Annotated:
        return _members(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [m for argument in get_args(annotation) for m in _members(argument)]
    return [annotation]
