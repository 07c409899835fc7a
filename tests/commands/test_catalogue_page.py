"""CATALOGUE.md is what `catalogue --format markdown` prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from genmedia_exporter.cli import main
from genmedia_exporter.providers.loader import provider_names

PAGE = Path(__file__).parent.parent.parent / "CATALOGUE.md"


def test_the_page_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever changes a provider file prints the page again."""
    assert main(["catalogue", "--format", "markdown"]) == 0
    made = capsys.readouterr().out
    assert made == PAGE.read_text("utf-8"), (
        "run: genmedia-exporter catalogue --format markdown > CATALOGUE.md"
    )


def test_it_has_every_provider() -> None:
    """A row each, at least thirty-five of them."""
    page = PAGE.read_text("utf-8")
    assert [n for n in provider_names() if f"| {n} |" not in page and f"| [{n}]" not in page] == []
    assert len(provider_names()) >= 35
