"""How true times are: what a probe says of a service's processing, against what the service says itself.

Run: python -m tests.bench.timing_truth [--seconds N] [--rates 10 100 200]

At each rate ours and blackbox_exporter on one core take turns. The service waits 5 to 50 ms, at random, before it answers,
and notes how many it really took; the difference is our error, loopback and scheduling on both sides included. JSON lines.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import random
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from statistics import quantiles
from typing import Final

import uvloop

from genmedia_exporter.core.clock import SystemClock
from genmedia_exporter.core.loop_lag import LoopLag
from genmedia_exporter.core.status import Depth
from genmedia_exporter.probing.prober import Prober
from genmedia_exporter.transport.network import Network
from tests.bench.probe_cost import trust
from tests.bench.probes.blackbox import Blackbox, installed
from tests.bench.probes.service import Service
from tests.drivers.world import REACH, account, provider, target

SHORTEST, LONGEST = 5, 50
"""Milliseconds that the service waits."""
WANTED: Final = {"p50": 1.0, "p99": 5.0}
"""Milliseconds at 100 a second, on a quiet machine."""
_PROCESSING: Final = re.compile(r'probe_http_duration_seconds\{phase="processing"\} (\S+)')

Measure = Callable[[str], Awaitable[float]]
"""Probes /ID/MS of the service and returns the seconds that it calls processing."""


@dataclass
class Told:
    """What one prober said at one rate, by ID."""

    prober: str
    rate: int
    seconds: dict[str, float]


def by_ours(url: str) -> Measure:
    """Return what measures by the exporter's own probes."""
    clock = SystemClock()
    prober = Prober(Network(trust(), lag=LoopLag(clock)), clock)
    call = REACH.model_copy(update={"path": "{path}"})
    watched = target(account(url, of=provider(call, prefix="")), timeout=5.0)

    async def measure(path: str) -> float:
        seen = await prober.probe(replace(watched, path=path), Depth.REACH)
        assert seen.verdict.success, seen
        return seen.evidence.phases.processing or 0.0

    return measure


def by_blackbox(blackbox: Blackbox, url: str) -> Measure:
    """Return what measures by blackbox_exporter."""

    async def measure(path: str) -> float:
        found = _PROCESSING.search(await blackbox.probe("plain", url + path))
        return float(found[1]) if found else 0.0

    return measure


async def at_rate(told: Told, measure: Measure, seconds: float) -> None:
    """Let *measure* probe at the rate of *told* for so many seconds, whenever the answers come."""
    loop, chance = asyncio.get_running_loop(), random.Random(told.rate)  # noqa: S311
    began, tasks = loop.time(), []

    async def one(number: int) -> None:
        name = f"{told.prober}-{told.rate}-{number}"
        told.seconds[name] = await measure(f"/{name}/{chance.randint(SHORTEST, LONGEST)}")

    for number in range(round(told.rate * seconds)):
        await asyncio.sleep(max(0.0, began + number / told.rate - loop.time()))
        tasks.append(asyncio.create_task(one(number)))
    await asyncio.gather(*tasks)


async def play(args: argparse.Namespace, service: Service, blackbox: Blackbox | None) -> list[Told]:
    """Let the probers take turns at each rate."""
    probers = {"ours": by_ours(service.plain)}
    if blackbox is not None:
        probers["blackbox"] = by_blackbox(blackbox, service.plain)
    runs = []
    for rate in args.rates:
        for name, measure in probers.items():
            run = Told(name, rate, {})
            await at_rate(run, measure, args.seconds)
            runs.append(run)
    return runs


def tell(runs: list[Told], truth: Mapping[str, float]) -> None:
    """Print the errors, in milliseconds."""
    for run in runs:
        errors = sorted(abs(told - truth[name]) * 1000 for name, told in run.seconds.items())
        cuts = quantiles(errors, n=100)
        line = {"prober": run.prober, "rate": run.rate, "probes": len(errors)}
        found = {
            "p50": round(cuts[49], 3),
            "p99": round(cuts[98], 3),
            "worst": round(errors[-1], 3),
        }
        holds = all(found[name] <= most for name, most in WANTED.items())
        load = {"load": round(os.getloadavg()[0], 1)}
        print(json.dumps(line | found | {"holds": holds} | load))  # noqa: T201


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rates", type=int, nargs="+", default=[10, 100, 200])
    args = parser.parse_args()
    logging.disable(logging.WARNING)
    with Service() as service, ExitStack() as stack:
        blackbox = stack.enter_context(Blackbox()) if installed() else None
        runs = uvloop.run(play(args, service, blackbox))
        tell(runs, service.end())


if __name__ == "__main__":
    main()
