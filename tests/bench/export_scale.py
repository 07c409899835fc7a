"""Whether an export of any size needs bounded memory: by command, and over HTTP with a slow reader.

Run: python -m tests.bench.export_scale [--rows 10000000] [--format json|csv] [--keep FOLDER]

A SQLite file is filled with so many records of a hundred targets, mixed as probes would mix them.
The real `export` command writes them into a pipe where they are counted; its peak memory is what
the kernel says of that one process. Then the real daemon serves the same file: four slow readers
take exports as fast as they like, a fifth must be refused, and the daemon must answer others
meanwhile. Ten million records take about 2 GB in the folder for temporary files.

Exit status 1: a record was lost or doubled, memory went beyond the bound, or the daemon stalled.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import httpx2

from genmedia_exporter.storage.place import Place
from genmedia_exporter.storage.store import open_store

BOUND_MIB: Final = 200
TARGETS: Final = 100
SLOW_READERS: Final = 4
STALL_SECONDS: Final = 2.0
"""Within which the daemon must answer others while exports run; generous for a shared machine."""
CONFIG: Final = """\
accounts: {here: {provider: http, base_url: "http://127.0.0.1:9"}}
targets: [{account: here, depths: reach, name: target-000, interval: 1h}]
storage: {path: genmedia.db}
"""
_FILL: Final = """
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :rows)
INSERT INTO history (target, at, depth, status, up, holds, duration, http_status, fault, reason,
                     message, cost_usd)
SELECT printf('target-%03d', i % :targets), :start + i * :step,
       CASE i % 11 WHEN 0 THEN 'accept' ELSE 'reach' END,
       CASE i % 50 WHEN 7 THEN 'down' ELSE 'operational' END, i % 50 <> 7, 150.0,
       0.1 + (i % 997) / 1000.0, CASE i % 50 WHEN 7 THEN 503 ELSE 200 END,
       CASE i % 50 WHEN 7 THEN 'provider' ELSE 'none' END,
       CASE i % 50 WHEN 7 THEN 'server_error' ELSE 'ok' END,
       CASE i % 50 WHEN 7 THEN 'The service is overloaded, record ' || i || ': 账号池冷却中' END, 0.0
FROM n
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one export took."""

    rows: int
    size: int  # bytes
    seconds: float
    peak_mib: float
    status: int  # exit status


def fill(path: Path, rows: int, targets: int = TARGETS) -> None:
    """Make a database with *rows* records, the newest of now."""
    open_store(Place(path)).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA cache_size = -65536")
        indexes = db.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'history' AND sql <> ''"
        ).fetchall()
        for name, _ in indexes:
            db.execute(f"DROP INDEX {name}")
        span = 80 * 86_400.0  # within the retention
        start = time.time() - span
        db.execute(
            _FILL, {"rows": rows, "targets": targets, "start": start, "step": span / max(1, rows)}
        )
        for _, sql in indexes:
            db.execute(sql)
    db.close()


def export(folder: Path, form: str) -> Measured:
    """Run the command on the database in *folder* and count what comes out of it."""
    command = [
        sys.executable,
        "-m",
        "genmedia_exporter",
        "--config.file",
        str(folder / "genmedia.yml"),
    ]
    start = time.perf_counter()
    process = subprocess.Popen(
        [*command, "export", "--format", form],
        cwd=folder,
        stdout=subprocess.PIPE,
        env=environment(),
    )
    assert process.stdout is not None
    with process.stdout as pipe:
        # Not its resource usage: that also counts what the process that started it had.
        rows, size, peak = counted(pipe, form, lambda: peak_mib(process.pid))
    process.wait()
    seconds = time.perf_counter() - start
    return Measured(rows, size, seconds, peak, process.returncode)


def counted(pipe: IO[bytes], form: str, memory: Callable[[], float]) -> tuple[int, int, float]:
    """Return records and bytes of an export, a line for each record, and its peak of *memory*."""
    rows = size = 0
    peak = memory()
    last: tuple[str, str] = ("", "")
    for line in pipe:
        size += len(line)
        if rows % 5_000 == 0:
            peak = max(peak, memory())
        if form == "csv":
            rows += 1
        elif line.startswith(b"  {"):
            rows += 1
            if rows % 100_000 == 0:  # some are looked at
                one = json.loads(line.rstrip().rstrip(b","))
                here = (one["name"], one["last_check"])
                assert here > last, f"{here} after {last}"
                last = here
    return rows - (form == "csv"), size, peak


def environment() -> dict[str, str]:
    """Return the variables of a process of ours that runs in another folder."""
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent / "exporter")}


# --- over HTTP


@contextmanager
def daemon(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Serve *folder*; yields the process and its port."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "genmedia_exporter", "--web.listen-address", "127.0.0.1:0"],
            cwd=folder, stderr=log, env=environment(),
        )  # fmt: skip
        try:
            yield process, _port(process, folder / "log")
        finally:
            process.kill()
            process.wait()


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(r"msg=listening .*url=http://\S*:(\d+)", log.read_text()):
            return int(found[1])
        time.sleep(0.05)
    raise RuntimeError(log.read_text())


def peak_mib(pid: int) -> float:
    """Return the most memory a running process has had."""
    text = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", text)
    return int(found[1]) / 1024 if found else 0.0


def slow_reader(port: int, form: str) -> socket.socket:
    """Ask for an export over a connection that takes little at a time."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(30)
    connection.connect(("127.0.0.1", port))
    request = f"GET /api/v1/export?format={form} HTTP/1.1\r\nHost: localhost\r\n\r\n"
    connection.sendall(request.encode())
    if not connection.recv(15).startswith(b"HTTP/1.1 200"):
        raise RuntimeError("the export was refused")
    return connection


