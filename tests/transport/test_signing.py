"""Signers against the vectors that vendors publish, or that their own SDKs make."""

from __future__ import annotations

import httpx2
import pytest

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.transport.signing import aws_sigv4, tencent_tc3, volcengine
from genmedia_exporter.transport.signing.contract import Keys, Scope

AWS = Keys("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
AWS_TIME = Unix(1440938160.0)  # 2015-08-30T12:36:00Z
TENCENT = Keys("AKIDz8krbsJ5yKBZQpn74WFkmLPx3*******", "Gu5t9xGARNpq86cd98joQYCN3*******")
TENCENT_TIME = Unix(1551113065.0)
VOLCENGINE = Keys("AKLTexample", "c2VjcmV0LWtleQ==")
VOLCENGINE_TIME = Unix(1795939750.0)  # 2026-11-29T08:09:10Z


@pytest.mark.parametrize(
    ("method", "url", "signature"),
    [
        (
            "GET",
            "https://example.amazonaws.com/",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        (
            "GET",
            "https://example.amazonaws.com/?Param2=value2&Param1=value1",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        (
            "POST",
            "https://example.amazonaws.com/",
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        ),
    ],
    ids=["get-vanilla", "get-vanilla-query-order-key-case", "post-vanilla"],
)
def test_aws_test_suite(method: str, url: str, signature: str) -> None:
    """AWS's Signature Version 4 test suite, three of its requests."""
    headers = aws_sigv4.sign(
        httpx2.Request(method, url), AWS, Scope("service", "us-east-1", AWS_TIME)
    )

    assert headers["X-Amz-Date"] == "20150830T123600Z"
    assert headers["Authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        f"SignedHeaders=host;x-amz-date, Signature={signature}"
    )


def test_aws_session() -> None:
    """The token of temporary keys is sent and signed."""
    keys = Keys.of("AKIDEXAMPLE:wJalr:a-session:with:colons")
    request = httpx2.Request("GET", "https://example.amazonaws.com/")

    headers = aws_sigv4.sign(request, keys, Scope("bedrock", "us-east-1", AWS_TIME))

    assert headers["X-Amz-Security-Token"] == "a-session:with:colons"
    assert "SignedHeaders=host;x-amz-date;x-amz-security-token" in headers["Authorization"]


def test_tencents_own_example() -> None:
    """The example of the page "Signature v3" of Tencent's documentation, its keys masked as there."""
    body = r'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    request = httpx2.Request(
        "POST",
        "https://cvm.tencentcloudapi.com/",
        headers={"Content-Type": "application/json; charset=utf-8"},
        content=body.encode(),
    )

    headers = tencent_tc3.sign(request, TENCENT, Scope("cvm", "", TENCENT_TIME))

    assert headers["X-TC-Timestamp"] == "1551113065"
    assert headers["Authorization"] == (
        "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3*******/2019-02-25/cvm/tc3_request, "
        "SignedHeaders=content-type;host, "
        "Signature=2230eefd229f582d8b1b891af7107b91597240707d778ab3738f756258d7652c"
    )


@pytest.mark.parametrize(
    ("body", "session", "signature"),
    [
        (
            '{"req_key":"jimeng_t2v_v30","prompt":"一只纸船"}',
            "",
            "153ea1ec15b09d8fe9c1da4f3be98e68848033d002922bd601167cb06d916efb",
        ),
        ("", "", "79f8693eb712f9f1f364ddb406fcafe80e06f787eaa454b67060f41361f22fb3"),
        (
            "{}",
            "session-token",
            "06e8fe1ee2c1c3be8ac3652a9a6b7f2b3be769acb18879949b2d3cecb9c39407",
        ),
    ],
    ids=["body", "no body", "session"],
)
def test_volcengines_own_sdk(body: str, session: str, signature: str) -> None:
    """What volcengine 1.0.229 (its SDK for Python) signs at the same second."""
    request = httpx2.Request(
        "POST",
        "https://visual.volcengineapi.com/?Version=2022-08-31&Action=CVSync2AsyncSubmitTask",
        headers={"Content-Type": "application/json"},
        content=body.encode(),
    )
    keys = Keys(VOLCENGINE.access, VOLCENGINE.secret, session)

    headers = volcengine.sign(request, keys, Scope("cv", "cn-north-1", VOLCENGINE_TIME))

    more = ";x-security-token" if session else ""
    assert headers["X-Date"] == "20261129T080910Z"
    assert headers["Authorization"] == (
        "HMAC-SHA256 Credential=AKLTexample/20261129/cn-north-1/cv/request, "
        f"SignedHeaders=content-type;host;x-content-sha256;x-date{more}, Signature={signature}"
    )


def test_a_pair_of_keys_is_not_shown() -> None:
    """Whatever prints them by accident."""
    assert "wJalr" not in repr(AWS)
