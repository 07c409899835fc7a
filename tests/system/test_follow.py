"""The whole product against the demo world: statuses follow its faults and come back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from genmedia_exporter.demo.world import World, run_in_thread

WAIT = 60.0
"""Seconds in which a status must have followed; a probe a second needs about four."""
PAGE_LIMIT = 1.0
"""Seconds in which /metrics must answer at every moment."""

SERVICES = {
    "sora-2-official": ("openai", "sora-2"),
    "sora-2-pro-official": ("openai", "sora-2-pro"),
    "openai-image": ("openai", "gpt-image-2.5-flare"),
    "veo-3.1-reverse": ("new-api", "veo-3.1"),
    "sora-image": ("new-api", "sora_image"),
    "sora-2-reverse": ("sora2api", "sora_video2"),
    "sora-2-pro-reverse": ("sora2api", "sora-2-pro"),
    "gemini-omni": ("gemini", "gemini-omni-1.2-flash"),
    "kling": ("kling", "kling-v3"),
    "fal": ("fal", "fal-ai/wan/v2.7/text-to-video"),
    "dashscope": ("dashscope", "wan2.7-t2v"),
}


@dataclass
class Exporter:
    """A running exporter, and how slow its metrics page has been at worst."""

    url: str
    pid: int
    slowest: float = 0.0
    statuses: dict[str, str] = field(default_factory=dict)

    def look(self) -> dict[str, dict[str, Any]]:
        """Scrape, then return the targets by name."""
        before = time.monotonic()
        self.get("/metrics")
        self.slowest = max(self.slowest, time.monotonic() - before)
        return {t["name"]: t for t in json.loads(self.get("/api/v1/status"))["targets"]}

    def get(self, path: str) -> bytes:
        """Return a page."""
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:  # noqa: S310
            content: bytes = answer.read()
        return content

    def wait_for(self, wanted: dict[str, tuple[str, ...]]) -> None:
        """Return when every service has one of its statuses; fail with what is missing."""
        until = time.monotonic() + WAIT
        while missing := self._missing(wanted):
            assert time.monotonic() < until, missing

    def _missing(self, wanted: dict[str, tuple[str, ...]]) -> dict[str, Any]:
        seen = self.look()
        return {
            name: (seen[name]["status"], seen[name]["reason"], "wanted", statuses)
            for name, statuses in wanted.items()
            if seen[name]["status"] not in statuses
        }


def configuration(world: World) -> str:
    """Return a configuration that watches every service once a second."""
    accounts = {
        name: {
            "provider": provider,
            "base_url": f"{world.url}/{name}",
            "api_key": {"value": "demo-key"},
            "channel": "reverse" if "reverse" in name else "official",
        }
        for name, (provider, _) in SERVICES.items()
    }
    targets = [
        {"name": name, "account": name, "model": model, "depths": ["reach"]}
        for name, (_, model) in SERVICES.items()
    ]
    defaults = {"timeout": "1s", "interval": {"reach": "1s"}}
    return json.dumps({"defaults": defaults, "accounts": accounts, "targets": targets})


@contextmanager
def exporter(folder: Path, text: str) -> Iterator[Exporter]:
    """Run the exporter as a process of its own on a free port."""
    path = folder / "genmedia.yml"
    path.write_text(text, "utf-8")
    command = [sys.executable, "-m", "genmedia_exporter", "--config.file", str(path)]
    command += ["--web.listen-address", "127.0.0.1:0"]
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    process = subprocess.Popen(
        command, cwd=folder, stderr=subprocess.PIPE, text=True, env=environment
    )
    try:
        yield Exporter(_address(process), process.pid)
    finally:
        process.terminate()
        _, told = process.communicate(timeout=60)
    assert process.returncode == 0, told
    assert "Traceback" not in told, told


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if "msg=listening" in line:
            return line.split("url=")[1].strip()
    raise AssertionError("the exporter did not start")


DOWN, UNKNOWN, BACK = ("down",), ("unknown",), ("operational",)

TRANSPORT = {
    "sora-2-official": ("hang", DOWN),
    "sora-2-pro-official": ("reset", DOWN),
    "openai-image": ("trickle", DOWN),
    "veo-3.1-reverse": ("truncated", DOWN),
    "sora-image": ("bomb", UNKNOWN),
    "sora-2-reverse": ("challenge", ("risk_control",)),
    "sora-2-pro-reverse": ("html", UNKNOWN),
    "gemini-omni": ("redirect", UNKNOWN),
    "kling": ("garbage", DOWN),
    "fal": ("edge_502", DOWN),
    "dashscope": ("flood", UNKNOWN),
}
APPLICATION = {
    "sora-2-official": ("server_error", DOWN),
    "sora-2-pro-official": ("retired", ("retired",)),
    "openai-image": ("rate_limited", ("rate_limited",)),
    "veo-3.1-reverse": ("invalid_key", ("auth_error",)),
    "sora-image": ("reset_midbody", DOWN),
    "sora-2-reverse": ("empty", UNKNOWN),
    "sora-2-pro-reverse": ("bad_json", UNKNOWN),
    "gemini-omni": ("region", ("auth_error",)),
    "kling": ("maintenance", ("maintenance",)),
    "fal": ("invalid_key", ("auth_error",)),
    "dashscope": ("hang", DOWN),
}


def test_statuses_follow_the_world_and_come_back(tmp_path: Path) -> None:
    """Through two rounds of faults every status follows and recovers, and /metrics never waits."""
    elsewhere = []
    with run_in_thread() as world, run_in_thread() as other:
        with exporter(tmp_path, configuration(world)) as watching:
            watching.wait_for(dict.fromkeys(SERVICES, BACK))
            for faults in (TRANSPORT, APPLICATION):
                for name, (kind, _) in faults.items():
                    options: dict[str, Any] = {"to": other.url} if kind == "redirect" else {}
                    world.set_fault(name, kind, **options)
                watching.wait_for({name: statuses for name, (_, statuses) in faults.items()})
                for name in faults:
                    world.clear_fault(name)
                watching.wait_for(dict.fromkeys(SERVICES, BACK))
        elsewhere = [other.ledger[name].requests for name in SERVICES]
        spent = world.ledger.total_usd

    assert sum(elsewhere) == 0, "a redirect was followed"
    assert spent == 0, "a probe has bought something"
    assert watching.slowest < PAGE_LIMIT
