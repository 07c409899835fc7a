"""The real LiteLLM on loopback, a toy vendor behind it: broken and mended, and never a create of ours sent on.

`make programs` installs it into an environment of its own, or GENMEDIA_TEST_LITELLM names its program.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
import pytest

from genmedia_exporter.core.clock import SystemClock
from genmedia_exporter.core.evidence import JobRef, Verdict
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.secret import Secret
from genmedia_exporter.core.status import Channel, Depth, Fault, Operation, Status
from genmedia_exporter.drivers.contract import Run
from genmedia_exporter.probing.prober import Prober
from genmedia_exporter.providers.loader import load_provider
from genmedia_exporter.targets.model import Account, Target
from tests.drivers.generating import NETWORK
from tests.drivers.world import target
from tests.programs import find_litellm
from tests.transport.server import Received, Server, Writer

PROGRAM = find_litellm()
KEY = "sk-of-this-test"
MODELS = {"video": "openai/sora-2", "image": "openai/gpt-image-2", "chat": "openai/gpt-4o"}
pytestmark = [
    pytest.mark.skipif(
        PROGRAM is None, reason="LiteLLM is not installed: GENMEDIA_TEST_LITELLM=install make test"
    ),
]


@dataclass
class Vendor:
    """What the toy vendor answers, and how many requests have reached it."""

    status: int = 200
    error: dict[str, object] | None = None
    requests: int = 0

    async def play(self, _request: Received, writer: Writer) -> None:
        """Answer one request."""
        self.requests += 1
        made = {"created": 1, "data": [{"b64_json": "iVBORw0KGgo="}]}
        body = json.dumps(made if self.error is None else {"error": self.error}).encode()
        head = (
            f"HTTP/1.1 {self.status} X\r\ncontent-type: application/json\r\nconnection: close\r\n"
        )
        writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)


@dataclass(frozen=True)
class Gateway:
    """LiteLLM, running."""

    url: str
    vendor: Vendor


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Start LiteLLM with one deployment of each operation, and one whose vendor is not there."""
    with _started(tmp_path_factory.mktemp("litellm"), {}) as found:
        yield found


