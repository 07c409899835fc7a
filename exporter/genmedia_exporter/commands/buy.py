"""The paid part of `probe`: says what it costs, asks, pays from the budget, and shows how it goes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from genmedia_exporter.commands.usage import UsageError
from genmedia_exporter.core.clock import Clock
from genmedia_exporter.core.evidence import JobRef, Observation
from genmedia_exporter.drivers.contract import Run
from genmedia_exporter.probing.prober import Prober
from genmedia_exporter.spending.demand import actual_cost
from genmedia_exporter.spending.ledger import Ledger
from genmedia_exporter.spending.limits import Refusal, Spending, dollars, estimate, limits_of
from genmedia_exporter.spending.prompts import prompt_for
from genmedia_exporter.spending.record import note_down
from genmedia_exporter.spending.statements import Reservation
from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.storage.one_shot import OneShotDatabase
from genmedia_exporter.storage.place import place_of
from genmedia_exporter.targets.model import Target
from genmedia_exporter.targets.source import ConfigSource

Tell = Callable[[str, float | None], None]


def buy(
    target: Target, source: ConfigSource, prober: Prober, clock: Clock, *, agreed: bool
) -> Observation:
    """Buy one generation of *target*, from the same ledger as a running exporter.

    Raises UsageError when the person, the budget or the ledger says no, KeyboardInterrupt.
    """
    if not agreed:  # outside of any event loop, which would keep Ctrl+C from the prompt
        _ask(target, asyncio.run(_spending(source, clock)))
    found, usd = asyncio.run(_bought(target, source, prober, clock))
    print(f"Booked {dollars(usd)}.")
    return found


async def _spending(source: ConfigSource, clock: Clock) -> Spending:
    ledger = ledger_of(source, clock)
    await ledger.refresh()
    return ledger.spending()


async def _bought(
    target: Target, source: ConfigSource, prober: Prober, clock: Clock
) -> tuple[Observation, float]:
    """Return what was seen and what is booked, in US dollars."""
    ledger = ledger_of(source, clock)
    try:
        paid = await ledger.reserve(target)
        if isinstance(paid, Refusal):
            raise UsageError(f"nothing was bought: {paid.why}")
        found = await _made(target, prober, Sale(ledger, paid, clock))
        usd = actual_cost(found.evidence, paid.usd)
        await ledger.finish(paid, usd)
    finally:
        await ledger.close()  # also what was reserved while somebody pressed Ctrl+C
    await _remember(source, clock, target, found, usd)
    return found, usd


async def _remember(
    source: ConfigSource, clock: Clock, target: Target, found: Observation, usd: float
) -> None:
    """Add it to history; where that cannot be, say so: it has been paid for and seen all the same."""
    database, seen = (
        OneShotDatabase(place_of(source.config, source.resolution)),
        (found.evidence, found.verdict),
    )
    try:
        await database.transact(lambda connection: note_down(connection, clock, target, seen, usd))
    except StorageError as error:
        print(f"{target.name}: could not write history: {error}", file=sys.stderr)


@dataclass(frozen=True, slots=True)
class Sale:
    """One generation that is paid for."""

    ledger: Ledger
    paid: Reservation
    clock: Clock


async def _made(target: Target, prober: Prober, sale: Sale) -> Observation:
    """Make it. When that is interrupted, its job is left to an exporter, and said."""
    made: list[JobRef] = []

    async def accepted(job: JobRef) -> None:
        made.append(job)

    try:
        with _progress() as tell:
            prompt = prompt_for(target.name, sale.paid.id)
            run = Run(sale.clock, prompt, accepted=accepted, progressed=tell)
            return await prober.generate(target, run)
    except asyncio.CancelledError:
        # Only now: what is kept, an exporter that starts or reloads beside us would take up, and
        # clean up, while we are asking after it.
        for job in made:
            await sale.ledger.keep(sale.paid, target, job)
        print(_interrupted(sale.paid.usd, accepted=bool(made)), file=sys.stderr)
        raise


def _interrupted(usd: float, *, accepted: bool) -> str:
    """Return what Ctrl+C leaves behind."""
    told = f"Interrupted: {dollars(usd)} stays booked in the ledger."
    after = " The job goes on; an exporter with this ledger polls it when it starts."
    return told + after if accepted else told


def ledger_of(source: ConfigSource, clock: Clock) -> Ledger:
    """Return the ledger that a running exporter uses, too. Close it when done."""
    resolution, config = source.resolution, source.config
    limits = limits_of(config.budget, resolution.accounts.values(), resolution.targets)
    return Ledger(OneShotDatabase(place_of(config, resolution)), clock, lambda: limits)


def _ask(target: Target, spending: Spending) -> None:
    """Ask whoever sits there. Raises UsageError for everything but yes, KeyboardInterrupt."""
    usd = estimate(target)
    if usd is None:
        raise UsageError(f"the price of one generation of {target.name!r} is unknown; set price:")
    today = spending.spent_today_usd
    spent = "an unknown part" if today is None else dollars(round(today, 6))
    print(
        f"This buys one generation of {target.name} for about {dollars(usd)}; "
        f"{spent} of today's {dollars(spending.daily_usd)} is spent."
    )
    if not sys.stdin.isatty():
        raise UsageError("no terminal to confirm on; use --yes")
    try:
        answer = input("Continue? [y/N] ")
    except EOFError:  # Ctrl+D is a no
        answer = ""
        print()
    if answer.strip().lower() not in ("y", "yes"):
        raise UsageError("nothing was bought")


@contextmanager
def _progress() -> Iterator[Tell]:
    """Show the phases: a bar on a terminal, a line for each phase elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines()
        return
    columns = TextColumn("{task.description:<8}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("submit", total=None)

        def tell(phase: str, share: float | None) -> None:
            total = None if share is None else 1.0
            bar.update(task, description=phase, total=total, completed=share or 0.0)

        yield tell


class _Lines:
    """Prints each phase once."""

    def __init__(self) -> None:
        self._last = ""

    def __call__(self, phase: str, _share: float | None) -> None:
        if phase != self._last:
            self._last = phase
            print(f"{phase}...", file=sys.stderr)
