"""The story of a target: its drawings, its generations, what the catalogue knows, where to go on."""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from genmedia_exporter.core.clock import DAY
from genmedia_exporter.core.evidence import PHASE_NAMES
from genmedia_exporter.core.status import Depth, Status
from genmedia_exporter.health.uptime import Uptime
from genmedia_exporter.providers.schema import ModelEntry
from genmedia_exporter.web.look import Look, chosen, looking
from genmedia_exporter.web.pages.drawings import (
    CHART_HEIGHT,
    QUARTER,
    WIDTH,
    chart,
    days_of,
    phase_bars,
    timeline,
)
from genmedia_exporter.web.pages.story import RUNBOOK, story
from genmedia_exporter.web.pages.target_history import TargetHistory
from tests.metrics.samples import AT, broken, healthy
from tests.web.site import Backend, client, kept_failure

RUNBOOKS = Path(__file__).parents[3] / "alerts" / "runbooks"


def change(days_ago: float, previous: str | None, current: str) -> dict[str, Any]:
    return {"at": AT - days_ago * DAY, "previous": previous, "current": current}


def probe(ago: float, seconds: float = 0.2, message: str | None = None) -> dict[str, Any]:
    return {"at": AT - ago, "depth": "reach", "duration": seconds, "message": message}


def test_the_month_in_statuses() -> None:
    """From the status before the first change until now, each as wide as it lasted."""
    changes = [change(3, "down", "operational"), change(15, "operational", "down")]
    parts = timeline(healthy(), changes, AT)
    assert [(part.kind, part.left, part.width) for part in parts] == [
        ("good", 0.0, WIDTH / 2),
        ("bad", WIDTH / 2, WIDTH * 0.4),
        ("good", WIDTH * 0.9, WIDTH * 0.1),
    ]
    assert parts[1].title.startswith("down from 2026-11-03 ")
    assert parts[1].title.endswith(", for 12 days")


def test_a_status_of_a_moment_is_seen() -> None:
    """However short, and within the drawing."""
    (part,) = timeline(replace(healthy(), last_transition=None, added_at=AT - 9), [], AT)
    assert part.width >= 3
    assert part.left + part.width <= WIDTH


def test_days_one_by_one() -> None:
    """Each with its date and what is known."""
    days = [Uptime(window=DAY), Uptime(DAY, DAY, DAY), Uptime(0.0, DAY / 2, DAY)]
    parts = days_of(days, AT)
    assert [part.kind for part in parts] == ["unknown", "up", "down"]
    assert [part.title for part in parts] == [
        "2026-11-16: no data",
        "2026-11-17: 100 % up",
        "2026-11-18: 0 % up, 50 % known",
    ]


def test_response_times_beside_what_is_usual() -> None:
    """Medians of quarter hours, broken where none is known; failures apart; the usual as a line."""
    state = healthy()
    usual = replace(state.depths[Depth.REACH], median=0.1)
    state = replace(state, depths={**state.depths, Depth.REACH: usual})
    records = [
        probe(10),
        probe(20, 0.4),
        probe(QUARTER * 1.5, message="502"),
        probe(QUARTER * 2.5),
    ]
    drawn = chart(state, records, AT)
    assert drawn is not None
    assert drawn.path.count("M") == 2
    assert drawn.top == "300 ms"
    assert drawn.usual == round(CHART_HEIGHT - (CHART_HEIGHT - 4) / 3)
    assert [part.title.partition(": ")[2] for part in drawn.failures] == ["1 failed probe"]
    assert drawn.words == (
        "Between 200 ms and 300 ms in the last 24 hours; usually 100 ms; 1 failed probe."
    )
    assert chart(state, [probe(2 * DAY)], AT) is None
    assert chart(state, [{**probe(10), "depth": "generate"}], AT) is None


def test_phases_fill_the_bar() -> None:
    """In their order, each as wide as its share."""
    parts = phase_bars(healthy(), Depth.REACH)
    assert [part.kind for part in parts] == list(PHASE_NAMES[:5])
    assert sum(part.width for part in parts) == pytest.approx(WIDTH, abs=1)
    assert parts[3].title == "processing: 125 ms"
    assert phase_bars(broken(), Depth.ACCEPT) == []


def test_every_status_but_the_good_one_has_a_runbook() -> None:
    """One that is there."""
    assert set(RUNBOOK) == set(Status) - {Status.OPERATIONAL}
    for name in RUNBOOK.values():
        assert (RUNBOOKS / f"{name}.md").is_file()
    assert story(broken(), TargetHistory(), AT).runbook.endswith("/GenmediaTargetRiskControl.md")
    assert story(healthy(), TargetHistory(), AT).runbook == ""


