"""`probe`: one probe of one target, and everything it saw, phase by phase."""

from __future__ import annotations

import argparse
import asyncio

from exporter.classify import classify
from exporter.clock import Clock
from exporter.commands.check import chosen
from exporter.commands.usage import UsageError
from exporter.drivers.network import Network
from exporter.prober import Observation, Prober
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
    free = [depth for depth in Depth if depth.free]
    parser.add_argument(
        "--depth", choices=free, default=Depth.REACH, help="how far to go (default: reach)"
    )


def run(args: argparse.Namespace, source: ConfigSource, clock: Clock) -> int:
    """Print what was seen; 0 when it succeeded, 2 when not. Raises UsageError."""
    (target,) = chosen(source.resolution.targets, [args.target])
    depth = Depth(args.depth)
    if depth not in target.depths:
        offered = ", ".join(target.depths) or "none"
        raise UsageError(f"{target.name!r} has no depth {depth.value!r}; it has: {offered}")
    found = asyncio.run(_probe(target, depth, clock))
    print(describe(target, found, Limit(target.timeout, "the target's timeout")))
    return 0 if found.verdict.success else FAILED


async def _probe(target: Target, depth: Depth, clock: Clock) -> Observation:
    return await Prober(Network(), clock, classify, load_generic()).probe(target, depth)
