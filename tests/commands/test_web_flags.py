"""Flags of the web that could only lead to answers of 404: refused at the start, with what is wrong in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from genmedia_exporter.cli import main

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _sound_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (
        "accounts: {a: {provider: http, base_url: 'http://127.0.0.1:9'}}\ntargets: [{account: a}]\n"
    )
    Path("genmedia.yml").write_text(text)


@pytest.mark.parametrize(
    ("flag", "text", "told"),
    [
        ("route-prefix", "/a?b", "the path '/a?b'; write one without ?"),
        ("route-prefix", "/a#b", "the path '/a#b'; write one without #"),
        ("route-prefix", "/..", "the path '/..'; write one without .."),
        ("route-prefix", "/a/./b", "the path '/a/./b'; write one without ."),
        ("route-prefix", "/%2e", "the path '/%2e'; write one without %"),
        ("route-prefix", "/{name:path}", "the path '/{name:path}'; write one without { }"),
        ("route-prefix", "a\\b\n", r"the path 'a\b\n'; write one without \\ \n"),
        ("external-url", "https://x.example/a/%2e%2e/", "the path '/a/../'; write one without .."),
        ("external-url", "/a?b", "a URL carries no '?' or '#' part here"),
    ],
)
@pytest.mark.parametrize("check", [["--config.check"], []])
def test_a_path_that_no_request_has(
    check: list[str], flag: str, text: str, told: str, capsys: Capture
) -> None:
    """One line that names the flag, and exit code 1; nothing is served."""
    code = main([f"--web.{flag}", text, "--web.listen-address", "127.0.0.1:0", *check])
    (said,) = capsys.readouterr().err.splitlines()
    assert code == 1
    assert said.startswith(f"genmedia-exporter: --web.{flag}: ")
    assert told in said


@pytest.mark.parametrize(
    "flags",
    [
        ["--web.route-prefix", "/"],
        ["--web.route-prefix", "gm/x.y/"],
        ["--web.route-prefix", "/监控 1"],
        ["--web.external-url", "/gm/"],
        ["--web.external-url", "https://x.example/a%20b/"],
    ],
)
def test_a_path_that_requests_have(flags: list[str], capsys: Capture) -> None:
    """Dots and letters of any alphabet are fine."""
    assert main([*flags, "--config.check"]) == 0
    assert "Configuration is valid." in capsys.readouterr().out
