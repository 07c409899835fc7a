"""What a second costs in which nothing happens, and a probe, with many targets on the board.

Run: python -m tests.bench.review_scale [TARGETS]

CPU time, medians, as JSON lines. The peer is judging every target, as each second did before deadlines.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Final

from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.board import Board
from tests.fakes import FakeClock, make_target, verdict, verdict_evidence

ROUNDS: Final = 5
SITES: Final = 20


def milliseconds(call: Callable[[], object]) -> float:
    """Return the CPU time that *call* takes."""
    start = time.process_time()
    call()
    return (time.process_time() - start) * 1000


def main() -> None:
    """Measure, and print."""
    logging.disable(logging.WARNING)
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    clock = FakeClock()
    board = Board(clock)
    targets = [
        make_target(f"account/model-{n}", host=f"api.site{n % SITES}.example") for n in range(count)
    ]
    board.configure(targets, {})

    def probe_all() -> None:
        for target in targets:
            found = verdict_evidence(clock, target, Depth.REACH, verdict())
            board.observe(found.evidence, found.verdict)

    def second() -> None:
        clock.freeze(1.0)
        board.review()

    def every_one() -> None:
        clock.wall_step += 10.0  # a step of the wall clock: all deadlines are void
        second()

    probing = milliseconds(probe_all)
    second()
    due, everything = [], []
    for _ in range(ROUNDS):
        due.append(milliseconds(second))
        everything.append(milliseconds(every_one))
    told = {
        "bench": "review",
        "targets": count,
        "quiet_second_ms": round(median(due), 3),
        "every_target_ms": round(median(everything), 1),
        "observe_us": round(1000 * probing / count, 1),
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
