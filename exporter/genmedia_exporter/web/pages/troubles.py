"""The exporter's own troubles, as the pages tell them: what of the rest may not be as it seems."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from genmedia_exporter.metrics.exporter import OwnState
from genmedia_exporter.words.language import plural, say


@dataclass(frozen=True, slots=True)
class Trouble:
    """One trouble: what is wrong, and what that means or asks for."""

    what: str
    more: str


def troubles(own: OwnState, network_ok: bool, spending_on: bool = True) -> Iterator[Trouble]:
    """Yield what is wrong with us now, the worst first."""
    if not network_ok:
        yield Trouble(
            say("Our own network is in doubt."),
            say(
                "Several unrelated hosts fail at the same time, so what is shown here may be our fault, not theirs."
            ),
        )
    if not own.storage_ok:
        yield Trouble(say("Storage fails."), _kept(own.dropped))
    if not own.config_ok:
        yield Trouble(
            say("The configuration could not be reloaded."),
            say("The one before stays in force; the log says what is wrong."),
        )
    if not own.web_config_ok:
        yield Trouble(
            say("The web configuration could not be reloaded."),
            say("The one before stays in force; the log says what is wrong."),
        )
    if own.saturated:
        yield Trouble(
            say("The exporter does not keep up."),
            say("Probes start late, and what is shown may be older than it seems."),
        )
    if not spending_on:
        yield Trouble(
            say("Paid probes are switched off by hand."),
            say("None runs until someone posts to /-/spending?enabled=true."),
        )


def _kept(dropped: int) -> str:
    kept = say("History is kept in memory until it can be written, and no paid probe runs.")
    if not dropped:
        return kept
    lost = plural(dropped, "{n} record is lost.", "{n} records are lost.")
    return f"{kept} {lost}"
