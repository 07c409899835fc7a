"""Control calls have a budget, and one that fails changes nothing."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import pytest

from genmedia_exporter.core.control_calls import CONTROL_SECONDS
from genmedia_exporter.core.evidence import AccountBalance, Observation
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.secret import Secret
from genmedia_exporter.core.status import Channel, Depth, Operation
from genmedia_exporter.probing.controls import PER_HOST
from genmedia_exporter.probing.prober import Prober
from genmedia_exporter.providers.loader import load_provider
from genmedia_exporter.targets.model import Account, Target
from tests.drivers.world import target, trusting_network
from tests.fakes import FakeClock
from tests.transport.server import Received, Server, Writer

INVALID = {"error": {"message": "Invalid token (request id: 1)", "type": "new_api_error"}}
NOTHING_LEFT = {
    "code": True,
    "data": {"object": "token_usage", "total_available": 0, "unlimited_quota": False},
}
OTHERS = {"data": [{"id": "other", "model_name": "other"}]}


@dataclass
class Gateway:
    """A new-api whose answers tests set by path, and what it was asked."""

    answers: dict[str, tuple[int, object]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)

    async def play(self, request: Received, writer: Writer) -> None:
        """Answer one request; a path of nothing hangs up."""
        path = request.line.split()[1]
        self.asked[path] += 1
        if path not in self.answers:
            return
        status, document = self.answers[path]
        body = json.dumps(document).encode()
        head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n"
        writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)


class Watch:
    """A prober with a clock that tests move, and the targets of some accounts at one gateway."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.clock = FakeClock()
        self._prober = Prober(trusting_network(), self.clock)

    def target(self, account: str = "a", model: str = "m", key: str = "sk-1") -> Target:
        """Return a video target of *account*."""
        provider = load_provider("new-api")
        at = Account(account, provider, self.url, Channel.OFFICIAL, api_key=Secret(key))
        name = f"{account}/{model}"
        return replace(target(at), name=name, model=model, operation=Operation.VIDEO, timeout=5.0)

    def probe(self, *targets: Target, depth: Depth = Depth.REACH) -> list[Observation]:
        """Probe *targets* at the same time."""

        async def run() -> list[Observation]:
            return await asyncio.gather(*(self._prober.probe(t, depth) for t in targets))

        return asyncio.run(run())

    def reasons(self, *targets: Target, depth: Depth = Depth.REACH) -> list[Reason]:
        """Return why they are what they are."""
        return [seen.verdict.reason for seen in self.probe(*targets, depth=depth)]


def of_ten(watch: Watch) -> Iterable[Target]:
    """Return ten targets of one account."""
    return [watch.target(model=f"m{number}") for number in range(10)]


def test_one_control_answers_for_the_account() -> None:
    """Ten models with an exhausted key: the route that its operator's login shares is asked once."""
    gateway = Gateway({"/v1/models": (401, INVALID), "/api/usage/token/": (200, NOTHING_LEFT)})
    with Server(gateway.play) as server:
        watch = Watch(server.url)
        for _ in range(3):
            assert set(watch.reasons(*of_ten(watch))) == {Reason.QUOTA_EXHAUSTED}
            watch.clock.freeze(15.0)

    assert gateway.asked == {"/v1/models": 30, "/api/usage/token/": 1}


@pytest.mark.parametrize(("early", "calls"), [(1.0, 1), (0.0, 2)])
def test_an_answer_counts_for_five_minutes(early: float, calls: int) -> None:
    """Then it is asked for again: the account may have been topped up."""
    gateway = Gateway({"/v1/models": (401, INVALID), "/api/usage/token/": (200, NOTHING_LEFT)})
    with Server(gateway.play) as server:
        watch = Watch(server.url)
        watch.probe(watch.target())
        watch.clock.freeze(CONTROL_SECONDS - early)
        seen = watch.probe(watch.target())[0]

    assert gateway.asked["/api/usage/token/"] == calls
    assert seen.verdict.reason is Reason.QUOTA_EXHAUSTED
    assert [e.remembered for e in seen.evidence.exchanges] == [False, calls == 1]


@pytest.mark.parametrize("answer", [None, (429, {"message": "slow down"}), (200, {"data": 1})])
def test_a_control_that_fails_changes_nothing(answer: tuple[int, object] | None) -> None:
    """And is not tried again before its time: that would use the limit up, too."""
    answers: dict[str, tuple[int, object]] = {"/v1/models": (401, INVALID)}
    gateway = Gateway(answers | ({"/api/usage/token/": answer} if answer else {}))
    with Server(gateway.play) as server:
        watch = Watch(server.url)
        found = [watch.reasons(watch.target()) for _ in range(3)]

    assert found == [[Reason.INVALID_KEY]] * 3
    assert gateway.asked["/api/usage/token/"] == 1


def test_another_key_is_asked_for_anew() -> None:
    """Whoever changed the key wants to know about this one."""
    gateway = Gateway({"/v1/models": (401, INVALID), "/api/usage/token/": (200, NOTHING_LEFT)})
    with Server(gateway.play) as server:
        watch = Watch(server.url)
        watch.probe(watch.target(key="sk-1"))
        watch.probe(watch.target(key="sk-2"))

    assert gateway.asked["/api/usage/token/"] == 2


