"""A world in a thread whose clock stands until a test moves it, and how to call each service."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2 as httpx
import pytest

from genmedia_exporter.demo.environment import Environment
from genmedia_exporter.demo.world import World, run_in_thread

NOW = 1_800_000_000.0


@dataclass
class Time:
    """A clock that tests move by hand; waits end at once and are remembered."""

    now: float = 1000.0
    waits: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(0)

    def environment(self) -> Environment:
        return Environment(clock=self.clock, wall=lambda: NOW, sleep=self.sleep)


@dataclass(frozen=True)
class Ask:
    """How to call one service: its key, a free call, a rejected create, a good create."""

    key: dict[str, str]
    reach: str
    create: str
    bad: dict[str, Any]
    good: dict[str, Any]
    rejected: tuple[int, str]
    unauthorised: tuple[int, str]


BEARER = {"Authorization": "Bearer demo-key"}
MESSAGES = [{"role": "user", "content": "a lighthouse【2:3】"}]
OPENAI_401 = (401, "invalid_api_key")
GATEWAY_401 = (401, "无效的令牌")
POOL_401 = (401, "Invalid API key")
CHAT, SYNTHESIS = "/v1/chat/completions", "/api/v1/services/aigc/video-generation/video-synthesis"


def _sora(model: str) -> Ask:
    good = {"model": model, "prompt": "a lighthouse", "seconds": "4"}
    bad = (400, "Invalid value: '10'. Supported values are: '4', '8', and '12'.")
    return Ask(
        BEARER,
        f"/v1/models/{model}",
        "/v1/videos",
        good | {"seconds": "10"},
        good,
        bad,
        OPENAI_401,
    )


def _pool(model: str) -> Ask:
    check = {"model": model, "messages": MESSAGES, "stream": False}
    good = check | {"stream": True}
    said = (200, "All tokens available for video generation")
    return Ask(BEARER, "/v1/models", CHAT, check, good, said, POOL_401)


ASKS = {
    "sora-2-official": _sora("sora-2"),
    "sora-2-pro-official": _sora("sora-2-pro"),
    "sora-2-reverse": _pool("sora-2"),
    "sora-2-pro-reverse": _pool("sora-2-pro"),
    "veo-3.1-reverse": Ask(
        BEARER,
        "/v1/models",
        "/v1/videos",
        {"model": "veo-3.1", "prompt": ""},
        {"model": "veo-3.1", "prompt": "a lighthouse"},
        (400, "field prompt is required"),
        GATEWAY_401,
    ),
    "sora-image": Ask(
        BEARER,
        "/v1/models",
        CHAT,
        {"model": "sora_image", "messages": []},
        {"model": "sora_image", "messages": MESSAGES},
        (400, "invalid_request"),
        GATEWAY_401,
    ),
    "gemini-omni": Ask(
        {"x-goog-api-key": "demo-key"},
        "/v1beta/models/gemini-omni-1.2-flash",
        "/v1beta/interactions",
        {"model": "gemini-omni-1.2-flash", "input": "", "background": True},
        {
            "model": "gemini-omni-1.2-flash",
            "input": "a lighthouse",
            "background": True,
            "response_format": {"type": "video", "duration": "3s", "delivery": "uri"},
        },
        (400, "invalid_request"),
        (400, "API_KEY_INVALID"),
    ),
    "kling": Ask(
        BEARER,
        "/v1/videos/text2video?pageNum=1&pageSize=1",
        "/v1/videos/text2video",
        {"model_name": "kling-v3", "prompt": ""},
        {"model_name": "kling-v3", "prompt": "a lighthouse", "duration": "5"},
        (400, "1201"),
        (401, "1000"),
    ),
    "fal": Ask(
        {"Authorization": "Key demo-key"},
        "/billing/user_balance",
        "/fal-ai/wan/v2.7/text-to-video",
        {},
        {"prompt": "a lighthouse"},
        (200, "IN_QUEUE"),
        (401, "authentication is required"),
    ),
    "dashscope": Ask(
        BEARER | {"X-DashScope-Async": "enable"},
        "/api/v1/tasks?page_size=1",
        SYNTHESIS,
        {"model": "wan2.7-t2v", "input": {"prompt": ""}},
        {"model": "wan2.7-t2v", "input": {"prompt": "a lighthouse"}},
        (400, "InvalidParameter"),
        (401, "InvalidApiKey"),
    ),
    "replicate": Ask(
        BEARER,
        "/v1/models/acme/some-video",
        "/v1/models/acme/some-video/predictions",
        {"input": "no object"},
        {"input": {"prompt": "a lighthouse"}},
        (422, "Expected: object"),
        (401, "valid authentication token"),
    ),
    "bfl": Ask(
        {"x-key": "demo-key"},
        "/v1/credits",
        "/v1/flux-3-video",
        {"prompt": "", "width": 0},
        {"prompt": "a lighthouse"},
        (422, "greater than 0"),
        (403, "Not authenticated"),
    ),
    "minimax": Ask(
        BEARER,
        "/v2/query/video_generation?page_num=1&page_size=1",
        "/v2/video_generation",
        {"model": "MiniMax-H3", "content": [{"type": "text", "text": ""}]},
        {"model": "MiniMax-H3", "content": [{"type": "text", "text": "a lighthouse"}]},
        (400, "(2013)"),
        (401, "authorized_error"),
    ),
    "comfyui": Ask(
        BEARER,
        "/system_stats",
        "/prompt",
        {"prompt": {}},
        {
            "prompt": {
                "1": {
                    "class_type": "CheckpointLoaderSimple",
                    "inputs": {"ckpt_name": "sd.safetensors"},
                },
                "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a lighthouse"}},
            }
        },
        (400, "prompt_no_outputs"),
        (401, "Unauthorized"),
    ),
    "pixverse": Ask(
        {"API-KEY": "demo-key", "Ai-trace-id": "trace-1"},
        "/openapi/v2/account/balance",
        "/openapi/v2/video/text/generate",
        {"model": "v5", "prompt": ""},
        {"model": "v5", "prompt": "a lighthouse", "duration": 5},
        (200, "400013"),
        (401, "API key is invalid"),
    ),
    "runway": Ask(
        BEARER,
        "/v1/organization",
        "/v1/text_to_video",
        {"model": "gen4.5", "promptText": "", "duration": 0},
        {"model": "gen4.5", "promptText": "a lighthouse", "duration": 5},
        (400, "promptText"),
        (401, "key is invalid"),
    ),
    "openai-image": Ask(
        BEARER,
        "/v1/models/gpt-image-2.5-flare",
        "/v1/images/generations",
        {"model": "gpt-image-2.5-flare", "prompt": "a lighthouse", "size": "7x7"},
        {"model": "gpt-image-2.5-flare", "prompt": "a lighthouse", "size": "256x128"},
        (400, "invalid_value"),
        OPENAI_401,
    ),
}


@dataclass
class Visitor:
    """A client of the world, with each service's key in its place."""

    world: World
    time: Time
    client: httpx.Client

    def ask(self, service: str) -> Ask:
        return ASKS[service]

    def get(self, service: str, path: str, **headers: str) -> httpx.Response:
        url = path if path.startswith("http") else f"{self.world.url}/{service}{path}"
        return self.client.get(url, headers=ASKS[service].key | headers)

    def reach(self, service: str) -> httpx.Response:
        return self.get(service, ASKS[service].reach)

    def post(self, service: str, path: str, body: object) -> httpx.Response:
        url = f"{self.world.url}/{service}{path}"
        return self.client.post(url, json=body, headers=ASKS[service].key)

    def create(self, service: str) -> httpx.Response:
        return self.post(service, ASKS[service].create, ASKS[service].good)

    def validate(self, service: str) -> httpx.Response:
        return self.post(service, ASKS[service].create, ASKS[service].bad)

    def control(self, method: str, path: str, body: object = None) -> httpx.Response:
        return self.client.request(method, f"{self.world.url}/_world{path}", json=body)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture(scope="session")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=60, trust_env=False) as client:
        yield client


@pytest.fixture
def visitor(time: Time, client: httpx.Client) -> Iterator[Visitor]:
    with run_in_thread(environment=time.environment()) as world:
        yield Visitor(world, time, client)
        assert world.ledger.slips == 0


@pytest.fixture(params=list(ASKS))
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)
