"""A probe ends in evidence and a verdict whatever happens, asks twice where it must, and cleans up."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from genmedia_exporter.classify.classifier import classify
from genmedia_exporter.classify.context import Context
from genmedia_exporter.core.clock import SystemClock, Unix
from genmedia_exporter.core.evidence import Evidence, Hints, Observation, Role, Verdict
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.probing.prober import Prober
from genmedia_exporter.providers.calls import Call
from genmedia_exporter.providers.loader import load_generic
from genmedia_exporter.providers.schema import Generic
from genmedia_exporter.targets.model import Target
from tests.drivers.world import (
    ACCEPT,
    JOB,
    KEY,
    REACH,
    SHORT,
    account,
    provider,
    target,
    trusting_network,
)
from tests.events import events
from tests.transport.server import Received, Script, Server, Writer, answer, hang

Classify = Callable[[Evidence, Context, Generic], Verdict]


def control(name: str, *reasons: Reason) -> Call:
    """Return a control call for *reasons*."""
    return Call(id=name, control_for=reasons, path=f"/{name}", proves=("listing",))


def probe(
    watched: Target,
    depth: Depth = Depth.REACH,
    judge: Classify = classify,
    hints: Hints | None = None,
) -> Observation:
    """Probe once, and let *judge* say what the answer means."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("genmedia_exporter.probing.prober.classify", judge)
        prober = Prober(trusting_network(), SystemClock())
        return asyncio.run(prober.probe(watched, depth, hints or Hints()))


def saying(*reasons: Reason) -> Classify:
    """Return a judge that says *reasons* in turn, the last one for ever."""
    left = list(reasons)

    def judge(evidence: Evidence, context: Context, generic: Generic) -> Verdict:
        reason = left.pop(0) if len(left) > 1 else left[0]
        meaning = reason.meaning
        return Verdict(meaning.outcome, meaning.status, meaning.fault, reason, "fake")

    return judge


def by_path(answers: dict[str, Script]) -> Script:
    """Play the script of the request's path."""

    async def script(request: Received, writer: Writer) -> None:
        await answers[request.line.split()[1]](request, writer)

    return script


def at(url: str, *calls: Call, **more: Any) -> Target:
    """Return a target with the calls given besides the free ones."""
    return target(account(url, of=provider(REACH, ACCEPT, *calls, **more)))


def test_a_sound_answer() -> None:
    """One exchange, its duration and the verdict of the classifier."""
    with Server(answer(b'{"id": "veo3", "object": "model"}')) as server:
        seen = probe(at(server.url))
    evidence = seen.evidence
    assert seen.verdict.reason is Reason.OK
    assert (evidence.target, evidence.depth) == ("acc/veo3", Depth.REACH)
    assert evidence.credential
    assert evidence.duration == evidence.main.duration > 0
    assert abs(float(evidence.at) - time.time()) < 5
    assert KEY not in repr(seen)


def test_without_a_credential() -> None:
    """The probe still goes out, and the evidence says that no key went with it."""
    with Server(answer(status="401 Unauthorized", body=b'{"error": {"message": "x"}}')) as server:
        seen = probe(target(account(server.url, None)))
    assert not seen.evidence.credential
    assert seen.verdict.reason is Reason.NO_CREDENTIAL


def test_the_judge_learns_about_the_target() -> None:
    """Model, dates, expectation and what the board remembers reach the classifier."""
    heard: list[Context] = []

    def judge(evidence: Evidence, context: Context, generic: Generic) -> Verdict:
        heard.append(context)
        assert generic is load_generic()
        return saying(Reason.OK)(evidence, context, generic)

    with Server(answer()) as server:
        watched = target(account(server.url), ends_at=5.0)
        seen = probe(watched, judge=judge, hints=Hints(worked_before=True))
    assert heard[0] == Context(
        provider=watched.provider,
        channel=watched.channel,
        operation=watched.operation,
        model="veo3",
        now=seen.evidence.at,
        ends_at=Unix(5.0),
        worked_before=True,
    )


