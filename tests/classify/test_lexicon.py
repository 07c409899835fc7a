"""The lexicon: codes read as words, the order of meanings, contexts in which words mean something else."""

from __future__ import annotations

import time
from itertools import product

import pytest

from genmedia_exporter.classify.by_words import REASONS
from genmedia_exporter.classify.lexicon import ENTRIES, clauses, sense_of, topic_of, words_of
from genmedia_exporter.classify.proof import EVERYTHING, complaint
from genmedia_exporter.classify.topics import Topic


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("CreditInsufficient", "credit insufficient"),
        ("BILLING_BALANCE_NOT_ENOUGH", "billing balance not enough"),
        ("ResourceUnavailable.InArrears", "resource unavailable in arrears"),
        ("invalidApiKey", "invalid api key"),
        ("HTTPError404", "http error 404"),
        ("channel:no_available_key", "channel no available key"),
    ],
)
def test_codes_are_words(code: str, words: str) -> None:
    """Whatever holds them together."""
    assert words_of(code) == words


def test_a_code_is_read_as_far_as_a_code_goes() -> None:
    """What is remembered of it is bounded, whatever a service sends as one."""
    assert words_of("a" * 256) == words_of("a" * 300_000) == "a" * 256


@pytest.mark.parametrize(
    ("code", "text", "topic"),
    [
        ("CreditInsufficient", "", Topic.MONEY),
        ("", "Insufficient Buzz", Topic.MONEY),
        ("", "[请求有误]: 正确请求为 POST -> /v1/chat/completions，当前请求为 GET -> /v1/images/generations 请纠正", Topic.ROUTE),
        ("insufficient_scope", "Token lacks required permissions.", Topic.ENTITLEMENT),
        ("", "You've used all your generations for this month", Topic.MONEY),
        ("", "You need at least 5 credits to run this model", Topic.MONEY),
        ("", "Model end-of-life reached", Topic.GONE),
        ("", "Account x in error state: refresh token rejected", Topic.SESSION),
        ("PUBLIC_ERROR_TRUMP_FACE_DETECTED", "Request contains an invalid argument.", Topic.CONTENT),
        ("", "No available compatible accounts", Topic.NO_CHANNEL),
        ("no_providers_available", "Free tier users do not have access to this model. Upgrade to paid credits.", Topic.ENTITLEMENT),
        ("video_pricing_missing", "video pricing missing for model x", Topic.SETUP),
        ("gateway_error", "", Topic.INTERNAL),
        ("TaskPromptPolicyViolation", "", Topic.CONTENT),
        # a specific code decides over words that are somebody else's, a general one does not
        ("server_is_overloaded", "Overloaded. Maintenance of the billing page is on Sunday.", Topic.CAPACITY),
        ("UNAVAILABLE", "The service is under scheduled maintenance.", Topic.MAINTENANCE),
        ("FORBIDDEN", "Your resource has been blocked for our content policy.", Topic.ACCOUNT),
        ("rate_limit_exceeded", "You exceeded your current quota.", Topic.MONEY),
        ("content_policy_violation", "Your account is suspended.", Topic.ACCOUNT),
        ("invalid_api_key", "Your account is suspended.", Topic.ACCOUNT),
        ("server_is_overloaded", "Your api key is invalid.", Topic.CAPACITY),
        # contexts
        ("", "Quota exceeded for requests per minute", Topic.RATE),
        ("", "Calls quota exceeded! At most 2 per second.", Topic.RATE),
        ("", "Quota exceeded, check your billing. The rate limit is 2 per second.", Topic.MONEY),
        ("", "Monthly spending cap reached", Topic.MONEY),
        ("", "Your account was flagged for unusual activity and disabled", Topic.ACCOUNT),
        ("", "Requests from this region cannot specify a prompt", Topic.REGION),
        ("", "Quota exceeded for concurrent tasks", Topic.CONCURRENCY),
        ("", "Unexpected token < in JSON at position 0", Topic.VALIDATION),
        ("", "max_tokens must be positive", Topic.VALIDATION),
        ("", "This model is temporarily paused", Topic.PAUSED),
        ("", "Your subscription has been paused", None),
        ("", "Parameter 'style' is deprecated", Topic.VALIDATION),
        ("", "The model is deprecated", Topic.GONE),
        ("", "User is locked. Reason: Exhausted balance", Topic.MONEY),
        ("", "User is locked. Reason: Admin lock", Topic.ACCOUNT),
        # whose request it was stands beside what was wrong with it
        ("", "Content violates usage guidelines. Team: t, API key ID: k, Failed check: SAFETY_CHECK_TYPE_CSAM", Topic.CONTENT),
        ("", "Invalid API key ID: k", Topic.KEY),
        ("", "The prompt could not be submitted. Support codes: 58061214", Topic.CONTENT),
        ("", "Please contact us, support code: 42", None),
        ("free-usage-exhausted", "", Topic.DAILY),
        ("", "该 API 已触发流量限制", Topic.RATE),
        # as vendors' own lists have them, and what stands next to them
        ("ServiceUnavailable", "Too many requests. You are being throttled due to system capacity limits.", Topic.CAPACITY),
        ("ServiceUnavailable", "Too many requests. You are being throttled due to your plan.", Topic.RATE),
        ("InflightBatchsizeExceeded", "", Topic.CONCURRENCY),
        ("", "Too many tokens per day, please wait before trying again.", Topic.DAILY),
        ("", "Too many tokens per minute, please wait before trying again.", Topic.RATE),
        ("AllocationQuota.FreeTierOnly", "The free tier of the model has been exhausted.", Topic.MONEY),
        ("", "Out of call volume quota. Quota will be replenished in 06:12:33.", Topic.MONEY),
        ("", "Public access is disabled. Please configure private endpoint.", Topic.REGION),
        ("LOCATION_POLICY_VIOLATED", "", Topic.REGION),
        ("CONTENT_POLICY_VIOLATED", "", Topic.CONTENT),
        ("", "We had to rate limit your IP (1.2.3.4).", Topic.RATE),
        ("", "Your IP is not allowed.", Topic.REGION),
        ("CONSUMER_SUSPENDED", "Permission denied: Consumer 'api_key:A' has been suspended.", Topic.ACCOUNT),
        ("", "Requests from this Android client application <empty> are blocked.", None),
        ("", "Requests to this API generativelanguage.googleapis.com method GenerateContent are blocked.", None),
        ("", "Generated content is blocked.", Topic.CONTENT),
        ("IPInfringementSuspect", "", Topic.CONTENT),
        ("FaqRuleBlocked", "", Topic.CONTENT),
        ("", "Invalid file, cannot open file as video.", Topic.VALIDATION),
        ("OperationDenied.ServiceNotOpen", "", Topic.ENTITLEMENT),
        ("", "Invalid timeout header", Topic.VALIDATION),
        ("", "API version not supported", Topic.VALIDATION),
        ("", "models/x is not found for API version v1beta", Topic.MODEL),
        ("", "Could not resolve the foundation model from model identifier: x", Topic.MODEL),
        ("", "Application 'stable-video' not found", Topic.MODEL),
        ("", "Unable to process input image.", None),
        ("", "The server is unable to process your request.", Topic.CAPACITY),
        ("", "The model does not support enable_thinking.", None),
        ("", "No media was generated.", Topic.FAILED),
        ("", "Your prompt is fine, but your organization must be verified", Topic.ENTITLEMENT),
        ("UserCancelled", "", None),
        ("BILLING_FAILED", "billing service error", Topic.INTERNAL),
        ("", "required key [prompt] not found", Topic.VALIDATION),
        ("", "check login error", Topic.SESSION),
        ("", "No endpoints match your guardrail restrictions and data policy", Topic.ENTITLEMENT),
        ("", "Service unavailable for account", Topic.ENTITLEMENT),
        ("", "Model x price not configured", Topic.SETUP),
        ("", "The entered text is not compliant", Topic.CONTENT),
        # a key of JSON is none of ours, and to verify an address is nothing we need a right for
        ("", "Invalid parameters, such as an incorrect key or invalid value", Topic.VALIDATION),
        ("", "An incorrect API key or invalid value", Topic.KEY),
        ("", "extraneous key [glimmers] is not permitted, please reformat your input", None),
        ("", "This key is not permitted to use glimmers", Topic.ENTITLEMENT),
        ("", "unexpected keys are not permitted for your account", Topic.ENTITLEMENT),
        ("", "Please verify the URL is accessible and points to a glimmer", None),
        ("", "Please verify your email address", Topic.ENTITLEMENT),
        # whatever a currency is called; and what is no currency
        ("", "This shared key does not have enough remaining kudos (12) to fulfill this request (84).", Topic.MONEY),
        ("", "Your account does not have enough glimmers to complete this generation", Topic.MONEY),
        ("", "You do not have enough permissions to perform this action", Topic.ENTITLEMENT),
        ("", "Your account does not have enough capacity to run this job", None),
        ("", "You do not have enough frames to create a clip", None),
        ("usage_limit_reached", "Rate limit reached", Topic.MONEY),
        ("anti_bot_rejected", "", Topic.CAPTCHA),
        ("", "会话被上游反机器人规则拒绝", Topic.CAPTCHA),
        ("", "该机器人不存在", None),
        ("", "账户余额不足", Topic.MONEY),
        ("", "提示词包含敏感信息", Topic.CONTENT),
        ("", "该模型已下线", Topic.GONE),
        ("", "并发任务数超过限制", Topic.CONCURRENCY),
        ("", "something we have never read", None),
    ],
)  # fmt: skip
def test_what_an_error_is_about(code: str, text: str, topic: Topic | None) -> None:
    """By its code and its text, the order of meanings between them."""
    sense = sense_of([code] if code else [], text)

    assert (sense.topic if sense else None) is topic


