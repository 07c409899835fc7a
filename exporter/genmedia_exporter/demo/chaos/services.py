"""The pretend services that answer everything a fault leaves alone, and how each is watched."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from genmedia_exporter.demo.services.contract import Model, Service, Shared
from genmedia_exporter.demo.services.fal import Fal
from genmedia_exporter.demo.services.kling import Kling
from genmedia_exporter.demo.services.new_api_videos import GatewayVideos
from genmedia_exporter.demo.services.openai_images import OpenAIImages
from genmedia_exporter.demo.services.openai_videos import OpenAIVideos
from genmedia_exporter.demo.services.sora2api import Sora2Api

__all__ = ["LIKES", "Like"]


@dataclass(frozen=True)
class Like:
    """A service to be broken: its provider file, model, operation and channel, and how to build it."""

    provider: str
    model: str
    build: Callable[[str, Model, Shared], Service]
    operation: str = "video"
    channel: str = "official"


LIKES: Mapping[str, Like] = {
    "openai": Like("openai", "paper-boat", lambda name, model, shared: OpenAIVideos(name, (model,), shared)),
    "openai-image": Like("openai", "gpt-image-2.5-flare", lambda name, model, shared: OpenAIImages(name, (model,), shared), "image"),
    "new-api": Like("new-api", "veo-3.1", lambda name, model, shared: GatewayVideos(name, (model,), shared), channel="reverse"),
    "sora2api": Like("sora2api", "sora-2", lambda name, model, shared: Sora2Api(name, (model,), shared), channel="reverse"),
    "kling": Like("kling", "kling-v3", lambda name, model, shared: Kling(name, (model,), shared)),
    "fal": Like("fal", "fal-ai/wan/v2.7/text-to-video", lambda name, model, shared: Fal(name, (model,), shared)),
}  # fmt: skip
