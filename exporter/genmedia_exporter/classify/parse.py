"""Reading an answer: who speaks, what codes and words it carries, layer by layer. No judgement yet."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from genmedia_exporter.core.evidence import Exchange
from genmedia_exporter.core.json_pointer import MISSING, parse_json, resolve, resolve_all
from genmedia_exporter.media.inspect import begins_html, begins_media, start_of
from genmedia_exporter.providers.schema import Envelope, Generic, Pointers, Provider

MAX_MESSAGE = 16_384
"""Characters of an error's text that are looked at; real ones are a few hundred."""

MAX_LAYERS = 6
"""How deep relayed errors may nest before we stop unpacking."""

_SUCCESS_WORDS = frozenset({"", "0", "200", "success", "succeeded", "ok", "none", "null", "false"})
_RELAY_CODES = frozenset({"fail_to_fetch_task", "bad_response_status_code", "upstream_error"})
_RELAY_TYPES = frozenset({"upstream_error"})


@dataclass(frozen=True, slots=True)
class Layer:
    """One error found in an answer: the service's own, or one it relays from behind."""

    document: object
    codes: frozenset[str] = frozenset()  # lower case, success words left out
    types: frozenset[str] = frozenset()
    params: frozenset[str] = frozenset()
    message: str = ""  # case-folded
    shown: str = ""  # the message as it came
    http: int = 0
    upstream: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer, taken apart. `layers` runs from the innermost error to the answer itself."""

    exchange: Exchange
    document: object = MISSING  # parsed JSON, or MISSING
    html: bool = False
    media: bool = False  # image or video bytes
    stream: tuple[object, ...] | None = None  # the JSON events of an SSE answer
    stream_done: bool = False
    layers: tuple[Layer, ...] = field(default_factory=tuple)

    @property
    def http(self) -> int:
        """The HTTP status, 0 without an answer."""
        return self.exchange.status or 0

    @property
    def claims_error(self) -> bool:
        """Whether the answer calls itself a failure, whatever its HTTP status says."""
        return any(
            layer.codes or layer.upstream or _says_error(layer.document) for layer in self.layers
        )


def read(exchange: Exchange, provider: Provider | None, generic: Generic) -> Reading:
    """Take *exchange* apart with the provider's pointers first, then the generic ones."""
    text = exchange.text
    kind = exchange.headers.get("content-type", "").lower()
    body = exchange.body
    reading = Reading(exchange, html=_is_html(kind, body), media=_is_media(kind, body))
    if reading.html or reading.media:
        return replace(reading, layers=(_plain_layer(reading, text),))
    if _is_stream(kind, text):
        events, done = _events(text)
        reading = replace(reading, stream=events, stream_done=done)
        failed = next((e for e in events if _says_error(e)), MISSING)
        return _with_layers(reading, failed, provider, generic)
    document = parse_json(text)
    if document is MISSING:
        return replace(reading, layers=(_plain_layer(reading, text),))
    return _with_layers(replace(reading, document=document), document, provider, generic)


def _is_html(kind: str, body: bytes) -> bool:
    return begins_html(body) or ("text/html" in kind and start_of(body).startswith(b"<"))


def _is_media(kind: str, body: bytes) -> bool:
    return kind.startswith(("video/", "image/", "audio/")) or begins_media(body)


def _is_stream(kind: str, text: str) -> bool:
    return "text/event-stream" in kind or text.lstrip().startswith("data:")


def _events(text: str) -> tuple[tuple[object, ...], bool]:
    lines = (line[5:].strip() for line in text.splitlines() if line.startswith("data:"))
    payloads = list(lines)
    documents = (parse_json(line) for line in payloads if line != "[DONE]")
    return tuple(d for d in documents if d is not MISSING), "[DONE]" in payloads


def _plain_layer(reading: Reading, text: str) -> Layer:
    cut = text[:MAX_MESSAGE]
    return Layer(MISSING, message=cut.casefold(), shown=cut, http=reading.http)


def _with_layers(
    reading: Reading, document: object, provider: Provider | None, generic: Generic
) -> Reading:
    sets = (*(provider.errors if provider else ()), *generic.errors)
    envelope = provider.envelope if provider else None
    layers = list(_unfold(document, sets, generic.nested, reading.http, envelope))
    return replace(reading, layers=tuple(reversed(layers)))


def _unfold(
    document: object,
    sets: Sequence[Pointers],
    nested: Sequence[str],
    http: int,
    envelope: Envelope | None,
) -> Iterator[Layer]:
    """Yield the layers of *document* from the outside in."""
    upstream = False
    for _ in range(MAX_LAYERS):
        layer = _layer(document, sets, http, upstream, envelope)
        yield layer
        inner = _inner(document, layer, nested)
        if inner is MISSING:
            return
        upstream = upstream or _relays(layer) or layer.codes == frozenset()
        document, http, envelope = inner, layer.http, None


