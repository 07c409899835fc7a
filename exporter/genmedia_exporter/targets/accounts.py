"""From what the file says of an account to the provider, address and credentials in use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType

from genmedia_exporter.config.files import MAX_BYTES
from genmedia_exporter.config.loader import Config, Examined
from genmedia_exporter.config.problems import KeyPath, Problem, Problems, did_you_mean
from genmedia_exporter.config.target_schema import AccountConfig
from genmedia_exporter.config.values import SecretSource, quote
from genmedia_exporter.core.secret import Secret
from genmedia_exporter.providers.loader import (
    UnknownProviderError,
    is_provider_file,
    load_provider,
    normalise_base_url,
    provider_names,
)
from genmedia_exporter.providers.schema import Provider
from genmedia_exporter.targets.credentials import Credentials
from genmedia_exporter.targets.model import Account


class Accounts:
    """Works out one account after the other, and collects what is wrong with them."""

    def __init__(self, config: Config, credentials: Credentials) -> None:
        self.errors: list[Problem] = []
        self.warnings: list[Problem] = []
        self._config = config
        self._credentials = credentials
        self._providers: dict[str, Provider | None] = {}  # by what `provider:` says

    def account(self, name: str, written: AccountConfig) -> Account | None:
        """Return an account as it is used, None where it has no provider or address."""
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
            own_vendor=written.vendor,
            concurrency=written.concurrency or self._config.defaults.concurrency,
        )

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