@pytest.mark.parametrize(
    ("codes", "text", "topic"),
    [
        (["rate_limit_error", "usage_limit_reached"], "glimmer 速率限制中，请稍后重试", Topic.RATE),
        (["rate_limit_error", "usage_limit_reached"], "The limit of glimmers", Topic.MONEY),
        (["rate_limit_error", "insufficient_balance"], "glimmer 速率限制中", Topic.MONEY),
        (["usage_limit_reached"], "glimmer 速率限制中", Topic.MONEY),
    ],
)
def test_a_use_that_is_limited_may_be_one_of_a_rate(
    codes: list[str], text: str, topic: Topic
) -> None:
    """Where another code and the text both say so; a purse is one whatever stands beside it."""
    sense = sense_of(codes, text)

    assert sense is not None
    assert sense.topic is topic


def test_every_topic_has_words_and_a_meaning() -> None:
    """The enumeration, the lexicon and the table of reasons are the same list."""
    assert sorted(entry.topic for entry in ENTRIES) == sorted(Topic)
    assert set(REASONS) == set(Topic)


def test_a_point_in_a_name_ends_no_clause() -> None:
    """Models have versions."""
    assert clauses("No gpt-image-1.5 here. Try sora-2") == ["no gpt-image-1.5 here", "try sora-2"]


HOSTILE = [
    "model ",
    "account ",
    "a",
    "/a",
    "a.b",
    "'prompt",
    "('a',",
    "credits not ",
    "requests limit ",
    "模型",
    "invalid ",
    "[",
    "[{'type': ",
    "prompt_x ",
    "promptStyle,",
    "龘",
    "时长",
    "时长龘，",
]


@pytest.mark.parametrize("again", [*HOSTILE, ""])
def test_no_text_keeps_the_lexicon_busy(again: str) -> None:
    """The service writes the text; the event loop waits while it is read."""
    mixed = " ".join(f"{one}{two}{three}" for one, two, three in product(HOSTILE[:11], repeat=3))
    text = (again * 4096 or mixed)[:4096]
    topic_of.cache_clear()
    began = time.process_time()
    sense_of([text[:128]], text)
    complaint(None, text, (), (), EVERYTHING)

    assert time.process_time() - began < 0.5
