"""What a round of purchases costs that buys nothing: once in five seconds it asks every target that may generate.

Run: python -m tests.bench.purchase_rounds [TARGETS]

CPU time, medians, as JSON lines. Between two rounds a twelfth of the targets is probed, as at 60
seconds. The peer is a planner that knows none of them yet, as each round did before.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from statistics import median
from typing import Final

from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.board import Board
from genmedia_exporter.spending.limits import SpendingLimits
from genmedia_exporter.spending.planner import PurchasePlanner
from genmedia_exporter.targets.model import Cap, Target
from tests.fakes import FakeClock, verdict, verdict_evidence
from tests.spending.test_runner import target

ROUNDS: Final = 12
RATE_USD: Final = 10.0


def main() -> None:
    """Measure, and print."""
    logging.disable(logging.WARNING)
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    clock = FakeClock()
    board = Board(clock)
    targets = {name: target(name) for name in (f"t{n}" for n in range(count))}
    board.configure(list(targets.values()), {})

    def probe(which: list[Target], *depths: Depth) -> None:
        for each in which:
            for depth in depths:
                found = verdict_evidence(clock, each, depth, verdict())
                board.observe(found.evidence, found.verdict)

    limits = SpendingLimits(Cap(RATE_USD, 31 * RATE_USD))

    def planner() -> PurchasePlanner:
        made = PurchasePlanner(board, clock, lambda: limits)
        made.configure(targets)
        return made

    def round_of(made: PurchasePlanner) -> float:
        start = time.process_time()
        made.count_skipped(targets, (), enabled=True)
        found = made.candidates(RATE_USD, targets, ())
        made.count_late(targets, ())
        if found:
            raise SystemExit("a target is due: this measures rounds that buy nothing")
        return (time.process_time() - start) * 1000

    probe(list(targets.values()), *Depth)
    kept = planner()
    round_of(kept)
    warm, anew = [], []
    for turn in range(ROUNDS):
        clock.freeze(5.0)
        probe(list(targets.values())[turn :: 60 // 5], Depth.REACH)
        warm.append(round_of(kept))
        anew.append(round_of(planner()))
    told = {
        "bench": "purchase_rounds",
        "targets": count,
        "round_ms": round(median(warm), 2),
        "longest_ms": round(max(warm), 2),
        "every_target_ms": round(median(anew), 1),
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
