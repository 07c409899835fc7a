"""POST /api/v1/observations over a real socket: who may, what is understood, what it changes."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import bcrypt
import httpx2
import pytest

from genmedia_exporter.core.secret import Secret
from genmedia_exporter.core.status import Status
from genmedia_exporter.health.board import Board
from genmedia_exporter.health.traffic import LATE_SECONDS, ReportedCall
from genmedia_exporter.providers.loader import load_provider
from genmedia_exporter.report.formatting import iso
from genmedia_exporter.targets.model import Target, TrafficAccess
from genmedia_exporter.web.app import MAX_REPORT
from genmedia_exporter.web.http.web_config import WebConfig
from genmedia_exporter.web.routes.observations import MOST, MOST_PROBLEMS
from genmedia_exporter.web.routes.openapi import description
from tests.fakes import FakeClock, make_target
from tests.web.schemas import Schemas
from tests.web.site import Backend, client, said

PATH: Final = "/api/v1/observations"
TOKEN: Final = "a-token-of-ours"
BEARER: Final = {"Authorization": f"Bearer {TOKEN}"}
JSON: Final = {"Content-Type": "application/json"}
FAILED: Final = {
    "target": "a",
    "http_status": 500,
    "body": {"error": {"message": "Internal error"}},
}


def watched() -> Target:
    """Return the target `a` of openai's wire."""
    made = make_target()
    return replace(made, account=replace(made.account, provider=load_provider("openai")), model="")


class Fleet:
    """One target `a` of openai's wire, and the board that its reports come to."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.board = Board(self.clock)
        self.board.configure([watched()], {})
        self.access = TrafficAccess(True, Secret(TOKEN))

    async def report(self, calls: Mapping[str, Sequence[ReportedCall]]) -> Sequence[str]:
        """Do as the daemon does."""
        return [name for name, those in calls.items() if self.board.report(name, those) is None]

    @property
    def state(self) -> Any:
        """What the board knows of `a`."""
        return self.board.state("a")


@pytest.fixture
def fleet() -> Fleet:
    """A board without any evidence."""
    return Fleet()


@pytest.fixture
def http(fleet: Fleet) -> Iterator[httpx2.Client]:
    """A site before that board."""
    services = Backend().services(
        snapshot=fleet.board.snapshot, report=fleet.report, traffic=lambda: fleet.access,
        now=fleet.clock.now,
    )  # fmt: skip
    with client(services) as site:
        yield site


def tell(http: httpx2.Client, *observations: Any, **headers: str) -> httpx2.Response:
    """Report *observations* in one request."""
    answer = http.post(PATH, json={"observations": observations}, headers=BEARER | headers)
    responses = description()["paths"][PATH]["post"]["responses"]
    schemas = Schemas(description())
    content = schemas.resolve(responses[str(answer.status_code)])["content"]
    (schema,) = (kind["schema"] for kind in content.values())
    assert list(schemas.problems(schema, answer.json())) == []
    return answer


# --- who may


def test_without_traffic_in_the_configuration_nothing_is_taken(
    http: httpx2.Client, fleet: Fleet
) -> None:
    """Also not with a token; the answer says how to allow it."""
    fleet.access = TrafficAccess()
    answer = tell(http, FAILED)
    assert answer.status_code == 403
    assert "traffic: {enabled: true" in said(answer)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer no"},
        {"Authorization": f"Basic {TOKEN}"},
        {"X-Traffic-Token": ""},
    ],
)
def test_without_the_token_nothing_is_taken(
    http: httpx2.Client, fleet: Fleet, headers: dict[str, str]
) -> None:
    """Whatever else is sent; and the token is not told."""
    answer = http.post(PATH, json=FAILED, headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert TOKEN not in answer.text
    assert not fleet.state.traffic.counts


def test_a_token_that_cannot_be_read_lets_nobody_in(http: httpx2.Client, fleet: Fleet) -> None:
    """An empty one of the client's is not it."""
    fleet.access = TrafficAccess(True, None)
    assert http.post(PATH, json=FAILED, headers={"X-Traffic-Token": ""}).status_code == 503


