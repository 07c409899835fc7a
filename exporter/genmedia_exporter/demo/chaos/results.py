"""Faults of results: files that are none, addresses nobody can fetch, images and streams without one."""

import base64
import json

from genmedia_exporter.demo.chaos.row import (
    Place,
    Row,
    Serve,
    answer,
    changed,
    endless,
    said,
    told,
    wire,
    with_values,
)
from genmedia_exporter.demo.media import make_mp4, make_png
from genmedia_exporter.demo.message import Ending, Response
from genmedia_exporter.demo.transport import Ask

__all__ = ["FILES", "IMAGES", "LINKS", "STREAMS"]

SOUND = "operational none ok"
GONE = "down provider asset_unavailable"
INVALID = "down provider asset_invalid"
REFUSED = "unknown network connect_failed"  # what we would not send is nobody's fault
CLIP = make_mp4(4, 720, 1280)
FIRST_BOX = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"
HEADER = CLIP[: CLIP.index(b"mdat") - 4]
OWN = changed(lambda response: response)


def _file(name: str, says: str, verdict: str, serve: Serve) -> Row:
    return Row(name, says, verdict, serve, "generate", Place.ASSET)


def clip(data: bytes, *headers: str, status: str = "200 OK") -> Serve:
    """These bytes as a video."""
    return told(data, *headers, status=status, kind="video/mp4")


FILES = (
    _file("file-missing", "the file is not there", GONE, said("asset_missing")),
    _file("file-page", "the file is a web page", INVALID, said("asset_html")),
    _file("file-cut", "the file ends in its head", INVALID, said("asset_truncated")),
    _file("file-blank", "a video without a frame", INVALID, said("asset_blank")),
    _file("file-empty", "a file of no bytes", INVALID, clip(b"")),
    _file("file-empty-range", "416: a file of no bytes", INVALID, clip(b"", "Content-Range: bytes */0", status="416 Range Not Satisfiable")),
    _file("file-zeros", "a file of zeros", INVALID, clip(bytes(4096))),
    _file("file-first-box", "the first 24 bytes of a video are the whole file", INVALID, clip(FIRST_BOX)),
    _file("file-first-box-zeros", "and zeros after them", INVALID, clip(FIRST_BOX + bytes(2000))),
    _file("file-header", "the header of a video, and no video", INVALID, clip(HEADER)),
    _file("file-picture", "a picture in place of a video", INVALID, told(make_png(64, 64), kind="image/png")),
    _file("file-error", "an error with 200", INVALID, told({"error": {"message": "oops"}})),
    _file("file-whole", "the whole file, whatever was asked for", SOUND, clip(CLIP)),
    _file("file-range-lies", "a range that nobody asked for", SOUND, clip(CLIP, "Content-Range: bytes many/few", status="206 Partial Content")),
    _file("file-kind-lies", "a video called plain text", SOUND, told(CLIP, kind="text/plain")),
    _file("file-kind-bytes", "a video called bytes, as stores do", SOUND, told(CLIP, kind="binary/octet-stream")),
    _file("file-kind-none", "a video without a content type", SOUND, wire(answer(CLIP, kind=""))),
    _file("file-kind-html", "a video called a web page", INVALID, told(CLIP, kind="text/html; charset=utf-8")),
    _file("file-kind-json", "a video called JSON", INVALID, told(CLIP, kind="application/json")),
    _file("file-500", "the store fails", GONE, told({}, status="500 Oops")),
    _file("file-403", "the store forbids", GONE, told(b"<Error><Code>AccessDenied</Code></Error>", status="403 Forbidden", kind="application/xml")),
    _file("file-416", "the store knows no first byte", GONE, clip(b"", status="416 Range Not Satisfiable")),
    _file("file-reset", "the store resets", GONE, wire(then=Ending.RESET)),
    _file("file-body-cut", "the file is cut off in its first bytes", GONE, wire(answer(CLIP[:99], kind="video/mp4", length=10**7))),
    _file("file-loop", "a redirect to itself, again and again", GONE, told(b"", "Location: content", status="302 Found")),
    _file("file-away", "a redirect to a host that does not exist", GONE, told(b"", "Location: https://nobody.invalid/a.mp4", status="302 Found")),
    _file("file-at-cloud", "a redirect to the metadata of a cloud", REFUSED, told(b"", "Location: http://169.254.169.254/", status="302 Found")),
    _file("file-inside", "a redirect into a private network", REFUSED, told(b"", "Location: https://10.0.0.1/a.mp4", status="302 Found")),
    _file("file-flood", "zeros without end", INVALID, endless(answer(bytes(9), kind="video/mp4", length=-1), bytes(65_536))),
    _file("file-bomb", "a file that unpacks without end", INVALID, said("bomb", megabytes=64.0)),
)  # fmt: skip


