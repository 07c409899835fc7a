"""Time zones whose rules the tests bring along: governments change theirs, and tests would fail."""

from __future__ import annotations

import struct
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

RULES: Final = {
    "Asia/Shanghai": "CST-8",
    "Europe/Berlin": "CET-1CEST,M3.5.0,M10.5.0/3",
    "Africa/Cairo": "EET-2EEST,M4.5.5/0,M10.5.4/24",
    "America/Havana": "CST5CDT,M3.2.0/0,M11.1.0/1",
    "Pacific/Apia": "<+13>-13",
}
"""Each zone's rule as POSIX writes it: name and offset, and when its clocks change.

In Cairo they go forward at midnight, and back to 23:00; in Havana forward at midnight, and back to it.
"""


@contextmanager
def own_zones(folder: Path) -> Iterator[None]:
    """Have the zones of RULES, and no others, until the end of the block."""
    for name, rule in RULES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_compiled(rule))
    zoneinfo.reset_tzpath([folder])
    zoneinfo.ZoneInfo.clear_cache()
    try:
        yield
    finally:
        zoneinfo.reset_tzpath()
        zoneinfo.ZoneInfo.clear_cache()


def _compiled(rule: str) -> bytes:
    """Return a file of RFC 8536 without any history: one nameless offset, and the rule for all time."""
    header = struct.pack(">4sc15x6l", b"TZif", b"2", 0, 0, 0, 0, 1, 1)
    body = struct.pack(">lBB", 0, 0, 0) + b"\0"
    return (header + body) * 2 + f"\n{rule}\n".encode("ascii")
