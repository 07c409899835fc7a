"""What the recording rules would have made of the day: errors, budgets, and the alerts that fire."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status import Channel

MONTH: Final = 30 * 24
SPENT_BEFORE: Final = {"sora-2-reverse": 0.35, "gpt-image-official": 0.9, "kling-v3": 0.02}
"""The share of the month's budget that was gone before the day."""


class Told(Protocol):
    """A target of the day."""

    @property
    def name(self) -> str: ...
    @property
    def channel(self) -> Channel: ...
    def alert(self, hour: float) -> str: ...
    def outages(self) -> Sequence[tuple[float, float]]: ...


def recorded(fleet: Sequence[Told], hour: float, scraped: str, at: Unix) -> Iterator[str]:
    """Yield the samples of the recorded series at an hour."""
    job = scraped.partition(",")[0]
    for each in fleet:
        budget = 0.01 if each.channel is Channel.OFFICIAL else 0.1
        spent = SPENT_BEFORE.get(each.name, 0.1) + _down(each, 0, hour) / (MONTH * budget)
        series = {
            "target_error_budget:ratio": budget,
            "target_errors:ratio_6h": _down(each, hour - 6, hour) / 6,
            "target_errors:ratio_1d": _down(each, hour - 24, hour) / 24,
            "target_error_budget:spent_30d": spent,
        }
        for name, value in series.items():
            yield f'genmedia:{name}{{{job},target="{each.name}"}} {value} {at:.3f}\n'
        if (alert := each.alert(hour)) and alert == each.alert(hour - 0.1):
            labels = f'alertname="{alert}",alertstate="firing",target="{each.name}"'
            yield f"ALERTS{{{labels},{job}}} 1 {at:.3f}\n"


def _down(each: Told, begin: float, end: float) -> float:
    """Return for how many of the hours between two it was down."""
    return sum(max(0.0, min(to, end) - max(since, begin)) for since, to in each.outages())
