"""Eight services played over real sockets by one toy server: create, polls, asset, moderation, failure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final

import pytest

from genmedia_exporter.core.evidence import Observation
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.secret import Secret
from genmedia_exporter.core.status import Channel, Depth, Operation
from genmedia_exporter.demo.media import make_mp4, make_png
from genmedia_exporter.providers.loader import load_provider
from genmedia_exporter.targets.model import Account, Target
from tests.drivers.generating import Customer
from tests.transport.server import Received, Server, Writer, answer

MEDIA: Final = {
    ".mp4": ("video/mp4", make_mp4(5, 1280, 720)),
    ".png": ("image/png", make_png(256, 256)),
}
VIDEO: Final = "{host}/asset.mp4"

Play = dict[str, list[Any]]
"""By method and path, the answers in their order, the last one again and again; `{host}` is the server's."""


@dataclass(frozen=True)
class Story:
    """A service: what is bought of it, and what it answers until the job's end."""

    model: str
    operation: Operation
    create: str  # method and path
    made: Any
    poll: str
    going: list[Any]
    done: Any
    moderated: Any
    failed: Any
    broken: Reason = Reason.JOB_FAILED  # what the failure is read as
    result: tuple[str, Any] | None = None  # another call that leads to the asset
    header: tuple[str, str] = ("authorization", "Bearer demo-key-0123")

    def play(self, end: Any) -> Play:
        """Return what the service answers where the job comes to *end*."""
        answers: Play = {self.create: [self.made], self.poll: [*self.going, end]}
        return answers | ({self.result[0]: [self.result[1]]} if self.result else {})


KLING: Final = {"code": 0, "data": {"task_id": "k1", "task_status": "submitted"}}


def kling(status: str, **more: Any) -> Any:
    """Return what Kling says of a task."""
    return {"code": 0, "data": {"task_id": "k1", "task_status": status, **more}}


def minimax(status: str, **more: Any) -> Any:
    """Return what MiniMax's second API says of a task."""
    return {"task": {"id": "m1", "status": status, **more}}


def pixverse(status: int, **more: Any) -> Any:
    """Return what PixVerse says of a video."""
    return {"ErrCode": 0, "ErrMsg": "Success", "Resp": {"id": 9, "status": status, **more}}


def comfy(word: str, **more: Any) -> Any:
    """Return what ComfyUI says of a prompt that is over."""
    return {"c1": {"status": {"status_str": word, "completed": word == "success"}, **more}}


FAL: Final = "/fal-ai/wan/v2.7/text-to-video"
STORIES: Final = {
    "kling": Story(
        "kling-v3",
        Operation.VIDEO,
        "POST /v1/videos/text2video",
        KLING,
        "GET /v1/videos/text2video/k1",
        [kling("submitted"), kling("processing")],
        kling("succeed", task_result={"videos": [{"url": VIDEO, "duration": "5"}]}),
        kling("failed", task_status_msg="Failure to pass the risk control system"),
        kling("failed", task_status_msg="internal"),
    ),
    "fal": Story(
        "fal-ai/wan/v2.7/text-to-video",
        Operation.VIDEO,
        f"POST {FAL}",
        {
            "request_id": "f1",
            "status_url": "{host}/fal-ai/wan/requests/f1/status",
            "response_url": "{host}/fal-ai/wan/requests/f1",
            "cancel_url": "{host}/fal-ai/wan/requests/f1/cancel",
        },
        "GET /fal-ai/wan/requests/f1/status",
        [{"status": "IN_QUEUE"}, {"status": "IN_PROGRESS"}],
        {"status": "COMPLETED"},
        {"status": "COMPLETED", "error": "flagged", "error_type": "content_policy_violation"},
        {"status": "COMPLETED", "error": "it broke", "error_type": "runner_server_error"},
        broken=Reason.SERVER_ERROR,  # it says that its runner broke
        result=("GET /fal-ai/wan/requests/f1", {"video": {"url": VIDEO}}),
        header=("authorization", "Key demo-key-0123"),
    ),
    "replicate": Story(
        "acme/some-video",
        Operation.VIDEO,
        "POST /v1/models/acme/some-video/predictions",
        {"id": "r1", "status": "starting", "urls": {"get": "{host}/v1/predictions/r1"}},
        "GET /v1/predictions/r1",
        [{"id": "r1", "status": "starting"}, {"id": "r1", "status": "processing"}],
        {"id": "r1", "status": "succeeded", "output": [VIDEO]},
        {"id": "r1", "status": "failed", "error": "The input was flagged as sensitive (E005)"},
        {"id": "r1", "status": "failed", "error": "Prediction crashed"},
    ),
    "bfl": Story(
        "flux-3-video",
        Operation.VIDEO,
        "POST /v1/flux-3-video",
        {"id": "b1", "polling_url": "{host}/v1/get_result?id=b1"},
        "GET /v1/get_result?id=b1",
        [{"id": "b1", "status": "Pending"}],
        {"id": "b1", "status": "Ready", "result": {"sample": VIDEO}},
        {"id": "b1", "status": "Request Moderated", "result": None},
        {"id": "b1", "status": "Error", "result": None},
        header=("x-key", "demo-key-0123"),
    ),
    "minimax": Story(
        "MiniMax-H3",
        Operation.VIDEO,
        "POST /v2/video_generation",
        {"task_id": "m1"},
        "GET /v2/query/video_generation/m1",
        [minimax("queued"), minimax("running")],
        minimax("succeeded", content={"url": VIDEO}),
        minimax("failed", error={"code": "1026", "message": "input is sensitive (1026)"}),
        minimax("failed", error={"code": "1000", "message": "unknown error (1000)"}),
        broken=Reason.SERVER_ERROR,  # the number of an error of theirs
    ),
    "comfyui": Story(
        "sd.safetensors",
        Operation.IMAGE,
        "POST /prompt",
        {"prompt_id": "c1", "number": 1, "node_errors": {}},
        "GET /history/c1",
        [{}, {}],
        comfy(
            "success",
            outputs={"7": {"images": [{"filename": "g_1.png", "subfolder": "", "type": "output"}]}},
        ),
        None,  # it has no moderation
        comfy("error", outputs={}),
    ),
    "pixverse": Story(
        "v5",
        Operation.VIDEO,
        "POST /openapi/v2/video/text/generate",
        {"ErrCode": 0, "ErrMsg": "Success", "Resp": {"video_id": 9}},
        "GET /openapi/v2/video/result/9",
        [pixverse(5)],
        pixverse(1, url=VIDEO),
        pixverse(7),
        pixverse(8),
        header=("api-key", "demo-key-0123"),
    ),
    "runway": Story(
        "gen4.5",
        Operation.VIDEO,
        "POST /v1/text_to_video",
        {"id": "w1"},
        "GET /v1/tasks/w1",
        [{"id": "w1", "status": "PENDING"}, {"id": "w1", "status": "RUNNING", "progress": 0.5}],
        {"id": "w1", "status": "SUCCEEDED", "output": [VIDEO]},
        {"id": "w1", "status": "FAILED", "failureCode": "SAFETY.INPUT.TEXT", "failure": "no"},
        {
            "id": "w1",
            "status": "FAILED",
            "failureCode": "INTERNAL.BAD_OUTPUT.CODE01",
            "failure": "x",
        },
    ),
}


