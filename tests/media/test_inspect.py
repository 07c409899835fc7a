"""What the first bytes of a file tell: real headers, cut and empty ones, and any bytes at all."""

from __future__ import annotations

import struct
import time
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genmedia_exporter.core.evidence import Asset
from genmedia_exporter.demo.media import make_mp4, make_png
from genmedia_exporter.media.inspect import (
    FIRST_BYTES,
    MORE_BYTES,
    begins_html,
    begins_media,
    inspect,
)
from genmedia_exporter.spending.prompts import PROMPTS, prompt_for

PAGE = b"<!doctype html><html><body>moved</body></html>"


def seen(data: bytes, first: int = FIRST_BYTES, kind: str = "") -> Asset:
    """Look at *data* as a store shows it: its beginning, its size."""
    return inspect(data[:first], kind, len(data)).asset


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a PNG chunk."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, rows: bytes, colours: int = 2, depth: int = 8) -> bytes:
    """Return a PNG of filtered *rows*."""
    header = struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, 0)
    packed = zlib.compress(rows)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def jpeg(width: int, height: int, *, padding: int = 0) -> bytes:
    """Return the skeleton of a JPEG with *padding* bytes of application data in front."""
    frame = struct.pack(">HHBHHB", 0xFFC0, 11, 8, height, width, 1) + b"\1\x11\0"
    pad = struct.pack(">HH", 0xFFE1, padding + 2) + bytes(padding) if padding else b""
    return b"\xff\xd8" + pad + frame + b"\xff\xda\0\2" + b"pixels" + b"\xff\xd9"


def webp(kind: bytes, body: bytes) -> bytes:
    """Return a WebP of one chunk; after the ten bytes of VP8X, others."""
    length = 10 if kind == b"VP8X" else len(body)
    content = b"WEBP" + kind + struct.pack("<I", length) + body
    return b"RIFF" + struct.pack("<I", len(content)) + content


SCREEN = b"GIF89a" + struct.pack("<HH", 320, 200) + b"\x80\0\0" + b"\0\0\0\xff\xff\xff"
LOOP = b"!\xff\x0bNETSCAPE2.0\x03\1\0\0\0"
DRAWN = b"," + struct.pack("<HHHH", 0, 0, 320, 200) + b"\0\2\x14" + bytes(20) + b"\0"
GIF = SCREEN + LOOP + DRAWN + b";"
VP8L = webp(b"VP8L", b"\x2f" + (99 | 49 << 14).to_bytes(4, "little") + bytes(121))
CANVAS = bytes(4) + (639).to_bytes(3, "little") + (479).to_bytes(3, "little")
VP8X = webp(b"VP8X", CANVAS + b"ICCP\4\0\0\0none" + VP8L[12:])
VP8 = webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 64, 32) + bytes(20))


def element(name: int, body: bytes) -> bytes:
    """Return a Matroska element with an eight-byte length."""
    octets = (name.bit_length() + 7) // 8
    return name.to_bytes(octets, "big") + (len(body) | 1 << 56).to_bytes(8, "big") + body


def webm(width: int, height: int, seconds: float | None) -> bytes:
    """Return a WebM with info, one track, and a cluster."""
    length = b"" if seconds is None else element(0x4489, struct.pack(">d", seconds * 1000))
    info = element(0x1549A966, element(0x2AD7B1, (1_000_000).to_bytes(3, "big")) + length)
    video = element(0xB0, width.to_bytes(2, "big")) + element(0xBA, height.to_bytes(2, "big"))
    tracks = element(0x1654AE6B, element(0xAE, element(0xE0, video)))
    segment = element(0x18538067, info + tracks + element(0x1F43B675, bytes(500)))
    return element(0x1A45DFA3, element(0x4282, b"webm")) + segment


@pytest.mark.parametrize(
    ("data", "asset"),
    [
        (make_png(512, 256), ("png", 512, 256, None)),
        (make_mp4(4.0, 1280, 720), ("mp4", 1280, 720, 4.0)),
        (make_mp4(4.0, 1280, 720).replace(b"isom\0", b"qt  \0", 1), ("mov", 1280, 720, 4.0)),
        (jpeg(800, 600), ("jpeg", 800, 600, None)),
        (GIF, ("gif", 320, 200, None)),
        (VP8X, ("webp", 640, 480, None)),
        (VP8L, ("webp", 100, 50, None)),
        (VP8, ("webp", 64, 32, None)),
        (webm(640, 360, 5.0), ("webm", 640, 360, 5.0)),
        (webm(640, 360, None), ("webm", 640, 360, None)),
    ],
)
def test_sound_files(data: bytes, asset: tuple[str, int, int, float | None]) -> None:
    """The first look tells kind, size and length of files made to be streamed."""
    found = seen(data, kind="Video/MP4; codecs=x")
    assert (found.kind, found.width, found.height, found.duration) == asset
    assert (found.problem, found.size, found.content_type) == ("", len(data), "Video/MP4")


