"""JSON Web Tokens: signed with a pair of keys (HS256), or with the key of a Google service account."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from genmedia_exporter.core.clock import Unix

_NOT_BEFORE_SLACK = 5
ASSERTION_SECONDS = 3600
"""How long an assertion of a service account is valid: the most that Google takes."""


def json_web_token(credential: str, now: Unix, ttl: int) -> str:
    """Return a token signed with HS256 from "accesskey:secretkey", valid from *now* for *ttl* s."""
    access, _, secret = credential.partition(":")
    claims = {"iss": access, "exp": int(now) + ttl, "nbf": int(now) - _NOT_BEFORE_SLACK}
    signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
    digest = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{_base64url(digest)}"


def google_assertion(document: str, now: Unix, audience: str, scope: str) -> str:
    """Return what a service account proves itself with to *audience*, by google-auth: the extra `google`."""
    # Imported here: only who has such an account needs it, and the configuration says so where it is missing.
    from google.auth import crypt
    from google.auth import jwt as google_jwt

    account: dict[str, Any] = json.loads(document)
    claims = {
        "iss": account["client_email"],
        "scope": scope,
        "aud": audience,
        "iat": int(now),
        "exp": int(now) + ASSERTION_SECONDS,
    }
    signer: Any = crypt.RSASigner.from_service_account_info(account)  # type: ignore[no-untyped-call]
    made: bytes = google_jwt.encode(signer, claims)  # type: ignore[no-untyped-call]
    return made.decode()


def _part(value: object) -> str:
    return _base64url(json.dumps(value, separators=(",", ":")).encode())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
