"""The status page: what it says, in which order, to whom, and that it cannot be turned against them."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import pytest

from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Fault, Operation, Status
from genmedia_exporter.health.state import Judgement, Snapshot, TargetState
from genmedia_exporter.report.formatting import duration, span
from genmedia_exporter.spending.forecast import forecast
from genmedia_exporter.spending.limits import Spending, SpendingLimits
from genmedia_exporter.targets.model import Cap, Target
from genmedia_exporter.web.pages.alternative import Alternatives
from genmedia_exporter.web.pages.bars import Drawings
from genmedia_exporter.web.pages.budget import money
from genmedia_exporter.web.pages.overview import Filter, count
from genmedia_exporter.web.pages.status_page import MOST_LISTED, Around, favicon, render_page
from genmedia_exporter.web.pages.style import html_headers
from genmedia_exporter.web.pages.target_rows import WORST_FIRST, groups
from tests.metrics.samples import AT, broken, healthy, snapshot, unseen
from tests.spending.helpers import paid_target
from tests.web.site import Backend, client

HOSTILE = "<script>alert(1)</script>\"'&{{ 7*7 }}"
VOID = {"meta", "link", "input"}


class Outline(HTMLParser):
    """Checks that tags are closed in order, and collects texts and attributes."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page.decode())
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def page_of(*states: TargetState) -> Outline:
    return Outline(render_page(snapshot(*states), AT + 30))


@pytest.mark.parametrize(
    ("statuses", "sentence"),
    [
        ([], "No targets yet."),
        ([Status.OPERATIONAL], "Operational."),
        ([Status.OPERATIONAL] * 3, "All 3 operational."),
        (
            [Status.OPERATIONAL, Status.DEGRADED, Status.DOWN, Status.RISK_CONTROL, Status.DOWN],
            "2 of 5 usable; 2 down, 1 risk control, 1 degraded.",
        ),
        ([Status.UNKNOWN], "0 of 1 usable; 1 unknown."),
    ],
)
def test_counts(statuses: list[Status], sentence: str) -> None:
    """One sentence says how things stand, the worst first."""
    assert count(statuses) == sentence


def test_every_status_has_its_place_in_the_order() -> None:
    """A new status cannot be forgotten in the table."""
    assert sorted(WORST_FIRST) == sorted(Status)


def test_page_tells_what_is_needed() -> None:
    """Status word, name, channel, model, reason, own words, times: worst first."""
    text = page_of(healthy("a-good"), broken("z-bad"), unseen("m-new")).text
    _, text = text.split("Targets, worst first")
    assert text.index("z-bad") < text.index("m-new") < text.rindex("a-good")
    for part in (
        "risk control",
        "reverse",
        "new-api gateway / sora-2",
        "The account pool behind it is under risk control.",
        "账号池冷却中",
        "10 min",
        "210 ms",
        "reach, 30 s ago",
        "Not probed yet.",
        "Ends 2026-12-01, in 12 days; successor sora-3.",
    ):
        assert part in text


def sound(name: str, **more: Any) -> TargetState:
    """Return a healthy target whose model has no end near: it is a line and no row."""
    state = healthy(name)
    return replace(state, target=replace(state.target, ends_at=None, **more))


def test_the_first_sentence_says_what_to_do() -> None:
    """What is broken, since when, whose fault, and what to use instead, before anything else."""
    page = page_of(sound("a-good"), broken("z-bad"))
    first = " ".join(page.text.split("As of")[0].split())
    assert "(1) Broken: z-bad, 10 min, the gateway's fault · genmedia-exporter" in first
    assert (
        "Broken: z-bad, 10 min, the gateway's fault → use a-good ($0.80 a clip) 1 of 2 usable"
        in first
    )
    two = page_of(broken("z-bad"), broken("y-bad"))
    assert "Broken: y-bad, 10 min, the gateway's fault, and 1 more" in two.text
    assert "Nothing else here makes the same." in two.text


def test_nothing_broken_needs_no_advice() -> None:
    """All well, or only unknown: the counts are the headline."""
    for states in ([sound("a")], [unseen("a")]):
        page = page_of(*states)
        assert "Broken" not in page.text
        assert "→ use" not in page.text


def test_an_alternative_makes_the_same() -> None:
    """Of the same family if there is one, else of the same operation; never itself, never a broken one."""
    bad = broken("bad")
    bad = replace(bad, target=replace(bad.target, family="sora-2"))
    other = sound("a-other", family="veo-3.1")
    same = sound("b-same", family="sora-2")
    image = sound("c-image", operation=Operation.IMAGE)

    def best(*states: TargetState) -> str:
        found = Alternatives(snapshot(bad, *states)).of(bad)
        return found.name if found else ""

    assert best(other, same, image) == "b-same"
    assert best(other, image) == "a-other"
    assert best(image, broken("worse")) == ""
    plain = replace(bad, target=replace(bad.target, model=""))
    assert Alternatives(snapshot(plain, other)).of(plain) is None


