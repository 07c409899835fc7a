"""Files that are pipes: a writer is waited for a moment, and read to its end; nobody is waited for long."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from genmedia_exporter.config import files
from genmedia_exporter.config.files import read_bounded


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """A named pipe."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    return path


def writer(path: Path, write: Callable[[int], object]) -> threading.Thread:
    """Open *path* for writing in a thread, *write*, and close it."""

    def run() -> None:
        handle = os.open(path, os.O_WRONLY)
        try:
            write(handle)
        finally:
            os.close(handle)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_pipe_that_nobody_writes_to_is_an_error(
    pipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a wait without end; with what it is."""
    monkeypatch.setattr(files, "WRITER_SECONDS", 0.5)
    with pytest.raises(OSError, match="a named pipe that nobody writes to"):
        read_bounded(pipe)


def test_a_silent_writer_is_given_up_later(pipe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be asking somebody; but not for ever."""
    monkeypatch.setattr(files, "WRITER_SECONDS", 0.25)
    monkeypatch.setattr(files, "PIPE_SECONDS", 0.75)
    done = threading.Event()
    thread = writer(pipe, lambda _handle: done.wait(10))
    try:
        with pytest.raises(OSError, match=r"whose writer was silent for 0\.75 s"):
            read_bounded(pipe)
    finally:
        done.set()
        thread.join()


def test_what_a_writer_writes_is_read_to_its_end(pipe: Path) -> None:
    """In pieces, more than a pipe holds at once."""
    content = b"a: 1\n" * 40_000
    thread = writer(pipe, lambda handle: [os.write(handle, content[n::2]) for n in (0, 1)])
    found = read_bounded(pipe)
    thread.join()

    assert found == content[0::2] + content[1::2]


def test_an_empty_pipe_is_an_empty_file(pipe: Path) -> None:
    """A writer that came and went without a word."""
    thread = writer(pipe, lambda _handle: None)
    assert read_bounded(pipe) == b""
    thread.join()


def test_a_pipe_is_bounded_too(pipe: Path) -> None:
    """A byte more than allowed is an error, and the rest is left."""

    def write(handle: int) -> None:
        try:
            for _ in range(100):
                os.write(handle, b"x" * 1024)
        except BrokenPipeError:
            pass

    thread = writer(pipe, write)
    with pytest.raises(OSError, match="larger than 2 KiB"):
        read_bounded(pipe, 2048)
    thread.join()


@pytest.mark.parametrize("missing", ["nothing", "."])
def test_what_is_no_file_is_an_error(tmp_path: Path, missing: str) -> None:
    """As the system says it."""
    with pytest.raises(OSError, match=r"No such file|Is a directory"):
        read_bounded(tmp_path / missing)
