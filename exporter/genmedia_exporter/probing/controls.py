"""Control calls within their budget: one of a kind an account in five minutes, its answer remembered.

They are free for us, not for the service: new-api's token route shares a limit with its operator's
own login.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from genmedia_exporter.core.clock import Clock, Monotonic
from genmedia_exporter.core.control_calls import CONTROL_SECONDS, CallMemory, MadeCall, NoMemory
from genmedia_exporter.core.evidence import REPEATED, SECOND, Exchange, Role
from genmedia_exporter.providers.calls import Call
from genmedia_exporter.targets.model import Account, Target
from genmedia_exporter.transport.client import ProbeClient

PER_HOST: Final = 3
"""Of one kind so many calls are made at a host in that time, however many accounts are there."""
MAX_REMEMBERED: Final = 4_096

CREATES: Final = (SECOND, REPEATED)
"""How calls are named that are creates after the first."""

Same = Callable[[Exchange, Exchange], bool]
"""Whether two answers to the same create say the same."""
_Key = tuple[object, ...]


@dataclass(slots=True)
class _Asked:
    """A control call that was made, or is under way."""

    tick: Monotonic  # when it began
    account: Account
    about: Exchange | None  # of a second create: the answer that it was made for
    answer: asyncio.Future[Exchange | None]


class Controls:
    """Makes control calls for all probes of a process. What is asked at the same time is asked once.

    *memory* is told of each but second creates, so that the next process knows.
    """

    def __init__(self, clock: Clock, memory: CallMemory | None = None) -> None:
        self._clock = clock
        self._memory = memory or NoMemory()
        self._asked: dict[_Key, _Asked] = {}
        self._loading: asyncio.Future[tuple[MadeCall, ...]] | None = None
        self._before: dict[str, MadeCall] = {}  # by id: what an earlier process has asked

    async def ask(self, client: ProbeClient, target: Target, call: Call, same: Same) -> None:
        """Make *call* for the probe of *client*, or note what it was answered lately.

        Nothing is noted where the budget is used up, or where the call under way for another probe
        is not answered within the deadline of this one.
        """
        if not await self._loaded(client):
            return
        second = call.id.endswith(CREATES)
        about = client.exchanges[0] if second else None
        key = _key(target, call)
        known = self._known(key, target.account if call.auth else None)
        before = None if second or known is not None else self._of_before(key, target.account, call)
        if known is not None and (about is None or _is_about(known, about, same)):
            await self._recall(client, known)
        elif before is not None:
            _note(client, before.answer)
        elif second or self._within_host(target.account.host, call):
            await self._make(client, target, call, key, about)

    def _known(self, key: _Key, account: Account | None) -> _Asked | None:
        """Return what was asked lately under *key*, with this *account*'s key where it needs one."""
        known = self._asked.get(key)
        if known is None or (account is not None and known.account != account):
            return None
        return known if self._clock.monotonic() - known.tick < CONTROL_SECONDS else None

    async def _loaded(self, client: ProbeClient) -> bool:
        """Whether it is known what earlier processes have asked; read once, at the first question."""
        if self._loading is None:
            self._loading = asyncio.ensure_future(self._memory.load())
        if not self._loading.done():
            left = max(0.0, client.deadline - self._clock.monotonic())
            await asyncio.wait({self._loading}, timeout=left)
        if self._loading.done() and not self._before:
            self._before = {call.id: call for call in self._loading.result()}
        return self._loading.done()

    def _of_before(self, key: _Key, account: Account, call: Call) -> MadeCall | None:
        """Return what an earlier process asked lately under *key*, with the same credential."""
        known = self._before.get(_id(key, account if call.auth else None))
        return known if known is not None and self._counts(known) else None

    def _counts(self, made: MadeCall) -> bool:
        return abs(self._clock.now() - made.at) < CONTROL_SECONDS

    def _within_host(self, host: str, call: Call) -> bool:
        since = self._clock.monotonic() - CONTROL_SECONDS
        kind = (host, call.id)
        others = [a for key, a in self._asked.items() if key[:2] == kind and a.tick > since]
        before = [m for m in self._before.values() if (m.host, m.call) == kind and self._counts(m)]
        return _of_model(call) or len(others) + len(before) < PER_HOST

    async def _make(
        self, client: ProbeClient, target: Target, call: Call, key: _Key, about: Exchange | None
    ) -> None:
        self._forget()
        asked = _Asked(
            self._clock.monotonic(),
            target.account,
            about,
            asyncio.get_running_loop().create_future(),
        )
        self._asked[key] = asked
        made = MadeCall(
            _id(key, target.account if call.auth else None),
            target.account.host,
            call.id,
            self._clock.now(),
        )
        self._keep(made)  # before it is sent: a process that dies meanwhile may have sent it
        try:
            exchange = await client.send(
                call,
                model=target.model,
                operation=target.operation,
                role=Role.CONTROL,
                path=target.path,
            )
            asked.answer.set_result(exchange)
            self._keep(replace(made, answer=exchange))
        finally:
            if not asked.answer.done():  # cancelled, or a bug: the call may have been made
                asked.answer.set_result(None)

    def _keep(self, made: MadeCall) -> None:
        if not made.call.endswith(CREATES):  # those are about one answer, and no login's limit
            self._memory.keep(made)

    async def _recall(self, client: ProbeClient, known: _Asked) -> None:
        if not known.answer.done():
            left = max(0.0, client.deadline - self._clock.monotonic())
            await asyncio.wait({known.answer}, timeout=left)
        _note(client, known.answer.result() if known.answer.done() else None)

    def _forget(self) -> None:
        since = self._clock.monotonic() - CONTROL_SECONDS
        kept = [(key, asked) for key, asked in self._asked.items() if asked.tick > since]
        self._asked = dict(kept[-MAX_REMEMBERED:])


def _key(target: Target, call: Call) -> _Key:
    """Return what is asked once: whoever asks, where the answer depends on neither key nor model."""
    host = target.account.host
    who = target.account.name if call.auth else target.account.base_url
    if call.id.endswith(CREATES):
        return (host, call.id, who, target.name)
    return (host, call.id, who, target.model if _of_model(call) else "")


def _id(key: _Key, account: Account | None) -> str:
    """Return a name for *key* asked with the credential of *account*, which tells neither."""
    secret = account.api_key.reveal() if account is not None and account.api_key else ""
    return hashlib.sha256("\0".join((*map(str, key), secret)).encode()).hexdigest()[:40]


def _note(client: ProbeClient, exchange: Exchange | None) -> None:
    if exchange is not None:
        client.exchanges.append(replace(exchange, remembered=True))


def _of_model(call: Call) -> bool:
    return "{model}" in f"{call.path}{call.query}{call.body}{call.form}"


def _is_about(known: _Asked, about: Exchange, same: Same) -> bool:
    """Whether a second create was made for the same answer, and was refused.

    One that was accepted, or broke off, is nothing to be told of twice.
    """
    answer = known.answer.result() if known.answer.done() else None
    refused = answer is not None and answer.transport is None and (answer.status or 0) >= 400
    return refused and known.about is not None and same(known.about, about)
