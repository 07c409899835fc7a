"""Reading an answer: who speaks, what codes and words it carries, layer by layer. No judgement yet."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Final

from genmedia_exporter.classify.answered_by import is_edge, is_gateway
from genmedia_exporter.classify.envelope import MAX_ITEMS, refuses, says_error_outright
from genmedia_exporter.classify.layers import (
    MAX_MESSAGE,
    Layer,
    Places,
    calls_itself_error,
    plain_layer,
    unfold,
)
from genmedia_exporter.classify.lexicon import text_topic
from genmedia_exporter.classify.prose import tells_failure
from genmedia_exporter.classify.relayed import is_relayed
from genmedia_exporter.classify.topics import Topic
from genmedia_exporter.core.evidence import Exchange
from genmedia_exporter.core.json_pointer import MISSING, parse_json, resolve
from genmedia_exporter.core.status import AnsweredBy, Channel
from genmedia_exporter.media.inspect import begins_html, begins_media, start_of
from genmedia_exporter.providers.schema import Generic, Provider
from genmedia_exporter.providers.states import errors_of_state, job_state, stream_events


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer, taken apart. `layers` runs from the innermost error to the answer itself."""

    exchange: Exchange
    answered_by: AnsweredBy = AnsweredBy.VENDOR
    document: object = MISSING  # parsed JSON, or MISSING
    html: bool = False
    media: bool = False  # image or video bytes
    stream: tuple[object, ...] | None = None  # the JSON events of an SSE answer
    stream_done: bool = False
    refused: bool = False  # it calls itself a failure, whatever its HTTP status says
    layers: tuple[Layer, ...] = field(default_factory=tuple)

    @property
    def http(self) -> int:
        """The HTTP status, 0 without an answer."""
        return self.exchange.status or 0

    @property
    def gateway(self) -> bool:
        """Whether a gateway stands between us and the vendor."""
        return self.answered_by in (AnsweredBy.GATEWAY, AnsweredBy.UPSTREAM)

    @property
    def claims_error(self) -> bool:
        """Whether the answer calls itself a failure, whatever its HTTP status says."""
        return self.refused or any(layer.upstream for layer in self.layers)


def read(
    exchange: Exchange,
    provider: Provider | None,
    generic: Generic,
    channel: Channel = Channel.OFFICIAL,
) -> Reading:
    """Take *exchange* apart with the provider's pointers first, then the generic ones."""
    reading = _parts(exchange, provider, generic)
    behind = provider is not None and provider.kind == "gateway"
    if is_edge(exchange, reading.document, reading.html):
        return replace(reading, answered_by=AnsweredBy.EDGE)
    if not (behind or channel is Channel.REVERSE or is_gateway(exchange, reading.layers, generic)):
        return reading
    layers = tuple(_relay(reading, layer, provider, generic) for layer in reading.layers)
    relayed = any(layer.upstream for layer in layers)
    by = AnsweredBy.UPSTREAM if relayed else AnsweredBy.GATEWAY
    return replace(reading, layers=layers, answered_by=by)


def _relay(reading: Reading, layer: Layer, provider: Provider | None, generic: Generic) -> Layer:
    refused = reading.refused or reading.http >= 400
    told = layer.upstream or _told_in_chat(reading.document) != ""
    told = told or is_relayed(reading.exchange, layer, provider, generic, refused)
    return replace(layer, upstream=told)


def _parts(exchange: Exchange, provider: Provider | None, generic: Generic) -> Reading:
    text = exchange.text.lstrip("\ufeff")
    kind = exchange.headers.get("content-type", "").lower()
    body = exchange.body
    reading = Reading(exchange, html=_is_html(kind, body), media=_is_media(kind, body))
    if reading.html or reading.media:
        return replace(reading, layers=(plain_layer(text, reading.http),))
    if _is_stream(kind, text):
        events, done = stream_events(text)
        failed = next((told for e in events if (told := _failure_of(e)) is not MISSING), MISSING)
        reading = replace(reading, stream=events, stream_done=done)
        return _with_layers(reading, failed, provider, generic)
    document = parse_json(text)
    if document is MISSING:
        quoted = reading.http >= 400 and "{" in text  # "All accounts failed. Last error: {...}"
        places = Places(generic.errors, generic.nested)
        told = unfold(text, places, reading.http, True) if quoted else ()
        layers = [*told] or [plain_layer(text, reading.http)]
        layers[0] = _with_headers(layers[0], exchange.headers, generic)
        return replace(reading, layers=tuple(reversed(layers)))
    return _with_layers(replace(reading, document=document), document, provider, generic)


