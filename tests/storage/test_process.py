"""The daemon as a user runs it, killed and started again on the same file."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

ROOT = Path(__file__).parent.parent.parent
COMMAND = [sys.executable, "-m", "genmedia_exporter", "--web.listen-address", "127.0.0.1:0"]
WITHIN = 180.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a configuration whose only target refuses connections."""
    (tmp_path / "genmedia.yml").write_text(
        "defaults: {interval: {reach: 1s}, timeout: 1s}\n"
        "accounts: {here: {provider: http, base_url: 'http://127.0.0.1:9'}}\n"
        "targets: [{account: here, depths: reach, name: a}]\n"
    )
    return tmp_path


@contextlib.contextmanager
def daemon(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run it until the end of the block, and then kill it; yields it and its address."""
    with (folder / "log").open("w+") as log:
        process = subprocess.Popen(COMMAND, cwd=folder, stderr=log, text=True, env=ENVIRONMENT)
        try:
            yield process, address(process, folder / "log")
        finally:
            process.kill()
            process.wait()


ENVIRONMENT = {"PYTHONPATH": str(ROOT / "exporter"), "PATH": "/usr/bin:/bin"}


def address(process: subprocess.Popen[str], log: Path) -> str:
    """Return where it says that it listens."""
    deadline = time.monotonic() + WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"msg=listening .*url=(http://\S+)", log.read_text())
        if found is not None:
            return found[1]
        time.sleep(0.05)
    raise AssertionError(log.read_text())


def until(url: str, total: int) -> dict[str, Any]:
    """Wait until the target has been probed *total* times and that is written; return its object."""
    deadline = time.monotonic() + WITHIN
    while time.monotonic() < deadline:
        page = httpx2.get(f"{url}/metrics", timeout=60, trust_env=False).text
        found = re.search(r'genmedia_probes_total\{target="a",depth="reach"\} (\d+)', page)
        history = httpx2.get(f"{url}/api/v1/targets/a/history", timeout=60, trust_env=False).json()
        if found is not None and int(found[1]) >= total and len(history["records"]) >= total:
            status = httpx2.get(f"{url}/api/v1/status", timeout=60, trust_env=False).json()
            one: dict[str, Any] = status["targets"][0]
            return one
        time.sleep(0.1)
    raise AssertionError("it was not probed")


def test_killed_and_started_again(folder: Path) -> None:
    """Since and counters are there again, and a second process meanwhile is refused in one line."""
    with daemon(folder) as (_process, url):
        first = until(url, 4)
        other = subprocess.run(
            COMMAND, cwd=folder, capture_output=True, text=True, timeout=120, env=ENVIRONMENT
        )
        assert other.returncode == 1
        assert other.stderr.splitlines()[-1] == (
            "genmedia-exporter: genmedia.db is in use by another exporter; give this one another "
            "storage.path, or let them share a PostgreSQL through storage.url"
        )
    with daemon(folder) as (process, url):
        second = until(url, 5)
        assert (second["status"], second["since"]) == (first["status"], first["since"])
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert "Traceback" not in (folder / "log").read_text()
