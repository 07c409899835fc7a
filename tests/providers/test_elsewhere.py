"""A call at another host of the vendor's: the key goes where the file says, and nowhere else."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Final

import pytest

from genmedia_exporter.config.problems import Problems
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.secret import Secret
from genmedia_exporter.core.status import Channel, Depth, Operation
from genmedia_exporter.probing.replay import Played, Question, play
from genmedia_exporter.providers.loader import load_provider, parse_provider
from genmedia_exporter.targets.model import Account
from genmedia_exporter.transport.replay import Reply
from genmedia_exporter.transport.request import elsewhere, url_of

MODEL: Final = "stability.stable-image-ultra-v1:1"
TOLD: Final = {"modelId": MODEL, "modelLifecycle": {"status": "LEGACY", "endOfLifeTime": "2027-03-01T00:00:00Z"}}  # fmt: skip
CALL: Final = "https://control.{account.region}.acme.example/models/{model}"


def _acme(path: str = CALL) -> str:
    call = {"id": "model", "depth": "reach", "path": path, "proves": ["key"], "source": "test"}
    told = {
        "name": "acme",
        "title": "Acme",
        "kind": "direct",
        "base_url": "https://run.{account.region}.acme.example",
        "variables": {"region": "eu"},
        "calls": [call],
    }
    return json.dumps(told)


def _account(base_url: str, region: str = "eu") -> Account:
    provider = parse_provider(_acme().encode(), "acme.yml")
    key = Secret("sk-canary")
    return Account(
        "a", provider, base_url, Channel.OFFICIAL, api_key=key, variables={"region": region}
    )


def _played(*replies: Reply) -> Played:
    asked = Question(MODEL, Operation.IMAGE, Depth.REACH)
    return asyncio.run(play(load_provider("bedrock"), asked, replies))


def test_bedrock_tells_the_end_of_a_model_at_its_other_host() -> None:
    """The reach call asks bedrock. with the key that bedrock-runtime. takes, and reads the date."""
    seen = _played(Reply(200, json.dumps({"modelDetails": TOLD}).encode()))

    (sent,) = seen.sent
    assert sent.url == f"https://bedrock.us-east-1.amazonaws.com/foundation-models/{MODEL.replace(':', '%3A')}"  # fmt: skip
    assert "recorded-key" in sent.headers["authorization"]
    assert seen.verdict.success
    assert seen.verdict.told_end is not None
    assert seen.verdict.told_end.at == Unix(datetime(2027, 3, 1, tzinfo=UTC).timestamp())


def test_the_address_of_a_call_is_its_own() -> None:
    """With what the account says of itself, and with the model as a step of the path."""
    account = _account("https://run.eu.acme.example", "ap")
    fields = {**account.fields(), "model": "a/b?c"}
    assert url_of(account, CALL, fields) == "https://control.ap.acme.example/models/a/b%3Fc"
    assert elsewhere(account, fields) == (("https", "control.ap.acme.example", None),)


def test_where_the_account_is_no_https_it_stays_there() -> None:
    """A server of one's own, or a test's: the vendor's host is not asked in its name."""
    account = _account("http://127.0.0.1:9")
    fields = {**account.fields(), "model": "m"}
    assert url_of(account, CALL, fields) == "http://127.0.0.1:9/models/m"
    assert elsewhere(account, fields) == (("http", "127.0.0.1", 9),)


@pytest.mark.parametrize(
    "path",
    [
        "http://control.acme.example/m",
        "https://{model}.acme.example/m",
        "https://control/m",
        "https://control.acme.example",
        "https://user@control.acme.example/m",
        "https://control.acme.example:8443/m",
        "ftp://control.acme.example/m",
    ],
)
def test_addresses_that_a_file_may_not_name(path: str) -> None:
    """A host is written in full, and no model decides where a key goes."""
    with pytest.raises(Problems, match="leads nowhere safe"):
        parse_provider(_acme(path).encode(), "acme.yml")
