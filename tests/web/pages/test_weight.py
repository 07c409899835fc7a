"""What the status page weighs, also with many targets: it is read on phones."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from genmedia_exporter.web.http.streams import MAX_OF_CLIENT, MAX_STREAMS
from genmedia_exporter.web.look import MAX_FILE
from genmedia_exporter.web.pages.bars import Drawings
from genmedia_exporter.web.pages.page_cache import FRESH_SECONDS, LEVEL
from genmedia_exporter.web.pages.status_page import MOST_LISTED, Around, render_page
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


def test_the_docs_tell_the_limits() -> None:
    """As the code holds them; and twelve questions with their answers."""
    doc = (Path(__file__).parents[3] / "docs" / "status-page.md").read_text("utf-8")
    assert f"At most {MAX_STREAMS} pages are followed at once, {MAX_OF_CLIENT} from one" in doc
    assert f"more than {MOST_LISTED} healthy targets" in doc
    assert f"at most {MAX_FILE // 1024} KiB" in doc
    assert FRESH_SECONDS == 5
    assert len(re.findall(r"^\| \d+ \| [^|]+\? \| [^|]+ \| (first|tap)", doc, re.MULTILINE)) == 12
