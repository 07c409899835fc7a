"""What a probe costs: CPU of ours by its lanes, of blackbox_exporter on one core, and of other clients for Python.

Run: python -m tests.bench.probe_cost [--probes N] [--rounds N] [--pause MS]

Interleaved rounds, medians, one JSON line each and a table. CPU time of the probing process. Ours is the whole probe from
target to verdict, without and with the state that it changes. blackbox_exporter is asked over HTTP, as Prometheus asks it; what
answering any request costs it is measured, too. aiohttp is compared where it is installed.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import logging
import os
import re
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, ExitStack
from dataclasses import replace
from statistics import median
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
import uvloop

from genmedia_exporter.core.clock import SystemClock
from genmedia_exporter.core.loop_lag import LoopLag
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.board import Board
from genmedia_exporter.probing.prober import Prober
from genmedia_exporter.targets.model import Target
from genmedia_exporter.transport.network import Network
from tests.bench.probes.blackbox import Blackbox, installed
from tests.bench.probes.service import AUTHORITY, Service
from tests.drivers.world import account, target

Probe = Callable[[], Awaitable[object]]
RATIOS: Final = (
    ("fresh TLS, ours to blackbox_exporter", "ours tls", "blackbox tls", 1.1),
    ("plain, ours to blackbox_exporter", "ours plain", "blackbox plain", 0.6),
    ("TLS over a reused connection, to fresh", "ours tls, reused", "ours tls", 0.2),
    ("TLS of a warm target, every tenth fresh, to fresh", "ours tls, warm", "ours tls", 0.2),
)
"""What is compared with what, and what it should be at most."""


def trust() -> ssl.SSLContext:
    """Return a context that trusts the service."""
    return ssl.create_default_context(cafile=str(AUTHORITY))


class Ours:
    """The exporter's own probes."""

    def __init__(self) -> None:
        self._clock = SystemClock()
        self.network = Network(trust(), lag=LoopLag(self._clock))
        self._prober = Prober(self.network, self._clock)
        self._board = Board(self._clock)

    def probe(self, url: str, *, warm: bool = False, state: bool = False) -> Probe:
        """Return what probes *url* once."""
        name = f"{url} {warm} {state}"
        watched = target(
            account(url), name=name, timeout=5.0, connection="warm" if warm else "fresh"
        )
        watched = replace(watched, intervals=MappingProxyType({Depth.REACH: 60.0}))
        if state:
            self._board.configure([watched], {}, [])

        async def once() -> None:
            await self._once(watched, state)

        return once

    async def _once(self, watched: Target, state: bool) -> None:
        seen = await self._prober.probe(watched, Depth.REACH)
        assert seen.verdict.success, seen
        if state:
            self._board.observe(seen.evidence, seen.verdict)

    def reused(self, url: str) -> Probe:
        """Return what probes *url* once over a connection of before, whatever the policy says."""
        watched = target(account(url), name=f"{url} reused", timeout=5.0, connection="warm")
        policy: Any = self._prober._reuse

        async def once() -> None:
            policy._left[watched.name, Depth.REACH] = 5
            await self._once(watched, state=False)

        return once


def by_httpx2(url: str, context: ssl.SSLContext) -> Probe:
    """Return what asks by httpx2, with a client for each request, which is how it connects anew."""

    async def once() -> None:
        async with httpx2.AsyncClient(verify=context, trust_env=False) as client:
            assert (await client.get(f"{url}/v1/models/veo3")).status_code == 200

    return once


def by_streams(url: str, context: ssl.SSLContext) -> Probe:
    """Return what asks by the streams of asyncio and looks at nothing: a floor of a kind."""
    parts = urlsplit(url)
    tls = context if parts.scheme == "https" else None

    async def once() -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port, ssl=tls)
        writer.write(b"GET /v1/models/veo3 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
        writer.transport.abort()

    return once


async def by_aiohttp(
    stack: AsyncExitStack, plain: str, secure: str, context: ssl.SSLContext
) -> Mapping[str, Probe]:
    """Return what asks by aiohttp, with one session and no connection kept; nothing where it is not installed."""
    try:
        aiohttp: Any = importlib.import_module("aiohttp")
    except ImportError:
        return {}
    connector = aiohttp.TCPConnector(force_close=True, ssl=context)
    session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))

    def probe(url: str) -> Probe:
        async def once() -> None:
            async with session.get(f"{url}/v1/models/veo3") as answer:
                assert answer.status == 200
                await answer.read()

        return once

    return {"aiohttp plain": probe(plain), "aiohttp tls": probe(secure)}


