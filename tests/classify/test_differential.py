"""A refusal nobody can read: a second create with other mistakes tells a validator from a closed door."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from itertools import count

import pytest

from genmedia_exporter.core.clock import SystemClock
from genmedia_exporter.core.evidence import Observation, Role
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.secret import Secret
from genmedia_exporter.core.status import Channel, Depth, Fault, Operation, Status
from genmedia_exporter.probing.prober import Prober
from genmedia_exporter.providers.loader import load_provider
from genmedia_exporter.targets.model import Account
from tests.drivers.generating import NETWORK
from tests.drivers.world import target
from tests.transport.server import Received, Server, Writer

Answer = tuple[int, object]
Service = Callable[[dict[str, object]], Answer]


def serving(answer: Service) -> Server:
    """Return a server that answers each create by what is in it."""

    async def play(request: Received, writer: Writer) -> None:
        status, document = answer(json.loads(request.body or b"{}"))
        body = json.dumps(document).encode()
        head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n"
        writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)

    return Server(play)


def seen(
    answer: Service, name: str = "openai", operation: Operation = Operation.IMAGE
) -> Observation:
    """Return what a probe at accept makes of a service, over a real socket."""
    provider = load_provider(name)
    with serving(answer) as server:
        at = Account("a", provider, server.url, Channel.OFFICIAL, api_key=Secret("k"))
        watched = replace(target(at), operation=operation, model="m", timeout=5.0)
        prober = Prober(NETWORK, SystemClock())
        return asyncio.run(prober.probe(watched, Depth.ACCEPT))


NUMBERS = count(1)


def closed(_create: dict[str, object]) -> Answer:
    """Refuse everything alike, ids and times apart."""
    number = next(NUMBERS)
    text = f"zqx refused at 2026-11-29T10:00:{number:02}Z [req_{number:012x}]"
    return 400, {"error": {"message": text, "code": "zqx"}, "request_id": f"r-{number}"}


def validating(create: dict[str, object]) -> Answer:
    """Refuse in words nobody knows, but by what is wrong."""
    wrong = "foo" if create.get("size") == "1x1" else "bar"
    return 400, {"error": {"message": f"zqx: {wrong}", "code": "zqx"}}


@pytest.mark.parametrize("name", ["openai", "openai-compatible", "one-api", "new-api"])
def test_a_service_that_refuses_every_create_is_never_green(name: str) -> None:
    """Whatever it says: the same refusal of two different creates is no validator's."""
    verdict = seen(closed, name).verdict

    assert verdict.reason is Reason.CREATE_REFUSED
    assert (verdict.status, verdict.up) == (Status.DOWN, 0)
    gateway = load_provider(name).kind == "gateway"
    assert verdict.fault is (Fault.GATEWAY if gateway else Fault.PROVIDER)
    assert verdict.message.startswith("zqx refused")


def test_a_validator_in_an_unknown_tongue_is_one() -> None:
    """Its answer changes with what is wrong."""
    verdict = seen(validating).verdict

    assert (verdict.reason, verdict.status) == (Reason.REJECTED_AS_EXPECTED, Status.OPERATIONAL)


def test_one_create_is_enough_where_it_can_be_read() -> None:
    """A control costs the service a request, so it is made in doubt only."""
    found = seen(lambda _create: (400, {"error": {"message": "size must not be 1x1"}}))

    assert found.verdict.reason is Reason.REJECTED_AS_EXPECTED
    assert len(found.evidence.exchanges) == 1


@pytest.mark.parametrize("status", [401, 404, 429, 500, 503])
def test_a_control_that_fails_changes_nothing(status: int) -> None:
    """It was refused for something of its own."""
    answers = iter([(400, {"error": "zqx"}), (status, {"error": "zqx"})])
    verdict = seen(lambda _create: next(answers)).verdict

    assert (verdict.reason, verdict.status) == (Reason.REJECTION_UNPROVEN, Status.UNKNOWN)
    assert verdict.fault is Fault.NONE


def test_a_second_create_that_is_accepted_is_an_accident() -> None:
    """It is cancelled where that can be done, and the depth ends."""
    answers = iter([(400, {"code": 7}), (200, {"id": "video_9", "object": "video"}), (200, {})])
    found = seen(lambda _create: next(answers), "openai-compatible", Operation.VIDEO)
    cleanup = [e for e in found.evidence.exchanges if e.role is Role.CLEANUP]

    assert found.verdict.reason is Reason.ACCEPTED_UNEXPECTEDLY
    assert [e.url.rpartition("/")[2] for e in cleanup] == ["video_9"]


def test_both_creates_are_wrong_in_two_things() -> None:
    """One forgiving validator must not sell us anything."""
    creates: list[dict[str, object]] = []

    def keep(create: dict[str, object]) -> Answer:
        creates.append(create)
        return closed(create)

    seen(keep)
    first, second = creates

    assert (first["size"], first["n"]) == ("1x1", 0)
    assert (second["prompt"], second["quality"]) == ("", "no such quality")
    assert first["model"] == second["model"] == "m"


@pytest.mark.parametrize("second", [(409, "vwy"), (418, "vwy"), (422, "vwy"), (404, "vwy")])
def test_another_status_is_no_sign_of_a_validator(second: tuple[int, str]) -> None:
    """Who refuses one create as bad and the other as a conflict has not looked at either."""
    answers = iter([(400, {"error": "zqx"}), (second[0], {"error": second[1]})])
    verdict = seen(lambda _create: next(answers)).verdict

    assert verdict.reason is Reason.REJECTION_UNPROVEN


