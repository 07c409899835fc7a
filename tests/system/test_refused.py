"""Channels on which every create fails by another 4xx: nothing is green, and none is recommended."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote

from tests.system.test_follow import Exporter, exporter
from tests.transport.server import Received, Server, Writer

WAIT = 60.0
"""Seconds in which every channel must have been asked often enough."""
ENOUGH = 3
"""Creates after which a status is confirmed."""

REFUSALS: dict[str, Iterator[tuple[int, object]]] = {
    "blocked": itertools.repeat((400, {"error": {"message": "zqx", "code": "zqx_7"}})),
    "closed": itertools.repeat((422, {"detail": "Der Schalter ist geschlossen."})),
    "forbidden": itertools.repeat((403, {"status": "no"})),
    "conflict": itertools.repeat((409, {"error": "vwy"})),
    "plain": itertools.repeat((418, "nope")),
    "another each time": itertools.cycle(
        (status, {"error": {"message": f"zqx {word}"}})
        for status, word in ((400, "one"), (409, "two"), (422, "three"), (404, "four"))
    ),
}
"""What each channel says to every create."""


async def refuse(request: Received, writer: Writer) -> None:
    """Answer as the channel whose name is the first step of the path."""
    method, path, _ = request.line.split()
    name = unquote(path.split("/")[1])
    listed = {"object": "list", "data": [{"id": "m", "object": "model"}]}
    status, document = next(REFUSALS[name]) if method == "POST" else (200, listed)
    body = json.dumps(document).encode()
    head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\n"
    writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)


def configuration(url: str) -> str:
    """Return a configuration with one account and target for each channel."""
    key, names = {"value": "sk-of-this-test"}, list(REFUSALS)
    accounts = {
        name: {
            "provider": "new-api" if number % 2 else "openai-compatible",
            "base_url": f"{url}/{quote(name)}",
            "api_key": key,
        }
        for number, name in enumerate(names)
    }
    targets = [
        {"name": n, "account": n, "model": "m", "operation": "image", "depths": ["reach", "accept"]}
        for n in names
    ]
    defaults = {"timeout": "5s", "interval": {"reach": "1s", "accept": "1s"}}
    return json.dumps({"defaults": defaults, "accounts": accounts, "targets": targets})


def settled(running: Exporter) -> dict[str, str]:
    """Return the statuses once each channel was refused often enough, then as often again."""
    until = time.monotonic() + WAIT
    greens: list[dict[str, str]] = []
    while min(REFUSED.count(name) for name in REFUSALS) < 4 * ENOUGH:
        assert time.monotonic() < until, REFUSED
        asked = min(REFUSED.count(name) for name in REFUSALS)
        seen = {name: target["status"] for name, target in running.look().items()}
        if asked > 2 * ENOUGH:
            greens.append({n: s for n, s in seen.items() if s in GREEN})
    assert not any(greens), greens
    return seen


GREEN = ("operational", "degraded")
SAY_GREEN = (
    "genmedia_target_up{",
    "genmedia_target_depth_verified{",
    "genmedia_target_status_code{",
)
"""What would be 1 on /metrics: up, a depth, the code of operational."""
SEEN = tuple(
    f'genmedia_target_depth_verified{{target="{name}",depth="reach"}}' for name in REFUSALS
)
"""The listing works."""
REFUSED: list[str] = []
"""The channels of all creates, in order."""


async def counted(request: Received, writer: Writer) -> None:
    """Refuse, and note it."""
    if request.line.startswith("POST"):
        REFUSED.append(unquote(request.line.split()[1].split("/")[1]))
    await refuse(request, writer)


def test_nothing_is_green_and_nothing_is_recommended(tmp_path: Path) -> None:
    """Not while the exporter runs, not in its ranking, and not in a one-shot report."""
    with Server(counted) as server, exporter(tmp_path, configuration(server.url)) as running:
        statuses = settled(running)
        ranking = json.loads(running.get("/api/v1/route?operation=image"))
        told = [
            line
            for line in running.get("/metrics").decode().splitlines()
            if line.endswith((" 1", " 1.0"))
        ]
        done = subprocess.run(
            [sys.executable, "-m", "genmedia_exporter", "check", "--config.file", "genmedia.yml"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )

    assert {statuses[name] for name in ("blocked", "closed")} == {"down"}
    assert [line for line in told if line.startswith(SAY_GREEN) and not line.startswith(SEEN)] == []
    assert [one for one in ranking["targets"] if one["usable"]] == []
    assert ranking["message"].startswith(f"None of {len(REFUSALS)} is usable now")
    assert done.returncode == 2
    assert f"0 of {len(REFUSALS)} usable" in done.stdout
