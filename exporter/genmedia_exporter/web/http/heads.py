"""Heads of requests, read to the letter of RFC 9112: what a proxy before us could read differently is no request.

h11 is lenient where old clients were sloppy. It takes a bare line feed for the end of a line, joins
folded lines, and keeps one of two equal lengths.
"""

from __future__ import annotations

import re
from typing import Any, Final

import h11

_FLAW: Final = re.compile(
    rb"(?<!\r)\n"  # a line feed alone
    rb"|\r(?!\n|\Z)"  # a carriage return alone
    rb"|\n[ \t]"  # a folded line
    rb"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
)
_LENGTH: Final = re.compile(rb"\ncontent-length:([^\r]*)", re.IGNORECASE)
_END: Final = b"\r\n\r\n"


class StrictConnection(h11.Connection):
    """h11's side of a server that refuses a doubtful head before any of it is read."""

    def next_event(self) -> Any:
        """Return what h11 returns. Raises h11.RemoteProtocolError, as it does."""
        if self.their_state is h11.IDLE and is_doubtful(self.trailing_data[0]):
            raise h11.RemoteProtocolError("the head of the request can be read in two ways")
        return super().next_event()


def is_doubtful(data: bytes) -> bool:
    """Whether *data*, which begins with a head, or the beginning of one, has a flaw in it."""
    end = data.find(_END)
    head = data if end < 0 else data[: end + 2]
    if _FLAW.search(head):
        return True
    lengths = _LENGTH.findall(head)
    return len(lengths) > 1 or any(b"," in length for length in lengths)
