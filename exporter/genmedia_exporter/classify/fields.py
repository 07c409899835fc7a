"""The fields that a validator's answer names: in its structure, wherever they stand, and as paths in its text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from genmedia_exporter.classify.lexicon import MAX_TEXT, clauses, words_of
from genmedia_exporter.classify.words_of_validators import (
    BEFORE,
    ESSENTIAL,
    UNKNOWN_NAME,
    UNREADABLE,
)

URL: Final = re.compile(r"https?://\S+")
HEADER: Final = re.compile(r"\b(?:content-(?:length|type|encoding)|user-agent)\b", re.I)
"""Names that are a header's and no field's, although they begin with one."""
_PATH: Final = re.compile(
    r"(?<!\w)(?:[\w$#]{1,40}(?:['\"]?\]){0,3}[./\[]['\"]?){1,12}([A-Za-z_]\w{0,60})(?!\w)"
    r"|/([A-Za-z_]\w{0,60})(?=[ '\":,)\]]|$)|(?:->|→) ?(?:at )?([A-Za-z_]\w{0,60})"
    r"|\n(?:\w{1,40}\.){0,9}(\w{1,60})\n {1,9}(?=\S)"
    r"|\b(?:field|expr_path)=(\w{1,60})|\{'(\w{1,60})': ?\['"
    r"|\('?\w{0,40}'?(?:, ?'\w{1,40}'){0,8}, ?'(\w{1,60})'\)"
)

_FIELD_KEYS: Final = frozenset({
    "param", "parameter", "parameters", "field", "fields", "fieldname", "loc", "path", "instancepath",
    "datapath", "pointer", "attr", "attribute", "property", "propertyname", "propertypath", "inputname", "argname",
    "argument", "location", "failedfield", "errorfield", "invalidfield", "paramname", "parametername", "attributename", "fieldpath", "jsonpath", "variable", "keys", "name", "member", "target", "key",
})  # fmt: skip
_SURE: Final = frozenset({
    "param", "parameter", "field", "instancepath", "pointer", "attr", "attribute", "property", "propertyname",
    "propertypath", "argument",
})  # fmt: skip
_OF_FIELDS: Final = frozenset({
    "errors", "error", "fielderrors", "detail", "details", "violations", "validationerrors", "json", "messages", "message", "msg",
    "body", "invalid", "issues", "data", "modelstate", "fields", "result", "input",
    "parameters", "payload",
})  # fmt: skip
_OF_SENTENCES: Final = frozenset(
    {"errors", "fielderrors", "fields", "validationerrors", "modelstate", "messages"}
)
"""Under these a key may be a field although it holds but one sentence."""
_OF_TEXTS: Final = frozenset({"detail", "details"})
"""Under these a key is a field only where it holds a complaint."""
_OF_AN_ERROR: Final = frozenset({
    "message", "msg", "messages", "code", "type", "param", "status", "detail", "details", "reason", "description", "title",
    "name", "errors", "error", "info", "text", "content", "cause", "usermessage", "hint", "help", "raw", "summary",
})  # fmt: skip
"""What an error tells of itself."""
_LISTS_OF_ERRORS: Final = frozenset(
    {"errors", "error", "detail", "details", "issues", "violations"}
)
"""These hold what is wrong, and are no fields themselves."""
_ECHOES: Final = frozenset({"data", "result", "input", "parameters", "payload"})
"""Under these stands what we sent, or what is wrong with it: only a complaint makes a key a field."""
_OF_NAMES: Final = frozenset({
    "invalidfields", "missingfields", "requiredfields", "fields", "missing", "invalidparams", "invalidparameters",
    "missingparameters", "parameters", "params", "keys",
})  # fmt: skip
"""Under these stands a list of fields' names."""
_NO_FIELD: Final = re.compile(r".{200}|/(?:api/)?v\d|https?:|(?:[Nn]one|null)\Z", re.S)
"""Too long for a name; the path of the request, an address, or nothing as a word."""
WRONG: Final = re.compile(BEFORE)
_OF_A_MISTAKE: Final = frozenset(
    {"code", "msg", "message", "error", "rule", "validation", "type", "kind", "tag"}
)
"""One of these an object has that tells of a mistake in a field."""
_SENT: Final = frozenset(
    {"input", "value", "rejectedvalue", "attemptedvalue", "path", "url", "docurl", "target"}
)
"""Beside a field these hold what we sent, and no complaint."""
_OF_PYDANTIC: Final = frozenset({"loc", "msg", "type"})
_ECHOED: Final = frozenset({"input", "ctx"})
"""Beside those three, these repeat what we sent."""
_KINDS: Final = frozenset({
    "type", "code", "codes", "keyword", "rule", "tag", "errorcode", "constraint", "constraints", "validator", "reason",
    "name", "kind", "errortype", "constraintid", "ruleid", "msg", "message", "error", "key", "messagekey",
})  # fmt: skip
"""Beside a field these may hold the kind of mistake."""
_CHINESE: Final = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
MAX_VALUES: Final = 2_000


