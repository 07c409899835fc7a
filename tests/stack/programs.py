"""Prometheus, Alertmanager and the exporter as programs of their own, on free ports of this machine."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.programs import program

READY_WITHIN = 240.0
ENDS_WITHIN = 60.0
POLL = 0.1
"""Seconds between two looks at something that cannot tell us by itself."""


def run(name: str, *arguments: str | Path, within: float = 300.0) -> str:
    """Run a program to its end; return what it printed, fail with it if it failed."""
    command = [program(name), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=within, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


def get(url: str, **parameters: str) -> Any:
    """Return the JSON at an address; an answer that is an error comes back, too."""
    query = f"?{urllib.parse.urlencode(parameters)}" if parameters else ""
    try:
        with urllib.request.urlopen(url + query, timeout=60) as answer:  # noqa: S310
            return json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return json.loads(error.read())


def post(url: str, content: object) -> None:
    """Send JSON; fail unless it was taken."""
    body = json.dumps(content).encode()
    request = urllib.request.Request(  # noqa: S310 - our own addresses
        url, body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        assert answer.status == 200


@dataclass(frozen=True)
class Prometheus:
    """A running Prometheus."""

    url: str

    def query(self, expression: str) -> Any:
        """Return the answer to an instant query, whatever it is."""
        return get(f"{self.url}/api/v1/query", query=expression)

    def query_range(self, expression: str, start: float, end: float, step: float) -> Any:
        """Return the answer to a range query, whatever it is."""
        span = {"start": f"{start:.3f}", "end": f"{end:.3f}", "step": f"{step:g}"}
        return get(f"{self.url}/api/v1/query_range", query=expression, **span)

    def wait_for(self, expression: str, within: float) -> None:
        """Return when an expression has a result."""
        deadline = time.monotonic() + within
        while not (answer := self.query(expression)).get("data", {}).get("result"):
            assert time.monotonic() < deadline, f"{expression} is empty: {answer}"
            time.sleep(POLL)


@contextmanager
def prometheus(folder: Path, config: Path, *flags: str) -> Iterator[Prometheus]:
    """Run Prometheus with its data below *folder*."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [program("prometheus"), f"--config.file={config}"]
    command += [f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address=127.0.0.1:{port}"]
    with running([*command, *flags], folder / "prometheus.log", f"{url}/-/ready"):
        yield Prometheus(url)


@contextmanager
def alertmanager(folder: Path, config: Path) -> Iterator[str]:
    """Run Alertmanager alone, without a cluster; yields its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [program("alertmanager"), f"--config.file={config}", "--cluster.listen-address="]
    command += [f"--storage.path={folder}", f"--web.listen-address=127.0.0.1:{port}"]
    with running(command, folder / "alertmanager.log", f"{url}/-/ready"):
        yield url


@contextmanager
def exporter(folder: Path, configuration: object) -> Iterator[str]:
    """Run genmedia-exporter as a user would; yields its address."""
    config = folder / "genmedia.yml"
    config.write_text(json.dumps(configuration), "utf-8")
    address = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "genmedia_exporter", "--config.file", str(config)]
    command += ["--web.listen-address", address]
    with running(command, folder / "exporter.log", f"http://{address}/-/ready"):
        yield f"http://{address}"


@contextmanager
def running(command: Sequence[str], log: Path, ready: str) -> Iterator[None]:
    """Run a program until the block ends, from when it says that it is ready."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=log.parent, stdout=output, stderr=output, env={**os.environ, "TZ": "UTC"}
        )
        try:
            _wait_until_ready(process, ready, log)
            yield
        finally:
            _end(process)


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while not _is_ready(url):
        alive = process.poll() is None and time.monotonic() < deadline
        assert alive, f"{process.args!r} did not become ready:\n{log.read_text('utf-8')[-4000:]}"
        time.sleep(POLL)


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError:
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port
