"""From a filled request to one that can be sent: with the headers that all have, and as bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import h11
import httpx2

from genmedia_exporter import __version__
from genmedia_exporter.transport.engine.connection import Wire
from genmedia_exporter.transport.request import Fields, Request, fill

USER_AGENT: Final = f"genmedia-exporter/{__version__}"


def outgoing_request(
    of_provider: Mapping[str, str], request: Request, fields: Fields
) -> httpx2.Request:
    """Return *request* with the headers *of_provider* and its own, whose templates *fields* fill."""
    headers = httpx2.Headers(
        {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "identity"}
    )
    headers.update(fill(of_provider, fields))
    headers.update(fill(request.headers, fields))
    url = httpx2.URL(request.url)
    if request.query:
        url = url.copy_merge_params(dict(request.query))
    files = {name: (None, value) for name, value in (request.form or {}).items()} or None
    return httpx2.Request(
        request.method,
        url,
        headers=headers,
        json=request.body,
        files=files,
        content=request.content,
    )


def as_wire(outgoing: httpx2.Request) -> Wire:
    """Return *outgoing* as it goes over the wire. Raises httpx2.LocalProtocolError for what cannot be written."""
    body = outgoing.read()
    writer, url = h11.Connection(h11.CLIENT), outgoing.url
    try:
        head = h11.Request(
            method=outgoing.method, target=url.raw_path, headers=outgoing.headers.raw
        )
        parts = [writer.send(head), writer.send(h11.Data(data=body)) if body else b""]
        parts.append(writer.send(h11.EndOfMessage()))
    except h11.LocalProtocolError as error:
        raise httpx2.LocalProtocolError(str(error)) from error
    tls = url.scheme == "https"
    port = url.port or (443 if tls else 80)
    host = url.raw_host.decode("ascii")
    return Wire(outgoing.method, host, port, tls, b"".join(part or b"" for part in parts))