@pytest.mark.parametrize(
    ("data", "kind", "problem"),
    [
        (b"", "empty", "an empty file"),
        (bytes(900), "empty", "only zeros"),
        (PAGE, "html", "a web page instead of media"),
        (b"\xef\xbb\xbf \n<HTML><b>no</b>", "html", "a web page instead of media"),
        (b'{"error": {"message": "expired"}}', "json", "JSON instead of media: expired"),
        (b'{"error": "gone"}', "json", "JSON instead of media: gone"),
        (b"[1, 2", "json", "JSON instead of media: [1, 2"),
        (
            b"<?xml version='1.0'?><Error/>",
            "xml",
            "XML instead of media: <?xml version='1.0'?><Error/>",
        ),
        (b"Access denied", "text", "text instead of media: Access denied"),
        (b"\x00\x01\x02 what is this", "unknown", "not a known kind of image or video"),
        (make_png(1, 1), "png", "an image of one pixel"),
        (make_png(40, 30, blank=True), "png", "every pixel has the same colour"),
        (make_mp4(4, 64, 64, blank=True), "mp4", "the video has no frame"),
        (make_mp4(0, 64, 64), "mp4", "the video has no duration"),
        (make_mp4(4, 0, 0), "mp4", "the video has no width or height"),
        (make_mp4(4, 64, 64).replace(b"vide", b"soun"), "mp4", "the file has no video track"),
        (jpeg(0, 600), "jpeg", "the image has no width or height"),
        (b"\xff\xd8 not a jpeg at all", "jpeg", "not a sound JPEG"),
        (webm(640, 360, 0.0), "webm", "the video has no duration"),
        (webp(b"NONE", bytes(30)), "webp", "not a sound WebP"),
        (b"\0\0\0\x18ftypisom" + bytes(12) + b"\0\0\0\x08mdat", "mp4", "the video has no frame"),
    ],
)
def test_files_that_are_none(data: bytes, kind: str, problem: str) -> None:
    """Each is named for what it is, in few words for people."""
    found = inspect(data, "", len(data)).asset
    assert (found.kind, found.problem) == (kind, problem)


@pytest.mark.parametrize(
    "data",
    [make_png(512, 256), make_mp4(4.0, 640, 480), jpeg(800, 600), GIF, VP8X, webm(64, 36, 5.0)],
)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_cut_files(data: bytes, share: float) -> None:
    """A file that is shorter than its own header says is cut off."""
    assert seen(data[: int(len(data) * share)], MORE_BYTES).problem == "the file is cut off"


def test_a_size_smaller_than_declared_is_a_cut_from_the_first_look() -> None:
    """The store's own size against the boxes: no more than the beginning is needed."""
    data = make_mp4(4.0, 640, 480)
    assert inspect(data[:FIRST_BYTES], "", len(data) - 1).asset.problem == "the file is cut off"
    assert inspect(data[:FIRST_BYTES], "", None).asset.problem == ""


