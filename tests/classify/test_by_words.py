"""What an error means by its words alone, on both sides of each condition."""

from __future__ import annotations

import json

import pytest

from genmedia_exporter.classify.explain import Answer, explain
from genmedia_exporter.core.evidence import Verdict
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Certainty, Channel, Depth, Fault
from genmedia_exporter.providers.loader import load_generic, load_provider
from tests.answers import TODAY


def _verdict(
    error: object, http: int, depth: Depth, channel: Channel = Channel.OFFICIAL
) -> Verdict:
    body = json.dumps({"error": error}, ensure_ascii=False).encode()
    return explain(
        Answer(http, {}, body), None, load_generic(), now=TODAY, depth=depth, channel=channel
    )


@pytest.mark.parametrize(
    ("http", "proves"),
    [(400, True), (413, True), (416, True), (422, True), (200, True), (401, False), (404, False), (409, False), (500, True), (502, False)],
)  # fmt: skip
def test_which_statuses_validators_answer_with(http: int, proves: bool) -> None:
    """A refusal with another one has another reason, whatever it says; some turn every refusal into a 500."""
    verdict = _verdict({"message": "prompt is required"}, http, Depth.ACCEPT)

    assert (verdict.reason is Reason.REJECTED_AS_EXPECTED) is proves


@pytest.mark.parametrize(
    ("code", "http", "proves"),
    [
        ("invalid_parameter", 500, True),
        ("internal_error", 500, False),
        ("invalid_parameter", 502, False),
    ],
)
def test_a_500_proves_where_its_code_calls_the_request_invalid(
    code: str, http: int, proves: bool
) -> None:
    """Some validators answer so; with 502 only a relay tells another's refusal."""
    told = {"code": code, "message": "prompt is required"}

    verdict = _verdict(told, http, Depth.ACCEPT)

    assert (verdict.reason is Reason.REJECTED_AS_EXPECTED) is proves


@pytest.mark.parametrize(
    ("text", "http", "channel", "depth", "reason"),
    [
        ("captcha required", 400, Channel.OFFICIAL, Depth.GENERATE, Reason.EDGE_CHALLENGE),
        ("captcha required", 400, Channel.REVERSE, Depth.GENERATE, Reason.RISK_CONTROL),
        ("risk control has stopped your account", 400, Channel.OFFICIAL, Depth.GENERATE, Reason.ACCOUNT_CLOSED),
        ("risk control has stopped your account", 400, Channel.REVERSE, Depth.GENERATE, Reason.RISK_CONTROL),
        ("session expired", 400, Channel.OFFICIAL, Depth.GENERATE, Reason.INVALID_KEY),
        ("session expired", 400, Channel.REVERSE, Depth.GENERATE, Reason.UPSTREAM_AUTH),
        ("the generation failed", 499, Channel.OFFICIAL, Depth.GENERATE, Reason.JOB_FAILED),
        ("the generation failed", 500, Channel.OFFICIAL, Depth.GENERATE, Reason.SERVER_ERROR),
        ("the generation failed", 400, Channel.OFFICIAL, Depth.ACCEPT, Reason.SERVER_ERROR),
        # a telling status overrules weak words, and no strong ones
        ("internal error", 401, Channel.OFFICIAL, Depth.GENERATE, Reason.INVALID_KEY),
        ("internal error", 400, Channel.OFFICIAL, Depth.GENERATE, Reason.SERVER_ERROR),
        ("insufficient balance", 401, Channel.OFFICIAL, Depth.GENERATE, Reason.QUOTA_EXHAUSTED),
        ("request timed out", 429, Channel.OFFICIAL, Depth.GENERATE, Reason.RATE_LIMITED),
        ("request timed out", 400, Channel.OFFICIAL, Depth.GENERATE, Reason.SERVER_TIMEOUT),
    ],
)  # fmt: skip
def test_a_topic_means_what_whoever_speaks_can_mean(
    text: str, http: int, channel: Channel, depth: Depth, reason: Reason
) -> None:
    """By channel, depth and status."""
    assert _verdict({"message": text}, http, depth, channel).reason is reason


