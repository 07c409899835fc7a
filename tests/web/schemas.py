"""Holds JSON against the schemas of our OpenAPI description; knows what we use of JSON Schema, no more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "null": (type(None),), "boolean": (bool,), "integer": (int,), "number": (int, float),
    "string": (str,), "array": (list,), "object": (dict,),
}  # fmt: skip
KEYWORDS: Final = {
    "$ref", "type", "description", "enum", "minimum", "maximum", "exclusiveMinimum", "format",
    "items", "properties", "required", "additionalProperties", "default",
}  # fmt: skip


class Schemas:
    """The description's own schemas, by reference. Stricter than JSON Schema: a field that an
    object's schema does not name is wrong, so that none is answered and not described."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def resolve(self, thing: Mapping[str, Any]) -> Mapping[str, Any]:
        """Follow a $ref."""
        while "$ref" in thing:
            reference = thing["$ref"]
            thing = self._document
            for key in reference.removeprefix("#/").split("/"):
                thing = thing[key]
        return thing

    def problems(self, schema: Mapping[str, Any], value: Any, at: str = "$") -> Iterator[str]:
        """Yield what of *value* is not as *schema* says, with its place."""
        schema = self.resolve(schema)
        assert schema.keys() <= KEYWORDS, f"{at}: {schema.keys() - KEYWORDS} is not understood here"
        kinds = schema.get("type")
        kinds = [kinds] if isinstance(kinds, str) else kinds or []
        if kinds and not any(_is(value, kind) for kind in kinds):
            yield f"{at}: {value!r} is no {' or '.join(kinds)}"
            return
        if "enum" in schema and value not in schema["enum"]:
            yield f"{at}: {value!r} is not among {schema['enum']}"
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield from _out_of_range(schema, value, at)
        if isinstance(value, str) and "format" in schema and not _fits(value, schema["format"]):
            yield f"{at}: {value!r} is no {schema['format']}"
        if isinstance(value, list):
            for number, item in enumerate(value):
                yield from self.problems(schema["items"], item, f"{at}[{number}]")
        if isinstance(value, dict):
            yield from self._fields(schema, value, at)

    def _fields(self, schema: Mapping[str, Any], value: dict[str, Any], at: str) -> Iterator[str]:
        known, others = schema.get("properties", {}), schema.get("additionalProperties", False)
        for name in set(schema.get("required", ())) - value.keys():
            yield f"{at}.{name} is missing"
        for name, inner in value.items():
            if name in known:
                yield from self.problems(known[name], inner, f"{at}.{name}")
            elif others is False:
                yield f"{at}.{name} is not described"
            elif others is not True:
                yield from self.problems(others, inner, f"{at}.{name}")


def _is(value: object, kind: str) -> bool:
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _out_of_range(schema: Mapping[str, Any], value: float, at: str) -> Iterator[str]:
    if value < schema.get("minimum", value) or value > schema.get("maximum", value):
        yield f"{at}: {value} is out of range"


def _fits(value: str, form: str) -> bool:
    try:
        if form == "date":
            return date.fromisoformat(value).isoformat() == value
        assert form == "date-time", form
        return datetime.fromisoformat(value).tzinfo is not None and bool(re.search("T", value))
    except ValueError:
        return False
