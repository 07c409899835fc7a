"""Where a vendor refuses the content or the request itself, the next route is not asked, unless one says so."""

from __future__ import annotations

import json

import pytest

from genmedia_client import Route
from genmedia_exporter.demo.world import World
from tests.client.calls import create, creates
from tests.client.test_refusals import BLOCKED, SECONDS, error, relayed
from tests.transport.server import Server, answer, say


def official(server: Server) -> Route:
    """Return an official route to a server that plays a script."""
    return Route("vendor", f"{server.url}/v1", "a-key", "sora-2")


def refusing(status: str, body: object) -> Server:
    """Return a server that answers every create alike."""
    return Server(answer(json.dumps(body).encode(), status))


STOPS = [
    ("content", "400 Bad Request", BLOCKED),
    ("content", "400 Bad Request", relayed(BLOCKED)),
    ("content", "403 Forbidden", {"error": "Forbidden", "message": "The prompt was flagged by moderation"}),
    ("content", "200 OK", BLOCKED),
    ("request", "400 Bad Request", SECONDS),
    ("request", "422 Unprocessable Entity", {"detail": [{"loc": ["body", "size"], "msg": "Field required"}]}),
]  # fmt: skip


@pytest.mark.parametrize(("cause", "status", "body"), STOPS)
def test_it_stops(world: World, routes: list[Route], cause: str, status: str, body: object) -> None:
    """The reverse route is never called: neither account pools nor money are risked for it."""
    before = {name: world.ledger[name].requests for name in world.ledger}
    with refusing(status, body) as server:
        result = create([routes[0], official(server)])
    assert (result.success, result.maybe_accepted) == (False, False)
    assert (result.stopped_by, result.target, result.channel) == (cause, None, None)
    (failed,) = result.errors
    assert (failed.target, failed.cause) == ("vendor", cause)
    assert len(server.received) == 1
    assert {name: world.ledger[name].requests for name in world.ledger} == before


@pytest.mark.parametrize(("cause", "status", "body"), STOPS)
def test_it_goes_on_when_asked_to(
    world: World, routes: list[Route], cause: str, status: str, body: object
) -> None:
    """With the option the next route is asked, once, and the errors still tell what was refused."""
    before = creates(world)["veo-3.1-reverse"]
    with refusing(status, body) as server:
        result = create([routes[0], official(server)], continue_on_refusal=True)
    assert (result.success, result.target, result.stopped_by) == (True, "gateway", None)
    assert [one.cause for one in result.errors] == [cause]
    assert creates(world)["veo-3.1-reverse"] == before + 1


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("400 Bad Request", error("billing_hard_limit_reached", "Billing hard limit has been reached")),
        ("401 Unauthorized", error("invalid_api_key", "Incorrect API key provided")),
        ("403 Forbidden", error(None, "该账号因内容违规已被封禁")),
        ("404 Not Found", error("model_not_found", "The model `x` does not exist", param="model")),
        ("429 Too Many Requests", error("insufficient_quota", "You exceeded your current quota")),
        ("503 Service Unavailable", error("model_not_found", "无可用渠道")),
    ],
)  # fmt: skip
def test_other_refusals_lead_on(routes: list[Route], status: str, body: object) -> None:
    """What is about this route alone says nothing about the next."""
    with refusing(status, body) as server:
        result = create([routes[0], official(server)])
    assert (result.success, result.target, result.stopped_by) == (True, "gateway", None)
    assert [one.cause for one in result.errors] == [None]


@pytest.mark.parametrize("go_on", [False, True])
@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("200 OK", {"id": "video_1", "status": "failed", **BLOCKED}),
        ("500 Internal Server Error", error(None, "Content policy violation")),
        ("200 OK", {"base_resp": {"status_code": 1026, "status_msg": "sensitive"}}),
    ],
)
def test_a_doubt_stays_a_doubt(
    world: World, routes: list[Route], status: str, body: object, go_on: bool
) -> None:
    """Refused content is no proof that nothing was accepted: no option pays twice."""
    before = creates(world)
    with refusing(status, body) as server:
        result = create([routes[0], official(server)], continue_on_refusal=go_on)
    assert (result.success, result.maybe_accepted, result.stopped_by) == (False, True, "content")
    assert result.target == "vendor"
    assert creates(world) == before


def test_a_stream_that_is_moderated(world: World, routes: list[Route]) -> None:
    """The pool began, then refused the prompt: a doubt, with its cause."""
    world.set_fault("sora-2-reverse", "moderated")
    result = create([routes[2], routes[0]], continue_on_refusal=True)
    assert (result.maybe_accepted, result.target, result.stopped_by) == (True, "pool", "content")


def test_a_page_of_an_edge_leads_on(routes: list[Route]) -> None:
    """Its words are not the vendor's."""
    page = b"<html>Sensitive content was blocked</html>"
    head = b"HTTP/1.1 403 Forbidden\r\ncontent-type: text/html\r\ncontent-length: %d\r\n\r\n"
    with Server(say(head % len(page), page)) as server:
        result = create([routes[0], official(server)])
    assert (result.target, result.stopped_by) == ("gateway", None)
