"""Tencent Cloud's TC3-HMAC-SHA256 (signature v3): content type and host, a time stamp, the body."""

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

ALGORITHM = "TC3-HMAC-SHA256"


def sign(request: httpx2.Request, keys: Keys, scope: Scope) -> Mapping[str, str]:
    """Return the headers that sign *request*. Its action, version and region are headers of the call."""
    stamp, day = str(int(scope.now)), f"{scope.time:%Y-%m-%d}"
    signed = {"host": host_of(request), "content-type": request.headers.get("content-type", "")}
    lines, names = canonical_headers(signed.items())
    canonical = "\n".join(
        [request.method, "/", canonical_query(request), lines, names, sha256_hex(request.content)]
    )
    credential = f"{day}/{scope.service}/tc3_request"
    text = "\n".join([ALGORITHM, stamp, credential, sha256_hex(canonical.encode())])
    key = hmac_chain(f"TC3{keys.secret}".encode(), day, scope.service, "tc3_request")
    signature = hmac_chain(key, text).hex()
    added = {
        "X-TC-Timestamp": stamp,
        "Authorization": f"{ALGORITHM} Credential={keys.access}/{credential}, "
        f"SignedHeaders={names}, Signature={signature}",
    }
    if keys.session:
        added["X-TC-Token"] = keys.session
    return added
