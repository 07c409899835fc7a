"""From what the file says of an account to the provider, address and credentials in use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from genmedia_exporter.config.files import MAX_BYTES
from genmedia_exporter.config.loader import Config, Examined
from genmedia_exporter.config.problems import KeyPath, Problem, Problems, did_you_mean
from genmedia_exporter.config.target_schema import AccountConfig
from genmedia_exporter.config.values import SecretSource, quote
from genmedia_exporter.core.secret import Secret
from genmedia_exporter.providers.addresses import AddressError, Place, place_of
from genmedia_exporter.providers.base import placeholders
from genmedia_exporter.providers.calls import EXCHANGED, SIGNED
from genmedia_exporter.providers.errors import UnknownProviderError
from genmedia_exporter.providers.loader import (
    is_provider_file,
    load_provider,
    provider_names,
)
from genmedia_exporter.providers.schema import Provider
from genmedia_exporter.targets.auth_kinds import filled, misfit, missing_extra
from genmedia_exporter.targets.auto_provider import AUTO, Recognise, recognised
from genmedia_exporter.targets.credentials import Credentials
from genmedia_exporter.targets.model import NO_TRAFFIC_ACCESS, Account, TrafficAccess


class Accounts:
    """Works out one account after the other, and collects what is wrong with them."""

    def __init__(
        self, config: Config, credentials: Credentials, recognise: Recognise | None = None
    ) -> None:
        self._recognise = recognise
        self.errors: list[Problem] = []
        self.warnings: list[Problem] = []
        self._config = config
        self._credentials = credentials
        self._providers: dict[str, Provider | None] = {}  # by what `provider:` says

    def account(self, name: str, written: AccountConfig) -> Account | None:
        """Return an account as it is used, None where it has no provider or address."""
        owner = f"account {quote(name)}"
        key, problem = self._credential(written.api_key, owner, ("accounts", name, "api_key"))
        called = (
            self._found_out(name, written, key) if written.provider == AUTO else written.provider
        )
        provider = self._provider(name, called) if called else None
        if provider is None:
            return None
        if key is not None:
            problem = self._unusable(key, provider, ("accounts", name, "api_key"), owner)
        variables = self._variables(name, written, provider, key)
        place = self._place(name, written, provider, variables)
        environment, trouble = self._environment(name, provider)
        problem = problem or trouble
        if place is None:
            return None
        headers: dict[str, Secret] = {}
        for header, source in written.headers.items():
            path = ("accounts", name, "headers", header)
            value, trouble = self._credential(source, f"{owner}, header {quote(header)}", path)
            problem = problem or trouble
            if value is not None:
                headers[header] = value
        return Account(
            name=name,
            provider=provider.with_prefix(place.prefix),
            base_url=place.base,
            channel=written.channel or provider.channel,
            # Half of the credentials is as good as none, and must not be judged as a refused key.
            api_key=None if problem else key,
            credential_problem=problem,
            auth_header=written.auth.header,
            auth_prefix=written.auth.prefix,
            headers=MappingProxyType(headers),
            own_vendor=written.vendor,
            variables=MappingProxyType(variables),
            environment=MappingProxyType(environment),
            concurrency=written.concurrency or self._config.defaults.concurrency,
        )

    def _found_out(self, name: str, written: AccountConfig, key: Secret | None) -> str | None:
        """Return the provider of an account that says `auto`, and tell which it is."""
        if written.base_url is None:
            message = "this key is required: an address says which provider it is"
            self._error(("accounts", name, "base_url"), message)
            return None
        found = recognised(written.base_url, key, self._recognise)
        told = f"auto is {found.provider}: {found.because}"
        path = ("accounts", name, "provider")
        self.warnings.append(self._config.places.problem(path, told, severity="warning"))
        return found.provider

    def _place(
        self, name: str, written: AccountConfig, provider: Provider, variables: Mapping[str, str]
    ) -> Place | None:
        address, path = written.base_url, ("accounts", name, "base_url")
        if address is None and provider.base_url is not None:
            address = filled(provider.base_url, variables)
        if address is None:
            whose = f"provider {quote(provider.name)} has no address of its own"
            self._error(path, f"this key is required: {whose}")
            return None
        try:
            return place_of(address, provider)
        except AddressError as error:
            self._error(path, error.message, error.hint)
            return None

    def _variables(
        self, name: str, written: AccountConfig, provider: Provider, key: Secret | None
    ) -> dict[str, str]:
        """Return the values of the account's variables; those nobody needs may be missing."""
        path: KeyPath = ("accounts", name, "variables")
        for unknown in written.variables.keys() - provider.variables.keys():
            known = sorted(provider.variables)
            others = f"it has {', '.join(known)}" if known else "it has none"
            message = f"provider {quote(provider.name)} has no variable {quote(unknown)}"
            self._error((*path, unknown), message, did_you_mean(unknown, known, others))
        values = {n: v for n, v in provider.variables.items() if v is not None} | written.variables
        for lacking in sorted(_needed(provider, written, key) - values.keys()):
            message = f"provider {quote(provider.name)} takes {quote(lacking)} here"
            self._error(path, message, f"write variables: {{{lacking}: ...}}")
        return values

    def _environment(self, name: str, provider: Provider) -> tuple[dict[str, Secret], str | None]:
        found, problem = {}, None
        named = {p for p in placeholders(provider.model_dump()) if p.startswith("env.")}
        for variable in sorted(named):
            place = SecretSource("env", place=variable.removeprefix("env."))
            owner = f"provider {quote(provider.name)}"
            value, trouble = self._credential(place, owner, ("accounts", name, "provider"))
            problem = problem or trouble
            if value is not None:
                found[place.place] = value
        return found, problem

    def _unusable(self, key: Secret, provider: Provider, path: KeyPath, owner: str) -> str | None:
        """Return why the credential is not of the kind that its provider takes; None where it is."""
        kind, credential = provider.auth.kind_for(key.reveal()), key.reveal()
        why = misfit(kind, credential)
        if why is not None:
            problem = f"the credential of {owner} {why}"
            self.warnings.append(self._config.places.problem(path, problem, severity="warning"))
            return problem
        extra = missing_extra(kind)
        if extra is not None:
            message = f"provider {quote(provider.name)} signs with a package that is not installed"
            self._error(path, message, f"pip install 'genmedia-exporter[{extra}]'")
        return None

    def _provider(self, account: str, name: str) -> Provider | None:
        if self._providers.get(name) is None:
            self._providers[name] = self._load(account, name)
        return self._providers[name]

    def _read(self, path: Path) -> bytes:
        return self._credentials.read_file(path, MAX_BYTES)

    def _load(self, account: str, name: str) -> Provider | None:
        try:
            return load_provider(name, self._config.folder, self._read)
        except UnknownProviderError as error:
            self._error(("accounts", account, "provider"), error.message, error.hint)
        except Problems as problems:
            self.errors += problems.problems
        return None

    def traffic(self) -> TrafficAccess:
        """Return whether applications may report calls; a token that is not there is a warning."""
        written = self._config.traffic
        if not written.enabled:
            return NO_TRAFFIC_ACCESS
        token, _ = self._credential(written.token, "traffic", ("traffic", "token"))
        return TrafficAccess(True, token)

    def _credential(
        self, source: SecretSource | None, owner: str, path: KeyPath
    ) -> tuple[Secret | None, str | None]:
        found = self._credentials.credential(source, owner)
        doubt = found.problem or found.kept
        if doubt is not None:
            self.warnings.append(self._config.places.problem(path, doubt, severity="warning"))
        return found.secret, found.problem

    def _error(self, path: KeyPath, message: str, hint: str = "") -> None:
        self.errors.append(self._config.places.problem(path, message, hint))


def _needed(provider: Provider, written: AccountConfig, key: Secret | None) -> frozenset[str]:
    """Return the variables without which the account's requests cannot be made."""
    left_out = {"variables"}
    if written.base_url is not None:
        left_out.add("base_url")
    if key is None or provider.auth.kind_for(key.reveal()) not in SIGNED | EXCHANGED:
        left_out.add("auth")
    named = placeholders(provider.model_dump(exclude=left_out))
    return frozenset(n.removeprefix("account.") for n in named if n.startswith("account."))


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
        known = (*provider_names(), AUTO)
        if not is_provider_file(provider) and provider not in known:
            hint = did_you_mean(
                provider, provider_names(), f"known are {', '.join(provider_names())}"
            )
            yield source.places.problem(("accounts", name, "provider"), "no such provider", hint)
