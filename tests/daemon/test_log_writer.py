"""The thread that writes the log: nobody waits for a reader that has stopped, and what is lost is counted."""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from genmedia_exporter.core.events import EventLog
from genmedia_exporter.daemon.log_writer import LogWriter
from genmedia_exporter.daemon.logs import Apart

PIPE = 4096
TARGETS = 80
log = EventLog("genmedia_exporter.tests.writer")


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """A small pipe."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, PIPE)
    yield reading, writing
    os.close(reading)
    with contextlib.suppress(OSError):
        os.close(writing)  # a test may have done so


def written_by(writing: int, most: int) -> Apart:
    """Return a writer to that pipe, which has the log of these tests to itself."""
    handler = Apart(LogWriter(os.fdopen(writing, "w", closefd=False), most))
    handler.setFormatter(logging.Formatter("%(message)s %(fields)s"))
    logger = logging.getLogger("genmedia_exporter")
    logger.addHandler(handler)
    logger.setLevel("INFO")
    return handler


def read_until(reading: int, wanted: str) -> str:
    """Read lines until one of them holds *wanted*."""
    came = ""
    while wanted not in came or not came.endswith("\n"):
        came += os.read(reading, PIPE).decode()
    return came


def test_nobody_waits_and_what_is_lost_is_told(pipe: tuple[int, int]) -> None:
    """Far more than the pipe and the queue take: what fits comes in order, then how many do not."""
    reading, writing = pipe
    handler = written_by(writing, most=10_000)
    try:
        for number in range(2_000):
            log.info("line", number=number)
        came, dropped = "", 0
        numbers: list[int] = []
        while len(numbers) + dropped < 2_000:  # it may be told twice
            came += read_until(reading, "\n")
            numbers = [int(n) for n in re.findall(r"'number': (\d+)}\n", came)]
            dropped = sum(map(int, re.findall(r"log lines dropped {'count': (\d+)}\n", came)))
    finally:
        logging.getLogger("genmedia_exporter").removeHandler(handler)
    assert numbers == sorted(numbers)
    assert numbers[0] == 0
    assert handler.lost == dropped > 0
    assert len(numbers) + dropped == 2_000


def test_what_cannot_be_written_is_counted(pipe: tuple[int, int]) -> None:
    """Nobody reads any more: every line is lost, and the process goes on."""
    reading, writing = pipe
    handler = written_by(writing, most=10_000)
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), reading)  # closes the only reader
        for number in range(3):
            log.info("line", number=number)
        handler.flush()
    finally:
        logging.getLogger("genmedia_exporter").removeHandler(handler)
    assert handler.lost == 3


def test_a_line_that_is_written_is_whole(pipe: tuple[int, int]) -> None:
    """Longer than the pipe, and with what is no UTF-8."""
    reading, writing = pipe
    handler = written_by(writing, most=100_000)
    try:
        log.info("long", text="y" * 3 * PIPE, odd="\udc80", end="END")
        came = read_until(reading, "END")
    finally:
        logging.getLogger("genmedia_exporter").removeHandler(handler)
    assert came.count("y") == 3 * PIPE
    assert came.endswith("'END'}\n")


def test_a_flush_waits_for_the_reader(pipe: tuple[int, int]) -> None:
    """Everything is written then; without a reader it does not wait for ever."""
    reading, writing = pipe
    handler = written_by(writing, most=100_000)
    try:
        log.info("short")
        handler.flush()
        os.set_blocking(reading, False)
        assert os.read(reading, PIPE).startswith(b"short")
        for _ in range(PIPE):
            log.info("more")
        handler.flush()
    finally:
        logging.getLogger("genmedia_exporter").removeHandler(handler)


def test_a_full_standard_error_stops_nothing(tmp_path: Path, pipe: tuple[int, int]) -> None:
    """Every target is probed, every page is served, and it ends in order."""
    reading, writing = pipe
    names = [f"t{number}" for number in range(TARGETS)]
    targets = "".join(f"  - {{account: here, name: {name}, depths: reach}}\n" for name in names)
    (tmp_path / "c.yml").write_text(
        "accounts: {here: {provider: http, base_url: 'http://127.0.0.1:9', interval: 1s}}\n"
        f"targets:\n{targets}"
    )
    command = [sys.executable, "-m", "genmedia_exporter", "--config.file", "c.yml"]
    process = subprocess.Popen(
        [*command, "--web.listen-address", "127.0.0.1:0"], cwd=tmp_path, stderr=writing
    )
    os.close(writing)
    try:
        told = read_until(reading, "msg=listening")
        url = told.partition("url=")[2].split()[0]
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        known: set[str] = set()
        while len(known) < TARGETS:
            with opener.open(f"{url}/api/v1/status", timeout=60) as answer:
                shown = json.load(answer)["targets"]
            known = {one["name"] for one in shown if one["status"] == "down"}
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    finally:
        process.kill()
        process.wait()
