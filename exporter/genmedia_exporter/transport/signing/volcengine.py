"""Volcengine's HMAC-SHA256, as its own SDK signs (docs 6369/67269): content type, host, date and body."""

from __future__ import annotations

from collections.abc import Mapping

import httpx2

from genmedia_exporter.transport.signing.contract import (
    Keys,
    Scope,
    canonical_headers,
    canonical_query,
    hmac_chain,
    host_of,
    sha256_hex,
)

ALGORITHM = "HMAC-SHA256"


def sign(request: httpx2.Request, keys: Keys, scope: Scope) -> Mapping[str, str]:
    """Return the headers that sign *request*."""
    stamp = f"{scope.time:%Y%m%dT%H%M%SZ}"
    body = sha256_hex(request.content)
    added = {"X-Date": stamp, "X-Content-Sha256": body}
    if keys.session:
        added["X-Security-Token"] = keys.session
    signed = {"host": host_of(request), **added}
    if "content-type" in request.headers:
        signed["content-type"] = request.headers["content-type"]
    lines, names = canonical_headers(signed.items())
    path = request.url.raw_path.partition(b"?")[0].decode()
    canonical = "\n".join([request.method, path, canonical_query(request), lines, names, body])
    credential = f"{stamp[:8]}/{scope.region}/{scope.service}/request"
    text = "\n".join([ALGORITHM, stamp, credential, sha256_hex(canonical.encode())])
    key = hmac_chain(keys.secret.encode(), stamp[:8], scope.region, scope.service, "request")
    signature = hmac_chain(key, text).hex()
    added["Authorization"] = (
        f"{ALGORITHM} Credential={keys.access}/{credential}, SignedHeaders={names}, Signature={signature}"
    )
    return added
