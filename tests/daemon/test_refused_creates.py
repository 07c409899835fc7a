"""Three channels in which every create fails, each by another 4xx and in words nobody knows: nothing is green."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from genmedia_exporter.core.status import Depth, Status
from genmedia_exporter.daemon.app import App
from genmedia_exporter.daemon.options import Options
from genmedia_exporter.targets.model import Target
from genmedia_exporter.targets.source import ConfigSource
from genmedia_exporter.web.http.listening import listen
from tests.transport.server import Received, Server, Writer

MODEL: Final = "sora-2"
CONFIG: Final = """
storage: {{path: {folder}/g.db}}
accounts:
{accounts}
targets:
  - {{account: one, model: sora-2, operation: video, depths: [reach, accept]}}
  - {{account: two, model: sora-2, operation: video, depths: [reach, accept]}}
  - {{account: three, model: sora-2, operation: video, depths: [reach, accept]}}
"""
ACCOUNT: Final = """
  {name}: {{provider: openai-compatible, base_url: "{url}", api_key: {{value: sk-of-this-test}}}}
"""
WORDS: Final = [
    # Another status each; nobody has described any of them, and the last names what we broke.
    [(400, {"error": "Mercury is retrograde."}), (409, {"message": "not on Sundays"}),
     (422, {"msg": "the prompt goblin is on strike"})],
    # Nothing at all, the code of a validator, and a violation whose sentence is about something else.
    [(400, {}), (400, {"error": {"code": "invalid_request", "message": "No."}}),
     (422, {"errors": [{"field": "prompt", "message": "our cellar is flooded"}]})],
    # Refused as who we are, by a proxy's status, and in Chinese.
    [(403, {"error": {"message": "zzz"}}), (418, {"detail": "I am a teapot"}),
     (400, {"code": 99, "msg": "今天老板心情不好，提示词一律不收"})],
]  # fmt: skip
"""What the three channels answer to every create, whatever is in it."""


@dataclass
class Channel:
    """A service that lists its model and refuses every create alike."""

    status: int
    document: object
    creates: int = 0

    async def play(self, request: Received, writer: Writer) -> None:
        """Answer one request; each refusal has an id of its own."""
        listed = {"object": "list", "data": [{"id": MODEL, "object": "model"}]}
        refused = request.line.startswith("POST")
        self.creates += refused
        body = json.dumps(self.document if refused else listed, ensure_ascii=False).encode()
        head = (
            f"HTTP/1.1 {self.status if refused else 200} X\r\ncontent-type: application/json\r\n"
            f"x-trace: {self.creates}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        writer.write(head.encode() + body)


async def _told(app: App, path: str) -> httpx2.Response:
    async with httpx2.AsyncClient(base_url=app.url, timeout=60, trust_env=False) as client:
        return await client.get(path)


async def _probe(app: App, target: Target, depth: Depth) -> None:
    """Make a probe of its own, after any that is under way: results are remembered for a moment."""
    flights = app.probing.scheduler.flights
    while (running := flights.running(target.name)) is not None:
        await asyncio.wait({running})
    task = flights.start(target, depth, app.clock.monotonic())
    assert task is not None
    await task


def watched(folder: Path, urls: list[str]) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Run a daemon over the channels; return its status and ranking, and its metrics, after two rounds."""
    names = ("one", "two", "three")
    accounts = "".join(
        ACCOUNT.format(name=name, url=url) for name, url in zip(names, urls, strict=True)
    )
    file = folder / "genmedia.yml"
    file.write_text(CONFIG.format(folder=folder, accounts=accounts))
    source = ConfigSource(file, {})
    source.load()
    app = App(source, Options(lambda: listen("127.0.0.1:0")))

    async def scenario() -> tuple[dict[str, Any], dict[str, Any], str]:
        running = asyncio.create_task(app.run(started := asyncio.Event()))
        await started.wait()
        for depth in (Depth.REACH, Depth.ACCEPT, Depth.REACH, Depth.ACCEPT):
            for target in source.resolution.targets:
                await _probe(app, target, depth)
        app._publisher.publish()
        status = await _told(app, "/api/v1/status")
        route = await _told(app, "/api/v1/route?operation=video")
        metrics = await _told(app, "/metrics")
        app.stop()
        await running
        return status.json(), route.json(), metrics.text

    return asyncio.run(scenario())


@pytest.mark.parametrize("answers", WORDS, ids=["unheard of", "like a validator", "refused"])
def test_nothing_is_green_where_every_create_fails(
    tmp_path: Path, answers: list[tuple[int, object]]
) -> None:
    """Their listings work, and say nothing for it: no channel is usable, and none is ranked."""
    channels = [Channel(status, document) for status, document in answers]
    servers = [Server(channel.play) for channel in channels]
    with servers[0] as one, servers[1] as two, servers[2] as three:
        status, route, metrics = watched(tmp_path, [one.url, two.url, three.url])

    usable = (Status.OPERATIONAL, Status.DEGRADED)
    assert [t["name"] for t in status["targets"] if t["status"] in usable] == []
    assert len(status["targets"]) == 3
    assert all(channel.creates >= 2 for channel in channels)
    assert [t["target"] for t in route["targets"] if t["usable"]] == []
    assert route["message"].startswith("None of 3 is usable now")
    codes = [
        line for line in metrics.splitlines() if line.startswith("genmedia_target_status_code")
    ]
    assert len(codes) == 3
    assert not [line for line in codes if line.endswith((" 1.0", " 2.0"))]
