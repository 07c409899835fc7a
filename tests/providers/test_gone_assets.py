"""An avatar, a voice, a template or a file that is gone is not the model: no target ends by it."""

from __future__ import annotations

import json
from typing import Final

import pytest

from genmedia_exporter.classify.classifier import classify
from genmedia_exporter.classify.context import Context
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.evidence import Evidence, Exchange, Role
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Channel, Depth, Operation
from genmedia_exporter.providers.loader import load_generic, load_provider

ASSETS: Final = (
    "Avatar abc is no longer available",
    "The voice v1 is no longer available. Please choose another voice.",
    'Voice id "abc" has been deleted',
    "This template is no longer available",
    "The input image is no longer available at the given URL",
    "The uploaded file has expired and is no longer available",
    "Style 'anime' is no longer available for this model",
    "effect has been deprecated",
    "The LoRA you specified is no longer available",
    "该模板已下线",
    "音色已下线,请更换",
)
MODELS: Final = (
    "model m is no longer available",
    "Please look at the docs: sora-2 is no longer available",
    "With effect from 2026-09-24 sora-2 is no longer available",
    "kling/v1-avatar-standard is no longer available",
    "The model image-effect-v2 is no longer available",
    "The avatar model v1 has been retired",
    "图像特效模型已下线",
)


def _read_as(provider: str, message: str, http: int = 404) -> Reason:
    body = json.dumps({"error": {"message": message}}, ensure_ascii=False).encode()
    answer = Exchange(
        call="create",
        role=Role.PROBE,
        method="POST",
        url="https://service.example/",
        host="service.example",
        status=http,
        headers={"content-type": "application/json"},
        body=body,
    )
    context = Context(
        provider=load_provider(provider),
        channel=Channel.OFFICIAL,
        operation=Operation.VIDEO,
        model="m",
        now=Unix(0.0),
    )
    evidence = Evidence("t", Depth.GENERATE, Unix(0.0), 0.2, (answer,))
    return classify(evidence, context, load_generic()).reason


@pytest.mark.parametrize("provider", ["wavespeed", "runway", "novita", "kie"])
@pytest.mark.parametrize("message", ASSETS)
def test_an_asset_of_the_request_ends_nothing(provider: str, message: str) -> None:
    """It is the request that names something that is gone."""
    assert _read_as(provider, message) is Reason.INVALID_REQUEST


@pytest.mark.parametrize("provider", ["wavespeed", "runway", "novita", "kie"])
@pytest.mark.parametrize("message", MODELS)
def test_a_model_still_ends(provider: str, message: str) -> None:
    """Its name may hold such a word, and so may the sentence around it."""
    assert _read_as(provider, message) is Reason.RETIRED


def test_a_result_that_expired_is_no_model_that_ended() -> None:
    """A link to a finished video lives for hours."""
    message = "The video has expired and is no longer available."
    assert _read_as("wavespeed", message) is Reason.ASSET_UNAVAILABLE
