"""Text from outside, safe to show: one line, cut, without what looks like a credential."""

from __future__ import annotations

import re
from typing import Final

from genmedia_exporter.core.secret import without_secrets


def scrub(text: str, limit: int = 300) -> str:
    """Return *text* on one line, cut, without what looks like a credential or a signed query."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    line = _without_lookalikes(line)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def hide(text: str) -> str:
    """Return *text*, lines and all, without configured secrets and what looks like a credential."""
    return _without_lookalikes(without_secrets(text))


def _without_lookalikes(text: str) -> str:
    text = re.sub(r"(https?://[^\s\"'?]+)\?[^\s\"']+", r"\1?…", text)
    text = re.sub(r"(?i)\b(bearer|key|token)\s+[\w.\-]{12,}", r"\1 <secret>", text)
    return re.sub(r"\b(sk|key|AIza|r8|fal|xai)[-_][\w\-*]{6,}|\bAIza[\w\-]{20,}", "<secret>", text)


_SECRETS: Final = re.compile(
    r"(?i)\b(?:bearer|basic|token|key)\s+[\w.\-+/=]{12,}"
    r"|\beyJ[\w\-]{8,}\.[\w\-]{8,}(?:\.[\w\-]+)?"
    r"|\b(?:sk|pk|rk|key|r8|fal|xai|hf|gsk|ghp|AKID|AKIA|LTAI|AIza)[-_]?[\w\-*]{12,}"
)
_PEOPLE: Final = re.compile(
    r"[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+"
    r"|\b(?:\d{1,3}\.){3}\d{1,3}\b"
    r"|\b(?:org|acct|user|proj|project|team|cus|account)[-_](?=[\w\-]*\d)[A-Za-z0-9\-]{4,}"
)
_QUERIES: Final = re.compile(r"(https?://[^\s\"'?\\]+)\?[^\s\"'\\]+")
_LONG: Final = re.compile(r"[A-Za-z0-9+/_\-]{120,}={0,2}")
_NAMED: Final = re.compile(
    r'(?i)("[\w\-]*(?:api_?key|token|secret|password|authorization|signature|credential|email|phone|user_?name)"'
    r'\s*:\s*")[^"\\]{4,}(")'
)


def redact(text: str) -> str:
    """Return *text* as it is, without what looks like a credential, a signed query, a person or a file."""
    shown = _NAMED.sub(r"\1<secret>\2", text)
    shown = _QUERIES.sub(r"\1?…", shown)
    shown = _SECRETS.sub("<secret>", shown)
    shown = _PEOPLE.sub("<someone>", shown)
    return _LONG.sub("<long>", shown)
