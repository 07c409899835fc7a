"""Each way to attach a credential, against services that check it; what is secret is kept nowhere."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, cast
from urllib.parse import parse_qsl

import pytest
from botocore.auth import SigV4Auth
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from genmedia_exporter.core.evidence import TOKEN, Exchange, Transport
from genmedia_exporter.core.secret import Secret
from genmedia_exporter.core.status import Depth, Operation
from genmedia_exporter.providers.calls import Auth, Call
from genmedia_exporter.providers.loader import load_provider
from genmedia_exporter.providers.schema import Provider
from genmedia_exporter.targets.model import Account
from genmedia_exporter.transport.network import Network
from genmedia_exporter.transport.signing.tokens import JWT_BEARER
from tests.drivers.world import REACH, account, provider, trusting_network, wire_of
from tests.transport.server import Received, Script, Server, Writer, answer, echo
from tests.transport.verifying import verified

assert SigV4Auth  # imported before a probe's time begins, as the configuration does

PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = PRIVATE.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
DOCUMENT = json.dumps(
    {
        "type": "service_account",
        "private_key_id": "key-id-0123456789",
        "private_key": PEM,
        "client_email": "probe@acme.iam.gserviceaccount.example",
    }
)
GIVEN = {"access_token": "ya29.token-0123456789", "expires_in": 3599, "token_type": "Bearer"}


def send(at: Account, call: Call = REACH, model: str = "veo3") -> Exchange:
    """Make *call* once, with time to spare: what is signed counts here, not how fast."""

    async def run() -> Exchange:
        return await wire_of(at, 20.0).send(call, model=model, operation=Operation.VIDEO)

    return asyncio.run(run())


async def checking(request: Received, writer: Writer) -> None:
    """Answer 200 where the signature holds, else 403; either way with what was received."""
    status = "200 OK" if verified(request) else "403 Forbidden"
    said = "\n".join(f"{name}: {value}" for name, value in request.headers.items())
    await answer(said.encode(), status)(request, writer)


def _call(of: Provider, depth: Depth, operation: Operation) -> Call:
    return cast(Call, of.call_for(depth, operation))


SIGNING = [
    ("bedrock", "AKIDTOY", Operation.IMAGE),
    ("tencent", "AKIDTOY", Operation.IMAGE),
    ("jimeng", "AKLTTOY", Operation.VIDEO),
]


@pytest.mark.parametrize("depth", [Depth.REACH, Depth.ACCEPT])
@pytest.mark.parametrize(("name", "access", "operation"), SIGNING)
def test_a_service_that_checks_signatures(
    name: str, access: str, operation: Operation, depth: Depth
) -> None:
    """The calls of shipped files, queries and model names with colons included."""
    of = load_provider(name)
    values = MappingProxyType({"region": "eu-west-1"})
    with Server(checking) as server:
        at = account(server.url, f"{access}:toy-secret-0123456789", of, variables=values)
        good = send(at, _call(of, depth, operation), "amazon.nova-canvas-v1:0")
        at = account(server.url, f"{access}:another-secret-012345", of, variables=values)
        bad = send(at, _call(of, depth, operation), "amazon.nova-canvas-v1:0")

    assert (good.status, bad.status) == (200, 403)
    assert "toy-secret-0123456789" not in repr(server.received)
    signature = server.received[0].headers["authorization"].rpartition("=")[2]
    assert signature not in repr(good)
    assert access not in repr(good)


def test_bedrocks_api_key_is_a_bearer_token() -> None:
    """What is no pair of keys is sent as it is."""
    of = load_provider("bedrock")
    with Server(answer()) as server:
        send(
            account(server.url, "ABSK-key-0123456789", of), _call(of, Depth.REACH, Operation.IMAGE)
        )
    assert server.received[0].headers["authorization"] == "Bearer ABSK-key-0123456789"


def test_a_key_in_the_query() -> None:
    """It stands beside the call's own query, and in no record of it."""
    of = provider(auth=Auth(type="query", parameter="api_key"))
    call = Call.model_validate(
        {"id": "c", "depth": "reach", "path": "/m", "query": {"limit": "1"}, "proves": ["key"]}
    )
    with Server(echo) as server:
        exchange = send(account(server.url, "sk canary&0123456789", of), call)
    assert server.received[0].line == "GET /v1/m?limit=1&api_key=sk+canary%260123456789 HTTP/1.1"
    assert exchange.url == f"{server.url}/v1/m"
    assert "canary" not in repr(exchange)