@pytest.fixture(scope="module")
def checking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Start one whose operator has background health checks on."""
    more = {"background_health_checks": True, "health_check_interval": 2}
    folder = tmp_path_factory.mktemp("checking")
    with _started(folder, {**more, "enable_health_check_routing": True}) as found:
        yield found


@contextmanager
def _started(folder: Path, settings: dict[str, object]) -> Iterator[Gateway]:
    vendor = Vendor()
    with Server(vendor.play) as server:
        port = _free_port()
        config = folder / "config.yaml"
        config.write_text(json.dumps(_config(server.url, settings)), "utf-8")
        asked = ["--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
        quiet = {**os.environ, "LITELLM_LOG": "ERROR", "NO_PROXY": "127.0.0.1"}
        log = (folder / "log").open("wb")
        running = subprocess.Popen(
            [str(PROGRAM), *asked], cwd=folder, env=quiet, stdout=log, stderr=log
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}/health/liveliness", running, folder / "log")
            yield Gateway(f"http://127.0.0.1:{port}", vendor)
        finally:
            running.terminate()
            running.wait(30)
            log.close()


def _config(vendor: str, settings: dict[str, object]) -> dict[str, object]:
    def deployment(name: str, model: str, base: str) -> dict[str, object]:
        more = {"model": model, "api_base": f"{base}/v1", "api_key": "sk-toy"}
        mode = {"mode": "image_generation"} if "image" in model else {}
        return {"model_name": name, "litellm_params": more, "model_info": mode}

    dead = deployment("dead", MODELS["image"], f"http://127.0.0.1:{_free_port()}")
    made = [deployment(name, model, vendor) for name, model in MODELS.items()]
    # Only what has two deployments is ever cooled down.
    pair = [deployment("pair", MODELS["image"], base) for base in (vendor, f"{vendor}/")]
    return {
        "model_list": [*made, *pair, dead],
        "litellm_settings": {"num_retries": 0, "request_timeout": 8},
        "router_settings": {"num_retries": 0, "allowed_fails": 0, "cooldown_time": 3},
        "general_settings": {"master_key": KEY, **settings},
    }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        return int(held.getsockname()[1])


def _wait_for(url: str, running: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        try:
            httpx2.get(url, timeout=2.0, trust_env=False)
            return
        except httpx2.HTTPError:
            assert running.poll() is None, log.read_text("utf-8", "replace")[-2000:]
            time.sleep(0.3)
    pytest.fail("LiteLLM did not start")


def watched(gateway: Gateway, name: str, model: str, operation: str, key: str = KEY) -> Target:
    """Return a target at the gateway."""
    provider = load_provider(name)
    at = Account("a", provider, gateway.url, Channel.OFFICIAL, api_key=Secret(key))
    return replace(target(at), model=model, operation=Operation(operation), timeout=20.0)


def probed(at: Target, depth: Depth) -> Verdict:
    """Return the verdict of one free probe."""
    prober = Prober(NETWORK, SystemClock())
    return asyncio.run(prober.probe(at, depth)).verdict


def generated(at: Target) -> Verdict:
    """Return the verdict of one generation."""

    async def accepted(_job: JobRef) -> None:
        """Nobody asks after it."""

    prober = Prober(NETWORK, SystemClock())
    run = Run(SystemClock(), "a lighthouse at dusk", accepted)
    return asyncio.run(prober.generate(at, run)).verdict


@pytest.mark.parametrize("operation", list(MODELS))
@pytest.mark.parametrize("name", ["litellm", "openai-compatible"])
def test_litellm_itself_refuses_our_creates(gateway: Gateway, name: str, operation: str) -> None:
    """Proven by its own complaint, and nothing reaches the vendor, of the second create neither."""
    before = gateway.vendor.requests
    at = watched(gateway, name, operation, operation)
    found = probed(at, Depth.ACCEPT)
    call = at.call_for(Depth.ACCEPT)
    assert call is not None
    assert call.again is not None
    status = _create(gateway, call.again.path, {**call.again.body, "model": operation})

    assert found.reason is Reason.REJECTED_AS_EXPECTED
    assert status == 400
    assert gateway.vendor.requests == before


def _create(gateway: Gateway, path: str, body: dict[str, object]) -> int:
    key = {"authorization": f"Bearer {KEY}"}
    url = f"{gateway.url}/v1{path}"
    return httpx2.post(url, json=body, headers=key, timeout=20.0, trust_env=False).status_code


@pytest.mark.parametrize("name", ["litellm", "openai-compatible"])
@pytest.mark.parametrize("depth", [Depth.REACH, Depth.ACCEPT])
def test_a_wrong_key_is_ours(gateway: Gateway, name: str, depth: Depth) -> None:
    """Although LiteLLM speaks of its database."""
    found = probed(watched(gateway, name, "video", "video", "sk-wrong"), depth)

    assert (found.status, found.fault) == (Status.AUTH_ERROR, Fault.ACCOUNT)


def test_a_model_it_does_not_list_is_not_there(gateway: Gateway) -> None:
    """The list is of our key."""
    missing = probed(watched(gateway, "litellm", "nobody", "video"), Depth.REACH)
    listed = probed(watched(gateway, "litellm", "video", "video"), Depth.REACH)

    assert (missing.reason, listed.reason) == (Reason.MODEL_NOT_FOUND, Reason.OK)


BROKEN = {
    "key": (401, "Incorrect API key provided: sk-toy.", "invalid_request_error", "invalid_api_key"),
    "rate": (429, "Rate limit reached for x on requests per min", "requests", "rate_limit_exceeded"),
    "money": (429, "You exceeded your current quota, please check your plan and billing details.", "insufficient_quota", "insufficient_quota"),
    "server": (500, "The server had an error while processing your request.", "server_error", None),
}  # fmt: skip


@pytest.mark.parametrize(
    ("broken", "status"),
    [
        ("key", Status.SUSPENDED),
        ("rate", Status.RATE_LIMITED),
        ("money", Status.SUSPENDED),
        ("server", Status.DOWN),
    ],
)
def test_what_the_vendor_refuses_is_the_gateways(
    gateway: Gateway, broken: str, status: Status
) -> None:
    """Whatever happens behind it, and mended it works again."""
    at = watched(gateway, "litellm", "image", "image")
    code, message, kind, name = BROKEN[broken]
    vendor = gateway.vendor
    vendor.status = code
    vendor.error = {"message": message, "type": kind, "param": None, "code": name}
    try:
        found = generated(at)
    finally:
        vendor.status, vendor.error = 200, None
    mended = generated(at)

    assert (found.status, found.fault) == (status, Fault.GATEWAY), found
    assert mended.reason not in (found.reason, Reason.NO_CHANNEL)


def test_a_vendor_that_is_not_there_is_the_gateways(gateway: Gateway) -> None:
    """It answers for what is behind it."""
    found = generated(watched(gateway, "litellm", "dead", "image"))

    assert (found.status, found.fault) == (Status.DOWN, Fault.GATEWAY)


def test_what_its_own_checks_find_dead_is_the_gateways(checking: Gateway) -> None:
    """Seen for free, in the list of what is healthy; what is not listed at all stays ours to explain."""
    dead = watched(checking, "litellm", "dead", "image")
    found = first_that(lambda: probed(dead, Depth.REACH), lambda v: v.reason is not Reason.OK)
    alive = probed(watched(checking, "litellm", "image", "image"), Depth.REACH)
    missing = probed(watched(checking, "litellm", "nobody", "image"), Depth.REACH)

    assert (found.reason, found.status, found.fault) == (
        Reason.ROUTING_BROKEN,
        Status.DOWN,
        Fault.GATEWAY,
    )
    assert (alive.reason, missing.reason) == (Reason.OK, Reason.MODEL_NOT_FOUND)


def test_all_deployments_cooled_down_is_the_gateways(gateway: Gateway) -> None:
    """After what customers were told; and it is over when LiteLLM says so. Our creates stay free."""
    at, vendor = watched(gateway, "litellm", "pair", "image"), gateway.vendor
    vendor.status = 401
    vendor.error = {"message": "Incorrect API key provided: sk-toy.", "code": "invalid_api_key"}
    try:
        cooled = first_that(lambda: generated(at), lambda v: v.reason is Reason.NO_CHANNEL)
        before = vendor.requests
        free = probed(at, Depth.ACCEPT)
    finally:
        vendor.status, vendor.error = 200, None
    asked = vendor.requests
    mended = first_that(lambda: generated(at), lambda v: v.reason is not Reason.NO_CHANNEL)

    assert (cooled.status, cooled.fault) == (Status.SUSPENDED, Fault.GATEWAY)
    assert (free.reason, asked) == (Reason.REJECTED_AS_EXPECTED, before)
    assert mended.fault is not Fault.GATEWAY


def first_that(look: Callable[[], Verdict], holds: Callable[[Verdict], bool]) -> Verdict:
    """Look until what is seen is so, half a minute at most."""
    until = time.monotonic() + 30.0
    while not holds(found := look()) and time.monotonic() < until:
        time.sleep(0.5)
    return found