def _failure_of(event: object) -> object:
    """Return the error that an event of a stream is, or holds as an object or as text; MISSING for none.

    Such as `response.failed` of OpenAI, or the `event_data` of a web client's wire.
    """
    inner = resolve(event, "/response")
    outright = next((told for told in (event, inner) if says_error_outright(told)), MISSING)
    if outright is not MISSING:
        return outright
    held = (parse_json(text) for text in _texts_of(event) if text.startswith("{"))
    return next((document for document in held if calls_itself_error(document)), MISSING)


def _texts_of(event: object) -> list[str]:
    return [v for v in event.values() if isinstance(v, str)] if isinstance(event, dict) else []


def _is_html(kind: str, body: bytes) -> bool:
    return begins_html(body) or ("text/html" in kind and start_of(body).startswith(b"<"))


def _is_media(kind: str, body: bytes) -> bool:
    return kind.startswith(("video/", "image/", "audio/")) or begins_media(body)


def _is_stream(kind: str, text: str) -> bool:
    """Whether events came; new-api calls the JSON that refuses a stream one, too."""
    start = text.lstrip()
    told = "text/event-stream" in kind and not start.startswith(("{", "["))
    return told or start.startswith("data:")


def _with_layers(
    reading: Reading, document: object, provider: Provider | None, generic: Generic
) -> Reading:
    subject = unwrapped(document)
    envelope = provider.envelope if provider else None
    refused = refuses(subject, envelope)
    told = errors_of_state(subject, provider.jobs, generic) if provider else ()
    sets = (*told, *(provider.errors if provider else ()), *generic.errors)
    places = Places(sets, generic.nested, envelope)
    failed = job_state(subject, None, generic).word in _ENDED_BADLY
    layers = [*unfold(subject, places, reading.http, refused or failed or reading.http >= 400)]
    layers[0] = _with_headers(layers[0], reading.exchange.headers, generic)
    if _is_of_a_vendor(document):
        layers = [replace(layer, upstream=True) for layer in layers]
    return replace(reading, refused=refused, layers=tuple(reversed(layers)))


def unwrapped(document: object) -> object:
    """Return the error that a list holds, that stands alone under a key such as a job's id, or is told instead of a result."""
    if instead := _told_instead(document):
        return {"error": instead}
    if isinstance(document, list):
        listed = document[:MAX_ITEMS]
        return next((item for item in listed if says_error_outright(item)), document)
    if isinstance(document, dict) and len(document) == 1:
        key, value = next(iter(document.items()))
        if isinstance(value, dict) and (_MADE_UP.search(str(key)) or _is_of_a_vendor(document)):
            return value
    return document


def _is_of_a_vendor(document: object) -> bool:
    """Whether all that an answer holds is the failure of somebody, under a name that is no word of envelopes."""
    if not isinstance(document, dict) or len(document) != 1:
        return False
    name, told = next(iter(document.items()))
    failed = isinstance(told, dict) and str(told.get("status")).casefold() in _FAILED
    return failed and says_error_outright(told) and str(name).casefold() not in _ENVELOPES


def _told_instead(document: object) -> str:
    """Return the error that is all that an answer says: as a bare text, or as what a chat is answered with."""
    if isinstance(document, str):
        return document if text_topic(document) in (Topic.FAILED, Topic.INTERNAL) else ""
    return _told_in_chat(document)


def _told_in_chat(document: object) -> str:
    """Return the failure that a chat is answered with; empty for none. Behind a gateway, whoever chats tells it."""
    said = resolve(document, "/choices/0/message/content")
    return said if isinstance(said, str) and tells_failure(said) else ""


_ENDED_BADLY: Final = ("failed", "moderated", "cancelled", "expired")

_FAILED: Final = frozenset({"fail", "failed", "failure", "error"})
_ENVELOPES: Final = frozenset({
    "data", "result", "results", "task", "job", "output", "response", "resp", "prediction", "generation", "error", "errors", "detail",
    "message", "status", "body", "item", "video", "image", "choice",
})  # fmt: skip
"""Under these stands a task or an error, wherever its provider's file looks for it."""
_MADE_UP: Final = re.compile(r"\d")
"""A key of a single object that is no word but somebody's id."""


def _with_headers(layer: Layer, headers: Mapping[str, str], generic: Generic) -> Layer:
    """Return *layer* with the codes that stand in headers, such as `x-amzn-errortype`."""
    names = [n for n in headers if any(fnmatchcase(n, glob) for glob in generic.error_headers)]
    told = frozenset(re.split(r"[:;,]", headers[n])[0].strip() for n in names) - {""}
    folded = frozenset(word.casefold() for word in told)
    return replace(layer, codes=layer.codes | folded, spoken=layer.spoken | told)


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
