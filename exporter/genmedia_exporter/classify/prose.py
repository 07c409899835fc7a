"""What a chat says in place of a result: that something failed, or that it will not. Pure functions."""

from __future__ import annotations

import re
from typing import Final

MAX_PROSE: Final = 16_384
"""Characters of a chat's text that are searched for a line about a failure."""
_FAILURE: Final = re.compile(
    r"^[^\w\n]{0,8}(?:an? )?(?:(?:[a-z]+ ){0,3}(?:error|failure|failed)\b|[\u4e00-\u9fff]{0,6}(?:失败|错误|出错|异常|超时))",
    re.I | re.M,
)
"""How a line of prose begins that tells of a failure: `❌ Generation failed: …`, `**Error** …`, `生成失败：…`."""
_OUTRIGHT: Final = re.compile(r"\W{0,4}(?:错误|失败|error|failed)\W? ?[:：]", re.I)
"""How a proxy begins that answers a chat with its own error, whatever that links to."""
_DECLINE: Final = re.compile(
    r"\W{0,8}(?:(?:i'?m |i am )?(?:very |so )?sorry\b|i (?:can(?:no|')t|am unable|won't)\b|i'm (?:unable|not able)\b|(?:很|非常)?抱歉|对不起|我?(?:无法|不能))",
    re.I,
)
"""How a model begins that will not draw what it was asked for."""


def tells_failure(text: str) -> bool:
    """Whether prose in place of a result has a line that begins by telling of a failure, and links to nothing."""
    if _OUTRIGHT.match(text):
        return True
    return _FAILURE.search(text[:MAX_PROSE]) is not None and "://" not in text


_LEADING: Final = re.compile(
    r"://|\bdata:|\.(?:mp4|mov|webm|png|jpe?g|webp|gif|avif)\b|^\S*$|[A-Za-z0-9+/]{200}", re.I
)
"""What leads to a result in a text, or is one; a word alone may be an id."""


def links_to_nothing(text: str) -> bool:
    """Whether a text in place of a result is nothing but words."""
    return _LEADING.search(text[:MAX_PROSE]) is None


def declines(text: str) -> bool:
    """Whether prose in place of a result begins as a model does that will not draw, and links to nothing."""
    return _DECLINE.match(text.strip().replace("’", "'")) is not None and "://" not in text
