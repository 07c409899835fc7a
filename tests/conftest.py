"""What every test leaves behind it as it was."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator

import pytest
from hypothesis import settings

# A deadline fails on a loaded machine; what inputs may cost is measured by tests.bench.costly_inputs.
settings.register_profile("default", deadline=None)
settings.register_profile("fuzz", deadline=None, max_examples=5_000)
settings.load_profile("default")


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