@pytest.mark.parametrize(
    ("text", "extra", "proves"),
    [
        ("Bad request", "prompt is required", True),
        ("Bad request", "insufficient balance, prompt is required", False),
        ("Bad request", "hello", False),
        ("prompt is required", "", True),
        ("Insufficient balance", "prompt is required", False),
    ],
)
def test_what_an_error_says_in_other_places_counts(text: str, extra: str, proves: bool) -> None:
    """Unless it is about something that no complaint outweighs."""
    verdict = _verdict({"message": text, "extra": {"reason": extra}}, 400, Depth.ACCEPT)

    assert (verdict.reason is Reason.REJECTED_AS_EXPECTED) is proves


@pytest.mark.parametrize(("code", "explicit"), [("insufficient_balance", True), ("", False)])
def test_a_code_that_means_one_thing_only_is_explicit(code: str, explicit: bool) -> None:
    """It sets the status at once; words need a second observation."""
    verdict = _verdict({"code": code, "message": "insufficient balance"}, 400, Depth.GENERATE)

    assert verdict.reason is Reason.QUOTA_EXHAUSTED
    assert (verdict.certainty is Certainty.EXPLICIT) is explicit
    assert verdict.fault is Fault.ACCOUNT


@pytest.mark.parametrize(("known", "rule"), [(True, "kling."), (False, "lexicon.")])
def test_a_rule_of_the_provider_comes_before_what_everybody_means(known: bool, rule: str) -> None:
    """Its number is a code only in its own file."""
    body = json.dumps({"code": 1102, "message": "Account balance not enough"}).encode()
    file = load_provider("kling") if known else None

    verdict = explain(Answer(429, {}, body), file, load_generic(), now=TODAY, depth=Depth.REACH)

    assert verdict.rule.startswith(rule)


@pytest.mark.parametrize(
    ("marks", "reason"),
    [({"cloudflare_error": True}, Reason.EDGE_CHALLENGE), ({}, Reason.INVALID_KEY)],
)
def test_what_an_edge_says_is_never_about_our_key(marks: dict[str, object], reason: Reason) -> None:
    """In the same words."""
    body = json.dumps({"error": "Invalid API key", **marks}).encode()

    verdict = explain(Answer(403, {}, body), None, load_generic(), now=TODAY, depth=Depth.REACH)

    assert verdict.reason is reason


@pytest.mark.parametrize(
    ("word", "reason"), [("processing", Reason.OK), ("frobnicating", Reason.UNKNOWN_WORD)]
)
def test_an_unknown_word_of_a_job_is_no_success(word: str, reason: Reason) -> None:
    """Nobody knows what it means."""
    body = json.dumps({"id": "1", "status": word}).encode()

    verdict = explain(Answer(200, {}, body), None, load_generic(), now=TODAY, depth=Depth.GENERATE)

    assert verdict.reason is reason


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("InvalidParameter", Reason.REJECTED_AS_EXPECTED),
        ("InternalError", Reason.SERVER_ERROR),
    ],
)
def test_a_relay_may_tell_a_refusal_with_a_status_of_its_own(code: str, reason: Reason) -> None:
    """new-api hands on what its vendor said inside a 502: the vendor's own code tells what it was."""
    inner = {"error": {"code": code, "message": "the parameter resolution is not valid"}}
    body = json.dumps({"code": "fail_to_fetch_task", "message": json.dumps(inner)}).encode()
    read = explain(
        Answer(502, {}, body),
        load_provider("new-api"),
        load_generic(),
        now=TODAY,
        depth=Depth.ACCEPT,
        channel=Channel.REVERSE,
    )

    assert read.reason is reason


