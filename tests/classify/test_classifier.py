"""The classifier against the corpus of composed answers, and its promises about any answer at all."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genmedia_exporter.classify.classifier import classify
from genmedia_exporter.classify.context import Context
from genmedia_exporter.classify.explain import Answer, explain
from genmedia_exporter.classify.finding import Finding
from genmedia_exporter.classify.refine import UPSTREAM_REASONS
from genmedia_exporter.classify.transport_reasons import TRANSPORT_REASONS
from genmedia_exporter.core.evidence import Evidence, Exchange, Role, Transport, Verdict
from genmedia_exporter.core.reasons import MEANINGS, Reason
from genmedia_exporter.core.status import Channel, Depth, Fault, Operation, Status
from genmedia_exporter.providers.loader import load_generic, load_provider, provider_names
from tests.answers import TODAY, Case, cases

ALL = list(cases())


@pytest.mark.parametrize("case", ALL, ids=[case.id for case in ALL])
def test_composed_answers(case: Case) -> None:
    """Every answer of the corpus means what the table of evidence says it means."""
    verdict = case.verdict()

    assert case.misses(verdict) == [], f"decided by {verdict.rule}"


def test_every_transport_failure_has_a_reason() -> None:
    """No way for an exchange to break is without a meaning."""
    assert set(TRANSPORT_REASONS) == set(Transport)


def test_every_reason_has_a_meaning() -> None:
    """The closed list and its table are the same list."""
    assert set(MEANINGS) == set(Reason)


def test_relayed_refusals_are_never_our_fault() -> None:
    """What is translated for a gateway's upstream blames the gateway."""
    assert {"gateway"} == {reason.meaning.fault for reason in UPSTREAM_REASONS.values()}


_EXPLAINED = st.builds(
    Answer,
    st.integers(100, 599),
    st.dictionaries(
        st.sampled_from(["Content-Type", "Retry-After", "Sunset", "Server", "CF-Ray"]),
        st.text(max_size=40),
        max_size=3,
    ),
    st.one_of(
        st.binary(max_size=300),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ["error", "code", "message", "data", "status", "type", "detail"]
                    ),
                    inner,
                    max_size=4,
                )
            ),
            max_leaves=12,
        ).map(lambda document: __import__("json").dumps(document).encode()),
    ),
)


@given(
    answer=_EXPLAINED,
    name=st.sampled_from([*provider_names(), "nobody"]),
    depth=st.sampled_from([None, *Depth]),
)
def test_any_answer_has_a_verdict(answer: Answer, name: str, depth: Depth | None) -> None:
    """No answer, however odd, makes the classifier raise; only a 2xx or an expected no is a success."""
    provider = load_provider(name) if name in provider_names() else None

    verdict = explain(answer, provider, load_generic(), now=TODAY, depth=depth)

    assert isinstance(verdict.reason, Reason)
    assert len(verdict.message) <= 300
    if verdict.status is Status.OPERATIONAL and (answer.http_status or 0) >= 500:
        assert verdict.up is None


def _seen(status: int, body: bytes, *controls: Exchange, depth: Depth = Depth.REACH) -> Evidence:
    main = Exchange("models", Role.PROBE, "GET", "", "h", status=status, body=body)
    return Evidence("t", depth, TODAY, 0.1, (main, *controls))


def _context(**more: object) -> Context:
    fields: dict[str, object] = {
        "provider": load_provider("openai"),
        "channel": Channel.OFFICIAL,
        "operation": Operation.VIDEO,
        "model": "gpt-image-2",
        "now": TODAY,
    }
    return Context(**{**fields, **more})  # type: ignore[arg-type]


NOT_FOUND = (
    b'{"error":{"message":"The model `x` does not exist or you do not have access to it.",'
    b'"type":"invalid_request_error","code":"model_not_found"}}'
)


def test_absence_is_not_permanence() -> None:
    """What has worked and is not found is not retired, unless the vendor's own date has passed."""
    context = _context(worked_before=True)
    known = classify(_seen(404, NOT_FOUND), context, load_generic())
    ended = classify(_seen(404, NOT_FOUND), replace(context, ends_at=TODAY - 1), load_generic())

    assert (known.status, ended.status) == (Status.AUTH_ERROR, Status.RETIRED)


def test_a_gateway_has_switched_off_what_it_had() -> None:
    """Its operator may switch it on again tomorrow."""
    listing = Exchange(
        "models", Role.PROBE, "GET", "", "h", status=200, body=b'{"data":[{"id":"other"}]}'
    )
    seen = Evidence("t", Depth.REACH, TODAY, 0.1, (listing,))
    context = _context(provider=load_provider("new-api"), model="mine")
    first = classify(seen, context, load_generic())
    later = classify(seen, replace(context, worked_before=True), load_generic())

    assert first.status is Status.AUTH_ERROR
    assert (later.status, later.fault, later.reason) == (
        Status.SUSPENDED,
        Fault.GATEWAY,
        Reason.NO_CHANNEL,
    )


