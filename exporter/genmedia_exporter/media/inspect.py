"""What the first bytes of a generated file tell: which kind it is, how large, and whether it can be one.

Pure functions over bytes that may be anything; the work is bounded by the bytes given. Kinds and
their headers: PNG (W3C), JPEG (ITU T.81), GIF89a, WebP (RFC 9649), ISO BMFF (ISO 14496-12),
Matroska/WebM (RFC 9559).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from genmedia_exporter.core.evidence import Asset
from genmedia_exporter.core.json_pointer import MISSING, parse_json
from genmedia_exporter.core.status import Operation
from genmedia_exporter.media.images import look_at_gif, look_at_jpeg, look_at_webp
from genmedia_exporter.media.matroska import look_at_matroska
from genmedia_exporter.media.png import look_at_png
from genmedia_exporter.media.videos import look_at_mp4

FIRST_BYTES = 1024
"""Bytes asked for first; they decide for nearly every file that was made to be streamed."""

MORE_BYTES = 64 * 1024
"""Bytes asked for where the first look has not found the header's end."""

_TEXT_SHOWN = 160


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found, and whether more of the file could tell more."""

    asset: Asset
    decided: bool = True


def inspect(head: bytes, content_type: str = "", size: int | None = None) -> Inspection:
    """Look at the first bytes of a file of *size* bytes (None: not known) and its Content-Type."""
    found = _look_at(head, size)
    called = content_type.partition(";")[0].strip()[:100]
    asset = replace(found.asset, content_type=called)
    if not asset.problem and _DOCUMENT.fullmatch(called):
        return Inspection(replace(asset, problem=f"{asset.kind} that is sent as {called}"))
    if size is None or len(head) < size or found.asset.problem:
        return Inspection(asset, found.decided)
    return Inspection(asset)  # there is no more


_DOCUMENT = re.compile(
    r"text/(?!plain$).+|application/(?:.+\+)?(?:json|xml)|application/(?:x-)?(?:ndjson|javascript)",
    re.IGNORECASE,
)
"""Types of what no player opens, whatever is in it. Servers that know no better say text/plain, and players look."""


def _look_at(head: bytes, size: int | None) -> Inspection:
    if not head.strip(b"\0") and (not head or size == len(head)):
        return Inspection(
            Asset("empty", size=size, problem="an empty file" if not head else "only zeros")
        )
    for begins, reader in _READERS:
        if begins(head):
            asset, decided = reader(head, size)
            return Inspection(replace(asset, size=size), decided)
    return Inspection(_no_media(head, size))


PICTURES = frozenset({"png", "jpeg", "gif", "webp", "avif", "heic"})
"""Kinds that show one moment, or few: no operation that makes videos is satisfied by them."""


def misfit(kind: str, operation: Operation | None) -> str:
    """Return why a file of this *kind* is not what *operation* makes; empty where it may be."""
    if operation is Operation.VIDEO and kind in PICTURES:
        return "an image instead of a video"
    return ""


Reader = Callable[[bytes, int | None], tuple[Asset, bool]]


def begins_media(head: bytes) -> bool:
    """Whether *head* is the beginning of a kind of image or video that is known here."""
    return any(begins(head) for begins, _ in _READERS)


_COMMENTS = re.compile(rb"\A(?:<!--.*?-->\s*)+", re.DOTALL)


def begins_html(head: bytes) -> bool:
    """Whether *head* is the beginning of a web page; other XML may begin with a comment, too."""
    begin = start_of(head)[:2048].lower()
    if begin.startswith(b"<!--[if"):
        return True
    return _COMMENTS.sub(b"", begin).startswith((b"<!doctype html", b"<html", b"<head", b"<body"))


def start_of(head: bytes) -> bytes:
    """Return what follows a text's byte order mark and leading space, as much as is looked at."""
    return head[:MORE_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n")


def _begins_boxes(head: bytes) -> bool:
    # Words such as "wide" may stand there in prose; the length of a first box begins with no letter.
    late = head[4:8] in (b"moov", b"mdat", b"wide", b"styp") and head[:1] < b" "
    return late or head[4:8] == b"ftyp"


_READERS: tuple[tuple[Callable[[bytes], bool], Reader], ...] = (
    (lambda head: head.startswith(b"\x89PNG"), look_at_png),
    (lambda head: head.startswith(b"\xff\xd8"), look_at_jpeg),
    (lambda head: head.startswith(b"GIF8"), look_at_gif),
    (lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP", look_at_webp),
    (_begins_boxes, look_at_mp4),
    (lambda head: head.startswith(b"\x1a\x45\xdf\xa3"), look_at_matroska),
)


def _no_media(head: bytes, size: int | None) -> Asset:
    """Describe what came instead of media, in its own words where it has some."""
    start = start_of(head)
    text = start[:_TEXT_SHOWN].decode("utf-8", "replace")
    if begins_html(head):
        return Asset("html", size=size, problem="a web page instead of media")
    if start[:1] in (b"{", b"["):
        return Asset("json", size=size, problem=f"JSON instead of media: {_told(start, text)}")
    if start[:1] == b"<":
        return Asset("xml", size=size, problem=f"XML instead of media: {text}")
    if text and text.isprintable():
        return Asset("text", size=size, problem=f"text instead of media: {text}")
    return Asset("unknown", size=size, problem="not a known kind of image or video")


def _told(start: bytes, text: str) -> str:
    """Return the message of a JSON error, or the JSON itself."""
    document = parse_json(start)
    if document is MISSING:
        return text
    error = document.get("error", document) if isinstance(document, dict) else document
    message = error.get("message") if isinstance(error, dict) else error
    return message[:_TEXT_SHOWN] if isinstance(message, str) else text
