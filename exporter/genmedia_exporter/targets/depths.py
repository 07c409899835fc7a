"""Which depths of a target are probed, and which are not, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from genmedia_exporter.config.loader import Config
from genmedia_exporter.config.problems import KeyPath, Problem
from genmedia_exporter.config.target_schema import AccountConfig, TargetConfig
from genmedia_exporter.config.values import quote
from genmedia_exporter.core.status import Depth, Operation
from genmedia_exporter.providers.prices import Price
from genmedia_exporter.providers.schema import Provider
from genmedia_exporter.targets.model import Account, generation_usd


@dataclass(frozen=True, slots=True)
class Skipped:
    """A depth that was asked for and is not probed."""

    depth: Depth
    why: str


class DepthPlan:
    """Decides target by target, and remembers what is left out: many alike make one warning."""

    def __init__(self, config: Config) -> None:
        self.errors: list[Problem] = []
        self.skipped: dict[str, list[Skipped]] = {}  # by target
        self._config = config
        self._without: list[int] = []  # numbers of the targets that have no depth left
        self._grouped: dict[tuple[KeyPath, Depth, str], list[str]] = {}

    def depths(
        self,
        number: int,
        written: TargetConfig,
        account: Account,
        operation: Operation,
        price: Price | None,
    ) -> tuple[Depth, ...]:
        """Return the depths that are probed of the target with this *number* in the file."""
        above = self._config.accounts[account.name]
        own_path: KeyPath = ("targets", number, "depths")
        kept: list[Depth] = []
        for depth in written.depths or above.depths or self._config.usual_depths:
            impossible = _impossible(depth, account.provider, operation, written.model)
            why = impossible or self._not_now(depth, account, written, operation, price)
            if impossible and written.depths:
                message = f"{depth}: {impossible}"
                self.errors.append(self._config.places.problem(own_path, message))
            elif why is None:
                kept.append(depth)
            else:
                path = own_path if written.depths else _asked_at(account.name, above)
                self.skipped.setdefault(written.name, []).append(Skipped(depth, why))
                if not impossible or self._asked_for(written, above):
                    self._grouped.setdefault((path, depth, why), []).append(written.name)
        if not kept:
            self._without.append(number)
        return tuple(kept)

    def _asked_for(self, written: TargetConfig, above: AccountConfig) -> bool:
        """Whether somebody wrote depths: what only a default asks for in vain is no warning."""
        defaults = "depths" in self._config.defaults.model_fields_set
        return bool(written.depths or above.depths or defaults)

    def warnings(self) -> list[Problem]:
        """Return a warning for each target without depths, and for each kind of skipping."""
        found: list[tuple[KeyPath, str]] = []
        found += [(("targets", number), "no depth is left to probe") for number in self._without]
        for (path, depth, why), names in self._grouped.items():
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            found.append((path, f"{depth} is skipped for {quote(names[0])}{more}: {why}"))
        return [self._config.places.problem(p, m, severity="warning") for p, m in found]

    def _not_now(
        self,
        depth: Depth,
        account: Account,
        written: TargetConfig,
        operation: Operation,
        price: Price | None,
    ) -> str | None:
        """Say why a depth that the provider offers cannot run as things are configured."""
        if depth is not Depth.REACH and not _has_credential(account):
            return "it takes a credential, and there is none"
        if depth is Depth.GENERATE:
            missing = [*self._missing_budgets(account, written)]
            if price is None:
                missing.append("a known price")
            elif generation_usd(price, account.provider.job_for(operation, written.model)) is None:
                missing.append("a price per request, for the length of its clips is not known")
            if missing:
                return f"it costs money and needs {', '.join(missing)}"
        return None

    def _missing_budgets(self, account: Account, written: TargetConfig) -> Iterator[str]:
        above = self._config.accounts[account.name]
        for whose, budget in (
            ("budget", self._config.budget),
            (f"accounts.{account.name}.budget", above.budget),
            ("its own budget", written.budget),
        ):
            for key in ("daily_usd", "monthly_usd"):
                limit = getattr(budget, key)
                if limit is not None and limit <= 0:
                    yield f"{whose}.{key} above 0"


def _asked_at(account: str, above: AccountConfig) -> KeyPath:
    return ("accounts", account, "depths") if above.depths else ("accounts", account)


def _impossible(
    depth: Depth, provider: Provider, operation: Operation, model: str | None
) -> str | None:
    if depth is Depth.GENERATE:
        found = provider.job_for(operation, model) is not None
        return None if found else f"provider {quote(provider.name)} cannot generate {operation}"
    if provider.call_for(depth, operation, model) is not None:
        return None
    return f"provider {quote(provider.name)} has no free call for {operation} at this depth"


def _has_credential(account: Account) -> bool:
    auth = account.provider.auth
    if account.api_key is not None or auth.optional or auth.type == "none":
        return True
    own = (account.auth_header or auth.header).lower()
    return not account.credential_problem and own in {name.lower() for name in account.headers}
