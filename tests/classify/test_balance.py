"""What is left on the account is read where the wire tells it, and nothing else is taken for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from genmedia_exporter.classify.classifier import classify
from genmedia_exporter.classify.context import Context
from genmedia_exporter.core.evidence import AccountBalance, Evidence, Exchange, Role, Verdict
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Channel, Depth, Fault, Operation, Status
from genmedia_exporter.providers.loader import load_generic, load_provider
from genmedia_exporter.providers.schema import Provider
from tests.answers import TODAY

NEW_API = load_provider("new-api")
LISTED = {"data": [{"id": "m"}]}


def _exchange(call: str, role: Role, document: object, status: int = 200) -> Exchange:
    body = json.dumps(document).encode()
    return Exchange(call, role, "GET", "", "h", status=status, body=body)


def judged(
    provider: Provider, *told: Exchange, depth: Depth = Depth.REACH, main: object = LISTED
) -> Verdict:
    """Return the verdict of a listing with *told* beside it."""
    call = provider.call_for(depth, Operation.VIDEO, "m")
    assert call is not None
    status = 200 if depth is Depth.REACH else 400
    first = _exchange(call.id, Role.PROBE, main, status)
    context = Context(provider, Channel.OFFICIAL, Operation.VIDEO, "m", TODAY)
    return classify(Evidence("t", depth, TODAY, 0.1, (first, *told)), context, load_generic())


def billing(limit: object, used: object, status: int = 200) -> tuple[Exchange, Exchange]:
    """Return what new-api's two billing calls answer."""
    return (
        _exchange("billing_limit", Role.CONTROL, {"hard_limit_usd": limit}),
        _exchange("billing_usage", Role.CONTROL, {"total_usage": used}, status),
    )


@pytest.mark.parametrize(
    ("limit", "cents", "left"),
    [
        (100, 4_000, 60.0),
        (100, 9_999.99, 0.0001),
        (0.3, 30.000000000000004, 0.0),  # the service's own rounding
        (5, 600, -1.0),
        ("5.00", "100", 4.0),
    ],
)
def test_what_is_left_is_the_difference(limit: object, cents: object, left: float) -> None:
    """Nothing left is a refusal of the next create, whatever the listing says."""
    verdict = judged(NEW_API, *billing(limit, cents))

    assert verdict.balance == AccountBalance(left, "usd")
    assert verdict.reason is (Reason.OK if left > 0 else Reason.QUOTA_EXHAUSTED)


def test_an_empty_account_is_ours_and_known_at_once() -> None:
    """By a number, so one observation is enough."""
    verdict = judged(NEW_API, *billing(10, 1_000))

    assert (verdict.status, verdict.fault) == (Status.QUOTA_EXHAUSTED, Fault.ACCOUNT)
    assert (verdict.certainty.value, verdict.rule) == ("explicit", "new-api.balance")
    assert verdict.message == "0 usd left"


@pytest.mark.parametrize(
    "told",
    [
        (),
        billing(10, 1_000)[:1],
        billing(10, 1_000)[1:],
        billing(None, 1_000),
        billing(True, 1_000),
        billing(10, "much"),
        billing(10, 1_000, status=429),
        billing(100000000, 12),
    ],
)
def test_half_an_answer_says_nothing(told: tuple[Exchange, ...]) -> None:
    """Nor does an error, a text, or a token without a limit."""
    verdict = judged(NEW_API, *told)

    assert (verdict.reason, verdict.balance) == (Reason.OK, None)


def test_a_200_that_is_an_error_says_nothing() -> None:
    """New-api and one-api answer failures of these calls so."""
    failed = _exchange("billing_limit", Role.CONTROL, {"error": {"message": "no such token"}})

    assert judged(NEW_API, failed, billing(10, 0)[1]).balance is None


def test_a_rejected_create_is_no_success_on_an_empty_account() -> None:
    """The validator comes before the money, so the rejection alone would hide it."""
    refused = {"error": {"message": "prompt is required", "code": "invalid_request"}}
    well = judged(NEW_API, depth=Depth.ACCEPT, main=refused)
    empty = judged(NEW_API, *billing(10, 1_000), depth=Depth.ACCEPT, main=refused)

    assert well.reason is Reason.REJECTED_AS_EXPECTED
    assert empty.reason is Reason.QUOTA_EXHAUSTED


def test_another_trouble_is_not_hidden_by_it() -> None:
    """What the probe itself was told comes first."""
    verdict = judged(NEW_API, *billing(10, 1_000), main={"error": {"message": "无效的令牌"}})

    assert verdict.reason is not Reason.QUOTA_EXHAUSTED
    assert verdict.balance == AccountBalance(0.0, "usd")


def _own(balance: dict[str, Any], *calls: dict[str, Any]) -> Provider:
    fields = {"name": "own", "title": "Own", "kind": "direct", "balance": balance, "calls": calls}
    return Provider.model_validate(fields)


ORGANIZATION = {"id": "organization", "depth": "reach", "path": "/organization", "proves": ["key"]}
RUNWAY = _own(
    {"unit": "credits", "left": {"call": "organization", "pointer": "/creditBalance"}},
    ORGANIZATION,
)
OPENROUTER = _own(
    {"unit": "usd", "left": {"call": "key", "pointer": "/data/limit_remaining"}},
    {"id": "models", "depth": "reach", "path": "/models", "proves": ["listing"]},
    {"id": "key", "path": "/key", "proves": ["key", "balance"]},
)


@pytest.mark.parametrize(("credits", "reason"), [(1, Reason.OK), (0, Reason.QUOTA_EXHAUSTED)])
def test_the_call_of_the_depth_may_tell_it_itself(credits: int, reason: Reason) -> None:
    """Runway's organization is both: no second request is made."""
    verdict = judged(RUNWAY, main={"creditBalance": credits, "tier": {}})

    assert verdict.reason is reason
    assert verdict.balance == AccountBalance(float(credits), "credits")


@pytest.mark.parametrize(("left", "known"), [(0.25, True), (0, True), (None, False)])
def test_a_limit_of_null_is_none(left: float | None, known: bool) -> None:
    """OpenRouter's keys without a limit say so."""
    told = _exchange("key", Role.CONTROL, {"data": {"limit_remaining": left, "usage": 3}})
    verdict = judged(OPENROUTER, told)

    assert (verdict.balance is not None) is known
    assert (verdict.reason is Reason.QUOTA_EXHAUSTED) is (left == 0)


def test_a_balance_names_calls_that_are_there_and_no_call_is_idle() -> None:
    """A misspelt id would never be told of."""
    with pytest.raises(ValueError, match="balance names a call that is not there: keys"):
        _own({"unit": "usd", "left": {"call": "keys", "pointer": "/a"}}, ORGANIZATION)
    with pytest.raises(ValueError, match="a call has either a depth or control_for: idle"):
        _own(
            {"unit": "usd", "left": {"call": "organization", "pointer": "/a"}},
            ORGANIZATION,
            {"id": "idle", "path": "/idle", "proves": ["key"]},
        )
