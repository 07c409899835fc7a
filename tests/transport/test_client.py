"""What a wire puts into a request, and what it keeps of the answer."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from types import MappingProxyType

import pytest

from genmedia_exporter import __version__
from genmedia_exporter.core.evidence import Exchange, Transport
from genmedia_exporter.core.secret import Secret
from genmedia_exporter.core.status import Operation
from genmedia_exporter.providers.calls import Auth, Call
from genmedia_exporter.transport.headers import MAX_HEADER_LENGTH
from genmedia_exporter.transport.request import Request
from tests.drivers.world import (
    ACCEPT,
    KEY,
    REACH,
    account,
    jwt_provider,
    provider,
    request,
    send,
    trusting_network,
    wire_of,
)
from tests.transport.server import Server, answer, echo


def call(path: str, **more: object) -> Call:
    """Return a reach call of *path*."""
    fields = {"id": "c", "depth": "reach", "path": path, "proves": ["edge"], **more}
    return Call.model_validate(fields)


@pytest.mark.parametrize(
    ("template", "model", "line"),
    [
        ("/models/{model}", "veo3", "GET /v1/models/veo3 HTTP/1.1"),
        ("/models/{model}", "fal-ai/veo3", "GET /v1/models/fal-ai/veo3 HTTP/1.1"),
        ("/models/{model}", "a b?c#d", "GET /v1/models/a%20b%3Fc%23d HTTP/1.1"),
        ("/models/{model}", "万相", "GET /v1/models/%E4%B8%87%E7%9B%B8 HTTP/1.1"),
        ("/models/{model}", "{operation}", "GET /v1/models/%7Boperation%7D HTTP/1.1"),
        ("//api/{operation}", "veo3", "GET /api/video HTTP/1.1"),
        ("/x/{unknown}", "veo3", "GET /v1/x/%7Bunknown%7D HTTP/1.1"),
    ],
)
def test_templates_in_paths(template: str, model: str, line: str) -> None:
    """Names are filled in once, percent-encoded except for slashes; // leaves the version prefix out."""
    with Server(answer()) as server:
        send(account(server.url), call(template), model)
    assert server.received[0].line == line


def test_a_base_url_with_a_path() -> None:
    """The prefix follows the path of the base URL, and // leaves it out."""
    with Server(answer()) as server:
        at = account(server.url + "/proxy")
        send(at)
        send(at, call("//status"))
    assert [r.line.split()[1] for r in server.received] == [
        "/proxy/v1/models/veo3",
        "/proxy/status",
    ]


def test_json_body_query_and_headers() -> None:
    """Templates are filled at any depth, and who we are stands in the User-Agent."""
    with Server(answer()) as server:
        send(account(server.url), ACCEPT)
        send(account(server.url), call("/q", query={"m": "{model}&x"}, headers={"X-A": "1"}))
    create, query = server.received
    assert json.loads(create.body) == {"model": "veo3", "n": [1, "video"]}
    assert create.headers["content-type"] == "application/json"
    assert create.headers["user-agent"] == f"genmedia-exporter/{__version__}"
    assert create.headers["accept-encoding"] == "identity"
    assert query.line == "GET /v1/q?m=veo3%26x HTTP/1.1"
    assert query.headers["x-a"] == "1"


def test_a_form_is_sent_as_multipart() -> None:
    """A call with `form` sends fields, not JSON."""
    with Server(answer()) as server:
        send(account(server.url), call("/v", method="POST", form={"model": "{model}"}))
    sent = server.received[0]
    assert sent.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="model"\r\n\r\nveo3\r\n' in sent.body


def test_headers_of_provider_call_and_account() -> None:
    """The more specific header wins, and the account may move and rename the credential."""
    of = provider(headers={"X-A": "provider", "X-B": "provider"})
    own = MappingProxyType({"X-C": Secret("account-secret")})
    with Server(answer()) as server:
        at = account(server.url, of=of, auth_header="x-key", auth_prefix="", headers=own)
        send(at, call("/h", headers={"x-b": "call", "X-C": "call"}))
        send(at, call("/h", auth=False))
    first, second = (r.headers for r in server.received)
    assert (first["x-a"], first["x-b"], first["x-c"]) == ("provider", "call", "account-secret")
    assert first["x-key"] == KEY
    assert "authorization" not in first
    assert "x-key" not in second


