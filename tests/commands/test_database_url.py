"""The URL of the database, where its user meets it: what commands say of it, and that no password shows."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from genmedia_exporter.cli import main

Capture = pytest.CaptureFixture[str]
NOBODY = "127.0.0.1:1"  # where no server listens
CONFIG = """
accounts: {{a: {{provider: http, base_url: http://127.0.0.1:1}}}}
targets: [{{account: a, path: /x}}]
storage: {{url: '{url}'}}
"""


def config(folder: Path, url: str) -> str:
    file = folder / "genmedia.yml"
    file.write_text(CONFIG.format(url=url), "utf-8")
    return str(file)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"postgresql://u:hunter2@{NOBODY}/db", f"u:<secret>@{NOBODY}/db"),
        (f"postgresql://u@{NOBODY}/db?password=hunter2", f"u@{NOBODY}/db?password=<secret>"),
        (
            f"postgres://{NOBODY}/db?sslpassword=hunter2&passfile=/run/pw",
            f"{NOBODY}/db?sslpassword=<secret>&passfile=/run/pw",
        ),
    ],
)
@pytest.mark.parametrize("command", ["export", "uptime", "doctor --offline", "check"])
def test_no_command_shows_a_password(
    command: str, url: str, shown: str, tmp_path: Path, capsys: Capture
) -> None:
    """The database is named, its passwords are hidden, and the libraries' advice to read on is left out."""
    code = main([*command.split(), "--config.file", config(tmp_path, url)])
    told = "".join(capsys.readouterr())

    assert code != 0
    assert f"postgresql+psycopg://{shown} cannot be read: connection failed" in told
    assert "hunter2" not in told
    assert "sqlalche" not in told
    assert "psycopg.OperationalError" not in told


def test_a_broken_file_is_told_without_a_librarys_advice(tmp_path: Path, capsys: Capture) -> None:
    """`check` warns that it cannot read which depths are disabled, in one line."""
    broken = tmp_path / "h.db"
    with sqlite3.connect(broken) as database:
        database.execute("CREATE TABLE target_state (name TEXT)")
    database.close()
    file = tmp_path / "genmedia.yml"
    text = CONFIG.replace("url: '{url}'", "path: '{url}'")
    file.write_text(text.format(url=broken), "utf-8")
    main(["check", "--config.file", str(file)])
    said = capsys.readouterr().err.splitlines()

    assert said[0].startswith(f"cannot read which depths are disabled: {broken} cannot be read: no")
    assert "sqlalche" not in "".join(said)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("postgresql+psycopg://u:p@127.0.0.1:notaport/db", "the port is not a number"),
        ("postgresql://u:p@[::1/db", "an IPv6 address is written [::1]"),
        ("postgresql://h:99999/db", "the port is not a number from 1 to 65535"),
        ("postgresql+psycopg2://u:p@h/db", "write postgresql:// or postgresql+psycopg://"),
        ("postgresql+asyncpg://u:p@h/db", "write postgresql:// or postgresql+psycopg://"),
    ],
)
def test_a_check_names_what_is_wrong_and_where(
    url: str, why: str, tmp_path: Path, capsys: Capture
) -> None:
    """--config.check fails with place and key where `serve` could not start, beside all other problems."""
    file = config(tmp_path, url)
    with open(file, "a", encoding="utf-8") as more:
        more.write("timeout: 5\n")
    code = main(["--config.check", "--config.file", file])
    said = capsys.readouterr().err.splitlines()

    assert code == 1
    assert said[0].startswith(f"{file}:4:16: storage.url: ")
    assert why in said[0]
    assert said[1].startswith(f"{file}:5:1: timeout: unknown key")


def test_a_url_kept_elsewhere_is_checked_too(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One from the environment is told at the place that names the variable."""
    monkeypatch.setenv("GENMEDIA_TEST_URL", "postgresql://u:hunter2@h:hunter2/db")
    file = config(tmp_path, "")
    Path(file).write_text(Path(file).read_text().replace("''", "{env: GENMEDIA_TEST_URL}"))
    assert main(["--config.check", "--config.file", file]) == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert said == f"{file}:4:16: storage.url: the port is not a number from 1 to 65535"


@pytest.mark.parametrize("url", ["postgresql:///db", "postgresql:///db?host=/run/postgresql"])
def test_a_socket_needs_no_host(url: str, tmp_path: Path, capsys: Capture) -> None:
    """A URL without a host is that of a server on this machine."""
    assert main(["--config.check", "--config.file", config(tmp_path, url)]) == 0
    assert "warning" not in capsys.readouterr().err


def test_an_option_that_no_server_has(tmp_path: Path, capsys: Capture) -> None:
    """It is a warning: which there are depends on the library that is installed."""
    file = config(tmp_path, "postgresql://h/db?sslmod=require&sslmode=require")
    assert main(["--config.check", "--config.file", file]) == 0
    (said,) = capsys.readouterr().err.splitlines()
    assert said.endswith(":4:16: warning: storage.url: PostgreSQL has no option 'sslmod'")
