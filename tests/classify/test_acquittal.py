"""A success with the same key speaks for it: what is refused behind a gateway then is the gateway's key."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from genmedia_exporter.classify.classifier import classify
from genmedia_exporter.classify.context import Context
from genmedia_exporter.core.clock import EPOCH
from genmedia_exporter.core.evidence import Evidence, Exchange, Role, Verdict
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Channel, Depth, Fault, Status
from genmedia_exporter.health.board import Board
from genmedia_exporter.health.hints import ACQUITTAL_SECONDS
from genmedia_exporter.providers.loader import load_generic, load_provider
from genmedia_exporter.targets.model import Target
from tests.fakes import FakeClock, evidence, make_target, verdict

REFUSED = b'{"error":{"message":"Invalid token","code":""}}'


def judged(name: str, depth: Depth, accepted: bool) -> Verdict:
    """Return the verdict on a 401 whose words do not tell whose key it was."""
    main = Exchange("", Role.PROBE, "POST", "", "h", 401, body=REFUSED)
    context = Context(load_provider(name), Channel.OFFICIAL, None, "", EPOCH, key_accepted=accepted)
    return classify(Evidence("t", depth, EPOCH, 0.1, (main,)), context, load_generic())


def test_a_key_that_works_elsewhere_is_not_the_one_refused() -> None:
    """The vendor refuses the gateway's."""
    ours = judged("new-api", Depth.GENERATE, accepted=False)
    theirs = judged("new-api", Depth.GENERATE, accepted=True)

    assert (ours.status, ours.fault) == (Status.AUTH_ERROR, Fault.ACCOUNT)
    assert (theirs.reason, theirs.fault) == (Reason.UPSTREAM_AUTH, Fault.GATEWAY)


@pytest.mark.parametrize(("name", "depth"), [("new-api", Depth.REACH), ("openai", Depth.ACCEPT)])
def test_nobody_else_can_be_meant(name: str, depth: Depth) -> None:
    """A gateway answers a listing itself, and behind a vendor is nobody."""
    verdict = judged(name, depth, accepted=True)

    assert "upstream" not in verdict.reason


def test_the_board_remembers_for_a_while() -> None:
    """Any target of the account, any depth; a refusal at reach since then takes it back."""
    clock = FakeClock()
    board = Board(clock)
    one, two, other = (_at_a_gateway(*pair) for pair in (("one", "a"), ("two", "a"), ("x", "b")))
    board.configure((one, two, other), {})

    def accepted(watched: Target) -> bool:
        return board.hints(watched, Depth.ACCEPT).key_accepted

    def see(watched: Target, reason: Reason) -> None:
        board.observe(evidence(clock, watched, Depth.REACH, reason), verdict(reason))

    assert not accepted(one)
    see(two, Reason.OK)
    assert (accepted(one), accepted(other)) == (True, False)
    asyncio.run(clock.advance(ACQUITTAL_SECONDS))
    assert accepted(one)
    asyncio.run(clock.advance(1))
    assert not accepted(one)

    see(two, Reason.OK)
    asyncio.run(clock.advance(1))
    see(one, Reason.INVALID_KEY)
    assert not accepted(two)


def _at_a_gateway(name: str, account: str) -> Target:
    watched = make_target(name, account=account)
    gateway = load_provider("new-api")
    return replace(watched, account=replace(watched.account, provider=gateway))
