"""A service that checks signatures as vendors do: from what came over the wire, with code of its own."""

from __future__ import annotations

import hashlib
import hmac
import re
from urllib.parse import parse_qsl, quote

from tests.transport.server import Received

SECRETS = {"AKIDTOY": "toy-secret-0123456789", "AKLTTOY": "toy-secret-0123456789"}

_TERMINATORS = {"AWS4-HMAC-SHA256": "AWS4", "TC3-HMAC-SHA256": "TC3", "HMAC-SHA256": ""}


def verified(request: Received) -> bool:
    """Whether the Authorization header of *request* is what its sender's secret makes of the request."""
    said = re.fullmatch(
        r"(\S+) Credential=([^/]+)/(\S+), SignedHeaders=(\S+), Signature=([0-9a-f]{64})",
        request.headers.get("authorization", ""),
    )
    if said is None or said[2] not in SECRETS:
        return False
    text = "\n".join(
        [said[1], _stamp(request), said[3], _hash(_canonical(request, said[1], said[4]))]
    )
    key = (_TERMINATORS[said[1]] + SECRETS[said[2]]).encode()
    for part in (*said[3].split("/"), text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.compare_digest(key.hex(), said[5])


def _canonical(request: Received, algorithm: str, signed: str) -> str:
    method, target, _ = request.line.split(" ")
    path, _, query = target.partition("?")
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    if algorithm.startswith("AWS4"):
        path = quote(path, safe="/~")  # once more, for every service but S3
    lines = "".join(f"{name}:{request.headers[name].strip()}\n" for name in signed.split(";"))
    encoded = "&".join(f"{quote(n, safe='-_.~')}={quote(v, safe='-_.~')}" for n, v in pairs)
    body = hashlib.sha256(request.body).hexdigest()
    return "\n".join([method, path, encoded, lines, signed, body])


def _stamp(request: Received) -> str:
    names = ("x-amz-date", "x-date", "x-tc-timestamp")
    return next(request.headers[name] for name in names if name in request.headers)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
