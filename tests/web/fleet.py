"""A fleet made by hand, with a past: for the weight of the status page, and for pictures of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle
from random import Random
from typing import Final

from genmedia_exporter.core.clock import DAY
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Channel
from genmedia_exporter.health.response_times import HOUR, HOURS, ResponseTime
from genmedia_exporter.health.state import Judgement, Snapshot, TargetState, Transition
from genmedia_exporter.health.uptime import Uptime
from genmedia_exporter.health.uptime_windows import DAYS
from genmedia_exporter.web.services import Past
from tests.metrics.samples import AT, broken, healthy, snapshot

FAMILIES: Final = (
    "sora-2", "sora-2-pro", "veo-3.1", "veo-3.1-fast", "kling-v3", "kling-v2.6", "wan-2.7", "wan-2.6",
    "seedance-2", "seedance-1.5", "gpt-image-2", "gpt-image-2.5", "gemini-omni", "flux-2", "flux-2-pro",
    "hailuo-3", "vidu-q3", "runway-gen5", "pixverse-6", "luma-ray4", "imagen-5", "ideogram-4",
    "recraft-v4", "midjourney-8", "qwen-image-2",
)  # fmt: skip
TROUBLES: Final = (
    (Reason.NO_CHANNEL, "分组 default 下模型 sora-2-pro 无可用渠道（distributor）"),
    (Reason.RISK_CONTROL, "账号池冷却中"),
    (Reason.SERVER_ERROR, "Internal error, request id 8f2c"),
    (Reason.RATE_LIMITED, "Rate limit reached for requests"),
    (Reason.QUOTA_EXHAUSTED, "Access denied, the account is in arrears."),
    (Reason.OVERLOADED, ""),
)
SHARE: Final = 10
"""One target in so many is in trouble."""


def fleet(many: int = 200, share: int = SHARE) -> Snapshot:
    """Return so many targets over the families, one of *share* in trouble."""
    states: list[TargetState] = []
    troubles = cycle(TROUBLES)
    for number, family in zip(range(many), cycle(FAMILIES), strict=False):
        reverse = number % 3 == 1
        sick = number % share == 3
        state = broken() if sick else healthy()
        target = replace(
            state.target,
            name=f"{family} via account {number}",
            family=family,
            model=family,
            channel=Channel.REVERSE if reverse else Channel.OFFICIAL,
            ends_at=None,
            successor=None,
            account=replace(state.target.account, own_vendor=f"gateway-{number % 7}.example"),
        )
        state = replace(state, target=target, window=None)
        if sick:
            reason, message = next(troubles)
            told = reason.meaning
            now = Judgement(told.status, reason, told.fault, 0, message, "generic.rule")
            since = AT - 60.0 * (number + 1)
            moved = Transition(since, state.previous_status, told.status)
            state = replace(state, now=now, last_transition=moved)
        states.append(state)
    return snapshot(*states)


def past(board: Snapshot) -> Past:
    """Return a quarter of a year for each target, the same at each call."""
    return Past(
        lambda name: _slots(name, DAYS, DAY),
        lambda name: _slots(name, HOURS, HOUR),
        _response_time,
    )


def _slots(name: str, many: int, width: float) -> Sequence[Uptime]:
    dice = Random(name + str(many))  # noqa: S311 - drawings, no secrets
    bad = dice.choice((0.0, 0.0, 0.02, 0.1))
    return [
        Uptime(width * (dice.random() if dice.random() < bad else 1.0), width, width)
        for _ in range(many)
    ]


def _response_time(name: str) -> ResponseTime:
    dice = Random(name)  # noqa: S311 - drawings, no secrets
    usual = dice.uniform(0.05, 0.9)
    hours = tuple(usual * dice.uniform(0.8, 1.6) for _ in range(HOURS))
    return ResponseTime(hours, usual, max(hours))
