"""Started as supervisors, shells and mistakes do: without descriptors, without readers, from pipes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

PROGRAM: Final = [sys.executable, "-m", "genmedia_exporter"]
SERVE: Final = [*PROGRAM, "--config.file", "c.yml", "--web.listen-address", "127.0.0.1:0"]
ENDS_WITHIN: Final = 15.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a configuration that needs no key."""
    (tmp_path / "c.yml").write_text(
        "accounts: {here: {provider: http, base_url: 'http://127.0.0.1:9'}}\n"
        "targets: [{account: here, depths: reach}]\n"
    )
    return tmp_path


def listening(process: subprocess.Popen[str]) -> None:
    """Return when the process listens."""
    assert process.stderr is not None
    assert any("msg=listening" in line for line in process.stderr)


@contextmanager
def serving(folder: Path, *command: str) -> Iterator[subprocess.Popen[str]]:
    """Run the exporter, and end it however the test ends."""
    process = subprocess.Popen(
        command or SERVE, cwd=folder, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


@pytest.mark.parametrize("closed", ["<&-", ">&-", "<&- >&-", "<&- >&- 2>&-", "2>&-"])
def test_standard_descriptors_may_be_closed(folder: Path, closed: str) -> None:
    """Nothing else gets their numbers: it serves, and ends in order."""
    script = f'exec "$@" {closed}'
    log = "2>&-" in closed
    with serving(folder, "bash", "-c", script, "-", *SERVE) as process:
        if log:  # what it would tell, nobody hears: it is there when its database is
            while not (folder / "genmedia.db").exists():
                assert process.poll() is None
        else:
            listening(process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(ENDS_WITHIN) in ((0, 143) if log else (0,))


def test_a_demo_goes_on_when_nobody_reads_its_greeting(folder: Path) -> None:
    """Its output is a closed pipe; that ends a command, and no daemon."""
    read, write = os.pipe()
    os.close(read)
    command = [*PROGRAM, "demo", "--web.listen-address", "127.0.0.1:0"]
    process = subprocess.Popen(command, cwd=folder, stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    try:
        listening(process)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(2.0)
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=ENDS_WITHIN)
        assert process.returncode == 0, told
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", r"pipe.*a named pipe that nobody writes to"),
        (
            "accounts: {a: {provider: openai, api_key: {file: pipe}}}\n"
            "targets: [{account: a, model: gpt-image-2.5-flare}]\n",
            r"pipe.*cannot be read: a named pipe that nobody writes to",
        ),
    ],
)
def test_a_pipe_without_a_writer_is_told(folder: Path, text: str, told: str) -> None:
    """As the configuration, and as a secret's file."""
    os.mkfifo(folder / "pipe")
    (folder / "s.yml").write_text(text)
    name = "s.yml" if text else "pipe"
    done = subprocess.run(
        [*PROGRAM, "--config.file", name, "--config.check"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=40,
    )
    assert re.search(told, done.stdout + done.stderr), done.stdout + done.stderr
    assert (done.returncode == 1) is (not text)


def test_a_process_substitution_is_read(folder: Path) -> None:
    """Also one whose command takes a while."""
    script = 'exec "$@" --config.file <(sleep 1; cat c.yml) --config.check'
    done = subprocess.run(
        ["bash", "-c", script, "-", *PROGRAM],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=40,
    )
    assert (done.returncode, done.stderr) == (0, "")