def test_placeholders_of_the_account_and_the_environment() -> None:
    """In headers, queries and bodies; the environment may hold secrets, so they are hidden."""
    of = provider(headers={"X-Project": "{account.project}", "X-Team": "{env.TEAM_KEY}"})
    call = Call.model_validate(
        {
            "id": "c",
            "depth": "reach",
            "method": "POST",
            "path": "/{account.project}/m",
            "json": {"project": "{account.project}", "team": "{env.TEAM_KEY}"},
            "proves": ["key"],
        }
    )
    secret = MappingProxyType({"TEAM_KEY": Secret("team-canary-0123456789")})
    values = MappingProxyType({"project": "acme"})
    with Server(echo) as server:
        at = account(server.url, of=of, variables=values, environment=secret)
        exchange = send(at, call)
    sent = server.received[0]
    assert sent.line.startswith("POST /v1/acme/m ")
    assert (sent.headers["x-project"], sent.headers["x-team"]) == ("acme", "team-canary-0123456789")
    assert json.loads(sent.body) == {"project": "acme", "team": "team-canary-0123456789"}
    assert "team-canary-0123456789" not in repr(exchange)
    assert b"acme" in exchange.body


# --- tokens -----------------------------------------------------------------------------------


def token_service(given: Mapping[str, Any], status: str = "200 OK") -> Script:
    """Give tokens at /token, and answer everything else with 200 where one is shown, else with 401."""

    async def script(request: Received, writer: Writer) -> None:
        if request.line.startswith("POST /token "):
            await answer(json.dumps(given).encode(), status)(request, writer)
        elif request.headers.get("authorization") == f"Bearer {GIVEN['access_token']}":
            await echo(request, writer)
        else:
            await answer(b'{"error": "no token"}', "401 Unauthorized")(request, writer)

    return script


def oauth(url: str, **more: Any) -> Provider:
    """Return a provider whose credential is exchanged at *url*."""
    return provider(auth=Auth(type="oauth_client_credentials", token_url=f"{url}/token", **more))


def ask_twice(at: Any, network: Network) -> list[Exchange]:
    """Make the reach call in two probes, one after the other."""

    async def run() -> list[Exchange]:
        seen = []
        for _ in range(2):
            client = wire_of(at, 20.0, network)
            call = at.provider.call_for(Depth.REACH, Operation.VIDEO)
            seen.append(await client.send(call, model="veo3", operation=Operation.VIDEO))
            assert client.exchanges == [seen[-1]]
        return seen

    return asyncio.run(run())


def test_client_credentials_are_exchanged_once() -> None:
    """The secret goes to the token's address alone, and the token is used until it ends."""
    with Server(token_service(GIVEN)) as server:
        at = account(
            server.url, "the-client:the:secret-0123456789", oauth(server.url, scope="media")
        )
        seen = ask_twice(at, trusting_network())
    lines = [r.line.split()[1] for r in server.received]
    assert lines == ["/token", "/v1/models/veo3", "/v1/models/veo3"]
    assert dict(parse_qsl(server.received[0].body.decode())) == {
        "grant_type": "client_credentials",
        "client_id": "the-client",
        "client_secret": "the:secret-0123456789",
        "scope": "media",
    }
    assert [e.status for e in seen] == [200, 200]
    assert "ya29.token" not in repr(seen)
    assert "secret-0123456789" not in repr(seen)


