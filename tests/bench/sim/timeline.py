"""What a monitor said when: per target the moments at which its word changed."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Turn:
    """A change of a monitor's word."""

    at: float
    began: float  # when the attempt began whose end it was
    before: str  # empty before the first word
    word: str


@dataclass(slots=True)
class Timeline:
    """One target's words over time. Before the first it is silent, which is no alarm."""

    turns: list[Turn] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)

    def say(self, at: float, word: str, began: float | None = None) -> None:
        """Note a word, unless it is the one in force."""
        before = self.turns[-1].word if self.turns else ""
        if word != before:
            self.turns.append(Turn(at, at if began is None else began, before, word))
            self.moments.append(at)

    def at(self, moment: float) -> str:
        """Return the word in force at a moment; empty before the first."""
        place = bisect_right(self.moments, moment)
        return self.turns[place - 1].word if place else ""


Timelines = dict[str, Timeline]
