"""The pretend providers: one file a wire family, and one table of who is mounted where."""

from genmedia_exporter.demo.services.bfl import BlackForestLabs
from genmedia_exporter.demo.services.comfyui import ComfyUI
from genmedia_exporter.demo.services.contract import Model, Service, Shared
from genmedia_exporter.demo.services.dashscope import DashScope
from genmedia_exporter.demo.services.fal import Fal
from genmedia_exporter.demo.services.gemini import Gemini
from genmedia_exporter.demo.services.kling import Kling
from genmedia_exporter.demo.services.minimax import MiniMax
from genmedia_exporter.demo.services.new_api_images import GatewayImages
from genmedia_exporter.demo.services.new_api_videos import GatewayVideos
from genmedia_exporter.demo.services.openai_images import OpenAIImages
from genmedia_exporter.demo.services.openai_videos import OpenAIVideos
from genmedia_exporter.demo.services.pixverse import PixVerse
from genmedia_exporter.demo.services.replicate import Replicate
from genmedia_exporter.demo.services.runway import Runway
from genmedia_exporter.demo.services.sora2api import Sora2Api

__all__ = ["build_services"]

OFTEN = 0.00008
"""US dollars a second where clips are bought every minute, so that a day of ten minutes shows them fail."""


def build_services(shared: Shared) -> dict[str, Service]:
    """Every pretend provider by the name it is mounted under."""
    services: tuple[Service, ...] = (
        OpenAIVideos("sora-2-official", (Model("sora-2", 0.10),), shared),
        OpenAIVideos("sora-2-pro-official", (Model("sora-2-pro", 0.30),), shared),
        Sora2Api("sora-2-reverse", _pooled("sora2", 0.12, "sora-2", "sora_video2"), shared),
        Sora2Api("sora-2-pro-reverse", _pooled("sora2pro", 0.80, "sora-2-pro"), shared),
        GatewayVideos(
            "veo-3.1-reverse", (Model("veo-3.1", 0.25), Model("veo-3.1-fast", 0.15)), shared
        ),
        GatewayImages(
            "sora-image", (Model("sora_image", 0.01), Model("gpt-4o-image", 0.01)), shared
        ),
        Gemini("gemini-omni", Gemini.catalogue, shared),
        Kling("kling", (Model("kling-v3", 0.084), Model("kling-v2-6", 0.042)), shared),
        Fal("fal", Fal.catalogue, shared),
        DashScope(
            "dashscope", (Model("wan2.7-t2v", 0.10), Model("happyhorse-1.1-t2v", 0.07)), shared
        ),
        OpenAIImages("openai-image", OpenAIImages.catalogue, shared),
        Replicate("replicate", (Model("acme/some-video", 0.10),), shared),
        BlackForestLabs("bfl", (Model("flux-3-video", 0.10), Model("flux-pro-1.1", 0.04)), shared),
        MiniMax("minimax", (Model("MiniMax-H3", 0.08), Model("MiniMax-H3-Max", 0.05)), shared),
        ComfyUI("comfyui", (Model("sd.safetensors", 0.0),), shared),
        PixVerse("pixverse", (Model("v5", OFTEN), Model("v6", 0.10)), shared),
        Runway("runway", (Model("gen4.5", OFTEN),), shared),
    )
    return {service.name: service for service in services}


def _pooled(family: str, usd: float, *names: str) -> tuple[Model, ...]:
    spelled = (*names, f"{family}-landscape-10s", f"{family}-portrait-10s")
    return tuple(Model(name, usd) for name in spelled)
