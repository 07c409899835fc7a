"""Which language is spoken, and how it writes numbers, dates and lengths of time."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Status
from genmedia_exporter.health.state import Snapshot
from genmedia_exporter.report.formatting import absolute, duration, exact, percent, short_day, span
from genmedia_exporter.spending.limits import dollars
from genmedia_exporter.web.pages.status_page import render_page
from genmedia_exporter.web.pages.target_page import render_target
from genmedia_exporter.words.language import (
    Word,
    best,
    decimal,
    language,
    languages,
    plural,
    say,
    speaking,
)
from tests.metrics.samples import AT, healthy
from tests.web.site import Backend, client
from tests.words.used import in_lists, in_templates


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "en"),
        ("es", "es"),
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("zh-CN,zh;q=0.9", "zh-Hans"),
        ("zh", "zh-Hans"),
        ("ZH-hans-cn", "zh-Hans"),
        ("fr,de;q=0.9", "en"),
        ("fr, es;q=0.5, en;q=0.4", "es"),
        ("en;q=0.4, es;q=0.5", "es"),
        ("es;q=0, en", "en"),
        ("es;q=0", "en"),
        ("*", "en"),
        ("es;q=x, zh;q=0.1", "zh-Hans"),
        ("es-" * 9_999, "es"),
        (", ;;,=", "en"),
    ],
)
def test_what_a_browser_likes_best(header: str, code: str) -> None:
    """The language it weighs most of those there are; nonsense is passed over."""
    assert best(header) == code


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        (
            "en",
            ["1,234.5", "9,999", "99.98 %", "$0.40", "$1,234.00", "$0.0042", "2 days", "1.4 s"],
        ),
        (
            "es",
            ["1234,5", "9999", "99,98 %", "0,40 US$", "1234,00 US$", "0,0042 US$", "2 días", "1,4 s"],
        ),
        (
            "zh-Hans",
            ["1,234.5", "9,999", "99.98%", "US$0.40", "US$1,234.00", "US$0.0042", "2 天", "1.4 秒"],
        ),
    ],
)  # fmt: skip
def test_numbers_money_and_time(code: str, texts: list[str]) -> None:
    """As the language writes them."""
    with speaking(code):
        assert texts == [
            decimal(1234.5, 1),
            decimal(9_999),
            percent(0.9998),
            dollars(0.4),
            dollars(1234.0),
            dollars(0.0042),
            span(2 * 86_400),
            duration(1.44),
        ]


@pytest.mark.parametrize(
    ("code", "long", "short"),
    [
        ("en", "2026-03-01 08:05:09 UTC", "03-01"),
        ("es", "01/03/2026 08:05:09 UTC", "01/03"),
        ("zh-Hans", "2026年3月1日 08:05:09 UTC", "3月1日"),
    ],
)
def test_dates(code: str, long: str, short: str) -> None:
    """Day and month stand where the reader expects them."""
    at = Unix(1_772_352_309.0)
    with speaking(code):
        assert (absolute(at), short_day(at)) == (long, short)


def test_thousands_in_spanish() -> None:
    """Four digits stand together, five do not."""
    with speaking("es"):
        assert (decimal(9_999), decimal(10_000)) == ("9999", "10.000")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.5, "500 ms"), (1, "1 s"), (90, "1 min 30 s"), (21_600, "6 h"), (90_000, "1 day 1 h")],
)
def test_configured_lengths_in_full(seconds: float, text: str) -> None:
    """Nothing is rounded away."""
    assert exact(seconds) == text


def test_plurals() -> None:
    """One is one; Chinese has a single form."""
    for code, texts in (
        ("en", ["0 days", "1 day", "2 days"]),
        ("es", ["0 días", "1 día", "2 días"]),
        ("zh-Hans", ["0 天", "1 天", "2 天"]),
    ):
        with speaking(code):
            assert [plural(n, "{n} day", "{n} days") for n in range(3)] == texts


def test_a_language_is_spoken_within_its_block_only() -> None:
    """Also in the threads that a task asks, and not in other tasks."""

    async def scenario() -> None:
        async def of_another() -> str:
            await asyncio.sleep(0)
            return language().code

        other = asyncio.create_task(of_another())
        with speaking("es"):
            assert await asyncio.to_thread(say, "operational") == "Operativo"
            assert await other == "en"
        assert say("operational") == "operational"

    asyncio.run(scenario())


def test_what_has_no_translation_stays() -> None:
    """A word of a newer version, or hostile text, is no reason to fail."""
    with speaking("es"):
        assert say("of tomorrow {x}") == "of tomorrow {x}"


def of_every_kind() -> Snapshot:
    """Return a board with each status, and with each reason."""
    state, found = healthy(), {}
    for number, reason in enumerate(Reason):
        name = f"t{number}"
        now = replace(
            state.now,
            status=tuple(Status)[number % len(Status)],
            reason=reason,
            fault=reason.meaning.fault,
        )
        found[name] = replace(state, target=replace(state.target, name=name), now=now)
    return Snapshot(AT, 1, MappingProxyType(found))


def forms(word: Word) -> list[str]:
    return [word] if isinstance(word, str) else list(word.values())


@pytest.mark.parametrize("code", ["es", "zh-Hans"])
def test_pages_speak_one_language(code: str) -> None:
    """No sentence of the English pages is left on them."""
    words = languages()[code].words
    english = {
        text
        for _, text in (*in_lists(), *in_templates())
        if len(text) > 9 and "{" not in text and text not in forms(words[text])
    }
    board = of_every_kind()
    with speaking(code):
        pages = [render_page(board, AT)]
        pages += [render_target(state, board, AT) for state in list(board.targets.values())[::7]]
    for page in pages:
        text = re.sub(
            r'(?s)<style>.*?</style>| (value|href|data-\w+|class)="[^"]*"', "", page.decode()
        )
        assert f'<html lang="{code}">' in page.decode()
        left = {
            one for one in english if re.search(rf"(?<![\w/=-]){re.escape(one)}(?![\w=-])", text)
        }
        assert left == set()


def test_the_switch_is_remembered(tmp_path: Path) -> None:
    """A link chooses, a cookie remembers, both before what the browser likes; nonsense is passed over."""
    with client(Backend().services()) as http:
        plain = http.get("/", headers={"accept-language": "zh-CN"})
        assert '<html lang="zh-Hans">' in plain.text
        assert {"accept-language", "cookie"} <= set(plain.headers["vary"].lower().split(", "))
        assert "set-cookie" not in plain.headers
        chosen = http.get("/?q=x&lang=es", headers={"accept-language": "zh-CN"})
        assert '<html lang="es">' in chosen.text
        assert "?q=x&amp;lang=zh-Hans" in chosen.text
        cookie = chosen.headers["set-cookie"]
        assert cookie.startswith("lang=es; ")
        assert "path=/;" in cookie.lower()
        again = http.get("/targets/sora-2-official", headers={"accept-language": "zh-CN"})
        assert '<html lang="es">' in again.text  # the client kept the cookie
        assert '<html lang="es">' in http.get("/?lang=xx").text
        http.cookies.clear()
        hostile = http.get("/", headers={"cookie": 'lang="><script>'})
        assert '<html lang="en">' in hostile.text
        missing = http.get("/targets/nobody", headers={"accept-language": "es"})
        assert missing.status_code == 404
        assert "Objetivo desconocido" in missing.text


def test_programs_are_answered_in_english() -> None:
    """Whatever language their user likes."""
    with client(Backend().services()) as http:
        spanish = {"accept-language": "es"}
        assert (
            http.get("/api/v1/status", headers=spanish).json() == http.get("/api/v1/status").json()
        )
