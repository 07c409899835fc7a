"""What the status page says first, and which targets a reader has asked it for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final
from urllib.parse import urlencode

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status import Channel, Status
from genmedia_exporter.health.state import TargetState
from genmedia_exporter.report.formatting import span
from genmedia_exporter.web.pages.alternative import Alternative, Alternatives
from genmedia_exporter.web.pages.style import plain_word
from genmedia_exporter.web.pages.target_rows import BROKEN, FAULTS, WORST_FIRST, family, severity
from genmedia_exporter.words.language import plural, say

MAX_QUERY: Final = 200
"""Characters of a search that are looked at."""
COUNTED: Final = {status: f"{{n}} {plain_word(status)}" for status in Status}


@dataclass(frozen=True, slots=True)
class Headline:
    """One sentence on everything; with something broken, what to use instead and the counts."""

    sentence: str
    instead: Alternative | None = None
    parts: tuple[str, ...] = ()  # "9 of 13 usable", "2 down"
    broken: int = 0

    @property
    def title(self) -> str:
        """The title of the tab: how many are broken comes first."""
        return f"({self.broken}) {self.sentence}" if self.broken else self.sentence


@dataclass(frozen=True, slots=True)
class Filter:
    """What a reader wants to see; an empty text takes everything."""

    q: str = ""
    family: str = ""
    vendor: str = ""
    channel: str = ""
    status: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Filter:
        """Return what the query of a link asks for; what it does not know is left out."""
        taken = {
            name: query.get(name, "").strip()[:MAX_QUERY]
            for name in ("q", "family", "vendor", "channel", "status")
        }
        return cls(**taken)

    @property
    def query(self) -> str:
        """What the query of a link says for it, ready for one more parameter."""
        chosen = {name: value for name, value in asdict(self).items() if value}
        return urlencode(chosen) + "&" if chosen else ""

    @property
    def feed_query(self) -> str:
        """What the link to the feed asks for: there are feeds of all and of a family."""
        return f"?{urlencode({'family': self.family})}" if self.family else ""

    @property
    def active(self) -> bool:
        """Whether anything may be left out."""
        return any((self.q, self.family, self.vendor, self.channel, self.status))

    def takes(self, state: TargetState) -> bool:
        """Whether a target is asked for."""
        target = state.target
        searched = " ".join(
            (
                target.name,
                target.model,
                target.account.name,
                target.account.vendor,
                target.provider.title,
            )
        )
        return (
            all(word in searched.casefold() for word in self.q.casefold().split())
            and self.family in ("", family(state))
            and self.vendor in ("", target.account.vendor)
            and self.channel in ("", target.channel)
            and self.status in ("", state.now.status)
        )


EVERYTHING: Final = Filter()


@dataclass(frozen=True, slots=True)
class Choice:
    """One list to choose from: its name in the link, its label, its values, the chosen one."""

    name: str
    label: str
    values: Sequence[str]
    chosen: str


def choices(states: Iterable[TargetState], chosen: Filter) -> Sequence[Choice]:
    """Return what can be chosen among *states*; nothing that would find nothing."""
    found = tuple(states)
    families = sorted({family(state) for state in found})
    vendors = sorted({state.target.account.vendor for state in found})
    channels = [c.value for c in Channel if any(s.target.channel is c for s in found)]
    statuses = [w.value for w in WORST_FIRST if any(s.now.status is w for s in found)]
    lists = (
        Choice("family", "Model", families, chosen.family),
        Choice("vendor", "Vendor", vendors, chosen.vendor),
        Choice("channel", "Channel", channels, chosen.channel),
        Choice("status", "Status", statuses, chosen.status),
    )
    return [one for one in lists if len(one.values) > 1 or one.chosen]


def headline(states: Iterable[TargetState], now: Unix, instead: Alternatives) -> Headline:
    """Return what is broken, since when, whose fault, what to use instead; *now* in Unix seconds."""
    found = tuple(states)
    parts = counted(state.now.status for state in found)
    broken = sorted((s for s in found if s.now.status in BROKEN), key=severity)
    if not broken:
        return Headline(parts[0], parts=parts[1:])
    worst, comma = broken[0], say(", ")
    said = [worst.target.name, span(now - worst.since), say(FAULTS[worst.now.fault])]
    if len(broken) > 1:
        said.append(plural(len(broken) - 1, "and {n} more", "and {n} more"))
    sentence = say("Broken: {what}", what=comma.join(part for part in said if part))
    return Headline(sentence, instead.of(worst), parts, len(broken))


def counted(statuses: Iterable[Status]) -> tuple[str, ...]:
    """Return what to say of all targets, in parts: "9 of 13 usable", "2 down", "1 retired"."""
    counts = Counter(statuses)
    total = counts.total()
    if not total:
        return (say("No targets yet."),)
    if counts[Status.OPERATIONAL] == total:
        return (plural(total, "Operational.", "All {n} operational."),)
    usable = sum(number for status, number in counts.items() if status.usable)
    others = [
        plural(counts[s], COUNTED[s], COUNTED[s])
        for s in WORST_FIRST
        if counts[s] and s is not Status.OPERATIONAL
    ]
    return (say("{usable} of {total} usable", usable=usable, total=total), *others)


def count(statuses: Iterable[Status]) -> str:
    """Return one sentence on all targets: "9 of 13 usable; 2 down, 1 retired."."""
    first, *others = counted(statuses)
    return f"{first}; {say(', ').join(others)}." if others else first