@pytest.mark.parametrize("status", [402, 403, 409, 418])
def test_a_status_that_no_validator_has_proves_nothing_by_different_words(status: int) -> None:
    """However many words it has."""
    answers = iter([(status, {"error": "zqx"}), (status, {"error": "vwy"})])
    verdict = seen(lambda _create: next(answers)).verdict

    assert verdict.reason is not Reason.REJECTED_AS_EXPECTED


def noisy(text: str) -> Service:
    """Return a service that refuses everything in the same words but for what *text* counts."""
    numbers = count(1)
    return lambda _create: (400, {"error": {"message": text.format(next(numbers))}})


@pytest.mark.parametrize(
    "text", ["zqx [ref a{}c]", "zqx, took {} ms", "zqx (1{}:04:09)", "zqx x-{}-y.z"]
)
def test_what_differs_by_itself_proves_nothing(text: str) -> None:
    """The first create is repeated: what it is told then is only noise, and all are refused."""
    found = seen(noisy(text))

    assert found.verdict.reason is Reason.CREATE_REFUSED
    assert len(found.evidence.exchanges) == 3


def test_other_words_each_time_are_no_validators() -> None:
    """Whoever answers the same create otherwise has not looked at it."""
    words = iter(["zqx", "vwy", "uts"])
    found = seen(lambda _create: (400, {"error": {"message": next(words)}}))

    assert found.verdict.reason is Reason.REJECTION_UNPROVEN
    assert found.verdict.rule.endswith(".unsteady")


def test_a_repeated_create_that_is_accepted_is_an_accident() -> None:
    """Whichever of them it was."""
    made = (200, {"id": "video_9", "object": "video"})
    answers = iter([(400, {"code": "zqx"}), (400, {"code": "vwy"}), made, (200, {})])
    found = seen(lambda _create: next(answers), "openai-compatible", Operation.VIDEO)
    cleanup = [e for e in found.evidence.exchanges if e.role is Role.CLEANUP]

    assert found.verdict.reason is Reason.ACCEPTED_UNEXPECTEDLY
    assert [e.url.rpartition("/")[2] for e in cleanup] == ["video_9"]


def test_without_the_repetition_nothing_is_proven() -> None:
    """It failed, so nobody knows whether the answers differ by themselves."""
    answers = iter([(400, {"error": "zqx"}), (400, {"error": "vwy"}), (503, {"error": "busy"})])
    verdict = seen(lambda _create: next(answers)).verdict

    assert verdict.reason is Reason.REJECTION_UNPROVEN


def test_a_second_create_that_can_be_read_decides() -> None:
    """Its own complaint proves the validator; nothing has to be compared then."""
    told = {"error": {"message": "prompt is required", "param": "prompt"}}
    answers = iter([(400, {"error": "zqx"}), (400, told)])
    verdict = seen(lambda _create: next(answers)).verdict

    assert verdict.reason is Reason.REJECTED_AS_EXPECTED
    assert verdict.rule.endswith(".complains")


def test_a_code_alone_is_what_was_said() -> None:
    """Whatever else stands in two answers without a text."""
    traces = iter(["ab", "cd", "ef"])
    verdict = seen(lambda _create: (400, {"code": 77, "trace": next(traces)})).verdict

    assert verdict.reason is Reason.CREATE_REFUSED


def test_a_refusal_that_does_not_call_itself_one_is_one() -> None:
    """Its status says so: nothing was made."""
    verdict = seen(lambda _create: (400, {"note": "zqx"})).verdict

    assert verdict.reason is Reason.CREATE_REFUSED


def test_what_stands_where_nobody_looks_is_compared_too() -> None:
    """Neither a text nor a code is found, so the whole answer is what was said."""
    notes = {"1x1": "foo"}
    verdict = seen(
        lambda create: (400, {"note": notes.get(str(create.get("size")), "bar")})
    ).verdict

    assert verdict.reason is Reason.REJECTED_AS_EXPECTED


def test_two_statuses_of_validators_are_two_doors() -> None:
    """Although the first create, repeated, is answered as before."""
    answers = iter([(400, {"error": "zqx"}), (422, {"error": "other"}), (400, {"error": "zqx"})])
    verdict = seen(lambda _create: next(answers)).verdict

    assert verdict.reason is Reason.REJECTION_UNPROVEN


def test_a_second_create_refused_for_money_proves_no_validator() -> None:
    """Although it differs from the first, which is answered as before when it is repeated."""
    answers = iter(
        [(400, {"error": "zqx"}), (400, {"error": "insufficient balance"}), (400, {"error": "zqx"})]
    )
    verdict = seen(lambda _create: next(answers)).verdict

    assert verdict.reason is Reason.REJECTION_UNPROVEN


@pytest.mark.parametrize("status", [400, 499])
def test_a_second_create_with_a_status_of_a_refusal_is_compared(status: int) -> None:
    """Also where nothing in it says so; a server's failure is no refusal."""
    verdict = seen(lambda _create: (status, {"note": "zqx"})).verdict
    assert verdict.reason is Reason.CREATE_REFUSED
    failing = iter([(400, {"note": "zqx"}), (500, {"note": "zqx"})])
    assert seen(lambda _create: next(failing)).verdict.reason is Reason.REJECTION_UNPROVEN
