"""Other people's credentials are taken out of what services relay; what people ask support with stays."""

from __future__ import annotations

import base64
import random
import string

import pytest

from genmedia_exporter.core.masking import mask
from genmedia_exporter.core.redact import hide, redact, scrub

# Made up here and nowhere valid. In pieces, so that no scanner takes this file for a leak.
SK = "sk-" + "proj-9dK2mQ7xT4vB1nL8"
BASE62 = "Zq8rT2vK9mX4" + "bN7cL1pW6sD3fG5h"
HEX32 = "4f3c2b1a09" + "d8e7f6a5b4c3d2e1f0" + "9a8b"
UUID = "3f2b8c1e-5a4d-4e6f-9b7a-1c2d3e4f5a6b"
JWT = "eyJ" + "hbGciOiJIUzI1NiJ9.eyJpc3MiOiJhayJ9.c2lnbmF0dXJlLW9mLWl0"
AWS = "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY"

MASKED = [
    # user and password in addresses
    ("dial https://bob:hunter2@relay.example/v1: refused", "hunter2"),
    ("dial https://bob:p@ss@relay.example/v1: refused", "p@ss"),
    ("postgresql+psycopg://app:s3cr3t@db/x", "s3cr3t"),
    ("redis://:hunter2@cache:6379/0", "hunter2"),
    ("git clone https://oauthtoken@github.example/x", "oauthtoken"),
    # named values
    ("login failed: password=hunter2", "hunter2"),
    ("login failed: password=hunter", "hunter"),
    ("PASSWORD: swordfish, user: bob", "swordfish"),
    ("db passwd='two words'; retry", "two words"),
    ('{"password":"hunter2","model":"veo-3.1"}', "hunter2"),
    ('{\\"password\\":\\"hunter2\\",\\"model\\":\\"veo\\"}', "hunter2"),
    ('{"password":"hun \\\\\\"cut', "hun "),
    ("pwd=hunter2&user=bob", "hunter2"),
    ("client_secret=abcdefgh", "abcdefgh"),
    ("secret: a1b2c3", "a1b2c3"),
    ("token=abc", "abc"),
    ("access_token%3Dabc1def", "abc1def"),
    ("refresh_token => 'abc1def'", "abc1def"),
    ("session token: 12345678", "12345678"),
    ("api_key=k1", "k1"),
    ("X-Api-Key: zzz9", "zzz9"),
    ("apikey: 'zzz9'", "zzz9"),
    (f"key={HEX32}", HEX32),
    (f'{{"key": "{HEX32}"}}', HEX32),
    (f"AccountKey={BASE62}==;EndpointSuffix=x", BASE62),
    (f"aws_secret_access_key = {AWS}", AWS),
    ("Authorization: Bearer abc", "abc"),
    ("authorization: bearer a1", "a1"),
    ("authorization: Basic Ym9iOmh1bnRlcjI=", "Ym9iOmh1bnRlcjI="),
    ("Cookie: sid=a1b2c3", "a1b2c3"),
    ("密码：hunter2", "hunter2"),
    ("令牌=abc1def", "abc1def"),
    ("Cookie: sid=a1b2c3; theme=dark99", "dark99"),
    ('secret="two words"', "two words"),
    ("{'Authorization': 'Key zz9'}", "zz9"),
    ("<password>hunter2</password>", "hunter2"),
    ("<ApiKey>zzz9</ApiKey>", "zzz9"),
    ("psql --password hunter2", "hunter2"),
    ("curl -u bob:hunter2 https://x", "hunter2"),
    # signed addresses
    ("https://b.s3.amazonaws.com/v.mp4?X-Amz-Expires=900&X-Amz-Signature=deadbeef", "deadbeef"),
    ("see https:\\/\\/b.example\\/v.mp4?sig=abcd&se=2026", "abcd"),
    ("GET /v.mp4?Expires=1700000000&Signature=abcd&Key-Pair-Id=K1", "1700000000"),
    ("GET /v.mp4?sv=2024&se=2026&sig=abcd", "abcd"),
    ("X-Amz-Signature=deadbeef", "deadbeef"),
    ("&Signature=abcd", "abcd"),
    # by prefix
    (f"Incorrect API key provided: {SK}.", SK),
    (f"upstream said:\\n{SK}", SK),
    (f"%22{SK}%22", "9dK2mQ7x"),
    ("bad key sk-ab****yz", "sk-ab"),
    ("AIza" + "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q", "SyA1b2"),
    ("ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8", "a1B2c3"),
    ("xai-" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6", "a1B2c3"),
    ("r8_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8S", "a1B2c3"),
    ("hf_" + "aBcDeFgHiJkLmNoPqRsTuVwX1zAbCdEfGh", "aBcDeF"),
    ("AKIA" + "IOSFODNN7EXAMPLE", "IOSFODNN7EXAMPLE"),
    ("LTAI" + "5tQ1w2E3r4T5y6U7", "5tQ1w2"),
    ("xoxb-" + "123456789012-abcdefABCDEF", "abcdefABCDEF"),
    (f"key {UUID}:{HEX32}", HEX32),
    (f"id {UUID}:{HEX32}", HEX32),
    (f"{HEX32}.{BASE62[:16]}", BASE62[:16]),
    (f"jwt {JWT} expired", "c2lnbmF0dXJl"),
    (f"cut {JWT[:40]}", JWT[20:40]),
    (f"Bearer {HEX32}", HEX32),
    ("Bearer: zz9zz9", "zz9zz9"),
    ("bot123456789:AA" + "Hk3" * 11, "Hk3Hk3"),
    ("ghp_" + "a" * 36, "aaaa"),
    ("xai-" + "abc" * 8, "abcabc"),
    ("Bearer abcdefghijklmno", "abcdefghijklmno"),
    ("basic Ym9iOmh1bnRlcjI=", "Ym9iOmh1bnRlcjI="),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIB\nabc=\n-----END RSA PRIVATE KEY-----", "MIIB"),
    # by what stands before it, or by being random
    ("the password is hunter2", "hunter2"),
    ("your password hunter2 is wrong", "hunter2"),
    ("密码是hunter2", "hunter2"),
    ("password is: hunter2", "hunter2"),
    ("token '12ab-34cd' expired", "12ab-34cd"),
    ('无效的 API 密钥 "pool-key-7a8b"', "pool-key-7a8b"),
    (r'无效的密钥 \"pool-key-7a8b\"', "pool-key-7a8b"),
    ("map[Authorization:[Bearer abc12def] X-Api-Key:[zzz9]]", "abc12def"),
    ("map[Authorization:[Bearer abc12def] X-Api-Key:[zzz9]]", "zzz9"),
    ("bob:hunter2@tcp(db.internal:3306)/x", "hunter2"),
    ("proxy bob:hunter2@10.0.0.1:3128 refused", "hunter2"),
    ("curl --user bob:hunter2 https://x", "hunter2"),
    ("curl --proxy-user=bob:hunter2 https://x", "hunter2"),
    (f"https://open.feishu.cn/open-apis/bot/v2/hook/{UUID} failed", UUID),
    ("https://hooks.slack.com/services/T1/B1/xyz failed", "xyz"),
    # written so that the word that tells, or the sign behind it, is not there as such
    (r"\u5bc6\u7801\uff1ahunter2", "hunter2"),
    (r"\\u5bc6\\u94a5\\uff1agateway-key-1", "gateway-key-1"),
    ("ｐａｓｓｗｏｒｄ＝hunter2", "hunter2"),
    ("pass\u200bword=hunter2", "hunter2"),
    (r"pass\u200bword=hunter2", "hunter2"),
    (r"password\u003dhunter2", "hunter2"),
    (r"password\U0000003dhunter2", "hunter2"),
    ("password&#61;hunter2", "hunter2"),
    ("password&equals;hunter2", "hunter2"),
    ("%7B%22api_key%22%3A%20%22zzz9%22%7D", "zzz9"),
    ("%257B%2522api_key%2522%253A%2522zzz9%2522%257D", "zzz9"),
    ("token 12ab34cd expired", "12ab34cd"),
    ("key: ABCDEF22aaaaaaaa1", "ABCDEF22"),
    (f"API key {HEX32} is not valid", HEX32),
    (f"invalid token: {HEX32}", HEX32),
    (f"无效的密钥为 {HEX32}", HEX32),
    (f"upstream rejected {BASE62}", BASE62),
    (f"upstream rejected {AWS}", AWS),
    (f"POST https://hooks.example/services/T1/{BASE62} failed", BASE62),
    ("rejected " + HEX32 + HEX32, HEX32),
    # a session's id is as good as its password
    (f'{{"sessionId":"{BASE62[:24]}","code":401}}', BASE62[:24]),
    (f'{{"session_id":"{HEX32}"}}', HEX32),
    (f"GET /api/user?sessionId={HEX32} -> 401", HEX32),
    (f"JSESSIONID={HEX32.upper()}; PHPSESSID=x", HEX32.upper()),
    (f"ASP.NET_SessionId: {HEX32}", HEX32),
    ("otp=493021", "493021"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "secret"), MASKED)
def test_masked(text: str, secret: str) -> None:
    """The credential is gone, and it is said that there was one."""
    shown = mask(text)
    assert secret not in shown
    assert "<secret>" in shown or "?…" in shown


KEPT = [
    "(request id: 202611290117570975677548268d9d6ffqqdYrZ)",
    "no token for request 202611290117570975677548268d9d6ffqqdYrZ",
    "invalid token (request id: 202611290117570975677548268d9d6ffqqdYrZ)",
    "202611290117570975677548268d9d6ffqqdYrZ",
    "Request id: 0217426318107460cfa43dc3f3683b1de1c09624ff49085a456ac",
    f"request {UUID} failed",
    f"the token was refused, request_id={UUID}",
    f"trace {HEX32}",
    HEX32,
    "4d0c8f7a1b2e3d4c5f6a7b8c9d0e1f2a3b4c5d6e",
    "req_011CSHoEeqs5C35K2UUqR7Fy",
    "video_68d7512d07848190b3e45da0ecbebcde004da08e1e0678d5",
    "chatcmpl-BVsJ4kQ2w8xYz1aB3cD5eF7gH9iJ0",
    "cgt-20251129011757-7xk2p",
    "task_9aB8cD7eF6gH5iJ4kL3mN2oP",
    f'{{"id": "{BASE62}", "status": "failed"}}',
    f"x-amz-cf-id: {BASE62}==",
    "x-amz-request-id: 79104EXAMPLEB723",
    "cf-ray 9f00aa11bb22cc33-FRA",
    "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "sha256:" + "ab12" * 16,
    "gpt-image-1.5-2025-12-16",
    "doubao-seedance-1-0-pro-250528",
    "key frame interpolation of xai-grok-imagine-video is off",
    "key-frame-interpolation-v2",
    "fal-ai/kling-video/v2.5-turbo/pro/text-to-video",
    "Wan2.2-I2V-A14B-Lightning-4steps-v1.0",
    "black-forest-labs/FLUX.1-Kontext-dev",
    "api key for doubao-seedance-1-0-pro-250528",
    "accounts/fireworks/models/flux-1-schnell-fp8",
    "max_tokens=4096, total_tokens: 128000, token=5",
    "Too many tokens: 128000 exceed 65536",
    "token expired",
    "Invalid token: signature verification failed",
    "token: malformed",
    "password: must not be empty",
    "using password: YES",
    "accounts.a.api_key: environment variable OPENAI_API_KEY is not set",
    'api_key: unknown key; did you mean "key"',
    "Bearer authentication required",
    "Basic authentication is off",
    "authorization: required",
    '{"loc":["body","token"],"msg":"field required"}',
    '{"password":null,"token":""}',
    "InvalidParameterValueException.UnsupportedAspectRatioV2",
    "org.springframework.web.HttpMediaTypeNotSupportedException",
    "/usr/lib/python3.11/site-packages/httpx2/_transports/default.py",
    "/v1/videos?limit=10&order=desc",
    "https://example.com/docs/errors#code-1102",
    "user@example.com asked at 2026-11-29T03:13:36.815Z",
    "sdk-python/1.2.3, disk-usage-12345678, task-1234567890",
    "账户余额不足，请充值后重试（错误码：1102）",
    "signature: invalid; sign the request again",
    "password must have 8 characters, token limit 4096, api key v2 is old",
    "api key first_frame_image_2 is unknown, token count 128000",
    "a password is required; the secret is missing",
    "a password > 8 characters",
    "--token-limit 4096, -u root",
    "a basic plan, token usage 5h30m",
    r'{"message": "\u4f59\u989d\u4e0d\u8db3\uff0c\u4ee4\u724c\u5df2\u8fc7\u671f"}',
    "the prompt's length is 100&#37; of &quot;max_tokens&quot;, see /a%20b%3Fx",
    "mailto:support@example.com, 12:30:45@host",
    'token "sora" and token [1, 2] are unknown',
    "secret: [type=missing, input_value={}]",
    "sessionId: missing, session_id is required, session expired",
    "session: not authenticated; invalid session id",
]  # fmt: skip


@pytest.mark.parametrize("text", KEPT)
def test_kept(text: str) -> None:
    """Ids, models, paths, codes and prose stay as they are, letter by letter."""
    assert mask(text) == text


def test_a_text_is_written_plainly_only_where_that_shows_a_credential() -> None:
    """In quotation marks that do not end the text around it."""
    text = r'{"a": "\u4f59\u989d \u0022password\u0022: \u0022hunter2\u0022"}'
    assert mask(text) == """{"a": "余额 'password': '<secret>'"}"""
    assert mask(text.replace("hunter2", "")) == text.replace("hunter2", "")


def test_of_an_address_only_the_key_is_masked() -> None:
    """Where it points stays readable."""
    text = f"POST https://hooks.example/services/T1/{BASE62} failed"
    assert mask(text) == "POST https://hooks.example/services/T1/<secret> failed"


def test_random_keys_are_masked_and_random_ids_stay() -> None:
    """Of any key of base62 or base64 nothing stays; UUIDs, trace ids and dated ids always do."""
    dice = random.Random(12)  # noqa: S311 - for a test
    letters = string.ascii_letters + string.digits
    for _ in range(500):
        plain = "".join(dice.choices(letters, k=32))
        packed = base64.b64encode(dice.randbytes(30)).decode()
        assert plain not in mask(f"upstream refused {plain} today")
        assert packed not in mask(f"upstream refused {packed} today")
        trace = dice.randbytes(16).hex()
        uuid = "-".join((trace[:8], trace[8:12], trace[12:16], trace[16:20], trace[20:]))
        dated = "20261129011757" + trace[:17] + plain[:8]
        for kept in (trace, uuid, dated):
            assert mask(f"failed, {kept}") == f"failed, {kept}"


def test_a_key_stays_hidden_where_its_text_was_cut() -> None:
    """A cut in a value does not open it."""
    assert mask('{"password":"' + "correct horse " * 200) == '{"password":"<secret>'
    assert mask('{"token":"a1' + "b" * 200) == '{"token":"<secret>'


def test_masking_twice_changes_nothing_more() -> None:
    """What was masked is no credential any more."""
    for text, _ in MASKED:
        assert mask(mask(text)) == mask(text)


def test_scrub_is_one_line_and_cut() -> None:
    """The mask comes before the cut, and what nobody sees is gone before the mask."""
    assert scrub(f"a\n b {BASE62[:9]}\u200b{BASE62[9:]}\u2028c") == "a b <secret> c"
    assert scrub("x" * 290 + f" password={BASE62}") == "x" * 290 + " password…"
    assert len(scrub("x " * 1_000_000)) == 300


@pytest.mark.parametrize(
    "piece",
    [
        "a", " ", "\\u4e2d", "%25", "&#61;", "a:b@", "token '", "://", "https://a?", "https:\\/\\/a\\/", "?a=", "&sig=", "password", 'password:"', "password='",
        "token:", "token=\\\\\\", "eyJaaaaaaaa.", "-----BEGIN PRIVATE KEY-----", "sk-", "key ", "key is ", "id: ",
        "@", "a1B2", "aB3-", "Bearer ", "%22", "\\u0022", "/", "20261129", "[0-9]", "key_a", "x" * 15 + " ",
    ],
)  # fmt: skip
def test_time_is_linear(piece: str) -> None:
    """A long text of anything takes about a microsecond a character; anything worse is never done."""
    mask(piece * (400_000 // len(piece)))


def test_an_address_behind_a_long_word_is_hidden() -> None:
    """However long a word is, nobody's address is left of it."""
    assert "@" not in redact("x" * 90 + ".y@example.com wrote")
    assert "token=abc" not in hide(f"https://a.example/{'p' * 900}?token=abcdef123456")


def test_of_an_address_with_a_port_only_the_part_that_is_a_credential_goes() -> None:
    """Whoever reads a probe wants to see what was asked; a password with a slash is not a path."""
    path = "/comfyui/history/035640544d18adbd31ad6b52"
    key = "aB3dE5/G7hI9jK1lM3nO5pQ7rS9"

    assert mask(f"GET http://127.0.0.1:40619{path}") == f"GET http://127.0.0.1:40619{path}"
    assert (
        mask(f"http://comfy.lan:8188/x/{key.replace('/', '')}")
        == "http://comfy.lan:8188/x/<secret>"
    )
    assert key not in mask(f"postgresql://u:{key}")
