"""Where in an answer nobody described the address of a picture or a clip stands that was made. Pure functions."""

from __future__ import annotations

import re
from typing import Final

MAX_VALUES: Final = 500
"""Values of a document that are looked at; an answer about one job has a few dozen."""
MAX_ADDRESS: Final = 4096

_MEDIA: Final = re.compile(
    r"https?://[^/\s]+/\S*\.(?:mp4|m4v|mov|webm|mkv|gif|png|jpe?g|webp|avif)(?:[?#]\S*)?", re.I
)
_NOT_MADE: Final = re.compile(
    r"input|request|param|option|config|setting|source|reference|(?:^|_)ref|init|prompt|callback|webhook|cover|poster|thumb|preview"
    r"|avatar|logo|icon|frame|mask|example|doc|help|original|upload",
    re.I,
)
"""Keys under which a service repeats what it was given, or shows something small besides."""


def shows_media(document: object) -> bool:
    """Whether somewhere in *document* stands the address of a file of pictures, under no key of what was sent."""
    left = [document]
    for _ in range(MAX_VALUES):
        if not left:
            return False
        value = left.pop()
        if isinstance(value, dict):
            left += (v for k, v in value.items() if not _NOT_MADE.search(str(k)))
        elif isinstance(value, list):
            left += value[:MAX_VALUES]
        elif (
            isinstance(value, str) and len(value) <= MAX_ADDRESS and _MEDIA.fullmatch(value.strip())
        ):
            return True
    return False
