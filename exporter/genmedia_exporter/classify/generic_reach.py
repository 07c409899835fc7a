"""Does an answer nobody described show what a free call is for: a listing, an account, health? Pure."""

from __future__ import annotations

import re
from typing import Final, TypeGuard

from genmedia_exporter.classify.envelope import GOOD_WORDS, code_word
from genmedia_exporter.classify.lexicon import words_of
from genmedia_exporter.providers.states import EMPTY

_LISTS: Final = re.compile(
    r"data|items|models|results|tasks|jobs|list|videos|images|predictions|objects|records|projects|generations|queue_\w+",
    re.I,
)
_OF_A_PURSE: Final = """
    balance balances credit credits quota quotas remaining remain points coins wallet usage purchased
    organization organizations organisation workspace workspaces subscription subscriptions cents currency kudos perks entitlements tier
    """
_PURSE: Final = frozenset(_OF_A_PURSE.split())
"""Words of keys under which an account tells what it has or is."""
_ACCOUNT: Final = re.compile(r"email|user|username|account|plan|api_?key", re.I)
"""Such keys whose words stand in other names, too."""
_ENVELOPE: Final = frozenset({"data", "success", "code", "message", "msg"})
"""What stands around a listing and is none of its own; a page of jobs tells its size or what is next, too."""
_INNER: Final = ("data", "result", "Resp", "Response", "resp", "attributes")
"""Keys under which services wrap what they say."""
_HEALTHY: Final = frozenset(
    {"ok", "ready", "healthy", "up", "alive", "running", "operational", "online", "pass"}
)

_ILL: Final = frozenset(
    {"degraded", "unhealthy", "down", "critical", "unavailable", "outage", "offline", "maintenance"}
)
"""What a report of health says of what does not work."""
_ILL_OR_A_JOB: Final = _ILL | {"warning", "error", "failed", "fail", "stopped"}
"""The same, with words that are a job's where the report has an id."""


def shows_something(document: object, model: str = "") -> bool:
    """Whether an answer nobody described shows what such calls are for: a listing, an account, health."""
    if isinstance(document, list):
        named = any(isinstance(item, dict) and item.keys() & {"id", "name"} for item in document)
        return named or _has_model("models", document, model)
    if not isinstance(document, dict) or _is_ill(document) or document.get("models") == []:
        return False
    if _names_model(document, model):
        return True
    if document.get("data") == [] and (
        document.get("object") == "list" or {"success"} <= document.keys() <= _ENVELOPE
    ):
        return False  # a listing of models that lists none
    if any(_is_telling(str(key), value) for key, value in document.items()):
        return True
    if "id" in document and len(document) > 1:
        return True
    status = document.get("status", document.get("state"))
    if isinstance(status, str) and status.casefold() in _HEALTHY:
        return True
    inner = [document.get(key) for key in _INNER]
    if any(isinstance(value, dict) and _is_ill(value) for value in inner):
        return False  # whoever asked was answered, and told that it does not work
    said = [document.get(key) for key in ("code", "ErrCode", "success") if key in document]
    if (
        any(value is True or code_word(value) in GOOD_WORDS - {""} for value in said)
        and document.get("data") not in EMPTY
    ):
        return True
    return any(shows_something(value, model) for value in inner)


_OF_MODELS: Final = re.compile(
    r"\w*(?:models?|checkpoints?|engines?|files?)(?:_?names?|_?ids?|_?list)?", re.I
)
"""Keys of lists of what can be asked for, also where it is called by its file."""
_OF_A_FILE: Final = re.compile(r"\.(?:safetensors|ckpt|gguf|sft|pth?|bin)$", re.I)
MAX_LISTED: Final = 5_000
"""Entries of a list that are looked at."""


def _names_model(document: dict[str, object], model: str) -> bool:
    listed = any(_has_model(str(key), value, model) for key, value in document.items())
    return listed or _describes(document, model)


def _describes(document: dict[str, object], model: str) -> bool:
    """Whether something is told under the name of *model*."""
    return model != "" and document.get(model) not in EMPTY


def _has_model(key: str, value: object, model: str) -> bool:
    """Whether a list of models, by its key, has *model*, by any of what it tells of each; without the ending of its file."""
    if not model or not _OF_MODELS.fullmatch(key):
        return False
    if isinstance(value, dict):
        return model in value
    if not isinstance(value, list):
        return False
    wanted = _OF_A_FILE.sub("", model)
    told = (
        v
        for item in value[:MAX_LISTED]
        for v in (item.values() if isinstance(item, dict) else [item])
    )
    return any(isinstance(v, str) and _OF_A_FILE.sub("", v) == wanted for v in told)


_OF_TROUBLE: Final = """
    error errors detail details message messages issue issues violation violations warning warnings failure failures
    """
_AMISS: Final = frozenset(_OF_TROUBLE.split())
"""Words of keys under which it is told what is wrong, whatever has an id there."""
_WORK: Final = re.compile(r"jobs|workers|queue", re.I)
"""Keys of counts that a report of health tells: how much is done by how many."""


def _is_fine(key: str) -> bool:
    return _AMISS.isdisjoint(words_of(key).split())


