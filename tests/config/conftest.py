"""Small provider files and a way to make a configuration of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from genmedia_exporter.config.loader import Config, parse_config, read_config
from genmedia_exporter.providers.catalogue import Catalogue
from genmedia_exporter.providers.loader import parse_provider
from genmedia_exporter.targets.resolve import Resolution, resolve

VENDOR = """
    name: vendor
    title: Vendor
    kind: direct
    base_url: https://api.vendor.example/v1
    prefix: /v1
    operation: image
    calls:
      - {id: models, depth: reach, path: /models, proves: [edge]}
      - {id: bad, depth: accept, operations: [video], method: POST, path: /videos, proves: [route]}
    jobs:
      - {operation: video, driver: async_job, path: /videos, id: /id, poll: {path: "/videos/{id}"}, status: {pointer: /status}, output: {pointer: /url}}
    models:
      - {name: film-1, operation: video, end_date: 2027-01-01, successor: film-2, source: test, price: {usd_per_second: 0.3}}
      - {name: film-2, operation: video, source: test, channel: reverse, price: {usd_per_second: 0.1}}
"""

RELAY = """
    name: relay
    title: Relay
    kind: gateway
    prefix: /v1
    operation: video
    calls:
      - {id: models, depth: reach, path: /models, proves: [edge]}
      - {id: bad, depth: accept, method: POST, path: /videos, proves: [route]}
    jobs:
      - {operation: video, driver: async_job, path: /videos, id: /id, poll: {path: "/videos/{id}"}, status: {pointer: /status}, output: {pointer: /url}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the provider files vendor.yml and relay.yml."""
    (tmp_path / "vendor.yml").write_text(dedent(VENDOR), encoding="utf-8")
    (tmp_path / "relay.yml").write_text(dedent(RELAY), encoding="utf-8")
    return tmp_path


@pytest.fixture
def catalogue() -> Catalogue:
    """The models of vendor and relay."""
    return Catalogue.of(parse_provider(dedent(text), "test.yml") for text in (VENDOR, RELAY))


@pytest.fixture
def load(folder: Path) -> Callable[[str], Config]:
    """Write a configuration into the folder and load it."""

    def write_and_load(text: str) -> Config:
        file = folder / "genmedia.yml"
        file.write_text(dedent(text), encoding="utf-8")
        return parse_config(read_config(file), str(file))

    return write_and_load


@pytest.fixture
def resolved(load: Callable[[str], Config], catalogue: Catalogue) -> Callable[..., Resolution]:
    """Load a configuration and resolve it; keywords are the environment."""
    return lambda text, **environ: resolve(load(text), environ, catalogue=catalogue)