def test_beside_basic_auth_the_token_has_a_header_of_its_own(fleet: Fleet) -> None:
    """The other one is taken."""
    users = {"prom": bcrypt.hashpw(b"word", bcrypt.gensalt(4))}
    services = Backend().services(
        snapshot=fleet.board.snapshot, report=fleet.report, traffic=lambda: fleet.access
    )
    with client(services, WebConfig(users=users)) as site:
        assert site.post(PATH, json=FAILED, headers=BEARER).status_code == 401
        own = {"X-Traffic-Token": TOKEN}
        answer = site.post(PATH, json=FAILED, headers=own, auth=("prom", "word"))
        assert answer.status_code == 200


# --- what it changes


def test_failing_calls_make_a_target_down_by_the_rules_of_probes(
    http: httpx2.Client, fleet: Fleet
) -> None:
    """Two half minutes of them; the answer tells what each means."""
    (told,) = tell(http, FAILED).json()["observations"]
    assert (told["outcome"], told["fault"], told["reason"]) == (
        "failure",
        "provider",
        "server_error",
    )
    assert (told["counts"], told["taken"]) == (True, True)
    fleet.clock.freeze(30.0)
    tell(http, FAILED)
    assert fleet.state.now.status is Status.DOWN


@pytest.mark.parametrize(
    ("body", "depth"),
    [
        ({"id": "video_1", "object": "video", "status": "queued"}, "accept"),
        ({"id": "video_1", "object": "video", "status": "completed"}, "generate"),
        ({"id": "video_1", "object": "video"}, "accept"),
    ],
)
def test_an_answer_shows_how_far_a_call_came(
    http: httpx2.Client, fleet: Fleet, body: dict[str, str], depth: str
) -> None:
    """A create that was accepted proves less than a result."""
    (told,) = tell(http, {"target": "a", "http_status": 200, "body": body}).json()["observations"]
    assert (told["outcome"], told["depth"]) == ("success", depth)
    assert fleet.state.now.status is Status.OPERATIONAL


def test_a_word_of_the_application_is_enough_for_a_success(
    http: httpx2.Client, fleet: Fleet
) -> None:
    """It need not send what it has made."""
    tell(http, {"target": "a", "success": True, "duration_seconds": 41.5})
    assert fleet.state.now.status is Status.OPERATIONAL


def test_texts_and_bytes_are_answers_too(http: httpx2.Client) -> None:
    """As explain reads them."""
    text = json.dumps(FAILED["body"])
    packed = base64.b64encode(text.encode()).decode()
    sent = [{"target": "a", "http_status": 500, "body": text}]
    sent += [{"target": "a", "http_status": 500, "body_b64": packed}]
    sent += [{"target": "a", "http_status": 500, "body": "\ud800 Internal error"}]
    answer = http.post(PATH, content=json.dumps({"observations": sent}), headers=BEARER | JSON)
    assert [told["reason"] for told in answer.json()["observations"]] == ["server_error"] * 3


@pytest.mark.parametrize(
    ("transport", "counts"),
    [("response_timeout", True), ("reset", True), ("dns", False), ("tls", False)],
)
def test_what_never_left_the_caller_is_no_evidence(
    http: httpx2.Client, transport: str, counts: bool
) -> None:
    """It may be the caller's own network."""
    (told,) = tell(http, {"target": "a", "transport": transport}).json()["observations"]
    assert told["counts"] is counts


@pytest.mark.parametrize(("age", "counts"), [(LATE_SECONDS, True), (LATE_SECONDS + 1, False)])
def test_what_is_told_late_is_only_counted(
    http: httpx2.Client, fleet: Fleet, age: float, counts: bool
) -> None:
    """A spool that is emptied after an outage says nothing of now."""
    (told,) = tell(http, FAILED | {"at": iso(fleet.clock.now() - age)}).json()["observations"]
    assert told["counts"] is counts
    assert sum(fleet.state.traffic.counts.values()) == 1


def test_a_secret_in_an_answer_goes_no_further(http: httpx2.Client, fleet: Fleet) -> None:
    """Neither ours nor somebody else's."""
    text = f"Internal error for key sk-proj-abcdefghijklmnopqrstuv0123456789 and {TOKEN}"
    answer = tell(http, FAILED | {"body": {"error": {"message": text}}})
    kept = repr(fleet.state)
    for secret in ("sk-proj-abcdefghij", TOKEN):
        assert secret not in answer.text
        assert secret not in kept


# --- what is understood