def test_many_accounts_of_one_host_share_a_limit() -> None:
    """Services count by address, and all of these have ours."""
    gateway = Gateway({"/v1/models": (401, INVALID), "/api/usage/token/": (200, NOTHING_LEFT)})
    with Server(gateway.play) as server:
        watch = Watch(server.url)
        found = [watch.reasons(watch.target(f"a{n}"))[0] for n in range(PER_HOST + 1)]

    assert gateway.asked["/api/usage/token/"] == PER_HOST
    assert found == [Reason.QUOTA_EXHAUSTED] * PER_HOST + [Reason.INVALID_KEY]


def test_a_public_list_is_asked_for_once_for_all_accounts() -> None:
    """It does not depend on the key, nor on the model."""
    gateway = Gateway({"/v1/models": (200, OTHERS), "/api/pricing": (200, OTHERS)})
    with Server(gateway.play) as server:
        watch = Watch(server.url)
        found = watch.reasons(watch.target("a", "m"), watch.target("b", "n"))

    assert found == [Reason.NO_CHANNEL] * 2
    assert gateway.asked["/api/pricing"] == 1


def refused(words: str) -> dict[str, tuple[int, object]]:
    """Return a gateway's answer to every create."""
    return {"/v1/videos": (400, {"error": {"message": words, "type": "new_api_error"}})}


def test_the_second_create_is_repeated_only_for_another_answer() -> None:
    """What told a validator from a refusal of everything still tells it while the words are the same."""
    gateway = Gateway(refused("zqx req_000000000001"))
    with Server(gateway.play) as server:
        watch = Watch(server.url)
        first = watch.reasons(watch.target(), depth=Depth.ACCEPT)
        gateway.answers = refused("zqx req_000000000002")
        again = watch.reasons(watch.target(), depth=Depth.ACCEPT)
        same = gateway.asked["/v1/videos"]
        gateway.answers = refused("vwy")
        other = watch.reasons(watch.target(), depth=Depth.ACCEPT)

    assert first == again == other == [Reason.CREATE_REFUSED]
    assert (same, gateway.asked["/v1/videos"]) == (3, 5)


def test_a_second_create_that_broke_off_is_not_told_of_twice() -> None:
    """Silence may be a create under way; only what was refused is remembered."""
    gateway = Gateway(refused("zqx"))
    with Server(gateway.play) as server:
        watch = Watch(server.url)
        plain = gateway.play
        count = 0

        async def play(request: Received, writer: Writer) -> None:
            nonlocal count
            count += 1
            if count % 2:
                await plain(request, writer)

        server.script = play
        seen = [watch.probe(watch.target(), depth=Depth.ACCEPT)[0] for _ in range(2)]

    assert [s.verdict.reason for s in seen] == [Reason.REJECTION_UNPROVEN] * 2
    assert not any(e.remembered for s in seen for e in s.evidence.exchanges)


MINE = {"data": [{"id": f"m{number}"} for number in range(10)]}
BILLING = "/v1/dashboard/billing/"


def rich(left: float) -> dict[str, tuple[int, object]]:
    """Return the answers of a gateway at which so many dollars are left."""
    return {
        "/v1/models": (200, MINE),
        f"{BILLING}subscription": (200, {"hard_limit_usd": 100.0}),
        f"{BILLING}usage": (200, {"total_usage": (100.0 - left) * 100}),
        **refused("prompt is required"),
    }


def test_an_empty_account_is_seen_before_a_customer_sees_it() -> None:
    """At every free depth of every target, by two calls in five minutes."""
    gateway = Gateway(rich(0.0))
    with Server(gateway.play) as server:
        watch = Watch(server.url)
        reach = watch.reasons(*of_ten(watch))
        accept = watch.reasons(*of_ten(watch), depth=Depth.ACCEPT)
        gateway.answers = rich(20.0)
        watch.clock.freeze(CONTROL_SECONDS)
        paid = watch.probe(watch.target(model="m1"))[0].verdict

    assert set(reach) == set(accept) == {Reason.QUOTA_EXHAUSTED}
    assert (paid.reason, paid.balance) == (Reason.OK, AccountBalance(20.0, "usd"))
    asked = (gateway.asked[f"{BILLING}subscription"], gateway.asked[f"{BILLING}usage"])
    assert asked == (2, 2)


def test_a_gateway_that_tells_no_balance_is_as_good() -> None:
    """Forks without these calls hang up, or answer anything."""
    gateway = Gateway({"/v1/models": (200, MINE), f"{BILLING}subscription": (404, {"error": 1})})
    with Server(gateway.play) as server:
        watch = Watch(server.url)
        seen = watch.probe(watch.target(model="m1"))[0]

    assert (seen.verdict.reason, seen.verdict.balance) == (Reason.OK, None)
    assert seen.evidence.duration == seen.evidence.main.duration


def test_without_a_key_nobody_asks_for_a_balance() -> None:
    """It is nobody's."""
    gateway = Gateway(rich(5.0))
    with Server(gateway.play) as server:
        watch = Watch(server.url)
        known = watch.target(model="m1")
        watch.probe(replace(known, account=replace(known.account, api_key=None)))

    assert gateway.asked == {"/v1/models": 1}
