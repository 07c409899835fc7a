"""What a credential must be for its kind of authentication, and which package that takes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Final

from genmedia_exporter.providers.calls import AuthKind

EXTRAS: Final[Mapping[AuthKind, tuple[str, str]]] = {
    "aws_sigv4": ("aws", "botocore.auth"),
    "google_service_account": ("google", "google.auth.crypt"),
}
"""The optional part of this package that a kind takes, and the module that shows whether it is there."""

_PAIRS: Final = frozenset({"oauth_client_credentials", "aws_sigv4", "volcengine", "tencent_tc3"})


def missing_extra(kind: AuthKind, is_there: Callable[[str], bool] | None = None) -> str | None:
    """Return the extra that has to be installed for *kind*, None where nothing is missing."""
    extra, module = EXTRAS.get(kind, ("", ""))
    return extra if module and not (is_there or _is_there)(module) else None


def _is_there(module: str) -> bool:
    # Imported, not only looked for: it takes a while, which the first probe should not.
    try:
        import_module(module)
    except ImportError:
        return False
    return True


def misfit(kind: AuthKind, credential: str) -> str | None:
    """Return why *credential* cannot be one of *kind*, as the end of a sentence; None where it can."""
    if kind in _PAIRS:
        halves = credential.split(":")[:2]
        return None if len(halves) == 2 and all(halves) else 'is not written "access:secret"'
    if kind == "google_service_account" and not _is_service_account(credential):
        return "is not the key file of a service account: client_email or private_key is missing"
    return None


def _is_service_account(document: str) -> bool:
    try:
        account = json.loads(document)
    except ValueError:
        return False
    return all(isinstance(account.get(key), str) for key in ("client_email", "private_key"))


def filled(template: str, variables: Mapping[str, str]) -> str:
    """Return *template* with `{account.NAME}` replaced by the account's values."""
    for name, value in variables.items():
        template = template.replace(f"{{account.{name}}}", value)
    return template