def _is_telling(key: str, value: object) -> bool:
    """Whether one entry of an answer is a listing, something of an account or a count of work."""
    if _LISTS.fullmatch(key) and isinstance(value, list):
        return True
    if _is_of_an_account(key, value) or _is_well(key, value):
        return True
    return _lists_by_id(key, value) or _counts(key, value)


def _is_of_an_account(key: str, value: object) -> bool:
    """Whether an entry tells of an account, itself or in what it holds."""
    if value in EMPTY:
        return False
    if _ACCOUNT.fullmatch(key) or not _PURSE.isdisjoint(words_of(key).split()):
        return True
    held = value if isinstance(value, dict) and _is_fine(key) else {}
    return any(
        v not in EMPTY and not _PURSE.isdisjoint(words_of(str(k)).split()) for k, v in held.items()
    )


_WELL: Final = re.compile(r"ready|healthy|online|alive", re.I)


def _is_well(key: str, value: object) -> bool:
    return value is True and _WELL.fullmatch(key) is not None


def _lists_by_id(key: str, value: object) -> bool:
    """Whether a list under any name holds things that have an id or a name: `talks`, `avatars`."""
    if not _is_of_objects(value) or not _is_fine(key):
        return False
    return all(any(words_of(str(k)).split()[-1:] in _NAMED for k in v) for v in value[:MAX_LISTED])


_NAMED: Final = (["id"], ["uuid"], ["name"], ["slug"])


def _counts(key: str, value: object) -> bool:
    return (
        isinstance(value, dict)
        and value != {}
        and _WORK.fullmatch(key) is not None
        and any(isinstance(v, int) for v in value.values())
        and all(v is None or isinstance(v, int | str) for v in value.values())
    )


def shows_another_call(document: object, model: str) -> bool:
    """Whether an answer shown without its call is that of a free call which its provider's file does not describe.

    It lists something, tells of an account, or describes *model*. An id or a good code alone proves nothing
    here: the file says what its own calls show.
    """
    inner = [document.get(key) for key in _INNER] if isinstance(document, dict) else []
    return any(_lists(value) or _tells(value, model) for value in (document, *inner))


def _lists(document: object) -> bool:
    if isinstance(document, dict):
        told = ((str(key), value) for key, value in document.items())
        return any(
            (_LISTS.fullmatch(k) and _is_of_objects(v)) or _lists_by_id(k, v) for k, v in told
        )
    return _is_of_objects(document)


def _is_of_objects(value: object) -> TypeGuard[list[dict[str, object]]]:
    return isinstance(value, list) and value != [] and all(isinstance(v, dict) and v for v in value)


def lists_jobs(document: object) -> bool:
    """Whether an answer lists jobs, which have a state and may name any model, and no models."""
    items = document.get("data") if isinstance(document, dict) else None
    return _is_of_objects(items) and all({"status", "created_at"} <= item.keys() for item in items)


def _tells(document: object, model: str) -> bool:
    if not isinstance(document, dict) or _is_ill(document):
        return False
    if any(_is_of_an_account(str(k), v) for k, v in document.items()):
        return True
    return model != "" and (model in document.values() or _describes(document, model))


def _is_ill(report: dict[str, object]) -> bool:
    status = report.get("status", report.get("state"))
    words = _ILL if "id" in report else _ILL_OR_A_JOB
    return isinstance(status, str) and status.casefold() in words


_BROKEN: Final = re.compile(
    r"(?:setup|startup|init\w*|load\w*|boot)_?(?:failed|error)|unhealthy|defunct|crashed", re.I
)
"""What a report of health says of a server that can serve nobody."""


def says_it_is_broken(document: object) -> bool:
    """Whether a server's own report of health says that it cannot serve: `{"status": "SETUP_FAILED"}`."""
    if not isinstance(document, dict) or "id" in document:
        return False
    status = document.get("status", document.get("state"))
    return isinstance(status, str) and _BROKEN.fullmatch(status) is not None


_OF_A_MODEL: Final = frozenset(
    {"owned_by", "architecture", "context_length", "input_modalities", "permission"}
)
"""What lists of models tell of each, and of nothing else."""
_IN_PAGES: Final = (
    "has_more",
    "next",
    "next_page",
    "cursor",
    "next_cursor",
    "nextPageToken",
    "total",
)
"""What a list tells that has more than one page: then it may lack anything."""


def lacks_model(document: object, model: str) -> bool:
    """Whether an answer is a whole list of models, in none of which *model* is named."""
    if not model or not isinstance(document, dict) or any(document.get(k) for k in _IN_PAGES):
        return False
    lists = [v for k, v in document.items() if _OF_MODELS.fullmatch(str(k)) and isinstance(v, list)]
    items: object = [item for listed in lists for item in listed]
    if _is_of_objects(data := document.get("data")) and all(map(_is_a_model, data)):
        items = data
    if not isinstance(items, list) or not items:
        return False
    told = (t for item in items for t in (item.values() if isinstance(item, dict) else [item]))
    return not any(isinstance(t, str) and model in t for t in told)


def _is_a_model(item: dict[str, object]) -> bool:
    named = "id" in item
    return named and (item.get("object") == "model" or not _OF_A_MODEL.isdisjoint(item))