def _link(name: str, says: str, verdict: str, url: object) -> Row:
    return Row(name, says, verdict, with_values(video__url=url), "generate", Place.POLL, "fal")


LINKS = (
    _link("link-file", "a file of the service's own disk", GONE, "file:///tmp/out.mp4"),
    _link("link-bucket", "a bucket", GONE, "gs://bucket/out.mp4"),
    _link("link-script", "a script", GONE, "javascript:alert(1)"),
    _link("link-null", "null", GONE, None),
    _link("link-empty", "an empty text", GONE, ""),
    _link("link-unknown-host", "a host that does not exist", GONE, "https://nobody.invalid/out.mp4"),
    _link("link-no-host", "an address without a host", GONE, "https:///out.mp4"),
    _link("link-half", "half an address", GONE, "https://[::1"),
    _link("link-cloud", "the metadata of a cloud", REFUSED, "http://169.254.169.254/latest/meta-data/"),
    _link("link-private", "a private network", REFUSED, "https://10.0.0.1/out.mp4"),
    _link("link-data-junk", "data that is no video", INVALID, "data:video/mp4;base64,QUJDREVGRw=="),
    _link("link-prose", "a sentence", INVALID, "It is on its way, please wait."),
)  # fmt: skip


def _image(name: str, says: str, verdict: str, serve: Serve) -> Row:
    return Row(name, says, verdict, serve, "generate", Place.CREATE, "openai-image")


def of_data(data: bytes | str) -> Serve:
    """An answer with that image in base64; what is text stands as it is."""
    text = base64.b64encode(data).decode() if isinstance(data, bytes) else data
    return with_values(data=[{"b64_json": text}])


def _huge(ask: Ask, turn: int) -> Response:
    return of_data(make_png(64, 64) + bytes(6 << 20))(ask, turn)


IMAGES = (
    _image("image-right", "an image, for comparison", SOUND, OWN),
    _image("image-none", "an empty list of images", GONE, with_values(data=[])),
    _image("image-null", "an image that is null", GONE, with_values(data=[{"b64_json": None}])),
    _image("image-not-base64", "an image that is not base64", INVALID, of_data("!!! not base64 !!!")),
    _image("image-page", "a web page in base64", INVALID, of_data(b"<html><body>Sign in</body></html>")),
    _image("image-cut", "an image that is cut off", INVALID, said("asset_truncated")),
    _image("image-header", "the header of an image, and no image", INVALID, of_data(make_png(64, 64)[:33] + make_png(64, 64)[-12:])),
    _image("image-moderated", "our prompt is refused", "operational content probe_moderated", said("moderated")),
    _image("image-huge", "8 MiB of base64 that begins as an image", SOUND, _huge),
)  # fmt: skip


def _stream(name: str, says: str, verdict: str, *events: str) -> Row:
    body = "".join(f"data: {event}\n\n" for event in events).encode()
    serve = told(body, kind="text/event-stream")
    return Row(name, says, verdict, serve, "generate", Place.CREATE, "sora2api")


def delta(text: str) -> str:
    """An event of a chat that adds *text*."""
    return json.dumps({"choices": [{"delta": {"content": text}}]})


DONE = "[DONE]"
STREAMS = (
    _stream("stream-cut", "a stream that ends without its end", "down gateway body_truncated", delta("50 %")),
    _stream("stream-error", "an error in a stream", "down gateway job_failed", '{"error": {"message": "it broke", "type": "oops"}}', DONE),
    _stream("stream-empty", "a stream of nothing", "down gateway asset_unavailable", DONE),
    _stream("stream-prose", "a stream that declines in prose", "operational content probe_moderated", delta("I cannot help with that."), DONE),
    _stream("stream-broken", "events that are no JSON", "down gateway asset_unavailable", "{half", "]", DONE),
)  # fmt: skip