class Toy:
    """Plays any service from data; it knows no provider."""

    def __init__(self, play: Play) -> None:
        self._left = {route: list(answers) for route, answers in play.items()}
        self.asked: list[str] = []
        self.keys: list[dict[str, str]] = []

    async def __call__(self, request: Received, writer: Writer) -> None:
        method, path, _ = request.line.split()
        kind = next((kind for kind in MEDIA if re.search(rf"\{kind}($|&)", path)), None)
        if kind is not None:
            type, data = MEDIA[kind]
            await answer(data, headers=f"content-type: {type}\r\n")(request, writer)
            return
        self.asked.append(f"{method} {path}")
        self.keys.append(request.headers)
        answers = self._left.get(f"{method} {path}")
        if answers is None:
            await answer(b'{"error": "no such route"}', "404 Not Found")(request, writer)
            return
        document = answers.pop(0) if len(answers) > 1 else answers[0]
        text = json.dumps(document).replace("{host}", f"http://{request.headers['host']}")
        await answer(text.encode())(request, writer)


def generated(name: str, end: Any) -> tuple[Observation, Toy, Customer]:
    """Buy one generation of a service whose job comes to *end*."""
    story, customer = STORIES[name], Customer()
    toy = Toy(story.play(end))
    with Server(toy) as server:
        at = Account(
            "toy",
            load_provider(name),
            server.url,
            Channel.OFFICIAL,
            api_key=Secret("demo-key-0123"),
        )
        target = Target(
            name,
            at,
            story.model,
            story.operation,
            Channel.OFFICIAL,
            (Depth.GENERATE,),
            {Depth.GENERATE: 3600.0},
            timeout=10.0,
        )
        return customer.generate(target), toy, customer


@pytest.mark.parametrize("name", STORIES)
def test_from_the_create_to_the_asset(name: str) -> None:
    """One create with the key, polls until it is done, and what it leads to is a real file."""
    seen, toy, customer = generated(name, STORIES[name].done)

    made = seen.evidence.generation
    assert made is not None
    assert (seen.verdict.reason, seen.verdict.success) == (Reason.OK, True)
    assert made.asset is not None
    assert not made.asset.problem
    assert toy.asked[0] == STORIES[name].create
    assert toy.asked.count(STORIES[name].create) == 1
    assert toy.asked.count(STORIES[name].poll) == len(STORIES[name].going) + 1
    assert len(customer.accepted) == 1
    header, value = STORIES[name].header
    assert toy.keys[0].get(header) == value
    assert "demo-key-0123" not in repr(seen)


@pytest.mark.parametrize("name", [n for n, story in STORIES.items() if story.moderated])
def test_a_prompt_that_is_refused_is_nobodys_outage(name: str) -> None:
    """Our prompt was at fault: the service did its work."""
    seen, toy, _ = generated(name, STORIES[name].moderated)

    assert seen.verdict.reason is Reason.PROBE_MODERATED
    assert toy.asked.count(STORIES[name].create) == 1


@pytest.mark.parametrize("name", STORIES)
def test_a_job_that_fails(name: str) -> None:
    """It is the service's failure, and nothing is created again."""
    seen, toy, _ = generated(name, STORIES[name].failed)

    assert seen.verdict.reason is STORIES[name].broken
    assert seen.verdict.up == 0
    assert toy.asked.count(STORIES[name].create) == 1
