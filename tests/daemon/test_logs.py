"""Lines that programs read: every event is one line of sound logfmt or JSON, whatever is in it."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import pytest

from genmedia_exporter.cli import main
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.core.secret import Secret
from genmedia_exporter.daemon import logs
from tests import logfmt

log: Final = EventLog("genmedia_exporter.tests")

HOSTILE: Final = (
    "",
    " ",
    "plain",
    "two words",
    'say "hello"',
    "a=b",
    "back\\slash",
    'back\\slash and "quote"',
    "line\nbreak\r\nlevel=ERROR msg=forged",
    "tab\tbell\x07null\x00delete\x7f",
    "\x1b[31mred\x1b[0m",
    "next\x85line sep\u2028par\u2029bom\ufeffbidi\u202e",
    "可灵 视频",
    "🟢 green",
    "private \U0010ffff astral",
    "lone \udc80 surrogate",
    "{}[]:,'",
    "100 % %s %d {0}",
)


class Word(StrEnum):
    """A closed list, as most fields come from."""

    DOWN = "down"


class Written:
    """What the log writes, format by format."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def text(self, form: logs.Format, tell: Callable[[], None]) -> str:
        """Return what comes of *tell* on standard error."""
        self._capsys.readouterr()
        logs.configure("debug", form)
        tell()
        return self._capsys.readouterr().err


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Written:
    """Listen to standard error."""
    return Written(capsys)


def both(written: Written, tell: Callable[[], None]) -> Iterator[Mapping[str, Any]]:
    """Yield what a reader makes of the line that *tell* writes, in logfmt and in JSON."""
    readers: tuple[tuple[logs.Format, Callable[[str], Mapping[str, Any]]], ...] = (
        ("logfmt", logfmt.parse),
        ("json", json.loads),
    )
    for form, read in readers:
        text = written.text(form, tell)
        assert text.endswith("\n")
        assert len(text.splitlines()) == 1, "str.splitlines knows more line ends than \\n"
        assert text[:-1].isprintable()
        yield read(text[:-1])


@pytest.mark.parametrize("value", HOSTILE, ids=ascii)
def test_any_value_comes_back_as_it_was(written: Written, value: str) -> None:
    """In a field, in an error, and in a library's message."""
    for line in both(written, lambda: log.info("it happened", target=value, n=1)):
        assert line["target"] == value
        assert (line["msg"], line["level"]) == ("it happened", "INFO")
    for line in both(written, lambda: log.error("it failed", err=ValueError(value))):
        assert line["err"] == (f"ValueError: {value}".strip() if value else "ValueError")
    for line in both(written, lambda: logging.getLogger("uvicorn.error").error("%s!", value)):
        assert line["msg"] == f"{value}!".strip()
        assert line["logger"] == "uvicorn.error"


def test_a_value_of_any_kind(written: Written) -> None:
    """JSON keeps numbers; logfmt writes the same text. None is left out, no constant breaks JSON."""

    def tell() -> None:
        log.info(
            "it happened",
            from_=Word.DOWN,
            yes=True,
            count=3,
            usd=0.006,
            wrong=float("nan"),
            most=float("inf"),
            nothing=None,
            names=("a", "b c"),
        )

    in_logfmt, in_json = both(written, tell)
    kinds = {"from": "down", "yes": True, "count": 3, "usd": 0.006}
    others = {"wrong": "nan", "most": "inf", "names": "a, b c"}
    assert list(in_json) == ["time", "level", "source", "msg", *kinds, *others]
    assert list(in_logfmt) == list(in_json)
    assert {key: in_json[key] for key in (*kinds, *others)} == kinds | others
    assert (in_logfmt["yes"], in_logfmt["count"], in_logfmt["usd"]) == ("true", "3", "0.006")


@pytest.mark.parametrize(
    ("tell", "level"),
    [
        (log.debug, "DEBUG"),
        (log.info, "INFO"),
        (log.warning, "WARN"),
        (log.error, "ERROR"),
        (lambda event: log.at("warning", event), "WARN"),
        (logging.getLogger("asyncio").critical, "ERROR"),
    ],
)
def test_levels_are_those_of_official_exporters(
    written: Written, tell: Callable[[str], None], level: str
) -> None:
    """As Go's slog names them."""
    for line in both(written, lambda: tell("it happened")):
        assert line["level"] == level


def test_the_source_is_the_line_that_logs(written: Written) -> None:
    """Not the door it goes through."""
    for line in both(written, lambda: log.info("it happened")):
        assert line["source"].startswith("daemon/test_logs.py:")
    for line in both(written, lambda: log.exception("it failed", ValueError("x"))):
        assert line["source"].startswith("daemon/test_logs.py:")


def test_an_unexpected_error_has_its_stack(written: Written) -> None:
    """Ours and a library's alike; one that was expected has none."""

    def bug() -> None:
        try:
            raise RuntimeError("first\nsecond")
        except RuntimeError as error:
            log.exception("it failed", error, target="a")

    def theirs() -> None:
        try:
            raise RuntimeError("first\nsecond")
        except RuntimeError:
            logging.getLogger("uvicorn.error").exception("Exception in ASGI application\n")

    for tell in (bug, theirs):
        for line in both(written, tell):
            assert line["err"] == "RuntimeError: first\nsecond"
            assert line["stack"].startswith("Traceback (most recent call last):\n")
            assert line["stack"].endswith("RuntimeError: first\nsecond")
            assert line["msg"] in ("it failed", "Exception in ASGI application")
    for line in both(written, lambda: log.error("it failed", err=RuntimeError("x"))):
        assert "stack" not in line


