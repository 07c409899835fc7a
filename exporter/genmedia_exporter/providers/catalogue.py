"""The models that providers know, without reading every provider's file for the name of one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from genmedia_exporter.providers.loader import built_in_file, load_provider, provider_names
from genmedia_exporter.providers.schema import ModelEntry, Provider

_BLOCK: Final = re.compile(r"^models:\n((?:[ #].*\n|\n)+)", re.M)
_NAMED: Final = re.compile(r"^  - name: *(.+)$|^    aliases: *\[(.*)\]$", re.M)
_EXTENDS: Final = re.compile(r"^extends: *([\w-]+)", re.M)


class Catalogue:
    """The models that a set of providers knows."""

    def __init__(
        self, names: Mapping[str, Sequence[str]], load: Callable[[str], Provider] = load_provider
    ) -> None:
        self._names = names  # of models and their aliases, by provider
        self._load = load

    @classmethod
    def of(cls, providers: Iterable[Provider]) -> Catalogue:
        """Return the catalogue of *providers*."""
        by_name = {provider.name: provider for provider in providers}
        names = {
            name: [model for entry in provider.models for model in entry.names]
            for name, provider in by_name.items()
        }
        return cls(names, by_name.__getitem__)

    def names(self) -> list[str]:
        """Return the names of all models, provider by provider."""
        return [model for names in self._names.values() for model in names]

    def entries(self) -> Iterator[tuple[Provider, ModelEntry]]:
        """Yield every model with the provider whose file lists it, provider by provider."""
        for name in self._names:
            provider = self._load(name)
            for entry in provider.models:
                yield provider, entry

    def find_model(self, model: str) -> list[tuple[Provider, ModelEntry]]:
        """Return who lists a model of that name or alias; those that make it before resellers."""
        listing = (self._load(name) for name, names in self._names.items() if model in names)
        found = [(each, entry) for each in listing for entry in each.models if model in entry.names]
        return sorted(found, key=lambda pair: pair[0].kind != "direct")


@cache
def load_catalogue() -> Catalogue:
    """Return the models of all built-in providers; a file is read when one of its models is asked for."""
    return Catalogue({name: _listed(name) for name in provider_names()})


def _listed(provider: str) -> list[str]:
    """Return the names in a built-in provider's file, which has them where all others have them.

    Reading all files as YAML and checking them would be most of a start. A test compares the two.
    """
    text = built_in_file(provider).decode()
    block, parent = _BLOCK.search(text), _EXTENDS.search(text)
    if block is None:
        return _listed(parent[1]) if parent else []
    return [
        name.strip().strip("\"'")
        for one, several in _NAMED.findall(block[1])
        for name in (several.split(",") if several else [one.partition(" #")[0]])
    ]
