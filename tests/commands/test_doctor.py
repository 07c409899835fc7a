"""`doctor`: each thing that people get wrong is found, told with what to do, and nothing else is."""

from __future__ import annotations

import json
import os
import resource
import socket
import sys
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from genmedia_exporter.cli import main
from genmedia_exporter.commands.doctor_network import SKEW_SECONDS
from genmedia_exporter.demo.world import World, run_in_thread
from genmedia_exporter.storage.lock import hold
from tests.transport.server import Server, answer

Capture = pytest.CaptureFixture[str]
LISTEN = ("--web.listen-address", "127.0.0.1:0")


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No proxy of the machine's, and a folder of its own."""
    for name in [n for n in os.environ if n.upper().endswith("_PROXY")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Run one world for all."""
    with run_in_thread() as running:
        yield running


def config(url: str, key: str = "{value: demo-key}", more: str = "") -> None:
    """Write ./genmedia.yml for one account at *url*."""
    Path("genmedia.yml").write_text(
        f"accounts:\n  vendor: {{provider: openai, base_url: '{url}', api_key: {key}}}\n"
        f"targets:\n  - {{account: vendor, model: gpt-image-2.5-flare, depths: [reach]}}\n{more}",
        "utf-8",
    )


def doctor(capsys: Capture, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    """Run it; return its exit code and what it found and is not well."""
    code = main(["doctor", "--format", "json", *LISTEN, *arguments])
    found = json.loads(capsys.readouterr().out)["findings"]
    return code, [each for each in found if each["level"] != "ok"]


def test_nothing_to_do(world: World, capsys: Capture) -> None:
    """Where all is well it says so line by line, exits 0, and leaves no file behind."""
    config(f"{world.url}/openai-image")
    assert main(["doctor", *LISTEN]) == 0
    out = capsys.readouterr().out
    for subject in ("configuration", "storage", "listening", "account vendor"):
        assert f"✔ {subject}" in out
    assert "no problems, no hints" in out.splitlines()[-1]
    assert [path.name for path in Path.cwd().iterdir()] == ["genmedia.yml"]


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("Bearer sk-abc", "begins with 'Bearer '"),
        ("bearer sk-abc", "begins with 'Bearer '"),
        ("bearersk-abc", ""),
        ("'sk-abc'", "quotation marks"),
        ("sk-'abc", ""),
        (None, "is not set"),
    ],
)
def test_keys(key: str | None, says: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was copied beside the key is found, and never shown; a sound one is no finding."""
    config("http://127.0.0.1:9", "{env: DOCTOR_KEY}")
    if key is not None:
        monkeypatch.setenv("DOCTOR_KEY", key)
    code, found = doctor(capsys, "--offline")
    assert code == (2 if says else 0)
    assert [says in each["text"] and bool(each["todo"]) for each in found] == [True] * bool(says)
    assert "abc" not in str(found)


def test_a_missing_key_is_told_once(capsys: Capture) -> None:
    """What the service says without it is no second finding, and nobody is asked."""
    with Server(answer(status="401 Unauthorized")) as server:
        config(server.url, "{env: DOCTOR_KEY_NOBODY_SET}")
        code, found = doctor(capsys)
    assert (code, [each["subject"] for each in found]) == (2, ["account vendor"])
    assert not server.received


@pytest.mark.parametrize(("mode", "open_to_all"), [(0o644, True), (0o640, False), (0o600, False)])
def test_a_secret_that_everybody_can_read(mode: int, open_to_all: bool, capsys: Capture) -> None:
    """A hint, with the command that mends it."""
    Path("key").write_text("sk-abc")
    Path("key").chmod(mode)
    config("http://127.0.0.1:9", "{file: key}")
    code, found = doctor(capsys, "--offline")
    assert code == 0
    assert ["chmod o=" in each["todo"] for each in found] == [True] * open_to_all


def test_a_bad_configuration(capsys: Capture) -> None:
    """Exit 1, with every problem and its place, as everywhere else."""
    Path("genmedia.yml").write_text("acounts: {}\n")
    assert main(["doctor", *LISTEN]) == 1
    assert "genmedia.yml:1:1" in capsys.readouterr().err


def test_a_proxy_is_not_used(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable is named, its value with a password in it is not."""
    config("http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://me:hidden@proxy:3128")
    _, found = doctor(capsys, "--offline")
    assert [each["subject"] for each in found] == ["network"]
    assert "https_proxy" in found[0]["text"]
    assert "hidden" not in str(found)


def test_too_few_open_files(capsys: Capture) -> None:
    """More probes in flight than files may be open is a problem, with the number to set."""
    config("http://127.0.0.1:9", more="limits: {probes_in_flight: 10000}\n")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4_096, before[1]), before[1]))
    try:
        _, found = doctor(capsys, "--offline")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert [each["subject"] for each in found] == ["open files"]
    assert "20256" in found[0]["todo"]


def test_storage_of_a_running_exporter(capsys: Capture) -> None:
    """That another process has the file is no finding: it is the exporter that is asked about."""
    config("http://127.0.0.1:9")
    release = hold(Path("genmedia.db"))
    try:
        assert doctor(capsys, "--offline") == (0, [])
    finally:
        release()


def test_a_lock_is_left_as_it_is(capsys: Capture) -> None:
    """Removed, it would let two exporters in: one holds the old file, one makes a new one."""
    config("http://127.0.0.1:9")
    hold(Path("genmedia.db"))()
    lock = Path("genmedia.db.lock")
    before = lock.stat().st_ino
    assert doctor(capsys, "--offline") == (0, [])
    assert lock.stat().st_ino == before
    lock.unlink()
    assert doctor(capsys, "--offline") == (0, [])
    assert not lock.exists()


def test_storage_before_the_first_start(capsys: Capture) -> None:
    """An empty database is no finding: the first start makes its tables."""
    config("http://127.0.0.1:9")
    Path("genmedia.db").touch()
    assert doctor(capsys, "--offline") == (0, [])


def test_storage_that_cannot_be_used(capsys: Capture) -> None:
    """A path below a file, and a file that is no database."""
    Path("plain").write_text("x")
    config("http://127.0.0.1:9", more="storage: {path: plain/genmedia.db}\n")
    assert [each["subject"] for each in doctor(capsys, "--offline")[1]] == ["storage"]
    Path("genmedia.db").write_text("no database, but long enough to look like one" * 40)
    config("http://127.0.0.1:9")
    code, found = doctor(capsys, "--offline")
    assert (code, [each["subject"] for each in found]) == (2, ["storage"])


def test_a_server_that_nothing_here_speaks_to(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the driver it is a finding among the others; --config.check warns of it."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    config("http://127.0.0.1:9", more="storage: {url: {value: 'postgresql://u:p@127.0.0.1:9/x'}}\n")
    code, found = doctor(capsys, "--offline")
    assert (code, [each["subject"] for each in found]) == (2, ["storage"])
    assert "pip install 'genmedia-exporter[postgres]'" in found[0]["text"]

    assert main(["--config.check"]) == 0
    assert (
        "genmedia.yml:5:16: warning: storage.url: a PostgreSQL takes the package"
        in capsys.readouterr().err
    )


def test_a_port_that_is_taken(capsys: Capture) -> None:
    """A hint: an exporter may be running already."""
    config("http://127.0.0.1:9")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        code, found = doctor(capsys, "--offline", "--web.listen-address", address)
    assert (code, [each["subject"] for each in found]) == (0, ["listening"])
    assert found[0]["text"] == f"cannot listen on {address}: address already in use"


def test_a_paid_depth_that_is_never_bought(world: World, capsys: Capture) -> None:
    """A price above the budget is told by target."""
    Path("genmedia.yml").write_text(
        "budget: {daily_usd: 0.01, monthly_usd: 1}\n"
        f"accounts:\n  vendor: {{provider: openai, base_url: '{world.url}', api_key: {{value: k}}}}\n"
        "targets:\n  - {name: dear, account: vendor, model: gpt-image-2, depths: [reach, generate],"
        " price: {usd_per_image: 5}}\n"
    )
    _, found = doctor(capsys, "--offline")
    assert "dear" in [each["subject"] for each in found]


def test_a_wrong_key_and_a_service_that_is_down(capsys: Capture) -> None:
    """Our key is a problem of ours; an outage of theirs is a hint, and nothing of ours to mend."""
    refused = b'{"error": {"code": "invalid_api_key", "message": "Incorrect API key provided"}}'
    with Server(answer(status="401 Unauthorized", body=refused)) as server:
        config(server.url)
        code, found = doctor(capsys)
    assert (code, found[0]["level"], found[0]["subject"]) == (2, "problem", "account vendor")
    with Server(answer(status="500 Internal Server Error", body=b"{}")) as server:
        config(server.url)
        code, found = doctor(capsys)
    assert (code, found[0]["level"]) == (0, "hint")


@pytest.mark.parametrize("beyond", [False, True])
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_clock_that_is_wrong(sign: int, beyond: bool, capsys: Capture) -> None:
    """Told when it is more than a minute from the services', whichever way."""
    seconds = sign * (SKEW_SECONDS + (30 if beyond else -30))
    dated = f"date: {formatdate(time.time() + seconds, usegmt=True)}\r\n"
    body = b'{"id": "gpt-image-2.5-flare", "object": "model"}'
    with Server(answer(body, headers=dated)) as server:
        config(server.url)
        _, found = doctor(capsys)
    clock = [each["text"] for each in found if each["subject"] == "clock"]
    assert [("behind" if sign > 0 else "ahead of") in text for text in clock] == [True] * beyond


def test_a_status_page_that_cannot_be_read(world: World, capsys: Capture) -> None:
    """It is a problem with the place to mend it; one that is read is none."""
    page = f"status_pages:\n  - {{id: openai, url: '{world.url}/_pages/openai'}}\n"
    config(f"{world.url}/openai-image", more=page)
    assert doctor(capsys) == (0, [])
    config(f"{world.url}/openai-image", more=page.replace("/openai'", "/none'"))
    code, found = doctor(capsys)
    assert (code, [each["subject"] for each in found]) == (2, ["page openai"])
