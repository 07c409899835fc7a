"""From configuration, catalogue and environment to the accounts and targets that are watched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar

from exporter.config import Config, Examined
from exporter.config_schema import AccountConfig, PriceConfig, StatusPage, TargetConfig
from exporter.page import PageSettings
from exporter.providers.loader import (
    Catalogue,
    UnknownProviderError,
    is_provider_file,
    load_catalogue,
    load_provider,
    normalise_base_url,
    provider_names,
)
from exporter.providers.schema import Check, ModelEntry, Price, Provider
from exporter.secret import Secret
from exporter.status import Channel, Depth, Operation
from exporter.target import Account, Expectation, Target, Window
from exporter.values import SecretSource, format_duration, glob_matches, quote
from exporter.yamlsource import (
    MAX_BYTES,
    KeyPath,
    Problem,
    Problems,
    did_you_mean,
    in_order,
    read_bounded,
)

T = TypeVar("T")
ReadFile = Callable[[Path, int], bytes]  # path and most bytes; raises OSError

MAX_SECRET_BYTES: Final = 64 << 10
HTTP: Final = "http"  # the provider that watches a plain URL

RUNNABLE: Final = frozenset({Depth.REACH, Depth.ACCEPT})
"""Depths that probes exist for; generate joins here with the budget's ledger."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A depth that was asked for and is not probed."""

    depth: Depth
    why: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """All that is watched, and what was asked for but cannot be."""

    targets: tuple[Target, ...]
    accounts: Mapping[str, Account]
    warnings: tuple[Problem, ...] = ()
    skipped: Mapping[str, tuple[Skipped, ...]] = field(default_factory=dict)  # by target
    windows: Mapping[str, tuple[Window, ...]] = field(default_factory=dict)  # of ours, by target
    storage_url: Secret | None = None
    pages: tuple[PageSettings, ...] = ()
    page_components: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by page id


def resolve(
    config: Config,
    environ: Mapping[str, str],
    read_file: ReadFile = read_bounded,
    catalogue: Catalogue | None = None,
) -> Resolution:
    """Work out every account and target of *config*.

    A credential that is not there is a warning and the account's `credential_problem`; whatever
    is wrong in the file itself is raised as Problems, all at once. *catalogue* defaults to the
    built-in providers' models.
    """
    resolver = _Resolver(config, environ, read_file, catalogue or load_catalogue())
    return resolver.run()


def _first(*values: T | None) -> T | None:
    return next((value for value in values if value is not None), None)


