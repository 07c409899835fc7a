"""How much memory the exporter takes over accelerated days, and that it does not grow.

Run: python -m tests.bench.memory [--days N] [--hours N] [--seed N]

The whole daemon watches the demo's fleet in simulated time, without sockets, and is scraped once a
minute. Faults come and go throughout, so that history, kept failures, baselines and transitions
all fill. The first day fills what has a window of a day; from then on the resident memory of the
process may grow by at most MOST_MIB, however long it goes on.

Exit status 1: it grew by more, or probing stopped, as on a signal: then its memory says nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import sys
import tempfile
from pathlib import Path
from typing import Final

from genmedia_exporter.health.state import Snapshot
from genmedia_exporter.metrics.exposition import Format
from genmedia_exporter.metrics.page import Metrics
from tests.bench.sim.clock import SimClock, simulate
from tests.bench.sim.fleet import FLEETS
from tests.bench.sim.network import InProcessNetwork
from tests.bench.sim.ours import Ours, in_memory, without_sockets
from tests.bench.sim.run import Case
from tests.bench.sim.schedule import DAY, draw

MOST_MIB: Final = 4.0
SCRAPE_SECONDS: Final = 60.0
_PAGE: Final = 4096


def resident_mib() -> float:
    """Return what the process takes now, garbage left out."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * _PAGE / 2**20


def probes(snapshot: Snapshot) -> int:
    """Return how many probes were made, at all depths of all targets."""
    depths = (known for state in snapshot.targets.values() for known in state.depths.values())
    return sum(known.total for known in depths)


async def scrape(ours: Ours, seconds: float) -> None:
    """Let *seconds* pass, with a scrape a minute."""
    app, left = ours.app, seconds
    page = Metrics(app.meter, app.ledger.spending)
    while left > 0:
        await asyncio.sleep(min(SCRAPE_SECONDS, left))
        left -= SCRAPE_SECONDS
        page.render(app.board.snapshot(), Format.TEXT)


def measure(days: float, hours: float, seed: int) -> list[float]:
    """Live for *days*; print and return the memory every so many *hours*, from the second day on."""
    watched = FLEETS["demo"]
    case = Case(watched, draw(watched, days, seed), days, seed)

    async def main() -> list[float]:
        clock = SimClock()
        world = case.world(clock)
        folder = tempfile.TemporaryDirectory(prefix="genmedia-bench-", dir=in_memory())
        with folder as path, without_sockets(InProcessNetwork(world)):
            ours = Ours(case.write(path), clock)
            found, made = [], 0
            async with ours.running():
                for step in range(1, round(days * DAY / 3_600 / hours) + 1):
                    await scrape(ours, hours * 3_600)
                    at, mib = step * hours, resident_mib()
                    kept = sum(len(ours.app.probing.failures.of(w.name)) for w in watched)
                    before, made = made, probes(ours.app.board.snapshot())
                    if made == before:
                        raise SystemExit(f"nothing was probed since {at - hours:g} h")
                    told = f"{made:7,} probes  {kept:3} kept failures"
                    sys.stdout.write(f"{at:5.0f} h  {mib:6.1f} MiB  {told}\n")
                    sys.stdout.flush()
                    if at >= 24:
                        found.append(mib)
        return found

    return simulate(main())


def main() -> int:
    """Measure, and judge."""
    logging.disable(logging.WARNING)
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--days", type=float, default=2.0, help="simulated days (default: 2)")
    parser.add_argument("--hours", type=float, default=4.0, help="between two looks (default: 4)")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    found = measure(args.days, args.hours, args.seed)
    grown = max(found) - found[0]
    sys.stdout.write(f"grown after the first day: {grown:.1f} MiB, {MOST_MIB:g} are allowed\n")
    return 0 if grown <= MOST_MIB else 1


if __name__ == "__main__":
    sys.exit(main())
