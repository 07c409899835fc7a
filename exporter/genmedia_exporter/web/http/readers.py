"""Questions about the past: a few at a time, in threads of their own, and none is waited for too long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.storage.reader import Reader

T = TypeVar("T")

READERS: Final = 2
PATIENCE: Final = 10.0
"""Seconds a program waits for its turn, and then for its answer."""
BUSY: Final = "too many requests for it at once"
SLOW: Final = "the database is too slow to respond"


class Readers:
    """Asks storage. Belongs to the event loop's thread.

    Its threads do nothing else: in those that all share, a slow database would hold up whoever
    wants a page compressed.
    """

    def __init__(self, reader: Callable[[], Reader]) -> None:
        self._reader = reader
        self._threads = ThreadPoolExecutor(READERS, "reader")
        self._places = asyncio.Semaphore(READERS)

    async def ask(self, question: Callable[[Reader], T], patience: float = PATIENCE) -> T:
        """Return the answer. Raises StorageError, also after *patience* seconds without one.

        What takes longer keeps its place until it has ended: nobody can break it off.
        """
        try:
            async with asyncio.timeout(patience):
                await self._places.acquire()
        except TimeoutError:
            raise StorageError(BUSY) from None
        loop = asyncio.get_running_loop()
        answer = loop.run_in_executor(self._threads, lambda: question(self._reader()))
        answer.add_done_callback(self._done)  # whoever asked may be gone by then
        done, _ = await asyncio.wait({answer}, timeout=patience)
        if not done:
            raise StorageError(SLOW)
        return answer.result()

    def _done(self, answer: asyncio.Future[T]) -> None:
        self._places.release()
        if not answer.cancelled():
            answer.exception()  # seen, should nobody wait for it any more
