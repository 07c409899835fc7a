"""From configuration, catalogue and environment to the accounts and targets that are watched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar

from genmedia_exporter.config.files import read_bounded
from genmedia_exporter.config.globs import Globs
from genmedia_exporter.config.loader import Config
from genmedia_exporter.config.problems import KeyPath, Problem, Problems, in_order
from genmedia_exporter.config.target_schema import (
    AccountConfig,
    CapConfig,
    PriceConfig,
    TargetConfig,
)
from genmedia_exporter.config.values import quote
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.secret import Secret
from genmedia_exporter.core.status import Channel, Depth, Operation
from genmedia_exporter.core.status_page import PageSettings
from genmedia_exporter.providers.calls import Check
from genmedia_exporter.providers.catalogue import Catalogue, load_catalogue
from genmedia_exporter.providers.prices import Price
from genmedia_exporter.providers.schema import ModelEntry, Provider
from genmedia_exporter.targets.accounts import Accounts
from genmedia_exporter.targets.auto_provider import Recognise
from genmedia_exporter.targets.credentials import Credentials, ReadFile
from genmedia_exporter.targets.depths import DepthPlan, Skipped
from genmedia_exporter.targets.lifecycle import end_of, unlisted
from genmedia_exporter.targets.model import (
    NO_TRAFFIC_ACCESS,
    Account,
    Cap,
    Expectation,
    MaintenanceWindow,
    Target,
    TrafficAccess,
)
from genmedia_exporter.targets.pages import Pages

T = TypeVar("T")

MOST_LOOKED: Final = 100
"""Models that no list has, for which names like theirs are looked up."""

HTTP: Final = "http"  # the provider that watches a plain URL


@dataclass(frozen=True, slots=True)
class Resolution:
    """All that is watched, and what was asked for but cannot be."""

    targets: tuple[Target, ...]
    accounts: Mapping[str, Account]
    warnings: tuple[Problem, ...] = ()
    doubts: tuple[Problem, ...] = ()  # of the warnings, those about models
    skipped: Mapping[str, tuple[Skipped, ...]] = field(default_factory=dict)  # by target
    windows: Mapping[str, tuple[MaintenanceWindow, ...]] = field(
        default_factory=dict
    )  # of ours, by target
    storage_url: Secret | None = None
    traffic: TrafficAccess = NO_TRAFFIC_ACCESS
    pages: tuple[PageSettings, ...] = ()
    page_components: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by page id
    secret_files: Mapping[Path, Secret] = field(default_factory=dict)  # what was used of each


def resolve(
    config: Config,
    environ: Mapping[str, str],
    read_file: ReadFile = read_bounded,
    catalogue: Catalogue | None = None,
    now: Unix | None = None,
    secret_files: Mapping[Path, Secret] = MappingProxyType({}),
    recognise: Recognise | None = None,
) -> Resolution:
    """Work out every account and target of *config*.

    A credential that is not there is a warning and the account's `credential_problem`; whatever
    is wrong in the file itself is raised as Problems, all at once. *catalogue* defaults to the
    built-in providers' models. With *now* (Unix seconds) a model that ends soon is a warning. What
    *secret_files* held before stays in use where a file has nothing sound now, with a warning.
    """
    credentials = Credentials(environ, config.folder, read_file, secret_files)
    accounts = Accounts(config, credentials, recognise)
    return _Resolver(config, accounts, credentials, catalogue or load_catalogue(), now).run()


def _first(*values: T | None) -> T | None:
    return next((value for value in values if value is not None), None)


class _Resolver:
    """Goes through accounts, then targets, and collects everything wrong on the way."""

    def __init__(
        self,
        config: Config,
        accounts: Accounts,
        credentials: Credentials,
        catalogue: Catalogue,
        now: Unix | None,
    ) -> None:
        self.config = config
        self.catalogue = catalogue
        self.now = now
        self.credentials = credentials
        self.accounts = accounts
        self.plan = DepthPlan(config)
        self.pages = Pages(config)
        self.errors: list[Problem] = []
        self.doubts: list[Problem] = []
        self.looked: set[tuple[str, str]] = set()  # models that no list has

    def run(self) -> Resolution:
        """Return the resolution. Raises Problems."""
        storage_url, problem = self.credentials.database_url(self.config.storage.url)
        if problem is not None:
            self._error(("storage", "url"), problem)
        found = ((name, self.accounts.account(name, a)) for name, a in self.config.accounts.items())
        accounts = {
            name: replace(account, budget=_cap(self.config.accounts[name].budget))
            for name, account in found
            if account is not None
        }
        traffic = self.accounts.traffic()
        self.pages.configured()
        targets = [
            self._target(number, target, accounts[target.account])
            for number, target in enumerate(self.config.targets)
            if target.account in accounts  # a broken account has its own problem
        ]
        errors = [*self.accounts.errors, *self.errors, *self.plan.errors, *self.pages.errors]
        if errors:
            raise Problems(errors)
        return Resolution(
            tuple(targets),
            MappingProxyType(accounts),
            tuple(in_order([*self.accounts.warnings, *self.doubts, *self.plan.warnings()])),
            tuple(self.doubts),
            MappingProxyType({name: tuple(those) for name, those in self.plan.skipped.items()}),
            MappingProxyType(_windows(self.config, targets)),
            storage_url,
            traffic,
            self.pages.settings,
            MappingProxyType(_page_components(targets)),
            MappingProxyType(self.credentials.files),
        )

    def _error(self, path: KeyPath, message: str, hint: str = "") -> None:
        self.errors.append(self.config.places.problem(path, message, hint))

    def _warn(self, number: int, message: str, hint: str = "") -> None:
        path = ("targets", number, "model")
        self.doubts.append(self.config.places.problem(path, message, hint, severity="warning"))

    def _may_look(self, target: Target) -> bool:
        """Whether names like this model's are looked up; known ones cost nothing, many unknown ones would."""
        if target.provider.model(target.model) is None:
            self.looked.add((target.provider.name, target.model))
        return len(self.looked) <= MOST_LOOKED

    def _doubts(self, number: int, written: TargetConfig, target: Target) -> None:
        """Warn of a model that ends, and of one that nobody lists."""
        if not target.model:
            return
        end = end_of(target, self.now) if self.now is not None else ""
        if end:
            self._warn(number, f"{quote(target.model)} {end}")
        if written.family is None and self._may_look(target):
            explained = written.operation is not None
            doubt = unlisted(
                target.provider, self.catalogue, target.model, target.operation, explained=explained
            )
            if doubt is not None:
                self._warn(number, *doubt)

    def _target(self, number: int, written: TargetConfig, account: Account) -> Target:
        above = self.config.accounts[account.name]
        provider, defaults = account.provider, self.config.defaults
        self._check_shape(number, written, provider)
        model = written.model or ""
        channel = written.channel or account.channel
        operation = written.operation or self._operation(provider, model)
        own = _entry_for(provider, model, channel)
        price = _price(written.price) or _price(above.price)
        if price is None and own is not None:
            price = own.price_for(provider.job_for(operation, model), account.host)
        depths = self.plan.depths(number, written, account, operation, price)
        dated = own or self._vendors_entry(provider, model, channel)
        target = Target(
            name=written.name,
            account=account,
            model=model,
            operation=operation,
            channel=channel,
            depths=depths,
            intervals=MappingProxyType({d: self._interval(d, written, above) for d in depths}),
            timeout=_first(written.timeout, above.timeout) or defaults.timeout,
            schedule=written.schedule or above.schedule or defaults.schedule,
            connection=written.probe.connection
            or above.probe.connection
            or self.config.probe.connection,
            price=price,
            budget=_cap(written.budget),
            ends_at=dated.ends_at if dated else None,
            end_date_binding=own is not None and own.ends_at is not None and own.end_date_certain,
            end_date_certain=dated.end_date_certain if dated else True,
            successor=dated.successor if dated else None,
            family=written.family or self._family(provider, model),
            page=self.pages.of(number, written, provider),
            slo=written.slo or above.slo or self.config.slo.of(channel),
            path=written.path or "",
            expect=_expectation(written) if provider.name == HTTP else None,
        )
        self._doubts(number, written, target)
        return target

    def _check_shape(self, number: int, written: TargetConfig, provider: Provider) -> None:
        if provider.name == HTTP:
            return
        name = quote(provider.name)
        if written.model is None:
            self._error(("targets", number, "model"), f"this key is required by provider {name}")
        for key in ("path", "expect"):
            if getattr(written, key) is not None:
                message = f"only for accounts of provider '{HTTP}', this one's is {name}"
                self._error(("targets", number, key), message)

    def _operation(self, provider: Provider, model: str) -> Operation:
        own = provider.model(model)
        entries = [own] if own else [entry for _, entry in self.catalogue.find_model(model)]
        return entries[0].operation if entries else provider.operation

    def _family(self, provider: Provider, model: str) -> str:
        own = provider.model(model)
        entries = [own] if own else [entry for _, entry in self.catalogue.find_model(model)]
        return entries[0].family_name if entries else model

    def _vendors_entry(self, provider: Provider, model: str, channel: Channel) -> ModelEntry | None:
        """Return the vendor's entry that ends first: an official relay cannot outlive its vendor."""
        if channel is not Channel.OFFICIAL:
            return None
        others = [(p, e) for p, e in self.catalogue.find_model(model) if p.name != provider.name]
        dated = [(p.kind != "direct", e.end_date, e) for p, e in others if e.end_date is not None]
        return min(dated, key=lambda item: item[:2])[2] if dated else None

    def _interval(self, depth: Depth, written: TargetConfig, above: AccountConfig) -> float:
        own = _first(written.interval.of(depth), above.interval.of(depth))
        default: float = getattr(self.config.defaults.interval, depth.value)
        return own or default


