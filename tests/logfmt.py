"""A strict reader of logfmt, by the rules of Go's decoder that Loki uses: what it refuses raises."""

from __future__ import annotations

import json
import re
from typing import Final

_PAIR: Final = re.compile(r'([A-Za-z_][A-Za-z0-9_]*)=("(?:[^"\\\x00-\x1f]|\\.)*"|[^\s"=]*)(?: |$)')


def parse(line: str) -> dict[str, str]:
    """Return the pairs of one line."""
    found: dict[str, str] = {}
    position = 0
    while position < len(line):
        match = _PAIR.match(line, position)
        if match is None:
            raise ValueError(f"no logfmt at {position}: {line[position:]!r}")
        key, value = match.groups()
        if key in found:
            raise ValueError(f"{key} stands twice in {line!r}")
        found[key] = json.loads(value) if value.startswith('"') else value
        position = match.end()
    return found
