"""The HTTP client of one probe: each request with its deadline and limits, each exchange kept."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import httpx2

from genmedia_exporter import __version__
from genmedia_exporter.core.clock import Clock, Monotonic
from genmedia_exporter.core.evidence import TOKEN, Exchange, Role, Transport
from genmedia_exporter.core.secret import Secret
from genmedia_exporter.core.status import Operation
from genmedia_exporter.providers.calls import EXCHANGED, Call
from genmedia_exporter.targets.model import Account
from genmedia_exporter.transport.answer import Answer, body_for, drain
from genmedia_exporter.transport.body import Heard, Read
from genmedia_exporter.transport.errors import BREAKS, describe, translate
from genmedia_exporter.transport.headers import MAX_HEADER_LENGTH, KeptHeaders
from genmedia_exporter.transport.network import Network
from genmedia_exporter.transport.redact import Scrubber
from genmedia_exporter.transport.request import (
    Fields,
    absolute,
    fill,
    new_uuid,
    origin,
    plain,
    redirect_host,
    trusts,
    url_of,
)
from genmedia_exporter.transport.signing.attach import attach
from genmedia_exporter.transport.signing.tokens import form_encoded, grant, token_url
from genmedia_exporter.transport.timer import ExchangeTimer

USER_AGENT = f"genmedia-exporter/{__version__}"

MAX_DETAIL_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Request:
    """What to send; templates are filled and the address is absolute."""

    name: str  # id of the call
    method: str
    url: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None  # sent as JSON
    form: Mapping[str, str] | None = None  # sent as multipart/form-data
    content: bytes | None = None  # sent as it is
    auth: bool = True  # attach the credential, if the address is the account's own
    most: int | None = None  # read so many bytes of the answer and hang up
    heard: Heard | None = None  # told of each piece of the answer as it comes


class ProbeClient:
    """Sends one probe's requests for *account* and keeps the exchanges in `exchanges`.

    `deadline` is in monotonic seconds of *clock* and covers an exchange from resolving the name
    to the last byte; who sends more than one may move it in between. *keep* names response
    headers to keep besides KEPT_HEADERS, and may hold `*`.
    """

    def __init__(
        self,
        account: Account,
        deadline: Monotonic,
        clock: Clock,
        network: Network,
        *,
        keep: Iterable[str] = (),
    ) -> None:
        self.deadline = deadline
        self.exchanges: list[Exchange] = []
        self.credential_sent = False  # with the last request
        self.credential_used = False  # with any request
        self.location = ""  # where the last answer redirects to; may be a signed address: not kept
        self._account = account
        self._clock = clock
        self._network = network
        self._requests = 0
        self._fields = account.fields()
        self._token: Secret | None = None  # for the request under way
        self._keep = KeptHeaders(keep)
        self._scrubber = Scrubber(account)

    async def send(
        self,
        call: Call,
        *,
        model: str,
        operation: Operation,
        role: Role = Role.PROBE,
        read: Read = "whole",
        path: str = "",
    ) -> Exchange:
        """Make one of the provider's free calls; see `request` for what comes back."""
        fields = {"model": model, "operation": operation.value, "path": path}
        return await self.request(self.prepare(call, fields), role=role, read=read)

    def prepare(self, call: Call, fields: Fields) -> Request:
        """Return *call* with its templates filled from *fields*."""
        known = {**self.fresh(), **fields}
        return Request(
            call.id,
            call.method,
            self.address(call.path, fields),
            query=fill(call.query, known),
            headers=fill(call.headers, known),
            body=fill(call.body, known),
            form=None if call.form is None else fill(call.form, known),
            auth=call.auth,
        )

    async def request(
        self, request: Request, *, role: Role = Role.PROBE, read: Read = "whole"
    ) -> Exchange:
        """Send *request*, read the answer within the deadline, and note the exchange.

        Everything the network can do is in the Exchange, nothing of it is raised. The credential
        and the account's headers go to the account's own origin only; an address elsewhere must
        be public and https, unless it is on the account's own host. With read="stream" an answer
        of Server-Sent Events is read up to `[DONE]`. Where the credential has to be exchanged for a
        token and none is given, that answer is the exchange, and *request* is not sent.
        """
        refused = await self._exchange_credential(request, role)
        if refused is not None:
            return refused
        answer = await self._perform(request, role, read)
        if answer.status == 401 and self._token is not None:
            self._network.tokens.drop(self._account)
        return answer

    async def _perform(self, request: Request, role: Role, read: Read) -> Exchange:
        self.location = ""
        timer = ExchangeTimer(self._clock, self.deadline, self._network.lag)
        answer = Answer()
        try:
            async with asyncio.timeout(timer.left()):
                with self._network.lag or nullcontext():
                    await self._exchange(request, timer, answer, read)
        except Exception as error:
            answer.transport = translate(error, timer) if isinstance(error, BREAKS) else None
            if answer.transport is None:
                # A bug of ours must not hide that something was sent: it may have cost money.
                self._note(request, role, timer, answer)
                raise
            answer.detail = self.scrub(describe(error, timer))[:MAX_DETAIL_LENGTH]
        return self._note(request, role, timer, answer)

    def scrub(self, text: str) -> str:
        """Return *text* without any credential of the account."""
        return self._scrubber.text(text)

    def is_own(self, url: str) -> bool:
        """Whether the credential may go to *url*: the account's own origin, or a host its provider trusts."""
        own = origin(self._account.base_url)
        return origin(url) == own or trusts(self._account.provider.hosts, url, own)

    def fresh(self) -> dict[str, str]:
        """Return what templates may hold that is new for each request."""
        self._requests += 1
        now, tick = float(self._clock.now()), float(self._clock.monotonic())
        made_of = f"{self._account.name} {id(self)} {self._requests} {now!r} {tick!r}"
        return {**self._fields, "uuid": new_uuid(made_of), "now": str(int(now))}

    def address(self, template: str, fields: Fields) -> str:
        """Return the URL of a path template at the account, for a Request."""
        return url_of(self._account, template, {**self._fields, **fields})

    async def _exchange_credential(self, request: Request, role: Role) -> Exchange | None:
        """See to it that there is a token where one is needed; return the answer that has none."""
        self._token = None
        account = self._account
        if account.auth_kind not in EXCHANGED or not request.auth or not self.is_own(request.url):
            return None
        tokens, tick = self._network.tokens, self._clock.monotonic
        self._token = tokens.get(account, tick())
        if self._token is not None:
            return None
        form = grant(account, self._clock.now())
        self._scrubber.add(form.values())
        asked = Request(
            TOKEN,
            "POST",
            token_url(account),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            content=form_encoded(form),
            auth=False,
        )
        answer = await self._perform(asked, role, "whole")
        given = answer.status == 200 and answer.transport is None
        self._token = tokens.keep(account, answer.body, tick()) if given else None
        self.exchanges.pop()
        if self._token is not None:
            return None
        if given:  # it must not pass for the success of what was asked
            answer = replace(answer, transport=Transport.PROTOCOL, detail="no access_token came")
        self.exchanges.append(answer)
        return answer

    async def _exchange(
        self, request: Request, timer: ExchangeTimer, answer: Answer, read: Read
    ) -> None:
        if not timer.left():
            raise TimeoutError
        foreign = request.name != TOKEN and not self._same_host(request.url)
        if foreign and origin(request.url)[0] != "https":
            raise httpx2.UnsupportedProtocol("an address from an answer must be https")
        outgoing = self._outgoing(request)
        outgoing.extensions["trace"] = timer.on_trace
        async with self._network.transport(timer, public_only=foreign) as transport:
            response = await transport.handle_async_request(outgoing)
            try:
                self._read_head(request.url, response, answer)
                answer.body = body_for(response, read, request.most, request.heard)
                await drain(response, answer.body)
            finally:
                await response.aclose()

    def _outgoing(self, request: Request) -> httpx2.Request:
        account = self._account
        headers = httpx2.Headers(
            {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "identity"}
        )
        fresh = self.fresh()
        headers.update(fill(account.provider.headers, fresh))
        headers.update(fill(request.headers, fresh))
        url = httpx2.URL(request.url)
        if request.query:
            url = url.copy_merge_params(dict(request.query))
        files = {name: (None, value) for name, value in (request.form or {}).items()} or None
        outgoing = httpx2.Request(
            request.method,
            url,
            headers=headers,
            json=request.body,
            files=files,
            content=request.content,
        )
        self.credential_sent = False
        if self.is_own(request.url) and request.name != TOKEN:
            self._attach(outgoing, request.auth)
        return outgoing

    def _attach(self, outgoing: httpx2.Request, auth: bool) -> None:
        now = self._clock.now()
        hidden = list(attach(outgoing, self._account, now, self._token)) if auth else []
        self.credential_sent = bool(hidden)
        self.credential_used |= self.credential_sent
        self._scrubber.add(hidden)
        outgoing.headers.update({n: v.reveal() for n, v in self._account.headers.items()})

    def _same_host(self, url: str) -> bool:
        return origin(url)[1] == origin(self._account.base_url)[1]

    def _read_head(self, url: str, response: httpx2.Response, answer: Answer) -> None:
        answer.status = response.status_code
        kept = {n: self.scrub(v)[:MAX_HEADER_LENGTH] for n, v in self._keep.of(response.headers)}
        if 300 <= response.status_code < 400 and "location" in response.headers:
            answer.redirect_to = redirect_host(url, response.headers["location"])
            kept["location"] = answer.redirect_to
            self.location = absolute(url, response.headers["location"])
        answer.headers = kept

    def _note(self, request: Request, role: Role, timer: ExchangeTimer, answer: Answer) -> Exchange:
        phases, duration = timer.phases(), timer.elapsed()
        content = answer.body.content if answer.body else b""
        exchange = Exchange(
            call=request.name,
            role=role,
            method=request.method,
            url=plain(request.url),
            host=origin(request.url)[1],
            status=answer.status,
            headers=MappingProxyType(answer.headers),
            body=self._scrubber.data(content),
            transport=answer.transport,
            detail=answer.detail,
            redirect_to=answer.redirect_to,
            phases=phases,
            duration=duration,
            tls_expiry=timer.tls_expiry,
            self_delay=timer.self_delay,
        )
        self.exchanges.append(exchange)
        return exchange
