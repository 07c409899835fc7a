"""What all probes of an account have in common, made once: its secrets, and the requests that never change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from genmedia_exporter.providers.calls import Call
from genmedia_exporter.targets.model import Account
from genmedia_exporter.transport.engine.connection import Wire
from genmedia_exporter.transport.headers import KeptHeaders
from genmedia_exporter.transport.redact import Scrubber
from genmedia_exporter.transport.request import Asked, Request, Standing, elsewhere, origin, plain

MOST_STANDING: Final = 10_000
"""Requests of one account that are kept; far more than it has targets."""
_CHANGING_AUTH: Final = frozenset({
    "jwt_hs256", "oauth_client_credentials", "google_service_account", "aws_sigv4", "volcengine", "tencent_tc3",
})  # fmt: skip
"""Kinds of credentials that make each request another one."""
_CHANGING_FIELDS: Final = ("{uuid}", "{now}")


class Prepared:
    """What a ProbeClient of *account* needs and need not make itself. Holds credentials: never shown."""

    def __init__(self, account: Account, keep: Iterable[str] = ()) -> None:
        self.account = account
        self.fields = account.fields()
        self.keep = KeptHeaders(keep)
        self.scrubber = Scrubber(account)
        self.elsewhere = elsewhere(account, self.fields)
        self._requests: dict[tuple[str, str, str, str], Request] = {}

    def request(self, asked: Asked) -> Request | None:
        """Return the request that makes the call, as it was made before."""
        known = self._requests.get(_key(asked))
        if known is None or known.asked is None or known.asked.call is not asked.call:
            return None
        return known

    def keep_request(self, request: Request, wire: Wire, hidden: Iterable[str]) -> None:
        """Keep *request*, which goes out as *wire*, if it will be the same the next time."""
        hidden = tuple(hidden)
        if request.asked is None or self._changes(request.asked):
            return
        if len(self._requests) >= MOST_STANDING:
            self._requests.clear()
        self.scrubber = self.scrubber.adding(hidden)
        shown = (plain(request.url), origin(request.url)[1])
        standing = Standing(wire, bool(hidden), shown)
        self._requests[_key(request.asked)] = replace(request, standing=standing)

    def _changes(self, asked: Asked) -> bool:
        if self.account.api_key is not None and self.account.auth_kind in _CHANGING_AUTH:
            return True
        told = repr((self._templates(asked.call), asked[1:], self.fields))
        return any(field in told for field in _CHANGING_FIELDS)

    def _templates(self, call: Call) -> tuple[object, ...]:
        filled = (call.path, call.query, call.headers, call.body, call.form)
        return (*filled, self.account.provider.headers)


def _key(asked: Asked) -> tuple[str, str, str, str]:
    return (asked.call.id, asked.model, asked.operation, asked.path)
