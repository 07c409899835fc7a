"""What a scrape costs at a real rate of change, against prometheus_client over the same samples.

Run: python -m tests.bench.metrics_scale [TARGETS]

A quarter of the targets has been probed since the last scrape. CPU time, medians of interleaved runs, one JSON
line for each format and a table. `ahead` is what the daemon renders each second as probes end, `scrape` what
is left to a scrape: the page as it is sent. `gzip` is what a client that likes gzip costs more, in the worker thread; of the
peer it is what its own server does. `ratio` is of the scrape, `ratio_with_ahead` of both together, `ratio_gzip` of a
compressed scrape.
"""

from __future__ import annotations

import asyncio
import gc
import gzip
import json
import random
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from statistics import median
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.state import Snapshot, TargetState
from genmedia_exporter.metrics.exporter import ExporterMetrics
from genmedia_exporter.metrics.exposition import Format
from genmedia_exporter.metrics.page import Metrics
from genmedia_exporter.web.http.compress import GzipPages
from genmedia_exporter.web.http.responses import in_parts
from tests.metrics.samples import healthy, snapshot

CHANGED: Final = 4
"""One target in so many has been probed between two scrapes."""
ROUNDS: Final = 9
THEIRS: Final[dict[Format, Callable[[CollectorRegistry], bytes]]] = {
    Format.TEXT: generate_latest,
    Format.OPENMETRICS: generate_openmetrics,
}


class _Fixed(Collector):
    """Yields families that exist already, so that only the writing is timed."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def milliseconds(call: Callable[[], object]) -> float:
    """Return the CPU time that *call* takes."""
    gc.collect()
    start = time.process_time()
    call()
    return (time.process_time() - start) * 1000


def probed(board: Snapshot, step: int) -> Snapshot:
    """Return *board* after a probe of some of the targets, chosen at random."""
    chance = random.Random(step)  # noqa: S311 - nothing is to be kept secret
    states = dict(board.targets)
    for name in chance.sample(list(states), len(states) // CHANGED):
        known = states[name].depths[Depth.REACH]
        assert known.last is not None
        last = replace(known.last, duration=chance.random(), at=known.last.at + step)
        after = replace(
            known,
            total=known.total + 1,
            recent=(*known.recent[1:], last),
            latency=known.latency.observe(last.duration or 0.0),
        )
        states[name] = states[name].with_depth(Depth.REACH, after)
    return Snapshot(board.at, board.version + 1, states)


def measure(targets: int, form: Format) -> dict[str, object]:
    """Return the figures of one format."""
    states: list[TargetState] = [free(healthy(f"account/model-{i:04}")) for i in range(targets)]
    board = snapshot(*states)
    metrics = Metrics(ExporterMetrics(process=False))
    first = milliseconds(lambda: metrics.render(board, form))
    page = metrics.render(board, Format.TEXT)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Fixed(list(text_string_to_metric_families(page.decode()))))
    ahead: list[float] = []
    ours: list[float] = []
    zipped: list[float] = []
    theirs: list[float] = []
    theirs_zipped: list[float] = []
    pages, loop = GzipPages(), asyncio.new_event_loop()
    for step in range(1, ROUNDS + 1):
        board = probed(board, step)
        ahead.append(milliseconds(partial(_prepare, metrics, board)))
        ours.append(milliseconds(partial(_scrape, metrics, board, form)))
        squeezed = pages.compress(form, *metrics.halves(board, form))
        zipped.append(milliseconds(partial(loop.run_until_complete, squeezed)))
        if step % 3 == 0:
            theirs.append(milliseconds(lambda: THEIRS[form](registry)))
            theirs_zipped.append(milliseconds(partial(gzip.compress, page)))
    loop.close()
    return {
        "bench": "exposition",
        "format": form.name.lower(),
        "targets": targets,
        "samples": page.count(b"\n"),
        "first_ms": round(first, 1),
        "ahead_ms": round(median(ahead), 1),
        "scrape_ms": round(median(ours), 1),
        "worst_scrape_ms": round(max(ours), 1),
        "gzip_ms": round(median(zipped), 1),
        "prometheus_client_ms": round(median(theirs), 1),
        "prometheus_client_gzip_ms": round(median(theirs_zipped), 1),
        "ratio": round(median(theirs) / median(ours), 1),
        "ratio_gzip": round(
            (median(theirs) + median(theirs_zipped)) / (median(ours) + median(zipped)), 1
        ),
        "ratio_with_ahead": round(median(theirs) / (median(ours) + median(ahead)), 1),
    }


def _scrape(metrics: Metrics, board: Snapshot, form: Format) -> None:
    """Make the page part by part, as it is sent."""
    pieces, rest = metrics.halves(board, form)
    for _ in in_parts([*pieces, (rest,)]):
        pass


def _prepare(metrics: Metrics, board: Snapshot) -> None:
    """Render what has changed, without the turns that others get in between."""
    preparing = metrics.prepare(board)
    with suppress(StopIteration):
        while True:
            preparing.send(None)


def free(state: TargetState) -> TargetState:
    """Return *state* at the default depths."""
    depths = (Depth.REACH, Depth.ACCEPT)
    known = {depth: state.depths[depth] for depth in depths}
    return replace(state, target=replace(state.target, depths=depths), depths=known)


def main() -> None:
    """Measure, and print."""
    targets = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    found = [measure(targets, form) for form in Format]
    for each in found:
        sys.stdout.write(json.dumps(each) + "\n")
    columns = [name for name in found[0] if name != "bench"]
    sys.stdout.write(" | ".join(columns) + "\n")
    for each in found:
        sys.stdout.write(" | ".join(str(each[name]) for name in columns) + "\n")


if __name__ == "__main__":
    main()
