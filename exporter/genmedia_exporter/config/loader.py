"""The configuration: read whole, checked whole, every problem named with its place, before anything starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import yaml
from pydantic import PrivateAttr, ValidationError

from genmedia_exporter.config.files import MAX_BYTES, read_bounded
from genmedia_exporter.config.globs import Globs, is_pattern
from genmedia_exporter.config.problems import (
    MAX_TOLD,
    KeyPath,
    Places,
    Problem,
    Problems,
    Suggestions,
    format_path,
)
from genmedia_exporter.config.schema import Document
from genmedia_exporter.config.target_schema import AccountConfig, Overrides, TargetConfig
from genmedia_exporter.config.validation import problems_of
from genmedia_exporter.config.values import quote
from genmedia_exporter.config.yaml_source import YamlSource, no_garbage, read_yaml

_EMPTY: Final = "write at least accounts: and targets:"
_LISTS: Final = ("targets", "status_pages", "maintenance")
_LEADING: Final = ("name", "account", "model", "operation", "provider", "base_url", "api_key")
MAX_PAIRS: Final = 1_000_000
"""Names of targets times patterns of maintenance windows; a third of a second."""
_FEW: Final = 8  # names up to so many are listed in a hint
_KINDS: Final[dict[str, type[Overrides]]] = {"accounts": AccountConfig, "targets": TargetConfig}
_APART: Final = frozenset(
    [
        "channel",
        "concurrency",
        "budget",
        "family",
        "headers",
        "interval",
        "probe",
        "schedule",
        "slo",
        "timeout",
    ]
)
"""Keys of accounts and targets without which the others mean the same."""
_ASKED: Final = "auto"
"""The provider that is found out by asking: with an account that is broken nobody is asked."""


class Config(Document):
    """A configuration that holds together. Frozen; `places` point back into its file."""

    _places: Places = PrivateAttr(default_factory=lambda: Places("", MappingProxyType({})))
    _warnings: tuple[Problem, ...] = PrivateAttr(default=())

    @property
    def places(self) -> Places:
        """Where every key stands in the file."""
        return self._places

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is allowed, but probably not meant."""
        return self._warnings

    @property
    def folder(self) -> Path:
        """The folder of the file; relative paths in it start here."""
        return Path(self._places.filename).parent

    def redacted_yaml(self) -> str:
        """Return the running configuration, defaults included, as YAML without any secret."""
        shown = _without_empty(self.model_dump(mode="json", exclude_none=True))
        shown["defaults"]["depths"] = [depth.value for depth in self.usual_depths]
        if self.storage.url is not None:  # the file is not in use
            del shown["storage"]["path"]
        return yaml.safe_dump(shown, sort_keys=False, allow_unicode=True, width=120)


@dataclass(frozen=True, slots=True)
class Examined:
    """What could be made of a file: as much of a configuration as is sound, and what is wrong."""

    config: Config | None
    problems: tuple[Problem, ...]
    source: YamlSource | None = None  # the file as it was written, broken parts included


def read_config(path: str | Path, read: Callable[[Path, int], bytes] = read_bounded) -> bytes:
    """Return the content of the configuration file at *path*. Raises Problems when it cannot."""
    try:
        return read(Path(path), MAX_BYTES)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "not a path"
    raise Problems([Problem(str(path), "", f"the configuration file cannot be read: {why}")])


def parse_config(content: bytes | str, filename: str) -> Config:
    """Check a configuration's text. Raises Problems, all of them at once."""
    examined = examine_config(content, filename)
    if examined.config is None or examined.problems:
        raise Problems(examined.problems)
    return examined.config


def examine_config(content: bytes | str, filename: str) -> Examined:
    """Find every problem of a configuration, and keep what is sound for checks further on.

    What is broken is taken out, as little as can be, so that all further checks still see the rest.
    """
    with no_garbage():
        return _examine(content, filename)


def _examine(content: bytes | str, filename: str) -> Examined:
    problems: list[Problem] = []
    try:
        source = read_yaml(content, filename, empty=_EMPTY, notes=problems)
        config, found = _validate(source)
    except Problems as stop:
        return Examined(None, (*problems, *stop.problems))
    noted = {problem.path for problem in problems}
    if found:
        problems += [p for p in found.values() if p.path not in noted]
        trimmed = _without_broken_keys(source, found)
        config, left = _validate(trimmed)
        if left:
            config, _ = _validate(_without_broken(trimmed, left))
    if config is None:
        return Examined(None, tuple(problems))
    problems += islice(_cross_checks(config, source), MAX_TOLD + 1)
    if too_much := _too_much_to_compare(config):
        return Examined(None, (*problems, too_much))
    if not problems:
        config._warnings = tuple(_warnings(config))
    return Examined(config, tuple(problems), source)


def _validate(source: YamlSource) -> tuple[Config | None, dict[KeyPath, Problem]]:
    try:
        config = Config.model_validate(source.data)
    except ValidationError as error:
        return None, problems_of(error, source, Document, secret_at)
    config._places = source.places
    return config, {}


def secret_at(path: KeyPath) -> KeyPath | None:
    """Return what may be shown of *path* when it leads to a secret or below one, else None."""
    if path[:1] == ("accounts",) and path[2:3] in (("api_key",), ("headers",)):
        return path[:3]
    return path[:2] if path[:2] == ("storage", "url") else None


