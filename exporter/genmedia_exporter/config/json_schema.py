"""The JSON Schema of genmedia.yml, made of the models that check it: editors complete keys and mark slips."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from genmedia_exporter.config.schema import Document
from genmedia_exporter.config.values import DURATION_SCHEMA

_BOUNDS: Final[Mapping[str, str]] = {
    "ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum",
}  # fmt: skip
"""What pydantic writes beside a type that it cannot bound itself."""

_LENGTHS: Final[Mapping[str, Mapping[str, str]]] = {
    "array": {"minLength": "minItems", "maxLength": "maxItems"},
    "object": {"minLength": "minProperties", "maxLength": "maxProperties"},
}


def json_schema(providers: Iterable[str] = ()) -> dict[str, Any]:
    """Return the schema; editors complete the names of *providers*, and a file's path may stand there, too.

    It refuses nothing that the exporter takes; what it cannot say, --config.check says.
    """
    made = Document.model_json_schema()
    parts = made.pop("$defs")
    parts["TargetConfig"]["required"].remove("name")  # made of account and model
    parts["Intervals"] = {"anyOf": [{**DURATION_SCHEMA}, parts["Intervals"]]}
    account = parts["AccountConfig"]["properties"]
    account["provider"] = _or({"enum": ["auto", *providers]}, account["provider"])
    sections = {key: _or(part, {"type": "null"}) for key, part in made["properties"].items()}
    whole = {**made, "properties": sections, "$defs": parts}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "genmedia.yml",
        "description": "Configuration of genmedia-exporter",
        **{
            key: value
            for key, value in _plain(whole).items()
            if key not in ("title", "description")
        },
    }


def _or(schema: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, other]}


def _plain(value: Any) -> Any:
    """Return *value* without titles nobody wrote; a list may also be written as its only item."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    names = {**_BOUNDS, **_LENGTHS.get(str(value.get("type")), {})}
    made = {
        names.get(str(key), str(key)): _plain(inner)
        for key, inner in value.items()
        if not _is_title(key, inner)
    }
    return _or(made, made["items"]) if made.get("type") == "array" and "items" in made else made


def _is_title(key: str, value: Any) -> bool:
    return key == "title" and isinstance(value, str)
