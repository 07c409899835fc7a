"""The models of all providers, found without reading all files."""

from __future__ import annotations

import pytest

from genmedia_exporter.providers.catalogue import Catalogue, load_catalogue
from genmedia_exporter.providers.loader import load_provider, provider_names
from genmedia_exporter.providers.schema import Provider

CATALOGUE = load_catalogue()


@pytest.mark.parametrize("name", provider_names())
def test_names_are_where_they_are_looked_for(name: str) -> None:
    """The names found in the text of a file, one after the other, are those that it has.

    A file that fails here has its `models:` written otherwise than all others.
    """
    only = Catalogue({name: CATALOGUE._names[name]})
    written = [model for entry in load_provider(name).models for model in entry.names]
    assert only.names() == written


def test_only_the_files_that_list_a_model_are_read() -> None:
    """The others cost nothing, and a name that nobody lists costs nothing at all."""
    read: list[str] = []

    def load(name: str) -> Provider:
        read.append(name)
        return load_provider(name)

    catalogue = Catalogue({"openai": ["sora-2"], "kling": ["kling-v3"]}, load)
    assert [provider.name for provider, _ in catalogue.find_model("kling-v3")] == ["kling"]
    assert catalogue.find_model("nobody's") == []
    assert read == ["kling"]
