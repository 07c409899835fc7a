"""Text from outside, safe to show: one line, cut, without what looks like a credential."""

from __future__ import annotations

import re

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