async def cost(probe: Probe, count: int, cpu: Callable[[], float], pause: float = 0.0) -> float:
    """Return the milliseconds of CPU that one of *count* probes takes, with *pause* seconds between them."""
    before = cpu()
    for _ in range(count):
        await probe()
        if pause:
            await asyncio.sleep(pause)
    return (cpu() - before) / count * 1000


async def nothing() -> None:
    """Do nothing: what is measured of it is the pause."""


async def measure(args: argparse.Namespace, service: Service, blackbox: Blackbox | None) -> None:
    """Measure all of them, round by round."""
    ours, context = Ours(), trust()
    plain, secure = service.plain, service.secure
    async with AsyncExitStack() as stack:
        here: dict[str, Probe] = {
            "ours plain": ours.probe(plain),
            "ours plain, with its state": ours.probe(plain, state=True),
            "ours plain, warm": ours.probe(plain, warm=True),
            "ours plain, reused": ours.reused(plain),
            "ours tls": ours.probe(secure),
            "ours tls, warm": ours.probe(secure, warm=True),
            "ours tls, reused": ours.reused(secure),
            "httpx2 plain": by_httpx2(plain, context),
            "httpx2 tls": by_httpx2(secure, context),
            "streams plain": by_streams(plain, context),
            "streams tls": by_streams(secure, context),
            **await by_aiohttp(stack, plain, secure, context),
        }
        if args.pause:
            here["nothing"] = nothing
        works = {name: (probe, time.process_time) for name, probe in here.items()}
        if blackbox is not None:
            of = blackbox
            works["blackbox plain"] = (lambda: of.probe("plain", f"{plain}/v1/models/veo3"), of.cpu)
            works["blackbox tls"] = (lambda: of.probe("secure", f"{secure}/v1/models/veo3"), of.cpu)
            works["blackbox, any request"] = (lambda: of.get("/-/healthy"), of.cpu)
        works = {name: work for name, work in works.items() if re.search(args.only, name)}
        figures: dict[str, list[float]] = {name: [] for name in works}
        for turn in range(args.rounds + 1):
            for name, (probe, cpu) in works.items():
                spent = await cost(probe, args.probes if turn else 20, cpu, args.pause / 1000)
                if turn:  # the first one warms up
                    figures[name].append(spent)
        ours.network.close()
        await asyncio.sleep(0.01)
    tell(figures)


def tell(figures: Mapping[str, list[float]]) -> None:
    """Print a JSON line for each, what was to be reached, and a table."""
    load = round(os.getloadavg()[0], 1)
    middle = {name: median(values) for name, values in figures.items()}
    for name, values in figures.items():
        best, worst = round(min(values), 4), round(max(values), 4)
        line = {"probe": name, "ms": round(middle[name], 4), "best": best, "worst": worst}
        print(json.dumps(line | {"load": load}))  # noqa: T201
    for title, one, other, most in RATIOS:
        if one in middle and other in middle:
            # Of neighbours in time: what else the machine does changes from round to round.
            ratio = median(a / b for a, b in zip(figures[one], figures[other], strict=True))
            line = {"ratio": title, "is": round(ratio, 3), "at_most": most, "holds": ratio <= most}
            print(json.dumps(line))  # noqa: T201
    width = max(map(len, middle))
    for name, value in middle.items():
        print(f"{name:{width}}  {value:7.3f} ms")  # noqa: T201


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--probes", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--pause", type=float, default=0.0, metavar="MS")
    parser.add_argument("--only", default="", metavar="REGEX", help="of the probes by name")
    args = parser.parse_args()
    logging.disable(logging.WARNING)
    with ExitStack() as stack:
        service = stack.enter_context(Service())
        blackbox = stack.enter_context(Blackbox()) if installed() else None
        uvloop.run(measure(args, service, blackbox))


if __name__ == "__main__":
    main()
