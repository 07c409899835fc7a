"""What starting costs: CPU seconds until --version is told, a taken port is, and the first /metrics of ten targets.

Run: python -m tests.bench.start [--rounds N]

One JSON line for each figure: the median and the best of a few interleaved runs, and the ratio of the medians to
`import prometheus_client`, the peer. CPU time of the process and its children, from a fresh start with
compiled modules, as an installed package has them.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
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


class Starts:
    """Starts programs in *folder*, where their compiled modules stay from the first time on."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._env: Mapping[str, str] = {
            **{k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"},
            "PYTHONPYCACHEPREFIX": f"{folder}/compiled",
        }

    def cpu_of(self, *command: str) -> float:
        """Return the CPU seconds that a command takes."""
        before = os.times()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self._env)
        after = os.times()
        return after.children_user + after.children_system - before[2] - before[3]

    def taken(self) -> float:
        """Return the CPU seconds until a process has said that its port is another's."""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            return self.cpu_of(*PROGRAM, "--web.listen-address", address)

    def first_page(self) -> float:
        """Return the CPU seconds of a daemon without a database when its first page has been read."""
        with tempfile.TemporaryDirectory() as folder, self._daemon(config(folder)) as cpu:
            return cpu

    def page_again(self) -> float:
        """Return the same for one that was there before."""
        with tempfile.TemporaryDirectory() as folder:
            file = config(folder)
            with self._daemon(file):
                time.sleep(3.0)  # what it has seen is written
            with self._daemon(file) as cpu:
                return cpu

    @contextlib.contextmanager
    def _daemon(self, file: Path) -> Iterator[float]:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        listen = ["--web.listen-address", f"127.0.0.1:{port}", "--log.level", "error"]
        command = [*PROGRAM, "--config.file", str(file), *listen]
        daemon = subprocess.Popen(command, env=self._env)
        try:
            _read_page(f"http://127.0.0.1:{port}/metrics")
            fields = Path(f"/proc/{daemon.pid}/stat").read_text("ascii").rpartition(")")[2].split()
            yield (int(fields[11]) + int(fields[12])) / _TICKS
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


PEER: Final = "import prometheus_client"


def figures(starts: Starts) -> Mapping[str, Callable[[], float]]:
    """Return what is measured, by its name."""
    return {
        PEER: lambda: starts.cpu_of(sys.executable, "-c", PEER),
        "--version": lambda: starts.cpu_of(*PROGRAM, "--version"),
        "a taken port is told": starts.taken,
        "first /metrics": starts.first_page,
        "first /metrics after a restart": starts.page_again,
    }


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        wanted = figures(Starts(folder))
        for measure in wanted.values():
            measure()  # compiles
        found: dict[str, list[float]] = {name: [] for name in wanted}
        for _ in range(rounds):
            for name, measure in wanted.items():
                found[name].append(measure())
    peer = median(found[PEER])
    for name, seconds in found.items():
        told = {
            "bench": "start",
            "what": name,
            "cpu_seconds": round(median(seconds), 3),
            "best": round(min(seconds), 3),
            "ratio": round(median(seconds) / peer, 1),
        }
        sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