def test_healthy_channels_of_a_sick_family_stand_beside_it() -> None:
    """The family with trouble comes first, with its sound channels in one line."""
    bad = broken("bad")
    bad = replace(bad, target=replace(bad.target, family="sora-2"))
    found = groups(
        [sound("x", family="kling"), sound("ok", family="sora-2"), bad],
        AT,
        Alternatives(snapshot()),
        Drawings(),
    )
    assert [(g.family, [r.name for r in g.rows], [r.name for r in g.healthy]) for g in found] == [
        ("sora-2", ["bad"], ["ok"]),
        ("kling", [], ["x"]),
    ]


def test_of_the_same_trouble_the_newest_comes_first() -> None:
    """What has just broken is what woke the reader."""
    old, new = broken("a-old"), broken("b-new")
    assert old.last_transition is not None
    earlier = old.last_transition.at - 9_000
    old = replace(old, last_transition=replace(old.last_transition, at=earlier))
    found = groups([old, new], AT, Alternatives(snapshot()), Drawings())
    assert [row.name for group in found for row in group.rows] == ["b-new", "a-old"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, "a b"),
        ({"q": "NEW-API b"}, "b"),
        ({"q": "nobody"}, ""),
        ({"family": "sora-2"}, "a"),
        ({"channel": "reverse"}, "b"),
        ({"channel": "sideways"}, ""),
        ({"status": "operational"}, "a"),
        ({"status": "risk_control", "channel": "official"}, ""),
        ({"unheard": "of"}, "a b"),
    ],
)
def test_filter(query: dict[str, str], names: str) -> None:
    """What the link asks for is shown, all words of it; what it does not know changes nothing."""
    bad = broken("b")
    states = [sound("a", family="sora-2"), replace(bad, target=replace(bad.target, family="veo"))]
    wanted = Filter.of(query)
    assert " ".join(s.target.name for s in states if wanted.takes(s)) == names
    text = Outline(render_page(snapshot(*states), AT, wanted=wanted)).text
    assert ("No target matches. Show all 2." in " ".join(text.split())) is not bool(names)


def test_filter_over_the_wire() -> None:
    """The form keeps what was asked for, also what is hostile or has no end."""
    with client(Backend().services()) as http:
        page = http.get("/", params={"q": HOSTILE + "x" * 1_000, "status": HOSTILE})
    assert page.status_code == 200
    outline = Outline(page.content)
    assert outline.tags.count("script") == 1  # ours
    assert ("value", HOSTILE + "x" * (200 - len(HOSTILE))) in outline.attributes


def test_the_tab_counts_the_broken() -> None:
    """A number in the picture, a tick when nothing is broken; both without a foreign address."""
    assert "%3E7%3C" in favicon(7, True)
    assert "%3E99%3C" in favicon(1_000, True)
    assert quote("✓") in favicon(0, True)
    assert quote("✓") not in favicon(0, False)


def test_hostile_names_are_text() -> None:
    """Markup and template code in a name or a message reach the page as text only."""
    state = healthy()
    target = replace(state.target, name=HOSTILE, model=HOSTILE, successor=HOSTILE)
    account = replace(
        target.account, provider=target.provider.model_copy(update={"title": HOSTILE})
    )
    now = Judgement(Status.DOWN, Reason.SERVER_ERROR, Fault.PROVIDER, message=HOSTILE)
    page = page_of(replace(state, target=replace(target, account=account), now=now))
    assert "script" not in page.tags
    assert page.text.count(HOSTILE) == 9  # five in the table, two of what comes, title and headline


def test_page_is_accessible() -> None:
    """Real headers with scope, a language, a caption, and icons that are not read aloud."""
    page = page_of()
    assert ("lang", "en") in page.attributes
    # Six columns of targets and four of status pages; two targets, beside a healthy one, and one page.
    assert page.attributes.count(("scope", "col")) == 6 + 4
    assert page.attributes.count(("scope", "row")) == 2 + 1
    assert page.attributes.count(("aria-hidden", "true")) == 3 + 1
    assert "caption" in page.tags
    assert page.tags.count("h1") == 1


def test_an_empty_page_says_what_to_do() -> None:
    """Without targets a person learns the next step."""
    empty = Snapshot(AT, 1, MappingProxyType({}))
    text = Outline(render_page(empty, AT)).text
    assert "No targets yet." in text
    assert "genmedia-exporter --config.file" in text
    assert "genmedia-exporter demo" in text


def test_a_network_in_doubt_stands_above_the_table() -> None:
    """When it may be our own network the page says so before anything else."""
    text = Outline(render_page(snapshot(network_ok=False), AT)).text
    assert text.index("Our own network is in doubt.") < text.index("Targets, worst first")


def test_page_needs_nothing_from_elsewhere() -> None:
    """No script, no font, no foreign address; the style sheet is the one the policy allows."""
    page = render_page(snapshot(), AT).decode()
    loaded = re.sub(r'<a class="name" href="[^"]*" rel="noreferrer">', "", page)
    assert not re.search(r"https?://|<script|@import|url\(|src=", loaded)
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in html_headers()["Content-Security-Policy"]
    assert " style=" not in page


