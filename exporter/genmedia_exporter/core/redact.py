"""Text from outside, safe to show: one line, cut, without what looks like a credential."""

from __future__ import annotations

import re


def scrub(text: str, limit: int = 300) -> str:
    """Return *text* on one line, cut, without what looks like a credential or a signed query."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    line = re.sub(r"(https?://[^\s\"'?]+)\?[^\s\"']+", r"\1?…", line)
    line = re.sub(r"(?i)\b(bearer|key|token)\s+[\w.\-]{12,}", r"\1 <secret>", line)
    line = re.sub(r"\b(sk|key|AIza|r8|fal|xai)[-_][\w\-*]{6,}|\bAIza[\w\-]{20,}", "<secret>", line)
    return line if len(line) <= limit else line[: limit - 1] + "…"
