"""More clients than the process may open files: they connect to TLS and say nothing."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from genmedia_exporter.web.http.connections import allow_open_files
from tests.web.certificates import self_signed

FILES, SILENT, EVERY = 1024, 1300, 100


def scrape(url: str) -> None:
    """Scrape over TLS on a new connection."""
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    handlers = urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusting)
    with urllib.request.build_opener(*handlers).open(f"{url}/metrics", timeout=60) as answer:
        assert b"genmedia_exporter_build_info" in answer.read()


def test_silent_clients_take_no_room_from_metrics(tmp_path: Path) -> None:
    """1,300 half-open handshakes, 1,024 files: every scrape in between is answered."""
    if allow_open_files() < SILENT + 200:
        pytest.skip(f"fewer than {SILENT + 200} files may be open here: ulimit -n {SILENT + 200}")
    self_signed(tmp_path, "server", "DNS:localhost,IP:127.0.0.1")
    (tmp_path / "web.yml").write_text(
        "tls_server_config: {cert_file: server.pem, key_file: server.key}"
    )
    (tmp_path / "c.yml").write_text(
        "accounts: {here: {provider: http, base_url: 'http://127.0.0.1:9'}}\n"
        "targets: [{account: here, depths: reach}]\n"
    )
    command = f'ulimit -n {FILES}; exec "$@"'
    program = [sys.executable, "-m", "genmedia_exporter", "--config.file", "c.yml"]
    flags = ["--web.listen-address", "127.0.0.1:0", "--web.config.file", "web.yml"]
    process = subprocess.Popen(
        ["bash", "-c", command, "-", *program, *flags],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        told = next(line for line in process.stderr if "msg=listening" in line)
        url = told.split("url=")[1].strip()
        port = int(url.rpartition(":")[2])
        with contextlib.ExitStack() as held:
            for number in range(SILENT):
                held.enter_context(socket.create_connection(("127.0.0.1", port), 10))
                if number % EVERY == EVERY - 1:
                    scrape(url)
            assert len(os.listdir(f"/proc/{process.pid}/fd")) < FILES * 3 / 4
        process.terminate()
        _, log = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0
    assert "Traceback" not in log
