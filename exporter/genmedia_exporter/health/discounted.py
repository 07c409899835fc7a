"""What does not count: attempts made while our own network was in doubt, and time in which we did not run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from genmedia_exporter.core.clock import Monotonic
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.state import Attempt, DepthState, TargetState
from genmedia_exporter.health.traffic import younger


def is_doubted(attempt: Attempt, doubted_until: Monotonic) -> bool:
    """Whether *attempt* broke as it would without a network, and we may have had none.

    Our own network was in doubt until monotonic *doubted_until*.
    """
    return attempt.unreached and attempt.tick <= doubted_until


def without_doubted(
    depths: Mapping[Depth, DepthState], doubted_until: Monotonic
) -> dict[Depth, DepthState]:
    """Return *depths* with what came after the last attempt that tells of our own network.

    Not with what was before: a success of then is no proof beside a failure of now.
    """
    kept = {depth: _after_doubt(known.recent, doubted_until) for depth, known in depths.items()}
    return {
        depth: known if kept[depth] is known.recent else replace(known, recent=kept[depth])
        for depth, known in depths.items()
        if kept[depth]
    }


def _after_doubt(recent: tuple[Attempt, ...], doubted_until: Monotonic) -> tuple[Attempt, ...]:
    doubted = [index for index, a in enumerate(recent) if is_doubted(a, doubted_until)]
    return recent[doubted[-1] + 1 :] if doubted else recent


def without_pause(state: TargetState, seconds: float) -> TargetState:
    """Return *state* with all that ages *seconds* younger: this process was paused for so long."""
    depths = {depth: _younger(known, seconds) for depth, known in state.depths.items()}
    until = state.restored_until
    return replace(
        state,
        depths=MappingProxyType(depths),
        traffic=younger(state.traffic, seconds),
        restored_until=None if until is None else until + seconds,
    )


def _younger(known: DepthState, seconds: float) -> DepthState:
    since = known.failing_since
    return replace(
        known,
        recent=tuple(replace(a, tick=a.tick + seconds) for a in known.recent),
        failing_since=None if since is None else since + seconds,
    )
