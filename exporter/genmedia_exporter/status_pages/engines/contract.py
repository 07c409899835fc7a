"""What an engine is: which documents it wants, and one pure function that reads them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import Protocol, cast

import genmedia_exporter.status_pages.engines
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status_page import Document, DocumentRequest, PageReading, PageSettings

_MACHINERY = frozenset({"contract", "detect"})


class Engine(Protocol):
    """A module under exporter/genmedia_exporter/pages/ with these three names."""

    INTERVAL: float  # seconds between two readings, unless configured otherwise

    @staticmethod
    def documents(settings: PageSettings) -> tuple[DocumentRequest, ...]:
        """Return what has to be fetched for one reading."""
        ...

    @staticmethod
    def read(documents: Mapping[str, Document], settings: PageSettings, now: Unix) -> PageReading:
        """Read the documents (those that came, by key) at *now*, Unix seconds.

        Raises UnreadableError when they are not this engine's, broken, or another page's.
        """
        ...


class Stepwise(Protocol):
    """What an engine has besides where one document says how to ask for another."""

    @staticmethod
    def more(
        documents: Mapping[str, Document], settings: PageSettings
    ) -> tuple[DocumentRequest, ...]:
        """Return what else to fetch. Raises UnreadableError."""
        ...


def engine_names() -> tuple[str, ...]:
    """Return the names of all engines, from the files beside this one."""
    found = (
        module.name
        for module in pkgutil.iter_modules(genmedia_exporter.status_pages.engines.__path__)
    )
    return tuple(sorted(n for n in found if not n.startswith("_") and n not in _MACHINERY))


@cache
def load(name: str) -> Engine:
    """Import and return the engine *name*. Raises LookupError."""
    if name not in engine_names():
        raise LookupError(f"no engine {name!r}; there are {', '.join(engine_names())}")
    return cast(Engine, importlib.import_module(f"genmedia_exporter.status_pages.engines.{name}"))
