"""Reading one file of settings section by section: unknown keys, wrong kinds, words, lists, files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from genmedia_exporter.config.problems import (
    MAX_TOLD,
    KeyPath,
    Places,
    Problem,
    Problems,
    did_you_mean,
)

MAX_FILE: Final = 1 << 20

T = TypeVar("T")

Read = Callable[[Path, int], bytes]
"""Returns the content of a file of at most so many bytes. Raises OSError."""


class SectionReader:
    """Takes sections one by one, and collects what is wrong or doubtful with them."""

    def __init__(self, data: Mapping[str, Any], places: Places, folder: Path, read: Read) -> None:
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self._data = data
        self._places = places
        self._folder = folder
        self._read = read

    def section(self, path: KeyPath) -> Mapping[str, Any]:
        """Return the mapping at *path*; empty where there is none."""
        value: Any = self._data
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        if value is not None and not isinstance(value, Mapping):
            self.note(path, "must be a mapping: lines of 'key: value'")
        return value if isinstance(value, Mapping) else {}

    def check_keys(self, path: KeyPath, section: Iterable[str], known: Iterable[str]) -> None:
        """Note each key that is not known there."""
        for key in section:
            if key not in known:
                hint = did_you_mean(key, known, f"known are: {', '.join(known)}")
                self.note((*path, key), "unknown key", hint, at_key=True)

    def text(self, path: KeyPath) -> str | None:
        """Return the text at *path*, None where there is none."""
        value = self._value(path)
        if value is None or (isinstance(value, str) and value):
            return value
        self.note(path, "expected a text")
        return None

    def flag(self, path: KeyPath, default: bool) -> bool:
        """Return the truth value at *path*."""
        value = self._value(path)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self.note(path, "expected true or false")
        return default

    def texts(self, path: KeyPath) -> list[str] | None:
        """Return the list of texts at *path*, None where there is none."""
        value = self._value(path)
        if value is None:
            return None
        if isinstance(value, list) and all(isinstance(each, str) and each for each in value):
            return value
        self.note(path, "expected a list of texts")
        return None

    def word(self, path: KeyPath, words: Mapping[str, T]) -> T | None:
        """Return what the word at *path* stands for, None where there is none."""
        value = self._value(path)
        if value is None:
            return None
        if isinstance(value, str) and value in words:
            return words[value]
        self.note(path, "unknown word", f"one of: {', '.join(words)}")
        return None

    def words(self, path: KeyPath, words: Mapping[str, T]) -> list[T]:
        """Return what each word of the list at *path* stands for."""
        found = []
        for number, text in enumerate(self.texts(path) or ()):
            if text in words:
                found.append(words[text])
            else:
                hint = did_you_mean(text, words, f"one of: {', '.join(words)}")
                self.note((*path, number), "unknown word", hint)
        return found

    def content(self, path: KeyPath, inline: str) -> bytes | None:
        """Return the content of the file that is named at *path*, or what stands at its key *inline*.

        None where neither is there, or where something is wrong with it.
        """
        beside = (*path[:-1], inline)
        name, text = self._value(path), self._value(beside)
        if name is not None and text is not None:
            self.note(beside, f"{path[-1]} says it, too", "write one of them", at_key=True)
        elif text is not None:
            written = self.text(beside)
            return written.encode() if written else None
        elif isinstance(name, str) and name:
            return self._file(path, self._folder / name)
        elif name is not None:
            self.note(path, "expected the name of a file")
        return None

    def note(self, path: KeyPath, message: str, hint: str = "", *, at_key: bool = False) -> None:
        """Note what is wrong at *path*. Raises Problems when there are more than are told."""
        self.problems.append(self._places.problem(path, message, hint, at_key=at_key))
        if len(self.problems) > MAX_TOLD:
            raise Problems(self.problems)

    def warn(self, path: KeyPath, message: str, hint: str = "") -> None:
        """Note what is allowed at *path*, but does not do what one may expect."""
        warning = self._places.problem(path, message, hint, at_key=True, severity="warning")
        self.warnings.append(warning)

    def _value(self, path: KeyPath) -> Any:
        return self.section(path[:-1]).get(str(path[-1]))

    def _file(self, path: KeyPath, file: Path) -> bytes | None:
        try:
            return self._read(file, MAX_FILE)
        except FileNotFoundError:
            self.note(path, f"there is no file {file}")
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "not a path"
            self.note(path, f"{file} cannot be read: {why}")
        return None
