"""The Dockerfile, as far as it can be known without docker."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Final

import pytest

from genmedia_exporter.cli import build_parser, with_command
from genmedia_exporter.web.http.listening import DEFAULT_ADDRESS
from tests.deploy.files import ROOT

TEXT: Final = (ROOT / "Dockerfile").read_text("utf-8")
CODE: Final = re.sub(r"^#.*\n", "", TEXT, flags=re.MULTILINE).replace("\\\n", " ")
FINAL: Final = CODE[CODE.rindex("\nFROM ") :]
PORT: Final = DEFAULT_ADDRESS.removeprefix(":")


def instruction(name: str) -> list[str]:
    """Return the arguments of an instruction in the final stage, once for each time it is given."""
    return re.findall(rf"^{name}\s+(.*)$", FINAL, re.MULTILINE)


def test_it_is_based_on_an_exact_version() -> None:
    """Both stages on the same one, by its patch number, of a Python that the project names."""
    (image,) = re.findall(r"^ARG PYTHON_IMAGE=(.*)$", CODE, re.MULTILINE)
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-[a-z]+(@sha256:[0-9a-f]{64})?", image)
    assert re.findall(r"^FROM (\S+)", CODE, re.MULTILINE) == ["${PYTHON_IMAGE}"] * 2
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    minor = ".".join(image.removeprefix("python:").split(".")[:2])
    assert f"Programming Language :: Python :: {minor}" in project["classifiers"]


def test_every_package_has_a_hash() -> None:
    """From the index comes only what the lock knows; what is installed comes from there."""
    pips = [line for line in re.split(r"\n|&&", CODE) if " pip " in line]
    online = [line for line in pips if "--no-index" not in line]
    assert len(online) == 1
    assert "download" in online[0]
    assert "--require-hashes" in online[0]
    assert "--requirement requirements.txt" in online[0]


def test_it_does_not_run_as_root() -> None:
    """By number: Kubernetes cannot know who a name is."""
    assert instruction("USER") == ["65532:65532"]
    assert FINAL.index("\nUSER") < FINAL.index("\nENTRYPOINT")


def test_what_is_copied_is_there() -> None:
    """In the checkout, and let through by .dockerignore, which lets through nothing else."""
    copied = {
        name
        for line in re.findall(r"^COPY (?!--from)(.*)$", CODE, re.MULTILINE)
        for name in line.split()[:-1]
    }
    ignore = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert copied == {line[1:] for line in ignore if line.startswith("!")}
    assert "*" in ignore
    assert all((ROOT / name).exists() for name in copied)


def test_it_starts_the_exporter() -> None:
    """The program of the wheel, with flags it takes, on the port it says."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (program,) = json.loads(instruction("ENTRYPOINT")[0])
    assert program in project["scripts"]
    args = build_parser().parse_args(with_command(json.loads(instruction("CMD")[0])))
    assert str(args.config_file) == "/etc/genmedia/genmedia.yml"
    assert instruction("EXPOSE") == [PORT]
    assert instruction("VOLUME") == instruction("WORKDIR") == ["/data"]
    assert instruction("STOPSIGNAL") == ["SIGTERM"]


class Answering(BaseHTTPRequestHandler):
    """Says what it is told to at /-/healthy."""

    status = 200

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(self.status if self.path == "/-/healthy" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    """Serve on a free port."""
    with HTTPServer(("127.0.0.1", 0), Answering) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_the_health_check_tells(
    server: HTTPServer, status: int, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Zero for a living exporter and one for another, whatever proxy is set."""
    monkeypatch.setattr(Answering, "status", status)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    command = json.loads(instruction("HEALTHCHECK")[0].partition(" CMD ")[2])
    assert command[:2] == ["python", "-c"]
    script = command[2].replace(PORT, str(server.server_port))
    assert script != command[2]
    done = subprocess.run([sys.executable, "-c", script], timeout=120)
    assert done.returncode == code
