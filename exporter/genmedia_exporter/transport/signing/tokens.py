"""Tokens that are asked for with a credential: what is sent for one, what came, and those still valid."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from urllib.parse import urlencode

from genmedia_exporter.core.clock import Monotonic, Unix
from genmedia_exporter.core.json_pointer import parse_json, resolve
from genmedia_exporter.core.secret import Secret
from genmedia_exporter.targets.model import Account
from genmedia_exporter.transport.request import fill
from genmedia_exporter.transport.signing.contract import Keys
from genmedia_exporter.transport.signing.jwt import google_assertion

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_DEFAULT_SECONDS = 300.0  # of a token that does not say how long it is valid
_MOST_SECONDS = 86_400  # whatever an answer says
_EARLY = 0.1  # of its life: it is renewed so much before its end


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token, and until when it is used."""

    secret: Secret
    until: Monotonic


class Tokens:
    """The tokens of all accounts. A credential that changed has none yet."""

    def __init__(self) -> None:
        self._kept: dict[str, Token] = {}

    def get(self, account: Account, tick: Monotonic) -> Secret | None:
        """Return the token of *account* that is valid at *tick*, or None."""
        kept = self._kept.get(_key(account))
        return kept.secret if kept is not None and tick < kept.until else None

    def keep(self, account: Account, body: bytes, tick: Monotonic) -> Secret | None:
        """Keep the token that an answer brought at *tick*, and return it; None where it brought none."""
        document = parse_json(body)
        text, seconds = resolve(document, "/access_token"), resolve(document, "/expires_in")
        if not isinstance(text, str) or not text or not (text.isascii() and text.isprintable()):
            return None
        life = _DEFAULT_SECONDS
        if isinstance(seconds, int | float) and seconds is not True and seconds > 0:
            life = float(min(seconds, _MOST_SECONDS))
        token = Token(Secret(text), Monotonic(float(tick) + life * (1 - _EARLY)))
        self._kept = {key: kept for key, kept in self._kept.items() if tick < kept.until}
        self._kept[_key(account)] = token
        return token.secret

    def drop(self, account: Account) -> None:
        """Forget the token of *account*: the service refuses it."""
        self._kept.pop(_key(account), None)


def _key(account: Account) -> str:
    credential = account.api_key.reveal() if account.api_key else ""
    made_of = f"{account.name}\0{token_url(account)}\0{credential}"
    return hashlib.sha256(made_of.encode()).hexdigest()


def token_url(account: Account) -> str:
    """Return where a token is asked for."""
    return str(fill(account.provider.auth.token_url, account.fields()))


def grant(account: Account, now: Unix) -> dict[str, str]:
    """Return the fields of the form that asks for a token."""
    auth, credential = account.provider.auth, account.api_key.reveal() if account.api_key else ""
    if auth.type == "google_service_account":
        assertion = google_assertion(credential, now, token_url(account), auth.scope)
        return {"grant_type": JWT_BEARER, "assertion": assertion}
    keys = Keys.of(credential)
    asked = {
        "grant_type": "client_credentials",
        "client_id": keys.access,
        "client_secret": credential.partition(":")[2],
    }
    return {**asked, "scope": auth.scope} if auth.scope else asked


def form_encoded(fields: dict[str, str]) -> bytes:
    """Return *fields* as application/x-www-form-urlencoded."""
    return urlencode(fields).encode()
