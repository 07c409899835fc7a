"""A new-api gateway says that a job is done: only a file with a video in it makes that a success."""

from __future__ import annotations

import struct
import zlib

import pytest

from genmedia_exporter.core.evidence import Asset
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Channel, Depth, Status
from genmedia_exporter.demo.media import make_mp4
from genmedia_exporter.providers.loader import load_provider
from genmedia_exporter.report.probe import Limit, describe
from genmedia_exporter.targets.model import Account, Target
from tests.drivers.generating import Customer
from tests.drivers.test_poll import DONE, MADE, MP4, play
from tests.drivers.test_result import ranged
from tests.transport.server import Received, Script, Server, Writer, answer

FIRST_BOX = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"
FILM = make_mp4(4.0, 640, 480)
MOOV, MDAT = FILM.index(b"moov") - 4, FILM.index(b"mdat") - 4
LARGE = struct.pack(">I4s", 30_000_000, b"mdat")
"""The head of frames of 30 MB, behind which the header may be."""


def target_at(url: str) -> Target:
    """Return a video target of a gateway at *url*."""
    at = Account("gateway", load_provider("new-api"), url, Channel.REVERSE)
    every = {Depth.GENERATE: 3600.0}
    kinds = ("veo-3.1", at.provider.jobs[0].operation, Channel.REVERSE)
    return Target("clip", at, *kinds, (Depth.GENERATE,), every, timeout=2.0)


def made_by(content: Script) -> tuple[Reason, Asset, str]:
    """Buy one video; return reason, what was found of it, and what a person is told."""
    answers = {"/v1/videos": [MADE], "/v1/videos/v1": [DONE], "/v1/videos/v1/content": [content]}
    with Server(play(answers)) as server:
        target = target_at(server.url)
        seen = Customer().generate(target)
    made = seen.evidence.generation
    assert made is not None
    assert made.asset is not None
    assert (seen.verdict.status is Status.OPERATIONAL) is seen.verdict.success
    return seen.verdict.reason, made.asset, describe(target, seen, Limit(2.0, "here"))


def sent(data: bytes, kind: str = "video/mp4", more: str = "") -> Script:
    """Answer with a whole file, whatever was asked for."""
    return answer(data, headers=f"content-type: {kind}\r\n{more}")


def without_total(data: bytes) -> Script:
    """Serve ranges and never say how large the file is."""

    async def script(request: Received, writer: Writer) -> None:
        last = int(request.headers["range"].rpartition("-")[2])
        part = data[: last + 1]
        span = f"content-range: bytes 0-{len(part) - 1}/*\r\ncontent-type: video/mp4\r\n"
        await answer(part, "206 Partial Content", span)(request, writer)

    return script


def packed(data: bytes) -> Script:
    """Send it with gzip."""
    packer = zlib.compressobj(wbits=31)
    body = packer.compress(data) + packer.flush()
    return sent(body, more="content-encoding: gzip\r\n")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (sent(FIRST_BOX), "the file ends before any video"),
        (sent(FIRST_BOX, "text/html"), "the file ends before any video"),
        (sent(FIRST_BOX + bytes(2000)), "nothing of a video follows the file's first bytes"),
        (sent(FIRST_BOX + bytes(2000), ""), "nothing of a video follows the file's first bytes"),
        (ranged(FIRST_BOX), "the file ends before any video"),
        (ranged(FIRST_BOX + bytes(2000)), "nothing of a video follows the file's first bytes"),
        (without_total(FIRST_BOX), "the file ends before any video"),
        (packed(FIRST_BOX), "the file ends before any video"),
        (sent(FILM[:MDAT]), "the video has no frame"),
        (ranged(FILM[:MOOV] + FILM[MDAT:]), "the video has no header"),
        (sent(FILM, "text/html"), "mp4 that is sent as text/html"),
        (ranged(FILM, "application/json"), "mp4 that is sent as application/json"),
    ],
)
def test_a_file_without_a_video_is_no_success(content: Script, told: str) -> None:
    """Whatever its first bytes are, its size, and its content type; and people are told why."""
    reason, asset, report = made_by(content)
    assert (reason, asset.kind, asset.problem) == (Reason.ASSET_INVALID, "mp4", told)
    assert told in report


@pytest.mark.parametrize(
    "content",
    [
        sent(FILM),
        sent(FILM, "application/octet-stream"),
        sent(FILM, "binary/octet-stream"),
        sent(FILM, "text/plain"),
        sent(FILM, ""),
        packed(FILM),
        ranged(FILM),
        without_total(FILM),
        ranged(FILM[:MOOV] + FILM[MDAT:] + FILM[MOOV:MDAT]),  # its header is behind
        ranged(FIRST_BOX + LARGE + bytes(30_000_000) + FILM[MOOV:MDAT]),
        ranged(FILM[:MDAT] + LARGE + bytes(30_000_000 - 8)),
        ranged(FIRST_BOX + struct.pack(">I4s", 200_000, b"free") + bytes(199_992) + FILM[MOOV:]),
        ranged(MP4),
    ],
)
def test_a_sound_video_is_one_however_it_comes(content: Script) -> None:
    """Small or large, with its header in front, behind, or out of our sight."""
    reason, asset, _ = made_by(content)
    assert (reason, asset.kind, asset.problem) == (Reason.OK, "mp4", "")
