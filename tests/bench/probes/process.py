"""What a process on this machine costs, seen from outside."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
_SCHEDULED: Final = 2
"""Of Linux' numbers of CPU clocks: the one that counts what the scheduler gave to a process."""


@dataclass(frozen=True, slots=True)
class Process:
    """One that runs."""

    pid: int

    def cpu(self) -> float:
        """Return the CPU seconds that it has spent."""
        return time.clock_gettime((~self.pid << 3) | _SCHEDULED)

    def resident(self) -> float:
        """Return its resident memory in MB."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * _PAGE_BYTES / 1e6

    def written(self) -> float:
        """Return the MB that it has caused to be written."""
        text = Path(f"/proc/{self.pid}/io").read_text()
        return int(re.findall(r"^write_bytes: (\d+)", text, re.M)[0]) / 1e6
