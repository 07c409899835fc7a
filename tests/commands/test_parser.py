"""What a command line says that cannot be meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from genmedia_exporter.cli import main
from genmedia_exporter.commands.parser import output_file

Capture = pytest.CaptureFixture[str]

_OURS = "genmedia-exporter"


@pytest.mark.parametrize(
    ("arguments", "first_line"),
    [
        ("--config.chek", f"{_OURS} serve: error: no option is called '--config.chek'; did you mean '--config.check'?"),
        ("--web.listen-adress :9", f"{_OURS} serve: error: no option is called '--web.listen-adress'; did you mean '--web.listen-address'?"),
        ("check --fromat=json", f"{_OURS} check: error: no option is called '--fromat'; did you mean '--format'?"),
        ("check --xyz", f"{_OURS} check: error: no option is called '--xyz'"),
        ("chekc", f"{_OURS}: error: no command is called 'chekc'; did you mean 'check'?"),
        ("--config.file a.yml chekc --format json", f"{_OURS}: error: no command is called 'chekc'; did you mean 'check'?"),
        ("serve check", f"{_OURS} serve: error: nothing takes the word 'check' here"),
        ("provider new x --lik fal", f"{_OURS} provider new: error: no option is called '--lik'; did you mean '--like'?"),
        ("route", f"{_OURS} route: error: the following arguments are required: OPERATION"),
        ("demo --demo.day 0", f"{_OURS} demo: error: argument --demo.day: '0' is not between 0.1 and 1000000 seconds"),
        ("demo --demo.day 1000001", f"{_OURS} demo: error: argument --demo.day: '1000001' is not between 0.1 and 1000000 seconds"),
    ],
)  # fmt: skip
def test_a_wrong_word_is_two_lines_and_exit_code_1(
    arguments: str, first_line: str, capsys: Capture
) -> None:
    """What is wrong, where help is; 2 would say that a target is not usable."""
    with pytest.raises(SystemExit) as ended:
        main(arguments.split())

    assert ended.value.code == 1
    told = capsys.readouterr().err.splitlines()
    assert told == [first_line, f"See '{first_line.partition(': error')[0]} --help'."]


def test_a_dash_is_standard_output() -> None:
    """As with other programs: no file of that name is left in the folder."""
    assert output_file("-") is None
    assert output_file("h.json") == Path("h.json")


def _check(folder: Path) -> list[str]:
    file = folder / "genmedia.yml"
    file.write_text(
        "accounts:\n  a: {provider: openai}\ntargets:\n  - {account: a, model: gpt-image-2}\n"
    )
    return ["--config.check", "--config.file", str(file)]


@pytest.mark.parametrize("text", ["gm.example.com/mon", "ftp://gm.example.com", "https://"])
def test_an_external_url_that_is_none(text: str, capsys: Capture, tmp_path: Path) -> None:
    """It is refused with the way it is written: links of a day later would lead nowhere."""
    assert main([*_check(tmp_path), "--web.external-url", text]) == 1
    assert "--web.external-url: " in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "/mon", "https://gm.example.com/mon/"])
def test_an_external_url(text: str, capsys: Capture, tmp_path: Path) -> None:
    """A URL, or only its path as Prometheus takes it."""
    assert main([*_check(tmp_path), "--web.external-url", text]) == 0
    assert "Configuration is valid." in capsys.readouterr().out
