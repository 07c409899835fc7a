"""What remains of a file when what is broken in it is taken out: as much as can be, for all further checks.

Whoever corrects a file should see at once all that is wrong with it. So a broken key goes alone wherever
the keys beside it can be checked without it, and a harmless value stands in for one that they need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from genmedia_exporter.config.problems import KeyPath
from genmedia_exporter.config.yaml_source import YamlSource

LISTS: Final = ("targets", "status_pages", "maintenance")
_ENTRIES: Final = ("accounts", *LISTS)
_PLAIN: Final = ("defaults", "limits", "probe", "budget", "slo", "storage", "metrics")
"""Sections whose keys mean the same one without another."""
_VITAL: Final[Mapping[str, frozenset[str]]] = {
    "accounts": frozenset(["provider", "variables"]),
    "targets": frozenset(["account"]),
    "status_pages": frozenset(["id"]),
    "maintenance": frozenset(["targets", "start", "end"]),
}
"""Keys of an entry without which the others say nothing."""
_STAND_INS: Final[Mapping[tuple[str, str], Callable[[object], Any]]] = {
    ("accounts", "base_url"): lambda _: "https://stand-in.invalid",
    ("targets", "name"): lambda number: f"stand-in {number}",
    ("targets", "model"): lambda _: "stand-in",
    ("targets", "path"): lambda _: "/",
    ("targets", "expect"): lambda _: {},
    ("status_pages", "url"): lambda _: "https://stand-in.invalid",
}
"""What is required, what a default is made of, or what may not stand there at all."""
_LEANING: Final[Mapping[tuple[str, str], str]] = {
    ("targets", "model"): "depths",
    ("targets", "operation"): "depths",
}
"""A key whose check asks for another one's value."""
_ASKED: Final = "auto"
"""The provider that is found out by asking: with an account that is broken nobody is asked."""


def without_broken_keys(source: YamlSource, found: Iterable[KeyPath]) -> YamlSource:
    """Return *source* without those broken keys that say nothing of the others beside them."""
    data = dict(source.data)
    entries: dict[tuple[str, str | int], set[str]] = {}
    for path in found:
        section = str(path[0]) if path else ""
        if section in _PLAIN and len(path) > 1:
            data[section] = {k: v for k, v in data[section].items() if k != path[1]}
        elif section in _ENTRIES and len(path) > 1:
            keys = entries.setdefault((section, path[1]), set())
            keys |= {str(path[2])} if len(path) > 2 else set()
    for section in {section for section, _ in entries}:
        data[section] = data[section].copy()  # a list or a mapping, or nothing below it is broken
    for (section, number), keys in entries.items():
        entry = data[section][number]
        lost = not isinstance(entry, dict) or keys & _VITAL[section]
        if not lost and (section != "accounts" or entry.get("provider") != _ASKED):
            data[section][number] = _without(entry, keys, section, number)
    return replace(source, data=data)


def _without(
    entry: Mapping[str, Any], keys: set[str], section: str, number: str | int
) -> dict[str, Any]:
    leaning = {_LEANING.get((section, key), "") for key in keys}
    if not keys:  # the entry as a whole: its default name does not fit
        keys = {"name"} if section == "targets" and "name" not in entry else keys
    kept = {k: v for k, v in entry.items() if k not in keys | leaning}
    made = {key: _STAND_INS[section, key] for key in keys if (section, key) in _STAND_INS}
    return kept | {key: make(number) for key, make in made.items()}


def without_broken(source: YamlSource, found: Iterable[KeyPath]) -> YamlSource:
    """Return *source* without the entries and sections in which anything is broken."""
    data = dict(source.data)
    broken: dict[str, set[str | int]] = {}
    for path in found:
        section = str(path[0]) if path else ""
        whole = len(path) < 2 or section not in _ENTRIES
        if whole:
            data.pop(section, None)
        else:
            broken.setdefault(section, set()).add(path[1])
    numbers: dict[str, tuple[int, ...]] = {}
    for section, entries in broken.items():
        values = data.get(section)
        if isinstance(values, dict):
            data[section] = {k: v for k, v in values.items() if k not in entries}
        elif isinstance(values, list):
            kept = [i for i in range(len(values)) if i not in entries]
            data[section] = [values[i] for i in kept]
            numbers[section] = tuple(kept)
    places = replace(source.places, renumbered=MappingProxyType(numbers))
    return replace(source, data=data, places=places)