class _Resolver:
    """Collects problems and warnings while it goes through accounts, then targets."""

    def __init__(
        self, config: Config, environ: Mapping[str, str], read_file: ReadFile, catalogue: Catalogue
    ) -> None:
        self.config = config
        self.environ = environ
        self.read_file = read_file
        self.catalogue = catalogue
        self.errors: list[Problem] = []
        self.warnings: list[Problem] = []
        self.skipped: dict[str, list[Skipped]] = {}
        self._providers: dict[str, Provider | None] = {}  # by what `provider:` says
        self._grouped: dict[tuple[KeyPath, Depth, str], list[str]] = {}

    def run(self) -> Resolution:
        """Return the resolution. Raises Problems."""
        storage_url = self._storage_url()
        found = ((name, self._account(name, a)) for name, a in self.config.accounts.items())
        accounts = {name: account for name, account in found if account is not None}
        targets = [
            self._target(number, target, accounts[target.account])
            for number, target in enumerate(self.config.targets)
            if target.account in accounts  # a broken account has its own problem
        ]
        if self.errors:
            raise Problems(self.errors)
        self._warn_of_groups()
        return Resolution(
            tuple(targets),
            MappingProxyType(accounts),
            tuple(in_order(self.warnings)),
            MappingProxyType({name: tuple(those) for name, those in self.skipped.items()}),
            MappingProxyType(_windows(self.config, targets)),
            storage_url,
            tuple(_page(page) for page in self.config.status_pages),
            MappingProxyType(_page_components(targets)),
        )

    def _error(self, path: KeyPath, message: str, hint: str = "") -> None:
        self.errors.append(self.config.places.problem(path, message, hint))

    def _warn(self, path: KeyPath, message: str) -> None:
        self.warnings.append(self.config.places.problem(path, message, severity="warning"))

    # --- accounts ---

    def _account(self, name: str, written: AccountConfig) -> Account | None:
        provider = self._provider(name, written.provider)
        if provider is None:
            return None
        base_url = written.base_url or provider.base_url
        if base_url is None:
            message = (
                f"this key is required: provider {quote(provider.name)} has no address of its own"
            )
            self._error(("accounts", name, "base_url"), message)
            return None
        owner = f"account {quote(name)}"
        key, problem = self._credential(written.api_key, owner, ("accounts", name, "api_key"))
        headers: dict[str, Secret] = {}
        for header, source in written.headers.items():
            path = ("accounts", name, "headers", header)
            value, trouble = self._credential(source, f"{owner}, header {quote(header)}", path)
            problem = problem or trouble
            if value is not None:
                headers[header] = value
        return Account(
            name=name,
            provider=provider,
            base_url=normalise_base_url(base_url, provider.prefix),
            channel=written.channel or provider.channel,
            # Half of the credentials is as good as none, and must not be judged as a refused key.
            api_key=None if problem else key,
            credential_problem=problem,
            auth_header=written.auth.header,
            auth_prefix=written.auth.prefix,
            headers=MappingProxyType(headers),
            concurrency=written.concurrency or self.config.defaults.concurrency,
        )

    def _provider(self, account: str, name: str) -> Provider | None:
        if self._providers.get(name) is None:
            self._providers[name] = self._load(account, name)
        return self._providers[name]

    def _load(self, account: str, name: str) -> Provider | None:
        try:
            return load_provider(name, self.config.folder, lambda p: self.read_file(p, MAX_BYTES))
        except UnknownProviderError as error:
            self._error(("accounts", account, "provider"), error.message, error.hint)
        except Problems as problems:
            self.errors += problems.problems
        return None

    def _credential(
        self, source: SecretSource | None, owner: str, path: KeyPath
    ) -> tuple[Secret | None, str | None]:
        if source is None:
            return None, None
        text, problem = self._secret_text(source, owner)
        if problem is None and not (text.isascii() and text.isprintable()):
            problem = f"the credential of {owner} has characters that no header can carry"
        elif problem is None and not text:
            problem = f"the credential of {owner} is empty"
        if problem is not None:
            self._warn(path, problem)
            return None, problem
        return Secret(text), None

    def _secret_text(self, source: SecretSource, owner: str) -> tuple[str, str | None]:
        if source.value is not None:
            return source.value.reveal(), None
        if source.kind == "env":
            text = self.environ.get(source.place)
            missing = f"environment variable {source.place} ({owner}) is not set"
            return (text.strip(), None) if text is not None else ("", missing)
        path = self.config.folder / source.place
        try:
            return self.read_file(path, MAX_SECRET_BYTES).decode().strip(), None
        except UnicodeDecodeError:
            why = "not text"
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "not a path"
        return "", f"file {path} ({owner}) cannot be read: {why}"

    def _storage_url(self) -> Secret | None:
        source = self.config.storage.url
        if source is None:
            return None
        text, problem = self._secret_text(source, "storage")
        if problem is not None or not text:
            self._error(("storage", "url"), problem or "the URL of the database is empty")
        return Secret(text)

    # --- targets ---

    def _target(self, number: int, written: TargetConfig, account: Account) -> Target:
        above = self.config.accounts[account.name]
        provider, defaults = account.provider, self.config.defaults
        self._check_shape(number, written, provider)
        model = written.model or ""
        channel = written.channel or account.channel
        operation = written.operation or self._operation(provider, model)
        own = _entry_for(provider, model, channel)
        price = _price(written.price) or _price(above.price) or (own.price if own else None)
        depths = self._depths(number, written, account, operation, price)
        dated = own or self._vendors_entry(provider, model, channel)
        return Target(
            name=written.name,
            account=account,
            model=model,
            operation=operation,
            channel=channel,
            depths=depths,
            intervals=MappingProxyType({d: self._interval(d, written, above) for d in depths}),
            timeout=_first(written.timeout, above.timeout) or defaults.timeout,
            schedule=written.schedule or above.schedule or defaults.schedule,
            price=price,
            ends_at=dated.ends_at if dated else None,
            end_date_binding=own is not None and own.ends_at is not None,
            successor=dated.successor if dated else None,
            page=(written.page.id, written.page.component) if written.page else None,
            slo=written.slo or above.slo or self.config.slo.of(channel),
            path=written.path or "",
            expect=_expectation(written) if provider.name == HTTP else None,
        )

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

    # --- depths ---

    def _depths(
        self,
        number: int,
        written: TargetConfig,
        account: Account,
        operation: Operation,
        price: Price | None,
    ) -> tuple[Depth, ...]:
        above = self.config.accounts[account.name]
        own_path: KeyPath = ("targets", number, "depths")
        asked = written.depths or above.depths or self.config.defaults.depths
        kept: list[Depth] = []
        for depth in asked:
            impossible = _impossible(depth, account.provider, operation, written.model)
            why = impossible or self._not_now(depth, account, price)
            if impossible and written.depths:
                self._error(own_path, f"{depth}: {impossible}")
            elif why is None:
                kept.append(depth)
            else:
                path = own_path if written.depths else _asked_at(account.name, above)
                self.skipped.setdefault(written.name, []).append(Skipped(depth, why))
                self._grouped.setdefault((path, depth, why), []).append(written.name)
        if not kept:
            self._warn(("targets", number), "no depth is left to probe")
        return tuple(kept)

    def _not_now(self, depth: Depth, account: Account, price: Price | None) -> str | None:
        """Say why a depth that the provider offers cannot run as things are configured."""
        if depth is Depth.ACCEPT and not _has_credential(account):
            return "it takes a credential, and there is none"
        if depth is Depth.GENERATE:
            budget = self.config.budget
            needs = {
                "budget.daily_usd above 0": budget.daily_usd > 0,
                "budget.monthly_usd above 0": budget.monthly_usd > 0,
                "a known price": price is not None,
            }
            missing = [need for need, met in needs.items() if not met]
            if missing:
                return f"it costs money and needs {', '.join(missing)}"
        return None if depth in RUNNABLE else "paid probes are not part of this version"

    def _warn_of_groups(self) -> None:
        for (path, depth, why), names in self._grouped.items():
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            self._warn(path, f"{depth} is skipped for {quote(names[0])}{more}: {why}")


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


