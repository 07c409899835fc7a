"""Reload is all or nothing, and content decides whether one is due."""

from __future__ import annotations

from pathlib import Path

import pytest

from genmedia_exporter.config.problems import Problem, Problems
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


def key_of(source: ConfigSource) -> str | None:
    key = source.resolution.accounts["a"].api_key
    return key.reveal() if key else None


def kept(source: ConfigSource) -> list[Problem]:
    end = "; the last good one stays in use"
    return [warning for warning in source.warnings if warning.message.endswith(end)]


@pytest.mark.parametrize("content", [None, b"", b"\n", b"k\xff", b"two\nlines"])
def test_a_key_file_that_is_gone_for_a_moment(file: Path, content: bytes | None) -> None:
    """The last good key stays in use and a warning says so; the next sound content counts."""
    source = ConfigSource(file, {})
    source.load()
    key = file.parent / "key"
    for _ in range(2):
        key.unlink() if content is None else key.write_bytes(content)
        assert source.changed()
        assert source.reload().success
        assert not source.changed()
        (warning,) = kept(source)
        assert warning.path == "accounts.a.api_key"
        assert "(account 'a')" in str(warning) or "of account 'a'" in str(warning)
        assert key_of(source) == "k1"
        key.write_text("other")
        file.write_text(TEXT + "timeout: 5\n")
        assert not source.reload().success  # a bad file in between takes nothing away
        file.write_text(TEXT)
        key.write_text("k1")
        assert source.reload().success
        assert kept(source) == []
    key.write_text("k2")
    source.load()
    assert key_of(source) == "k2"


def test_a_key_never_read_is_missing(file: Path) -> None:
    """What was never sound, or stands in another file now, is not made up."""
    (file.parent / "key").unlink()
    source = ConfigSource(file, {})
    source.load()
    assert key_of(source) is None
    (file.parent / "key").write_text("k1")
    source.load()
    file.write_text(TEXT.replace("file: key", "file: other"))
    source.load()
    assert key_of(source) is None
    assert kept(source) == []
