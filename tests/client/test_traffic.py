"""What the client tells the exporter of its creates, over real sockets to a real route."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from genmedia_client import FallbackClient, Route
from genmedia_exporter.core.secret import Secret
from genmedia_exporter.demo.world import World
from genmedia_exporter.health.board import Board
from genmedia_exporter.health.traffic import ReportedCall
from genmedia_exporter.targets.model import TrafficAccess
from tests.client.calls import create
from tests.client.test_fallback import HURRIED, NOBODY
from tests.fakes import FakeClock, make_target
from tests.transport.server import Server, answer
from tests.web.site import Backend, client

TOKEN = "a-token-of-ours"


class Exporter:
    """An exporter that watches the three routes, and what it was told."""

    def __init__(self) -> None:
        self.board = Board(FakeClock())
        self.board.configure([make_target(name) for name in ("gateway", "vendor", "pool")], {})
        self.told: list[tuple[str, ReportedCall]] = []
        self.options: dict[str, Any] = {"traffic_token": TOKEN, "exporter_timeout": 30.0}

    async def report(self, calls: Mapping[str, Sequence[ReportedCall]]) -> Sequence[str]:
        """Keep what is told."""
        self.told += [(name, call) for name, those in calls.items() for call in those]
        return ()


@pytest.fixture
def exporter() -> Iterator[Exporter]:
    """One on a real socket."""
    made = Exporter()
    services = Backend().services(
        snapshot=made.board.snapshot,
        report=made.report,
        traffic=lambda: TrafficAccess(True, Secret(TOKEN)),
    )
    with client(services) as http:
        made.options["exporter_url"] = str(http.base_url)
        yield made


def test_a_create_that_was_accepted_is_told(exporter: Exporter, routes: list[Route]) -> None:
    """Under the route's name; it proves no result yet."""
    result = create(routes, **exporter.options)
    assert result.success
    ((name, call),) = exporter.told
    assert (name, call.good, call.depth) == (result.target, True, "accept")
    assert call.duration > 0


def test_a_clip_from_a_chat_is_a_result(exporter: Exporter, routes: list[Route]) -> None:
    """Its wire answers when all is made."""
    create(routes[2:], **exporter.options)
    ((name, call),) = exporter.told
    assert (name, call.good, call.depth) == ("pool", True, "generate")


@pytest.mark.parametrize(
    ("fault", "reason", "decides"),
    [
        ("overloaded", "overloaded", True),
        ("quota", "quota_exhausted", True),
        ("invalid_key", "invalid_key", False),
        ("server_error", "server_error", True),
    ],
)
def test_a_failed_create_is_told_with_its_answer(
    exporter: Exporter, world: World, routes: list[Route], fault: str, reason: str, decides: bool
) -> None:
    """So that the exporter can say whose fault it is."""
    world.set_fault("sora-2-official", fault)
    create(routes[1:2], **exporter.options)
    ((name, call),) = exporter.told
    assert (name, call.verdict.reason, call.decides) == ("vendor", reason, decides)


@pytest.mark.parametrize(
    ("fault", "reason"), [("hang", "response_timeout"), ("reset", "connection_reset")]
)
def test_silence_is_told_too(
    exporter: Exporter, world: World, routes: list[Route], fault: str, reason: str
) -> None:
    """A service that never answers has failed; how it broke off is told."""
    world.set_fault("sora-2-official", fault)
    create(routes[1:2], HURRIED, **exporter.options)
    ((_, call),) = exporter.told
    assert (call.verdict.reason, call.decides) == (reason, True)


def test_what_never_left_is_no_evidence(exporter: Exporter) -> None:
    """A port where nothing listens may be the caller's own mistake."""
    create([Route("vendor", NOBODY, "k", "m")], **exporter.options)
    ((_, call),) = exporter.told
    assert not call.decides


def test_each_route_that_was_tried_is_told(
    exporter: Exporter, world: World, routes: list[Route]
) -> None:
    """In one request, after the create."""
    for service in ("sora-2-official", "veo-3.1-reverse"):
        world.set_fault(service, "suspended")
    result = create(routes[:2], **exporter.options)
    assert [name for name, _ in exporter.told] == [error.target for error in result.errors]
    assert len(exporter.told) == 2


@pytest.mark.parametrize("token", [None, "another"])
def test_without_the_token_nothing_is_told(
    exporter: Exporter, routes: list[Route], token: str | None
) -> None:
    """And the create is as good."""
    assert create(routes, **exporter.options | {"traffic_token": token}).success
    assert exporter.told == []


def test_an_exporter_that_is_away_costs_nothing(routes: list[Route]) -> None:
    """The create has its result all the same."""
    assert create(routes, exporter_url=NOBODY, traffic_token=TOKEN).success


def test_a_token_without_an_exporter_is_a_mistake(routes: list[Route]) -> None:
    """Nobody would be told."""
    with pytest.raises(ValueError, match="traffic_token needs exporter_url"):
        FallbackClient(routes, traffic_token=TOKEN)


def test_no_key_is_told(exporter: Exporter, world: World, routes: list[Route]) -> None:
    """What an answer echoes of it is hidden before it leaves."""
    world.set_fault("sora-2-official", "invalid_key")
    create(routes[1:2], **exporter.options)
    assert "demo-key" not in repr(exporter.told)


@pytest.mark.parametrize("status", ["200 OK", "503 Service Unavailable"])
def test_no_echo_is_told(status: str) -> None:
    """Neither in a header nor in an answer of success, whose odd characters cost no result."""
    key = "sk-live-0123456789abcdef"
    body = f'{{"code": "no_channel", "message": "\\ud800 {key} {"x" * 20_000}"}}'.encode()
    refuse = answer(body, status, f"x-echo: {'y' * 190}{key}\r\n")
    with Server(refuse) as server, Server(answer()) as told:
        route = Route("vendor", server.url, key, "m")
        result = create([route], exporter_url=told.url, traffic_token=TOKEN)
    assert result.errors
    (report,) = [one for one in told.received if one.line.startswith("POST")]
    assert b"no_channel" in report.body
    assert key[:8].encode() not in report.body


def test_what_was_never_sent_is_not_told(exporter: Exporter) -> None:
    """A route that cannot be right says nothing of the service."""
    create([Route("vendor", "http://127.0.0.1:99999", "k", "m")], **exporter.options)
    assert exporter.told == []


def test_a_token_with_its_line_break(exporter: Exporter, routes: list[Route]) -> None:
    """As read from a file: white space around it and the address is cut off."""
    url = f" {exporter.options['exporter_url']}\n"
    create(routes, **exporter.options | {"exporter_url": url, "traffic_token": f"{TOKEN}\n"})
    assert len(exporter.told) == 1