def test_a_listing_that_still_has_the_model_blames_the_routing() -> None:
    """A control call that lists the model contradicts model_not_found."""
    listing = Exchange(
        "models", Role.CONTROL, "GET", "", "h", status=200, body=b'{"data":[{"id":"gpt-image-2"}]}'
    )
    verdict = classify(_seen(404, NOT_FOUND, listing), _context(), load_generic())

    assert verdict.reason is Reason.ROUTING_BROKEN


@pytest.mark.parametrize(
    ("kind", "body", "transport"),
    [
        ("image/png", b"\x89PNG\r\n\x1a\n", None),
        ("application/json", b'{"data":[{"b64_json":"iVBORw0K', Transport.BODY_TOO_LARGE),
        ("text/event-stream", b'data: {"choices":[{"delta":{"content":"10%"}}]}\n\n', None),
        (
            "text/event-stream",
            b'data: {"choices":[{"delta":{"content":"10%"}}]}\n\n',
            Transport.BODY_TIMEOUT,
        ),
    ],
    ids=["the image", "the image in base64", "the chat", "the chat goes on"],
)
def test_what_a_create_makes_is_no_rejection(
    kind: str, body: bytes, transport: Transport | None
) -> None:
    """An answer that is made, and paid, is an accident, whatever keeps it from being read whole."""
    headers = {"content-type": kind}
    main = Exchange("image_size", Role.PROBE, "POST", "", "h", 200, headers, body, transport)
    seen = Evidence("t", Depth.ACCEPT, TODAY, 0.1, (main,))

    verdict = classify(seen, _context(operation=Operation.IMAGE), load_generic())

    assert verdict.reason is Reason.ACCEPTED_UNEXPECTEDLY


@pytest.mark.parametrize(
    ("name", "body", "accepted"),
    [
        ("kling", b'{"code":"SUCCEED","message":"fine","data":{"task_id":"t1"}}', True),
        ("kling", b'{"code":"SUCCEED","message":"fine","task_id":"t1"}', True),
        ("kling", b'{"code":"DONE","message":"","data":{"task_result":{"videos":[{"url":"u"}]}}}', True),
        ("dashscope", b'{"code":"Accepted","message":"","output":{"task_id":"t1"}}', True),
        ("openai", b'{"code":"SUBMITTED","message":"queued","id":"video_1"}', True),
        ("fal", b'{"code":"TAKEN","message":"fine","request_id":"r1"}', True),
        ("openai", b'{"error":{"message":"relayed"},"task_id":"t1"}', True),  # in doubt
        ("kling", b'{"code":1201,"message":"prompt is empty","request_id":"r1"}', False),
        ("kling", b'{"code":"SUCCEED","message":"fine","data":{"task_id":""}}', False),
        ("openai", b'{"error":{"message":"prompt is empty"},"id":"req_1"}', False),
        ("dashscope", b'{"code":"InvalidParameter","message":"x","request_id":"r1"}', False),
        (
            "dashscope",
            b'{"output":{"task_id":"t1","task_status":"FAILED","code":"InvalidParameter"}}',
            False,
        ),
    ],
)  # fmt: skip
def test_a_create_that_names_a_task_was_accepted(name: str, body: bytes, accepted: bool) -> None:
    """Whatever word its code has: to repeat it would order again. A refusal has no task."""
    seen = _seen(200, body, depth=Depth.ACCEPT)
    seen = replace(seen, exchanges=(replace(seen.main, call=""),))
    context = _context(provider=load_provider(name), model="")

    verdict = classify(seen, context, load_generic())

    assert (verdict.reason is Reason.ACCEPTED_UNEXPECTEDLY) is accepted, verdict


def test_without_a_credential_a_refusal_says_nothing() -> None:
    """A 401 to a probe that had no key is our doing; the edge still answered."""
    evidence = _seen(401, b"{}")
    verdict = classify(
        Evidence("t", Depth.REACH, TODAY, 0.1, evidence.exchanges, credential=False),
        _context(),
        load_generic(),
    )

    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NO_CREDENTIAL)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30", 30.0),
        ("1.5", 1.5),
        ("1" + "0" * 30, 86_400.0),
        ("Mon, 23 Nov 2026 00:01:00 GMT", 60.0),
        ("-5", None),
        ("1e9", None),
        ("soon", None),
    ],
)
def test_retry_after_is_read_in_both_forms(value: str, seconds: float | None) -> None:
    """Seconds and HTTP dates are understood, nonsense is ignored."""
    exchange = Exchange(
        "models", Role.PROBE, "GET", "", "h", status=429, headers={"retry-after": value}
    )
    evidence = Evidence("t", Depth.REACH, TODAY, 0.1, (exchange,))

    assert classify(evidence, _context(), load_generic()).retry_after == seconds


