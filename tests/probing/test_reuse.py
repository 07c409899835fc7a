"""Which probes may use a connection of an earlier one."""

from __future__ import annotations

from dataclasses import replace

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.evidence import Evidence, Exchange, Observation, Role, Verdict
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Fault, Outcome, Status
from genmedia_exporter.probing.reuse import FRESH_EVERY, ReusePolicy
from tests.drivers.world import account, target

FRESH = target(account("https://api.test"))
WARM = replace(FRESH, connection="warm")
FINE = Verdict(Outcome.SUCCESS, Status.OPERATIONAL, Fault.NONE, Reason.OK, "test")
BROKEN = replace(FINE, outcome=Outcome.FAILURE, reason=Reason.SERVER_ERROR)


def seen(verdict: Verdict = FINE, *, reused: bool) -> Observation:
    """Return a probe over a fresh or a reused connection."""
    exchange = Exchange("c", Role.PROBE, "GET", "", "api.test", 200, reused=reused)
    return Observation(Evidence("t", Depth.REACH, Unix(1.0), 0.1, (exchange,)), verdict)


def test_every_tenth_is_fresh() -> None:
    """Nine may reuse after a fresh one; the tenth may not, however well they went."""
    policy = ReusePolicy()
    assert policy.now(WARM, Depth.REACH) == "later"
    for _ in range(2):
        policy.made(WARM, Depth.REACH, seen(reused=False))
        for _ in range(FRESH_EVERY - 1):
            assert policy.now(WARM, Depth.REACH) == "now"
            policy.made(WARM, Depth.REACH, seen(reused=True))
        assert policy.now(WARM, Depth.REACH) == "later"
    assert FRESH_EVERY == 10


def test_after_a_failure_the_next_is_fresh() -> None:
    """Whichever way it went; and one after that may reuse again."""
    for reused in (True, False):
        policy = ReusePolicy()
        policy.made(WARM, Depth.REACH, seen(reused=False))
        policy.made(WARM, Depth.REACH, seen(BROKEN, reused=reused))
        assert policy.now(WARM, Depth.REACH) == "later"
        policy.made(WARM, Depth.REACH, seen(reused=False))
        assert policy.now(WARM, Depth.REACH) == "now"


def test_targets_and_depths_are_counted_apart() -> None:
    """A fresh one at one depth says nothing of another."""
    policy = ReusePolicy()
    policy.made(WARM, Depth.REACH, seen(reused=False))
    assert policy.now(WARM, Depth.ACCEPT) == "later"
    assert policy.now(replace(WARM, name="other"), Depth.REACH) == "later"


def test_a_fresh_target_never_reuses() -> None:
    """Nor does it leave its connection to others."""
    policy = ReusePolicy()
    policy.made(FRESH, Depth.REACH, seen(reused=False))
    assert policy.now(FRESH, Depth.REACH) == "never"
