"""Kept failures: how many, which go first, how large, and what a reload forgets."""

from __future__ import annotations

from dataclasses import replace

import pytest

from genmedia_exporter.core.evidence import Observation
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health import failures
from genmedia_exporter.health.failures import KEPT, KEPT_BODY, FailureLog
from genmedia_exporter.targets.model import Target
from tests.fakes import FakeClock, evidence, make_target, verdict

A = make_target()


class Log(FailureLog):
    """A log, and a clock that moves with each failure."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock()

    def fail(
        self,
        reason: Reason,
        target: Target = A,
        depth: Depth = Depth.REACH,
        body: bytes = b"no",
    ) -> None:
        """Add a probe that ended a second after the one before."""
        self.clock.freeze(1.0)
        seen = evidence(self.clock, target, depth, reason)
        exchange = replace(seen.exchanges[0], body=body)
        self.add(target, Observation(replace(seen, exchanges=(exchange,)), verdict(reason)))

    def reasons(self, name: str = "a") -> list[Reason]:
        """Return the reasons of what is kept, newest first."""
        return [kept.verdict.reason for kept in self.of(name)]


def test_the_last_ten_and_the_first_of_each_reason() -> None:
    """A thousand timeouts do not push out the one invalid key; nor the first timeout."""
    log = Log()
    log.fail(Reason.INVALID_KEY)
    log.fail(Reason.RESPONSE_TIMEOUT)
    first = log.of("a")
    for _ in range(KEPT - 2):
        log.fail(Reason.RESPONSE_TIMEOUT)
    assert len(log.of("a")) == KEPT
    for _ in range(1_000):
        log.fail(Reason.RESPONSE_TIMEOUT)
    kept = log.of("a")

    assert len(kept) == KEPT
    assert kept[-2:] == first
    assert [round(k.evidence.at - log.clock.now()) for k in kept[:8]] == list(range(0, -8, -1))


def test_when_all_are_firsts_the_oldest_goes() -> None:
    """Eleven reasons: the first of them is forgotten."""
    log = Log()
    reasons = [r for r in Reason if r.meaning.outcome not in failures._WELL][: KEPT + 1]
    for reason in reasons:
        log.fail(reason)

    assert log.reasons() == reasons[:0:-1]


@pytest.mark.parametrize("reason", [Reason.OK, Reason.PROBE_MODERATED])
def test_a_success_is_not_kept(reason: Reason) -> None:
    """Nor is a prompt that moderation blocked."""
    log = Log()
    log.fail(reason)
    assert log.of("a") == ()


def test_depths_are_kept_apart_and_told_together() -> None:
    """Ten of each; an id names depth and moment."""
    log = Log()
    for _ in range(KEPT):
        log.fail(Reason.SERVER_ERROR)
        log.fail(Reason.SERVER_ERROR, depth=Depth.ACCEPT)
    kept = log.of("a")

    assert len(kept) == 2 * KEPT
    assert kept[0].id == f"accept-{round(float(log.clock.now()) * 1000)}"
    assert len({k.id for k in kept}) == 2 * KEPT


@pytest.mark.parametrize("size", [KEPT_BODY, KEPT_BODY + 1])
def test_bodies_are_cut_and_it_is_known(size: int) -> None:
    """What is cut says how much there was."""
    log = Log()
    log.fail(Reason.SERVER_ERROR, body=b"x" * size)
    (kept,) = log.of("a")

    assert (kept.weight, kept.sizes) == (KEPT_BODY, (size,))


def test_memory_is_bounded_over_all_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest goes first, whoever's it is, but firsts of their reason go last."""
    monkeypatch.setattr(failures, "KEPT_BYTES", 40)
    log, other = Log(), make_target("b")
    for target in (A, A, other, other):
        log.fail(Reason.SERVER_ERROR, target, body=b"x" * 10)
    firsts = (log.of("a")[-1], log.of("b")[-1])
    log.fail(Reason.SERVER_ERROR, other, body=b"x" * 20)

    assert (len(log.of("a")), len(log.of("b"))) == (1, 2)
    assert (log.of("a")[-1], log.of("b")[-1]) == firsts


def test_what_is_not_watched_any_more_is_forgotten() -> None:
    """A removed target, and one whose name is another thing now."""
    log, other, third = Log(), make_target("b"), make_target("c")
    for target in (A, other, third):
        log.fail(Reason.SERVER_ERROR, target)
    log.configure([A, replace(other, model="another")])

    assert [len(log.of(name)) for name in "abc"] == [1, 0, 0]
