"""`probe`: one probe of one target, and everything it saw, phase by phase."""

from __future__ import annotations

import argparse
import asyncio

from exporter.classify import classify
from exporter.clock import Clock
from exporter.commands.buy import buy
from exporter.commands.check import chosen
from exporter.commands.usage import UsageError
from exporter.drivers.network import Network
from exporter.prober import Prober
from exporter.providers.loader import load_generic
from exporter.reload import ConfigSource
from exporter.status import Depth
from exporter.target import Target
from exporter.web.probe_debug import describe
from exporter.web.scrape_timeout import Limit

FAILED = 2
"""Exit code when the probe did not succeed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `probe` takes."""
    parser.add_argument("target", metavar="TARGET", help="the name of a target")
    parser.add_argument(
        "--depth",
        choices=list(Depth),
        default=Depth.REACH,
        help="how far to go; generate costs money, and asks first (default: reach)",
    )
    parser.add_argument("--yes", action="store_true", help="spend without asking")


def run(args: argparse.Namespace, source: ConfigSource, clock: Clock) -> int:
    """Print what was seen; 0 when it succeeded, 2 when not. Raises UsageError."""
    (target,) = chosen(source.resolution.targets, [args.target])
    depth = Depth(args.depth)
    if depth not in target.depths:
        raise UsageError(_missing(target, depth, source))
    prober = Prober(Network(), clock, classify, load_generic())
    if depth.free:
        found = asyncio.run(prober.probe(target, depth))
    else:
        found = asyncio.run(buy(target, source, prober, clock, agreed=args.yes))
    print(describe(target, found, Limit(target.timeout, "the target's timeout")))
    return 0 if found.verdict.success else FAILED


def _missing(target: Target, depth: Depth, source: ConfigSource) -> str:
    """Return what to say of a depth that *target* has not, and why as far as it is known."""
    said = [f"{target.name!r} has no depth {depth.value!r}"]
    said.append(f"it has: {', '.join(target.depths) or 'none'}")
    budget, skipped = source.config.budget, source.resolution.skipped.get(target.name, ())
    why = [each.why for each in skipped if each.depth is depth]
    if why:
        said.append(f"skipped: {why[0]}")
    elif not depth.free and not (budget.daily_usd and budget.monthly_usd):
        said.append("it takes budget.daily_usd and budget.monthly_usd above 0")
    return "; ".join(said)
