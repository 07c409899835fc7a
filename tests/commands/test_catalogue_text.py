"""`catalogue` as people read it, whatever the width of their terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from genmedia_exporter.cli import main
from genmedia_exporter.commands.catalogue import print_providers
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.providers.loader import load_provider


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_names_stay_whole_at_any_width(width: int) -> None:
    """A model's name is what one copies from it: it is never folded or cut."""
    fal, out = load_provider("fal"), io.StringIO()

    print_providers(Console(width=width, file=out, force_terminal=False), [fal], Unix(0.0))

    words = out.getvalue().split()
    assert [m.name for m in fal.models if m.name not in words] == []


def test_a_wide_terminal_has_a_table_and_a_narrow_one_paragraphs() -> None:
    """Both tell the same of a model."""
    fal, wide, narrow = load_provider("fal"), io.StringIO(), io.StringIO()

    print_providers(Console(width=200, file=wide), [fal], Unix(0.0))
    print_providers(Console(width=80, file=narrow), [fal], Unix(0.0))

    assert "model " in wide.getvalue()
    assert "family flux-1-schnell, image, official, $0.003" in narrow.getvalue()
    assert max(len(line.rstrip()) for line in narrow.getvalue().splitlines()) <= 80


def test_a_pipe_has_the_table_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever searches it finds every model on a line with all that is known."""
    assert main(["catalogue"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert "…" not in "".join(lines)
    assert any(line.split()[:2] == ["fal-ai/flux/schnell", "flux-1-schnell"] for line in lines)