def test_messages_are_scrubbed() -> None:
    """A key that a service repeats in its error is not shown, nor is a signed link."""
    body = b'{"error":{"message":"bad key sk-abcdef1234567890 see https://x.y/z?sig=secret"}}'
    message = classify(_seen(401, body), _context(), load_generic()).message

    assert "sk-abcdef" not in message
    assert "sig=secret" not in message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            b"<html>\n<head><title>502 Bad&nbsp;Gateway</title></head><body><h1>no</h1></body></html>",
            "502 Bad Gateway",
        ),
        (b"<!DOCTYPE html><title></title><h1 class='x'>Under <b>repair</b></h1>", "Under repair"),
        (b"<html><body><p>nothing to say</p></body></html>", ""),
        (
            b'{"error":{"message":"relay: <html><h1>504 Time-out</h1></html>"}}',
            "relay: 504 Time-out",
        ),
        (
            b"<html><head><!-- <title>old</title> --><script>t='<title>no</title>'</script>"
            b"<style>h1{}</style></head><body><h1>Service Unavailable</h1></body></html>",
            "Service Unavailable",
        ),
        (
            b"<!--[if lt IE 7]> <html class='ie'> <![endif]--><title>a | 522: late</title>",
            "a | 522: late",
        ),
        (b'<?xml version="1.0"?>\n<!DOCTYPE html><title>504 ERROR</title>', "504 ERROR"),
        (b"<center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center>", "502 Bad Gateway"),
        (b"<pre>Cannot POST /v1/videos</pre>", "Cannot POST /v1/videos"),
        (b'{"error":{"message":"no <title> in a prompt"}}', "no <title> in a prompt"),
        (b"<html>" + b"<title>" * 100_000, ""),
        (b"<html>" + b"<script>" * 100_000, ""),
    ],
)
def test_a_web_page_is_told_by_its_heading(body: bytes, message: str) -> None:
    """What people read is the page's title or first heading, never its markup."""
    assert classify(_seen(502, body), _context(), load_generic()).message == message


def test_a_finding_is_explicit_only_by_code() -> None:
    """Prose alone never switches a status at once."""
    assert not Finding(Reason.RETIRED, "r").explicit


def _listing(model: str, field: str = "id") -> bytes:
    return b'{"data":[{"%s":"%s"}]}' % (field.encode(), model.encode())


def _unlisted(priced: str, **more: object) -> Verdict:
    """Return the verdict of a new-api whose key lists another model, and whose price list has *priced*."""
    url, status = "", 200
    main = Exchange("models", Role.PROBE, "GET", url, "h", status, body=_listing("other"))
    prices = Exchange(
        "pricing", Role.CONTROL, "GET", url, "h", status, body=_listing(priced, "model_name")
    )
    seen = Evidence("t", Depth.REACH, TODAY, 0.1, (main, prices))
    context = _context(provider=load_provider("new-api"), model="mine", **more)
    return classify(seen, context, load_generic())


def test_a_model_missing_from_a_gateways_price_list_is_switched_off() -> None:
    """Nobody is offered it there. One that is priced and not listed for us is not routed."""
    switched_off, priced = _unlisted("other"), _unlisted("mine")

    assert switched_off.rule == "call.models.unlisted+pricing.vanished"
    assert (switched_off.status, switched_off.fault) == (Status.SUSPENDED, Fault.GATEWAY)
    assert priced.reason is Reason.ROUTING_BROKEN


@pytest.mark.parametrize(
    ("outlived", "reason"), [(False, Reason.RETIRED), (True, Reason.NO_CHANNEL)]
)
def test_past_its_vendors_date_a_model_not_found_is_retired(outlived: bool, reason: Reason) -> None:
    """Unless the gateway has served it long after that date: then the date explains nothing."""
    found = _unlisted("other", ends_at=TODAY - 1, outlived_end=outlived, worked_before=True)

    assert found.reason is reason


def test_a_vendors_own_date_holds_whatever_worked_after_it() -> None:
    """It says so itself."""
    context = _context(ends_at=TODAY - 1, outlived_end=True)

    found = classify(_seen(404, NOT_FOUND), context, load_generic())

    assert found.reason is Reason.RETIRED


def test_a_model_missing_from_a_gateways_public_list_is_sold_to_nobody() -> None:
    """OpenRouter's list asks for no key; past the vendor's date the calendar explains it better."""
    context = _context(provider=load_provider("openrouter"), model="mine")
    answer = Exchange("models", Role.PROBE, "GET", "", "h", 200, body=_listing("other"))
    seen = Evidence("t", Depth.REACH, TODAY, 0.1, (answer,))
    found = classify(seen, context, load_generic())
    ended = classify(seen, replace(context, ends_at=TODAY - 1), load_generic())

    assert (found.reason, found.status, found.fault) == (
        Reason.NO_CHANNEL,
        Status.SUSPENDED,
        Fault.GATEWAY,
    )
    assert ended.reason is Reason.RETIRED
    (call,) = (c for c in load_provider("openrouter").calls if c.id == "models")
    of_our_key = call.model_copy(update={"proves": ("catalogue", "key")})
    provider = load_provider("openrouter").model_copy(update={"calls": (of_our_key,)})
    ours = classify(seen, replace(context, provider=provider), load_generic())
    assert ours.reason is Reason.MODEL_NOT_FOUND  # others may still be offered it
