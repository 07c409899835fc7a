"""Slow storage: who asks for the past waits, or is told to come back; nobody else notices."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx2
import pytest

from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.storage.reader import Reader
from genmedia_exporter.web.http.readers import BUSY, READERS, SLOW, Readers
from tests.web.site import Backend, said, serve

PAST = ("/api/v1/targets/sora-2-official/history", "/api/v1/export?limit=5", "/api/v1/export")
MANY = (os.cpu_count() or 1) + 4
"""As many threads as Python has for everything that blocks."""


class Stuck:
    """A database that answers nothing until it is let go, and then that it is broken."""

    def __init__(self) -> None:
        self.asked = threading.Semaphore(0)
        self.go = threading.Event()

    def reader(self) -> Reader:
        """Take the place of `Services.reader`."""
        self.asked.release()
        self.go.wait(20)
        raise StorageError("the disk is gone")


@contextmanager
def waiting(stuck: Stuck, path: str, count: int) -> Iterator[str]:
    """Yield a site at which *count* ask for *path*, the first of them being answered."""
    services = Backend().services(reader=stuck.reader)
    with serve(services) as url, ThreadPoolExecutor(count) as clients:
        for _ in range(count):
            clients.submit(httpx2.get, url + path, timeout=60, trust_env=False)
        assert stuck.asked.acquire(timeout=60)
        try:
            yield url
        finally:
            stuck.go.set()


@pytest.mark.parametrize("path", PAST)
def test_slow_storage_holds_up_no_scrape(path: str) -> None:
    """However many wait for the past, a page is compressed at once."""
    with waiting(Stuck(), path, MANY) as url:
        for _ in range(3):  # as those who ask come in
            page = httpx2.get(f"{url}/metrics", timeout=60, trust_env=False)
            assert page.headers["content-encoding"] == "gzip"


@pytest.mark.parametrize("path", PAST)
def test_broken_storage_is_a_503(path: str) -> None:
    """One sentence, and when to come back."""
    stuck = Stuck()
    stuck.go.set()
    with serve(Backend().services(reader=stuck.reader)) as url:
        answer = httpx2.get(url + path, timeout=60, trust_env=False)
    assert (answer.status_code, said(answer)) == (503, "the disk is gone.")
    assert answer.headers["retry-after"] == "5"


def test_nobody_waits_for_ever() -> None:
    """Those who are asked take too long, and the others do not get their turn."""
    stuck = Stuck()

    async def scenario() -> list[str]:
        readers = Readers(stuck.reader)
        asked = (readers.ask(lambda reader: reader.newest_id(), 0.05) for _ in range(READERS + 1))
        found = await asyncio.gather(*asked, return_exceptions=True)
        stuck.go.set()
        with pytest.raises(StorageError, match="the disk is gone"):  # the places are free again
            await readers.ask(lambda reader: reader.newest_id())
        return sorted(str(error) for error in found)

    assert asyncio.run(scenario()) == sorted([SLOW] * READERS + [BUSY])
