"""One file for every mistake, and the whole of what is said about it in a text beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from genmedia_exporter.targets.source import ConfigSource

BAD = Path(__file__).parent / "bad"
FILES = sorted(BAD.glob("*.yml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_message(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bad file is refused with exactly the words beside it, one problem a line."""
    monkeypatch.chdir(BAD)

    result = ConfigSource(file.name, {}).reload()

    assert not result.success
    expected = file.with_suffix(".txt").read_text(encoding="utf-8")
    assert "\n".join(map(str, result.problems)) + "\n" == expected


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_place_and_secrecy(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every problem names file, line and column, and none repeats a secret of its file."""
    monkeypatch.chdir(BAD)

    for problem in ConfigSource(file.name, {}).reload().problems:
        name, line, column = problem.place.rsplit(":", 2)

        assert name.endswith(".yml")
        assert int(line) >= 1
        assert int(column) >= 1
        assert "hunter2" not in str(problem) + repr(problem)


def test_every_text_has_its_file() -> None:
    """No expectation is left over from a file that is gone."""
    assert {f.stem for f in BAD.glob("*.txt")} == {f.stem for f in FILES}


def test_ten_mistakes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistakes of every kind, broken values, references and providers, come in one answer."""
    monkeypatch.chdir(BAD)

    problems = ConfigSource("ten-mistakes.yml", {}).reload().problems

    assert len(problems) >= 10
    assert len({problem.place for problem in problems}) == len(problems)
