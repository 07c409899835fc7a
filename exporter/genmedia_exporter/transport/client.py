"""The HTTP client of one probe: each request with its deadline and limits, each exchange kept."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from types import MappingProxyType

import httpx2

from genmedia_exporter.core.clock import Clock, Monotonic
from genmedia_exporter.core.evidence import TOKEN, Exchange, Role, Transport
from genmedia_exporter.core.secret import Secret
from genmedia_exporter.core.status import Operation
from genmedia_exporter.providers.calls import EXCHANGED, Call
from genmedia_exporter.targets.model import Account
from genmedia_exporter.transport.answer import Answer, body_for, drain
from genmedia_exporter.transport.body import Body, Read
from genmedia_exporter.transport.engine.kept import Reuse
from genmedia_exporter.transport.errors import BREAKS, describe, translate
from genmedia_exporter.transport.headers import MAX_HEADER_LENGTH
from genmedia_exporter.transport.network import Network
from genmedia_exporter.transport.outgoing import as_wire, outgoing_request
from genmedia_exporter.transport.prepared import Prepared
from genmedia_exporter.transport.request import (
    Asked,
    Fields,
    Request,
    absolute,
    fill,
    new_uuid,
    origin,
    redirect_host,
    shown,
    trusts,
    url_of,
)
from genmedia_exporter.transport.signing.attach import attach
from genmedia_exporter.transport.signing.tokens import form_encoded, grant, token_url
from genmedia_exporter.transport.timer import ExchangeTimer

MAX_DETAIL_LENGTH = 300


class ProbeClient:
    """Sends one probe's requests for *account* and keeps the exchanges in `exchanges`.

    `deadline` is in monotonic seconds of *clock* and covers an exchange from resolving the name
    to the last byte; who sends more than one may move it in between. *keep* names response
    headers to keep besides KEPT_HEADERS, and may hold `*`; *prepared* has them, and what else
    the probes of *account* have in common.
    """

    def __init__(
        self,
        account: Account,
        deadline: Monotonic,
        clock: Clock,
        network: Network,
        *,
        keep: Iterable[str] = (),
        prepared: Prepared | None = None,
    ) -> None:
        self.deadline = deadline
        self.exchanges: list[Exchange] = []
        self.credential_sent = False  # with the last request
        self.credential_used = False  # with any request
        self.reuse: Reuse = "never"  # of connections, by calls that only ask
        self.location = ""  # where the last answer redirects to; may be a signed address: not kept
        self._account = account
        self._clock = clock
        self._network = network
        self._requests = 0
        self._token: Secret | None = None  # for the request under way
        self._prepared = prepared or Prepared(account, keep)
        self._scrubber = self._prepared.scrubber

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
        asked = Asked(call, model, operation.value, path)
        request = self._prepared.request(asked)
        if request is None:
            fields = {"model": model, "operation": operation.value, "path": path}
            request = replace(self.prepare(call, fields), asked=asked)
        return await self.request(request, role=role, read=read)

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
        named = (own, *self._prepared.elsewhere)
        return origin(url) in named or trusts(self._account.provider.hosts, url, own)

    def fresh(self) -> dict[str, str]:
        """Return what templates may hold that is new for each request."""
        self._requests += 1
        now, tick = float(self._clock.now()), float(self._clock.monotonic())
        made_of = f"{self._account.name} {id(self)} {self._requests} {now!r} {tick!r}"
        return {**self._prepared.fields, "uuid": new_uuid(made_of), "now": str(int(now))}

    def address(self, template: str, fields: Fields) -> str:
        """Return the URL of a path template at the account, for a Request."""
        return url_of(self._account, template, {**self._prepared.fields, **fields})

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
        self._scrubber = self._scrubber.adding(form.values())
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
        begin = partial(self._begin, request, read, answer)
        engine = self._network.engine
        standing = request.standing
        if engine is not None and standing is not None and engine.takes(standing.wire):
            self.credential_sent = standing.credential
            self.credential_used |= standing.credential
            await engine.exchange(standing.wire, timer, begin, self._reuse(request))
            return
        foreign = request.name != TOKEN and not self._same_host(request.url)
        if foreign and origin(request.url)[0] != "https":
            raise httpx2.UnsupportedProtocol("an address from an answer must be https")
        outgoing, hidden = self._outgoing(request)
        if engine is not None and request.asked is not None and not foreign:
            wire = as_wire(outgoing)
            self._prepared.keep_request(request, wire, hidden)
            if engine.takes(wire):
                await engine.exchange(wire, timer, begin, self._reuse(request))
                return
        outgoing.extensions["trace"] = timer.on_trace
        async with self._network.transport(timer, public_only=foreign) as transport:
            response = await transport.handle_async_request(outgoing)
            try:
                await drain(response, begin(response.status_code, response.headers))
            finally:
                await response.aclose()

    def _reuse(self, request: Request) -> Reuse:
        """Return it for *request*: what became of a create that a closed connection took, nobody could say."""
        return self.reuse if request.method in ("GET", "HEAD") else "never"

    def _outgoing(self, request: Request) -> tuple[httpx2.Request, tuple[str, ...]]:
        outgoing = outgoing_request(self._account.provider.headers, request, self.fresh())
        self.credential_sent = False
        own = self.is_own(request.url) and request.name != TOKEN
        return outgoing, self._attach(outgoing, request.auth) if own else ()

    def _attach(self, outgoing: httpx2.Request, auth: bool) -> tuple[str, ...]:
        now = self._clock.now()
        hidden = tuple(attach(outgoing, self._account, now, self._token)) if auth else ()
        self.credential_sent = bool(hidden)
        self.credential_used |= self.credential_sent
        self._scrubber = self._scrubber.adding(hidden)
        outgoing.headers.update({n: v.reveal() for n, v in self._account.headers.items()})
        return hidden

    def _same_host(self, url: str) -> bool:
        return origin(url)[1] == origin(self._account.base_url)[1]

    def _begin(
        self, request: Request, read: Read, answer: Answer, status: int, headers: Mapping[str, str]
    ) -> Body:
        """Keep what the head of an answer tells, and return what takes its body."""
        answer.status = status
        kept = self._kept(headers)
        if 300 <= status < 400 and "location" in headers:
            answer.redirect_to = redirect_host(request.url, headers["location"])
            kept["location"] = answer.redirect_to
            self.location = absolute(request.url, headers["location"])
        answer.headers = kept
        answer.body = body_for(headers, read, request.most, request.heard)
        return answer.body

    def _kept(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return the headers that are kept, without credentials: looked through together, for few hold one."""
        found = dict(self._prepared.keep.of(headers))
        together = "\n".join(found.values())
        if self.scrub(together) != together:
            found = {name: self.scrub(value) for name, value in found.items()}
        return {name: value[:MAX_HEADER_LENGTH] for name, value in found.items()}

    def _note(self, request: Request, role: Role, timer: ExchangeTimer, answer: Answer) -> Exchange:
        phases, duration = timer.phases(), timer.elapsed()
        content = answer.body.content if answer.body else b""
        url, host = shown(request)
        exchange = Exchange(
            call=request.name,
            role=role,
            method=request.method,
            url=url,
            host=host,
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
            reused=timer.reused,
        )
        self.exchanges.append(exchange)
        return exchange