@pytest.mark.parametrize(("key", "auth"), [(None, Auth()), (KEY, Auth(type="none"))])
def test_no_credential_to_send(key: str | None, auth: Auth) -> None:
    """Without a credential, or where none is wanted, the header is absent, not empty."""
    with Server(answer()) as server:
        send(account(server.url, key, provider(auth=auth)))
    assert "authorization" not in server.received[0].headers


def test_a_signed_token() -> None:
    """The token verifies with the secret half of the credential, and is valid now."""
    with Server(echo) as server:
        exchange = send(account(server.url, "access-key-1:secret-key-1", jwt_provider()))
    scheme, _, token = server.received[0].headers["authorization"].partition(" ")
    head, claims, signature = token.split(".")
    expected = hmac.new(b"secret-key-1", f"{head}.{claims}".encode(), hashlib.sha256).digest()
    assert scheme == "Bearer"
    assert base64.urlsafe_b64decode(signature + "=") == expected
    assert json.loads(base64.urlsafe_b64decode(head + "==")) == {"alg": "HS256", "typ": "JWT"}
    said = json.loads(base64.urlsafe_b64decode(claims + "=="))
    assert said["iss"] == "access-key-1"
    assert said["nbf"] <= time.time() < said["exp"] <= time.time() + 1800
    assert token not in repr(exchange)
    assert signature not in repr(exchange)


def test_a_credential_without_halves_is_sent_as_it_is() -> None:
    """Gateways that speak Kling's wire take an ordinary key."""
    with Server(answer()) as server:
        send(account(server.url, KEY, jwt_provider()))
    assert server.received[0].headers["authorization"] == f"Bearer {KEY}"


def test_only_telling_headers_are_kept() -> None:
    """Headers that help to judge are kept, cut to a bound; cookies never."""
    lines = "".join(f"x-ratelimit-{n}: {n}\r\n" for n in range(60))
    with Server(
        answer(headers=f"{lines}x-odd: 1\r\nset-cookie: s=1\r\ncf-ray: {'r' * 999}\r\nx-own: 2\r\n")
    ) as server:
        exchange = request(account(server.url), server.url, keep=("X-Own", "set-cookie"))
    assert set(exchange.headers) >= {"content-type", "cf-ray", "x-own", "x-ratelimit-1"}
    assert not {"x-odd", "set-cookie"} & set(exchange.headers)
    assert len(exchange.headers["cf-ray"]) == MAX_HEADER_LENGTH
    assert len(exchange.headers) <= 40


def test_no_time_left() -> None:
    """A request after the deadline is not made."""

    async def run(url: str) -> Exchange:
        return await wire_of(account(url), timeout=-1).request(Request("late", "GET", url))

    with Server(answer()) as server:
        exchange = asyncio.run(run(server.url))
    assert exchange.transport is Transport.CONNECT_TIMEOUT
    assert not server.received


def test_exchanges_are_kept_in_order() -> None:
    """The wire is the notebook of its probe."""

    async def run(url: str) -> list[str]:
        client = wire_of(account(url), network=trusting_network())
        await client.send(ACCEPT, model="m", operation=Operation.VIDEO)
        await client.send(REACH, model="m", operation=Operation.VIDEO)
        return [exchange.call for exchange in client.exchanges]

    with Server(answer()) as server:
        assert asyncio.run(run(server.url)) == ["empty_create", "model_get"]


def test_a_bug_of_ours_does_not_hide_the_exchange() -> None:
    """What was sent is noted before the error goes on: it may have cost money."""

    def stumble(_data: bytes) -> None:
        raise LookupError("a bug")

    async def run(url: str) -> list[Exchange]:
        client = wire_of(account(url), network=trusting_network())
        with pytest.raises(LookupError):
            await client.request(Request("create", "POST", url, body={}, heard=stumble))
        return client.exchanges

    with Server(answer()) as server:
        (noted,) = asyncio.run(run(server.url))
    assert (noted.call, noted.status, noted.transport) == ("create", 200, None)
