"""The configuration: read whole, checked whole, every problem named with its place, before anything starts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
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
from genmedia_exporter.config.salvage import without_broken, without_broken_keys
from genmedia_exporter.config.schema import Document
from genmedia_exporter.config.validation import problems_of
from genmedia_exporter.config.values import quote
from genmedia_exporter.config.yaml_source import YamlSource, no_garbage, read_yaml

_EMPTY: Final = "write at least accounts: and targets:"
_LEADING: Final = ("name", "account", "model", "operation", "provider", "base_url", "api_key")
MAX_PAIRS: Final = 1_000_000
"""Names of targets times patterns of maintenance windows; a third of a second."""
_FEW: Final = 8  # names up to so many are listed in a hint


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
        noted = {problem.path for problem in problems}
        problems += [p for p in found.values() if p.path not in noted]
        if found:
            trimmed = without_broken_keys(source, found)
            config, left = _validate(trimmed)
            # What was not looked at before, for something beside it was broken.
            problems += [
                p for path, p in left.items() if not {path, p.path} & (noted | found.keys())
            ]
            found = left | found
            if left:
                config, _ = _validate(without_broken(trimmed, left))
    except Problems as stop:
        return Examined(None, (*problems, *stop.problems))
    if config is None:
        return Examined(None, tuple(problems))
    problems += islice(_cross_checks(source, found), MAX_TOLD + 1)
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


def _cross_checks(source: YamlSource, found: Collection[KeyPath]) -> Iterator[Problem]:
    # Names are compared with all that is written: what is broken is there, it has its own problem.
    accounts = source.data.get("accounts") or {}
    if isinstance(accounts, dict):
        yield from _unknown(source, ("account",), list(accounts), "account", "accounts", found)
    yield from _taken_twice(source, "targets")
    yield from _taken_twice(source, "status_pages")
    pages = source.data.get("status_pages") or []
    if isinstance(pages, list):
        ids = [page.get("id") for page in pages if isinstance(page, dict)]
        known = [text for text in ids if isinstance(text, str)]
        yield from _unknown(source, ("page", "id"), known, "status page", "status_pages", found)


def _unknown(
    source: YamlSource,
    keys: KeyPath,
    known: list[str],
    kind: str,
    section: str,
    found: Collection[KeyPath],
) -> Iterator[Problem]:
    """Yield a problem for each target that names one at *keys* that there is not."""
    names, suggestions = set(known), Suggestions()
    for number, name in _named_by_targets(source, keys):
        path = ("targets", number, *keys)
        if name not in names and not any(path[:end] in found for end in range(3, len(path) + 1)):
            message = f"no {kind} is called {quote(name)}"
            hint = suggestions.hint(name, known, _listed(f"{section} are", known))
            yield source.places.problem(path, message, hint)


def _named_by_targets(source: YamlSource, keys: KeyPath) -> Iterator[tuple[int, str]]:
    targets = source.data.get("targets")
    for number, value in enumerate(targets if isinstance(targets, list) else []):
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, str):
            yield number, value


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
