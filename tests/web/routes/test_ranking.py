"""/api/v1/route over a real socket, and the command that asks it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import httpx2
import pytest

from genmedia_exporter.cli import main
from genmedia_exporter.config.schema import Policy
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Channel, Operation, Status
from genmedia_exporter.routing.ranking import policies
from genmedia_exporter.spending.limits import Spending
from tests.routing.test_ranking import board, state
from tests.web.site import Backend, client, said

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def http() -> Iterator[httpx2.Client]:
    """A site with a working reverse channel, a broken official one, and an image model."""
    known = board(
        state("vendor", status=Status.SUSPENDED, usd=0.8, reason=Reason.PAUSED),
        state("风控 pool", Channel.REVERSE, usd=0.12),
        state("picture", operation=Operation.IMAGE),
    )
    mine = {"mine": Policy(prefer=(Channel.REVERSE,))}
    services = Backend(known).services(
        policies=lambda: policies(mine), route_uptime={"风控 pool": 0.97}.get
    )
    with client(services) as site:
        yield site


def test_the_answer_is_the_ranking(http: httpx2.Client) -> None:
    """Each target with its place, price, health and the reason for all that."""
    answer = http.get("/api/v1/route", params={"operation": "video", "policy": "production"})
    told = answer.json()

    assert answer.headers["content-type"] == "application/json"
    assert (told["operation"], told["policy"], told["message"]) == ("video", "production", None)
    assert told["targets"][0] == {
        "rank": 1,
        "target": "风控 pool",
        "channel": "reverse",
        "provider": "pretend",
        "account": "main",
        "model": "model-1",
        "family": "",
        "status": "operational",
        "usable": True,
        "reason": None,
        "price": 0.12,
        "price_per_100": 12.0,
        "uptime": 0.97,
        "why": "Reverse channel, operational, $0.12 a clip, uptime 97.0%.",
    }
    last = told["targets"][1]
    assert (last["target"], last["usable"]) == ("vendor", False)
    assert last["reason"] == Reason.PAUSED.meaning.text
    assert last["why"] == f"Not usable, suspended: {Reason.PAUSED.meaning.text}"


def test_production_is_the_policy_nobody_names(http: httpx2.Client) -> None:
    """A policy of the configuration is one as well."""
    asked = [{"operation": "video"}, {"operation": "video", "policy": "mine"}]
    answers = [http.get("/api/v1/route", params=one).json()["policy"] for one in asked]
    assert answers == ["production", "mine"]


def test_an_operation_without_targets_is_an_answer(http: httpx2.Client) -> None:
    """An empty list that says why it is empty."""
    told = http.get("/api/v1/route?operation=chat").json()
    assert told["targets"] == []
    assert "there are: video, image." in told["message"]


def test_uptimes_are_asked_for_where_they_are_kept() -> None:
    """In the thread of the event loop: the sums behind them are moved by asking."""
    threads: dict[str, int] = {}

    def asked(_name: str) -> float:
        threads["uptime"] = threading.get_ident()
        return 0.5

    def spending() -> Spending:
        threads["loop"] = threading.get_ident()
        return Spending()

    backend = Backend(board(state("a")))
    with client(backend.services(route_uptime=asked, spending=spending)) as site:
        site.get("/api/v1/status")
        assert site.get("/api/v1/route?operation=video").json()["targets"][0]["uptime"] == 0.5
    assert threads["uptime"] == threads["loop"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "The parameter operation is missing; one of video, image, chat."),
        ("operation=", "The parameter operation is missing"),
        ("operation=vidoe", "did you mean 'video'?"),
        ("operation=video&policy=stabel", "did you mean 'stable'?"),
        ("operation=%00", "known are: video, image, chat"),
        ("operation=video&family=sora-22", "no target here is of the family 'sora-22'"),
        ("operation=video&famly=sora-2", "No parameter is called 'famly'; did you mean 'family'?"),
    ],
)
def test_a_question_nobody_can_answer(http: httpx2.Client, query: str, words: str) -> None:
    """400 with one sentence."""
    answer = http.get(f"/api/v1/route?{query}")
    assert answer.status_code == 400
    assert words in said(answer)


def test_the_command_asks_a_running_exporter(http: httpx2.Client, capsys: Capture) -> None:
    """Best first, with icon, price and why; as JSON the very answer of the API."""
    url = str(http.base_url)
    assert main(["route", "video", "--url", url]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("  1  🟢 风控 pool  reverse     $12.00/100  Reverse channel,")
    assert lines[1].startswith("  2  🔴 vendor     official    $80.00/100  Not usable, suspended")

    assert main(["route", "video", "--url", url, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["targets"][0]["rank"] == 1

    assert main(["route", "chat", "--url", url]) == 2
    assert "No target makes chat" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["vidoe"], "did you mean 'video'?"),
        (["video", "--policy", "budgte"], "did you mean 'budget'?"),
        (["video", "--url", "{url}/elsewhere"], "answered 404"),
        (["video", "--url", "http://me:secret@127.0.0.1:1"], "no exporter answers at 127.0.0.1:1"),
        (["video", "--url", "nonsense"], "no exporter answers at nonsense"),
    ],
)
def test_what_the_command_cannot_ask(
    http: httpx2.Client, capsys: Capture, arguments: list[str], words: str
) -> None:
    """One line, exit code 1, and no password in it."""
    url = str(http.base_url).rstrip("/")
    ours = [] if "--url" in arguments else ["--url", url]
    assert main(["route", *(a.format(url=url) for a in arguments), *ours]) == 1
    told = capsys.readouterr().err
    assert words in told
    assert "secret" not in told
