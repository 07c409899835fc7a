"""What the status page weighs, also with many targets: it is read on phones."""

from __future__ import annotations

import gzip

import pytest

from genmedia_exporter.web.pages.bars import Drawings
from genmedia_exporter.web.pages.page_cache import LEVEL
from genmedia_exporter.web.pages.status_page import Around, render_page
from genmedia_exporter.words.language import languages, speaking
from tests.metrics.samples import AT
from tests.web.fleet import fleet, past


@pytest.mark.parametrize("code", list(languages()))
def test_two_hundred_targets_weigh_little(code: str) -> None:
    """Less than 60 kB as they are sent, with a quarter of a year of each."""
    board = fleet()
    with speaking(code):
        page = render_page(board, AT, Around(Drawings(past(board))))
    assert len(gzip.compress(page, LEVEL, mtime=0)) < 60_000
