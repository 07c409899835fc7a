"""Two hundred scrapes a second for a minute: errors, latency and memory of the exporter that watches the demo world.

Run: python -m tests.bench.scrapes [--rate 200] [--seconds 60]

Scrapes begin when they are due, whether or not earlier ones are answered, each on a connection of its
own, every second one compressed. One JSON line, with the load of the machine.

Exit status 1: a scrape was not answered with a whole page within TIMEOUT.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Final

TIMEOUT: Final = 10.0
WARM_SECONDS: Final = 10.0
_END: Final = b"# EOF\n"


@dataclass(slots=True)
class Found:
    """What came of the scrapes."""

    seconds: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    most_open: int = 0


async def ask(port: int, *, zipped: bool) -> str:
    """Scrape once; return what is wrong with the answer, "" if nothing is."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        encoding = "gzip" if zipped else "identity"
        writer.write(
            f"GET /metrics HTTP/1.1\r\nHost: h\r\nAccept: application/openmetrics-text\r\n"
            f"Accept-Encoding: {encoding}\r\nConnection: close\r\n\r\n".encode()
        )
        head, _, body = (await reader.read(-1)).partition(b"\r\n\r\n")
    finally:
        writer.close()
    status = head.split(b" ")[1].decode() if head.startswith(b"HTTP/1.1 ") else "no answer"
    if status != "200":
        return status
    page = gzip.decompress(body) if zipped else body
    return "" if page.endswith(_END) else "not whole"


async def scrape(port: int, rate: float, seconds: float) -> Found:
    """Scrape *rate* times a second for so many *seconds*."""
    found, begun = Found(), time.monotonic()

    async def one(number: int) -> None:
        started = time.monotonic()
        try:
            async with asyncio.timeout(TIMEOUT):
                wrong = await ask(port, zipped=number % 2 == 0)
        except (OSError, EOFError) as error:  # a timeout is one, too
            wrong = type(error).__name__
        found.seconds.append(time.monotonic() - started)
        if wrong:
            found.errors[wrong] += 1

    open_now: set[asyncio.Task[None]] = set()
    for number in range(round(rate * seconds)):
        await asyncio.sleep(begun + number / rate - time.monotonic())
        task = asyncio.create_task(one(number))
        open_now.add(task)
        task.add_done_callback(open_now.discard)
        found.most_open = max(found.most_open, len(open_now))
    await asyncio.gather(*open_now)
    return found


def resident_mib(pid: int) -> float:
    """Return how much memory a process has now."""
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def cpu_seconds(pid: int) -> float:
    """Return how much CPU time a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(rate: float, seconds: float) -> Found:
    """Start the demo, scrape it, tell what was found."""
    command = [sys.executable, "-m", "genmedia_exporter", "demo"]
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [*command, "--web.listen-address", "127.0.0.1:0"],
            cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stderr is not None
        try:
            listening = next(line for line in process.stderr if "msg=listening" in line)
            port = int(listening.rpartition(":")[2])
            time.sleep(WARM_SECONDS)
            before, spent = resident_mib(process.pid), cpu_seconds(process.pid)
            found = asyncio.run(scrape(port, rate, seconds))
            after, spent = resident_mib(process.pid), cpu_seconds(process.pid) - spent
        finally:
            process.terminate()
            process.communicate(timeout=30)
    cuts = quantiles(found.seconds, n=100)
    told = {
        "bench": "scrapes", "scrapes": len(found.seconds), "rate": rate, "errors": dict(found.errors),
        "p50_ms": round(cuts[49] * 1_000, 1), "p99_ms": round(cuts[98] * 1_000, 1),
        "worst_ms": round(max(found.seconds) * 1_000, 1), "most_open": found.most_open,
        "cpu_ms_per_scrape": round(spent / len(found.seconds) * 1_000, 2),
        "rss_mib_before": round(before, 1), "rss_mib_after": round(after, 1),
        "load": round(os.getloadavg()[0], 1), "exit_code": process.returncode,
    }  # fmt: skip
    sys.stdout.write(json.dumps(told) + "\n")
    return found


def main() -> int:
    """Measure, and judge."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--seconds", type=float, default=60.0)
    args = parser.parse_args()
    return 1 if measure(args.rate, args.seconds).errors else 0


if __name__ == "__main__":
    sys.exit(main())
