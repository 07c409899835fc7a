"""Looking at what was made: finding it in the answer, fetching its first bytes, and no more."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from urllib.parse import urlsplit

from genmedia_exporter.core.evidence import UNREACHABLE, Asset, Exchange, JobRef, Role
from genmedia_exporter.core.json_pointer import MISSING, parse_json, resolve
from genmedia_exporter.drivers._job import (
    LEAST_ASK_SECONDS,
    LEAST_ASSET_SECONDS,
    PaidJob,
    document_of,
    is_sound,
    text_at,
    without_body,
)
from genmedia_exporter.media.inspect import FIRST_BYTES, MORE_BYTES, Inspection, inspect, misfit
from genmedia_exporter.providers.states import (
    RESULT,
    captured,
    chat_text,
    results,
    stream_events,
    streamed_results,
)
from genmedia_exporter.transport.elide import LONGEST_STRING
from genmedia_exporter.transport.request import Request, absolute

TRIES = 3
"""How often what is free to ask for is asked for: it may be a moment late, or its store busy."""

PAUSE_SECONDS = 5.0
"""Between two tries."""

MAX_REDIRECTS = 5
MAX_TEXT = 65_536
"""Characters of a text in which the result's address is looked for."""

_REDIRECTS = (301, 302, 303, 307, 308)
_BASE64 = re.compile(r"[A-Za-z0-9+/=_\-\s]{64}")
_LONGEST_PATH = 1024
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]{0,30}):")
_JPEG = "/9j/"  # how its data begins in base64, like a path
_TOTAL = re.compile(r"bytes (?:\d+-\d+|\*)/(\d{1,18})")


async def fetch_result(paid: PaidJob, answer: Exchange, ref: JobRef | None) -> Asset | None:
    """Return what is known of the result that *answer* tells of; None where it cannot be had."""
    paid.run.progressed("fetch", None)
    asset = await _fetched(paid, answer, ref)
    wrong = misfit(asset.kind, paid.target.operation) if asset else ""
    return replace(asset, problem=wrong) if asset and wrong and not asset.problem else asset


async def _fetched(paid: PaidJob, answer: Exchange, ref: JobRef | None) -> Asset | None:
    output = paid.job.output
    job_id = ref.id if ref else ""
    if output is None:
        return None
    kept = captured(document_of(answer), paid.job)
    if output.path and not (output.pointer or output.must_match):
        return await _look_at_url(paid, paid.address("", output.path, job_id, kept))
    if output.path or output.result_url:
        given = text_at(document_of(answer), output.result_url)
        given = given or (ref.output_url if ref else "")
        answer = await _result(paid, paid.address(given, output.path or "", job_id, kept))
    found = find_result(paid, answer)
    return None if found is None else await _look_at_value(paid, answer, found)


async def _result(paid: PaidJob, url: str) -> Exchange:
    """Fetch the JSON that holds the result; the answer decides, whatever it is."""
    for left in reversed(range(TRIES)):
        request = Request(RESULT, "GET", url)
        answer = await paid.ask(request, paid.patience(LEAST_ASK_SECONDS), keep=False)
        if not left or not _worth_another_try(answer):
            break
        await paid.run.clock.sleep(PAUSE_SECONDS)
    paid.client.exchanges.append(answer)
    return answer


def _worth_another_try(answer: Exchange) -> bool:
    status = answer.status or 0
    return answer.transport is not None or status in (404, 408, 409, 425, 429) or status >= 500


def find_result(paid: PaidJob, answer: Exchange) -> str | None:
    """Return the address or the data of the result in *answer*, or None."""
    document, output = document_of(answer), paid.job.output
    if output is None or not is_sound(answer):
        return None
    if document is MISSING:
        values = streamed_results(stream_events(answer.text)[0], paid.job)
    else:
        values = results(document, paid.job)
    texts = [value for value in values if isinstance(value, str)]
    if not output.must_match:
        return texts[0] if texts else None
    matches = (re.search(output.must_match, text[:MAX_TEXT]) for text in texts or [spoken(answer)])
    found = next((match for match in matches if match), None)
    return None if found is None else found[1 if found.re.groups else 0]


def spoken(answer: Exchange) -> str:
    """Return what a chat answer says, streamed or whole."""
    whole = resolve(document_of(answer), "/choices/0/message/content")
    if isinstance(whole, str):
        return whole
    lines = (line[5:] for line in answer.text.splitlines() if line.startswith("data:"))
    return chat_text(map(parse_json, lines), "content")


async def _look_at_value(paid: PaidJob, answer: Exchange, value: str) -> Asset | None:
    scheme = _SCHEME.match(value)
    if scheme is not None and scheme[1].lower() == "data":
        return look_at_base64(value.partition(",")[2])
    if scheme is not None:
        return await _look_at_address(paid, value, scheme[1].lower())
    if _is_data(paid, value):
        return look_at_base64(value)
    if value.startswith("/"):
        return await _look_at_url(paid, absolute(answer.url, value))
    return Asset("unknown", problem="not an address")