def _entry_for(provider: Provider, model: str, channel: Channel) -> ModelEntry | None:
    entry = provider.model(model)
    return entry if entry is not None and entry.channel in (None, channel) else None


def _price(written: PriceConfig | None) -> Price | None:
    return Price.model_validate(written.model_dump()) if written is not None else None


def _expectation(written: TargetConfig) -> Expectation:
    expect = written.expect
    if expect is None:
        return Expectation()
    checks = tuple(Check.model_validate(c.model_dump(exclude_unset=True)) for c in expect.checks)
    return Expectation(expect.http, expect.body, checks)


def _windows(config: Config, targets: Iterable[Target]) -> dict[str, tuple[Window, ...]]:
    windows = [
        (w.targets, Window(w.start.timestamp(), w.end.timestamp(), w.reason))
        for w in config.maintenance
    ]
    found = {
        t.name: tuple(w for globs, w in windows if any(glob_matches(g, t.name) for g in globs))
        for t in targets
    }
    return {name: those for name, those in found.items() if those}


def describe(resolution: Resolution) -> str:
    """Return what --config.check prints: counts, then a line per target with what it probes."""
    counts = ((resolution.targets, "target"), (resolution.accounts, "account"))
    lines = [", ".join(f"{len(those)} {word}{'s' * (len(those) != 1)}" for those, word in counts)]
    rows = [(t.name, f"{t.operation} {t.channel}", _probed(t)) for t in resolution.targets]
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(3)]
    for row in rows:
        skips = [f"{s.depth} skipped: {s.why}" for s in resolution.skipped.get(row[0], ())]
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        lines.append("  ".join(["", *cells, "; ".join(skips)]).rstrip())
    return "\n".join(lines)


def _probed(target: Target) -> str:
    probed = (f"{d} {format_duration(target.intervals[d])}" for d in target.depths)
    return ", ".join(probed) or "nothing"


def unknown_providers(examined: Examined) -> Iterator[Problem]:
    """Yield a problem for each unknown provider of an account that is broken in other ways too.

    Sound accounts are checked by `resolve`; a broken one never gets that far.
    """
    source, config = examined.source, examined.config
    accounts = source.data.get("accounts") if source is not None else None
    for name, account in accounts.items() if isinstance(accounts, dict) else ():
        provider = account.get("provider") if isinstance(account, dict) else None
        sound = config is not None and name in config.accounts
        if source is None or sound or not isinstance(provider, str):
            continue
        if not is_provider_file(provider) and provider not in provider_names():
            hint = did_you_mean(
                provider, provider_names(), f"known are {', '.join(provider_names())}"
            )
            yield source.places.problem(("accounts", name, "provider"), "no such provider", hint)


def _page(page: StatusPage) -> PageSettings:
    return PageSettings(
        page.id, page.url.rstrip("/"), page.engine, page.components, page.products, page.interval
    )


def _page_components(targets: Iterable[Target]) -> dict[str, tuple[str, ...]]:
    """Return, by page id, the components that targets are tied to."""
    named: dict[str, dict[str, None]] = {}
    for page, component in (t.page for t in targets if t.page is not None):
        named.setdefault(page, {})[component] = None
    return {page: tuple(components) for page, components in named.items()}