def test_one_colour_under_every_filter() -> None:
    """However the rows are filtered, a picture of one colour is one."""
    colour, width = b"\x30\x60\x91", 5
    half = bytes(c - c // 2 for c in colour)
    nothing, plain = bytes(3 * width), colour * width
    first = [b"\0" + plain, b"\1" + colour + nothing[3:], b"\2" + plain, b"\3" + colour + half * 4]
    first.append(b"\4" + colour + nothing[3:])
    later = [
        b"\0" + plain,
        b"\1" + colour + nothing[3:],
        b"\2" + nothing,
        b"\3" + half + nothing[3:],
    ]
    later.append(b"\4" + nothing)
    for row in first:
        data = png(width, 1 + len(later), row + b"".join(later))
        assert seen(data).problem == "every pixel has the same colour"
        other = png(width, 1 + len(later), row + b"".join(later[:-1]) + b"\4" + nothing[1:] + b"\1")
        assert seen(other).problem == ""


def test_a_plain_sky_is_no_plain_picture() -> None:
    """While all that is visible is one colour but there is more, nothing is said, and more is asked for."""
    sky = (b"\0" + b"\xff" * 3000) * 900
    data = png(1000, 1000, sky + bytes(range(256)) * 400 * 3)
    first = inspect(data[:FIRST_BYTES], "", len(data))
    assert (first.decided, first.asset.problem) == (False, "")
    assert inspect(data[:MORE_BYTES], "", len(data)).asset.problem == ""
    blank = make_png(2048, 2048, blank=True)
    assert not inspect(blank[:FIRST_BYTES], "", len(blank)).decided
    assert (
        inspect(blank[:MORE_BYTES], "", len(blank)).asset.problem
        == "every pixel has the same colour"
    )


def test_what_the_first_look_leaves_open() -> None:
    """A header behind a large profile needs the second look; what lies behind the media stays open."""
    late = jpeg(800, 600, padding=5000)
    assert not inspect(late[:FIRST_BYTES], "", len(late)).decided
    assert seen(late, MORE_BYTES).width == 800
    film = make_mp4(4.0, 640, 480)
    moov = film.index(b"moov") - 4
    mdat = film.index(b"mdat") - 4
    behind = film[:moov] + film[mdat:] + film[moov:mdat]
    found = inspect(behind[:FIRST_BYTES], "", len(behind))
    assert (found.decided, found.asset.kind, found.asset.problem) == (True, "mp4", "")
    assert found.asset.width is None


def test_fragments_have_no_duration_in_front() -> None:
    """A fragmented film is sound although its header counts no frame."""
    film = make_mp4(0, 640, 480)
    mdat = film.index(b"mdat") - 4
    assert seen(film[:mdat] + struct.pack(">I4s", 8, b"moof") + film[mdat:]).problem == ""


def test_a_bomb_is_not_unpacked() -> None:
    """A picture that claims to be huge, or unpacks to more than it claims, costs next to nothing."""
    began = time.process_time()
    huge = png(30_000, 30_000, bytes(1 << 24))
    assert seen(huge, MORE_BYTES).problem == ""
    liar = png(4, 4, bytes(1 << 26))
    assert seen(liar, MORE_BYTES).problem == "every pixel has the same colour"
    assert time.process_time() - began < 3


def test_a_picture_of_millions_of_rows_is_not_looked_through() -> None:
    """Each row is a step of Python: 15 KB of them would hold up everything else for seconds."""
    needle = png(1, 8_000_000, bytes(16_000_000), colours=0)
    assert len(needle) < MORE_BYTES
    began = time.process_time()
    assert seen(needle, MORE_BYTES).problem == ""
    assert time.process_time() - began < 1
    tower = png(1, 16_384, bytes(2 * 16_384), colours=0)
    assert seen(tower, MORE_BYTES).problem == "every pixel has the same colour"


@pytest.mark.parametrize(
    ("head", "media"),
    [
        (VP8[:40], True),
        (b"\0\0\0\x08wide\0\0\1\0mdat", True),
        (b"\0\0\0\x20ftypisom", True),
        (b"The wide area network is down", False),
        (b"RIFF\0\0\0\0WAVE", False),
        (b"<!--[if IE]><html>", False),
        (b"", False),
    ],
)
def test_media_is_told_by_its_first_bytes(head: bytes, media: bool) -> None:
    """The classifier and the look at a result know the same kinds; prose is none of them."""
    assert begins_media(head) is media


@pytest.mark.parametrize(
    ("head", "page"),
    [
        (b"\xef\xbb\xbf \n<!DOCTYPE html>", True),
        (b"<!--[if lt IE 7]> <html>", True),
        (b"<!-- generated --><Error/>", False),
        (b"<!-- one --> <!-- two -->\n<html>", True),
        (b"<?xml version='1.0'?>", False),
        (b'{"html": "<html>"}', False),
    ],
)
def test_a_web_page_is_told_by_its_first_tag(head: bytes, page: bool) -> None:
    """A comment alone is none: a store's XML may begin with one."""
    assert begins_html(head) is page


HEADS = [make_png(64, 64), make_mp4(4, 64, 64), jpeg(8, 8), GIF, VP8X, VP8L, webm(64, 64, 1.0)]


@given(
    data=st.one_of(
        st.binary(max_size=400),
        st.builds(
            lambda head, tail: head + tail, st.sampled_from([h[:12] for h in HEADS]), st.binary()
        ),
        st.builds(
            lambda head, at, value: (
                head[: at % len(head)] + value + head[at % len(head) + len(value) :]
            ),
            st.sampled_from(HEADS),
            st.integers(0, 2000),
            st.binary(min_size=1, max_size=8),
        ),
        st.builds(lambda head, cut: head[:cut], st.sampled_from(HEADS), st.integers(0, 3000)),
    ),
    kind=st.text(max_size=20),
    size=st.none() | st.integers(0, 1 << 62),
)
def test_any_bytes_are_survived(data: bytes, kind: str, size: int | None) -> None:
    """Nothing raises, and what is told is sane."""
    found = inspect(data, kind, size).asset
    assert found.kind
    assert len(found.problem) < 400
    assert found.duration is None or found.duration >= 0
    for side in (found.width, found.height):
        assert side is None or side >= 0


FIRST_BOX = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"
FILM = make_mp4(4.0, 64, 64)
MOOV, MDAT = FILM.index(b"moov") - 4, FILM.index(b"mdat") - 4
LATE = FILM[:MOOV] + FILM[MDAT:] + FILM[MOOV:MDAT]
EBML = element(0x1A45DFA3, element(0x4282, b"webm"))
CLUSTER = element(0x1F43B675, bytes(500))
VIDEO = element(0xE0, element(0xB0, b"\0\x40") + element(0xBA, b"\0\x40"))
TRACKS = element(0x1654AE6B, element(0xAE, VIDEO))
PNG_HEAD = make_png(64, 64)[:33]
END = chunk(b"IEND", b"")
JPEG_END = b"\xff\xd9"
NOTHING = "the file ends before any video"
BROKEN = "nothing of a video follows the file's first bytes"
NO_PICTURE = "the file ends before any picture"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (FIRST_BOX, NOTHING),
        (FIRST_BOX + bytes(6), NOTHING),
        (FIRST_BOX + bytes(2000), BROKEN),
        (FIRST_BOX + bytes(70_000), BROKEN),
        (FIRST_BOX + struct.pack(">I4s", 2000, b"free") + bytes(1992), NOTHING),
        (FILM[:MDAT], "the video has no frame"),
        (FILM[:MDAT] + bytes(3000), "the video has no frame"),
        (LATE[: -(MDAT - MOOV)], "the video has no header"),
        (FIRST_BOX + struct.pack(">I4s", 4000, b"moof") + bytes(3992) + FILM[MDAT:], "the video has no header"),
        (b"\0\0\0\x18ftypavif\0\0\0\0avifmif1", NOTHING),
        (EBML, NOTHING),
        (EBML[:4] + bytes(2000), BROKEN),
        (EBML + bytes(2000), BROKEN),
        (EBML + element(0x18538067, TRACKS), "the video has no frame"),
        (EBML + element(0x18538067, TRACKS + element(0x1F43B675, b"")), "the video has no frame"),
        (EBML + element(0x18538067, CLUSTER), "the file has no video track"),
        (PNG_HEAD + END, NO_PICTURE),
        (PNG_HEAD + chunk(b"IDAT", b"") + END, NO_PICTURE),
        (PNG_HEAD + chunk(b"IDAT", zlib.compress(bytes(range(200)) * 4)) + END, "the file is cut off"),
        (PNG_HEAD + chunk(b"IDAT", b"no pixels") + END, NO_PICTURE),
        (PNG_HEAD + bytes(2000), "not a sound PNG"),
        (b"\x89PNG\r\n\x1a\n" + bytes(2000), "not a sound PNG"),
        (b"\xff\xd8", "the file is cut off"),
        (b"\xff\xd8" + JPEG_END, NO_PICTURE),
        (b"\xff\xd8" + JPEG_END + bytes(2000), NO_PICTURE),
        (b"\xff\xd8" + bytes(2000), "not a sound JPEG"),
        (jpeg(64, 64)[:-12] + JPEG_END, NO_PICTURE),  # a frame, and no scan
        (jpeg(64, 64)[:-8] + JPEG_END, NO_PICTURE),  # a scan of nothing
        (SCREEN + b";", NO_PICTURE),
        (SCREEN + LOOP + b";", NO_PICTURE),
        (SCREEN + bytes(2000), NO_PICTURE),
        (webp(b"VP8X", CANVAS + b"ICCP\4\0\0\0none"), NO_PICTURE),
        (b"RIFF\xff\0\0\0WEBP" + bytes(2000), "not a sound WebP"),
    ],
)  # fmt: skip
def test_first_bytes_alone_are_no_file(data: bytes, problem: str) -> None:
    """Known to be all there is, or followed by what no player reads, they show nothing."""
    first = inspect(data[:FIRST_BYTES], "", len(data))
    whole = inspect(data[:MORE_BYTES], "", len(data))
    assert (first.asset.problem or whole.asset.problem) == problem
    assert whole.decided or len(data) > MORE_BYTES


