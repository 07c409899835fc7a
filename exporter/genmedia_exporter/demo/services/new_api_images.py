"""Images through a new-api gateway as a chat: the answer's prose carries a markdown link."""

from dataclasses import replace

from genmedia_exporter.demo.faults import GENERATION_KINDS
from genmedia_exporter.demo.media import file_response, make_png
from genmedia_exporter.demo.message import Response, html_response, json_response
from genmedia_exporter.demo.services.contract import PAGE, Call, Model, Role, Route
from genmedia_exporter.demo.services.new_api import Gateway, as_inner, gateway_error
from genmedia_exporter.demo.services.stream import DONE, chat_answer, chat_delta, event_stream

__all__ = ["GatewayImages"]

RATIOS = {"【2:3】": (512, 768), "【3:2】": (768, 512)}
SQUARE = (512, 512)
REFUSAL = "抱歉，我无法生成这张图片。 I cannot create that image: it goes against content policy."
CUT_AT = 20


class GatewayImages(Gateway):
    """POST /v1/chat/completions with a picture for an answer."""

    says = "new-api gateway, images by chat"
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
        """The free calls, chat, and the files that the chat links to."""
        return (
            *self.open_routes(),
            Route("POST", "/v1/chat/completions", Role.CREATE, self.chat),
            Route("GET", "/files/{id}.png", Role.ASSET, self.picture, keyed=False),
        )

    def relay_error(self, status: int, inner: object) -> Response:
        """The vendor's error in the synchronous relay's shape, with the vendor's code kept."""
        error = inner.get("error") if isinstance(inner, dict) else None
        told = error if isinstance(error, dict) else {"message": as_inner(inner)}
        shown = {"message": told.get("message"), "type": "upstream_error"}
        code = told.get("code", "bad_response_status_code")
        return json_response(status, {"error": shown | {"param": str(status), "code": code}})

    def chat(self, call: Call) -> Response:
        """Make a picture, after as long as a job takes."""
        model = self.find_model(self.model_of(call))
        if model is None:
            return self.no_channel(call)
        if not call.field("messages") and self.trouble(call) != "accepts_invalid":
            message = "field messages is required"
            return gateway_error(
                400, "invalid_request", message, self.shared.environment.fresh_id()
            )
        if late := self.late_refusal(call):
            return late
        if self.trouble(call) == "job_fails":
            return self.refuse("server_error", call)
        return replace(self._drawn(call, model), wait=self.shared.job_seconds)

    def _drawn(self, call: Call, model: Model) -> Response:
        prompt = str(call.field("messages"))
        size = next((size for tag, size in RATIOS.items() if tag in prompt), SQUARE)
        job = self.start_job(call, model, model.usd, prompt=prompt, seconds=0, size=size)
        link = self.link(call, f"/files/{job.id}.png")
        text = REFUSAL if self.trouble(call) == "moderated" else f"完成了：\n\n![image]({link})"
        if call.field("stream") is True:
            event = chat_delta(model.id, content=text)
            return event_stream([(0.0, event), (0.0, chat_delta(model.id, "stop")), (0.0, DONE)])
        return chat_answer(job.id, model.id, text, job.created_at)

    def picture(self, call: Call) -> Response:
        """The picture itself, or whatever the fault in force puts in its place."""
        job = self.shared.jobs.find(self.name, call.captured["id"])
        kind = self.trouble(call, job.model) if job else ""
        if job is None or kind == "asset_missing":
            return self.missing_file(call)
        if kind == "asset_html":
            return html_response(200, PAGE)
        data = make_png(job.width, job.height, blank=kind == "asset_blank")
        cut = data[:CUT_AT] if kind == "asset_truncated" else data
        return file_response(cut, "image/png", call.request.header("range"))
