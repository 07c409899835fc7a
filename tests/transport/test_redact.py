"""A service that repeats our key in any writing shows it to nobody."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest

from genmedia_exporter.core.secret import Secret
from genmedia_exporter.core.status import Channel
from genmedia_exporter.providers.loader import load_provider
from genmedia_exporter.targets.model import Account
from genmedia_exporter.transport.redact import Scrubber

KEY = "f3a9c1d2/CANARYSECRETPART+77"


def base64_of(text: str) -> str:
    """Return *text* packed."""
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "written",
    [
        KEY,
        f"Bearer {KEY}",
        json.dumps(KEY)[1:-1].replace("/", "\\/"),
        quote(KEY, safe=""),
        "".join(f"%{byte:02X}" for byte in KEY.encode()),
        base64_of(KEY),
        base64_of(f"Bearer {KEY}"),
        base64.urlsafe_b64encode(KEY.encode()).decode().rstrip("="),
    ],
)
def test_every_writing_of_the_key_is_hidden(written: str) -> None:
    """Plain, escaped, percent-encoded and packed: all of them become `<secret>`."""
    account = Account("a", load_provider("openai"), "https://h", Channel.OFFICIAL, Secret(KEY))
    scrubber = Scrubber(account)

    assert written not in scrubber.text(f"no such key: {written} here")
    assert written.encode() not in scrubber.data(f"no such key: {written} here".encode())