def test_a_short_token_is_renewed() -> None:
    """A token whose time is over is asked for anew; one that a service refuses, too."""
    with Server(token_service({**GIVEN, "expires_in": 0.001})) as server:
        ask_twice(account(server.url, "c:secret-0123456789", oauth(server.url)), trusting_network())
    assert [r.line.split()[1] for r in server.received].count("/token") == 2
    with Server(token_service({**GIVEN, "access_token": "stale-0123456789"})) as server:
        ask_twice(account(server.url, "c:secret-0123456789", oauth(server.url)), trusting_network())
    assert [r.line.split()[1] for r in server.received].count("/token") == 2


@pytest.mark.parametrize("seconds", [10**400, 1e308, float("inf"), float("nan"), -1, True, "soon"])
def test_a_life_that_cannot_be(seconds: object) -> None:
    """Whatever a service says of its token's life, the token is used."""
    with Server(token_service({**GIVEN, "expires_in": seconds})) as server:
        at = account(server.url, "c:secret-0123456789", oauth(server.url))
        assert [each.status for each in ask_twice(at, trusting_network())] == [200, 200]


@pytest.mark.parametrize(
    ("given", "status", "seen", "transport"),
    [
        ({"error": "invalid_client"}, "401 Unauthorized", 401, None),
        ({"error": "invalid_grant"}, "400 Bad Request", 400, None),
        ({}, "200 OK", 200, Transport.PROTOCOL),
        ({"access_token": ""}, "200 OK", 200, Transport.PROTOCOL),
        ({"access_token": "two\nlines"}, "200 OK", 200, Transport.PROTOCOL),
    ],
)
def test_no_token_is_given(
    given: dict[str, str], status: str, seen: int, transport: Transport | None
) -> None:
    """What was asked is not sent; the refusal stands for it, and never passes for a success."""
    with Server(token_service(given, status)) as server:
        exchange = send(account(server.url, "c:secret-0123456789", oauth(server.url)))
    assert [r.line.split()[1] for r in server.received] == ["/token"]
    assert (exchange.call, exchange.status, exchange.transport) == (TOKEN, seen, transport)


def test_a_google_service_account() -> None:
    """The assertion verifies with the account's public key; the key file shows nowhere."""
    vertex = load_provider("vertex")
    with Server(token_service(GIVEN)) as server:
        auth = vertex.auth.model_copy(update={"token_url": f"{server.url}/token"})
        of = vertex.model_copy(update={"auth": auth})
        exchange = ask_twice(account(server.url, DOCUMENT, of), trusting_network())[1]
    form = dict(parse_qsl(server.received[0].body.decode()))
    head, claims, signature = form["assertion"].split(".")
    PRIVATE.public_key().verify(
        base64.urlsafe_b64decode(signature + "=="),
        f"{head}.{claims}".encode(),
        padding.PKCS1v15(),
        hashes.SHA256(),
    )
    said = json.loads(base64.urlsafe_b64decode(claims + "=="))
    assert form["grant_type"] == JWT_BEARER
    assert said["iss"] == "probe@acme.iam.gserviceaccount.example"
    assert said["aud"] == f"{server.url}/token"
    assert said["scope"] == "https://www.googleapis.com/auth/cloud-platform"
    assert said["exp"] - said["iat"] == 3600
    assert exchange.status == 200
    assert form["assertion"] not in repr(exchange)
    assert "key-id-0123456789" not in repr(exchange)
    assert "gserviceaccount" not in repr(exchange)


def test_a_token_of_ones_own_is_sent_as_it_is() -> None:
    """What is no key file is the token."""
    of = load_provider("vertex")
    with Server(echo) as server:
        send(
            account(server.url, "ya29.own-0123456789", of), _call(of, Depth.REACH, Operation.VIDEO)
        )
    assert server.received[0].headers["authorization"] == "Bearer ya29.own-0123456789"
