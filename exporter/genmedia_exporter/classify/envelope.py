"""Does an answer refuse, whatever its HTTP status says? The envelopes that APIs of all kinds put around it."""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from genmedia_exporter.classify.lexicon import text_topic
from genmedia_exporter.classify.proof import EVERYTHING, complaint
from genmedia_exporter.classify.topics import Topic
from genmedia_exporter.core.json_pointer import resolve, steps
from genmedia_exporter.providers.rules import Envelope
from genmedia_exporter.providers.states import EMPTY

GOOD_WORDS: Final = frozenset({
    "", "0", "00", "0000", "000000", "200", "201", "202", "204", "10000", "ok", "success",
    "succeed", "succeeded", "successful", "none", "null", "false",
})  # fmt: skip
"""What stands in the place of an error code where there is no error."""

_CODE_KEYS: Final = (
    "code",
    "errcode",
    "errorcode",
    "errno",
    "statuscode",
    "retcode",
    "resultcode",
    "returncode",
    "ret",
    "rc",
)
_SURE_CODES: Final = ("errcode", "errorcode", "errno")
"""Of these, what is called an error's wherever it stands."""
_TEXT_KEYS: Final = (
    "message", "messege", "msg", "errmsg", "errormessage", "errormsg", "description", "statusmsg", "reason",
    "detail", "info", "desc", "retmsg", "resultmsg", "returnmsg", "failmsg", "errcodedes",
)  # fmt: skip
_PAYLOAD_KEYS: Final = ("data", "result", "results", "resp", "output", "response", "items", "id")
_INNER_KEYS: Final = (
    "baseresp",
    "response",
    "responsemetadata",
    "header",
    "head",
    "meta",
    "resp",
    "status",
)
_HOLDERS: Final = ("data", "result", "results", "output", "choices")
"""Under these stands what was made, or the error that came instead."""
_FLAGS: Final = ("success", "ok", "succeeded", "issuccess")
_ERROR_KEYS: Final = ("error", "errors", "nodeerrors", "fault")
_TROUBLES: Final = ("err", "exception", "failure", "problem")
"""Keys whose text says what is wrong; a number there counts something."""
_FINE: Final = re.compile(
    r"^(?:ok|success\w*|succeed\w*|done|accepted|queued|.{0,6}成功.{0,4})\.?$", re.I
)
_BAD_STATUS: Final = (
    "error",
    "failure",
    "fail",
    "rejected",
    "denied",
    "refused",
    "forbidden",
    "unauthorized",
    "nok",
)
_ERROR_TEXT_KEYS: Final = ("errormessage", "errormsg", "errmsg", "failreason", "failurereason")
_OF_US: Final = frozenset({
    Topic.KEY, Topic.MONEY, Topic.ACCOUNT, Topic.REGION, Topic.ENTITLEMENT, Topic.PAUSED, Topic.SETUP, Topic.NO_CHANNEL,
})  # fmt: skip
"""What no success tells: that we are refused, or that nobody is there to serve us."""
_CALLED_AN_ERROR: Final = re.compile(r"\W*(?:error|failed|错误|失败)\b", re.I)
_DESCRIBED: Final = ("displayname", "version", "owner", "visibility", "modelid")
"""What stands beside the description of a thing, and beside that of no error."""
_TOO_DEEP: Final = 4
MAX_ITEMS: Final = 1_000
"""Items of a list, and objects inside of one another, that are looked at; errors of a sound service are a handful."""


def code_word(value: object) -> str:
    """Return a code as a folded word; empty for what is none."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).strip().casefold()[:128]


def refuses(document: object, envelope: Envelope | None = None) -> bool:
    """Whether *document* says no: by its provider's own *envelope*, by a flag, a code or an error."""
    if envelope is not None:
        said = resolve(document, envelope.pointer)
        if isinstance(said, str | int) and not isinstance(said, bool):
            besides = _besides(document, envelope)
            return said not in envelope.ok or _says_outright(besides) or _fails_inside(besides, 0)
    return _refuses(document, 0)


def _besides(document: object, envelope: Envelope) -> dict[str, object]:
    """Return what stands beside the envelope: an object called error that holds its good word is none."""
    holder = _folded(dict.fromkeys(steps(envelope.pointer)[:1]))
    return {key: value for key, value in _folded(document).items() if key not in holder}


def _refuses(document: object, level: int) -> bool:
    if level > _TOO_DEEP:
        return False
    if isinstance(document, list):
        return any(says_error_outright(item) for item in document[:3])
    if not isinstance(document, dict):
        return False
    keys = _folded(document)
    if _says_outright(keys) or _is_bad_status(keys) or _has_bad_code(keys):
        return True
    inner = (keys[name] for name in _INNER_KEYS if isinstance(keys.get(name), dict))
    if any(_all_refuse(keys.get(name)) for name in _HOLDERS):
        return True
    if _says_no_in_words(keys):
        return True
    return any(_refuses(value, level + 1) for value in inner) or _fails_inside(keys, level)


def _all_refuse(held: object) -> bool:
    """Whether what an envelope holds is an error, or a list of nothing but errors."""
    items = held if isinstance(held, list) else [held]
    return bool(items) and all(_says_outright(_folded(item)) for item in items[:MAX_ITEMS])