@pytest.mark.parametrize("size", [None, 50_000_000])
@pytest.mark.parametrize(
    "head",
    [
        FIRST_BOX,
        FIRST_BOX + struct.pack(">I4s", 40_000_000, b"mdat"),
        FIRST_BOX + struct.pack(">I4sQ", 1, b"mdat", 40_000_000),
        FIRST_BOX + struct.pack(">I4s", 1, b"mdat"),  # its length is not in sight
        FIRST_BOX + struct.pack(">I4s", 8, b"free") + struct.pack(">I4s", 40_000_000, b"mdat"),
        FIRST_BOX + struct.pack(">I4s", 9000, b"uuid") + bytes(900),
        FIRST_BOX + b"\0\0\x40\0\xa9xyz",
        LATE[:MDAT],
        FILM[:MOOV] + struct.pack(">I4s", 8, b"wide") + struct.pack(">I4s", 9_000_000, b"moov"),
        FILM + bytes(300),
        EBML,
        EBML + b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff" + TRACKS,
        EBML + b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff" + TRACKS + b"\x1f\x43\xb6\x75\xff",
        PNG_HEAD,
        jpeg(64, 64)[:10],
        SCREEN + LOOP,
        webp(b"VP8X", CANVAS + b"ICCP\4\0\0\0none"),
    ],
)  # fmt: skip
def test_what_lies_behind_the_first_bytes_is_not_missed(head: bytes, size: int | None) -> None:
    """Where only a beginning was read, what follows may be all that a file needs."""
    assert inspect(head, "", size).asset.problem == ""


