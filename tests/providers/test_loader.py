"""Built-in provider files and the user's own, and the catalogue over them."""

from __future__ import annotations

from pathlib import Path

import pytest

from genmedia_exporter.config.problems import Problems
from genmedia_exporter.providers.catalogue import Catalogue, load_catalogue
from genmedia_exporter.providers.errors import UnknownProviderError
from genmedia_exporter.providers.loader import (
    is_provider_file,
    load_generic,
    load_provider,
    provider_names,
)


def test_built_in() -> None:
    """Every file of the package loads, under its own name; helper files are no providers."""
    names = provider_names()

    assert "new-api" in names
    assert list(names) == sorted(names)
    assert not [name for name in names if name.startswith("_")]
    assert [load_provider(name).name for name in names] == list(names)


def test_built_in_is_read_once() -> None:
    """Accounts of one provider share it."""
    assert load_provider("new-api") is load_provider("new-api")


def test_generic() -> None:
    """The rules for all providers load."""
    assert load_generic().rules


def test_own_file(folder: Path) -> None:
    """A path is relative to the folder of the configuration, or absolute."""
    assert load_provider("./vendor.yml", folder).name == "vendor"
    assert load_provider("vendor.yml", folder).name == "vendor"
    assert load_provider(str(folder / "vendor.yml")).name == "vendor"


def test_path_or_name() -> None:
    """What looks like a file is a file."""
    assert [is_provider_file(text) for text in ("openai", "mine.yml", "./mine", "a.yaml")] == [
        False,
        True,
        True,
        True,
    ]


def test_unknown_name() -> None:
    """A name near a known one is answered with it, others with all that are known."""
    with pytest.raises(UnknownProviderError, match="did you mean 'openai'"):
        load_provider("opneai")
    with pytest.raises(UnknownProviderError, match=r"known are .*, new-api, .*file of your own"):
        load_provider("zebra")
    with pytest.raises(UnknownProviderError, match="no provider is called '_generic'"):
        load_provider("_generic")


def test_missing_file(tmp_path: Path) -> None:
    """A file that is not there is named with its whole path."""
    with pytest.raises(UnknownProviderError, match=r"mine\.yml cannot be read: No such file"):
        load_provider("mine.yml", tmp_path)


def test_bad_file(folder: Path) -> None:
    """A bad file is answered with the place in it and the key."""
    file = folder / "vendor.yml"
    file.write_text(file.read_text().replace("depth: reach", "depht: reach"))

    with pytest.raises(Problems) as refused:
        load_provider("vendor.yml", folder)

    words = "calls[0].depht: unknown key; did you mean 'depth'?"
    assert str(refused.value) == f"{file}:9:18: {words}"


def test_find_model(catalogue: Catalogue) -> None:
    """A model is found with its provider; one that nobody lists is not."""
    assert [(p.name, m.name) for p, m in catalogue.find_model("film-1")] == [("vendor", "film-1")]
    assert catalogue.find_model("film-9") == []
    assert [entry.name for _, entry in catalogue.entries()] == ["film-1", "film-2"]


def test_makers_come_first() -> None:
    """A model that gateways resell is found at its maker first."""
    for _, entry in load_catalogue().entries():
        kinds = [p.kind == "direct" for p, _ in load_catalogue().find_model(entry.name)]
        assert kinds == sorted(kinds, reverse=True)
