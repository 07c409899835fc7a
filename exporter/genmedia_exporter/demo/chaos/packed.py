"""Faults of content encodings, none of which we ask for: bombs, cuts, lies, and what nobody can unpack."""

import gzip
import zlib

from genmedia_exporter.demo.chaos.row import MODEL, Row, Serve, told
from genmedia_exporter.demo.message import Response
from genmedia_exporter.demo.transport import Ask, Fault, bomb

__all__ = ["ENCODINGS"]

BROKEN = "down provider protocol_error"
SOUND = "operational none ok"
TOO_LARGE = "unknown network body_too_large"
BOMB = (("megabytes", 64.0),)
GZIP = gzip.compress(MODEL, mtime=0)
BARE = zlib.compress(MODEL)[2:-4]
ZSTD = bytes.fromhex("28b52ffd") + b"\xa4\x00\x00\x00\x04" + b"\x02\x00\x10\x20" * 64
"""How a frame of zstd begins that promises 64 MiB, and blocks of one repeated byte."""
BROTLI = b"\xcb\xff\x7f\xf8" + b"\x1f\x00" * 64


def packed(encoding: str, data: bytes) -> Serve:
    """That data under that encoding."""
    return told(data, f"Content-Encoding: {encoding}")


def _gzip_bomb(ask: Ask, turn: int) -> Response:
    return bomb(Fault("bomb", BOMB), ask)


def _deflate_bomb(ask: Ask, turn: int) -> Response:
    return packed("deflate", zlib.compress(b" " * (8 << 20), 9))(ask, turn)


ENCODINGS = (
    Row("gzip", "the right answer in gzip", SOUND, packed("gzip", GZIP)),
    Row("gzip-old-name", "the right answer in x-gzip", SOUND, packed("X-GZIP", GZIP)),
    Row("gzip-more", "bytes after the end of gzip", SOUND, packed("gzip", GZIP + b"and more")),
    Row("deflate", "the right answer in deflate", SOUND, packed("deflate", zlib.compress(MODEL))),
    Row("deflate-bare", "deflate without its header", SOUND, packed("deflate", BARE)),
    Row("identity", "an encoding that is none", SOUND, packed("identity", MODEL)),
    Row("bomb-gzip", "64 MiB in 64 KiB of gzip", TOO_LARGE, _gzip_bomb),
    Row("bomb-deflate", "8 MiB in 8 KiB of deflate", TOO_LARGE, _deflate_bomb),
    Row("bomb-brotli", "a bomb in brotli", BROKEN, packed("br", BROTLI)),
    Row("bomb-zstd", "a bomb in zstd", BROKEN, packed("zstd", ZSTD)),
    Row("gzip-corrupt", "gzip with a wrong byte", BROKEN, packed("gzip", GZIP[:20] + b"\xff" + GZIP[21:])),
    Row("gzip-checksum", "gzip with a wrong checksum", BROKEN, packed("gzip", GZIP[:-8] + bytes(8))),
    Row("gzip-cut", "gzip that ends early", "down provider body_truncated", packed("gzip", GZIP[:40])),
    Row("gzip-empty", "gzip of nothing at all", "unknown network schema", packed("gzip", b"")),
    Row("gzip-said-only", "said to be gzip, is plain", BROKEN, packed("gzip", MODEL)),
    Row("gzip-unsaid", "gzip that nobody announces", "unknown network schema", told(GZIP)),
    Row("gzip-twice", "packed twice", BROKEN, packed("gzip, gzip", gzip.compress(GZIP, mtime=0))),
    Row("encoding-unknown", "an encoding nobody knows", BROKEN, packed("origami", MODEL)),
)  # fmt: skip
