"""AWS Signature Version 4, by botocore: the extra `aws`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx2

from genmedia_exporter.transport.signing.contract import Keys, Scope


def sign(request: httpx2.Request, keys: Keys, scope: Scope) -> Mapping[str, str]:
    """Return the headers that sign *request*."""
    # Imported here: only who has AWS keys needs it, and the configuration says so where it is missing.
    from botocore.auth import SIGV4_TIMESTAMP, SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    given = Credentials(keys.access, keys.secret, keys.session or None)
    kept = {n: v for n, v in request.headers.items() if n in ("host", "content-type")}
    unsigned = AWSRequest(request.method, str(request.url), kept, request.content)
    # What add_auth does, at the time that we are told.
    signer: Any = SigV4Auth(given, scope.service, scope.region)
    unsigned.context["timestamp"] = scope.time.strftime(SIGV4_TIMESTAMP)
    signer._modify_request_before_signing(unsigned)
    text = signer.string_to_sign(unsigned, signer.canonical_request(unsigned))
    signer._inject_signature_to_request(unsigned, signer.signature(text, unsigned))
    return {n: v for n, v in unsigned.headers.items() if n.lower() not in kept}