def test_generations_and_catalogue() -> None:
    """The latest first; with the names and the source of the model."""
    state = healthy()
    entry = ModelEntry.model_validate(
        {
            "name": "sora-2",
            "operation": "video",
            "aliases": ["sora-2-2026"],
            "end_date": "2026-12-01",
            "end_date_certain": False,
            "successor": "sora-3",
            "source": "https://example.org/models",
            "checked": "2026-11-01",
        }
    )
    account = state.target.account
    provider = account.provider.model_copy(update={"models": (entry,)})
    account = replace(account, provider=provider)
    told = story(replace(state, target=replace(state.target, account=account)), TargetHistory(), AT)
    assert [row.took for row in told.generations] == ["94 s", "210 ms"]
    assert [(fact.term, fact.text, fact.aside) for fact in told.catalogue] == [
        ("Family", "sora-2", ""),
        ("Also called", "sora-2, sora-2-2026", ""),
        ("End", "2026-12-01", "not certain"),
        ("Successor", "sora-3", ""),
        ("Source", "https://example.org/models", "checked 2026-11-01"),
    ]
    assert told.catalogue[-1].url == "https://example.org/models"


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("", ""),
        ("https://g.example/d/x", "https://g.example/d/x?var-target=a%2F%22b"),
        ("https://g.example/d/x?orgId=1", "https://g.example/d/x?orgId=1&var-target=a%2F%22b"),
        ("https://g.example/{target}/now", "https://g.example/a%2F%22b/now"),
    ],
)
def test_dashboards(url: str, link: str) -> None:
    """The name is put in, or added; a hostile one stays a name."""
    with looking(Look(dashboard_url=url)):
        state = healthy()
        state = replace(state, target=replace(state.target, name='a/"b'))
        assert story(state, TargetHistory(), AT).dashboard == link


def test_an_operator_chooses_how_pages_look(tmp_path: Path) -> None:
    """Title, logo and style sheet are on every page, and the policy allows them."""
    logo, sheet = tmp_path / "acme.svg", tmp_path / "acme.css"
    logo.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    sheet.write_text("h1 { color: rebeccapurple; }\r\n")
    look = chosen("ACME <status>", logo, sheet, "https://g.example/")
    with client(Backend().services(look=look)) as http:
        for path in ("/", "/targets/sora-2-official", "/targets/nobody", "/incidents"):
            page = http.get(path)
            assert "ACME &lt;status&gt;" in page.text, path
            assert "rebeccapurple" in page.text
            style = page.text.partition("<style>")[2].partition("</style>")[0]
            assert _policy_allows(page.headers["content-security-policy"], style)
        home = http.get("/").text
        source = home.partition('<img class="logo" src="')[2].partition('"')[0]
        picture = http.get("/" + source)
        assert picture.headers["content-type"] == "image/svg+xml"
        assert "default-src 'none'" in picture.headers["content-security-policy"]


def _policy_allows(policy: str, style: str) -> bool:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"'sha256-{digest}'" in policy


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.gif", b"GIF89a", "--web.logo must be one of .svg, .png, .jpg, .jpeg, .webp"),
        ("none.svg", None, "cannot be read: No such file or directory"),
        ("big.png", b"x" * (256 * 1024 + 1), "larger than 256 KiB"),
        ("a.css", b"</style><script>", "--web.css must not contain '<'"),
        ("b.css", b"\xff", "--web.css is not UTF-8"),
    ],
)
def test_files_that_cannot_be_shown(
    tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    """Are refused at the start, with one sentence."""
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    is_css = name.endswith(".css")
    with pytest.raises(ValueError, match=said.replace(".", r"\.")):
        chosen("", None if is_css else file, file if is_css else None, "")


def test_a_pipe_that_nobody_writes_to(tmp_path: Path) -> None:
    """Is refused as well, and does not keep the exporter waiting for ever."""
    os.mkfifo(tmp_path / "a.css")
    with pytest.raises(ValueError, match="a named pipe that nobody writes to"):
        chosen("", None, tmp_path / "a.css", "")


def test_a_dashboard_is_a_web_address() -> None:
    """Nothing that a browser would run."""
    with pytest.raises(ValueError, match="must begin with http"):
        chosen("", None, None, "javascript:alert(1)")


def test_what_was_answered_is_told() -> None:
    """Redacted, with the rule that decided; markup is text."""
    services = Backend().services(failures=lambda _name: [kept_failure("sora-2-official")])
    with client(services) as http:
        page = http.get("/targets/sora-2-official").text
    assert "what was answered" in page
    assert "rule new-api.server_error" in page
    assert "sk-canary" not in page
