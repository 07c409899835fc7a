"""/live and the script behind it: what is told and when, how many may listen, and that all of it ends."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx2
import pytest

from genmedia_exporter.core.status import Status
from genmedia_exporter.metrics.exporter import OwnState
from genmedia_exporter.web.http.streams import Streams, TooManyStreams
from genmedia_exporter.web.pages.page_cache import FRESH_SECONDS, MOST, PageCache
from genmedia_exporter.web.pages.page_state import PageState
from genmedia_exporter.web.routes.live import QUIET_LOOKS, LiveRoute
from tests.fakes import FakeClock
from tests.metrics.samples import AT, broken, healthy, snapshot
from tests.web.site import Backend, client, serve


def test_the_script_is_what_the_page_says() -> None:
    """Its name changes with what is in it, a browser checks it, and may keep it for ever."""
    with client(Backend().services()) as http:
        page = http.get("/").text
        found = re.search(r'<script src="(static/live\.\w+\.js)" integrity="sha256-([^"]+)"', page)
        assert found is not None
        script = http.get("/" + found[1])
        assert base64.b64encode(hashlib.sha256(script.content).digest()).decode() == found[2]
        assert script.headers["content-type"].startswith("text/javascript")
        assert "immutable" in script.headers["cache-control"]
        assert http.get("/static/live.0000000000000000.js").status_code == 404
        policy = http.get("/").headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy


def test_without_script_the_page_refreshes() -> None:
    """Only then: a page that reloads loses where its reader was."""
    with client(Backend().services()) as http:
        page = http.get("/").text
    assert '<noscript><meta http-equiv="refresh" content="30"></noscript>' in page
    assert page.count("http-equiv") == 1


def test_an_open_page_hears_of_changes() -> None:
    """At once of how things are, then of what has happened; the stream ends with the server."""
    backend = Backend(board=snapshot(healthy()))
    with (
        serve(backend.services()) as url,
        httpx2.Client(timeout=60, trust_env=False) as http,
        http.stream("GET", url + "/live") as stream,
    ):
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = (line for line in stream.iter_lines() if line.startswith("data:"))
        first = next(lines).removeprefix("data: ")
        assert f'data-state="{first}"' in http.get(url + "/").text
        backend.board = snapshot(broken())
        second = next(lines).removeprefix("data: ")
        assert f'data-state="{second}"' in http.get(url + "/").text
        assert second != first


def test_the_server_ends_open_streams() -> None:
    """It need not wait for them."""
    lines: list[str] = []
    with serve(Backend().services()) as url:
        http = httpx2.Client(timeout=60, trust_env=False)
        opened = http.stream("GET", url + "/live")
        stream = opened.__enter__()
        found = stream.iter_lines()
        lines.append(next(found))
    lines += list(found)  # ends in order, not with an error
    opened.__exit__(None, None, None)
    http.close()
    assert lines[0].startswith("retry:")


def events(route: LiveRoute) -> AsyncIterator[str]:
    return route._events()


def test_a_quiet_stream_is_kept_open() -> None:
    """A line goes out now and then, so that no proxy takes it for dead."""

    async def scenario() -> None:
        clock = FakeClock()
        streams = Streams()
        told = events(LiveRoute(lambda: "same", streams, clock))
        assert (await anext(told)).startswith("retry: ")
        assert await anext(told) == "event: state\ndata: same\n\n"
        waiting = asyncio.ensure_future(anext(told))
        for look in range(QUIET_LOOKS):
            assert not waiting.done(), look
            await clock.advance(1)
        assert await waiting == ":\n\n"
        streams.end()
        with pytest.raises(StopAsyncIteration):
            await anext(told)

    asyncio.run(scenario())


def test_room_for_streams() -> None:
    """So many in all, so many of one client; a place is given back; after the end there is none."""
    streams = Streams(most=3, most_of_client=2)
    with streams.place("192.0.2.1"), streams.place("192.0.2.1"):
        with pytest.raises(TooManyStreams), streams.place("192.0.2.1"):
            pass
        with streams.place("192.0.2.2"), pytest.raises(TooManyStreams), streams.place("192.0.2.3"):
            pass
        with streams.place("192.0.2.3"):
            pass
    with streams.place("192.0.2.1"):
        pass
    streams.end()
    with pytest.raises(TooManyStreams), streams.place("192.0.2.1"):
        pass


def test_too_many_are_told_so() -> None:
    """With 503, which a browser does not ask again; the page goes on by itself."""
    with serve(Backend().services()) as url, httpx2.Client(timeout=60, trust_env=False) as http:
        opened = [http.stream("GET", url + "/live") for _ in range(21)]
        statuses = [stream.__enter__().status_code for stream in opened]
        assert statuses == [200] * 20 + [503]
        for stream in opened:
            stream.__exit__(None, None, None)


def test_what_changes_the_state() -> None:
    """A status, our own troubles, spending: yes; one more good probe: no."""
    state = PageState()
    one = healthy()
    known = state.of(snapshot(one), OwnState(), True)
    assert state.of(snapshot(replace(one, changes=one.changes + 1)), OwnState(), True) == known
    down = replace(one, now=replace(one.now, status=Status.DOWN))
    others = {
        state.of(snapshot(down), OwnState(), True),
        state.of(snapshot(one, network_ok=False), OwnState(), True),
        state.of(snapshot(one), OwnState(storage_ok=False), True),
        state.of(snapshot(one), OwnState(), False),
        known,
    }
    assert len(others) == 5


def test_pages_are_written_once() -> None:
    """For a few seconds, unless something happens; few are kept, the latest asked for."""

    async def scenario() -> None:
        cache, written = PageCache(), 0

        def render() -> bytes:
            nonlocal written
            written += 1
            return b"page"

        await asyncio.gather(*(cache.page("a", "s", AT, render) for _ in range(9)))
        assert written == 1
        await cache.page("a", "s", AT + (FRESH_SECONDS - 0.1), render)
        assert written == 1
        await cache.page("a", "s", AT + FRESH_SECONDS, render)
        assert written == 2
        await cache.page("a", "t", AT + FRESH_SECONDS, render)
        assert written == 3
        await cache.page("a", "t", AT, render)  # the clock was set back
        assert written == 4
        for number in range(MOST):
            await cache.page(number, "t", AT, render)
        await cache.page("a", "t", AT, render)
        assert written == 4 + MOST + 1

    asyncio.run(scenario())
