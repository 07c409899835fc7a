"""Examples in the documents that are true today: none of them watches a model that has ended."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from genmedia_exporter.core.clock import SystemClock
from genmedia_exporter.providers.loader import load_provider, provider_names
from genmedia_exporter.targets.source import ConfigSource
from tests.yaml_files import parse_yaml

ROOT: Final = Path(__file__).parent.parent
PAGES: Final = (ROOT / "README.md", ROOT / "docs" / "configuration.md")


def examples() -> list[tuple[str, str]]:
    """Return every whole configuration in the pages, with the page's name."""
    found = []
    for page in PAGES:
        for block in re.findall(r"^```yaml\n(.*?)^```", page.read_text("utf-8"), re.M | re.S):
            document = parse_yaml(block) or {}
            if "targets" in document and "accounts" in document:
                found.append((page.name, block))
    return found


def test_there_is_an_example_on_each_page() -> None:
    """Else the next test would hold nothing."""
    assert {name for name, _ in examples()} == {page.name for page in PAGES}


@pytest.mark.parametrize(("page", "block"), examples())
def test_no_example_watches_a_model_that_has_ended(page: str, block: str, tmp_path: Path) -> None:
    """Whoever copies it today, by the machine's clock, watches something that is there.

    The catalogue decides, the vendor's file as well as the gateway's own.
    """
    for secret in re.findall(r"file: (\w[\w/.-]*)", block):
        (tmp_path / secret).parent.mkdir(exist_ok=True)
        (tmp_path / secret).write_text("key", "utf-8")
    path = tmp_path / "genmedia.yml"
    path.write_text(block, "utf-8")
    clock = SystemClock()
    source = ConfigSource(path, dict.fromkeys(re.findall(r"env: (\w+)", block), "key"), clock)
    source.load()
    entries = [entry for name in provider_names() for entry in load_provider(name).models]

    for target in filter(lambda each: each.model, source.resolution.targets):
        known = [entry.ends_at for entry in entries if target.model in (entry.name, *entry.aliases)]
        assert known, f"{page}: {target.model} is not in the catalogue"
        ended = [ends for ends in known if ends is not None and ends <= clock.now()]
        assert not ended, f"{page}: {target.model} has ended"
        assert target.ends_at is None or target.ends_at > clock.now(), f"{page}: {target.name}"
