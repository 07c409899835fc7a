"""The page of one target: what it says now, how safely, and under which names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urljoin

import httpx2
import pytest

from genmedia_exporter.core.evidence import Asset
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Fault, Status
from genmedia_exporter.core.status_page import Maintenance
from genmedia_exporter.health.state import DepthState, Judgement, TargetState
from genmedia_exporter.health.uptime import Uptime
from genmedia_exporter.report.formatting import percent, size
from genmedia_exporter.status_pages.report import PageWord
from genmedia_exporter.web.pages.day_bar import SLOTS
from genmedia_exporter.web.pages.links import quoted, target_link
from genmedia_exporter.web.pages.style import css, html_headers
from genmedia_exporter.web.pages.target_facts import starred
from genmedia_exporter.web.pages.target_history import TargetHistory
from genmedia_exporter.web.pages.target_page import render_target
from tests.metrics.samples import AT, attempt, broken, healthy, page_report, snapshot, unseen
from tests.web.pages.test_status_page import HOSTILE, Outline
from tests.web.records import NOW, row
from tests.web.site import Backend, client

ODD = [
    "apiyi/veo-3.1",
    "a b",
    "视频 可灵",
    "100% sure?",
    "#1 & <b>bold</b>",
    "a//b",
    "a/../b",
    "/lead",
    "trail/",
    "dot/./x",
    "%2F",
    "x.svg",
    "a+b;c=d",
]


def page_of(state: TargetState, past: TargetHistory | None = None, **more: Any) -> Outline:
    return Page(render_target(state, snapshot(state), NOW, "../", past, **more))


class Page(Outline):
    """Also collapses the blanks of the text."""

    def __init__(self, page: bytes) -> None:
        super().__init__(page)
        self.text = " ".join(self.text.split())

    def handle_data(self, data: str) -> None:
        self.text += data + " "

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


# --- what it says now


def test_page_of_a_healthy_target() -> None:
    """Status, price, end, each depth with its phases, counts and cost."""
    text = page_of(healthy()).text
    for part in (
        "✓ operational for 2 h , since 2026-11-18 09:06:40 UTC; previously down",
        "official, with the vendor’s own keys",
        "new-api gateway (api.apiyi.example)",
        "sora-2, for video",
        "$0.10 a second",
        "Ends 2026-12-01, in 12 days; successor sora-3.",
        "none is configured for this target",
        "The invalid create was rejected, as expected.",
        "rule new-api.ok",
        "200 210 ms 30 s ago",
        "400 210 ms 1 min ago",
        "as the budget allows",
        "generate 6 h 2 $0.80 none 3 for budget",
        "reach 1 min 2 free none 2 for network",
        "reach 10 ms 20 ms 30 ms 125 ms 25 ms",
        "valid for 57 days",
    ):
        assert part in text, part
    assert "Fault" not in text


@pytest.mark.parametrize(
    ("asset", "said"),
    [
        (
            Asset("mp4", "video/mp4", 1_234_567, 1280, 720, 5.04),
            "mp4, 1280×720, 5.0 s, 1.2 MB rule",
        ),
        (Asset("webm", duration=0.5, size=12_345), "webm, 500 ms, 12 kB rule"),
        (Asset("png", size=812, width=1024, height=1024), "png, 1024×1024, 812 B rule"),
        (Asset("gif", width=3, duration=float("inf")), "gif rule"),
    ],
)
def test_what_a_generation_made(asset: Asset, said: str) -> None:
    """Kind, size in pixels, length and size in bytes, as far as they are known."""
    state = healthy()
    made = replace(state.depths[Depth.GENERATE], asset=asset)
    page = page_of(replace(state, depths={**state.depths, Depth.GENERATE: made}))
    assert f"Probe succeeded. {said} " in page.text


def test_sizes_as_people_read_them() -> None:
    """Two digits at least, and never a thousand of a unit."""
    counts = (0, 999, 1_000, 9_949, 9_950, 999_499, 999_500, 1_000_000, 2_500_000_000)
    assert [size(count) for count in counts] == [
        "0 B", "999 B", "1.0 kB", "9.9 kB", "10 kB", "999 kB", "1.0 MB", "1.0 MB", "2.5 GB",
    ]  # fmt: skip


def test_page_of_a_failing_target() -> None:
    """Why, in their words, whose fault, and the window that is open."""
    text = page_of(broken()).text
    for part in (
        "! risk control for 10 min",
        "The account pool behind it is under risk control. 账号池冷却中",
        "Fault The gateway’s",
        "A configured window is open until 2026-11-18 11:07:40 UTC: gateway upgrade",
        "✕ failure reach",
        "503",
        "1 The account pool behind it is under risk control",
        "reverse, through a pool that imitates the vendor’s client",
    ):
        assert part in text, part


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (Reason.INVALID_KEY, "Ours: account, key or credit"),
        (Reason.DNS_FAILURE, "Ours: the network, or the request"),
        (Reason.SERVER_ERROR, "The vendor’s, behind the gateway"),
        (Reason.NO_EVIDENCE, "Nobody’s"),
    ],
)
def test_fault_is_said_in_words(reason: Reason, text: str) -> None:
    """Whose it is stands there for each kind."""
    meaning = reason.meaning
    now = Judgement(meaning.status, reason, meaning.fault)
    assert f"Fault {text}" in page_of(replace(healthy(), now=now)).text


def test_page_of_a_retired_target() -> None:
    """The end is told as past."""
    state = healthy()
    now = Judgement(Status.RETIRED, Reason.END_DATE_PASSED, Fault.PROVIDER)
    state = replace(state, target=replace(state.target, ends_at=AT - 864_000), now=now)
    text = page_of(state).text
    assert "Ended 2026-11-08, 10 days ago; successor sora-3." in text
    assert "Past its announced end date." in text


def test_page_of_a_target_never_probed() -> None:
    """Nothing is invented."""
    text = page_of(unseen()).text
    for part in ("? unknown", "Not probed yet.", "? not yet reach", "soon", "Price not known"):
        assert part in text


def test_what_a_depth_has_against_it() -> None:
    """Stopped, expired, slow, told to stay away, and unknown since a restart."""
    bad = attempt(Reason.RATE_LIMITED, 429)
    bad = replace(bad, slow=True, verdict=replace(bad.verdict, retry_after=600.0))
    taken = Reason.ACCEPTED_UNEXPECTEDLY
    depths = {
        Depth.REACH: DepthState(recent=(bad,), total=1, median=0.1),
        Depth.ACCEPT: DepthState(total=5, last_at=AT - 7200, disabled=taken),
    }
    text = page_of(replace(healthy(), depths=depths)).text
    assert "Expired." in text
    assert "Much slower than its baseline." in text
    assert "usually 100 ms" in text
    assert "Retry-After: the service asked us to wait 9 min more." in text
    assert "in 9 min" in text
    assert f"not since the restart accept – {taken.meaning.text}" in text
    assert "2 h ago never" in text


def test_the_vendors_page_is_set_beside_it() -> None:
    """What it says of the component, whether we agree, and what it announces."""
    report = page_report()
    assert report.reading is not None
    component = report.reading.components[0]
    state = healthy()
    state = replace(state, target=replace(state.target, page=("openai", "Images")))
    word = PageWord(False, component, report.reading.incidents[0])
    differing = page_of(replace(state, page=replace(state.page, word=word)))
    said = 'openai reports “Images”: partial outage, with the incident “Slow "images"”'
    assert f"Status page {said} Our probes disagree." in differing.text
    assert ("href", "https://s.example") in differing.attributes
    assert "Announced from 2026-11-18 12:06:40 UTC: Moving" in differing.text
    agreeing = replace(state.page, word=word, agreement=1, page_unhealthy_since=AT)
    text = page_of(replace(state, page=agreeing)).text
    assert "Our probes agree, and detected it 1 min earlier." in text
    running = Maintenance("m", "Upgrade", AT, AT + 60, running=True)
    during = replace(state.page, word=replace(word, maintenance=running))
    text = page_of(replace(state, page=during)).text
    assert "In progress by their status page until 2026-11-18 11:07:40 UTC: Upgrade" in text
    gone = replace(state, target=replace(state.target, page=("other", "X")))
    assert "other could not be read yet" in page_of(gone).text


def test_uptime_and_stars() -> None:
    """Each window with how much of it is known."""
    known = {"1h": Uptime(3600, 3600, 3600), "24h": Uptime(5000, 5001, 86_400)}
    text = page_of(healthy(), known=(known, 4)).text
    assert "1 h 100 % 24 h 99.98 % 6 % known 7 days – no data" in text
    assert "★★★★☆ stability 4 of 5, over 7 days" in text
    assert starred(0)[0] == ""
    assert [percent(r) for r in (1.0, 0.99999, 0.5, 0.075, 0.0)] == [
        "100 %", "99.99 %", "50 %", "7.5 %", "0 %",
    ]  # fmt: skip


# --- safe, and for everybody


def test_hostile_words_are_text() -> None:
    """Markup in names, messages and stored words stays text."""
    state = healthy()
    account = replace(state.target.account, name=HOSTILE)
    target = replace(state.target, name=HOSTILE, account=account, successor=HOSTILE)
    now = Judgement(Status.DOWN, Reason.SERVER_ERROR, Fault.PROVIDER, message=HOSTILE)
    bad = row(1, status=HOSTILE, reason=HOSTILE, message=HOSTILE, depth=HOSTILE, id=2)
    past = TargetHistory(probes=[bad], day=[bad, row(2, id=1)], older=1)
    page = page_of(replace(state, target=target, now=now), past)
    assert "script" not in page.tags
    assert page.text.count(" ".join(HOSTILE.split())) >= 8


def test_page_is_accessible() -> None:
    """One heading of the first kind, headers with scope, landmarks, a picture that is told in words."""
    page = page_of(healthy(), TargetHistory(probes=[row(1, id=1)], day=[row(1, id=1)]))
    assert page.tags.count("h1") == 1
    for landmark in ("header", "main", "footer", "nav", "h2", "caption"):
        assert landmark in page.tags
    assert page.tags.count("th") == sum(name == "scope" for name, _ in page.attributes)
    (label,) = [v for n, v in page.attributes if n == "aria-label" and v and "half hours" in v]
    assert label == "Of the last 48 half hours: 1 without failures, 47 without data."
    # The page, half hours, phases of two calls and of a generation, one status over the month.
    assert page.tags.count("title") == 1 + SLOTS + 2 * 5 + 8 + 1


def test_page_needs_nothing_from_elsewhere() -> None:
    """No script, no foreign address, no inline style; the policy allows the sheet that is there."""
    page = render_target(healthy(), snapshot(), NOW).decode()
    assert not re.search(r"https?://|<script|@import|url\(|src=| style=", page)
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style == css("status", "target")
    assert html_headers(style) != html_headers()
    assert not re.search(r"#[0-9a-f]{3,6}\b", css("target"))  # the palette is held elsewhere


# --- names


@pytest.fixture(scope="module")
def odd() -> Iterator[httpx2.Client]:
    """A site behind a prefix, with names that need care."""
    backend = Backend(board=snapshot(*(healthy(name) for name in ODD)))
    with client(backend.services(route_prefix="/gm/x")) as http:
        yield http


@pytest.mark.parametrize("name", ODD)
def test_any_name_leads_to_its_page(odd: httpx2.Client, name: str) -> None:
    """From the status page, over the address as a browser resolves it, and back."""
    for written in (target_link(name), f"targets/{quote(name, safe='')}"):
        url = urljoin(str(odd.base_url) + "/gm/x/", written)
        page = odd.get(url)
        assert page.status_code == 200
        outline = Page(page.content)
        assert outline.text.startswith(f"{name}: operational")
        links = [v for n, v in outline.attributes if n == "href" and v and v.startswith("../")]
        reached = {urljoin(url, link).removeprefix(str(odd.base_url)) for link in links}
        assert "/gm/x/" in reached
        assert all(link.startswith("/gm/x/") for link in reached)
        for link in reached:
            if "/probe?" not in link:
                assert odd.get(link).status_code in (200, 503), link
    assert odd.get(f"/gm/x/probe?debug=true&target={quote(name)}").status_code == 200


def test_status_page_links_to_each(odd: httpx2.Client) -> None:
    """Every name is a link."""
    found = re.findall(r'href="(targets/[^"]*)"', odd.get("/gm/x/").text)
    assert sorted(found) == sorted(target_link(name) for name in ODD)


def test_slashes_stay_where_they_can() -> None:
    """Only what a browser or a proxy would tidy away is encoded."""
    assert quoted("a/b c") == "a/b%20c"
    assert quoted("a//b") == "a%2F%2Fb"
    assert quoted("../b") == "..%2Fb"


def test_an_unknown_name_is_told_what_is_alike(odd: httpx2.Client) -> None:
    """404 in the house's style, with links that work, escaped."""
    answer = odd.get("/gm/x/targets/apiyi/veo-3.2")
    assert answer.status_code == 404
    assert answer.headers["content-security-policy"].startswith("default-src 'none';")
    assert answer.headers["cache-control"] == "no-store"
    assert '<a href="../../targets/apiyi/veo-3.1">apiyi/veo-3.1</a>' in answer.text
    hostile = odd.get("/gm/x/targets/" + quote(HOSTILE, safe=""))
    assert hostile.status_code == 404
    assert "script" not in Page(hostile.content).tags
    assert odd.get("/gm/x/targets/").status_code == 404
    assert odd.get("/gm/x/targets/" + "x" * 5000).status_code == 404
