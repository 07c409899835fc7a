"""What a night may cost people, written down beside its story, and before it was run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from tests.nights.dispatch import Message
from tests.nights.history import Exporter, Night, Span

RECEIVERS: Final = ("oncall", "team", "reverse", "feed", "notes")
Count = int | tuple[int, int]
"""So many messages, or from so many to so many."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """One night: how it is made, and what people may hear of it."""

    make: Callable[[], Night]
    counts: Mapping[str, Count]
    fires: frozenset[str]
    silent: frozenset[str]
    not_over: Mapping[str, Span]
    paged: Mapping[str, Span]
    long: bool

    def complaints(self, heard: list[Message], fired: set[str]) -> list[str]:
        """Return what is not as a tired person would want it."""
        found = []
        for receiver in RECEIVERS:
            wanted = self.counts.get(receiver, 0)
            low, high = wanted if isinstance(wanted, tuple) else (wanted, wanted)
            count = sum(message.receiver == receiver for message in heard)
            if not low <= count <= high:
                found.append(f"{receiver} hears {count} messages, not {wanted}")
        found += [f"{name} never fires" for name in self.fires - fired]
        found += [f"{name} fires" for name in self.silent & fired]
        for name, (begin, end) in self.not_over.items():
            found += [
                f"{name} is told to be over at {message.minute:.0f}"
                for message in heard
                if begin <= message.minute < end
                and any(alert["alertname"] == name for alert in message.resolved)
            ]
        found += [
            f"nobody is woken for {what} between {begin:g} and {end:g}"
            for what, (begin, end) in self.paged.items()
            if not any(_pages_for(message, what, begin, end) for message in heard)
        ]
        return found


def _pages_for(message: Message, what: str, begin: float, end: float) -> bool:
    return (
        message.receiver == "oncall"
        and begin <= message.minute <= end
        and any(what in alert.values() for alert in message.firing)
    )


NIGHTS: Final[dict[str, Expectation]] = {}


def night(
    minutes: int,
    *exporters: Exporter,
    step: float = 1.0,
    long: bool = False,
    fires: tuple[str, ...] = (),
    silent: tuple[str, ...] = (),
    not_over: Mapping[str, Span] | None = None,
    paged: Mapping[str, Span] | None = None,
    **counts: Count,
) -> Callable[[Callable[[Night], None]], None]:
    """Write a night down: how many messages each receiver may send, none unless told."""
    assert set(counts) <= set(RECEIVERS)

    def keep(story: Callable[[Night], None]) -> None:
        name = story.__name__.replace("_", "-")
        assert name not in NIGHTS

        def make() -> Night:
            made = Night(name, minutes, *exporters, step=step)
            story(made)
            return made

        NIGHTS[name] = Expectation(
            make, counts, frozenset(f"Genmedia{n}" for n in fires), frozenset(f"Genmedia{n}" for n in silent),
            {f"Genmedia{n}": span for n, span in (not_over or {}).items()}, paged or {}, long,
        )  # fmt: skip

    return keep
