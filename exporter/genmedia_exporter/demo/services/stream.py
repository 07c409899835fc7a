"""Chat answers, whole and as a stream of server-sent events."""

import json
from collections.abc import Iterator, Sequence

from genmedia_exporter.demo.message import Manner, Piece, Response, json_response

__all__ = ["DONE", "chat_answer", "chat_delta", "event", "event_stream"]

DONE = b"data: [DONE]\n\n"


def chat_answer(answer_id: str, model: str, text: str, created: int) -> Response:
    """A chat completion with one choice."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": "stop",
    }
    head = {"id": f"chatcmpl-{answer_id}", "object": "chat.completion", "created": created}
    return json_response(200, head | {"model": model, "choices": [choice]})


def chat_delta(model: str, finish: str | None = None, **delta: str) -> bytes:
    """One event of a streamed chat completion."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    value = {"object": "chat.completion.chunk", "model": model, "choices": [choice]}
    return event(value)


def event(value: object) -> bytes:
    """Any JSON value as one server-sent event."""
    return b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n"


def event_stream(pieces: Sequence[Piece], *, endless: bool = False) -> Response:
    """A stream of those events; an endless one stays open and silent after the last."""

    def play() -> Iterator[Piece]:
        yield from pieces

    manner = Manner.STALL if endless else Manner.WHOLE
    headers = (("cache-control", "no-cache"),)
    return Response(200, b"", "text/event-stream", headers, manner, pieces=play)
