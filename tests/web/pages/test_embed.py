"""The frame for other pages: what it tells, that it may be framed, and that nothing else may."""

from __future__ import annotations

import pytest

from genmedia_exporter.web.pages.embed import SHOWN
from tests.metrics.samples import broken, healthy, snapshot
from tests.web.pages.test_status_page import HOSTILE
from tests.web.site import Backend, client


def test_it_tells_what_is_broken_and_links_to_it() -> None:
    """In a window of its own, for the frame is small."""
    board = snapshot(broken("veo reverse"), healthy("sora"))
    with client(Backend(board=board).services()) as site:
        text = site.get("/embed").text
    assert "Broken: veo reverse" in text
    assert 'href="targets/veo%20reverse" target="_blank"' in text
    assert '<h1><a href="./" target="_blank"' in text
    assert "1 of 2 usable" in text
    assert "sora</a>" not in text


def test_it_may_be_framed_and_no_other_page() -> None:
    """Styles and scripts are as strictly ours as elsewhere."""
    with client(Backend().services()) as site:
        framed, page = site.get("/embed"), site.get("/")
    assert "frame-ancestors" not in framed.headers["content-security-policy"]
    assert "x-frame-options" not in framed.headers
    assert "script-src 'self';" in framed.headers["content-security-policy"]
    assert page.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


def test_it_filters_as_the_status_page_does_and_keeps_the_filter() -> None:
    """The headline is that of what is shown."""
    board = snapshot(broken("veo reverse"), healthy("sora"))
    with client(Backend(board=board).services()) as site:
        text = site.get("/embed?status=operational&lang=es").text
    assert "Operativo." in text
    assert 'href="./?status=operational"' in text
    assert "veo reverse" not in text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?family=nobody", "No target matches."),
        ("?status=retired&lang=es", "Ningún objetivo coincide."),
    ],
)
def test_a_filter_that_takes_none_says_so(query: str, said: str) -> None:
    """There are targets; that none is shown is no news of them."""
    with client(Backend(board=snapshot(healthy("sora"))).services()) as site:
        text = site.get(f"/embed{query}").text
    assert said in text
    assert "No targets yet." not in text


@pytest.mark.parametrize(("many", "more"), [(SHOWN, ""), (SHOWN + 1, "And 1 more.")])
def test_it_stays_small(many: int, more: str) -> None:
    """The worst are listed, the others counted."""
    board = snapshot(*(broken(f"t{number}") for number in range(many)))
    with client(Backend(board=board).services()) as site:
        text = site.get("/embed").text
    assert text.count("<li") == SHOWN
    assert ("more." in text) == bool(more)
    assert more in text


def test_hostile_names_are_texts() -> None:
    """As everywhere."""
    with client(Backend(board=snapshot(broken(HOSTILE))).services()) as site:
        assert HOSTILE not in site.get("/embed").text