def test_page_over_the_wire() -> None:
    """Type and security headers are there, and gzip for those who like it."""
    with client(Backend().services()) as http:
        page = http.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"].startswith("default-src 'none';")
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["content-encoding"] == "gzip"
    assert "server" not in page.headers


def test_a_thousand_targets_are_all_there() -> None:
    """Of a large family the healthy ones are counted, behind a link that lists them; the sick are named."""
    board = snapshot(*(healthy(f"t{i:04}") for i in range(1000)), broken("sick"))
    page = Outline(render_page(board, AT))
    assert "1,000 operational" in page.text
    assert "sick" in page.text
    assert ("href", "?family=sora-2") in page.attributes
    listed = Outline(render_page(board, AT, wanted=Filter(family="sora-2"))).text
    assert sum(f"t{i:04}" in listed for i in range(1000)) == 1000


@pytest.mark.parametrize(("many", "listed"), [(MOST_LISTED, True), (MOST_LISTED + 1, False)])
def test_a_family_is_listed_up_to_so_many(many: int, listed: bool) -> None:
    """One more, and it is a link."""
    page = page_of(*(healthy(f"t{i:04}") for i in range(many)))
    assert ("t0003" in page.text) is listed


def _luminance(colour: str) -> float:
    def linear(part: str) -> float:
        value = int(part, 16) / 255
        return float(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(colour[i : i + 2]) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: str, b: str) -> float:
    dark, light = sorted((_luminance(a), _luminance(b)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
def test_contrast_is_aa(mode: int) -> None:
    """Every text colour has a contrast of 4.5 on every ground it can stand on."""
    css = (files("genmedia_exporter.web") / "static" / "status.css").read_text("utf-8")
    palette = css.split("@media (prefers-color-scheme: dark)")[mode].split("* {")[0]
    colour = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", palette))
    tones = [colour[t] for t in ("good", "warn", "bad", "ours", "plan", "gone", "quiet")]
    for text in (*tones, colour["ink"], colour["soft"], colour["link"]):
        for ground in (colour["ground"], colour["card"]):
            assert contrast(text, ground) >= 4.5, (text, ground)
    for text in (colour["bad"], colour["ink"], colour["soft"], colour["warn"]):
        assert contrast(text, colour["bad-ground"]) >= 4.5, text
    for tone in tones:
        assert contrast(colour["on"], tone) >= 4.5, tone


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-3, "0 s"), (0, "0 s"), (59.9, "59 s"), (60, "1 min"), (3599, "59 min"), (3600, "1 h"),
     (172_799, "47 h"), (172_800, "2 days")],
)  # fmt: skip
def test_span(seconds: float, text: str) -> None:
    """Ages are said in their largest fitting unit, and never as a negative number."""
    assert span(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0004, "0 ms"), (0.2124, "212 ms"), (1.44, "1.4 s"), (94.4, "94 s")]
)
def test_duration(seconds: float, text: str) -> None:
    """Latencies are said as exactly as a person can use."""
    assert duration(seconds) == text


# --- money


def money_page(spending: Spending, *targets: Target) -> Outline:
    """Return the page of a board with this spending, and this to come."""
    limits = SpendingLimits(Cap(spending.daily_usd, spending.monthly_usd))
    return Outline(
        render_page(snapshot(), AT + 30, Around(spent=money(spending, forecast(targets, limits))))
    )


def test_page_tells_what_probing_costs() -> None:
    """What is spent and left, what is to be expected, and for each target how often it runs."""
    targets = [
        paid_target("veo", 0.4),
        paid_target("cheap", 0.05, every=86_400),
        paid_target("x", 3),
    ]
    page = money_page(Spending(1.0, 0.4, 20.0, 7.25), *targets)

    text = " ".join(page.text.split())
    assert "Probing has cost $0.40 of $1.00 today and $7.25 of $20.00 this month." in text
    assert "About $0.52 a day is expected." in text
    assert "veo About 1.2 times a day instead of every 2 h. $0.40 each $0.47" in text
    assert "cheap Every 1 day. $0.05 each $0.05" in text
    assert "x Never: one costs $3.00, more than the budget of $1.00 a day. $3.00 each –" in text
    assert "switched off by hand" not in text


def test_page_of_many_generations_is_short() -> None:
    """The dearest are named, the others counted."""
    page = money_page(Spending(100, 0, 2000, 0), *(paid_target(f"t{n}", 0.01) for n in range(40)))

    assert "And 28 more." in page.text


@pytest.mark.parametrize(
    ("spending", "sentence"),
    [
        (Spending(), "Probing is free: no budget is set, so no paid probe ever runs."),
        (
            Spending(1.0, None, 20.0, None),
            "The ledger could not be read, so no paid probe runs. "
            "The budget is $1.00 a day and $20.00 a month.",
        ),
    ],
)
def test_page_without_money(spending: Spending, sentence: str) -> None:
    """No budget, or no ledger: one sentence, and no table."""
    page = money_page(spending)

    assert sentence in page.text
    assert "A day" not in page.text


def test_page_tells_that_spending_is_off() -> None:
    """Who looks sees it at the top."""
    assert "Paid probes are switched off by hand." in money_page(Spending(enabled=False)).text