def _without_broken_keys(source: YamlSource, found: Iterable[KeyPath]) -> YamlSource:
    """Return *source* without those broken keys that say nothing of the others beside them."""
    data = dict(source.data)
    broken: dict[tuple[str, str | int], set[str | int]] = {}
    for path in (path for path in found if len(path) > 2 and path[0] in _KINDS):
        section = str(path[0])
        if path[2] in _APART or path[2] not in _KINDS[section].model_fields:
            broken.setdefault((section, path[1]), set()).add(path[2])
    for section in {section for section, _ in broken}:
        data[section] = data[section].copy()  # a list or a mapping, or nothing below it is broken
    for (section, number), keys in broken.items():
        entry = data[section][number]
        if isinstance(entry, dict) and entry.get("provider") != _ASKED:
            data[section][number] = {k: v for k, v in entry.items() if k not in keys}
    return replace(source, data=data)


def _without_broken(source: YamlSource, found: Iterable[KeyPath]) -> YamlSource:
    data = dict(source.data)
    broken: dict[str, set[str | int]] = {}
    for path in found:
        section = str(path[0]) if path else ""
        whole = len(path) < 2 or section not in (*_LISTS, "accounts")
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


def _cross_checks(config: Config, source: YamlSource) -> Iterator[Problem]:
    # Names are compared with all that is written: what is broken is there, it has its own problem.
    accounts = source.data.get("accounts") or {}
    if isinstance(accounts, dict):
        yield from _unknown_accounts(config, list(accounts))
    yield from _taken_twice(source, "targets")
    yield from _taken_twice(source, "status_pages")
    pages = source.data.get("status_pages") or []
    if isinstance(pages, list):
        ids = [page.get("id") for page in pages if isinstance(page, dict)]
        yield from _unknown_pages(config, [text for text in ids if isinstance(text, str)])


def _unknown_accounts(config: Config, known: list[str]) -> Iterator[Problem]:
    names, suggestions = set(known), Suggestions()
    for number, target in enumerate(config.targets):
        if target.account not in names:
            message = f"no account is called {quote(target.account)}"
            hint = suggestions.hint(target.account, known, _listed("accounts are", known))
            yield config.places.problem(("targets", number, "account"), message, hint)


def _unknown_pages(config: Config, known: list[str]) -> Iterator[Problem]:
    names, suggestions = set(known), Suggestions()
    for number, target in enumerate(config.targets):
        if target.page is not None and target.page.id is not None and target.page.id not in names:
            message = f"no status page is called {quote(target.page.id)}"
            hint = suggestions.hint(target.page.id, known, _listed("status_pages are", known))
            yield config.places.problem(("targets", number, "page", "id"), message, hint)


def _listed(introduction: str, known: list[str]) -> str:
    if not known:
        return "the file has none"
    return f"{introduction}: {', '.join(map(quote, known))}" if len(known) <= _FEW else ""


def _taken_twice(source: YamlSource, section: str) -> Iterator[Problem]:
    key = "id" if section == "status_pages" else "name"
    first: dict[str, int] = {}
    entries = source.data.get(section)
    for number, entry in enumerate(entries if isinstance(entries, list) else []):
        name = _written_name(entry, key)
        taken_by = number if name is None else first.setdefault(name, number)
        if name is not None and taken_by != number:
            message = f"{quote(name)} is already the {key} of {format_path((section, taken_by))}"
            yield source.places.problem((section, number, key), message, f"write another {key}")


def _written_name(entry: object, key: str) -> str | None:
    """Return the name an entry has in the file or by default, also where the rest is broken."""
    if not isinstance(entry, dict):
        return None
    parts = [entry.get("account"), entry.get("model")]
    by_default = "/".join(p for p in parts if isinstance(p, str) and p)
    name = entry.get(key, by_default if key == "name" else None)
    return name if isinstance(name, str) and name else None


def _warnings(config: Config) -> Iterator[Problem]:
    if not config.targets:
        message = "there is nothing to watch: the list is empty"
        yield config.places.problem(("targets",), message, severity="warning")
    names = dict.fromkeys(target.name for target in config.targets)
    for number, window in enumerate(config.maintenance):
        for position, pattern in enumerate(window.targets):
            if pattern not in names and not any(map(Globs([pattern]).fit, names)):
                path = ("maintenance", number, "targets", position)
                message = f"{quote(pattern)} matches no target"
                yield config.places.problem(path, message, severity="warning")


def _too_much_to_compare(config: Config) -> Problem | None:
    patterns = sum(is_pattern(text) for window in config.maintenance for text in window.targets)
    targets = len(config.targets)
    if patterns * targets <= MAX_PAIRS:
        return None
    return config.places.problem(
        ("maintenance",),
        f"{patterns:,} patterns for {targets:,} targets are more than {MAX_PAIRS:,} pairs to compare",
        "take out windows that are over, or write names without any of *?[",
    )


def _without_empty(value: Any, depth: int = 0) -> Any:
    if not isinstance(value, dict):
        return [_without_empty(v, depth + 1) for v in value] if isinstance(value, list) else value
    first = [key for key in _LEADING if key in value] if depth else []
    kept = {key: _without_empty(value[key], depth + 1) for key in (*first, *value)}
    return {key: inner for key, inner in kept.items() if inner not in ({}, []) or depth == 0}
