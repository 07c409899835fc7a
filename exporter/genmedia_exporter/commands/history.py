"""`export` and `uptime`: what the past holds, read from the database while the daemon goes on."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genmedia_exporter.commands.parser import output_file
from genmedia_exporter.commands.usage import UsageError
from genmedia_exporter.config.values import parse_duration
from genmedia_exporter.core.clock import EPOCH, Clock, Unix
from genmedia_exporter.health.uptime import (
    Interval,
    intervals,
    mean_time_to_recover,
    outages,
    stars,
    weigh,
)
from genmedia_exporter.report.formatting import iso, span
from genmedia_exporter.storage.export import export
from genmedia_exporter.storage.place import place_of
from genmedia_exporter.storage.reader import Reader
from genmedia_exporter.targets.source import ConfigSource


def add_export_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `export` takes."""
    parser.add_argument("--format", choices=["json", "csv"], default="json")
    parser.add_argument(
        "--since",
        type=_duration,
        metavar="DURATION",
        help="how far back, such as 7d (default: all)",
    )
    parser.add_argument(
        "-o",
        dest="output",
        type=output_file,
        metavar="FILE",
        help="output file (default: standard output)",
    )


def add_uptime_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `uptime` takes."""
    parser.add_argument(
        "--window",
        type=_period,
        default="24h",
        metavar="DURATION",
        help="time window (default: 24h)",
    )
    parser.add_argument("--format", choices=["text", "json"], default="text")


@dataclass(frozen=True, slots=True)
class Period:
    """How far back `uptime` looks: as it was asked for, and in seconds."""

    asked: str
    seconds: float


def _period(text: str) -> Period:
    return Period(text, _duration(text))


def _duration(text: str) -> float:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _reader(source: ConfigSource) -> Reader:
    return Reader(place_of(source.config, source.resolution))


def run_export(args: argparse.Namespace, source: ConfigSource, clock: Clock) -> int:
    """Write the history. Raises StorageError and UsageError."""
    since = EPOCH if args.since is None else clock.now() - args.since
    chunks = export(_reader(source), args.format, since)
    if args.output is None:
        sys.stdout.writelines(chunks)
        return 0
    try:
        _write(args.output, chunks)
    except OSError as error:
        raise UsageError(f"-o {args.output}: {error.strerror}") from error
    return 0


def _write(path: Path, chunks: Iterator[str]) -> None:
    # csv brings its own line ends.
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(chunks)


def run_uptime(args: argparse.Namespace, source: ConfigSource, clock: Clock) -> int:
    """Print the uptime of every target. Raises StorageError."""
    reader, now = _reader(source), clock.now()
    reader.check()
    window: Period = args.window
    if not window.seconds:
        raise UsageError("--window must be longer than 0s")
    floor = reader.floor_of_samples(now - window.seconds)
    found = [
        _summary(reader, target.name, window.seconds, now, floor)
        for target in source.resolution.targets
    ]
    if args.format == "json":
        print(json.dumps({"window": window.asked, "targets": found}, indent=2))
    else:
        print(_as_text(found))
    return 0


def _summary(reader: Reader, name: str, window: float, now: Unix, floor: int) -> dict[str, Any]:
    start = now - window
    known = [i for i in intervals(reader.samples(name, start, floor), now) if i.end > start]
    clipped = [Interval(max(start, i.start), i.end, i.up) for i in known]
    uptime, found = weigh(clipped, start, now), outages(clipped)
    return {
        "name": name,
        "uptime": uptime.ratio,
        "known": round(uptime.share, 6),
        "stability": stars(uptime),
        "mean_time_to_recover_seconds": mean_time_to_recover(found),
        "incidents": [
            {
                "start": iso(one.start),
                "end": None if one.end is None else iso(one.end),
                "down_seconds": round(one.down, 3),
            }
            for one in found
        ],
    }


def _as_text(found: list[dict[str, Any]]) -> str:
    width = max([6, *(len(one["name"]) for one in found)])
    lines = [f"{'target':{width}}  {'uptime':>8}  {'known':>6}  stars  {'outages':>7}  MTTR"]
    for one in found:
        uptime = "–" if one["uptime"] is None else f"{one['uptime']:.3%}"
        mean = one["mean_time_to_recover_seconds"]
        lines.append(
            f"{one['name']:{width}}  {uptime:>8}  {one['known']:>6.1%}  "
            f"{'★' * one['stability']:5}  {len(one['incidents']):>7}  "
            f"{'–' if mean is None else span(mean)}"
        )
    return "\n".join(lines)