def _fails_inside(keys: dict[str, object], level: int) -> bool:
    """Whether an object further inside has an error's code, called so, and a text: a task that has failed."""
    left = [(inner, level) for inner in _objects_in(keys)]
    for _ in range(MAX_ITEMS):
        if not left:
            return False
        keys, level = left.pop()
        codes = [code_word(keys[name]) for name in _SURE_CODES if name in keys]
        if any(code not in GOOD_WORDS for code in codes) and _text(keys):
            return True
        if level < _TOO_DEEP:
            left += ((inner, level + 1) for inner in _objects_in(keys))
    return False


def _objects_in(keys: dict[str, object]) -> list[dict[str, object]]:
    inner = (value for value in keys.values() if isinstance(value, dict) and value)
    return [_folded(value) for value in islice(inner, MAX_ITEMS)]


def _folded(document: object) -> dict[str, object]:
    if not isinstance(document, dict):
        return {}
    return {str(key).replace("_", "").casefold(): value for key, value in document.items()}


def says_error_outright(document: object) -> bool:
    """Whether a document calls itself an error in plain words, not only by a code."""
    return _says_outright(_folded(document))


def _says_outright(keys: dict[str, object]) -> bool:
    if any(_is_no(keys.get(flag)) for flag in _FLAGS):
        return True
    if any(_is_zero(keys.get(flag)) for flag in _FLAGS) and _text(keys):
        return True
    if keys.get("type") == "error" or keys.get("object") == "error":
        return True
    told = (keys.get(name) for name in _TROUBLES)
    if any(isinstance(text, str) and _is_something(text) for text in told):
        return True
    return any(_is_something(keys.get(name)) for name in _ERROR_KEYS)


def _is_no(flag: object) -> bool:
    return flag is False or (isinstance(flag, str) and flag.strip().casefold() == "false")


def _is_zero(flag: object) -> bool:
    """Whether a flag is the number 0: a refusal where a text stands beside it, else a count."""
    return isinstance(flag, int) and not isinstance(flag, bool) and flag == 0


def _is_something(error: object) -> bool:
    if isinstance(error, str):
        return error.strip().casefold() not in GOOD_WORDS
    return not is_empty(error)


def is_empty(error: object) -> bool:
    """Whether an error holds nothing but nothing: `{"code": 0, "message": "", "detail": null}`."""
    left = [error]  # no recursion: an answer may nest as deep as it likes
    for _ in range(MAX_ITEMS):
        if not left:
            return True
        value = left.pop()
        if isinstance(value, dict | list):
            left += value.values() if isinstance(value, dict) else value
        elif value:
            return False
    return False


def _is_bad_status(keys: dict[str, object]) -> bool:
    """Whether a word such as `"status": "error"` speaks of the answer and not of a job.

    A number there is an error's where nothing was returned and the text says what is wrong.
    """
    status = keys.get("status")
    if isinstance(status, int) and not isinstance(status, bool):
        empty = all(keys.get(name) in EMPTY for name in _PAYLOAD_KEYS)
        return empty and code_word(status) not in GOOD_WORDS and text_topic(_text(keys)) is not None
    told = (keys.get(name) for name in ("status", "state", "result"))
    bad = any(isinstance(word, str) and word.casefold() in _BAD_STATUS for word in told)
    return bad and bool(_text(keys)) and not _is_something(keys.get("id"))


def _says_no_in_words(keys: dict[str, object]) -> bool:
    """Whether nothing was returned but a text that refuses us or complains of a field, or an error's text does."""
    told = [keys.get(name) for name in _ERROR_TEXT_KEYS]
    if any(isinstance(text, str) and text_topic(text) in _OF_US for text in told):
        return True
    if any(keys.get(name) for name in _DESCRIBED):  # what is told of a model is true of everybody
        keys = {name: value for name, value in keys.items() if name != "description"}
    empty = all(keys.get(name) in EMPTY for name in (*_PAYLOAD_KEYS, "models"))
    text = _text(keys) if empty else ""
    if _CALLED_AN_ERROR.match(text) and text_topic(text) in (Topic.FAILED, Topic.INTERNAL):
        return True
    return text_topic(text) in _OF_US or (text != "" and complaint(None, text, (), (), EVERYTHING))


def _text(keys: dict[str, object]) -> str:
    return next((t for name in _TEXT_KEYS if (t := _as_text(keys.get(name)))), "")


def _as_text(value: object) -> str:
    """Return a text, or those that a list or an object of fields holds (`{"prompt": ["is required"]}`)."""
    held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    values = islice(held, MAX_ITEMS)
    inner = (v for each in values for v in (each if isinstance(each, list) else (each,)))
    return value if isinstance(value, str) else "\n".join(v for v in inner if isinstance(v, str))


def _has_bad_code(keys: dict[str, object]) -> bool:
    codes = [code_word(keys[name]) for name in _CODE_KEYS if name in keys]
    bad = [code for code in codes if code not in GOOD_WORDS]
    if not bad:
        return False
    text = _text(keys)
    if _FINE.match(text.strip()):
        return False
    has_payload = any(keys.get(name) not in EMPTY for name in _PAYLOAD_KEYS)
    surely = any(re.fullmatch(r"[45]\d\d|-\d+", code) for code in bad)
    return surely or not has_payload or text_topic(text) is not None
