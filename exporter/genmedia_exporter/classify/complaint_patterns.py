"""How a clause complains of a field: the field, the complaint, and what may stand between them.

A field's names are replaced by a mark first, so that the patterns are the same for all fields: to compile them takes a
tenth of a second, which no probe shall wait for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Final

from genmedia_exporter.classify.words_of_validators import AFTER, ALONE, BEFORE, IN_PASSING

FIELD: Final = "\ue000"
"""Stands for a field by a name that is nothing else: a character for private use, which `unmarked` takes out of texts."""
WEAK: Final = "\ue001"
"""Stands for a field by a name that prose uses for other things, too."""

_NOT_AFTER: Final = "".join(
    rf"(?<!{words})"
    for words in (
        r"negative ", r"\d ", r"few ", r"\bin ", r"couple of ", r"several ", r"many ", r"some ", r"\\", r"file ", r"body ",
        r"request ", r"payload ", r"model ", r"batch ", r"page ", r"queue ", r"pool ", r"upload ", r"content ",
    )
)  # fmt: skip
"""Before a name: then it is counted, or something else is called so."""
_NOT_BEFORE: Final = (
    r"(?![a-z]|模型|模板|服务|渠道|通道|队列|编号|接口|功能|列表|历史|分组)"
    r"(?! (?:outputs?|ids?|templates?|tokens?|cache|server|nodes?|hash|models?|tasks?|generations?|modes?|services?|endpoints?|presets?|polic(?:y|ies)|librar(?:y|ies)|enhance\w*|optimi\w+|expan\w+|rewrit\w+|backends?|api|features?|tables?|index|store|encoders?|adapters?|uploads?|locks?|limits? (?:must|should)|units?|scale|strength|weights?|languages?|versions?|upsampl\w+)\b)"
)
"""After a name: then it is a part of another's."""

# In a clause whose weak names are marked, too, a mark stands where these have a word.
_BEFORE_WEAK: Final = BEFORE.replace("(?:length|items", f"(?:length|{WEAK}|items")
_AFTER_WEAK: Final = AFTER.replace("please input", f"please (?:input|{WEAK})")


_MARKS: Final = re.compile("[\ue000-\uf8ff]")


def unmarked(text: str) -> str:
    """Return *text* with a blank for each character that a mark could be: a service may send those, too."""
    return _MARKS.sub(" ", text)


def marked(clause: str, names: tuple[str, ...]) -> tuple[str, str]:
    """Return *clause* with FIELD for each of *names* that is nothing else, and that with WEAK for the others."""
    free, weak = _names(names)
    told = free.sub(FIELD, unmarked(clause))
    return told, weak.sub(WEAK, told)


@cache
def of_fields() -> tuple[re.Pattern[str], ...]:
    """Return the patterns of a complaint of a FIELD; what a group holds stands between the two."""
    told = (
        rf"{FIELD}(.{{0,40}}?)(?:{BEFORE})",
        rf"\bonly (){FIELD} ?[=:]? ?['\"]?[\w.:*-]{{1,20}}['\"]? (?:is|are) (?:supported|allowed|accepted)\b",
        rf"\b(?:max|min)(?:imum)? (){FIELD} ?(?:length |size )?(?:is|are|of|must|exceed|:)",
        rf"\b(?:supported|allowed|valid|accepted|permitted) (){FIELD}s?(?: are)? ?:? ?['\"\[(]?\d",
        rf"(?<![a-z])(?:{AFTER})(?:(?<=[\u4e00-\u9fff])|(?![a-z]))(.{{0,30}}?){FIELD}",
        rf"(?:{BEFORE})[^:]{{0,40}}? (?:[-(]|at|in) ?['\"]?(){FIELD}['\")]*$",
        rf"(?:param|parameter|field|argument|property|参数|字段) ?['\"\[]?{FIELD}['\"\]]?(:?\s?(?:is |was )?)(?:not found|error|错误|异常)",
    )
    return tuple(re.compile(pattern) for pattern in told)


@cache
def of_weak_names() -> tuple[re.Pattern[str], ...]:
    """Return the patterns of a complaint of a WEAK name: in quotes, or as the subject."""
    told = (
        rf"(?:^|['\"\[(/.]|[:,-] ?|\band ){WEAK}['\"\])]*(?: field| parameter| (?:length|{WEAK})| value| (?:text|{WEAK}))?(:?\s?(?:is |are |was )?)(?:{_BEFORE_WEAK})",
        rf"['\"\[]{WEAK}['\"\]](.{{0,30}}?)(?:{_BEFORE_WEAK})",
        rf"\b(?:requires?|needs?) (?:an? )?(?:[\w-]+ ){{0,3}}(){WEAK}$",
        rf"\b(?:enter|provide|input|{WEAK}|write|type|supply|add) (?:a|an|the|your|some)(\s){WEAK}",
        rf"(?<![a-z])(?:{_AFTER_WEAK})(?: \w+){{0,3}}[ :]*(\s?)['\"\[(]{WEAK}['\"\])]",
    )
    return tuple(re.compile(pattern) for pattern in told)


@lru_cache(maxsize=256)
def _names(names: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    passing = [re.escape(n) for n in names if n in IN_PASSING]
    free = [ALONE.get(n, _spelt(n)) for n in names if n not in IN_PASSING]
    free += [
        rf"(?:(?:parameter|param|argument) {name}\b|{name} (?:parameter|param|property|argument|attribute))"
        for name in passing
    ]
    free += [f"range of {name}" for name in passing]
    return (
        re.compile(rf"(?<![a-z0-9]){_NOT_AFTER}{any_of(free)}{_NOT_BEFORE}"),
        re.compile(rf"(?<![a-z0-9]){any_of(passing)}(?![a-z])(?! should be)"),
    )


def any_of(patterns: Iterable[str]) -> str:
    """Return a pattern of any of *patterns*, the longest first, for it is the one that is meant; of none, what never is."""
    return f"(?:{'|'.join(sorted(patterns, key=len, reverse=True)) or '(?!)'})"


def _spelt(name: str) -> str:
    """Return a pattern of *name*; one that runs its words together, such as `rawresolution`, is told in any."""
    return " ?".join(name) if re.fullmatch(r"[a-z]{9,40}", name) else re.escape(name)
