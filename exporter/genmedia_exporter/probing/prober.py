"""One probe from target to verdict: the driver's calls, controls where the answer is ambiguous, judgement."""

from __future__ import annotations

import traceback
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from genmedia_exporter.classify.classifier import classify
from genmedia_exporter.classify.context import Context
from genmedia_exporter.classify.differential import DIFFERS, MADE, same_refusal
from genmedia_exporter.classify.parse import read
from genmedia_exporter.core.clock import Clock, Unix
from genmedia_exporter.core.control_calls import CallMemory
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.core.evidence import (
    NO_HINTS,
    Evidence,
    Exchange,
    Generation,
    Hints,
    Observation,
    Role,
    Verdict,
)
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.drivers.contract import (
    NoCallError,
    Run,
    ask_after_job,
    can_ask_after,
    cancel_job,
    load,
)
from genmedia_exporter.probing.controls import Controls, Same
from genmedia_exporter.probing.reuse import ReusePolicy
from genmedia_exporter.probing.verdict_memory import VerdictMemory
from genmedia_exporter.providers.calls import Call
from genmedia_exporter.providers.loader import load_generic
from genmedia_exporter.providers.schema import Generic
from genmedia_exporter.targets.model import Account, Target
from genmedia_exporter.transport.client import ProbeClient
from genmedia_exporter.transport.network import Network
from genmedia_exporter.transport.prepared import Prepared

log = EventLog(__name__)

MOST_ACCOUNTS: Final = 10_000
"""Accounts of which something is kept prepared; those that a reload took away are among them."""
KNOWN_AFTER_SECONDS: Final = 31.0
"""A service may take 30 s to know a job that it has accepted (docs/wire.md §8.2 row 34)."""


