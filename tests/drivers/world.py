"""What the driver tests share: a provider, accounts and wires that talk to the scripted server."""

from __future__ import annotations

import asyncio
import ssl
import time
from typing import Any

from genmedia_exporter.core.clock import SystemClock
from genmedia_exporter.core.evidence import Exchange
from genmedia_exporter.core.secret import Secret
from genmedia_exporter.core.status import Channel, Depth, Operation
from genmedia_exporter.providers.calls import Auth, Call, Job
from genmedia_exporter.providers.schema import Provider
from genmedia_exporter.targets.model import Account, Target
from genmedia_exporter.transport.body import Read
from genmedia_exporter.transport.client import ProbeClient
from genmedia_exporter.transport.network import Network
from genmedia_exporter.transport.request import Request
from genmedia_exporter.transport.resolving import Resolve
from tests.transport.server import CERTIFICATES

KEY = "sk-canary-0123456789abcdef"
TIMEOUT = 10.0
"""Seconds for what answers: it does at once, but not on a machine with much else to do."""
SHORT = 1.0
"""Seconds for what never does; the whole of it is waited."""
SLACK = 10.0
"""Seconds beyond its deadline that a loaded machine may take to notice."""

REACH = Call(id="model_get", depth=Depth.REACH, path="/models/{model}", proves=("key",))
ACCEPT = Call.model_validate(
    {
        "id": "empty_create",
        "depth": "accept",
        "method": "POST",
        "path": "/videos",
        "json": {"model": "{model}", "n": [1, "{operation}"]},
        "http": "4xx",
        "proves": ["validator"],
    }
)


def provider(*calls: Call, **more: Any) -> Provider:
    """Return a provider with the prefix /v1 and the calls given, or one for each free depth."""
    fields = {"name": "test", "title": "Test", "kind": "gateway", "prefix": "/v1", **more}
    return Provider(calls=calls or (REACH, ACCEPT), **fields)


def account(url: str, key: str | None = KEY, of: Provider | None = None, **more: Any) -> Account:
    """Return an account at *url*."""
    secret = None if key is None else Secret(key)
    return Account("acc", of or provider(), url, Channel.OFFICIAL, api_key=secret, **more)


def jwt_provider() -> Provider:
    """Return a provider that wants a signed token."""
    return provider(auth=Auth(type="jwt_hs256"))


def target(at: Account, **more: Any) -> Target:
    """Return a video target of *at* with both free depths."""
    fields: dict[str, Any] = {
        "name": "acc/veo3",
        "model": "veo3",
        "operation": Operation.VIDEO,
        "channel": at.channel,
        "depths": (Depth.REACH, Depth.ACCEPT),
        "intervals": {},
        "timeout": TIMEOUT,
        **more,
    }
    return Target(account=at, **fields)


def trusting_network(resolve: Resolve | None = None) -> Network:
    """Return a network that trusts the test CA and no other."""
    return Network(ssl.create_default_context(cafile=str(CERTIFICATES / "ca.pem")), resolve)


def wire_of(
    at: Account, timeout: float = TIMEOUT, network: Network | None = None, **more: Any
) -> ProbeClient:
    """Return a wire whose time has begun."""
    clock = SystemClock()
    return ProbeClient(
        at, clock.monotonic() + timeout, clock, network or trusting_network(), **more
    )


def ask(url: str, timeout: float = TIMEOUT, network: Network | None = None) -> Exchange:
    """Make the reach call at *url* and check on the way that it kept its deadline."""

    async def run() -> Exchange:
        client = wire_of(account(url), timeout, network)
        return await client.send(REACH, model="veo3", operation=Operation.VIDEO)

    began = time.monotonic()
    exchange = asyncio.run(run())
    assert time.monotonic() - began < timeout + SLACK
    assert exchange.duration < timeout + SLACK
    assert sum(exchange.phases.known().values()) <= exchange.duration + 1e-9
    assert KEY not in repr(exchange)
    return exchange


def send(
    at: Account,
    call: Call = REACH,
    model: str = "veo3",
    read: Read = "whole",
    timeout: float = TIMEOUT,
) -> Exchange:
    """Make *call* once."""

    async def run() -> Exchange:
        client = wire_of(at, timeout)
        return await client.send(call, model=model, operation=Operation.VIDEO, read=read)

    return asyncio.run(run())


def request(at: Account, url: str, keep: tuple[str, ...] = ()) -> Exchange:
    """Make a signed request to any address."""

    async def run() -> Exchange:
        return await wire_of(at, keep=keep).request(Request("poll", "GET", url))

    return asyncio.run(run())


JOB = Job.model_validate(
    {
        "operation": "video",
        "driver": "async_job",
        "path": "/videos",
        "id": "/id",
        "cancel": {"method": "DELETE", "path": "/videos/{id}", "states": ["queued"]},
    }
)
