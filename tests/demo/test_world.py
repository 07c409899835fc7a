"""The world as a whole: control pages, ledger, story, limits, the program, and the import rule."""

import ast
import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

import genmedia_exporter.demo
from genmedia_exporter.demo.http import Limits
from genmedia_exporter.demo.world import World, run_in_thread

HOME = Path(genmedia_exporter.demo.__file__).parent
ALLOWED = {"h11", "yaml", *sys.stdlib_module_names}


def test_world_starts_inside_a_loop() -> None:
    """The asynchronous way in: url, port, a fault, and the ledger."""

    async def visit() -> None:
        async with World.start(listen="127.0.0.1:0", story=False) as world:
            assert world.url.endswith(f":{world.port}")
            world.set_fault("kling", "maintenance")
            headers = {"Authorization": "Bearer demo-key"}
            async with httpx.AsyncClient(trust_env=False) as client:
                url = f"{world.url}/kling/v1/videos/text2video"
                assert (await client.get(url, headers=headers)).json()["code"] == 5001
                world.clear_fault("kling")
                assert (await client.get(url, headers=headers)).json()["code"] == 0
            assert world.ledger["kling"].requests == 2

    asyncio.run(visit())


def test_ledger_counts_and_prices(visitor: Any) -> None:
    """Requests, creates and dollars per service, summed exactly."""
    for _ in range(3):
        visitor.create("sora-2-pro-official")
    visitor.create("openai-image")
    state = visitor.control("GET", "/state").json()
    pro = state["services"]["sora-2-pro-official"]
    assert (pro["requests"], pro["creates"], pro["spent_usd"]) == (3, 3, 3.6)
    assert pro["most_in_flight"] == 1
    assert state["spent_usd"] == 3.606
    assert state["slips"] == 0


def test_faults_by_request(visitor: Any) -> None:
    """Put, seen in the state, lapses after its duration, lifted by DELETE."""
    body = {"service": "fal", "kind": "slow", "seconds": 2, "duration_s": 30}
    assert visitor.control("POST", "/faults", body).status_code == 201
    fal = visitor.control("GET", "/state").json()["services"]["fal"]
    assert fal["fault"] == {"kind": "slow", "options": {"seconds": 2.0}}
    visitor.time.now += 31
    assert visitor.world.fault("fal") is None
    visitor.control("POST", "/faults", body)
    assert visitor.control("DELETE", "/faults/fal").status_code == 200
    assert visitor.world.fault("fal") is None


@pytest.mark.parametrize(
    "body",
    [
        {"service": "nobody", "kind": "slow"},
        {"service": "fal", "kind": "nonsense"},
        {"service": "fal", "kind": "upstream_quota"},
        {"service": "fal", "kind": "slow", "duration_s": -1},
        {"service": "fal", "kind": "slow", "duration_s": "soon"},
        ["fal"],
        None,
    ],
)
def test_wrong_faults_are_told_what_exists(visitor: Any, body: object) -> None:
    """A 400 that lists the services and kinds."""
    answer = visitor.control("POST", "/faults", body)
    assert answer.status_code == 400
    assert "fal" in answer.json()["services"]
    assert "hang" in answer.json()["kinds"]


def test_pages_for_people(visitor: Any) -> None:
    """The index lists every service; unknown places are 404."""
    page = visitor.client.get(visitor.world.url)
    assert all(name in page.text for name in visitor.world.services)
    for path in ("/nobody", "/_pages/openai", "/_world/elsewhere"):
        assert visitor.client.get(visitor.world.url + path).status_code == 404
    assert visitor.control("DELETE", "/faults/nobody").status_code == 400
    assert visitor.control("POST", "/story", {"running": "yes"}).status_code == 400


