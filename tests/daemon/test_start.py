"""The product as a user starts it: a process, its ports, its signals, its exit codes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

import httpx2
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from genmedia_exporter import __version__
from genmedia_exporter.daemon.app import App
from genmedia_exporter.daemon.options import Options
from genmedia_exporter.targets.source import ConfigSource
from tests.events import events

PROGRAM: Final = [sys.executable, "-m", "genmedia_exporter"]
READY_WITHIN: Final = 180.0
ENDS_WITHIN: Final = 10.0


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the program to its end."""
    return subprocess.run(
        [*PROGRAM, *arguments], cwd=cwd, capture_output=True, text=True, timeout=120
    )


class Demo:
    """A running `demo`. What it prints is read all the time, or its pipe would fill."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.printed: list[str] = []
        self.greeted = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed.append(line)
            if "Ctrl+C" in line:
                self.greeted.set()
        self.greeted.set()  # whoever waits learns that nothing more comes

    def address(self, title: str) -> str:
        """Return the address the greeting names behind *title*."""
        assert self.greeted.wait(READY_WITHIN)
        found = re.search(rf"{title} +(http://[^\s/]+)", "".join(self.printed))
        assert found is not None, "".join(self.printed)
        return found[1]

    def stop(self, number: int) -> int:
        """Send a signal to it alone; return the exit code. Raises TimeoutExpired if it goes on."""
        self.process.send_signal(number)
        return self.end()

    def interrupt(self) -> int:
        """Do what Ctrl+C does in a terminal: the world gets the signal, too."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.end()

    def end(self) -> int:
        """Wait for the end, which must come soon."""
        code = self.process.wait(ENDS_WITHIN)
        self._reader.join(ENDS_WITHIN)
        return code


