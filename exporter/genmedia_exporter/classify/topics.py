"""What errors are about: the topics of the lexicon, what an entry of it is, and which of two topics decides."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Topic(StrEnum):
    """What an error is about, whatever its HTTP status."""

    CAPTCHA = "captcha"
    POOL = "pool"
    REGION = "region"
    CONCURRENCY = "concurrency"
    DAILY = "daily"
    RATE = "rate"
    MONEY = "money"
    ACCOUNT = "account"
    KEY = "key"
    SESSION = "session"
    CONTENT = "content"
    PAUSED = "paused"
    GONE = "gone"
    NO_CHANNEL = "no_channel"
    SETUP = "setup"
    MAINTENANCE = "maintenance"
    CAPACITY = "capacity"
    ENTITLEMENT = "entitlement"
    MODEL = "model"
    ROUTE = "route"
    TIMEOUT = "timeout"
    FAILED = "failed"
    INTERNAL = "internal"
    VALIDATION = "validation"


PER_TIME: Final = (
    r"per (?:min|sec|hour)|\b(?:rpm|tpm|qps|qpm|ipm|rps|tps)\b|每分钟|每秒|/ ?(?:min|s|sec)\b"
)
"""What makes a limit or quota one of rate."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The words of one topic. `unless` are contexts in which the same words mean something else."""

    topic: Topic
    words: tuple[str, ...]
    unless: tuple[str, ...] = ()


REFINES: frozenset[tuple[Topic, Topic]] = frozenset(
    {
        (Topic.KEY, Topic.MONEY),
        (Topic.KEY, Topic.ACCOUNT),
        (Topic.KEY, Topic.REGION),
        (Topic.KEY, Topic.CAPTCHA),
        (Topic.CONTENT, Topic.ACCOUNT),
        (Topic.MONEY, Topic.CONCURRENCY),
        (Topic.MONEY, Topic.DAILY),
        (Topic.MONEY, Topic.RATE),
        (Topic.ACCOUNT, Topic.MONEY),
        (Topic.REGION, Topic.ACCOUNT),
        (Topic.PAUSED, Topic.ENTITLEMENT),
        (Topic.ENTITLEMENT, Topic.REGION),
        (Topic.ENTITLEMENT, Topic.ACCOUNT),
        (Topic.CAPACITY, Topic.MONEY),
        (Topic.CAPACITY, Topic.DAILY),
        (Topic.NO_CHANNEL, Topic.POOL),
        (Topic.NO_CHANNEL, Topic.ENTITLEMENT),
    }
)
"""Pairs of a code's topic and the text's, of which the text's is the exact one."""

STRONG: Final = frozenset(Topic) - {Topic.RATE, Topic.MODEL, Topic.FAILED, Topic.VALIDATION}
"""Topics that no validator's complaint about a field can hide."""
