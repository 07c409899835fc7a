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
        KEY.encode().hex(),
        " ".join(KEY),
        "\u200b".join(KEY),
        "".join(f"\\u{ord(c):04x}" for c in KEY),
        KEY[::-1],
    ],
)
def test_every_writing_of_the_key_is_hidden(written: str) -> None:
    """Plain, escaped, percent-encoded, packed, in hex, spaced, backwards: all become `<secret>`."""
    account = Account("a", load_provider("openai"), "https://h", Channel.OFFICIAL, Secret(KEY))
    scrubber = Scrubber(account)

    assert written not in scrubber.text(f"no such key: {written} here")
    assert written.encode() not in scrubber.data(f"no such key: {written} here".encode())


def test_headers_that_are_words_hide_only_themselves() -> None:
    """A header such as `X-Team: mediateamone` is hidden as it is, but does not eat the words of an answer."""
    account = Account(
        "a",
        load_provider("openai"),
        "https://h",
        Channel.OFFICIAL,
        Secret(KEY),
        headers={"X-Team": Secret("mediateamone"), "X-Token": Secret("abcdef123456")},
    )
    shown = Scrubber(account).text("mediateamone, media team one, abc def 123 456")
    assert shown == "<secret>, media team one, <secret>"