@contextlib.contextmanager
def demo() -> Iterator[Demo]:
    """Start the demo on a free port; whatever happens, nothing of it is left."""
    process = subprocess.Popen(
        [*PROGRAM, "demo", "--web.listen-address", "127.0.0.1:0", "--log.level", "warn"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield Demo(process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def get(url: str, accept: str = "*/*") -> httpx2.Response:
    """Ask once."""
    return httpx2.get(url, headers={"Accept": accept}, trust_env=False, timeout=120)


def wait_until_ready(url: str) -> None:
    """Wait for the first round, as an orchestrator does."""
    deadline = time.monotonic() + READY_WITHIN
    while (answer := get(f"{url}/-/ready")).status_code != 200:
        assert answer.status_code == 503
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.2)


def is_served(url: str) -> bool:
    """Whether anybody listens there."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


def test_the_demo_from_start_to_end() -> None:
    """It becomes ready, serves metrics that both parsers read, and ends at once with its world."""
    with demo() as running:
        url, world = running.address("Status page"), running.address("The world")
        wait_until_ready(url)

        page = get(f"{url}/metrics").text
        text = list(parse_text(page))
        openmetrics = get(f"{url}/metrics", "application/openmetrics-text;version=1.0.0")
        families = list(parse_openmetrics(openmetrics.text))  # type: ignore[no-untyped-call]
        names = {family.name for family in families}

        statuses = next(f for f in text if f.name == "genmedia_target_status")
        assert len({s.labels["target"] for s in statuses.samples if s.value}) == 18
        assert {"genmedia_target", "genmedia_probes", "process_cpu_seconds"} <= names
        assert "<html" in get(f"{url}/").text
        assert is_served(world)

        assert running.stop(signal.SIGTERM) == 0
        assert not is_served(url)
        assert not is_served(world)


def test_ctrl_c_ends_the_demo_too() -> None:
    """An interrupt is a way to end, not an error with a traceback."""
    with demo() as running:
        world = running.address("The world")
        wait_until_ready(running.address("Status page"))
        assert running.interrupt() == 0
        assert "Traceback" not in "".join(running.printed)
        assert not is_served(world)


def test_a_used_address_is_one_line(config: Path) -> None:
    """It says which, and exits with 1."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = run("--config.file", str(config), "--web.listen-address", address)
    assert done.returncode == 1
    assert done.stderr == f"genmedia-exporter: cannot listen on {address}: address already in use\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A sound configuration that needs no key."""
    file = tmp_path / "genmedia.yml"
    file.write_text(
        "accounts: {here: {provider: http, base_url: 'http://127.0.0.1:9'}}\n"
        "targets: [{account: here, depths: reach}]\n"
    )
    return file


def test_a_sound_configuration_is_fine(config: Path) -> None:
    """--config.check says what would be probed, and exits with 0."""
    done = run("--config.check", cwd=config.parent)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "1 target, 1 account",
        "  here  video official  reach 1m",
        "Paid probes: none; they take budget.daily_usd and budget.monthly_usd above 0",
        "Configuration is valid.",
    ]


def test_a_check_looks_at_the_web_configuration_too(config: Path) -> None:
    """What serving would refuse is refused."""
    web = config.with_name("web.yml")
    web.write_text("tls_server_confg: {cert_file: a.pem}\n")
    done = run("--config.check", "--web.config.file", str(web), cwd=config.parent)
    assert (done.returncode, done.stdout) == (1, "")
    assert "unknown key; did you mean 'tls_server_config'?" in done.stderr


def waiting_writer(fifo: Path, process: subprocess.Popen[str]) -> int:
    """Return the writing end of a pipe, as soon as the program is there to read it."""
    deadline = time.monotonic() + READY_WITHIN
    while True:
        assert process.poll() is None, f"it ended with {process.returncode}"
        with contextlib.suppress(OSError):
            return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_hangup_while_it_starts_is_a_reload(config: Path) -> None:
    """It does not end the process, not even before there is a configuration, and is not lost."""
    content, fifo = config.read_bytes(), config.with_name("pipe.yml")
    os.mkfifo(fifo)
    process = subprocess.Popen(
        [*PROGRAM, "--config.file", str(fifo), "--web.listen-address", "127.0.0.1:0"],
        cwd=config.parent,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        told = iter(process.stderr.readline, "")
        for said in ("msg=listening", 'msg="configuration reloaded" trigger=SIGHUP'):
            end = waiting_writer(fifo, process)
            if said == "msg=listening":
                process.send_signal(signal.SIGHUP)
            os.write(end, content)
            os.close(end)
            assert any(said in line for line in told)
        process.send_signal(signal.SIGTERM)
        assert process.wait(ENDS_WITHIN) == 0
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def test_a_hangup_ends_a_command(config: Path) -> None:
    """Whoever closes the terminal wants no more of it."""
    fifo = config.with_name("pipe.yml")
    os.mkfifo(fifo)
    heard = partial(signal.signal, signal.SIGHUP, signal.SIG_DFL)  # also when nohup runs the tests
    process = subprocess.Popen(
        [*PROGRAM, "check", "--config.file", str(fifo)], text=True, preexec_fn=heard
    )
    end = waiting_writer(fifo, process)
    process.send_signal(signal.SIGHUP)
    try:
        assert process.wait(ENDS_WITHIN) == -signal.SIGHUP
    finally:
        os.close(end)
        process.kill()
        process.wait()


def test_a_bad_configuration_is_told_whole(tmp_path: Path) -> None:
    """--config.check names every problem with its place, and exits with 1."""
    file = tmp_path / "bad.yml"
    file.write_text("accounts:\n  a: {provider: opnai}\ntargets:\n  - {acount: a, model: x}\n")
    done = run("--config.check", "--config.file", str(file))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        f"{file}:2:17: accounts.a.provider: no provider is called 'opnai'; did you mean 'openai'?",
        f"{file}:4:5: targets[0].account: this key is required",
        f"{file}:4:6: targets[0].acount: unknown key; did you mean 'account'?",
    ]


def test_no_configuration_is_one_line(tmp_path: Path) -> None:
    """The file that is looked for is named, and what a newcomer can do."""
    done = run(cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "genmedia.yml: the configuration file cannot be read: No such file or directory; "
        "name one with --config.file, draft one with `genmedia-exporter init -o genmedia.yml`, "
        "or see `genmedia-exporter demo`"
    ]


def test_the_version() -> None:
    """As official exporters print it."""
    assert run("--version").stdout.startswith(f"genmedia-exporter, version {__version__} (python ")


def test_a_reload_tells_what_is_doubtful(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that is not set is said when the configuration comes into force, not only at start."""
    monkeypatch.chdir(tmp_path)
    text = "accounts: {web: {provider: http, base_url: 'https://web.example'%s}}\n"
    file = tmp_path / "genmedia.yml"
    file.write_text(text % "")
    source = ConfigSource(file, {})
    source.load()

    async def reload() -> None:
        app = App(source, Options())
        file.write_text(text % ", api_key: {env: NOT_SET}")
        assert await app.reload() == []
        await app.history.close()

    asyncio.run(reload())
    told = dict(events(caplog.records))
    warning = str(told["configuration warning"]["warning"])
    assert "environment variable NOT_SET (account 'web') is not set" in warning