def over_http(folder: Path, form: str, seconds: float) -> list[str]:
    """Let slow readers take exports for *seconds*; return what went wrong."""
    with daemon(folder) as (process, port), ExitStack() as stack:
        base = f"http://127.0.0.1:{port}"
        http = stack.enter_context(httpx2.Client(base_url=base, timeout=30, trust_env=False))
        http.get("/metrics")
        before, slowest, taken = peak_mib(process.pid), 0.0, 0
        readers = [stack.enter_context(slow_reader(port, form)) for _ in range(SLOW_READERS)]
        refused = http.get("/api/v1/export").status_code
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            taken += sum(len(reader.recv(16_384)) for reader in readers)
            asked = time.monotonic()
            http.get("/-/healthy").raise_for_status()
            slowest = max(slowest, time.monotonic() - asked)
        peak = peak_mib(process.pid)
    sys.stdout.write(
        f"http {form}: {SLOW_READERS} slow readers took {taken / 1e6:.1f} MB; peak {peak:.0f} MiB "
        f"({before:.0f} before), slowest /-/healthy {slowest * 1000:.0f} ms, one more: {refused}\n"
    )
    wrong = {
        f"the daemon grew to {peak:.0f} MiB": peak > BOUND_MIB,
        f"the daemon took {slowest:.1f} s to answer": slowest > STALL_SECONDS,
        f"an export too many was answered {refused}": refused != 503,
    }
    return [text for text, is_so in wrong.items() if is_so]


# --- the whole


def by_command(folder: Path, form: str, rows: int) -> list[str]:
    """Export once by command; return what went wrong."""
    found = export(folder, form)
    sys.stdout.write(
        f"command {form}: {found.rows} records, {found.size / 1e6:.0f} MB in {found.seconds:.1f} s "
        f"({found.rows / found.seconds:.0f} a second), peak {found.peak_mib:.0f} MiB\n"
    )
    wrong = {
        f"exit status {found.status}": found.status != 0,
        f"{found.rows} records instead of {rows}": found.rows != rows,
        f"peak of {found.peak_mib:.0f} MiB": found.peak_mib > BOUND_MIB,
    }
    return [text for text, is_so in wrong.items() if is_so]


def measure(folder: Path, rows: int, forms: Sequence[str], http_seconds: float) -> int:
    """Fill, export by all ways, and say how it went; the exit status."""
    (folder / "genmedia.yml").write_text(CONFIG)
    path, start = folder / "genmedia.db", time.perf_counter()
    if not path.exists():
        fill(path, rows)
        size, took = path.stat().st_size / 1e6, time.perf_counter() - start
        sys.stdout.write(f"filled with {rows} records: {size:.0f} MB in {took:.0f} s\n")
    wrong: list[str] = []
    for form in forms:
        wrong += by_command(folder, form, rows)
    for form in forms if http_seconds else ():
        wrong += over_http(folder, form, http_seconds)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"(this program itself: {own:.0f} MiB)\n")
    for text in wrong:
        sys.stdout.write(f"WRONG: {text}\n")
    return 1 if wrong else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.export_scale")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--format", choices=["json", "csv"], help="default: both")
    parser.add_argument("--http-seconds", type=float, default=15.0, help="0: not over HTTP")
    parser.add_argument("--keep", type=Path, help="use and keep the database in this folder")
    args = parser.parse_args(arguments)
    forms = [args.format] if args.format else ["json", "csv"]
    if args.keep is not None:
        args.keep.mkdir(parents=True, exist_ok=True)
        return measure(args.keep, args.rows, forms, args.http_seconds)
    with tempfile.TemporaryDirectory(prefix="genmedia-export-") as folder:
        return measure(Path(folder), args.rows, forms, args.http_seconds)


if __name__ == "__main__":
    sys.exit(main())
