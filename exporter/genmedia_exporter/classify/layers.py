"""The errors in one answer, from the outside in: the service's own, and what it relays from behind."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from genmedia_exporter.classify.chinese import simplified
from genmedia_exporter.classify.deep import is_prose, said_anywhere
from genmedia_exporter.classify.envelope import GOOD_WORDS, code_word, says_error_outright
from genmedia_exporter.core.json_pointer import MISSING, parse_json, resolve, resolve_all
from genmedia_exporter.providers.base import Pointers
from genmedia_exporter.providers.rules import Envelope

MAX_MESSAGE: Final = 16_384
"""Characters of an error's text that are looked at; real ones are a few hundred."""

MAX_COMMAND: Final = 12
"""Characters of a command that may stand before a prompt that is repeated."""
_WITH_PROMPT: Final = ("", "/data", "/input", "/task")
_PROMPTS: Final = ("prompt", "promptEn", "prompt_en", "text_prompt")

MAX_LAYERS: Final = 6
"""How deep relayed errors may nest before we stop unpacking."""

_NOT_CODES: Final = frozenset(
    {"", "0", "200", "success", "succeeded", "ok", "none", "null", "false"}
)
_RELAY_CODES: Final = frozenset(
    {"fail_to_fetch_task", "bad_response_status_code", "upstream_error"}
)
_RELAY_TYPES: Final = frozenset({"upstream_error"})

_TRANSLATED: Final = re.compile(
    r"(?:^|[\s:])(\w*?)Exception(?: \w+)? - (.*?)(?:\.?\s*\n\s*\n?(?:LiteLLM:|Deployment Info:)|\.? ?Received Model Group=|\Z)",
    re.S,
)
"""How LiteLLM tells what a vendor said: `litellm.XError: VendorException - {inner}`."""

_PRINTED: Final = re.compile(
    r"\[\{'(?:type|loc|msg|input|ctx|url)': |(?<=rror code: \d{3} - )\{'\w{1,40}': "
)
"""How Python prints what is no JSON: pydantic's list of errors, and an answer that a client was given."""

_CODE_IN_TEXT: Final = re.compile(r"\b\w{0,20}[cC]ode=([A-Za-z][A-Za-z_.]{3,60})\b")
"""A code that a text tells as a name and a value: `bizCode=unsupported_aspect_ratio`."""

_BEHIND: Final = re.compile(
    r"\bupstream\b(?! connect error| request timeout)|上游|^provider returned|^provider rate.?limit|^litellm\.\w+: (?:\w+: )?\w+exception(?: \w+)? - |^error from provider|^(?:\[[\w./-]+\] ?)?\[[45]\d\d\]: |^all [\w./-]+ error:|^\w+ response error\b",
    re.I,
)
"""Words with which a gateway speaks of what is behind it."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One error found in an answer: the service's own, or one it relays from behind."""

    document: object
    codes: frozenset[str] = frozenset()  # lower case, success words left out
    types: frozenset[str] = frozenset()
    params: frozenset[str] = frozenset()
    message: str = ""  # case-folded, in simplified characters
    shown: str = ""  # the message as it came
    http: int = 0
    upstream: bool = False
    spoken: frozenset[str] = frozenset()  # codes and types as they came, for their words


@dataclass(frozen=True, slots=True)
class Places:
    """Where errors stand: the provider's own pointers first, then those of everybody."""

    errors: Sequence[Pointers]
    nested: Sequence[str]
    envelope: Envelope | None = None


def plain_layer(text: str, http: int) -> Layer:
    """Return the one layer of an answer that is no JSON."""
    cut = text[:MAX_MESSAGE]
    return Layer(MISSING, message=simplified(cut).casefold(), shown=cut, http=http)


def unfold(document: object, places: Places, http: int, refused: bool) -> Iterator[Layer]:
    """Yield the layers of *document* from the outside in; `refused` says that it is an error at all."""
    upstream = False
    for _ in range(MAX_LAYERS):
        layer = _layer(document, places, http, upstream, refused)
        yield layer
        inner = _inner(document, layer, places.nested)
        if inner is MISSING:
            return
        relayed = isinstance(layer.document, dict) and inner not in _held_in(
            document, places.nested
        )
        own = inner is resolve(document, "/data")  # what an envelope holds is its own
        behind = relayed or _relays(layer) or (layer.codes == frozenset() and not own)
        upstream = layer.upstream or (behind and not _is_traceback(inner))
        document, http, refused = inner, layer.http, True
        places = replace(places, envelope=None)


def _is_traceback(inner: object) -> bool:
    """Whether what an error quotes is what its own worker raised, and nobody's answer."""
    return isinstance(inner, dict) and bool(
        inner.keys() & {"error_traceback", "traceback"}
        or {"error_type", "error_message"} <= inner.keys()
    )


def _held_in(document: object, nested: Sequence[str]) -> list[object]:
    return [value for pointer in nested for value in resolve_all(document, pointer)]


