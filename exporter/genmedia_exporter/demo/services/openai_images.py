"""OpenAI's image generation: synchronous, the image comes back as base64."""

import base64
import re
from dataclasses import replace
from typing import ClassVar

from genmedia_exporter.demo.faults import GENERATION_KINDS
from genmedia_exporter.demo.media import make_png
from genmedia_exporter.demo.message import Response, json_response
from genmedia_exporter.demo.services.contract import PAGE, Call, Model, Role, Route
from genmedia_exporter.demo.services.openai_dialect import openai_error
from genmedia_exporter.demo.services.openai_videos import OpenAIBase

__all__ = ["OpenAIImages"]

QUALITIES = {"auto": 1.0, "low": 1.0, "medium": 2.2, "high": 8.8, "xhigh": 17.0, "max": 35.0}
"""Quality, and what it costs as a multiple of low."""
SIDE_STEP, LONGEST_SIDE, USUAL_SIDE = 16, 3840, 1024
MOST_IMAGES = 10
CUT_AT = 20
_SIZE = re.compile(r"(\d{1,5})x(\d{1,5})")


class OpenAIImages(OpenAIBase):
    """POST /v1/images/generations, priced by quality."""

    says = "OpenAI image generation"
    catalogue: ClassVar[tuple[Model, ...]] = (
        Model("gpt-image-2.5-flare", 0.006),
        Model("gpt-image-1.5", 0.009),
    )
    cannot = GENERATION_KINDS - {
        "accepts_invalid",
        "job_fails",
        "moderated",
        "asset_missing",
        "asset_truncated",
        "asset_html",
        "asset_blank",
    }

    def routes(self) -> tuple[Route, ...]:
        """Models, and the one call that makes images."""
        create = Route("POST", "/v1/images/generations", Role.CREATE, self.create)
        return (*self.model_routes(), create)

    def create(self, call: Call) -> Response:
        """Make images, after as long as a job takes."""
        wrong = None if self.trouble(call) == "accepts_invalid" else self._invalid(call)
        if wrong or (wrong := self.late_refusal(call) or self._failed(call)):
            return wrong
        quality, count = call.text("quality"), call.field("n")
        many = count if isinstance(count, int) and 1 <= count <= MOST_IMAGES else 1
        model = self.find_model(self.model_of(call)) or self.models[0]
        price = model.usd * QUALITIES.get(quality, 1.0) * many
        self.shared.ledger.charge(self.name, price)
        return replace(self._images(call, many), wait=self.shared.job_seconds)

    def _invalid(self, call: Call) -> Response | None:
        if "size" in call.fields and _size(call.text("size")) is None:
            message = f"Invalid size '{call.text('size')[:60]}'. Sides are multiples of 16."
            return openai_error(400, "invalid_value", message, param="size")
        if "quality" in call.fields and call.text("quality") not in QUALITIES:
            message = f"Invalid value: '{call.text('quality')[:60]}'. Supported values are: "
            message += ", ".join(f"'{name}'" for name in QUALITIES)
            return openai_error(400, "invalid_value", message, param="quality")
        if not call.text("prompt"):
            message = "Missing required parameter: 'prompt'."
            return openai_error(400, "missing_required_parameter", message, param="prompt")
        return None if self.find_model(self.model_of(call)) else self.refuse("unlisted", call)

    def _failed(self, call: Call) -> Response | None:
        kind = self.trouble(call)
        if kind == "moderated":
            message = "Your request was rejected by the safety system."
            kind = "image_generation_user_error"
            return openai_error(400, "moderation_blocked", message, kind=kind)
        return self.refuse("server_error", call) if kind == "job_fails" else None

    def _images(self, call: Call, many: int) -> Response:
        width, height = _size(call.text("size")) or (USUAL_SIDE, USUAL_SIDE)
        kind = self.trouble(call)
        data = make_png(width, height, blank=kind == "asset_blank")
        if kind == "asset_html":
            data = PAGE.encode()
        elif kind == "asset_truncated":
            data = data[:CUT_AT]
        image = {} if kind == "asset_missing" else {"b64_json": base64.b64encode(data).decode()}
        usage = {"input_tokens": 8, "output_tokens": 196 * many, "total_tokens": 8 + 196 * many}
        made = {
            "created": int(self.shared.environment.wall()),
            "data": [image] * many,
            "usage": usage,
        }
        return json_response(200, made | {"output_format": "png", "size": f"{width}x{height}"})


def _size(text: str) -> tuple[int, int] | None:
    if text == "auto":
        return USUAL_SIDE, USUAL_SIDE
    found = _SIZE.fullmatch(text)
    if not found:
        return None
    sides = int(found[1]), int(found[2])
    legal = all(s % SIDE_STEP == 0 and SIDE_STEP <= s <= LONGEST_SIDE for s in sides)
    return sides if legal else None
