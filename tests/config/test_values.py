"""Durations, times, names, URLs and globs as people write them."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genmedia_exporter.config.globs import Globs
from genmedia_exporter.config.values import (
    check_model,
    check_name,
    check_url,
    format_duration,
    format_time,
    parse_duration,
    parse_secret_source,
    parse_time,
    quote,
)


@given(st.integers(min_value=1, max_value=10**14))
def test_duration_round_trip(milliseconds: int) -> None:
    """What is written is read back, to the millisecond."""
    seconds = milliseconds / 1000

    assert parse_duration(format_duration(seconds)) == pytest.approx(seconds, abs=0.0005)


@given(st.one_of(st.text(), st.from_regex(r"[0-9]{1,4}(ms|[smhd])", fullmatch=True)))
def test_arbitrary_duration(text: str) -> None:
    """A text is a duration of zero or more seconds, or a ValueError."""
    with contextlib.suppress(ValueError):
        assert parse_duration(text) >= 0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("500ms", 0.5), ("10s", 10), ("1m30s", 90), ("1h30m", 5400), ("1d", 86400), ("1s5ms", 1.005)],
)
def test_durations(text: str, seconds: float) -> None:
    """Units add up, larger ones first."""
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "s", "10", "10 s", "-5s", "30m1h", "1s1s", "１s", "1.5h"])
def test_no_durations(text: str) -> None:
    """Anything else is refused with an example."""
    with pytest.raises(ValueError, match="write it like 500ms"):
        parse_duration(text)


def test_bare_number() -> None:
    """A number without unit is refused with what was probably meant."""
    with pytest.raises(ValueError, match="write 60s, or use ms, m, h, d"):
        parse_duration(60)


@pytest.mark.parametrize(
    "value",
    [
        "2026-12-01T02:00:00Z",
        "2026-12-01 10:00:00+08:00",
        datetime(2026, 12, 1, 2, tzinfo=UTC),
        datetime(2026, 12, 1, 10, tzinfo=timezone(timedelta(hours=8))),
    ],
)
def test_times(value: object) -> None:
    """Text and the objects that YAML libraries make of it mean the same instant, in UTC."""
    assert format_time(parse_time(value)) == "2026-12-01T02:00:00Z"


@pytest.mark.parametrize(
    ("value", "way_out"),
    [
        ("2026-12-01T02:00:00", "write 2026-12-01T02:00:00Z for UTC"),
        (datetime(2026, 12, 1, 2), "write 2026-12-01T02:00:00Z for UTC"),  # naive on purpose
        ("2026-12-01", "write 2026-12-01T00:00:00Z"),
        (date(2026, 12, 1), "write 2026-12-01T00:00:00Z"),
        ("soon", "write it like 2026-12-01T02:00:00Z"),
        ("0001-01-01T00:00:00+14:00", "between the years 2000 and 2200"),
        (1764554400, "got a number"),
        (None, "got nothing"),
    ],
)
def test_no_times(value: object, way_out: str) -> None:
    """A time without zone, a day, a number are refused with what to write."""
    with pytest.raises(ValueError, match=r"write|between|got") as error:
        parse_time(value)

    assert way_out in str(error.value)


@given(st.text(max_size=40))
def test_arbitrary_time(text: str) -> None:
    """A text is a time with a zone, or a ValueError."""
    with contextlib.suppress(ValueError):
        assert parse_time(text).tzinfo is UTC


def test_names() -> None:
    """Names may be in any language; quotes, control characters and blanks at the ends are out."""
    assert check_name("视频 · sora-2 (官转)") == "视频 · sora-2 (官转)"
    for bad in ("", "n" * 129, "a\nb", 'a"b', "a'b", " a", "a\u200b", "a\\b"):
        with pytest.raises(ValueError, match="a name"):
            check_name(bad)


def test_models() -> None:
    """Models are named as vendors do, with slashes and colons, but cannot leave their URL."""
    assert check_model("fal-ai/veo3.1:fast@2") == "fal-ai/veo3.1:fast@2"
    for bad in ("", "a b", "a?b", "a#b", "../admin", "{model}"):
        with pytest.raises(ValueError, match="a model's name"):
            check_model(bad)


@pytest.mark.parametrize(
    "url", ["https://api.example/v1", "http://127.0.0.1:3000", "http://[::1]:8080/x/"]
)
def test_urls(url: str) -> None:
    """Absolute URLs of either scheme are taken, private addresses too."""
    assert check_url(url) == url


@given(st.text(max_size=60).map("https://".__add__))
def test_arbitrary_url(url: str) -> None:
    """A URL is taken as it is, or refused with a ValueError."""
    with contextlib.suppress(ValueError):
        assert check_url(url) == url


def test_globs() -> None:
    """Globs mind the case and cross slashes."""
    globs = Globs(["apiyi/*", "sora-[12]", "veo"])
    assert all(map(globs.fit, ["apiyi/fal-ai/veo3", "sora-2", "veo"]))
    assert not any(map(globs.fit, ["Apiyi/sora-2", "sora-3", "veo-3", "an apiyi/x"]))
    assert not Globs([]).fit("veo")


def test_quote() -> None:
    """Quoted texts are one printable line of bounded length."""
    assert quote("a\nb") == "'a\\nb'"
    assert len(quote("x" * 1000)) == 62


@pytest.mark.parametrize(
    "value", ["k3y", ["k3y"], {"k3y": None}, {"env": "k3y!"}, {"value": ["k3y"]}, {"file": "k3y\0"}]
)
def test_no_secret_source(value: object) -> None:
    """What is no secret source is refused without repeating any of it."""
    with pytest.raises(ValueError, match=r"env|file|value") as error:
        parse_secret_source(value)

    assert "k3y" not in str(error.value)