def shout(port: int, data: bytes) -> bytes:
    """Send bytes, say no more, and read whatever comes back."""
    heard = b""
    line = socket.create_connection(("127.0.0.1", port), timeout=5)
    with line, contextlib.suppress(OSError):
        line.sendall(data)
        line.shutdown(socket.SHUT_WR)
        while piece := line.recv(65536):
            heard += piece
    return heard


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\x16\x03\x01 nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 70_000, b"431"),
        (
            b"POST /fal/x HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n"
            + b"a" * 2_000_000,
            b"413",
        ),
        (b"GET //[ HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
        (
            b"POST /kling/v1/videos/text2video HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{",
            b"400",
        ),
        (b"", b""),
        (b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n", b"200"),
        (b"GET / HTTP/1.0\r\n\r\n", b"200"),
    ],
)
def test_rubbish_is_survived(visitor: Any, data: bytes, status: bytes) -> None:
    """Bad requests, huge heads and bodies, half requests: an answer or a farewell."""
    heard = shout(visitor.world.port, data)
    assert heard.startswith(b"HTTP/1.1 " + status) if status else heard == b""
    assert visitor.reach("kling").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b"null",
        b"\xff\xfe",
        b'{"model": {}, "prompt": 5, "seconds": [], "messages": [1], "input": [], "instances": [[]]}',
        b'{"parameters": 3, "response_format": 4, "n": 9e99, "size": null, "quality": {}}',
    ],
)
def test_odd_bodies_never_make_a_slip(visitor: Any, service: str, body: bytes) -> None:
    """Whatever the JSON, the answer is the vendor's."""
    ask = visitor.ask(service)
    url = f"{visitor.world.url}/{service}{ask.create}"
    for kind in (None, "accepts_invalid"):
        if kind in visitor.world.services[service].kinds:
            visitor.world.set_fault(service, "accepts_invalid")
        answer = visitor.client.post(url, content=body, headers=ask.key)
        assert answer.status_code < 500 or service == "sora-image"


def test_patience_and_crowds_are_bounded() -> None:
    """A silent client is dropped; past the limit nobody more is let in."""
    limits = Limits(read_seconds=0.1)
    with (
        run_in_thread(limits=limits, most_connections=1) as world,
        socket.create_connection(("127.0.0.1", world.port), timeout=5) as silent,
        socket.create_connection(("127.0.0.1", world.port), timeout=5) as second,
    ):
        with contextlib.suppress(ConnectionError):
            assert second.recv(1) == b""
        silent.sendall(b"GET / HT")
        assert silent.recv(1) == b""


def test_world_is_a_program(tmp_path: Path) -> None:
    """One line when ready, an orderly end on SIGTERM, and silence on stderr."""
    command = [
        sys.executable,
        "-m",
        "genmedia_exporter.demo.world",
        "--day",
        "60",
        "--latency",
        "0",
    ]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdout=pipe, stderr=pipe, text=True, cwd=HOME.parents[1]
    ) as world:
        assert world.stdout
        assert world.stderr
        ready = world.stdout.readline()
        url = ready.removeprefix("world listening on ").strip()
        with httpx.Client(trust_env=False) as client:
            assert client.get(f"{url}/_world/story").json()["running"] is True
            os.kill(world.pid, signal.SIGTERM)
            assert world.wait(10) == 0
        assert world.stderr.read() == ""


def test_demo_world_imports_nothing_of_ours() -> None:
    """Only the standard library, h11, PyYAML, and the demo world itself."""
    for file in HOME.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0
                names = [node.module or ""]
            for name in names:
                ours = name == "genmedia_exporter.demo" or name.startswith(
                    "genmedia_exporter.demo."
                )
                assert ours or name.split(".")[0] in ALLOWED, f"{file.name} imports {name}"


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"day": 0.0}, "day"), ({"listen": "nowhere"}, "host:port"), ({"latency": -1.0}, "latency")],
)
def test_impossible_worlds_say_why(settings: Any, words: str) -> None:
    """A wrong setting is an error in the caller's thread, with its name."""
    with pytest.raises(ValueError, match=words), run_in_thread(**settings):
        pass


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "application/json", ""])
def test_json_is_read_under_any_type(visitor: Any, kind: str) -> None:
    """curl -d sends JSON as a form; the world reads it all the same."""
    ask = visitor.ask("kling")
    headers = ask.key | {"Content-Type": kind}
    url, body = f"{visitor.world.url}/kling{ask.create}", b'{"prompt": "a lighthouse"}'
    assert visitor.client.post(url, content=body, headers=headers).json()["code"] == 0
