"""Takes an account's credentials out of everything that is kept of an exchange."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Iterable, Iterator
from typing import Final, Self
from urllib.parse import quote

from genmedia_exporter.core.disguise import Disguised
from genmedia_exporter.core.json_pointer import parse_json
from genmedia_exporter.core.secret import HIDDEN
from genmedia_exporter.targets.model import Account

# Shorter values are words such as "true", not credentials, and stand in any answer.
_SHORTEST_KEY, _SHORTEST_OTHER = 4, 8
_HIDDEN: Final = HIDDEN.encode()


class Scrubber:
    """Holds the secrets of one account, and of the requests made with them."""

    def __init__(self, account: Account) -> None:
        key = account.api_key.reveal() if account.api_key else ""
        self._secrets: list[bytes] = [key.encode()] if len(key) >= _SHORTEST_KEY else []
        self._sources: frozenset[str] = frozenset()
        headers = [value.reveal() for value in account.headers.values()]
        self._hide([f"Bearer {key}", f"{account.auth_prefix or ''}{key}"] if key else [])
        self._hide([value for value in headers if value.isalpha()])  # may be a word like others
        others = (value.reveal() for value in account.environment.values())
        self._add([*_parts(key), *(v for v in (*headers, *others) if not v.isalpha())])

    def adding(self, values: Iterable[str]) -> Self:
        """Return one that hides *values* too, such as a token that was made from the key; in any disguise."""
        new = {value for value in values if len(value) >= _SHORTEST_OTHER} - self._sources
        if not new:
            return self
        more = copy.copy(self)
        more._add(new)
        return more

    def _add(self, values: Iterable[str]) -> None:
        found = {value for value in values if len(value) >= _SHORTEST_OTHER}
        self._hide(found)
        self._sources = self._sources | found
        self._disguised = Disguised(self._sources)

    def _hide(self, values: Iterable[str]) -> None:
        found = [value for value in values if len(value) >= _SHORTEST_OTHER]
        forms = (form for value in found for form in (value, *_written(value)))
        known = {*self._secrets, *(form.encode() for form in forms)}
        # A secret may be part of another one, as the key is of its header.
        self._secrets = sorted(known, key=len, reverse=True)

    def text(self, text: str) -> str:
        """Return *text* with `<secret>` in place of each credential."""
        data = text.encode("utf-8", "surrogatepass")
        return self.data(data).decode("utf-8", "surrogatepass")

    def data(self, data: bytes) -> bytes:
        """Return *data* with `<secret>` in place of each credential."""
        for secret in self._secrets:
            data = data.replace(secret, _HIDDEN)
        return self._disguised.replace(data, _HIDDEN)


def _parts(key: str) -> list[str]:
    """Return what is secret of a credential: itself, its halves; of a document the key it holds."""
    if not key.startswith("{"):
        return [key, *key.split(":")]
    document = parse_json(key)
    held = document.items() if isinstance(document, dict) else ()
    return [key, *(v for name, v in held if "private_key" in name and isinstance(v, str))]


def _written(secret: str) -> Iterator[str]:
    """Yield the forms in which a service may repeat a secret: escaped, in a URL, in base64."""
    written = json.dumps(secret)[1:-1]
    yield written
    yield written.replace("/", "\\/")
    yield quote(secret, safe="")
    yield "".join(f"%{byte:02X}" for byte in secret.encode())
    yield "".join(f"%{byte:02x}" for byte in secret.encode())
    packed = base64.b64encode(secret.encode()).decode()
    yield packed
    yield packed.rstrip("=")
    yield base64.urlsafe_b64encode(secret.encode()).decode().rstrip("=")
