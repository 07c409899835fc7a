"""How a clause complains of a field: the field, the complaint, and what may stand between them."""

from __future__ import annotations

import re
from functools import lru_cache

from genmedia_exporter.classify.words_of_validators import AFTER, ALONE, BEFORE, IN_PASSING


@lru_cache(maxsize=256)
def complaint_patterns(names: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """Return the patterns of a clause that complains of one of *names*."""
    some = [re.escape(n) for n in names if n in IN_PASSING]
    free = [ALONE.get(n, _spelt(n)) for n in names if n not in IN_PASSING]
    free += [
        rf"(?:(?:parameter|param|argument) {name}\b|{name} (?:parameter|param|property|argument|attribute))"
        for name in some
    ]
    free += [f"range of {name}" for name in some]
    field = _either(
        rf"(?<![a-z0-9])(?<!negative )(?<!\d )(?<!few )(?<!\bin )(?<!couple of )(?<!several )(?<!many )(?<!some )(?<!\\)(?<!file )(?<!body )(?<!request )(?<!payload )(?<!model )(?<!batch )(?<!page )(?<!queue )(?<!pool )(?<!upload )(?<!content )(?:{'|'.join(free)})(?![a-z]|模型|模板|服务|渠道|通道|队列|编号|接口|功能|列表|历史|分组)(?! (?:outputs?|ids?|templates?|tokens?|cache|server|nodes?|hash|models?|tasks?|generations?|modes?|services?|endpoints?|presets?|polic(?:y|ies)|librar(?:y|ies)|enhance\w*|optimi\w+|expan\w+|rewrit\w+|backends?|api|features?|tables?|index|store|encoders?|adapters?|uploads?|locks?|limits? (?:must|should)|units?|scale|strength|weights?|languages?|versions?|upsampl\w+)\b)"
    )
    weak = (
        _either(rf"(?<![a-z0-9])(?:{'|'.join(some)})(?![a-z])(?! should be)") if some else r"(?!)"
    )
    told = (
        rf"{field}(.{{0,40}}?)(?:{BEFORE})",
        rf"\bonly (){field} ?[=:]? ?['\"]?[\w.:*-]{{1,20}}['\"]? (?:is|are) (?:supported|allowed|accepted)\b",
        rf"\b(?:max|min)(?:imum)? (){field} ?(?:length |size )?(?:is|are|of|must|exceed|:)",
        rf"\b(?:supported|allowed|valid|accepted|permitted) (){field}s?(?: are)? ?:? ?['\"\[(]?\d",
        rf"(?<![a-z])(?:{AFTER})(?:(?<=[\u4e00-\u9fff])|(?![a-z]))(.{{0,30}}?){field}",
        rf"(?:{BEFORE})[^:]{{0,40}}? (?:[-(]|at|in) ?['\"]?(){field}['\")]*$",
        rf"(?:^|['\"\[(/.]|[:,-] ?|\band ){weak}['\"\])]*(?: field| parameter| length| value| text)?(:?\s?(?:is |are |was )?)(?:{BEFORE})",
        rf"['\"\[]{weak}['\"\]](.{{0,30}}?)(?:{BEFORE})",
        rf"\b(?:requires?|needs?) (?:an? )?(?:[\w-]+ ){{0,3}}(){weak}$",
        rf"\b(?:enter|provide|input|write|type|supply|add) (?:a|an|the|your|some)(\s){weak}",
        rf"(?:param|parameter|field|argument|property|参数|字段) ?['\"\[]?{field}['\"\]]?(:?\s?(?:is |was )?)(?:not found|error|错误|异常)",
        rf"(?<![a-z])(?:{AFTER})(?: \w+){{0,3}}[ :]*(\s?)['\"\[(]{weak}['\"\])]",
    )
    return tuple(re.compile(pattern) for pattern in told)


def _spelt(name: str) -> str:
    """Return a pattern of *name*; one that runs its words together, such as `rawresolution`, is told in any."""
    return " ?".join(name) if re.fullmatch(r"[a-z]{9,40}", name) else re.escape(name)


def _either(pattern: str) -> str:
    return f"(?:{pattern})"
