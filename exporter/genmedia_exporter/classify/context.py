"""What is known about a target besides the evidence, when an answer is judged."""

from __future__ import annotations

from dataclasses import dataclass

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.evidence import NO_HINTS, Hints
from genmedia_exporter.core.status import Channel, Operation
from genmedia_exporter.providers.schema import Provider
from genmedia_exporter.targets.model import Expectation, Target


@dataclass(frozen=True, slots=True)
class Context:
    """What is known about the target besides the evidence."""

    provider: Provider | None  # None: only the generic rules are known
    channel: Channel
    operation: Operation | None  # None: not known, any of the provider's
    model: str  # empty: not known
    now: Unix
    ends_at: Unix | None = None  # known end date
    worked_before: bool = False  # this target has succeeded at this depth before
    key_accepted: bool = False  # our key has worked within the last minutes, anywhere
    outlived_end: bool = False  # this target has succeeded well after the known end date
    expect: Expectation | None = None  # plain_http only
    broken: tuple[str, ...] = ()  # what the create broke, where its request is at hand

    @classmethod
    def of(cls, target: Target, now: Unix, hints: Hints = NO_HINTS) -> Context:
        """Return the context of an answer that *target* gives at *now*."""
        return cls(
            provider=target.provider,
            channel=target.channel,
            operation=target.operation,
            model=target.model,
            now=now,
            ends_at=target.ends_at,
            worked_before=hints.worked_before,
            key_accepted=hints.key_accepted,
            outlived_end=hints.outlived_end,
            expect=target.expect,
        )

    @property
    def ended(self) -> bool:
        """Whether the known end date has passed."""
        return self.ends_at is not None and self.now >= self.ends_at
