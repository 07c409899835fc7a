"""The result is found wherever the answer has it, and looked at without being downloaded."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

import pytest

from genmedia_exporter.core.clock import Monotonic
from genmedia_exporter.core.evidence import Observation, Role
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Operation
from genmedia_exporter.demo.media import make_mp4, make_png
from genmedia_exporter.providers.calls import Job
from tests.drivers.generating import Customer, calls
from tests.drivers.test_poll import play, says
from tests.drivers.world import KEY, account, provider, target
from tests.transport.server import Received, Script, Server, Writer, answer, hang, trickle

MP4 = make_mp4(4.0, 640, 480)
PNG = make_png(64, 48)
MEDIA = "content-type: video/mp4\r\n"
JOB: dict[str, Any] = {
    "operation": "image",
    "driver": "sync_image",
    "path": "/images",
    "json": {"prompt": "{prompt}"},
    "output": {"pointer": ["/data/0/b64", "/data/0/url"], "encoding": "base64"},
}


def ranged(data: bytes, kind: str = "video/mp4") -> Script:
    """Serve *data* as a store does that knows ranges."""

    async def script(request: Received, writer: Writer) -> None:
        asked = request.headers["range"].removeprefix("bytes=").split("-")
        first, last = int(asked[0]), min(int(asked[1]), len(data) - 1)
        span = f"content-range: bytes {first}-{last}/{len(data)}\r\ncontent-type: {kind}\r\n"
        await answer(data[first : last + 1], "206 Partial Content", span)(request, writer)

    return script


def fetch_result(
    answers: dict[str, Sequence[Script]], **job: Any
) -> tuple[Observation, Customer, list[Received]]:
    """Make an image by script: `/v1/images` is the create."""
    customer = Customer()
    made = Job.model_validate({**JOB, **job})
    with Server(play(answers)) as server:
        at = account(server.url, of=provider(jobs=(made,)))
        watched = target(at, operation=Operation.IMAGE, depths=(Depth.GENERATE,), timeout=0.5)
        return customer.generate(watched), customer, server.received


def linked(*store: Script, link: str = "/file") -> tuple[Observation, Customer, list[Received]]:
    """Make an image that is answered with a link to *store*."""
    return fetch_result({"/v1/images": [says(data=[{"url": link}])], "/file": store})


def asset_of(seen: Observation) -> tuple[str, int | None, str]:
    """Return kind, size and problem of what was found."""
    made = seen.evidence.generation
    assert made is not None
    assert made.asset is not None
    return made.asset.kind, made.asset.size, made.asset.problem


def test_a_range_is_asked_for() -> None:
    """One KiB of a large file tells enough, and none of it is kept."""
    seen, _, received = linked(ranged(MP4 + bytes(5_000_000)))
    assert seen.verdict.reason is Reason.OK, seen.verdict
    assert asset_of(seen) == ("mp4", len(MP4) + 5_000_000, "")
    assert [r.headers.get("range") for r in received] == [None, "bytes=0-1023"]
    assert seen.evidence.exchanges[-1].body == b""


def test_a_late_header_takes_one_more_range() -> None:
    """A second look at 64 KiB, and no third."""
    late = (
        b"\xff\xd8\xff\xe1\x40\x00"
        + bytes(0x4000 - 2)
        + b"\xff\xc0\0\x0b\x08\0\x30\0\x40\1\1\x11\0\xff\xda\0\x08\1\1\0\0\x3f\0"
    )
    seen, _, received = linked(ranged(late + bytes(90_000), "image/jpeg"))
    assert asset_of(seen)[0] == "jpeg"
    assert [r.headers.get("range") for r in received[1:]] == ["bytes=0-1023", "bytes=0-65535"]
    assert calls(seen, Role.ASSET) == ["asset", "asset"]


def test_a_store_that_ignores_ranges_is_left_in_time() -> None:
    """Of a file without end only the beginning is read."""
    head = b"HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\n\r\n" + MP4
    seen, _, received = linked(trickle(head, bytes(8192), every=0.001))
    assert seen.verdict.reason is Reason.OK, seen.verdict
    assert asset_of(seen) == ("mp4", None, "")
    assert len(received) == 2


def test_redirects_are_followed() -> None:
    """As to a signed address; the query goes with it, and is not shown."""
    to = "location: /signed?sig=very-secret-signature\r\n"
    hop = answer(b"", "302 Found", to)
    paths: dict[str, Sequence[Script]] = {
        "/v1/images": [says(data=[{"url": "/file"}])],
        "/file": [hop],
        "/signed": [ranged(MP4)],
    }
    seen, _, received = fetch_result(paths)
    assert seen.verdict.reason is Reason.OK, seen.verdict
    assert received[-1].line.split()[1] == "/signed?sig=very-secret-signature"
    assert "very-secret" not in repr(seen)
    assert calls(seen) == ["create", "asset"]


@pytest.mark.parametrize("redirected", [False, True])
def test_a_foreign_address_must_be_public_and_https(redirected: bool) -> None:
    """Neither a link nor a redirect leads us into a private network; the service is not blamed."""
    with Server(hang) as inside:
        link = f"http://localhost:{inside.port}/latest/meta-data"
        hop = answer(b"", "302 Found", f"location: {link}\r\n")
        seen, _, _ = linked(hop) if redirected else linked(hang, link=link)
        assert not inside.received
    assert seen.verdict.reason is Reason.CONNECT_FAILED
    assert seen.verdict.up is None


def test_redirects_without_end() -> None:
    """Five hops are enough."""
    seen, _, received = linked(answer(b"", "302 Found", "location: /file\r\n"))
    assert seen.verdict.reason is Reason.ASSET_UNAVAILABLE
    assert len(received) == 6


@pytest.mark.parametrize(
    ("store", "reason", "requests"),
    [
        ((answer(b"", "404 Not Found"), ranged(MP4)), Reason.OK, 3),
        ((answer(b"", "404 Not Found"),), Reason.ASSET_UNAVAILABLE, 4),
        ((answer(b"", "403 Forbidden"),), Reason.ASSET_UNAVAILABLE, 2),
        ((answer(MP4, headers=MEDIA, length=99_999),), Reason.ASSET_UNAVAILABLE, 4),
        ((answer(b"", headers=MEDIA),), Reason.ASSET_INVALID, 2),
        ((answer(b"", "416 No", "content-range: bytes */0\r\n"),), Reason.ASSET_INVALID, 2),
        ((answer(b"", "416 No"), answer(MP4, headers=MEDIA)), Reason.OK, 3),
        ((answer(b'{"error": {"message": "expired"}}'),), Reason.ASSET_INVALID, 2),
        ((ranged(MP4[:300]),), Reason.ASSET_INVALID, 2),
    ],
)
def test_stores_of_all_kinds(store: tuple[Script, ...], reason: Reason, requests: int) -> None:
    """What may be a moment late is asked for again; what is there is judged."""
    seen, customer, received = linked(*store)
    assert seen.verdict.reason is reason, seen.verdict
    assert len(received) == requests
    assert customer.clock.monotonic() <= Monotonic(10.1)
    assert calls(seen, Role.ASSET) == ["asset"]


def image(data: bytes, prefix: str = "") -> Script:
    """Answer with an image in base64."""
    return says(data=[{"b64": prefix + base64.b64encode(data).decode()}], usage={"tokens": 1})


@pytest.mark.parametrize(
    ("data", "prefix", "found"),
    [
        (PNG, "", ("png", len(PNG), "")),
        (PNG, "data:image/png;base64,", ("png", len(PNG), "")),
        (PNG[:30], "", ("png", 30, "the file is cut off")),
        (MP4 + bytes(4_000_000), "", ("mp4", None, "")),
    ],
)
def test_data_in_the_answer(data: bytes, prefix: str, found: tuple[str, int | None, str]) -> None:
    """Megabytes of base64 pass, and the beginning is unpacked."""
    seen, _, received = fetch_result({"/v1/images": [image(data, prefix)]})
    assert asset_of(seen) == found
    assert len(received) == 1
    assert len(seen.evidence.main.body) < 150_000
    assert json.loads(seen.evidence.main.body)["usage"] == {"tokens": 1}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("!!! not base64 !!!", Reason.ASSET_INVALID),
        ("", Reason.ASSET_UNAVAILABLE),
        (None, Reason.ASSET_UNAVAILABLE),
        ("é" * 50, Reason.ASSET_INVALID),
    ],
)
def test_data_that_is_none(value: str | None, reason: Reason) -> None:
    """An answer without an image is no success, whatever its status."""
    seen, _, _ = fetch_result({"/v1/images": [says(data=[{"b64": value}])]})
    assert seen.verdict.reason is reason, seen.verdict


@pytest.mark.parametrize(
    ("answered", "reason"),
    [
        (says(data=[]), Reason.ASSET_UNAVAILABLE),
        (says(created=1), Reason.SCHEMA),
        (answer(b"[]"), Reason.SCHEMA),
        (answer(b"<html>Sign in</html>"), Reason.HTML_ANSWER),
    ],
)
def test_answers_without_a_result(answered: Script, reason: Reason) -> None:
    """An answer of the right shape that lacks the image is a failure; one of no known shape is unclear."""
    seen, _, _ = fetch_result({"/v1/images": [answered]})
    assert seen.verdict.reason is reason, seen.verdict


@pytest.mark.parametrize("encoding", ["url", "base64"])
@pytest.mark.parametrize(
    "link",
    [
        "file:///etc/passwd",
        "gs://bucket/file.mp4",
        "ftp://store.example.com/file.mp4",
        "blob:https://app.example.com/1",
        "javascript:alert(1)",
        "https://",
        "http:///file.mp4",
        "https://[half/file.mp4",
        "https://store.invalid/file.mp4",
    ],
)
def test_what_cannot_be_fetched_is_no_success(link: str, encoding: str) -> None:
    """A result at an address that nobody can fetch, or at a host that is not there, is none."""
    output = {"pointer": "/data/0/url", "encoding": encoding}
    seen, _, received = fetch_result({"/v1/images": [says(data=[{"url": link}])]}, output=output)
    assert seen.verdict.reason is Reason.ASSET_UNAVAILABLE, seen.verdict
    assert seen.verdict.up == 0
    assert len(received) == 1


@pytest.mark.parametrize(
    ("data", "operation", "problem"),
    [
        (PNG, Operation.VIDEO, "an image instead of a video"),
        (PNG, Operation.IMAGE, ""),
        (MP4, Operation.VIDEO, ""),
        (PNG[:30], Operation.VIDEO, "the file is cut off"),
    ],
)
def test_an_image_is_no_video(data: bytes, operation: Operation, problem: str) -> None:
    """What was made must be of the kind that was asked for."""
    made = Job.model_validate({**JOB, "operation": operation})
    with Server(play({"/v1/images": [image(data)]})) as server:
        at = account(server.url, of=provider(jobs=(made,)))
        watched = target(at, operation=operation, depths=(Depth.GENERATE,), timeout=0.5)
        seen = Customer().generate(watched)
    assert asset_of(seen)[2] == problem
    assert seen.verdict.reason is (Reason.ASSET_INVALID if problem else Reason.OK)


def streamed(*events: dict[str, Any]) -> Script:
    """Answer with Server-Sent Events, as OpenAI streams images: no [DONE], a type in each."""
    lines = (f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events)
    return answer("".join(lines).encode(), headers="content-type: text/event-stream\r\n")


PREVIEW = {"type": "image_generation.partial_image", "b64_json": base64.b64encode(PNG).decode()}
WHOLE = {**PREVIEW, "type": "image_generation.completed", "usage": {"total_tokens": 100}}
HOLLOW = {"type": "image_generation.completed", "b64_json": ""}


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ((PREVIEW, PREVIEW, WHOLE), Reason.OK),
        ((WHOLE,), Reason.OK),
        ((PREVIEW, PREVIEW), Reason.BODY_TRUNCATED),
        ((PREVIEW, HOLLOW), Reason.ASSET_UNAVAILABLE),
        ((PREVIEW, {"type": "error", "error": {"message": "oops"}}), Reason.JOB_FAILED),
    ],
)
def test_a_stream_of_images(events: tuple[dict[str, Any], ...], reason: Reason) -> None:
    """Its own completed event makes it whole; a preview is no result."""
    seen, _, _ = fetch_result({"/v1/images": [streamed(*events)]})
    assert seen.verdict.reason is reason, seen.verdict
    if reason is Reason.OK:
        assert asset_of(seen) == ("png", len(PNG), "")


def test_the_key_goes_with_a_link_of_the_services_own() -> None:
    """A file behind the same key is fetched with it."""
    _, _, received = linked(ranged(MP4))
    assert received[-1].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("link", ["https://store.example.com/\ud800", "https://\ud800/a"])
def test_a_link_with_half_a_character(link: str) -> None:
    """It is no address, and no bug of ours."""
    seen, _, received = linked(link=link)
    assert seen.verdict.reason is not Reason.PROBE_ERROR
    assert len(received) == 1
