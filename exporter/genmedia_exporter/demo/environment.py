"""Where time and chance enter the demo world, so that a test can hold both."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

__all__ = ["Environment"]


def _dice() -> random.Random:
    return random.Random(1)  # noqa: S311 - pretend failures need repeatable chance, not secrecy


@dataclass(frozen=True)
class Environment:
    """The world's clock (seconds, monotonic), wall clock (unix seconds), waiting, and dice."""

    clock: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    dice: random.Random = field(default_factory=_dice)

    def fresh_id(self) -> str:
        """A new 24 digit hexadecimal name for a job or a request."""
        return f"{self.dice.getrandbits(96):024x}"
