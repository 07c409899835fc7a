"""A control call that was made, as it outlives the process: so that a restart does not make it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.evidence import Exchange

CONTROL_SECONDS: Final = 300.0
"""So long the answer to a control call counts, and no second one of its kind is made."""


@dataclass(frozen=True, slots=True)
class MadeCall:
    """What was asked, when, and what was answered; None while it is under way, or if nobody knows."""

    id: str  # of the call, the account and its key; nothing can be read from it
    host: str
    call: str
    at: Unix
    answer: Exchange | None = None


class CallMemory(Protocol):
    """Where such calls are written down."""

    async def load(self) -> tuple[MadeCall, ...]:
        """Return the calls of earlier processes that still count; none where nothing can be read."""
        ...

    def keep(self, made: MadeCall) -> None:
        """Write *made* down soon. Never fails, and never waits."""
        ...


class NoMemory:
    """Forgets: for commands, which make few calls."""

    async def load(self) -> tuple[MadeCall, ...]:
        """Return nothing."""
        return ()

    def keep(self, made: MadeCall) -> None:
        """Do nothing."""
