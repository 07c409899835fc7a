"""A reload cannot move the database: it says so, shows the one in use, and refuses what could not start."""

from __future__ import annotations

import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import httpx2
import pytest

from genmedia_exporter.storage.lock import hold

PROGRAM: Final = [sys.executable, "-m", "genmedia_exporter"]
CONFIG: Final = """\
accounts: {here: {provider: http, base_url: "http://127.0.0.1:9"}}
targets: [{account: here, depths: reach}]
"""
LAST: Final = "genmedia_exporter_config_last_reload_successful"


class Exporter:
    """A running exporter that may be reloaded."""

    def __init__(
        self, folder: Path, storage: str = "storage: {path: first.db, retention: 30d}"
    ) -> None:
        self.folder = folder
        self.file = folder / "genmedia.yml"
        self.say(storage)
        self.begin: list[str] = []
        self.process = subprocess.Popen(
            [*PROGRAM, "--web.listen-address", "127.0.0.1:0", "--web.enable-lifecycle"],
            cwd=folder,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.begin.append(line)
            if found := re.search(r"msg=listening .*url=(\S+)", line):
                self.url = found[1]
                return
        raise AssertionError("it did not start")

    def say(self, storage: str) -> None:
        """Write the configuration with another place for the database."""
        self.file.write_text(f"{CONFIG}{storage}\n")

    def reload(self, storage: str) -> httpx2.Response:
        """Reload with another place for the database."""
        self.say(storage)
        return httpx2.post(f"{self.url}/-/reload", timeout=60)

    def get(self, path: str) -> str:
        """Return what stands at *path*."""
        return httpx2.get(f"{self.url}{path}", timeout=60).text

    def log(self) -> str:
        """End it; return what it has logged."""
        self.process.send_signal(signal.SIGTERM)
        return "".join([*self.begin, self.process.communicate(timeout=60)[1]])


@pytest.fixture
def exporter(tmp_path: Path) -> Iterator[Exporter]:
    running = Exporter(tmp_path)
    yield running
    running.process.kill()
    running.process.communicate()


def test_another_database_waits_for_the_restart(exporter: Exporter) -> None:
    """The answer and the log name the database in use, /config shows it, and nothing is written elsewhere."""
    warning = (
        "genmedia.yml:3:17: warning: storage.path: read at start only: restart to use it; until then "
        "the database is first.db"
    )
    answer = exporter.reload("storage: {path: second.db, retention: 7d}")
    assert (answer.status_code, answer.text.splitlines()) == (200, ["Reloaded.", warning])
    assert "path: first.db\n  retention: 7d" in exporter.get("/config")
    assert f"\n{LAST} 1" in exporter.get("/metrics")

    answer = exporter.reload("storage: {url: 'postgresql://u:hunter2@127.0.0.1:1/db'}")
    assert answer.text.splitlines()[1].startswith("genmedia.yml:3:16: warning: storage.url: read")
    assert "path: first.db" in exporter.get("/config")

    for same in ("storage: {path: ./first.db}", f"storage: {{path: {exporter.folder}/first.db}}"):
        assert exporter.reload(same).text == "Reloaded.\n"
    log = exporter.log()
    assert f'warning="{warning}"' in log
    assert "hunter2" not in log
    assert not (exporter.folder / "second.db").exists()


def test_a_server_stays_as_well(tmp_path: Path) -> None:
    """The same server in other words is no other; its password is nowhere."""
    server = "127.0.0.1:1/db?password=hunter2"
    exporter = Exporter(tmp_path, f"storage: {{url: 'postgresql://u@{server}'}}")
    try:
        assert exporter.reload(f"storage: {{url: 'postgres://u@{server}'}}").text == "Reloaded.\n"
        warning = exporter.reload("storage: {path: first.db}").text
        shown = exporter.get("/config")
    finally:
        log = exporter.log()
    assert (
        "until then the database is postgresql+psycopg://u@127.0.0.1:1/db?password=<secret>"
        in warning
    )
    assert "storage:\n  url: <secret>\n" in shown
    assert "path: first.db" not in shown
    assert "@127.0.0.1:1/db?password=<secret>" in log
    assert "hunter2" not in f"{warning}{shown}{log}"


def test_what_could_not_start_is_refused(exporter: Exporter) -> None:
    """A database of another exporter or a newer one, and a driver that is not there, are a failed reload."""
    release = hold(exporter.folder / "taken.db")
    with closing(sqlite3.connect(exporter.folder / "newer.db")) as newer, newer:
        newer.execute("CREATE TABLE history (at REAL)")
        newer.execute("CREATE TABLE schema_version (version INTEGER)")
        newer.execute("INSERT INTO schema_version VALUES (1000)")
    for storage, why in (
        ("path: taken.db", "3:17: storage.path: taken.db is in use by another exporter"),
        ("path: newer.db", "3:17: storage.path: newer.db has schema version 1000"),
        ("url: 'postgresql+asyncpg://h/db'", "3:16: storage.url: the only driver here is psycopg"),
    ):
        answer = exporter.reload(f"storage: {{{storage}}}")
        assert answer.status_code == 500
        assert why in answer.json()["problems"][0]
        assert f"\n{LAST} 0" in exporter.get("/metrics")
        assert "path: first.db\n  retention: 30d" in exporter.get("/config")
    release()
    assert exporter.reload("storage: {path: first.db}").status_code == 200
    assert f"\n{LAST} 1" in exporter.get("/metrics")


def test_the_configuration_in_force_has_the_depths_of_a_budget(exporter: Exporter) -> None:
    """With one, `generate` is probed where no depths are written, and /config says so."""
    assert "  - generate\n" not in exporter.get("/config")
    assert exporter.reload("budget: {daily_usd: 1, monthly_usd: 20}").status_code == 200
    assert "  depths:\n  - reach\n  - accept\n  - generate\n" in exporter.get("/config")


def test_a_drop_in_vain_is_told_at_a_reload(exporter: Exporter) -> None:
    """As at the start: a name that no metric has may be a slip of the pen."""
    answer = exporter.reload("metrics: {drop: [genmedia_prob_success]}")
    assert "no metric is called 'genmedia_prob_success'" in answer.text
