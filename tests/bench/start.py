"""What starting costs: CPU seconds until --version is told, and until the first /metrics of ten targets.

Run: python -m tests.bench.start [--rounds N]

One JSON line for each figure, the median of a few interleaved runs, with `import prometheus_client` as the
peer of the first. CPU time of the process and its children, from a fresh start with compiled modules.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Final

TARGETS: Final = 10
PROGRAM: Final = [sys.executable, "-m", "genmedia_exporter"]
_TICKS: Final = os.sysconf("SC_CLK_TCK")


def config(folder: str) -> Path:
    """Write ten targets that nobody answers for."""
    accounts = (
        "  gate: {provider: new-api, base_url: http://127.0.0.1:9, api_key: {value: sk-none}}"
    )
    targets = "\n".join(
        f"  - {{account: gate, model: model-{n}, operation: video}}" for n in range(TARGETS)
    )
    file = Path(folder) / "genmedia.yml"
    text = f"accounts:\n{accounts}\ntargets:\n{targets}\nstorage: {{path: {folder}/g.db}}\n"
    file.write_text(text, "utf-8")
    return file


def cpu_of(command: list[str]) -> float:
    """Return the CPU seconds that a command takes."""
    before = os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return after.children_user + after.children_system - before[2] - before[3]


def first_page() -> float:
    """Return the CPU seconds of a daemon when its first page has been read."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        listen = ["--web.listen-address", f"127.0.0.1:{port}", "--log.level", "error"]
        command = [*PROGRAM, "--config.file", str(config(folder)), *listen]
        daemon = subprocess.Popen(command)
        try:
            _read_page(f"http://127.0.0.1:{port}/metrics")
            fields = Path(f"/proc/{daemon.pid}/stat").read_text("ascii").rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / _TICKS
        finally:
            daemon.terminate()
            daemon.wait(20)


def _read_page(url: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(url, timeout=10).read()  # noqa: S310 - loopback
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise SystemExit("the daemon does not answer")


FIGURES: Final[dict[str, Callable[[], float]]] = {
    "import prometheus_client": lambda: cpu_of([sys.executable, "-c", "import prometheus_client"]),
    "--version": lambda: cpu_of([*PROGRAM, "--version"]),
    "first /metrics": first_page,
}


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    found: dict[str, list[float]] = {name: [] for name in FIGURES}
    for _ in range(rounds):
        for name, measure in FIGURES.items():
            found[name].append(measure())
    for name, seconds in found.items():
        told = {"bench": "start", "what": name, "cpu_seconds": round(median(seconds), 3)}
        sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
