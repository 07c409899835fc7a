"""Pages written a moment ago, so that many readers cost one rendering."""

from __future__ import annotations

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final

from genmedia_exporter.core.clock import Unix

FRESH_SECONDS: Final = 5.0
"""Seconds a page is shown again while nothing happens; ages on it are so much too low at most."""
API_SECONDS: Final = 1.0
"""The same for what programs read, which says when it was made."""
MOST: Final = 32
"""Pages that are kept: the languages, and what readers filter by."""
LEVEL: Final = 6


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page, plain and as gzip."""

    body: bytes
    zipped: bytes
    state: str  # of what it tells
    at: Unix


class PageCache:
    """The newest pages by what they show. Belongs to the event loop's thread; one is written at a time."""

    def __init__(self, most: int = MOST, fresh: float = FRESH_SECONDS) -> None:
        self._most = most
        self._fresh = fresh
        self._pages: OrderedDict[Hashable, Rendered] = OrderedDict()
        self._writing = asyncio.Lock()

    async def page(
        self, key: Hashable, state: str, now: Unix, render: Callable[[], bytes]
    ) -> Rendered:
        """Return the page of *key*, written by *render* in a thread unless it is known and fresh."""
        async with self._writing:
            known = self._pages.get(key)
            if known is None or known.state != state or not 0 <= now - known.at < self._fresh:
                known = await asyncio.to_thread(_write, render, state, now)
                self._pages[key] = known
            self._pages.move_to_end(key)
            if len(self._pages) > self._most:
                self._pages.popitem(last=False)
            return known


def _write(render: Callable[[], bytes], state: str, now: Unix) -> Rendered:
    body = render()
    return Rendered(body, gzip.compress(body, LEVEL, mtime=0), state, now)