def joined(field: str) -> str:
    """Return a field's name as one lower-case word: `negativePrompt` and `negative_prompt` are alike."""
    return words_of(field).replace(" ", "")


def last_name(path: str) -> str:
    """Return the last name of a path such as `instances[0].prompt` or `/data/attributes/size`."""
    names = [part for part in re.split(r"[./\[\]'\"#$\s]+", path) if part and not part.isdigit()]
    return names[-1] if names else ""


def paths_in(text: str) -> Iterator[str]:
    """Yield the last name of each path that stands in a text, addresses left out."""
    for found in _PATH.finditer(URL.sub(" ", text[:4096])):
        yield next(part for part in found.groups() if part)


@dataclass(frozen=True, slots=True)
class Named:
    """A field that a document names, and the sentences that stand with it."""

    name: str
    texts: tuple[str, ...] = ()
    sure: bool = False  # by a key that means nothing else, such as `field` or `loc`
    codes: tuple[str, ...] = ()  # what stands beside it as the kind of mistake: `minLength`


def fields_of(document: object) -> list[Named]:
    """Return the fields that a validator's document complains of, wherever they stand."""
    found: list[Named] = []
    left: list[tuple[object, str, bool, object]] = [(document, "", True, None)]
    seen = 0
    while left and seen < MAX_VALUES:
        value, key, under, holder = left.pop()
        seen += 1
        if isinstance(value, dict):
            keys = _keys_that_are_fields(value, key) if under else []
            found += [
                Named(last_name(str(k)), _sentences(value[k]), codes=_kinds(value[k])) for k in keys
            ]
            echoes = _ECHOED if value.keys() >= _OF_PYDANTIC else frozenset()
            for name, inner in value.items():
                folded = joined(str(name))
                if folded in echoes:
                    continue
                left.append((inner, folded, _holds_fields(folded) or (under and key != ""), value))
        elif isinstance(value, list):
            path = _as_path(value) if key in ("loc", "path") else []
            path += _as_names(value) if key in _OF_NAMES else []
            found += [_beside(name, holder, key == "loc") for name in path]
            left += [] if path else [(v, key, False, holder) for v in value]
        elif isinstance(value, str) and key in _FIELD_KEYS and not _NO_FIELD.match(value):
            found.append(_beside(last_name(value), holder, key in _SURE))
    return [field for field in found if field.name]


def _holds_fields(key: str) -> bool:
    return key in _OF_FIELDS or "validation" in key or key.endswith(("errors", "fields"))


def takes_none(said: Sequence[str], told: Sequence[Named]) -> bool:
    """Whether a service knows no field of the name that every create needs, or cannot even read a create with it."""
    if any(UNREADABLE.search(clause) for clause in said):
        return not any("invalid value" in clause for clause in said)  # else it has read that one
    beside = [t for f in told if joined(f.name) in ESSENTIAL for t in f.texts]
    if any(UNKNOWN_NAME.search(clause) for clause in clauses("\n".join(beside))):
        return True
    refused = [clause for clause in said if UNKNOWN_NAME.search(clause)]
    return any(not ESSENTIAL.isdisjoint(re.findall(r"[a-z]+", clause)) for clause in refused)


def is_prose(text: str) -> bool:
    """Whether a text is a sentence, and no code or name."""
    return " " in text.strip() or _CHINESE.search(text) is not None


def _beside(name: str, holder: object, sure: bool) -> Named:
    return Named(name, _sentences(holder), sure, _kinds(holder))


