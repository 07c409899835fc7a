"""The prompts of paid probes: calm, cheap, harmless in every culture, without people or brands."""

from __future__ import annotations

import zlib
from typing import Final

PROMPTS: Final = (
    "A paper boat drifting on a calm lake at dawn, soft light.",
    "A lighthouse on a rocky coast under a clear blue sky.",
    "A single red apple on a wooden table, soft daylight.",
    "Slow clouds passing over green hills in the afternoon.",
    "A small waterfall between mossy stones in a quiet forest.",
    "A snow-covered pine tree in a silent winter valley.",
    "A field of sunflowers swaying gently in a light wind.",
)
"""Each names another thing: three that are blocked in a row are no accident of one word."""


def prompt_for(target_name: str, number: int) -> str:
    """Return the prompt of the *number*-th generation of a target.

    They rotate, so that as many in a row differ as there are prompts; where they begin depends on
    the target's name, so that many targets do not ask for the same thing at once.
    """
    start = zlib.crc32(target_name.encode())
    return PROMPTS[(start + number) % len(PROMPTS)]
