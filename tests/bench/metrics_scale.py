"""How long a scrape takes with 1,000 targets, against prometheus_client over the same samples.

Run: python -m tests.bench.metrics_scale [TARGETS]
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from genmedia_exporter.health.state import Snapshot, TargetState
from genmedia_exporter.metrics.exporter import ExporterMetrics
from genmedia_exporter.metrics.exposition import Format
from genmedia_exporter.metrics.page import Metrics
from tests.metrics.samples import healthy, snapshot

CHANGED: Final = 20
ROUNDS: Final = 15


class _Fixed(Collector):
    """Yields families that exist already, so that only the writing is timed."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def milliseconds(call: Callable[[], object]) -> float:
    """Return how long *call* takes."""
    gc.collect()
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


def advance(board: Snapshot, step: int) -> Snapshot:
    """Return *board* with a few targets changed."""
    states = dict(board.targets)
    names = list(states)
    for i in range(CHANGED):
        name = names[(step * CHANGED + i) % len(names)]
        states[name] = replace(states[name], changes=states[name].changes + 1)
    return Snapshot(board.at, board.version + 1, states)


def measure(targets: int) -> None:
    """Print the numbers."""
    states: list[TargetState] = [healthy(f"account/model-{i:04}") for i in range(targets)]
    board = snapshot(*states)
    metrics = Metrics(ExporterMetrics(process=False))
    first = milliseconds(lambda: metrics.render(board, Format.TEXT))
    page = metrics.render(board, Format.TEXT)
    times = []
    for step in range(ROUNDS):
        board = advance(board, step)
        times.append(milliseconds(lambda now=board: metrics.render(now, Format.TEXT)))  # type: ignore[misc]
    times.sort()
    again = milliseconds(lambda: metrics.render(board, Format.TEXT))
    families = list(text_string_to_metric_families(page.decode()))
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Fixed(families))
    theirs = min(milliseconds(lambda: generate_latest(registry)) for _ in range(3))
    median = times[len(times) // 2]
    out = sys.stdout.write
    out(f"targets {targets}, samples {page.count(10)}, page {len(page) / 1e6:.1f} MB\n")
    out(f"first scrape, every block rendered      {first:8.1f} ms\n")
    out(
        f"scrape with {CHANGED} changed blocks, median   {median:8.1f} ms (worst {times[-1]:.1f})\n"
    )
    out(f"scrape with nothing changed             {again:8.1f} ms\n")
    out(f"prometheus_client generate_latest       {theirs:8.1f} ms\n")
    out(f"ratio                                   {theirs / median:8.1f}\n")


if __name__ == "__main__":
    measure(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
