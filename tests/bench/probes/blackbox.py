"""Debian's prometheus-blackbox-exporter as a peer, on one core, asked over its own HTTP interface."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.bench.probes.process import Process
from tests.bench.probes.service import AUTHORITY

PROGRAM: Final = "prometheus-blackbox-exporter"
_CONFIG: Final = f"""
modules:
  plain: {{prober: http, timeout: 5s, http: {{preferred_ip_protocol: ip4}}}}
  secure:
    prober: http
    timeout: 5s
    http: {{preferred_ip_protocol: ip4, fail_if_not_ssl: true, tls_config: {{ca_file: {AUTHORITY}}}}}
"""


def installed() -> bool:
    """Whether it is on this machine: apt-get install prometheus-blackbox-exporter."""
    return shutil.which(PROGRAM) is not None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a number of probes cost it."""

    probes: int
    cpu: float  # seconds
    seconds: float


class Blackbox:
    """It, running, for as long as the `with` block lasts."""

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory()
        file = Path(self._folder.name) / "blackbox.yml"
        file.write_text(_CONFIG, "utf-8")
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.port: int = taken.getsockname()[1]
        self._process = subprocess.Popen(
            [
                PROGRAM,
                f"--config.file={file}",
                f"--web.listen-address=127.0.0.1:{self.port}",
                "--log.level=error",
            ],
            env={**os.environ, "GOMAXPROCS": "1"},
            stderr=subprocess.DEVNULL,
        )
        self.process = Process(self._process.pid)
        for _ in range(100):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/healthy", timeout=1)
                return self
            except OSError:
                time.sleep(0.1)
        raise TimeoutError(PROGRAM)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait(10)
        self._folder.cleanup()

    def cpu(self) -> float:
        """Return the CPU seconds that it has spent."""
        return self.process.cpu()

    async def get(self, path: str) -> str:
        """Return what it answers at *path*, over a connection of its own."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"GET {path} HTTP/1.0\r\nHost: x\r\n\r\n".encode())
        text = (await reader.read()).decode()
        writer.close()
        return text

    async def probe(self, module: str, url: str) -> str:
        """Let it probe *url* and return its metrics."""
        text = await self.get(f"/probe?module={module}&target={url}")
        assert "\nprobe_success 1" in text, text[-2000:]
        return text

    async def watch(self, urls: Sequence[str], interval: float, seconds: float) -> Asked:
        """Let it probe all of *urls* every *interval* seconds, spread evenly, and return what that cost."""
        began, made, running = time.monotonic(), 0, set[asyncio.Task[str]]()
        cpu = self.cpu()
        while (passed := time.monotonic() - began) < seconds:
            while made < passed / interval * len(urls):
                task = asyncio.create_task(self.probe("secure", urls[made % len(urls)]))
                running.add(task)
                task.add_done_callback(running.discard)
                made += 1
            await asyncio.sleep(interval / len(urls))
        await asyncio.gather(*running)
        return Asked(made, self.cpu() - cpu, time.monotonic() - began)