@pytest.mark.parametrize(
    ("observation", "problem"),
    [
        (1, "an object expected"),
        ({"target": "b", "http_status": 500}, "target: no target is called 'b'"),
        ({"http_status": 500}, "target: no target is called 'None'"),
        (FAILED | {"http_staus": 500}, "did you mean 'http_status'?"),
        ({"target": "a"}, "http_status is a number from 100 to 599"),
        ({"target": "a", "http_status": 99}, "http_status is a number from 100 to 599"),
        ({"target": "a", "http_status": True}, "http_status is a number from 100 to 599"),
        ({"target": "a", "http_status": 500, "headers": []}, "headers is an object"),
        ({"target": "a", "http_status": 500, "body_b64": "%"}, "body_b64 is no base64"),
        ({"target": "a", "transport": "pigeon"}, "transport: one of dns"),
        ({"target": "a", "success": False}, "of a failure the answer is wanted"),
        ({"target": "a", "success": True, "http_status": 200}, "success: true, without an answer"),
        ({"target": "a", "success": True, "depth": "reach"}, "depth: accept"),
        ({"target": "a", "http_status": 200, "depth": "accept"}, "depth: only beside success"),
        (FAILED | {"duration_seconds": -1}, "duration_seconds: a number from 0 to 86400"),
        (FAILED | {"duration_seconds": "1"}, "duration_seconds: a number from 0 to 86400"),
        (FAILED | {"duration_seconds": 10**400}, "duration_seconds: a number from 0 to 86400"),
        (FAILED | {"at": 5}, "at: a time such as"),
        (FAILED | {"at": "2026-11-22T08:30:00"}, "a time needs a zone"),
        (FAILED | {"at": "2099-01-01T00:00:00Z"}, "at: a time that has not come yet"),
    ],
)
def test_what_is_not_understood_is_told_with_its_place(
    http: httpx2.Client, fleet: Fleet, observation: Any, problem: str
) -> None:
    """And nothing of the request is taken."""
    answer = tell(http, FAILED, observation)
    assert answer.status_code == 400
    (told,) = answer.json()["problems"]
    assert told.startswith("observations[1]: ")
    assert problem in told
    assert not fleet.state.traffic.counts


def test_a_request_has_so_many_observations_and_problems(http: httpx2.Client) -> None:
    """More are refused, and not all that is wrong is told."""
    assert tell(http, *[FAILED] * MOST).status_code == 200
    assert tell(http, *[FAILED] * (MOST + 1)).status_code == 400
    assert tell(http).status_code == 400
    assert len(tell(http, *[1] * MOST).json()["problems"]) == MOST_PROBLEMS


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[1]",
        b"nul",
        b"[" * 100_000,
        b"\xff",
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"observations": [], "x": 1}',
    ],
)
def test_a_body_that_is_no_report_is_told_so(http: httpx2.Client, body: bytes) -> None:
    """As a 400 with one sentence."""
    answer = http.post(PATH, content=body, headers={**BEARER, "Content-Type": "application/json"})
    assert answer.status_code == 400
    assert said(answer)


def test_other_kinds_and_sizes_are_refused(http: httpx2.Client) -> None:
    """The kind, what is too long, and what does not say how long it is."""
    kind = {"Content-Type": "application/json"}
    assert http.post(PATH, content=b"{}", headers=BEARER).status_code == 415
    fits = b" " * (MAX_REPORT - 2) + b"{}"
    assert http.post(PATH, content=fits, headers=BEARER | kind).status_code == 400
    assert http.post(PATH, content=fits + b" ", headers=BEARER | kind).status_code == 413
    assert http.post(PATH, content=iter([b"{}"]), headers=BEARER | kind).status_code == 413
    assert http.get(PATH).status_code == 405


def test_one_observation_needs_no_list(http: httpx2.Client, fleet: Fleet) -> None:
    """It is a report by itself."""
    assert http.post(PATH, json=FAILED, headers=BEARER).status_code == 200
    assert sum(fleet.state.traffic.counts.values()) == 1


def test_a_target_of_another_exporter_is_told_so(fleet: Fleet) -> None:
    """Its owner has to be told; here it counts for nothing."""
    board = Board(fleet.clock, is_ours=lambda _name: False)
    board.configure([watched()], {})
    fleet.board = board
    services = Backend().services(
        snapshot=board.snapshot, report=fleet.report, traffic=lambda: fleet.access
    )
    with client(services) as site:
        (told,) = tell(site, FAILED).json()["observations"]
    assert (told["taken"], told["counts"]) == (False, False)
