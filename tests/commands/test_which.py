"""Which configuration a command reads, and whom `route` asks, when nothing is named."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from genmedia_exporter.cli import main
from genmedia_exporter.commands.which import announced, running_demo


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, with a folder for temporary files of its own."""
    folder, temporary = tmp_path / "here", tmp_path / "temporary"
    folder.mkdir()
    temporary.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    return folder


@contextmanager
def demo() -> Iterator[str]:
    """Run `genmedia-exporter demo` in this folder as a user would; yields its address."""
    command = [sys.executable, "-m", "genmedia_exporter", "demo"]
    command += ["--web.listen-address", "127.0.0.1:0"]
    environment = {**os.environ, "TMPDIR": tempfile.gettempdir()}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if "Status page" in line:
                yield line.split()[-1].rstrip("/")
                break
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


def test_commands_find_the_demo_of_this_folder(capsys: pytest.CaptureFixture[str]) -> None:
    """As README says: after `make run`, in a second terminal."""
    with demo() as url:
        assert main(["uptime"]) == 0
        said = capsys.readouterr()
        assert f"the targets of the demo at {url}" in said.err
        assert "Kling v3" in said.out
        assert main(["export"]) == 0
        assert isinstance(
            json.loads(capsys.readouterr().out), dict
        )  # perhaps nothing is written yet
        assert main(["route", "video"]) in (0, 2)
        assert f"Asked the exporter at {url}." in capsys.readouterr().err
        assert main(["check", "Kling v3"]) in (0, 2)
        assert "Kling v3" in capsys.readouterr().out
    assert running_demo() is None


def test_without_a_demo_they_say_how(capsys: pytest.CaptureFixture[str]) -> None:
    """The way out is in the message."""
    for command in ("check", "uptime", "export"):
        assert main([command]) == 1
        said = capsys.readouterr().err
        assert "there is no genmedia.yml here" in said
        assert "genmedia-exporter demo" in said


def test_a_configuration_here_comes_first(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A demo may run beside one's own work."""
    elsewhere = here.parent / "demo.yml"
    elsewhere.write_text("accounts: {}\n", "utf-8")
    text = "accounts: {a: {provider: http, base_url: 'http://127.0.0.1:9'}}\n"
    (here / "genmedia.yml").write_text(f"{text}targets: [{{name: mine, account: a}}]\n", "utf-8")
    with announced(elsewhere, "http://127.0.0.1:1"):
        assert main(["check"]) == 2
        assert "mine" in capsys.readouterr().out
        assert main(["route", "video"]) == 2
        assert "Probed the targets of genmedia.yml once." in capsys.readouterr().err


def test_the_remains_of_a_demo_are_no_demo(here: Path) -> None:
    """Its configuration goes with it, however it ended."""
    config = here.parent / "gone" / "genmedia.yml"
    config.parent.mkdir()
    config.write_text("", "utf-8")
    with announced(config, "http://127.0.0.1:1"):
        assert running_demo() is not None
        shutil.rmtree(config.parent)
        assert running_demo() is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"config": 1, "url": "x"}', '{"url": "x"}'])
def test_a_broken_note_is_no_demo(here: Path, text: str) -> None:
    """Nothing is believed that cannot be read."""
    config = here.parent / "demo.yml"
    config.write_text("", "utf-8")
    with announced(config, "http://127.0.0.1:1"):
        (note,) = (here.parent / "temporary").glob("genmedia-demo-*.json")
        note.write_text(text, "utf-8")
        assert running_demo() is None


def test_a_note_that_is_a_link_is_not_followed(here: Path) -> None:
    """The folder of temporary files is everybody's."""
    config = here.parent / "demo.yml"
    config.write_text("", "utf-8")
    with announced(config, "http://127.0.0.1:1"):
        (note,) = (here.parent / "temporary").glob("genmedia-demo-*.json")
        real = here.parent / "real.json"
        note.rename(real)
        note.symlink_to(real)
        assert running_demo() is None