@pytest.mark.parametrize(
    ("http", "channel", "reason"),
    [
        (503, Channel.REVERSE, Reason.UPSTREAM_AUTH),
        (403, Channel.REVERSE, Reason.INVALID_KEY),
        (503, Channel.OFFICIAL, Reason.INVALID_KEY),
    ],
)
def test_a_server_that_fails_has_not_refused_our_key(
    http: int, channel: Channel, reason: Reason
) -> None:
    """A pool whose own token is dead answers with a status of a server."""
    told = {"message": "Token is invalid or could not be refreshed"}

    assert _verdict(told, http, Depth.GENERATE, channel).reason is reason


@pytest.mark.parametrize(
    ("code", "text", "channel", "reason"),
    [
        ("invalid_argument", "No.", Channel.OFFICIAL, Reason.INVALID_REQUEST),
        ("InvalidParameter.Duration", "The duration is invalid.", Channel.OFFICIAL, Reason.INVALID_REQUEST),
        ("validation_error", "", Channel.OFFICIAL, Reason.INVALID_REQUEST),
        ("invalid_argument", "No.", Channel.REVERSE, Reason.JOB_FAILED),  # a relay calls all so
        ("invalid_argument", "Rejected by content moderation.", Channel.OFFICIAL, Reason.PROBE_MODERATED),
        ("invalid_image_output", "No.", Channel.OFFICIAL, Reason.JOB_FAILED),  # it is what was made
        ("missing_output", "No.", Channel.OFFICIAL, Reason.JOB_FAILED),
        ("x", "The duration is invalid.", Channel.OFFICIAL, Reason.JOB_FAILED),  # words may mean anything
    ],
)  # fmt: skip
def test_a_job_that_failed_for_its_input_is_not_the_vendors_failure(
    code: str, text: str, channel: Channel, reason: Reason
) -> None:
    """Only a code that says so blames what was asked for, and no words outweigh others."""
    verdict = _verdict({"code": code, "message": text}, 200, Depth.GENERATE, channel)

    assert verdict.reason is reason


@pytest.mark.parametrize(
    ("message", "http", "reason"),
    [
        ("Sampler not found", 404, Reason.REJECTED_AS_EXPECTED),
        ("Sampler not found", 403, Reason.NO_ENTITLEMENT),
        ("Maximum 5 samplers allowed, got 6", 400, Reason.REJECTED_AS_EXPECTED),
        ("Maximum 5 samplers allowed, got 6", 200, Reason.REJECTION_UNPROVEN),
        ("failed parsing request body: json: cannot unmarshal", 500, Reason.REJECTION_UNPROVEN),
        ("upstream returned status: 400", 400, Reason.REJECTION_UNPROVEN),
        ("upstream returned status: 400", 503, Reason.SERVER_ERROR),
    ],
)
def test_what_a_create_is_answered_with(message: str, http: int, reason: Reason) -> None:
    """A name that is not there, a number too many, a relay that tells nothing but a status."""
    body = json.dumps({"error": {"message": message}}).encode()
    answer = Answer(http, {}, body, broken=("sampler_name", "samplers"))
    found = explain(answer, None, load_generic(), now=TODAY, depth=Depth.ACCEPT)
    assert found.reason is reason, found


@pytest.mark.parametrize(
    ("code", "http", "reason"),
    [
        ("internal_error", 400, Reason.REJECTION_UNPROVEN),
        ("internal_error", 409, Reason.SERVER_ERROR),
        ("internal_server_error", 400, Reason.REJECTION_UNPROVEN),
    ],
)
def test_a_general_code_around_words_that_nobody_knows(
    code: str, http: int, reason: Reason
) -> None:
    """With a validator's status it may be a refusal of what we broke."""
    verdict = _verdict({"code": code, "message": "the glimmer is too shiny"}, http, Depth.ACCEPT)
    assert verdict.reason is reason, verdict


@pytest.mark.parametrize("http", [401, 402, 403, 407, 410, 429])
def test_a_telling_status_comes_before_weak_words(http: int) -> None:
    """Whatever a server calls internal."""
    assert (
        _verdict({"message": "internal error"}, http, Depth.REACH).reason is not Reason.SERVER_ERROR
    )
    assert (
        _verdict({"message": "internal error"}, http + 30, Depth.REACH).reason
        is Reason.SERVER_ERROR
    )