@pytest.mark.parametrize(("beyond", "first", "last"), [(0, "x", "x"), (1, "…", "…")])
def test_long_values_are_cut(written: Written, beyond: int, first: str, last: str) -> None:
    """At the limit a value is whole, past it it is not; a traceback keeps its end."""
    value, stack = "x" * (logs.MAX_VALUE + beyond), "x" * (logs.MAX_STACK - 1 + beyond) + "E"
    for line in both(written, lambda: log.error("it failed", message=value, stack=stack)):
        assert (len(line["message"]), len(line["stack"])) == (logs.MAX_VALUE, logs.MAX_STACK)
        assert (line["message"][-1], line["stack"][0], line["stack"][-1]) == (last, first, "E")


HELD: Final = Secret("kling:correct horse battery")


@pytest.mark.parametrize(
    "text",
    [
        HELD.reveal(),
        "sk-abcdefghijklmnop",
        "https://cdn.example/v.mp4?sig=abcdefghijklmnop",
        "Bearer abcdefghijklmnop",
    ],
)
def test_no_secret_is_written(written: Written, text: str) -> None:
    """Neither what looks like a credential nor one that this process holds, wherever it stands."""

    def fail() -> None:
        try:
            raise RuntimeError(f"said {text} again")
        except RuntimeError as error:
            log.exception("it failed", error, message=f"said {text} again")

    for line in both(written, fail):
        shown = " ".join(str(value) for value in line.values())
        assert text not in shown
        assert "abcdefghijklmnop" not in shown
        assert shown.count("<secret>") + shown.count("?…") == 3  # message, err, stack
    for line in both(written, lambda: logging.getLogger("asyncio").warning("%s", text)):
        assert text not in line["msg"]
    for line in both(written, lambda: log.info("it happened", key=HELD)):
        assert line["key"] == "<secret>"


def test_a_secret_is_forgotten_with_its_owner(written: Written) -> None:
    """Equal ones are told apart; a short one is a word and hides nothing."""
    one, other, short = Secret("correct horse"), Secret("correct horse"), Secret("1234567")
    del one
    for line in both(written, lambda: log.info("it happened", t="correct horse 1234567")):
        assert line["t"] == "<secret> 1234567"
    del other, short
    for line in both(written, lambda: log.info("it happened", t="correct horse")):
        assert line["t"] == "correct horse"


def test_libraries_speak_from_warn_up(written: Written) -> None:
    """Whatever is asked of us."""

    def tell() -> None:
        logging.getLogger("httpcore2").debug("much")
        logging.getLogger("uvicorn.error").info("Started server process")

    assert written.text("logfmt", tell) == ""


@pytest.mark.parametrize("form", ["logfmt", "json"])
def test_a_daemon_logs_what_nobody_caught(form: logs.Format) -> None:
    """An uncaught exception, one in a thread, and a warning are events as well."""
    script = f"""
import threading, warnings
from genmedia_exporter.daemon import logs
logs.configure("info", {form!r})
logs.take_everything()
warnings.warn("two\\nlines", RuntimeWarning)
thread = threading.Thread(target=lambda: 1 / 0)
thread.start()
thread.join()
raise RuntimeError("the\\nend")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    read = logfmt.parse if form == "logfmt" else json.loads
    warned, threaded, ended = [read(line) for line in done.stderr.splitlines()]
    assert (done.returncode, done.stdout) == (1, "")
    assert (warned["logger"], warned["level"]) == ("py.warnings", "WARN")
    assert "RuntimeWarning: two\nlines" in warned["msg"]
    assert (threaded["msg"], threaded["err"]) == (
        "uncaught exception",
        "ZeroDivisionError: division by zero",
    )
    assert ended["err"] == "RuntimeError: the\nend"
    assert ended["stack"].endswith("RuntimeError: the\nend")


@pytest.mark.parametrize("command", [["serve"], ["demo", "--web.config.file=none.yml"], ["check"]])
def test_why_a_daemon_does_not_start(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An event a problem where programs read the log; plain text for people, and of commands."""
    config = tmp_path / "genmedia.yml"
    config.write_text("acounts: {}\nbudget: {daily_usd: x}\n")
    file = [] if command[0] == "demo" else [f"--config.file={config}"]
    assert main([*command, *file]) == 1
    plain = capsys.readouterr().err.splitlines()
    assert main([*command, *file, "--log.format=json"]) == 1
    lines = capsys.readouterr().err.splitlines()
    if command[0] == "check":
        assert lines == plain
        return
    told = [json.loads(line) for line in lines]
    assert [(line["msg"], line["level"]) for line in told] == [("cannot start", "ERROR")] * len(
        told
    )
    assert [line["err"] for line in told] == plain
    assert told


def test_the_reader_is_strict() -> None:
    """It refuses what Loki would refuse, or read otherwise than it was meant."""
    for line in ('a="b', "a=b=c", 'a=b"c', "a= =b", "a=1 a=2", 'a="x\ny"', "a b=1"):
        with pytest.raises(ValueError, match=r"."):
            logfmt.parse(line)
    assert logfmt.parse('a= b="" c="x\\n=y" d=é') == {"a": "", "b": "", "c": "x\n=y", "d": "é"}


def test_warnings_are_no_events_here() -> None:
    """Only a daemon takes them over: a test run must see its own."""
    with pytest.warns(RuntimeWarning, match="mine"):
        warnings.warn("mine", RuntimeWarning, stacklevel=1)
