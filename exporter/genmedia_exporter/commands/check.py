"""`check`: probe the free depths once and print the summary."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from datetime import datetime

from rich.cells import cell_len

from genmedia_exporter.commands.creates import Creates, why_stopped
from genmedia_exporter.commands.usage import UsageError
from genmedia_exporter.config.problems import did_you_mean
from genmedia_exporter.core.clock import Clock, Unix
from genmedia_exporter.core.status import Depth, Status
from genmedia_exporter.core.status_page import PageReport, PageSettings
from genmedia_exporter.health.board import Board
from genmedia_exporter.health.state import Snapshot, TargetState
from genmedia_exporter.probing.prober import Prober
from genmedia_exporter.report.page_summary import summarise
from genmedia_exporter.report.targets import page_object, target_object
from genmedia_exporter.status_pages.fetch import PageFetcher
from genmedia_exporter.status_pages.report import configured
from genmedia_exporter.status_pages.watch import read_page
from genmedia_exporter.targets.model import Target
from genmedia_exporter.targets.resolve import Resolution
from genmedia_exporter.targets.source import ConfigSource
from genmedia_exporter.transport.network import Network
from genmedia_exporter.words.language import (
    ENGLISH,
    decimal,
    language,
    languages,
    say,
    speaking,
)

NOT_USABLE = 2
"""Exit code when some target is not usable."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `check` takes."""
    parser.add_argument(
        "targets", nargs="*", metavar="TARGET", help="only these targets (default: all)"
    )
    parser.add_argument("--format", choices=["text", "json"], default="text")
    parser.add_argument(
        "--lang", choices=list(languages()), default=ENGLISH.code, help="the language of the text"
    )


def run(args: argparse.Namespace, source: ConfigSource, clock: Clock) -> int:
    """Print the summary; 0 when all are usable, 2 when some are not. Raises UsageError."""
    for doubt in source.resolution.doubts:
        print(doubt, file=sys.stderr)
    snapshot, reports = probed(source, chosen(source.resolution.targets, args.targets), clock)
    states = list(snapshot.targets.values())
    if args.format == "json":
        told = {
            "targets": [target_object(state) for state in states],
            "status_pages": [page_object(report) for report in reports],
        }
        print(json.dumps(told, indent=2))
    else:
        with speaking(args.lang):
            print(summary(states, reports, clock.now()))
    return 0 if all(state.now.status.usable for state in states) else NOT_USABLE


def probed(
    source: ConfigSource, targets: Sequence[Target], clock: Clock
) -> tuple[Snapshot, list[PageReport]]:
    """Probe the free depths of *targets* once and read the pages; return what that shows."""
    board, creates = Board(clock, patience=False), Creates(source, clock)
    board.restore(creates.saved())
    ids = [page.id for page in source.resolution.pages]
    board.configure(targets, source.resolution.windows, ids)
    in_flight = source.config.limits.probes_in_flight
    reports = asyncio.run(_look(board, targets, source.resolution, clock, in_flight, creates))
    return board.snapshot(), reports


def chosen(targets: Sequence[Target], names: Sequence[str]) -> list[Target]:
    """Return the targets of those *names*, or all. Raises UsageError for a name there is not."""
    known = {target.name: target for target in targets}
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known, f"known are: {', '.join(known) or 'none'}")
            raise UsageError(f"no target is called {name!r}; {hint}")
    return [known[name] for name in names] if names else list(targets)


async def _look(
    board: Board,
    targets: Sequence[Target],
    resolution: Resolution,
    clock: Clock,
    in_flight: int,
    creates: Creates,
) -> list[PageReport]:
    """Read every page once and probe every free depth once; return what the pages say."""
    network = Network()
    prober = Prober(network, clock)
    fetcher = PageFetcher(network, clock)
    slots = asyncio.Semaphore(in_flight)

    async def read(page: PageSettings) -> PageReport:
        wanted = configured(page, resolution.page_components.get(page.id, ()))
        report = await read_page(PageReport(page, page.engine), fetcher, wanted, clock.now)
        board.report_page(report)
        return report

    async def probe(target: Target) -> None:
        async with slots:
            for depth in (d for d in target.depths if d.free):
                if why := why_stopped(board.state(target.name), depth):
                    print(why, file=sys.stderr)
                    continue
                found = await prober.probe(target, depth)
                await creates.take_in(board.observe(found.evidence, found.verdict), depth)

    reports = await asyncio.gather(*(read(page) for page in resolution.pages))
    await asyncio.gather(*(probe(target) for target in targets))
    board.review()  # whose network it is can only be told when all have been tried
    return reports


def summary(states: Sequence[TargetState], reports: Sequence[PageReport], now: Unix) -> str:
    """Return the summary: title and time, a line per target and per status page, and the count."""
    at = datetime.fromtimestamp(float(now)).astimezone().strftime("%Y-%m-%d %H:%M:%S %z")
    usable = sum(state.now.status.usable for state in states)
    names = [state.target.name for state in states] + [r.settings.id for r in reports]
    width = max((cell_len(name) for name in names), default=0)
    lines = [say("Generation API status, {time}", time=at), RULE]
    lines += [_line(state, width) for state in states]
    if reports:
        lines += ["-" * len(RULE), say("Status pages of the vendors") + ":"]
        lines += [_page_line(report, width) for report in reports]
    return "\n".join(
        [*lines, RULE, say("{usable} of {total} usable", usable=usable, total=len(states))]
    )


RULE = "=" * 60


def _page_line(report: PageReport, width: int) -> str:
    said = summarise(report)
    name = report.settings.id + " " * (width - cell_len(report.settings.id))
    return f"{said.icon} {name}  {_padded(said.word)}           {said.text}".rstrip()


def _line(state: TargetState, width: int) -> str:
    now, newest = state.now, _deepest(state)
    name = state.target.name + " " * (width - cell_len(state.target.name))
    seconds = f"{decimal(newest, 2):>6} s" if newest is not None else "     –  "
    line = f"{now.status.icon} {name}  {_padded(_word(now.status))} {seconds}"
    return line if now.status.usable and now.status != "degraded" else f"{line}  {_why(state)}"


def _word(status: Status) -> str:
    """Return a status as programs know it, in other languages as people do."""
    return status.value if language() is ENGLISH else say(status.replace("_", " "))


def _padded(word: str) -> str:
    return word + " " * (15 - cell_len(word))


def _deepest(state: TargetState) -> float | None:
    """Return the seconds of the deepest attempt."""
    lasts = (state.depths[d].last for d in reversed(Depth) if d in state.depths)
    return next((a.duration for a in lasts if a is not None), None)


def _why(state: TargetState) -> str:
    text = say(state.now.reason.meaning.text)
    said = state.now.message
    return f"{text} ({said})" if said and said != text else text
