"""Signals that come while everything is still being imported."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import Final

import pytest

INTERRUPTED: Final = """
import os, runpy, signal, sys

# Whoever starts the tests in the background may ignore it, and that is inherited.
signal.signal(signal.SIGINT, signal.default_int_handler)

class Interrupts:
    def find_spec(self, name, path=None, target=None):
        if name == {late!r}:
            os.kill(os.getpid(), {number})
        return None

sys.meta_path.insert(0, Interrupts())
sys.argv[1:] = {arguments!r}
runpy.run_module({module!r}, run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize(
    ("module", "late", "arguments"),
    [
        ("genmedia_exporter", "genmedia_exporter.commands.serve", ["serve"]),
        ("genmedia_exporter", "genmedia_exporter.commands.check", ["check"]),
        ("genmedia_exporter.demo.world", "genmedia_exporter.demo.control", []),
    ],
)
def test_the_end_comes_at_once(
    number: signal.Signals, module: str, late: str, arguments: list[str]
) -> None:
    """The process handles it itself: for the first one of a container the kernel would drop it."""
    program = INTERRUPTED.format(late=late, number=int(number), arguments=arguments, module=module)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120
    )

    assert (done.returncode, done.stdout, done.stderr) == (128 + number, "", "")