def _kinds(value: object) -> tuple[str, ...]:
    """Return what *value* says of the kind of mistake in one word, such as `string_too_short`."""
    held = value if isinstance(value, list) else [value]
    told = [
        v
        for each in held
        if isinstance(each, dict)
        for k, v in each.items()
        if joined(str(k)) in _KINDS
    ]
    flat = (v for each in told for v in (each if isinstance(each, list) else [each]))
    return tuple(code for code in flat if isinstance(code, str) and " " not in code)


def _sentences(value: object) -> tuple[str, ...]:
    """Return the sentences in *value*: itself, or those that it holds and no deeper."""
    if isinstance(value, dict):
        told = [v for k, v in value.items() if joined(str(k)) not in _SENT]
        held = [v for each in told for v in (each if isinstance(each, list) else [each])]
    else:
        held = value if isinstance(value, list) else [value]
    return tuple(text for text in held if isinstance(text, str) and is_prose(text))


def _as_path(value: list[object]) -> list[str]:
    names = [str(part) for part in value if isinstance(part, str) and part]
    return names[-1:] if len(names) == len([p for p in value if isinstance(p, str)]) else []


def _as_names(value: list[object]) -> list[str]:
    names = [last_name(v) for v in value if isinstance(v, str) and " " not in v.strip()]
    return names if len(names) == len(value) else []


def _keys_that_are_fields(value: dict[object, object], key: str) -> list[object]:
    """Return the keys of an object such as `{"prompt": ["can't be blank"]}`."""
    if key in _ECHOES:
        return [k for k, v in value.items() if _is_complaint(v)]
    texts = (key in _OF_SENTENCES or key.endswith("fields")) and all(
        _is_sentence(v) for v in value.values()
    )
    told = [
        k
        for k, v in value.items()
        if _names_a_field(str(k), v, texts, key in _OF_SENTENCES)
        or (_may_be_field(key, str(k)) and _is_complaint(v))
    ]
    if key == "" and len(told) != len(value.keys() - {"_errors"}):
        alone = all(_is_sentence(v) and _says_wrong(str(v)) for v in value.values())
        return list(value) if alone and not value.keys() & _OF_AN_ERROR else []
    return told


def _says_wrong(text: str) -> bool:
    # Its beginning tells: a search through a megabyte takes a second.
    return WRONG.search(text[:MAX_TEXT].casefold()) is not None


def _is_sentence(value: object) -> bool:
    return isinstance(value, str) and (" " in value or _says_wrong(value))


def _may_be_field(holder: str, key: str) -> bool:
    """Whether *key* may be a field's under *holder*, where it stands with one complaint."""
    return holder in _OF_TEXTS or (holder == "error" and joined(key) not in _OF_AN_ERROR)


def _names_a_field(key: str, value: object, texts: bool, named: bool) -> bool:
    if key == "_errors" or joined(key) in _LISTS_OF_ERRORS:
        return False
    if isinstance(value, dict) and "message" in value and not named:
        return False
    if isinstance(value, dict) and value and all(_is_alone(v) for v in value.values()):
        return joined(key) not in _OF_AN_ERROR
    return texts or (_holds_texts(value) and not (joined(key) in _OF_FIELDS and _of_objects(value)))


def _is_alone(value: object) -> bool:
    return isinstance(value, str) and _is_complaint(value)


def _of_objects(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(v, dict) for v in value)


def _holds_texts(value: object) -> bool:
    """Whether *value* is what validators say of one field: sentences, or an object of them (zod)."""
    if isinstance(value, dict):
        value = value.get("_errors", value.get("errors", [value.get("message")]))
    if not isinstance(value, list) or not value:
        return False
    return all(
        isinstance(v, str) or (isinstance(v, dict) and v.keys() & _OF_A_MISTAKE) for v in value
    )


def _is_complaint(value: object) -> bool:
    """Whether *value* says what is wrong with something, and is not what we sent."""
    listed = isinstance(value, list)
    texts = value if isinstance(value, list) else [value]
    told = [t for t in texts if isinstance(t, str) and (listed or is_prose(t)) and _says_wrong(t)]
    return bool(told) and len(told) == len(texts)
