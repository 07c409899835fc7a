"""Text from outside, safe to show: one line, cut, without what looks like a credential."""

from __future__ import annotations

import re
from typing import Final

from genmedia_exporter.core.masking import mask
from genmedia_exporter.core.secret import HIDDEN, without_secrets
from genmedia_exporter.core.unescape import INVISIBLE

MOST: Final = 16_384
"""Characters of a text that are looked at; what is shown of it is far shorter."""


def scrub(text: str, limit: int = 300) -> str:
    """Return *text* on one line, cut, without what looks like a credential or a signed query."""
    text = INVISIBLE.sub("", text[: max(MOST, limit)])
    line = mask(" ".join("".join(c if c.isprintable() else " " for c in text).split()))
    return line if len(line) <= limit else line[: limit - 1] + "…"


def hide(text: str) -> str:
    """Return *text*, lines and all, without configured secrets and what looks like a credential."""
    return mask(without_secrets(text))


_SECRET_HEADERS: Final = (
    "authorization",
    "cookie",
    "token",
    "key",
    "secret",
    "signature",
    "session",
)
"""Parts of the names of headers whose values are never shown."""
_PEOPLE: Final = re.compile(
    r"[\w.+\-]{1,64}@[\w\-]+(?:\.[\w\-]+)+"  # bounded, or each letter would be a new beginning
    r"|\b(?:\d{1,3}\.){3}\d{1,3}\b"
    r"|\b(?:org|acct|user|proj|project|team|cus|account)[-_](?=[\w\-]*\d)[A-Za-z0-9\-]{4,}"
)
_LONG: Final = re.compile(r"[A-Za-z0-9+/_\-]{120,}={0,2}")
_NAMED: Final = re.compile(
    r'(?i)("[\w\-]{0,40}(?:email|phone|user_?name)"\s{0,3}:\s{0,3}")[^"\\]{4,4096}(")'
)


def redact(text: str) -> str:
    """Return *text* as it is, without what looks like a credential, a signed query, a person or a file."""
    shown = _NAMED.sub(r"\1<secret>\2", _LONG.sub("<long>", text))
    return _PEOPLE.sub("<someone>", mask(shown))


def redact_header(name: str, value: str) -> str:
    """Return the *value* of a header as `redact` does; nothing of it where the name is a secret's."""
    secret = any(part in name.lower() for part in _SECRET_HEADERS)
    return HIDDEN if secret else redact(value)