@pytest.mark.parametrize(
    "data", [LATE, FILM + bytes(3000), FILM[:MOOV] + FILM[MDAT:] + FILM[MOOV:]]
)
def test_boxes_in_any_order(data: bytes) -> None:
    """A whole film is one wherever its header stands, and whatever follows it."""
    found = seen(data, MORE_BYTES)
    assert (found.problem, found.width, found.duration) == ("", 64, 4.0)


def test_a_film_without_lengths_is_sound() -> None:
    """A live stream's segment and clusters have none."""
    endless = b"\x01\xff\xff\xff\xff\xff\xff\xff"
    film = EBML + b"\x18\x53\x80\x67" + endless + TRACKS + b"\x1f\x43\xb6\x75" + endless + bytes(90)
    assert seen(film, MORE_BYTES).problem == ""


@pytest.mark.parametrize(
    ("called", "believed"),
    [
        ("", True),
        ("application/octet-stream", True),
        ("binary/octet-stream", True),
        ("text/plain", True),  # of a server that does not know
        ("Text/Plain; charset=utf-8", True),
        ("image/png", True),
        ("nonsense", True),
        ("text/html; charset=utf-8", False),
        ("TEXT/HTML", False),
        ("application/json", False),
        ("application/problem+json", False),
        ("application/xml", False),
        ("text/event-stream", False),
    ],
)
def test_media_that_are_sent_as_a_document(called: str, believed: bool) -> None:
    """No player opens them; of servers that know no better, players look at the bytes."""
    found = inspect(FILM, called, len(FILM)).asset
    assert found.kind == "mp4"
    assert found.problem == ("" if believed else f"mp4 that is sent as {called.split(';')[0]}")


# --- prompts ----------------------------------------------------------------------------------


@given(name=st.text(max_size=30), number=st.integers(0, 10**9))
def test_three_prompts_in_a_row_differ(name: str, number: int) -> None:
    """Chosen by name and number alone, and rotating through them all."""
    assert prompt_for(name, number) == prompt_for(name, number)
    assert len({prompt_for(name, number + n) for n in range(3)}) == 3
    assert {prompt_for(name, number + n) for n in range(len(PROMPTS))} == set(PROMPTS)


def test_prompts_are_short_and_plain() -> None:
    """Cheap to send, and nothing that a template or a form would take for its own."""
    assert all(20 < len(prompt) < 100 and prompt.isascii() for prompt in PROMPTS)
    assert not any(char in prompt for prompt in PROMPTS for char in '{}"<>')
