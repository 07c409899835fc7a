"""What stops the depth accept, and what does not: an OpenAI-shaped video service that goes through everything."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import pytest

from genmedia_exporter.core.evidence import JOB_ASKED, Observation
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.secret import Secret
from genmedia_exporter.core.status import Channel, Depth, Fault, Operation, Status
from genmedia_exporter.health.board import Board
from genmedia_exporter.health.state import TargetState
from genmedia_exporter.probing.prober import KNOWN_AFTER_SECONDS, Prober
from genmedia_exporter.providers.loader import load_provider
from genmedia_exporter.targets.model import Account, Target
from tests.drivers.generating import JumpingClock
from tests.drivers.world import target, trusting_network
from tests.transport.server import Received, Server, Writer

REACH, ACCEPT = Depth.REACH, Depth.ACCEPT
TAKEN = Reason.ACCEPTED_UNEXPECTEDLY
Answer = Callable[[Writer], None]


def whole(status: int, document: object, *more: str) -> Answer:
    """Answer with JSON."""

    def play(writer: Writer) -> None:
        body = json.dumps(document).encode()
        head = [f"HTTP/1.1 {status} X", "content-type: application/json", *more]
        writer.write("\r\n".join([*head, f"content-length: {len(body)}\r\n\r\n"]).encode() + body)

    return play


def bomb(begin: bytes = b"", filling: bytes = b"0", kind: str = "application/json") -> Answer:
    """Answer with gzip that grows far past what is read."""
    packed = gzip.compress(
        begin + filling * (8 << 20), compresslevel=3
    )  # a third of the time of the best

    def play(writer: Writer) -> None:
        head = f"HTTP/1.1 200 X\r\ncontent-type: {kind}\r\ncontent-encoding: gzip\r\n"
        writer.write(f"{head}content-length: {len(packed)}\r\n\r\n".encode() + packed)

    return play


def cut(begin: bytes) -> Answer:
    """Begin an answer, and hang."""

    def play(writer: Writer) -> None:
        head = "HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: 99999\r\n\r\n"
        writer.write(head.encode() + begin)

    return play


def nothing(_writer: Writer) -> None:
    """Hang without a word."""


REJECTED = whole(400, {"error": {"message": "prompt is required", "param": "prompt"}})
LIMITED = whole(429, {"error": {"message": "Too many requests", "code": "rate_limit_exceeded"}})
NO_CHANNEL = whole(503, {"error": {"message": "no available channel", "code": "model_not_found"}})
UNKNOWN_JOB = whole(404, {"error": {"message": "Video not found"}})
MADE = b'{"id": "video_1", "object": "video", "status": "queued", "log": "'
BOMBS = {
    "nothing": bomb(),
    "spaces": bomb(filling=b" "),
    "an object": bomb(b'{"data": "', b"A"),
    "a list": bomb(b'{"object": "list", "data": [', b'{"url": 1},'),
    "an endless id": bomb(b'{"id": "', b"v"),
    "output": bomb(b'{"output": [', b"7,"),
    "a stream": bomb(filling=b'data: {"log": "on and on"}\n\n', kind="text/event-stream"),
    "text": bomb(filling=b"lorem ipsum ", kind="text/plain"),
    "a task nobody knows": bomb(MADE, b"again "),
}


@dataclass
class Service:
    """What it answers to a create and to everything about a job, and what came."""

    create: Answer = REJECTED
    job: Answer = UNKNOWN_JOB
    asked: Counter[str] = field(default_factory=Counter)

    async def play(self, request: Received, writer: Writer) -> None:
        """Answer one request."""
        method, path, _ = request.line.split()
        self.asked[f"{method} {path}"] += 1
        if method == "POST":
            self.create(writer)
        elif path.startswith("/v1/videos/"):
            self.job(writer)
        else:
            whole(200, {"object": "list", "data": [{"id": "m"}]})(writer)


class Watch:
    """One video target over a real socket, on a clock that waits by jumping."""

    def __init__(self, url: str, provider: str = "openai-compatible") -> None:
        self.clock = JumpingClock()
        at = Account("a", load_provider(provider), url, Channel.OFFICIAL, api_key=Secret("k"))
        self.target: Target = replace(
            target(at),
            model="m",
            operation=Operation.VIDEO,
            depths=(REACH, ACCEPT),
            intervals=MappingProxyType({REACH: 60.0, ACCEPT: 600.0}),
            timeout=0.3,
        )
        self.board = Board(self.clock)
        self.board.configure([self.target], {})
        self._prober = Prober(trusting_network(), self.clock)

    def probe(self, depth: Depth = ACCEPT) -> Observation:
        """Probe once, and let the board see it."""
        self.clock.freeze(60.0)
        hints = self.board.hints(self.target, depth)
        seen = asyncio.run(self._prober.probe(self.target, depth, hints))
        self.board.observe(seen.evidence, seen.verdict)
        return seen

    def reason(self, depth: Depth = ACCEPT) -> Reason:
        """Probe once and return why it is what it is."""
        return self.probe(depth).verdict.reason

    @property
    def state(self) -> TargetState:
        """What the board knows."""
        return self.board.snapshot().targets[self.target.name]


@pytest.mark.parametrize("name", BOMBS)
def test_trouble_never_stops_a_depth_that_has_rejected(name: str) -> None:
    """A rate limit, a bomb, silence, each ended by a sound answer; then an outage is still seen."""
    service = Service()
    with Server(service.play) as server:
        watch = Watch(server.url)
        assert watch.reason() is Reason.REJECTED_AS_EXPECTED
        for trouble in (LIMITED, BOMBS[name], nothing):
            service.create = trouble
            for _ in range(4):
                assert watch.reason() not in (TAKEN, Reason.REJECTED_AS_EXPECTED)
            service.create = REJECTED
            assert watch.reason() is Reason.REJECTED_AS_EXPECTED
        service.create = NO_CHANNEL
        watch.probe()
        watch.probe()

    assert watch.state.depths[ACCEPT].disabled is None
    assert watch.state.depths[ACCEPT].cost_usd == 0
    assert watch.state.now.reason is Reason.NO_CHANNEL


def test_a_job_that_nobody_knows_later_was_none() -> None:
    """It is cancelled at once, and asked for when any service would know it."""
    service = Service()
    with Server(service.play) as server:
        watch = Watch(server.url)
        watch.probe()
        service.create = cut(MADE)
        began = watch.clock.monotonic()
        seen = watch.probe()

    assert seen.verdict.reason is Reason.BODY_TIMEOUT
    assert seen.verdict.rule == "accept.no_job"
    assert (
        service.asked["DELETE /v1/videos/video_1"],
        service.asked["GET /v1/videos/video_1"],
    ) == (
        1,
        1,
    )
    assert seen.evidence.control(JOB_ASKED) is not None
    assert watch.clock.monotonic() - began >= KNOWN_AFTER_SECONDS > 30.0


@pytest.mark.parametrize(
    "job",
    [
        whole(200, {"id": "video_1", "object": "video", "status": "cancelled"}),
        whole(429, {"error": {"message": "slow down"}}),
        whole(401, {"error": {"message": "no"}}),
        whole(500, {"error": {"message": "no"}}),
        nothing,
    ],
)
def test_a_job_that_is_not_denied_was_made(job: Answer) -> None:
    """In doubt it counts: silence and troubles deny nothing."""
    service = Service(job=job)
    with Server(service.play) as server:
        watch = Watch(server.url)
        watch.probe()
        service.create = cut(MADE)
        seen = watch.probe()

    assert seen.verdict.reason is TAKEN
    assert watch.state.depths[ACCEPT].disabled is TAKEN


def test_a_whole_answer_with_a_job_is_an_accident_whatever_is_known_of_the_job() -> None:
    """A fork may keep its jobs elsewhere; each more would be billed."""
    service = Service()
    with Server(service.play) as server:
        watch = Watch(server.url)
        watch.probe()
        service.create = whole(200, {"id": "video_1", "object": "video", "status": "queued"})
        seen = watch.probe()

    assert seen.verdict.reason is TAKEN
    assert service.asked["GET /v1/videos/video_1"] == 0


@pytest.mark.parametrize("begin", [MADE, b'{"data": [{"url": "https://a.example/1.mp4", "log": "'])
def test_one_that_never_rejected_anything_is_believed_in_doubt(begin: bytes) -> None:
    """There may be no validator at all."""
    service = Service(create=cut(begin))
    with Server(service.play) as server:
        watch = Watch(server.url)
        reason = watch.reason()

    assert reason is TAKEN
    assert watch.state.depths[ACCEPT].disabled is TAKEN


@pytest.mark.parametrize(
    ("provider", "fault"), [("openai-compatible", Fault.PROVIDER), ("new-api", Fault.GATEWAY)]
)
def test_an_accident_says_what_came_and_is_not_green_until_somebody_acts(
    provider: str, fault: Fault
) -> None:
    """A listing proves nothing of creates; with the depth taken off the target nobody promises more."""
    service = Service()
    with Server(service.play) as server:
        watch = Watch(server.url, provider)
        watch.probe(REACH)
        watch.probe()
        service.create = whole(200, {"id": "video_1", "object": "video", "status": "queued"})
        seen = watch.probe()
        at_once = watch.state.now
        for _ in range(30):
            watch.probe(REACH)
        later = watch.state.now
        alone = replace(watch.target, depths=(REACH,), intervals=MappingProxyType({REACH: 60.0}))
        watch.board.configure([alone], {})
        given_up = watch.state.now

    assert seen.verdict.message.startswith('HTTP 200: {"id": "video_1"')
    assert at_once == later
    assert (later.status, later.reason, later.fault) == (Status.UNKNOWN, TAKEN, fault)
    assert "take the depth off the target" in later.message
    assert given_up.status is Status.OPERATIONAL


def test_an_outage_is_seen_although_the_depth_has_stopped() -> None:
    """What fails now comes before what is only in doubt."""
    service = Service()
    with Server(service.play) as server:
        watch = Watch(server.url)
        watch.probe()
        service.create = whole(200, {"id": "video_1", "object": "video", "status": "queued"})
        watch.probe()
    watch.probe(REACH)
    watch.probe(REACH)

    assert (watch.state.now.status, watch.state.now.reason) == (Status.DOWN, Reason.CONNECT_REFUSED)
