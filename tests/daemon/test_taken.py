"""What another process has is told before the daemon is imported: on a loaded machine that takes many seconds."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from genmedia_exporter.storage.lock import hold

WITHOUT_THE_DAEMON: Final = """
import runpy, sys

class Forbids:
    def find_spec(self, name, path=None, target=None):
        if name in {forbidden!r}:
            raise RuntimeError("imported too early: " + name)
        return None

sys.meta_path.insert(0, Forbids())
sys.argv[1:] = {arguments!r}
runpy.run_module("genmedia_exporter", run_name="__main__", alter_sys=True)
"""
DAEMON: Final = ("sqlalchemy", "starlette", "uvicorn", "httpx2", "genmedia_exporter.daemon.app")
CONFIG: Final = """\
accounts: {here: {provider: http, base_url: "http://127.0.0.1:9"}}
targets: [{account: here, depths: reach}]
storage: {path: genmedia.db}
"""


def start(folder: Path, *arguments: str, forbidden: tuple[str, ...]) -> tuple[int, str]:
    """Start the program where importing what is *forbidden* is an error; return its end and last line."""
    program = WITHOUT_THE_DAEMON.format(forbidden=forbidden, arguments=arguments)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stderr


def test_a_taken_address(tmp_path: Path) -> None:
    """Also before the configuration is read, which need not be there."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        ended = start(
            tmp_path, "--web.listen-address", address, forbidden=(*DAEMON, "yaml", "pydantic")
        )
    assert ended == (1, f"genmedia-exporter: cannot listen on {address}: address already in use\n")


@pytest.mark.parametrize("name", ["genmedia.db", "another-name.db"])
def test_a_taken_database(tmp_path: Path, name: str) -> None:
    """As soon as the configuration says which it is; by whatever link it leads there."""
    (tmp_path / "genmedia.yml").write_text(CONFIG)
    if name != "genmedia.db":
        (tmp_path / "genmedia.db").symlink_to(name)
    release = hold(tmp_path / name)
    ended = start(tmp_path, "--web.listen-address", "127.0.0.1:0", forbidden=DAEMON)
    release()
    assert ended == (
        1,
        "genmedia-exporter: genmedia.db is in use by another exporter; give this one another "
        "storage.path, or let them share a PostgreSQL through storage.url\n",
    )
