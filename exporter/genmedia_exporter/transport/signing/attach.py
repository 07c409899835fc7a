"""Attaches the credential of an account to a request, in the way that its provider's file names."""

from __future__ import annotations

import importlib
from collections.abc import Iterable

import httpx2

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.secret import Secret
from genmedia_exporter.targets.model import Account
from genmedia_exporter.transport.request import fill
from genmedia_exporter.transport.signing.contract import Keys, Scope, Sign
from genmedia_exporter.transport.signing.jwt import json_web_token


def attach(
    request: httpx2.Request, account: Account, now: Unix, token: Secret | None = None
) -> Iterable[str]:
    """Attach the credential and return what nobody may see of it; nothing without a credential.

    *token*: what the credential was exchanged for, where its kind takes that.
    """
    auth, kind = account.provider.auth, account.auth_kind
    if account.api_key is None or kind == "none":
        return ()
    credential = account.api_key.reveal()
    if kind == "query":
        request.url = request.url.copy_merge_params({auth.parameter: credential})
        return (credential,)
    if kind in ("aws_sigv4", "volcengine", "tencent_tc3"):
        return _signed(request, account, kind, now)
    if kind == "jwt_hs256":
        credential = json_web_token(credential, now, auth.ttl_seconds)
    prefix = auth.prefix if account.auth_prefix is None else account.auth_prefix
    value = prefix + (token.reveal() if token is not None else credential)
    request.headers.update({account.auth_header or auth.header: value})
    return (value,)


def _signed(request: httpx2.Request, account: Account, kind: str, now: Unix) -> Iterable[str]:
    auth, fields = account.provider.auth, account.fields()
    request.read()  # of a form: what is signed is what is sent
    sign: Sign = importlib.import_module(f"genmedia_exporter.transport.signing.{kind}").sign
    scope = Scope(str(fill(auth.service, fields)), str(fill(auth.region, fields)), now)
    keys = Keys.of(account.api_key.reveal() if account.api_key else "")
    headers = sign(request, keys, scope)
    request.headers.update(headers)
    signature = headers["Authorization"].rpartition("Signature=")[2]
    return (headers["Authorization"], signature)
