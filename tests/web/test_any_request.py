"""Any request at all: an answer that the API's description knows, and never an error of ours."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any, Final

from hypothesis import example, given
from hypothesis import strategies as st
from starlette.types import Message, Scope

from genmedia_exporter.web.app import RESERVED, build_app
from genmedia_exporter.web.http.auth import WebGuard
from genmedia_exporter.web.http.connections import Admission
from genmedia_exporter.web.http.framing import Framing
from genmedia_exporter.web.http.web_config import WebConfig
from genmedia_exporter.web.routes.openapi import description
from tests.web.site import Backend

PATHS: Final[Mapping[str, Any]] = description()["paths"]
NAMES: Final = ("sora-2-official", "veo-3.1", "nobody", "", "a/b", "%00")
PARAMETERS: Final = (
    *("target", "depth", "debug", "since", "limit", "cursor", "format", "operation", "policy"),
    *("provider", "label", "enabled", "family", "window"),
)
WORDS: Final = (
    *("reach", "generate", "true", "7d", "2026-11-22T08:30:00Z", "10", "json", "csv", "video"),
    *("openai", "default", "\u0663", "-1", "1e9", "nan", "9" * 400),
)
HEADERS: Final = (
    *("accept", "accept-encoding", "x-prometheus-scrape-timeout-seconds", "host", "origin"),
    *("content-length", "transfer-encoding", "connection", "range", "authorization", "cookie"),
)
EVERYWHERE: Final = (400, 403, 404, 405, 413, 414, 431)
"""Refusals that any path may give, for the form of a request."""

values = st.sampled_from(WORDS) | st.text(max_size=30)
paths = st.sampled_from(sorted(PATHS)).flatmap(
    lambda path: st.sampled_from(NAMES).map(lambda name: re.sub(r"{\w+}", lambda _: name, path))
) | st.text(max_size=30).map(lambda text: "/" + text)
queries = st.lists(st.tuples(st.sampled_from(PARAMETERS) | st.text(max_size=5), values), max_size=4)
headers = st.lists(
    st.tuples(
        st.sampled_from([name.encode() for name in HEADERS]),
        st.binary(max_size=40) | st.sampled_from([b"*/*;q=0.5", b"gzip", b"0.5", b"chunked", b"5"]),
    ),
    max_size=4,
)

BACKEND: Final = Backend()
APP: Final = Framing(
    Admission(WebGuard(build_app(BACKEND.services(lifecycle_enabled=True)), WebConfig), RESERVED)
)


async def answer(scope: Scope) -> int:
    """Return the status of the answer; a second answer, or a part out of order, fails.

    The client leaves once it has been heard: a stream for open pages has no other end.
    """
    sent: list[Message] = []
    begun = asyncio.Event()
    owed: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Message:
        if not owed:
            await begun.wait()
        return owed.pop() if owed else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        begun.set()
        sent.append(message)

    await APP(scope, receive, send)
    assert [message["type"] for message in sent].count("http.response.start") == 1
    assert scope["path"] == "/live" or not sent[-1].get("more_body")
    status = sent[0]["status"]
    assert isinstance(status, int)
    return status


def declared(path: str, method: str) -> set[int]:
    """Return the statuses that the description promises for *path*, by the most specific one that fits."""
    fit = [p for p in PATHS if re.fullmatch(re.sub(r"{\w+}", ".*", p), path, re.DOTALL)]
    operations = PATHS[max(fit, key=len)] if fit else {}
    responses = operations.get(method.lower(), {}).get("responses", {})
    return {int(status) for status in responses if status.isdigit()} | {*EVERYWHERE}


@example(method="GET", path="/live", query=[], sent=[])
@example(method="GET", path="/targets/sora-2-official/feed.atom", query=[], sent=[])
@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "get"]),
    path=paths,
    query=queries,
    sent=headers,
)
def test_any_request(
    method: str, path: str, query: list[tuple[str, str]], sent: list[tuple[bytes, bytes]]
) -> None:
    """Every status is one that the description names, or a refusal of the request's form."""
    written = "&".join(f"{name}={value}" for name, value in query)
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode("utf-8", "surrogatepass"),
        "root_path": "",
        "query_string": written.encode("utf-8", "surrogatepass"),
        "headers": [(b"host", b"localhost"), *sent],
        "client": ("192.0.2.1", 1),
        "server": ("localhost", 80),
    }
    status = asyncio.run(answer(scope))
    assert status in declared(path, "GET" if method == "HEAD" else method), (method, path, written)