class Prober:
    """Probes targets over *network*, and says with each what its answer means."""

    def __init__(self, network: Network, clock: Clock, memory: CallMemory | None = None) -> None:
        self._network = network
        self._clock = clock
        self._controls = Controls(clock, memory)
        self._reuse = ReusePolicy()
        self._verdicts = VerdictMemory(load_generic)
        self._prepared: dict[str, Prepared] = {}  # by account

    async def probe(self, target: Target, depth: Depth, hints: Hints = NO_HINTS) -> Observation:
        """Probe *target* at *depth* once. Nothing but cancellation is raised.

        The depth's own call ends within the target's timeout, controls within one more. Only after
        an accident it takes longer: to clean up, and to ask whether a job was made at all.
        """
        probe = _Probe(target, depth, hints, self._client(target))
        probe.client.reuse = self._reuse.now(target, depth)
        seen = await self._guarded(probe, self._probe(probe))
        self._reuse.made(target, depth, seen)
        return seen

    async def generate(self, target: Target, run: Run, hints: Hints = NO_HINTS) -> Observation:
        """Generate for *target* once, or follow the job that *run* names, and judge what came.

        Costs money. Nothing but cancellation is raised, and after that the job can be resumed.
        """
        probe = _Probe(target, Depth.GENERATE, hints, self._client(target))
        return await self._guarded(probe, self._generate(probe, run))

    async def _guarded(self, probe: _Probe, work: Coroutine[Any, Any, Observation]) -> Observation:
        try:
            return await work
        except Exception as error:  # noqa: BLE001 - one broken probe must not end the others
            stack = probe.client.scrub("".join(traceback.format_exception(error)).strip())
            log.error(
                "probe raised an exception",
                target=probe.target.name,
                depth=probe.depth,
                err=stack.rpartition("\n")[2],
                stack=stack,
            )
            return self._broken(probe, error)

    def _client(self, target: Target) -> ProbeClient:
        account = target.account
        known = self._prepared.get(account.name)
        if known is None or known.account is not account:
            if len(self._prepared) >= MOST_ACCOUNTS:
                self._prepared.clear()
            known = self._prepared[account.name] = Prepared(account, self._kept_headers(account))
        deadline = self._clock.monotonic() + target.timeout
        return ProbeClient(account, deadline, self._clock, self._network, prepared=known)

    def _kept_headers(self, account: Account) -> set[str]:
        """Return the headers that rules and marks of gateways look at, besides those always kept."""
        generic, provider = load_generic(), account.provider
        return {
            *(name for rule in (*provider.rules, *generic.rules) for name in rule.when.header),
            *provider.answered_by,
            *generic.answered_by,
            *generic.error_headers,
            *generic.gateways.headers,
        }

    async def _probe(self, probe: _Probe) -> Observation:
        await self._run_driver(probe)
        credential = probe.client.credential_sent
        seen = self._judge(probe, credential)
        # An accident first: every second it runs may cost.
        if seen.verdict.reason is not Reason.ACCEPTED_UNEXPECTEDLY:
            seen = await self._with_controls(probe, seen)
            seen = await self._with_repetition(probe, seen)
        if seen.verdict.success and credential:
            seen = await self._with_balance(probe, seen)
        if seen.verdict.reason is Reason.ACCEPTED_UNEXPECTEDLY:
            created = _accepted(seen)
            self._allow(probe, more=probe.target.timeout)
            await cancel_job(client=probe.client, target=probe.target, created=created)
            await self._ask_after(probe, created)
            seen = self._judge(probe, credential)
        return seen

    async def _with_repetition(self, probe: _Probe, seen: Observation) -> Observation:
        """Repeat the first create where a second one got another answer: perhaps any two differ."""
        told = seen.verdict
        unproven = told.reason is Reason.REJECTION_UNPROVEN and told.rule.endswith(DIFFERS)
        create = probe.target.call_for(probe.depth) if unproven else None
        if create is None:
            return seen
        same = probe.same(load_generic())
        await self._controls.ask(probe.client, probe.target, create.repeated, same)
        return self._judge(probe, seen.evidence.credential)

    async def _ask_after(self, probe: _Probe, created: Exchange) -> None:
        """Ask for the job of an answer that broke off, once a service would know it.

        Where such creates were rejected before, one that it does not know was none.
        """
        doubtful = created.transport is not None and probe.hints.worked_before
        if doubtful and can_ask_after(probe.target, created):
            await self._clock.sleep(KNOWN_AFTER_SECONDS)
            self._allow(probe, more=probe.target.timeout)
            await ask_after_job(probe.client, probe.target, created)

    async def _generate(self, probe: _Probe, run: Run) -> Observation:
        driver = load(probe.target.driver)
        if driver.generate is None:
            raise NoCallError(f"the driver {driver.name} cannot generate")
        made = await driver.generate(probe.client, probe.target, run)
        probe = replace(probe, generation=made)
        # Results may lie where no credential goes, so the last request does not tell.
        seen = self._judge(probe, probe.client.credential_used)
        return await self._with_controls(probe, seen)

    async def _run_driver(self, probe: _Probe) -> None:
        driver = load(probe.target.driver)
        await driver.probe(probe.client, probe.target, probe.depth)

    async def _with_controls(self, probe: _Probe, seen: Observation) -> Observation:
        """Make the free calls that tell readings of the verdict apart, until none is left."""
        self._allow(probe, more=probe.target.timeout)
        made: set[str] = set()
        while pending := [c for c in probe.controls(seen.verdict.reason) if c.id not in made]:
            for call in pending:
                made.add(call.id)
                await self._controls.ask(
                    probe.client, probe.target, call, probe.same(load_generic())
                )
            seen = self._judge(probe, seen.evidence.credential)
        return seen

    async def _with_balance(self, probe: _Probe, seen: Observation) -> Observation:
        """Ask what is left on the account, unless an answer tells already or did lately."""
        asked = {exchange.call for exchange in seen.evidence.exchanges}
        pending = [c for c in probe.balance_calls() if c.id not in asked]
        if not pending:
            return seen
        self._allow(probe, more=probe.target.timeout)
        for call in pending:
            await self._controls.ask(probe.client, probe.target, call, probe.same(load_generic()))
        return self._judge(probe, seen.evidence.credential)

    def _allow(self, probe: _Probe, more: float) -> None:
        probe.client.deadline = self._clock.monotonic() + more

    def _judge(self, probe: _Probe, credential: bool) -> Observation:
        evidence = self._evidence(probe, credential)
        known = self._verdicts.recall(probe.target, evidence, probe.hints)
        if known is not None:
            return Observation(evidence, known)
        verdict = classify(evidence, probe.context(evidence.at), load_generic())
        # Again: what was hidden in the bytes may show once a message has been decoded.
        verdict = replace(verdict, message=probe.client.scrub(verdict.message))
        self._verdicts.keep(probe.target, evidence, probe.hints, verdict)
        return Observation(evidence, verdict)

    def _evidence(self, probe: _Probe, credential: bool) -> Evidence:
        own = [e for e in probe.client.exchanges if e.role is Role.PROBE]
        made = probe.generation
        return Evidence(
            target=probe.target.name,
            depth=probe.depth,
            at=self._clock.now(),
            duration=_took(own, made),
            exchanges=tuple(probe.client.exchanges),
            credential=credential,
            generation=made,
            self_delay=own[-1].self_delay if own else 0.0,
        )

    def _broken(self, probe: _Probe, error: Exception) -> Observation:
        client = probe.client
        if not any(e.role is Role.PROBE for e in client.exchanges):
            host = probe.target.account.host
            client.exchanges.append(
                Exchange("", Role.PROBE, "", "", host, detail="nothing was sent")
            )
        evidence = self._evidence(probe, client.credential_used)
        meaning = Reason.PROBE_ERROR.meaning
        verdict = Verdict(
            meaning.outcome,
            meaning.status,
            meaning.fault,
            Reason.PROBE_ERROR,
            rule="prober.error",
            message=type(error).__name__,
        )
        return Observation(evidence, verdict)


def _took(own: Sequence[Exchange], made: Generation | None) -> float | None:
    """Return the seconds of a probe's *own* calls; of a generation, from its create to its result."""
    if made is not None and made.resumed:
        return made.took
    if made is not None and own:
        return own[0].duration + sum(s or 0.0 for s in (made.queue, made.run, made.fetch))
    return own[-1].duration if own else 0.0


def _accepted(seen: Observation) -> Exchange:
    """Return the create that was accepted: the probe's own, or one after it."""
    later = seen.evidence.second_creates if seen.verdict.rule == MADE else ()
    taken = (create for create in later if 200 <= (create.status or 0) < 300)
    return next(taken, seen.evidence.main)


@dataclass(frozen=True, slots=True)
class _Probe:
    """One probe under way."""

    target: Target
    depth: Depth
    hints: Hints
    client: ProbeClient
    generation: Generation | None = None

    def controls(self, reason: Reason) -> tuple[Call, ...]:
        return self.target.provider.controls_for(reason, self.target.operation, self.target.model)

    def balance_calls(self) -> tuple[Call, ...]:
        provider = self.target.provider
        names = provider.balance.calls if provider.balance else ()
        return tuple(call for name in names if (call := provider.call_named(name)) is not None)

    def same(self, generic: Generic) -> Same:
        """Return what compares two answers to a create of this target."""
        provider, channel = self.target.provider, self.target.channel

        def same(one: Exchange, two: Exchange) -> bool:
            first, second = (read(e, provider, generic, channel) for e in (one, two))
            return same_refusal(first, second)

        return same

    def context(self, now: Unix) -> Context:
        return Context.of(self.target, now, self.hints)