async def _look_at_address(paid: PaidJob, url: str, scheme: str) -> Asset | None:
    """Look at what lies at *url*; what nobody can fetch, as from file://, is no result."""
    if scheme not in ("http", "https"):
        return Asset(UNREACHABLE, problem=f"not an address of the web: {scheme}:…")
    if not _host(url):
        return Asset(UNREACHABLE, problem="an address without a host")
    return await _look_at_url(paid, url)


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:  # such as half an IPv6 address
        return None


def _is_data(paid: PaidJob, value: str) -> bool:
    if len(value) > _LONGEST_PATH:
        return _BASE64.match(value) is not None
    output = paid.job.output
    written = output is not None and output.encoding == "base64"
    return written and (not value.startswith("/") or value.startswith(_JPEG))


def look_at_base64(text: str) -> Asset:
    """Look at media in base64, of which no more is unpacked than is looked at."""
    whole = len(text) < LONGEST_STRING - len("data:image/png;base64,") - 100
    wanted = "".join(text[: MORE_BYTES * 2].split()).translate({45: 43, 95: 47}).rstrip("=")
    wanted = wanted[: MORE_BYTES * 4 // 3]
    wanted = wanted[: len(wanted) - (len(wanted) % 4 == 1)]
    try:
        head = base64.b64decode(wanted + "=" * (-len(wanted) % 4), validate=True)
    except ValueError:
        return Asset("text", problem=f"neither an address nor base64: {text[:80]}")
    return inspect(head, size=len(head) if whole and len(head) < MORE_BYTES - 3 else None).asset


async def _look_at_url(paid: PaidJob, url: str) -> Asset | None:
    """Look at the first bytes at *url*; its exchanges are the evidence where it cannot be had."""
    seen = await _tried(paid, url, FIRST_BYTES)
    if not is_sound(seen):
        return _of_nothing(seen)
    found = _looked(seen)
    if not found.decided and len(seen.body) < MORE_BYTES:
        more = await _tried(paid, url, MORE_BYTES)
        found = _looked(more, _all_there_is(seen, more)) if is_sound(more) else found
    return found.asset


def _all_there_is(seen: Exchange, more: Exchange) -> int | None:
    """Return the size of a file of which a store had no more to give when asked for more."""
    same = len(more.body) == len(seen.body) < FIRST_BYTES
    return len(seen.body) if same else None


async def _tried(paid: PaidJob, url: str, most: int) -> Exchange:
    """Fetch until it succeeds or there is no try left, and keep the last exchange."""
    for left in reversed(range(TRIES)):
        seen = await _ranged(paid, url, most)
        if not left or not _worth_another_try(seen):
            break
        await paid.run.clock.sleep(PAUSE_SECONDS)
    paid.client.exchanges.append(without_body(seen) if is_sound(seen) else seen)
    return seen


async def _ranged(paid: PaidJob, url: str, most: int) -> Exchange:
    """Fetch the first *most* bytes, following redirects, as stores are reached by them."""
    headers = {"Range": f"bytes=0-{most - 1}"}
    for _ in range(MAX_REDIRECTS):
        # A server that knows no ranges sends the file from its beginning: take what helps of it.
        request = Request("asset", "GET", url, headers=headers, most=MORE_BYTES)
        patience = paid.patience(LEAST_ASSET_SECONDS)
        seen = await paid.ask(request, patience, role=Role.ASSET, read="whole", keep=False)
        if seen.status == 416 and headers and _total(seen) != 0:
            headers = {}
        elif seen.status in _REDIRECTS and paid.client.location:
            url = paid.client.location
        else:
            break
    return seen


def _looked(seen: Exchange, whole: int | None = None) -> Inspection:
    size = _size(seen)
    return inspect(seen.body, seen.headers.get("content-type", ""), whole if size is None else size)


def _of_nothing(seen: Exchange) -> Asset | None:
    """Return what a store says that has no first byte to give: an empty file, or nothing."""
    empty = seen.status == 416 and _total(seen) == 0
    return inspect(b"", size=0).asset if empty else None


def _size(seen: Exchange) -> int | None:
    """Return the size of the whole file in bytes, as far as the answer tells."""
    packed = seen.headers.get("content-encoding", "identity") != "identity"
    if seen.status == 206:
        return None if packed else _total(seen)
    length = seen.headers.get("content-length", "")
    if not packed and length.isascii() and length.isdigit() and len(length) < 19:
        return int(length)
    return len(seen.body) if len(seen.body) < MORE_BYTES else None


def _total(seen: Exchange) -> int | None:
    found = _TOTAL.fullmatch(seen.headers.get("content-range", "").strip())
    return int(found[1]) if found else None
