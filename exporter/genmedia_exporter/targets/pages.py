"""Which status pages are read: those that are configured, and those of providers that targets name."""

from __future__ import annotations

from genmedia_exporter.config.loader import Config
from genmedia_exporter.config.problems import KeyPath, Problem
from genmedia_exporter.config.schema import StatusPage
from genmedia_exporter.config.target_schema import TargetConfig
from genmedia_exporter.config.values import quote
from genmedia_exporter.core.status_page import PageSettings
from genmedia_exporter.providers.loader import load_provider, provider_names
from genmedia_exporter.providers.schema import OwnPage, Provider


class Pages:
    """Goes through the pages of a configuration, then through those of its targets."""

    def __init__(self, config: Config) -> None:
        self.errors: list[Problem] = []
        self._config = config
        self._settings: dict[str, PageSettings] = {}

    @property
    def settings(self) -> tuple[PageSettings, ...]:
        """All that are read."""
        return tuple(self._settings.values())

    def configured(self) -> None:
        """Take in the pages that are written down; one without a URL is its provider's."""
        for number, page in enumerate(self._config.status_pages):
            known = _page_of(page.id)
            if page.url is not None:
                self._settings[page.id] = _settings(page, page.url)
            elif known is not None:
                self._settings[page.id] = _filled(page, known)
            else:
                message = (
                    f"this key is required: no provider {quote(page.id)} has a page known here"
                )
                self._error(("status_pages", number, "url"), message)

    def of(self, number: int, written: TargetConfig, provider: Provider) -> tuple[str, str] | None:
        """Return page and component of a target; its provider's, where it names none."""
        wanted = written.page
        if wanted is None:
            return None
        path: KeyPath = ("targets", number, "page")
        id, own = wanted.id or provider.name, provider.status_page
        if wanted.id is None and id not in self._settings:
            if own is None:
                self._error(path, f"no status page of {quote(provider.name)} is known", "write id:")
                return None
            self._settings[id] = PageSettings(id, own.url, own.engine, (), own.products)
        component = wanted.component or (own.component if own and id == provider.name else None)
        if component is None:
            self._error(path, "which component speaks for it is not known", "write component:")
            return None
        return id, component

    def _error(self, path: KeyPath, message: str, hint: str = "") -> None:
        self.errors.append(self._config.places.problem(path, message, hint))


def _page_of(name: str) -> OwnPage | None:
    return load_provider(name).status_page if name in provider_names() else None


def _settings(page: StatusPage, url: str) -> PageSettings:
    return PageSettings(
        page.id, url.rstrip("/"), page.engine, page.components, page.products, page.interval
    )


def _filled(page: StatusPage, own: OwnPage) -> PageSettings:
    return PageSettings(
        page.id,
        own.url,
        page.engine if page.engine != "auto" else own.engine,
        page.components,
        page.products or own.products,
        page.interval,
    )
