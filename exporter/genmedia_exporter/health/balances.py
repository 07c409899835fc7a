"""What is left on each account, as its newest free probe was told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from genmedia_exporter.core.clock import Monotonic
from genmedia_exporter.core.evidence import AccountBalance

BALANCE_SECONDS: Final = 900.0
"""So long a balance is shown without being told again; three times as long as one is remembered."""


class Balances:
    """Remembers the newest balance of each account."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[Monotonic, float, AccountBalance]] = {}
        self.shown: Mapping[str, AccountBalance] = MappingProxyType({})

    def observe(
        self, account: str, balance: AccountBalance | None, tick: Monotonic, interval: float
    ) -> None:
        """Note what a probe was told of *account*; the next may come an *interval* later."""
        if balance is not None:
            self._told[account] = (tick, max(BALANCE_SECONDS, 2.5 * interval), balance)
            self.shown = MappingProxyType({**self.shown, account: balance})

    def keep(self, accounts: Collection[str]) -> None:
        """Forget all but *accounts*."""
        self._told = {name: told for name, told in self._told.items() if name in accounts}
        self._show()

    def review(self, tick: Monotonic) -> bool:
        """Drop what is too old; return whether anything was."""
        kept = {name: told for name, told in self._told.items() if tick - told[0] <= told[1]}
        changed = len(kept) != len(self._told)
        if changed:
            self._told = kept
            self._show()
        return changed

    def _show(self) -> None:
        self.shown = MappingProxyType({name: told[2] for name, told in self._told.items()})
