"""Does an answer nobody described show what a free call is for: a listing, an account, health? Pure."""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from genmedia_exporter.classify.envelope import GOOD_WORDS, code_word
from genmedia_exporter.classify.health_reports import HEALTHY, OF_AN_ACCOUNT, is_ill, is_well
from genmedia_exporter.classify.lexicon import words_of
from genmedia_exporter.classify.model_lists import describes, is_of_objects, names_model
from genmedia_exporter.providers.states import EMPTY

_LISTS: Final = re.compile(
    r"data|items|models|results|tasks|jobs|list|videos|images|predictions|objects|records|projects|generations|queue_\w+",
    re.I,
)
_QUEUE: Final = re.compile(r"queue_\w+", re.I)
"""Of these, what a server tells of its jobs, also where it has none."""
_OF_A_PURSE: Final = """
    balance balances credit credits quota quotas remaining remain points coins wallet usage purchased
    organization organizations organisation workspace workspaces subscription subscriptions cents currency kudos perks entitlements tier
    """
_PURSE: Final = frozenset(_OF_A_PURSE.split())
"""Words of keys under which an account tells what it has or is."""
_ENVELOPE: Final = frozenset({"data", "success", "code", "message", "msg"})
"""What stands around a listing and is none of its own; a page of jobs tells its size or what is next, too."""
MAX_KEYS: Final = 500
"""Entries of an object or a list that are looked at for their names."""
_INNER: Final = ("data", "result", "Resp", "Response", "resp", "attributes")
"""Keys under which services wrap what they say."""


def shows_something(document: object, model: str = "") -> bool:
    """Whether an answer nobody described shows what such calls are for: a listing, an account, health."""
    if isinstance(document, list):
        named = any(isinstance(item, dict) and item.keys() & {"id", "name"} for item in document)
        return named or names_model({"models": document}, model)
    if not isinstance(document, dict) or is_ill(document) or document.get("models") == []:
        return False
    if names_model(document, model):
        return True
    if document.get("data") == [] and (
        document.get("object") == "list" or {"success"} <= document.keys() <= _ENVELOPE
    ):
        return False  # a listing of models that lists none
    if any(_is_telling(str(key), value) for key, value in islice(document.items(), MAX_KEYS)):
        return True
    if "id" in document and len(document) > 1:
        return True
    status = document.get("status", document.get("state"))
    if isinstance(status, str) and status.casefold() in HEALTHY:
        return True
    inner = [document.get(key) for key in _INNER]
    if any(isinstance(value, dict) and is_ill(value) for value in inner):
        return False  # whoever asked was answered, and told that it does not work
    said = [document.get(key) for key in ("code", "ErrCode", "success") if key in document]
    if (
        any(value is True or code_word(value) in GOOD_WORDS - {""} for value in said)
        and document.get("data") not in EMPTY
    ):
        return True
    return any(shows_something(value, model) for value in inner)


_OF_TROUBLE: Final = """
    error errors detail details message messages issue issues violation violations warning warnings failure failures
    """
_AMISS: Final = frozenset(_OF_TROUBLE.split())
"""Words of keys under which it is told what is wrong, whatever has an id there."""
_WORK: Final = re.compile(r"jobs|workers|queue", re.I)
"""Keys of counts that a report of health tells: how much is done by how many."""


def _tells_no_trouble(key: str) -> bool:
    """Whether nothing in *key* says that what stands under it is what is wrong."""
    return _AMISS.isdisjoint(words_of(key).split())


def _is_telling(key: str, value: object) -> bool:
    """Whether one entry of an answer is a listing, something of an account or a count of work."""
    if _LISTS.fullmatch(key) and isinstance(value, list):
        return True
    if _is_of_an_account(key, value) or is_well(key, value):
        return True
    return _lists_by_id(key, value) or _counts(key, value)


def _is_of_an_account(key: str, value: object) -> bool:
    """Whether an entry tells of an account, itself or in what it holds."""
    if value in EMPTY:
        return False
    if OF_AN_ACCOUNT.fullmatch(key) or not _PURSE.isdisjoint(words_of(key).split()):
        return True
    held = value if isinstance(value, dict) and _tells_no_trouble(key) else {}
    told = islice(held.items(), MAX_KEYS)
    return any(v not in EMPTY and not _PURSE.isdisjoint(words_of(str(k)).split()) for k, v in told)


def _lists_by_id(key: str, value: object) -> bool:
    """Whether a list under any name holds things that have an id or a name: `talks`, `avatars`."""
    if not is_of_objects(value) or not _tells_no_trouble(key):
        return False
    return all(any(map(_is_a_name, islice(item, MAX_KEYS))) for item in value[:MAX_KEYS])


def _is_a_name(key: object) -> bool:
    return words_of(str(key)).split()[-1:] in _NAMED


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
        told = ((str(key), value) for key, value in islice(document.items(), MAX_KEYS))
        return any(
            (_LISTS.fullmatch(k) and (is_of_objects(v) or (v == [] and _QUEUE.fullmatch(k))))
            or _lists_by_id(k, v)
            for k, v in told
        )
    return is_of_objects(document)


def _tells(document: object, model: str) -> bool:
    if not isinstance(document, dict) or is_ill(document):
        return False
    if any(_is_of_an_account(str(k), v) for k, v in document.items()):
        return True
    return model != "" and (model in document.values() or describes(document, model))
