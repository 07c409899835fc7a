r"""A text as it reads: `\u5bc6`, `%3D`, `&#61;`, full width and zero width written plainly.

Only for looking at. A quotation mark becomes a single one, so that what was inside of a quoted text
stays there, and what would break a line or begin an escape stays as it is.
"""

from __future__ import annotations

import html
import re
from typing import Final
from urllib.parse import unquote

INVISIBLE: Final = re.compile("[\u00ad\u180e\u200b-\u200f\u2060-\u2064\ufeff]+")
_WIDE: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_ESCAPED: Final = re.compile(
    r"\\{1,8}(?:u|U0000)(?P<unit>[0-9A-Fa-f]{4})"
    r"|\\{1,8}x(?P<byte>[0-9A-Fa-f]{2})"
    r"|(?P<packed>(?:%(?:25){0,4}[0-9A-Fa-f]{2}){1,400})"
    r"|(?P<entity>&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,20});)"
)
_NESTED: Final = re.compile("%(?:25)+")
_BROKEN: Final = re.compile("[\\\\\ud800-\udfff\ufffd]")
_MAY_ESCAPE: Final = ("\\u", "\\U", "\\x", "%", "&")


def plainly(text: str) -> str:
    """Return *text* without escapes, as far as they stand for what can be read."""
    if any(mark in text for mark in _MAY_ESCAPE):
        text = _ESCAPED.sub(_meant, text)
    return text if text.isascii() else INVISIBLE.sub("", text.translate(_WIDE))


def _meant(found: re.Match[str]) -> str:
    kind, written = str(found.lastgroup), found[0]
    if kind == "packed":
        meant = unquote(_NESTED.sub("%", written))
    elif kind == "entity":
        meant = html.unescape(written)
    else:
        meant = chr(int(found[kind], 16))
    meant = meant.replace('"', "'")
    sound = INVISIBLE.sub("", meant).isprintable() and not _BROKEN.search(meant)
    return meant if sound else written