def _entry_for(provider: Provider, model: str, channel: Channel) -> ModelEntry | None:
    entry = provider.model(model)
    return entry if entry is not None and entry.channel in (None, channel) else None


def _price(written: PriceConfig | None) -> Price | None:
    return Price.model_validate(written.model_dump()) if written is not None else None


def _cap(written: CapConfig) -> Cap:
    return Cap(written.daily_usd, written.monthly_usd)


def _expectation(written: TargetConfig) -> Expectation:
    expect = written.expect
    if expect is None:
        return Expectation()
    checks = tuple(Check.model_validate(c.model_dump(exclude_unset=True)) for c in expect.checks)
    return Expectation(expect.http, expect.body, checks)


def _windows(config: Config, targets: Iterable[Target]) -> dict[str, tuple[MaintenanceWindow, ...]]:
    windows = [
        (
            Globs(w.targets),
            MaintenanceWindow(Unix(w.start.timestamp()), Unix(w.end.timestamp()), w.reason),
        )
        for w in config.maintenance
    ]
    found = {t.name: tuple(w for globs, w in windows if globs.fit(t.name)) for t in targets}
    return {name: those for name, those in found.items() if those}


def _page_components(targets: Iterable[Target]) -> dict[str, tuple[str, ...]]:
    """Return, by page id, the components that targets are tied to."""
    named: dict[str, dict[str, None]] = {}
    for page, component in (t.page for t in targets if t.page is not None):
        named.setdefault(page, {})[component] = None
    return {page: tuple(components) for page, components in named.items()}
