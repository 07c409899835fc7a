"""What many targets cost: the exporter itself watches them over TLS, and is scraped as Prometheus does it.

Run: python -m tests.bench.load [--targets 500 2000 5000] [--minutes N] [--interval S] [--warm] [--no-peer]

One JSON line for each number of targets, and a table: CPU as a share of a core, memory, how late probes start and the event
loop wakes, what a scrape of the whole page takes, what is written. The first two intervals, in which answers are new, are not counted,
nor is the service, which runs beside it on the same machine. The peer is blackbox_exporter on one core: right afterwards it is
asked for a minute to probe the same addresses as often.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import uvloop

from tests.bench.probes.blackbox import Blackbox, installed
from tests.bench.probes.process import Process
from tests.bench.probes.service import AUTHORITY, Service

SCRAPE_SECONDS: Final = 15.0
READY_SECONDS: Final = 120.0
PEER_SECONDS: Final = 60.0
AS_PROMETHEUS: Final = {
    "Accept": "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.4,*/*;q=0.3",
    "Accept-Encoding": "gzip",
}
"""What Prometheus asks for (its scrape/scrape.go, without the protocols that we do not speak)."""
_LATE: Final = re.compile(
    r'^genmedia_exporter_schedule_lag_seconds_bucket\{le="([^"]+)"\} (\S+)', re.M
)
_LAG: Final = re.compile(r"^genmedia_exporter_event_loop_lag_seconds (\S+)", re.M)
_PROBES: Final = re.compile(r"^genmedia_probes_total\S* (\S+)", re.M)


@dataclass
class Seen:
    """What was measured since the beginning of a stretch."""

    scrapes: list[float] = field(default_factory=list)  # seconds
    lags: list[float] = field(default_factory=list)  # of the event loop, seconds
    page: str = ""
    sent: int = 0  # bytes of the page, compressed


class Exporter:
    """The process, from outside."""

    def __init__(self, process: subprocess.Popen[bytes], place: str) -> None:
        self.process, self._place = Process(process.pid), place

    def scrape(self, seen: Seen) -> None:
        """Get the whole page, timed as Prometheus would see it."""
        opener = urllib.request.build_opener()
        opener.addheaders = list(AS_PROMETHEUS.items())
        began = time.monotonic()
        with opener.open(f"http://{self._place}/metrics", timeout=60) as answer:
            page = answer.read()
        seen.scrapes.append(time.monotonic() - began)
        seen.page, seen.sent = gzip.decompress(page).decode(), len(page)
        found = _LAG.search(seen.page)
        seen.lags.append(float(found[1]) if found else 0.0)

    def ready(self) -> bool:
        """Whether it serves."""
        try:
            urllib.request.urlopen(f"http://{self._place}/-/healthy", timeout=5).close()
        except OSError:
            return False
        return True


@contextmanager
def exporter(folder: str, url: str, count: int, args: argparse.Namespace) -> Iterator[Exporter]:
    """Run the exporter with *count* targets of the service at *url*."""
    lines = [
        f"defaults: {{interval: {{reach: {args.interval}s}}, depths: [reach], concurrency: 1000}}",
        f"probe: {{connection: {'warm' if args.warm else 'fresh'}}}",
        f"storage: {{path: {folder}/genmedia.db}}",
        f"accounts: {{service: {{provider: http, base_url: '{url}'}}}}",
        "targets:",
        *(f"  - {{name: target-{n}, account: service, path: /t{n}}}" for n in range(count)),
    ]
    file = Path(folder) / "genmedia.yml"
    file.write_text("\n".join(lines), "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
    options = [f"--config.file={file}", f"--web.listen-address={place}", "--log.level=error"]
    process = subprocess.Popen(
        [sys.executable, "-m", "genmedia_exporter", *options],
        env={**os.environ, "SSL_CERT_FILE": str(AUTHORITY)},
    )
    try:
        found, until = Exporter(process, place), time.monotonic() + READY_SECONDS
        while not found.ready() and time.monotonic() < until:
            time.sleep(0.2)
        yield found
    finally:
        process.terminate()
        process.wait(60)


def late(page: str, before: str) -> float:
    """Return the bound in seconds under which 99 of 100 probes started since *before*."""
    old, new = (dict(_LATE.findall(text)) for text in (before, page))
    counts = {le: float(number) - float(old.get(le, 0)) for le, number in new.items()}
    whole = max(counts.values(), default=0.0)
    return min((float(le) for le, n in counts.items() if n >= 0.99 * whole), default=float("inf"))


def share(values: list[float], part: float) -> float:
    """Return the value below which *part* of *values* lie."""
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


def watch(found: Exporter, seconds: float) -> Seen:
    """Scrape for so many seconds."""
    seen, until = Seen(), time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(SCRAPE_SECONDS, left))
        found.scrape(seen)
    return seen


def measure(count: int, args: argparse.Namespace) -> Mapping[str, Any]:
    """Return what *count* targets cost."""
    with (
        Service() as service,
        tempfile.TemporaryDirectory() as folder,
        exporter(folder, service.secure, count, args) as found,
    ):
        first = watch(found, 2 * args.interval)
        process = found.process
        cpu, written, began = process.cpu(), process.written(), time.monotonic()
        seen = watch(found, args.minutes * 60)
        took = time.monotonic() - began
        made = sum(map(float, _PROBES.findall(seen.page))) - sum(
            map(float, _PROBES.findall(first.page))
        )
        cores = (process.cpu() - cpu) / took
        ours = {
            "targets": count,
            "connection": "warm" if args.warm else "fresh",
            "cores": round(cores, 3),
            "ms_a_probe": round(cores * took / made * 1000, 2),
            "rss_mb": round(process.resident()),
            "probes_a_second": round(made / took, 1),
            "start_p99_s": late(seen.page, first.page),
            "loop_lag_p50_s": round(share(seen.lags, 0.5), 4),
            "loop_lag_worst_s": round(max(seen.lags), 4),
            "scrape_p50_s": round(share(seen.scrapes, 0.5), 3),
            "scrape_p99_s": round(share(seen.scrapes, 0.99), 3),
            "scrape_worst_s": round(max(seen.scrapes), 3),
            "page_mb": round(len(seen.page) / 1e6, 1),
            "sent_mb": round(seen.sent / 1e6, 2),
            "written_mb_a_minute": round((process.written() - written) / took * 60, 2),
        }
    return {**ours, **of_peer(count, args), "load": round(os.getloadavg()[0], 1)}


def of_peer(count: int, args: argparse.Namespace) -> Mapping[str, Any]:
    """Return what as many probes cost blackbox_exporter; nothing where it is not installed or not asked for."""
    if args.no_peer or not installed():
        return {}
    with Service() as service, Blackbox() as peer:
        urls = [f"{service.secure}/t{n}" for n in range(count)]
        uvloop.run(peer.watch(urls, args.interval, 5.0))  # the first ones warm up
        asked = uvloop.run(peer.watch(urls, args.interval, PEER_SECONDS))
        return {
            "peer_cores": round(asked.cpu / asked.seconds, 3),
            "peer_ms_a_probe": round(asked.cpu / asked.probes * 1000, 2),
            "peer_rss_mb": round(peer.process.resident()),
        }


def table(found: Sequence[Mapping[str, Any]]) -> str:
    """Return the figures of each number of targets beside one another, in Markdown."""
    rows = [[key, *(str(each.get(key, "")) for each in found)] for key in found[0]]
    rows.insert(1, ["---"] * len(rows[0]))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--targets", type=int, nargs="+", default=[500, 2_000, 5_000])
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--interval", type=int, default=60)
    parser.add_argument("--warm", action="store_true")
    parser.add_argument("--no-peer", action="store_true")
    args = parser.parse_args()
    found = []
    for count in args.targets:
        found.append(measure(count, args))
        print(json.dumps(found[-1]), flush=True)  # noqa: T201
    print(table(found))  # noqa: T201


if __name__ == "__main__":
    main()