def _layer(document: object, places: Places, http: int, upstream: bool, refused: bool) -> Layer:
    if isinstance(document, str):
        return replace(plain_layer(document, http), upstream=upstream)
    envelope, sets = places.envelope, places.errors
    codes = _words(document, [s.code for s in sets])
    types = _words(document, [s.type for s in sets])
    if envelope is not None and resolve(document, envelope.pointer) in envelope.ok:
        codes -= _words(document, [envelope.pointer])
    params = _folded(_words(document, [s.param for s in sets]))
    echoes = _echoes(document)
    shown = _joined(_texts(document, [s.message for s in sets]), echoes)
    if refused:
        said = said_anywhere(document)
        codes |= said.codes
        if not is_prose(shown):  # a word alone; what it means stands elsewhere
            shown = _joined(filter(None, dict.fromkeys((shown, *said.texts))), echoes)
    codes |= frozenset(_CODE_IN_TEXT.findall(shown))
    found = Layer(
        document, _folded(codes), _folded(types), params, simplified(shown).casefold(), shown, http, upstream,
        codes | types,
    )  # fmt: skip
    told = upstream or _speaks_for_another(found)
    return replace(found, http=_own_status(found), upstream=told)


def _folded(words: Iterable[str]) -> frozenset[str]:
    return frozenset(word.casefold() for word in words)


def _words(document: object, pointers: Iterable[str | None]) -> frozenset[str]:
    values = (v for p in pointers if p is not None for v in resolve_all(document, p))
    told = (str(v).strip()[:128] for v in values if code_word(v))
    return frozenset(word for word in told if word.casefold() not in _NOT_CODES)


def _texts(document: object, pointers: Iterable[str | None]) -> list[str]:
    values = (v for p in pointers if p is not None for v in resolve_all(document, p))
    texts = (value.strip() for value in values if isinstance(value, str))
    return list(dict.fromkeys(text for text in texts if text.casefold() not in GOOD_WORDS))


def _joined(texts: Iterable[str], echoes: Sequence[str]) -> str:
    """Return the *texts* that say more than what was asked for, each on a line."""
    told = [text for text in texts if not any(_only_repeats(text, echo) for echo in echoes)]
    return "\n".join(told)[:MAX_MESSAGE]


def _echoes(document: object) -> list[str]:
    """Return the prompts that an answer repeats: a job that failed tells of which one."""
    found = (resolve(document, f"{at}/{key}") for at in _WITH_PROMPT for key in _PROMPTS)
    return [value.strip() for value in found if isinstance(value, str) and value.strip()]


def _only_repeats(text: str, echo: str) -> bool:
    """Whether *text* is the prompt with no more than a command before it: `/imagine a calm sunset`."""
    return len(text) <= len(echo) + MAX_COMMAND and text.endswith(echo)


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
    words = layer.types | layer.codes
    told = any(word == "bad_response_status_code" or "upstream" in word for word in words)
    silent = "fail_to_fetch_task" in words and not layer.shown  # the vendor's bare status
    return told or silent or _BEHIND.search(layer.shown) is not None


def _inner(document: object, layer: Layer, nested: Sequence[str]) -> object:
    """Return the answer relayed inside *document*: an object, or what its message quotes."""
    for pointer in nested:
        value = resolve(document, pointer)
        if isinstance(value, dict) and calls_itself_error(value):
            return value
        if isinstance(value, str) and value.strip() and pointer.endswith("/raw"):
            return _document_in(value) or value
    quoted = _TRANSLATED.search(layer.shown)
    if quoted is not None and quoted[2].strip() and layer.document is not MISSING:
        return _document_in(quoted[2]) or quoted[2].strip()
    for text in (layer.shown, *layer.shown.splitlines()):
        found = _document_in(text)
        if found is not None:
            return found
    for text in said_anywhere(document).texts if isinstance(document, dict) else ():
        found = parse_json(text) if text.startswith("{") else None
        if isinstance(found, dict) and found:
            return found
    if "fail_to_fetch_task" in layer.codes and layer.shown and layer.document is not MISSING:
        return layer.shown
    return MISSING


def calls_itself_error(document: object) -> bool:
    """Whether *document* tells an error: by a code that is no success beside a message, or in plain words."""
    if not isinstance(document, dict):
        return False
    code = code_word(document.get("code"))
    told = bool(code) and code not in _NOT_CODES and "message" in document
    return told or says_error_outright(document)


def _printed(text: str) -> object | None:
    """Return the list or object that Python has printed at the start of *text*, or None."""
    for end in (len(text), text.rfind("]") + 1, text.rfind("}") + 1):
        try:
            found: object = json.loads(json.dumps(ast.literal_eval(text[:end])))
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            continue
        return found
    return None


def _document_in(text: str) -> object | None:
    """Return the JSON object that a text is or holds, or None."""
    whole = parse_json(text)
    if isinstance(whole, dict | list) and whole:
        return whole
    shown = _PRINTED.search(text)
    if shown is not None:
        return _printed(text[shown.start() :])
    start = text.find("{")
    while 0 <= start < MAX_MESSAGE:
        try:
            found, _ = json.JSONDecoder().raw_decode(text[start:])
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict) and found:
            return found
        start = text.find("{", start + 1) if found is not None else -1
    return None
