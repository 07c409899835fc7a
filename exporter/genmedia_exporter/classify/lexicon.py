"""What an error is about, by its codes and its text, for answers nobody has described to us. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, Literal

from genmedia_exporter.classify.chinese import simplified
from genmedia_exporter.classify.topics import PER_TIME, REFINES, STRONG, Topic
from genmedia_exporter.classify.words_refusals import REFUSALS
from genmedia_exporter.classify.words_service import SERVICE

ENTRIES: Final = (*REFUSALS, *SERVICE)

MAX_TEXT: Final = 4096
"""Characters of a text that are read; what an error is about stands in its first sentences."""

Origin = Literal["code", "words"]


@dataclass(frozen=True, slots=True)
class Sense:
    """What an error is about, and whether a code or the text says so."""

    topic: Topic
    origin: Origin
    exact: bool = False  # a code that can mean nothing else

    @property
    def strong(self) -> bool:
        """Whether no complaint about a field can hide it; a relay calls all an internal error."""
        general = self.topic is Topic.INTERNAL and self.origin == "code"
        return self.topic in STRONG and not general


@dataclass(frozen=True, slots=True)
class _Compiled:
    topic: Topic
    words: re.Pattern[str]
    unless: re.Pattern[str] | None


def prepare() -> None:
    """Compile all of it, which takes tens of milliseconds, before somebody waits for that."""
    _compiled()


@cache
def _compiled() -> tuple[_Compiled, ...]:
    # When the first error is read: a start needs none of it, and it takes a tenth of one.
    return tuple(
        _Compiled(
            entry.topic,
            re.compile("|".join(f"(?:{word})" for word in entry.words)),
            re.compile("|".join(f"(?:{word})" for word in entry.unless)) if entry.unless else None,
        )
        for entry in ENTRIES
    )


_ORDER: Final = {entry.topic: place for place, entry in enumerate(ENTRIES)}

_JOINTS: Final = re.compile(
    r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)|[_\-./:#]+"
)
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
_CLAUSE: Final = re.compile(
    r"[.!?;](?:\s|$)|[。！？；，]| [—–] |\n+|\\n|, (?:but|however|although) | \| "
)

_PAID: Final = re.compile(r"balance|credit|fund|billing|\bplan\b|points?|money|额度|余额")
"""What a quota that is paid for stands beside."""

_THEIR_LIMIT: Final = re.compile(
    r"(?:due to|because of) (?:the |our |its )?(?:\w+ )?(?:capacity|overload|high load)"
)
"""What a service says that slows us down for its own sake."""

_PURSE: Final = re.compile(
    r"balance|\bcredits?\b|\bfunds?\b|billing|spend|usage limit|arrear|wallet|prepaid"
)
"""What only a code of money names: beside it, words of a limit mean no rate."""

_OUR_FILE: Final = re.compile(
    r"\bfail(?:ed|ure)? to process (?:the )?(?:image|video|audio|file)(?: source| file| data)?: (?:cannot|can't|could not|unable to) (?:connect|download|fetch|load|open|identify)\b"
    r"|\bfail(?:ed|ure)? to (?:load|fetch|download|open|read) (?:the |your |input |reference |source )*(?:image|video|audio|file|asset|url)s?\b"
    r"|\b(?:could not|couldn't|unable to|cannot|can't|can not|fail(?:ed|ure)? to) (?:load|fetch|download|open|read|retrieve|access) (?:an? |the |your |any )?(?:(?:input|reference|source|provided|given|supplied) )*(?:images?|pictures?|photos?|videos?|audio|files?|content|data) (?:from|at) (?:the |your |this )?(?:(?:input|image|reference|source|provided|given|supplied) )*(?:urls?|uri|link|address)\b"
    r"|\brequired (?:media|image|video|audio|file)\b(?: \w+){0,2} (?:is |are |was )?missing from (?:the |your )?request\b"
    r"|\b(?:image|video|audio|picture|key ?frame)(?: pixels?| files?| data| formats?| urls?)? (?:is|are) (?:invalid|unreadable|corrupt\w*|broken)\b"
    r"|\binvalid data for (?:image|video|audio|mask|file)\b"
    r"|\binvalid (?:\w+ )?(?:asset|image|key ?frame|reference|picture|audio|file)s?\b"
    r"|\b(?:image|photo|picture|video) (?:includes?|contains?|has) (?:only )?(?:0|no|zero) faces?\b"
    r"|\b(?:image|photo|picture|video) with (?:an? )?(?:clear(?:ly)? |visible |detectable ){1,2}face\b"
)
"""What a service says that blames a file it was given."""

_OUR_INPUT: Final = re.compile(
    r"\b(?:check|verify|review|correct|adjust|modify|fix) (?:that )?(?:your|the|all)? ?(?:\w+ )?(?:inputs?|requests?|param\w*|payload|body|arguments?|prompt)\b"
    r"|\binvalid argument\b"
    r"|(?:检查|核对|确认|修改|调整)[^。]{0,6}(?:参数|输入|入参|请求体|提示词)"
)
"""What a service says that blames what we sent."""

_SENTENCE: Final = re.compile(r"(?:\S+\s+){6}|: .*['\"\`]")
"""What is no code, although it stands where codes do: it is read as the text that it is, too."""

_GENERAL_CODE: Final = re.compile(
    r"^(?:(?:service|model|resource) )?(?:un|not )available(?: error)?$|^service unavailable|^(?:request )?forbidden|permission|"
    r"^access denied$|^unauth(?:ori[sz]ed|enticated)|^auth(?:entication|orization)?(?: error)?$|bad request|"
    r"^invalid (?:request|argument|parameter|params?|input|value)|failed precondition|resource exhausted|^resource unavailable|^not found|"
    r"too many requests|rate limit|throttl|^quota exceeded$|internal|server error|unknown|^error$|fail(?:ed|ure)?$|api error|"
    r"conflict|unprocessable|upstream|(?:service|provider|upstream|system) error|operation (?:not supported|denied)$|model not found|^request |exception$"
)
"""Codes that name a family of errors; what the text says beside them is more exact."""


_SIGNATURE: Final = re.compile(
    r"\(?\b(?:request|trace|log)[ _-]?id\b ?[:=] ?(?=[\w-]*\d)[\w-]{16,64}\)?"
    r"|(?<=[,;(])\s*api key id ?: ?[\w*-]{1,64}(?=[,;)])",  # whose request it was, among other names
    re.I,
)
"""How a service signs an error: what is by chance, and no word, though it may look like one."""


MAX_CODE: Final = 256
"""Characters of a code or a key that are read, and remembered."""


def words_of(code: str) -> str:
    """Return a code as the words it is made of: `CreditInsufficient` is "credit insufficient"."""
    return _words_of(code[:MAX_CODE])


@lru_cache(maxsize=4096)
def _words_of(code: str) -> str:
    return " ".join(_JOINTS.sub(" ", simplified(code)).casefold().split())


def plain(text: str) -> str:
    """Return a text as the patterns read it."""
    apart = _CAMEL.sub(" ", simplified(_SIGNATURE.sub(" ", text[:MAX_TEXT])))
    flat = apart.replace("_", " ").replace("’", "'").replace("‘", "'").replace("`", "'")
    return re.sub(r"[ \t]+", " ", flat.casefold()).strip()


def clauses(text: str) -> list[str]:
    """Return the sentences and half sentences of a text, as the patterns read them."""
    return [part.strip() for part in _CLAUSE.split(plain(text)) if part.strip()]


@lru_cache(maxsize=4096)
def topic_of(words: str) -> Topic | None:
    """Return the first topic, in the order of meanings, that these *words* speak of."""
    for entry in _compiled():
        if entry.words.search(words) and not (entry.unless and entry.unless.search(words)):
            return entry.topic
    return None


def _first(topics: Iterable[Topic | None]) -> Topic | None:
    known = [topic for topic in topics if topic is not None]
    return min(known, key=_ORDER.__getitem__, default=None)


def text_topic(text: str) -> Topic | None:
    """Return what a text is about: of its clauses, the one whose topic comes first.

    A quota of nothing else than requests is one of rate where another clause says per what time. A
    limit of rate is the service's where a clause says that its own capacity is the reason. A
    request that failed is an invalid one where we are told to look at what we sent.
    """
    told = [(clause, topic_of(clause)) for clause in clauses(text)]
    first = _first(topic for _, topic in told)
    if first is Topic.RATE and any(_THEIR_LIMIT.search(clause) for clause, _ in told):
        return Topic.CAPACITY
    if first in (Topic.INTERNAL, Topic.FAILED) and any(
        words.search(clause) for clause, _ in told for words in (_OUR_INPUT, _OUR_FILE)
    ):
        return Topic.VALIDATION
    if first is Topic.MONEY and any(topic is Topic.RATE for _, topic in told):
        money = " ".join(clause for clause, topic in told if topic is Topic.MONEY)
        timed = any(re.search(PER_TIME, clause) for clause, topic in told if topic is Topic.RATE)
        if timed and "quota" in money and _PAID.search(money) is None:
            return Topic.RATE
    return first


def blames_a_file(text: str) -> bool:
    """Whether a text that is about nothing else says that a picture, a clip or a sound that was put in is at fault."""
    return any(_OUR_FILE.search(clause) for clause in clauses(text))


def sense_of(codes: Iterable[str], text: str) -> Sense | None:
    """Return what an error is about by its *codes* and its *text*.

    A code that can mean one thing only decides, unless the text is known to be the exact one of
    the two; a general one (`forbidden`, UNAVAILABLE) only where the text says nothing.
    """
    named = {code: topic_of(words_of(code)) for code in codes if not _SENTENCE.search(code)}
    exact = _first(topic for code, topic in named.items() if not _is_general(code))
    rough = _first(named.values())
    said = text_topic(text)
    if exact is not None and exact is not Topic.VALIDATION:
        refined = said is not None and (exact, said) in REFINES and not _is_of_money(named, said)
        return Sense(said, "words") if refined and said else Sense(exact, "code", exact=True)
    if said is not None and said not in (Topic.VALIDATION, Topic.INTERNAL, Topic.FAILED):
        return Sense(said, "words")
    if rough is not None and rough is not Topic.VALIDATION:
        return Sense(rough, "code")
    if said is not None:
        return Sense(said, "words")
    return Sense(rough, "code") if rough is not None else None


def _is_of_money(named: Mapping[str, Topic | None], said: Topic) -> bool:
    """Whether a code names what we have paid, beside words of a limit that could as well be one of rate."""
    paid = [words_of(code) for code, topic in named.items() if topic is Topic.MONEY]
    purses = [words for words in paid if _PURSE.search(words)]
    if Topic.RATE in named.values():  # beside a code of rate, a limit of use is one of rate, too
        purses = [words for words in purses if "usage limit" not in words]
    return said is Topic.RATE and bool(purses)


def _is_general(code: str) -> bool:
    return _GENERAL_CODE.search(words_of(code)) is not None
