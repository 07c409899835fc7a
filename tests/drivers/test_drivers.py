"""Drivers are found by file name, fit their targets, and make the provider file's call."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any, get_args

import pytest

from genmedia_exporter.core.evidence import Exchange, Role, Transport
from genmedia_exporter.core.status import Depth, Operation
from genmedia_exporter.drivers.contract import (
    DRIVERS,
    NoCallError,
    UnknownDriverError,
    cancel_job,
    load,
)
from genmedia_exporter.providers.base import DriverName
from genmedia_exporter.providers.calls import Call
from genmedia_exporter.transport.client import ProbeClient
from tests.drivers.world import JOB, SHORT, TIMEOUT, account, provider, target, wire_of
from tests.transport.server import Script, Server, answer, say

STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: {}\n\n"


def probe(
    url: str, driver: str, depth: Depth, *calls: Call, patience: float = TIMEOUT, **more: Any
) -> Exchange:
    """Run *driver* once and return the one exchange it made."""

    async def run() -> ProbeClient:
        watched = target(account(url, of=provider(*calls)), **more)
        client = wire_of(watched.account, patience)
        await load(driver).probe(client, watched, depth)
        return client

    (exchange,) = asyncio.run(run()).exchanges
    return exchange


def test_the_folder_and_the_schema_name_the_same_drivers() -> None:
    """A provider file can name every driver there is, and none that is missing."""
    assert set(DRIVERS) == set(get_args(DriverName))


def test_listing_imports_no_driver() -> None:
    """Asking which drivers there are costs no import of them."""
    code = (
        "import sys, genmedia_exporter.drivers.contract as c\n"
        "assert c.DRIVERS\n"
        "assert not {f'genmedia_exporter.drivers.{n}' for n in c.DRIVERS} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", DRIVERS)
def test_every_driver_can_be_loaded(name: str) -> None:
    """A driver has a function for the free depths; all but a plain URL can generate."""
    driver = load(name)
    assert driver.name == name
    assert callable(driver.probe)
    assert callable(driver.generate) == (name != "plain_http")


@pytest.mark.parametrize("name", ["asynch_job", "wire", "_body", ""])
def test_an_unknown_driver(name: str) -> None:
    """The error names those there are; machinery beside them is none."""
    with pytest.raises(UnknownDriverError, match="async_job, chat_stream, plain_http, sync_image"):
        load(name)


def test_the_driver_of_a_target() -> None:
    """The provider's job decides, then the operation; without a model it is a plain URL."""
    at = account("http://127.0.0.1")
    through_chat = JOB.model_copy(update={"driver": "chat_stream"})
    at_gateway = account("http://127.0.0.1", of=provider(jobs=(through_chat,)))
    assert target(at).driver == "async_job"
    assert target(at, operation=Operation.IMAGE).driver == "sync_image"
    assert target(at, operation=Operation.CHAT).driver == "chat_stream"
    assert target(at_gateway).driver == "chat_stream"
    assert target(at, model="", path="/health").driver == "plain_http"


@pytest.mark.parametrize("driver", ["async_job", "sync_image", "chat_stream"])
def test_reach_and_accept(driver: str) -> None:
    """Each shape makes the call its provider file has for the depth."""
    with Server(answer()) as server:
        reach = probe(server.url, driver, Depth.REACH)
        accept = probe(server.url, driver, Depth.ACCEPT)
    assert (reach.call, reach.role) == ("model_get", Role.PROBE)
    assert accept.call == "empty_create"
    assert [r.line.split()[0] for r in server.received] == ["GET", "POST"]


@pytest.mark.parametrize(
    ("script", "transport"),
    [
        (say(STREAM + b"data: [DONE]\n\n", close=False), None),
        (say(STREAM), Transport.BODY_TRUNCATED),
        (say(STREAM, close=False), Transport.BODY_TIMEOUT),
    ],
)
def test_chat_reads_a_stream_to_its_last_word(script: Script, transport: Transport | None) -> None:
    """[DONE] ends it; hanging up before, or falling silent, leaves it unfinished."""
    with Server(script) as server:
        patience = SHORT if transport is Transport.BODY_TIMEOUT else TIMEOUT
        exchange = probe(server.url, "chat_stream", Depth.ACCEPT, patience=patience)
    assert exchange.transport is transport
    assert exchange.body.startswith(b"data: {}")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/health?full=1&x=a/b", "GET /health?full=1&x=a/b HTTP/1.1"),
        ("health", "GET /health HTTP/1.1"),
        ("?q=1", "GET /?q=1 HTTP/1.1"),
        ("", "GET / HTTP/1.1"),
    ],
)
def test_plain_http_sends_the_targets_path(path: str, line: str) -> None:
    """The path is the operator's, query included, and taken as it is written."""
    get = Call(id="get", depth=Depth.REACH, path="{path}", proves=("application",))
    at = provider(get, prefix="")
    with Server(answer()) as server:

        async def run() -> Exchange:
            watched = target(account(server.url, None, at), model="", path=path)
            client = wire_of(watched.account)
            await load("plain_http").probe(client, watched, Depth.REACH)
            return client.exchanges[0]

        exchange = asyncio.run(run())
    assert server.received[0].line == line
    assert "?" not in exchange.url


def test_a_depth_without_a_call() -> None:
    """A depth the provider cannot do for free is an error that says so, before any request."""
    only_accept = provider().calls[1]
    with pytest.raises(NoCallError, match="test has no free call for the depth reach"):
        probe("http://127.0.0.1:9", "async_job", Depth.REACH, only_accept)


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b'{"id": "video_1"}', "DELETE /v1/videos/video_1 HTTP/1.1"),
        (b'{"id": 17}', "DELETE /v1/videos/17 HTTP/1.1"),
        (b'{"id": "a/b?c"}', "DELETE /v1/videos/a/b%3Fc HTTP/1.1"),
        (b'{"id": "../users"}', None),
        (b'{"id": ""}', None),
        (b'{"id": true}', None),
        (b'{"id": {"x": 1}}', None),
        (b'{"status": "queued"}', None),
        (b"[" * 100_000, None),
        (b"\xff", None),
    ],
)
def test_cancelling_a_job(body: bytes, line: str | None) -> None:
    """The job is cancelled by the id the service gave, unless that id would lead elsewhere."""

    async def run(url: str) -> None:
        watched = target(account(url, of=provider(jobs=(JOB,))))
        created = Exchange("c", Role.PROBE, "POST", url, "127.0.0.1", status=200, body=body)
        await cancel_job(wire_of(watched.account), watched, created)

    with Server(answer()) as server:
        asyncio.run(run(server.url))
    assert [r.line for r in server.received] == ([line] if line else [])
