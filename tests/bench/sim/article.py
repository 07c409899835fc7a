"""The article's monitor: a paid create every 300 seconds, down at the first that fails.

It asks for what the usual how-to asks for, the vendor's defaults, and polls every 30 seconds for at
most ten minutes, as the manual it quotes recommends (docs/wire.md §1.6). A job that completes is
a success; the file is not looked at.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from genmedia_exporter.classify.rules import status_in
from genmedia_exporter.core.clock import Clock
from genmedia_exporter.core.evidence import Exchange, Role
from genmedia_exporter.core.json_pointer import MISSING, resolve
from genmedia_exporter.providers.calls import Job
from genmedia_exporter.targets.model import Target
from genmedia_exporter.transport.client import ProbeClient
from genmedia_exporter.transport.network import Network
from genmedia_exporter.transport.request import Request, fill, job_id
from tests.bench.sim.fleet import PROMPT
from tests.bench.sim.timeline import Timeline

EVERY: Final = 300.0
POLL_EVERY: Final = 30.0
GIVE_UP: Final = 600.0
TIMEOUT: Final = 30.0
ONLY_OURS: Final = frozenset(
    {"response_format", "parameters", "seconds", "size", "quality", "duration", "mode"}
    | {"aspect_ratio", "sound", "n", "num_images"}
)
"""Fields of our job that say how long, how large or how good: a how-to leaves them to the vendor."""


class ArticleMonitor:
    """Watches one target for ever."""

    def __init__(self, target: Target, network: Network, clock: Clock, offset: float) -> None:
        self.timeline = Timeline()
        self._target = target
        self._network = network
        self._clock = clock
        self._offset = offset
        self._pending: set[asyncio.Task[None]] = set()
        job = target.provider.job_for(target.operation, target.model)
        if job is None:
            raise ValueError(f"{target.name} cannot generate")
        self._job: Job = job

    async def run(self) -> None:
        """Create every five minutes, whatever became of the last one."""
        await self._clock.sleep(self._offset)
        while True:
            task = asyncio.create_task(self._look())
            self._pending.add(task)
            task.add_done_callback(self._pending.discard)
            await self._clock.sleep(EVERY)

    async def _look(self) -> None:
        began = float(self._clock.monotonic())
        good = await self._attempt()
        self.timeline.say(float(self._clock.monotonic()), "operational" if good else "down", began)

    async def _attempt(self) -> bool:
        job = self._job
        endless = job.poll is None
        seconds = GIVE_UP if endless else TIMEOUT
        wire = ProbeClient(
            self._target.account, self._clock.monotonic() + seconds, self._clock, self._network
        )
        created = await self._send(wire, job.path, job.method, _asked(job.body), job.headers)
        if created.transport is not None or not status_in(created.status or 0, job.http):
            return False
        if endless:
            return self._has_output(created)
        made = job_id(created.body, job.id) if job.id else None
        return made is not None and await self._poll(wire, made)

    async def _send(
        self, wire: ProbeClient, path: str, method: str, body: Any, headers: Mapping[str, str]
    ) -> Exchange:
        fields = {"model": self._target.model, "prompt": PROMPT}
        request = Request(
            "article",
            method,
            wire.address(path, fields),
            headers=headers,
            body=fill(body, fields),
        )
        return await wire.request(request, role=Role.PROBE, read="stream")

    def _has_output(self, answer: Exchange) -> bool:
        output = self._job.output
        if output is not None and output.must_match is not None:
            return re.search(output.must_match, answer.body.decode("utf-8", "replace")) is not None
        document = _document(answer)
        pointers = output.pointer if output is not None else ()
        return any(bool(resolve(document, pointer)) for pointer in pointers or ())

    async def _poll(self, wire: ProbeClient, made: str) -> bool:
        poll, ends = self._job.poll, self._clock.monotonic() + GIVE_UP
        assert poll is not None
        while self._clock.monotonic() < ends:
            await self._clock.sleep(POLL_EVERY)
            wire.deadline = self._clock.monotonic() + TIMEOUT
            url = wire.address(poll.path, {"model": self._target.model, "id": made})
            seen = await wire.request(Request("poll", poll.method, url))
            if seen.transport is not None or not status_in(seen.status or 0, poll.http):
                return False
            word = self._word(_document(seen))
            if word not in ("queued", "running"):
                return word == "succeeded"
        return False

    def _word(self, document: Any) -> str:
        status = self._job.status
        if status is None:
            return "failed"
        if status.done is not None:
            if resolve(document, status.done) is not True:
                return "running" if isinstance(document, dict) and "name" in document else "failed"
            error = resolve(document, "/error")
            return "succeeded" if error is MISSING or error is None else "failed"
        said = resolve(document, status.pointer or "")
        found = [word for word, words in status.words.items() if said in words]
        return str(found[0]) if found else "failed"


def _document(exchange: Exchange) -> Any:
    try:
        return json.loads(exchange.body)
    except (ValueError, RecursionError):
        return None


def _asked(body: Any) -> Any:
    if not isinstance(body, dict):
        return body
    return {k: v for k, v in body.items() if k not in ONLY_OURS}
