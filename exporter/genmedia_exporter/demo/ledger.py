"""What the pretend providers were asked and what they would have charged."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

__all__ = ["Account", "Ledger"]

MICRO = 1_000_000


@dataclass
class Account:
    """One service's counts. Money is kept in millionths of a dollar, so that sums are exact."""

    requests: int = 0
    creates: int = 0
    spent_micro_usd: int = 0
    in_flight: int = 0
    most_in_flight: int = 0

    @property
    def usd(self) -> float:
        """Spent so far, in US dollars."""
        return self.spent_micro_usd / MICRO


class Ledger:
    """The accounts of all services, by name; `slips` counts errors of the world itself."""

    def __init__(self, services: Iterable[str] = ()) -> None:
        self._accounts = {name: Account() for name in services}
        self.slips = 0

    def open(self, service: str) -> None:
        """Add an account; an account that exists stays as it is."""
        self._accounts.setdefault(service, Account())

    def __getitem__(self, service: str) -> Account:
        """The account of that service. Raises KeyError when there is none."""
        return self._accounts[service]

    def __iter__(self) -> Iterator[str]:
        return iter(self._accounts)

    @contextmanager
    def request(self, service: str) -> Iterator[None]:
        """Count a request, and that it is under way until the block ends."""
        account = self._accounts[service]
        account.requests += 1
        account.in_flight += 1
        account.most_in_flight = max(account.most_in_flight, account.in_flight)
        try:
            yield
        finally:
            account.in_flight -= 1

    def charge(self, service: str, usd: float) -> None:
        """Book one accepted create at its price in US dollars."""
        account = self._accounts[service]
        account.creates += 1
        account.spent_micro_usd += round(usd * MICRO)

    @property
    def total_usd(self) -> float:
        """Spent so far over all services, in US dollars."""
        return sum(account.spent_micro_usd for account in self._accounts.values()) / MICRO
