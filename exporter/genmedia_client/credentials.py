"""What a key and a header may be, and every form in which a text may show them."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote, quote_plus, unquote, urlsplit

HIDDEN: Final = "<secret>"
_SHORTEST_SECRET: Final = 4
_USERINFO: Final = re.compile(r"//.*@")
_NAME: Final = re.compile(r"[-!#$%&'*+.^_`|~0-9A-Za-z]+")
"""RFC 9110's token: all that a name of a header may be."""
_VALUE: Final = re.compile(r"([^\x00\s]+([ \t]+[^\x00\s]+)*)?", re.ASCII)
"""What a value of a header may be on the wire. What else there is, is never sent."""

_OF_THE_TRANSPORT: Final = ("content-length", "transfer-encoding")
"""With another value than its own, a request breaks off half sent."""


def key_problem(key: object) -> str:
    """Return why no header can carry *key*, or nothing. The key is not quoted."""
    if not isinstance(key, str):
        return f"api_key is not a text but {type(key).__name__}"
    if key.isspace():
        return "api_key is only white space"
    if not (key.isascii() and key.isprintable()):
        return (
            "api_key has a character that no header can carry: "
            "a line break, one that cannot be seen, or one that is not ASCII"
        )
    return ""


def headers_problem(headers: Iterable[tuple[object, object]]) -> str:
    """Return why *headers* of a route cannot be sent, or nothing. No value is quoted."""
    for name, value in headers:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            return (
                "the name of a header is none"  # nor quoted: it may be a value in the wrong place
            )
        if name.lower() in _OF_THE_TRANSPORT:
            return f"the header {name} is set by the client itself"
        if not isinstance(value, str):
            return f"the header {name} is not a text but {type(value).__name__}"
        if not (value.isascii() and value.isprintable()):
            return f"the header {name} has a character that no header can carry"
    return ""


def line_problem(name: bytes, value: bytes) -> str:
    """Return why a line of a request's head cannot go over the wire, or nothing."""
    said = name.decode("latin-1")
    if not _NAME.fullmatch(said):
        return "the name of a header is none"
    fits = _VALUE.fullmatch(value.decode("latin-1"))
    return "" if fits else f"the header {said} has a character that no header can carry"


def redact(text: str, values: Iterable[object], base_url: object) -> str:
    """Return *text* without *values* and the password in *base_url*, however they are written in it."""
    found = {form for one in _secrets(values, base_url) for form in _forms(one)}
    for form in sorted(found, key=len, reverse=True):
        text = text.replace(form, HIDDEN)
    return text


def redact_address(base_url: object) -> str:
    """Return *base_url* without user and password, also where it cannot be parsed."""
    return _USERINFO.sub(f"//{HIDDEN}@", f"{base_url}")


def _secrets(values: Iterable[object], base_url: object) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value.strip()
            yield from value.split()[-1:]  # the token of "Bearer token"
    try:
        parts = urlsplit(base_url) if isinstance(base_url, str) else None
    except ValueError:
        return  # then nothing was sent, and no message of ours quotes it
    if parts is not None and parts.password:
        user, password = unquote(parts.username or ""), unquote(parts.password)
        yield from (parts.password, password)
        yield base64.b64encode(f"{user}:{password}".encode(errors="replace")).decode()


def _forms(secret: str) -> Iterator[str]:
    """Yield *secret* as it is, as Python and JSON write it, and as it stands in a URL or a page."""
    if len(secret) < _SHORTEST_SECRET:
        return
    yield secret
    yield repr(secret)[1:-1]
    yield json.dumps(secret)[1:-1]
    yield html.escape(secret)
    for safe in ("", "/"):
        yield quote(secret, safe, errors="replace")
        yield quote_plus(secret, safe, errors="replace")