def _layer(
    document: object,
    sets: Sequence[Pointers],
    http: int,
    upstream: bool,
    envelope: Envelope | None,
) -> Layer:
    if isinstance(document, str):
        cut = document[:MAX_MESSAGE]
        return Layer(MISSING, message=cut.casefold(), shown=cut, http=http, upstream=upstream)
    codes = _words(document, [s.code for s in sets])
    if envelope is not None and resolve(document, envelope.pointer) in envelope.ok:
        codes -= _words(document, [envelope.pointer])
    params = _words(document, [s.param for s in sets])
    types = _words(document, [s.type for s in sets])
    shown = "\n".join(_texts(document, [s.message for s in sets]))[:MAX_MESSAGE]
    found = Layer(document, codes, types, params, shown.casefold(), shown, http, upstream)
    return replace(found, http=_own_status(found), upstream=upstream or _speaks_for_another(found))


def _words(document: object, pointers: Iterable[str | None]) -> frozenset[str]:
    values = (v for p in pointers if p is not None for v in resolve_all(document, p))
    words = (_word(value) for value in values)
    return frozenset(word for word in words if word and word not in _SUCCESS_WORDS)


def _word(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).strip().casefold()[:128]


def _texts(document: object, pointers: Iterable[str | None]) -> list[str]:
    values = (v for p in pointers if p is not None for v in resolve_all(document, p))
    texts = (value.strip() for value in values if isinstance(value, str))
    return list(dict.fromkeys(text for text in texts if text))


def _own_status(layer: Layer) -> int:
    """Return the status a layer stands for: an HTTP-like code in a 200, a relayed one in `param`."""
    if layer.codes & {"bad_response_status_code"}:
        return next((int(p) for p in layer.params if re.fullmatch(r"[1-5]\d\d", p)), layer.http)
    if 200 <= layer.http < 300:
        like_http = sorted(int(c) for c in layer.codes if re.fullmatch(r"[45]\d\d", c))
        return like_http[0] if like_http else layer.http
    return layer.http


def _relays(layer: Layer) -> bool:
    return bool(layer.codes & _RELAY_CODES or layer.types & _RELAY_TYPES)


def _speaks_for_another(layer: Layer) -> bool:
    # fail_to_fetch_task is the gateway's own word; what it relays stands inside its message.
    return bool(layer.types & _RELAY_TYPES or "bad_response_status_code" in layer.codes)


def _inner(document: object, layer: Layer, nested: Sequence[str]) -> object:
    """Return the answer relayed inside *document*: an object, or JSON text in the message."""
    for pointer in nested:
        value = resolve(document, pointer)
        if isinstance(value, dict) and _says_error(value):
            return value
    for text in layer.shown.splitlines():
        found = _json_inside(text)
        if found is not MISSING:
            return found
    if "fail_to_fetch_task" in layer.codes and layer.shown and layer.document is not MISSING:
        return layer.shown
    return MISSING


def _json_inside(text: str) -> object:
    start = text.find("{")
    if start < 0:
        return MISSING
    try:
        found, _ = json.JSONDecoder().raw_decode(text[start:])
    except (ValueError, RecursionError):
        return MISSING
    return found if isinstance(found, dict) and found else MISSING


def _says_error(document: object) -> bool:
    """Whether a document calls itself an error in one of the ways the field has for it."""
    if not isinstance(document, dict):
        return False
    code = _word(document.get("code"))
    return says_error_outright(document) or (
        bool(code) and code not in _SUCCESS_WORDS and "message" in document
    )


def says_error_outright(document: object) -> bool:
    """Whether a document calls itself an error in plain words, not only by a code."""
    if not isinstance(document, dict):
        return False
    told = bool(document.get("error") or document.get("errors"))
    return told or document.get("success") is False or document.get("type") == "error"


_PAGE = re.compile(
    r"(?:<\?xml[^>]{0,200}>\s*)?<(?:!doctype html|html|head|body)\b"
    r"|\A\s*<(?:!--|(?:center|title|h1|pre)\b)",
    re.I,
)
_UNREAD = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.I | re.S)
_HEADING = re.compile(r"<(title|h[1-6]|pre)\b[^>]{0,200}>(.{0,300}?)</\1", re.I | re.S)


def without_page(text: str) -> str:
    """Return *text* with a web page in it, or from there on, cut down to its title or first heading."""
    cut = text[:MAX_MESSAGE]
    page = _PAGE.search(cut)
    if page is None:
        return text
    shown = _UNREAD.sub(" ", cut[page.start() :])
    headings = (re.sub(r"<[^>]*>", " ", told[2]) for told in _HEADING.finditer(shown))
    heading = next((h for h in headings if h.strip()), "")
    return cut[: page.start()] + html.unescape(heading)
