"""Whether the budget holds, whatever happens: random lives of the exporter in simulated time.

Run: python -m tests.bench.money [--schedules 1000] [--seed N] [--jobs N] [--details]

Each schedule is some hours or a day of the real exporter over the demo world's services, with
faults of every kind, and at random moments: crashes (also between the ledger's commit and the
create, and between the create and its answer), orderly restarts, steps of the wall clock by up to
weeks in both directions, reloads that change budget and targets, and a disk that fails before or
after a commit. All lives of one schedule share one SQLite file. The world counts what it charges;
at no charge may the sum of its calendar day or month, by the clock of the machine as it was when
the create left and in the budget's time zone, be above the budget in force.

The kind accepts_invalid is left out: what a lax validator charges for a create that had to be
rejected is an accident, booked afterwards, and no budget can prevent it.

Exit status 1: a budget was exceeded; the seed of the schedule is printed, and
`--schedules 1 --seed SEED` plays it again.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Final

from tests.bench.sim.lives import Life, live

PROGRESS: Final = 50
"""Schedules between two lines on standard error."""


def lives(seeds: Sequence[int], jobs: int) -> Iterable[Life]:
    """Play the schedules of *seeds*, several at once."""
    if jobs == 1:
        yield from map(_quietly, seeds)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(_quietly, seeds, chunksize=4)


def _quietly(seed: int) -> Life:
    logging.disable(logging.CRITICAL)
    return live(seed)


def told(life: Life) -> str:
    """Return one schedule in a line."""
    limit = max(at.daily_usd for at in life.limits)
    return (
        f"seed {life.seed}: ${life.usd:.3f} in {len(life.charges)} creates (up to ${limit:.3f} a day), "
        f"{life.crashes} crashes, {life.steps} clock steps, {life.reloads} reloads"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the schedules and say how they went."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.money")
    parser.add_argument("--schedules", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1, help="of the first schedule")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="at once")
    parser.add_argument("--details", action="store_true", help="a line for each schedule")
    args = parser.parse_args(arguments)
    seeds = range(args.seed, args.seed + args.schedules)
    bad, usd, creates, crashes, steps = 0, 0.0, 0, 0, 0
    for done, life in enumerate(lives(seeds, max(1, args.jobs)), start=1):
        usd, creates = usd + life.usd, creates + len(life.charges)
        crashes, steps = crashes + life.crashes, steps + life.steps
        if args.details:
            sys.stdout.write(told(life) + "\n")
        if breaches := life.breaches():
            bad += 1
            sys.stdout.write(f"EXCEEDED, seed {life.seed}: {breaches[0]}\n")
            sys.stdout.flush()
        if done % PROGRESS == 0:
            sys.stderr.write(f"{done} of {args.schedules}, {creates} creates, {bad} exceeded\n")
    sys.stdout.write(
        f"{args.schedules} schedules, {creates} paid creates, ${usd:.2f}, {crashes} crashes, "
        f"{steps} clock steps; budgets exceeded in {bad}\n"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
