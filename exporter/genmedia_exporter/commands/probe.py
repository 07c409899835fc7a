"""`probe`: one probe of one target, and everything it saw, phase by phase."""

from __future__ import annotations

import argparse
import asyncio

from genmedia_exporter.commands.buy import buy
from genmedia_exporter.commands.check import chosen
from genmedia_exporter.commands.creates import Creates, why_stopped
from genmedia_exporter.commands.usage import UsageError
from genmedia_exporter.core.clock import Clock
from genmedia_exporter.core.evidence import Observation
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.board import Board
from genmedia_exporter.probing.prober import Prober
from genmedia_exporter.report.probe import Limit, describe
from genmedia_exporter.targets.model import Target
from genmedia_exporter.targets.source import ConfigSource
from genmedia_exporter.transport.network import Network

FAILED = 2
"""Exit code when the probe did not succeed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `probe` takes."""
    parser.add_argument("target", metavar="TARGET", help="the name of a target")
    parser.add_argument(
        "--depth",
        choices=[depth.value for depth in Depth],
        default=Depth.REACH.value,
        help="how far the probe goes; generate costs money and asks first (default: reach)",
    )
    parser.add_argument("--yes", action="store_true", help="spend without asking")


def run(args: argparse.Namespace, source: ConfigSource, clock: Clock) -> int:
    """Print what was seen; 0 when it succeeded, 2 when not. Raises UsageError."""
    (target,) = chosen(source.resolution.targets, [args.target])
    depth = Depth(args.depth)
    if depth not in target.depths:
        raise UsageError(_missing(target, depth, source))
    prober = Prober(Network(), clock)
    if depth.free:
        found = asyncio.run(_probed(target, depth, source, prober, clock))
    else:
        found = buy(target, source, prober, clock, agreed=args.yes)
    print(describe(target, found, Limit(target.timeout, "the target's timeout")))
    return 0 if found.verdict.success else FAILED


async def _probed(
    target: Target, depth: Depth, source: ConfigSource, prober: Prober, clock: Clock
) -> Observation:
    """Probe once at a free depth, and write down what must not happen again. Raises UsageError."""
    board, creates = Board(clock, patience=False), Creates(source, clock)
    board.restore(creates.saved())
    board.configure([target], {})
    if why := why_stopped(board.state(target.name), depth):
        raise UsageError(why)
    found = await prober.probe(target, depth)
    await creates.take_in(board.observe(found.evidence, found.verdict), depth)
    return found


def _missing(target: Target, depth: Depth, source: ConfigSource) -> str:
    """Return what to say of a depth that *target* has not, and why as far as it is known."""
    said = [f"{target.name!r} has no depth {depth.value!r}"]
    said.append(f"it has: {', '.join(target.depths) or 'none'}")
    budget, skipped = source.config.budget, source.resolution.skipped.get(target.name, ())
    why = [each.why for each in skipped if each.depth is depth]
    if why:
        said.append(f"skipped: {why[0]}")
    elif not depth.free and not (budget.daily_usd and budget.monthly_usd):
        said.append("it needs budget.daily_usd and budget.monthly_usd above 0")
    return "; ".join(said)
