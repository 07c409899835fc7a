"""Routes, their order, and the facts that the client shares with the exporter without importing it."""

from __future__ import annotations

import asyncio
from typing import get_args

import pytest

from genmedia_client import Route, ranking, routes
from genmedia_client.routes import ordered
from genmedia_exporter.core.status import Channel, Operation, Status
from genmedia_exporter.providers.addresses import place_of
from genmedia_exporter.providers.loader import load_provider
from genmedia_exporter.routing.ranking import BUILT_IN
from tests.routing.test_ranking import board, state
from tests.transport.server import Server, answer
from tests.web.site import Backend, serve

ADDRESSES = [
    "https://api.example", "https://api.example/", "https://api.example/v1", "https://api.example/v1//",
    "https://api.example/base/v1/", "https://api.example/v1beta", "https://api.example/xv1",
    "http://[::1]:8080/v1", "http://user:pw@api.example:8/a/v1?x=1", "http://127.0.0.1:1/v1/v1",
    "https://api.example/api/paas/v4/", "https://api.example/v1/openai", "https://api.example/v2",
]  # fmt: skip


def test_the_words_are_the_exporter_s() -> None:
    """Channels, operation and policies are spelled alike on both sides."""
    assert list(get_args(routes.Channel)) == [channel.value for channel in Channel]
    assert Operation.VIDEO.value == ranking.OPERATION
    assert {ranking.OFFICIAL_FIRST, ranking.CHEAP_FIRST} <= set(BUILT_IN)


@pytest.mark.parametrize("address", ADDRESSES)
def test_addresses_mean_the_same(address: str) -> None:
    """With or without /v1 and slashes, both sides call the same place."""
    assert Route("r", address, "", "m").api_base == "".join(
        place_of(address, load_provider("new-api"))
    )


def test_credentials_are_redacted() -> None:
    """The longest first; what is too short to be a secret stays."""
    route = Route("r", "http://a", "key-1", "m", headers={"x": "key-1-and-more", "y": "no"})
    assert route.redact("key-1-and-more key-1 no") == "<secret> <secret> no"
    assert "key-1" not in repr(route)


def names(*places: tuple[str, tuple[int, int]], official_first: bool = True) -> str:
    """Return the names of four routes in the order to try them."""
    made = [
        Route("r1", "http://a", "", "m", "reverse"),
        Route("o1", "http://a", "", "m"),
        Route("r2", "http://a", "", "m", "reverse"),
        Route("o2", "http://a", "", "m"),
    ]
    return " ".join(one.name for one in ordered(made, official_first, dict(places) or None))


def test_the_order() -> None:
    """As listed or official first; with a ranking: usable, unknown, unusable."""
    assert names() == "o1 o2 r1 r2"
    assert names(official_first=False) == "r1 o1 r2 o2"
    assert names(("r2", (0, 2)), ("o2", (0, 1)), ("r1", (2, 3)), ("other", (0, 4))) == "o2 r2 o1 r1"


def test_the_exporter_s_ranking_is_read() -> None:
    """The places come from a real answer of /api/v1/route."""
    known = board(state("sound"), state("broken", Channel.REVERSE, Status.DOWN))
    with serve(Backend(known).services()) as url:
        places = asyncio.run(ranking.fetch_places(f"{url}/", "production", 5))
    assert places == {"sound": (0, 1), "broken": (2, 2)}


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{}", b'{"targets": 1}', b'{"targets": [{"target": "a"}]}', b"[" * 100_000,
        b'{"targets": [{"target": "a", "usable": true, "rank": null}]}',
    ],
)  # fmt: skip
def test_nonsense_is_not_a_ranking(body: bytes) -> None:
    """It raises the one error that leaves the plain order."""
    with Server(answer(body)) as server, pytest.raises(ranking.RankingError):
        asyncio.run(ranking.fetch_places(server.url, "production", 5))


def test_an_exporter_that_refuses() -> None:
    """A status other than 200, an address that is none, nobody there."""
    with Server(answer(b"{}", "400 Bad Request")) as server:
        for url in (server.url, "http://127.0.0.1:1", "nonsense://", "http://a b"):
            with pytest.raises(ranking.RankingError):
                asyncio.run(ranking.fetch_places(url, "production", 5))