def test_controls_are_asked_until_none_is_left() -> None:
    """A control's answer may raise a question of its own; no control is made twice."""
    first = control("list", Reason.MODEL_NOT_FOUND)
    second = control("pricing", Reason.NO_CHANNEL, Reason.MODEL_NOT_FOUND)
    third = control("unasked", Reason.RETIRED)
    judge = saying(Reason.MODEL_NOT_FOUND, Reason.NO_CHANNEL, Reason.RATE_LIMITED)
    with Server(answer()) as server:
        seen = probe(at(server.url, first, second, third), judge=judge)
    assert [(e.call, e.role) for e in seen.evidence.exchanges] == [
        ("model_get", Role.PROBE),
        ("list", Role.CONTROL),
        ("pricing", Role.CONTROL),
    ]
    assert seen.evidence.main.call == "model_get"
    assert seen.evidence.duration == seen.evidence.main.duration
    assert seen.verdict.reason is Reason.NO_CHANNEL


def test_controls_share_one_more_timeout() -> None:
    """A service that hangs in every call takes two timeouts, not one for each control."""
    names = ("a", "b", "c", "d")
    calls = [control(name, Reason.RESPONSE_TIMEOUT) for name in names]
    with Server(hang) as server:
        seen = probe(replace(at(server.url, *calls), timeout=SHORT))
    _, _, *late = seen.evidence.exchanges
    assert len(late) == len(names) - 1
    assert sum(exchange.duration for exchange in late) < SHORT
    assert seen.verdict.reason is Reason.RESPONSE_TIMEOUT


CREATED = answer(b'{"id": "video_7", "object": "video", "status": "queued", "model": "veo3"}')


def test_an_accident_is_cleaned_up() -> None:
    """A create that should have been rejected is cancelled, with the key, and stays an alarm."""
    script = by_path({"/v1/videos": CREATED, "/v1/videos/video_7": answer(status="204 Gone")})
    with Server(script) as server:
        seen = probe(at(server.url, jobs=(JOB,)), Depth.ACCEPT)
    assert seen.verdict.reason is Reason.ACCEPTED_UNEXPECTEDLY
    assert [e.role for e in seen.evidence.exchanges] == [Role.PROBE, Role.CLEANUP]
    assert server.received[1].line.startswith("DELETE /v1/videos/video_7 ")
    assert server.received[1].headers["authorization"] == f"Bearer {KEY}"


def test_an_accident_that_cannot_be_undone() -> None:
    """Where the provider has no way to cancel, the alarm is all there is."""
    with Server(CREATED) as server:
        seen = probe(at(server.url), Depth.ACCEPT)
    assert seen.verdict.reason is Reason.ACCEPTED_UNEXPECTEDLY
    assert len(server.received) == 1


def broken(evidence: Evidence, context: Context, generic: Generic) -> Verdict:
    """Fail as a bug would, with the key in the message."""
    raise RuntimeError(f"a bug that quotes {KEY}")


def test_a_bug_of_ours_is_a_verdict(caplog: pytest.LogCaptureFixture) -> None:
    """The probe ends as probe_error, logged once with its traceback and without the key."""
    with Server(answer()) as server, caplog.at_level(logging.ERROR):
        seen = probe(at(server.url), judge=broken)
    assert seen.verdict.reason is Reason.PROBE_ERROR
    assert seen.verdict.up is None
    assert seen.evidence.main.status == 200
    ((event, fields),) = events(caplog.records)
    assert event == "probe raised an exception"
    assert (fields["target"], fields["depth"]) == (seen.evidence.target, "reach")
    assert fields["err"] == "RuntimeError: a bug that quotes <secret>"
    assert str(fields["stack"]).startswith("Traceback")
    assert KEY not in str(fields)


@pytest.mark.parametrize(
    ("change", "depth"),
    [
        (lambda url: at(url), Depth.GENERATE),
        (lambda url: target(account(url, of=provider(ACCEPT))), Depth.REACH),
    ],
)
def test_a_probe_that_cannot_be_made(change: Callable[[str], Target], depth: Depth) -> None:
    """Without a call to make there is still evidence that others can read."""
    with Server(answer()) as server:
        seen = probe(change(server.url), depth)
    assert seen.verdict.reason is Reason.PROBE_ERROR
    assert (seen.evidence.main.status, seen.evidence.main.host) == (None, "127.0.0.1")
    assert not server.received


def test_cancellation_is_not_swallowed() -> None:
    """Stopping the exporter stops a probe, it does not turn it into a verdict."""

    async def run(watched: Target) -> None:
        prober = Prober(trusting_network(), SystemClock())
        task = asyncio.create_task(prober.probe(watched, Depth.REACH))
        await asyncio.to_thread(server.heard.wait, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with Server(hang) as server:
        asyncio.run(run(target(account(server.url), timeout=30)))
        assert server.closed.wait(2)
