"""What every test leaves behind it as it was."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from hypothesis import settings

ROOT: Final = Path(__file__).parents[1]

# A deadline fails on a loaded machine; what inputs may cost is measured by tests.bench.costly_inputs.
settings.register_profile("default", deadline=None)
settings.register_profile("fuzz", deadline=None, max_examples=5_000)
settings.load_profile("default")


LONGEST: Final = (
    "tests/nights/test_nights.py",
    "tests/bench/sim/test_detection.py",
    "tests/web/pages/test_browser.py",
    "tests/alerts/test_promtool.py",
    "tests/status_pages/engines/test_anything.py",
    "tests/providers/test_litellm.py",
    "tests/storage/test_export.py",
    "tests/sharding/test_processes.py",
    "tests/storage/test_trouble.py",
    "tests/bench/sim/test_money_never_lost.py",
    "tests/spending/test_ledger_histories.py",
    "tests/drivers/test_generate.py",
    "tests/classify/test_cases.py",
)
"""Files that take a minute or more on a loaded machine, as `make test ARGS=--junitxml=FILE` tells."""


def pytest_xdist_auto_num_workers() -> int:
    """One process more than cores, of which up to four are used: a test in six waits for a program or a socket."""
    return min(os.cpu_count() or 1, 4) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest: begun at the end it would keep one process busy while the others have nothing to do."""
    first = {ROOT / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: first.get(item.path, len(LONGEST)))


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """Undo what a command did to the process' logging: its handler would outlive its stderr."""
    root, ours = logging.getLogger(), logging.getLogger("genmedia_exporter")
    before = (root.level, ours.level, root.handlers[:])
    yield
    logging.captureWarnings(False)
    sys.excepthook, threading.excepthook = sys.__excepthook__, threading.__excepthook__
    root.setLevel(before[0])
    ours.setLevel(before[1])
    root.handlers[:] = before[2]
