"""Recorded answers given to the real drivers and the real classifier, without a network and without waiting."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from genmedia_exporter.classify.classifier import classify
from genmedia_exporter.classify.context import Context
from genmedia_exporter.core.clock import Monotonic, Unix
from genmedia_exporter.core.evidence import Evidence, Exchange, JobRef, Role, Verdict
from genmedia_exporter.core.secret import Secret
from genmedia_exporter.core.status import Depth, Operation
from genmedia_exporter.drivers.contract import Run
from genmedia_exporter.probing.prober import Prober
from genmedia_exporter.providers.addresses import place_of
from genmedia_exporter.providers.loader import load_generic
from genmedia_exporter.providers.schema import Provider
from genmedia_exporter.targets.model import Account, Expectation, Target
from genmedia_exporter.targets.resolve import HTTP
from genmedia_exporter.transport.replay import ReplayNetwork, Reply, Sent

PLACE = "https://service.example"
"""Where a service lies that has no address of its own."""


@dataclass(frozen=True, slots=True)
class Played:
    """What came of it: the verdict, and every request in its order."""

    verdict: Verdict
    sent: tuple[Sent, ...]


def reply_of(given: Mapping[str, Any]) -> Reply:
    """Return the answer that a line of recorded answers tells: `http`, and `json`, `text` or `body_b64`."""
    headers = {str(k).lower(): str(v) for k, v in (given.get("headers") or {}).items()}
    if given.get("body_b64") is not None:
        body = base64.b64decode(str(given["body_b64"]))
    elif given.get("text") is not None:
        body = str(given["text"]).encode()
    else:
        body = json.dumps(given.get("json"), ensure_ascii=False).encode()
        headers = {"content-type": "application/json", **headers}
    return Reply(int(given["http"]), body, headers)


@dataclass(frozen=True, slots=True)
class Question:
    """What a recorded answer answers: which model, asked for what, how deep."""

    model: str
    operation: Operation
    depth: Depth
    call: str = ""  # the free call's id, where one was made


def judge(
    provider: Provider, asked: Question, answer: Reply, now: Unix, control: tuple[str, Reply] | None
) -> Verdict:
    """Return what one *answer* means, whichever step of a probe it answers; *control*: with a second call's."""
    entry = provider.model(asked.model)
    context = Context(
        provider,
        (entry.channel if entry else None) or provider.channel,
        asked.operation,
        asked.model,
        now,
        entry.ends_at if entry else None,
        expect=Expectation() if provider.name == HTTP else None,
    )
    exchanges = [_exchange(asked.call, Role.PROBE, answer)]
    if control is not None:
        exchanges.append(_exchange(control[0], Role.CONTROL, control[1]))
    evidence = Evidence("recorded", asked.depth, now, 0.2, tuple(exchanges))
    return classify(evidence, context, load_generic())


def _exchange(call: str, role: Role, answer: Reply) -> Exchange:
    return Exchange(
        call=call,
        role=role,
        method="GET",
        url=f"{PLACE}/",
        host="service.example",
        status=answer.status,
        headers=answer.headers,
        body=answer.body,
    )


async def play(provider: Provider, asked: Question, replies: Sequence[Reply]) -> Played:
    """Probe a service that answers with *replies*, the last one again and again."""
    clock, network = _Clock(), ReplayNetwork(replies)
    prober = Prober(network, clock)
    target = _target(provider, asked)
    if asked.depth.free:
        seen = await prober.probe(target, asked.depth)
    else:
        run = Run(clock, "A paper boat on a calm lake.", accepted=_noted)
        seen = await prober.generate(target, run)
    return Played(seen.verdict, tuple(network.sent))


async def _noted(_job: JobRef) -> None:
    """Nobody keeps a job that was never made."""


def _target(provider: Provider, asked: Question) -> Target:
    entry = provider.model(asked.model)
    channel = (entry.channel if entry else None) or provider.channel
    base = place_of(provider.base_url or PLACE, provider).base
    said = {name: value or name for name, value in provider.variables.items()}
    account = Account(
        "recorded", provider, base, channel, api_key=Secret("recorded-key"), variables=said
    )
    intervals = MappingProxyType({asked.depth: 60.0})
    return Target(
        "recorded", account, asked.model, asked.operation, channel, (asked.depth,), intervals
    )


class _Clock:
    """Time that passes only where somebody waits for it."""

    def __init__(self) -> None:
        self._elapsed = 0.0

    def now(self) -> Unix:
        return Unix(1_700_000_000.0 + self._elapsed)

    def monotonic(self) -> Monotonic:
        return Monotonic(self._elapsed)

    async def sleep(self, seconds: float) -> None:
        self._elapsed += max(0.0, seconds)
