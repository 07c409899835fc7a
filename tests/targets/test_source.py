"""Reload is all or nothing, and content decides whether one is due."""

from __future__ import annotations

from pathlib import Path

import pytest

from genmedia_exporter.config.problems import Problems
from genmedia_exporter.targets.source import ConfigSource

TEXT = """
accounts: {a: {provider: vendor.yml, api_key: {file: key}}}
targets: [{account: a, model: film-1}]
"""


@pytest.fixture
def file(folder: Path) -> Path:
    """A sound configuration with a secret file and a provider file."""
    (folder / "key").write_text("k1")
    file = folder / "genmedia.yml"
    file.write_text(TEXT)
    return file


def test_bad_file_changes_nothing(file: Path) -> None:
    """After a bad file the old configuration is in force, and the result says what is wrong."""
    source = ConfigSource(file, {})
    source.load()
    before = (source.config, source.resolution)
    file.write_text(TEXT.replace("film-1", "film 1") + "timeout: 5\n")

    result = source.reload()

    assert not result.success
    assert [problem.path for problem in result.problems] == ["targets[0].model", "timeout"]
    assert (source.config, source.resolution) == before


def test_good_file_takes_over(file: Path) -> None:
    """A sound file is in force at once."""
    source = ConfigSource(file, {})
    source.load()
    file.write_text(TEXT.replace("film-1", "film-2"))

    result = source.reload()

    assert result.success
    assert [target.model for target in source.resolution.targets] == ["film-2"]


@pytest.mark.parametrize("name", ["genmedia.yml", "key", "vendor.yml"])
def test_changed(file: Path, name: str) -> None:
    """Other content in the configuration, a secret or a provider file is a change; a touch is not."""
    source = ConfigSource(file, {})
    assert source.changed()
    source.load()
    watched = file.parent / name
    digest = source.digest

    watched.touch()
    assert not source.changed()
    watched.write_text(watched.read_text() + "\n")
    assert source.changed()
    source.load()

    assert not source.changed()
    assert source.digest != digest


def test_bad_content_is_tried_once(file: Path) -> None:
    """A bad file is no change any more once it was refused; its correction is one."""
    source = ConfigSource(file, {})
    source.load()
    file.write_text("nonsense")

    assert source.changed()
    assert not source.reload().success
    assert not source.changed()
    file.write_text(TEXT)
    assert source.changed()
    assert source.reload().success


def test_files_that_come_and_go(file: Path) -> None:
    """A secret that appears, grows too large or disappears is a change each time."""
    source = ConfigSource(file, {})
    key = file.parent / "key"
    for change in (key.unlink, lambda: key.write_bytes(b"k" * 70_000), lambda: key.write_text("k")):
        source.load()
        assert not source.changed()
        change()

    assert source.changed()
    source.load()
    assert source.resolution.accounts["a"].credential_problem is None


def test_rotated_secret(file: Path) -> None:
    """A reload brings the new content of a secret file."""
    source = ConfigSource(file, {})
    source.load()
    (file.parent / "key").write_text("k2")

    source.reload()

    key = source.resolution.accounts["a"].api_key
    assert key is not None
    assert key.reveal() == "k2"


def test_before_the_first_load(tmp_path: Path) -> None:
    """Without a configuration there is none to give; a bad first one is raised."""
    source = ConfigSource(tmp_path / "missing.yml", {})

    with pytest.raises(RuntimeError, match="call load first"):
        _ = source.config
    with pytest.raises(Problems, match="cannot be read"):
        source.load()


def test_warnings(file: Path) -> None:
    """Warnings of configuration and resolution come together."""
    file.write_text(TEXT.replace("{file: key}", "{env: NOT_SET}") + "maintenance:\n")
    source = ConfigSource(file, {})

    result = source.reload()

    assert result.success
    assert "environment variable NOT_SET (account 'a') is not set" in [
        warning.message for warning in result.warnings
    ]
