"""Streams of events that stay open: so many in all and of one client, and all end when the server stops."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from genmedia_exporter.web.http.connections import client_of

MAX_STREAMS: Final = 100
MAX_OF_CLIENT: Final = 20
"""Of one address: people behind one proxy share it."""


class TooManyStreams(Exception):
    """There is no room for one more."""


class Streams:
    """The open streams. Belongs to the event loop's thread."""

    def __init__(self, most: int = MAX_STREAMS, most_of_client: int = MAX_OF_CLIENT) -> None:
        self._most = most
        self._most_of_client = most_of_client
        self._open: Counter[str] = Counter()
        self.ended = asyncio.Event()

    @contextmanager
    def place(self, address: str) -> Iterator[None]:
        """Hold a place for a client. Raises TooManyStreams."""
        client = client_of(address)
        full = self._open.total() >= self._most or self._open[client] >= self._most_of_client
        if full or self.ended.is_set():
            raise TooManyStreams
        self._open[client] += 1
        try:
            yield
        finally:
            self._open[client] -= 1
            if not self._open[client]:
                del self._open[client]

    def end(self) -> None:
        """Let every stream end now, and begin no other."""
        self.ended.set()
