"""Problems of a file: what is wrong, where exactly, what was probably meant."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final, Literal

KeyPath = tuple[str | int, ...]
Spot = tuple[int, int]  # line and column, both from 1
Mark = tuple[int, int, int, int]  # the spots of a key and of its value, in one: there are many
COMPARISONS: Final = 10_000
"""Words that are compared with others in one file to suggest what was meant; a tenth of a second."""
MAX_TOLD: Final = 1_000
"""Problems of one file that are told: nobody reads more, and to put 80,000 into words takes a second."""
MORE: Final = f"there are more problems than these {MAX_TOLD:,}"
Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a file. `str()` is one line, ready to print."""

    place: str  # file:line:column, or the file alone where it could not be read
    path: str  # targets[2].interval.reach; empty when the file as a whole is meant
    message: str
    hint: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        weight = "" if self.severity == "error" else "warning: "
        path = f"{self.path}: " if self.path else ""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{self.place}: {weight}{path}{self.message}{hint}"


class Problems(Exception):
    """Everything wrong with a file at once. `str()` has one problem a line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(_told(in_order(problems)))
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


class EmptyFile(Problems):
    """Nothing is in the file but comments, which not every reader minds."""


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Return *problems* without repetitions, in the order of their places."""
    return sorted(dict.fromkeys(problems), key=lambda problem: _position(problem.place))


def _told(problems: list[Problem]) -> list[Problem]:
    """Return the first MAX_TOLD of *problems*, and that there are more where there are, or were before."""
    kept = [problem for problem in problems if problem.message != MORE]
    if len(kept) == len(problems) <= MAX_TOLD:
        return problems
    kept = kept[:MAX_TOLD]
    return [*kept, Problem(kept[-1].place, "", MORE)]


def _position(place: str) -> tuple[str, int, int]:
    found = re.fullmatch(r"(.*):(\d+):(\d+)", place, re.DOTALL)
    return (found[1], int(found[2]), int(found[3])) if found else (place, 0, 0)


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """Return a hint naming the known word closest to *word*, or *otherwise*."""
    close = get_close_matches(word[:200], list(known), n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else otherwise


class Suggestions:
    """Hints for the words of one file that nobody knows.

    They end after so many comparisons: a file of nonsense is refused at once, not after a minute.
    """

    def __init__(self, comparisons: int = COMPARISONS) -> None:
        self._left = comparisons
        # The same slip a thousand times is one question. The known words are kept, so that no others
        # get their identity.
        self._hints: dict[tuple[str, int], tuple[str, Collection[str]]] = {}

    def hint(self, word: str, known: Collection[str], otherwise: str = "") -> str:
        """Return what `did_you_mean` does, and *otherwise* when there were too many questions."""
        question = (word, id(known))
        if question not in self._hints:
            if self._left < len(known):
                return otherwise
            self._left -= len(known)
            self._hints[question] = did_you_mean(word, known, otherwise), known
        return self._hints[question][0]


def format_path(path: KeyPath) -> str:
    """Write a path of keys as people do: `targets[2].interval.reach`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif re.fullmatch(r"[\w$/@+-]{1,80}", step):
            text += f".{step}" if text else step
        else:
            text += f"[{step[:80]!a}]"
    return text


@dataclass(frozen=True, slots=True)
class Places:
    """Where every key and value of a file stands; knows no values, so it may be kept and printed.

    `renumbered` gives, for a top-level list from which broken items were taken, the number each
    remaining item has in the file.
    """

    filename: str
    marks: Mapping[KeyPath, Mark] = field(repr=False)
    renumbered: Mapping[str, tuple[int, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def problem(
        self,
        path: KeyPath,
        message: str,
        hint: str = "",
        *,
        at_key: bool = False,
        severity: Severity = "error",
    ) -> Problem:
        """Return a problem at *path*, placed at its value, or at its key when *at_key*.

        A path that the file does not have is placed at the nearest key above it.
        """
        path = self.in_file(path)
        known = path
        while known and known not in self.marks:
            known, at_key = known[:-1], True
        key_line, key_column, *value = self.marks.get(known, (1, 1, 1, 1))
        line, column = (key_line, key_column) if at_key else value
        place = f"{self.filename}:{line}:{column}"
        return Problem(place, format_path(path), message, hint, severity)

    def in_file(self, path: KeyPath) -> KeyPath:
        """Return *path* with the number its list item has in the file."""
        numbers = self.renumbered.get(str(path[0])) if path else None
        if numbers is None or len(path) < 2 or not isinstance(path[1], int):
            return path
        return (path[0], numbers[path[1]], *path[2:])
