"""Sentences that only a validator says, whatever other words stand in them. Pure functions.

A field that we broke is the subject, and a kind or a bound the predicate: "duration must be an integer
between 4 and 30". The closed vocabulary needs every word of a sentence; here only what refuses may not occur.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Final

from genmedia_exporter.classify.complaint_patterns import FIELD, any_of, unmarked
from genmedia_exporter.classify.lexicon import clauses, plain, words_of
from genmedia_exporter.classify.names import MAX_ABBREVIATION, holds_a_file, names_of
from genmedia_exporter.classify.words_of_validators import (
    ALONE,
    ELSE,
    FIELDS,
    IDENTITY,
    IN_CASE,
    IN_PASSING,
    NEGATIVE,
    OURS,
)

_OTHERWISE: Final = re.compile(
    r"\b(?:approv\w+|review\w*|administrators?|admins?|contact|sales|queued?|incidents?|during|until|temporar\w+|paused?"
    r"|currently disabled|only for|members?|subscrib\w+|pending|reserved|deprecat\w+|removed|retired|sunset|policy|policies"
    r"|pay\w*|cards?|afford\w*|suspend\w*|clusters?|gpus?|lanes?|priority|failures?|days?|weeks?|hours?|minutes?|launch\w*|enabled|profiles?|stocks?"
    r"|safety|moderat\w+|unsafe|sensitive|copyright\w*|whitelist\w*|allowlist\w*|beta|preview|waitlist\w*|region\w*)\b"
    r"|between 0 and 0\b|(?:=|(?<!\d):|\bbe) ?['\"]?(?:0|none|null)\b(?!\.)|超过 ?0(?![.\d])"
    r"|授权|签名|凭证|密钥|权限|升级|每[天日小]|用户|暂停|暂时|关闭|维护|下线|开通|联系|审核|敏感|违规|排队|白名单|内测|地区"
)
"""With one of these, a bound may be that of a plan, a region or a day."""

_ARTICLE: Final = r"(?:(?:the|your|a|an|this|param|parameter|field|argument|value of|value for|property|request|input) )*"
_WHOSE: Final = r"(?:(?:requested|specified|given|provided|supplied|selected|generated|final|total|overall|output|target|desired|video|movie|film|clip|image|picture|scene|shot|generation|render) ){0,3}"
"""What may stand before a field that is still ours: "the requested resolution", "movie duration"."""
_NOUN: Final = r"(?: (?:field|parameter|param|values?|argument|property|length|string|format)){0,2}"
_KIND: Final = (
    r"(?:an? )?(?:valid |positive |single |non-?empty |whole )*(?:integers?|ints?|numbers?|numeric|strings?|floats?|arrays?|lists?|multiples?"
    r"|divisible|between|at least|at most|within \d|in \[|one of|either|equal to \d|(?:greater|less|larger|smaller|longer|shorter|more|fewer)(?: than)?(?: or equal(?: to)?)? (?:-?\d|zero|one\b)"
    r"|in the range|from \d|[<>]=?|≥|≤|['\"]?\d)"
)
_BOUND: Final = r"(?:empty|blank|null|zero|negative|(?:less|greater|longer|shorter|larger|smaller|more) than -?\d)"
_PREDICATES: Final = (
    r"(?:must|should|has to|have to|needs to|need to|shall|can only) (?:only )?be " + _KIND,
    r"(?:must|should) (?:have|contain) (?:at least|at most|between|no more than) \d",
    r"(?:must|should|may|can) ?not (?:be " + _BOUND + r"|exceed \d)",
    r"can't be " + _BOUND,
    r"(?:must|should) be (?:like|of the form|in the form(?:at)?(?: of)?) ['\"]?\d",
    rf"['\"]?\d[\w.:]*['\"]? ?(?:s|sec|seconds|{FIELD})? ?(?:is|are) (?:only |not |un)(?:available|supported|allowed|valid)(?:$| (?:for|with|in) (?:text|image|video|reference)[- ]to[- ](?:image|video)\b)",
    r"(?:is|are) (?:a )?(?:required|mandatory|missing|empty|blank)(?: (?:in|from) (?:the )?(?:json |request )?(?:body|payload|request|json|input)| for [^.,:;]{1,40})?$",
    r"(?:is|are) not an? (?:valid )?(?:string|integer|number|list|array|object|multiple)\b",
    r"(?:is|are) (?:not in (?:the |a )?(?:correct|right|valid|expected) format|(?:greater|less|more|fewer|larger|smaller|longer|shorter) than (?:the )?(?:max|min|allowed|limit of \d|-?\d))",
    r"(?:is|are) (?:outside|out of|beyond|not within) (?:(?:the|its|allowed|supported|valid|permitted|accepted|model's) ){0,3}(?:limits|range|bounds?)\b",
    r"['\"]?\d[\w.:]*['\"]? (?:is|are) (?:outside|out of|beyond|not within) "
    r"(?:(?!your|our|current|usage|hourly|daily|monthly|free|paid|prepaid|plan|account|tier|quota|remaining)[\w.-]+ ){0,2}(?:limits?|range|bounds?)\b",
    r"(?:is|are) (?:too (?:short|small|long|large)|out of range)\b",
    r"(?:(?:is|are) (?:below|above|under|over|outside|beyond)|exceeds?) (?:(?:of|the|its|current|model's|allowed|supported|permitted|valid|accepted) ){0,3}(?:min|max|limit of \d|range|bounds?|-?\d)",
    r"(?:is|are) (?:un|not )supported,? ?[:;(,-]? ?(?:please )?(?:use|choose|select|try|must be|supported|valid|allowed)\b.*\d",
    r"(?:不能|不可|不得|不可以)(?:为空|(?:小于|大于|超过|少于|多于) ?\d)",
    r"(?:必须|应该|应当|应|需|须|只能)(?:(?:为|是|在|大于|小于|介于) ?['\"\[(]?\d|(?:为|是)(?:正?整数|数字|数值|字符串|数组))",
    r"(?:仅|只)支持 ?['\"]?\d",
    r"不(?:受|被)?支持[,，]? ?(?:请|可|仅|只)[^。]{0,6}\d",
    r"(?:是必填|为必填|必填|缺失|为空|超出范围|不在范围)",
)
_SPEAKER: Final = re.compile(
    r"^(?:(?:provider|upstream|vendor|remote|back ?end|server|api|service|model|http|client|request) ){1,4}(?:error|exception|response|failure): "
)
"""Who is said to speak, which tells nothing of why."""
_MODEL: Final = r"(?:(?:this|the) (?:\w+ )?(?:model|endpoint)|[a-z][\w.-]*\d[\w.-]*)"
"""Who says how much it takes: a model, by its kind or a name with a number, and no account or plan."""
_RATIO: Final = "\ue003"
"""Stands for a `ratio`, which one sentence means as a field."""
_LEAD: Final = r"^(?:[^:]{0,40}: ?)?"
_FILLED: Final = frozenset({"prompt", "prompts", "input", "inputs", "text", "messages"})
"""What a request has, or has empty."""
_VALUE: Final = r"['\"]?\d[\w.]{0,9}['\"]?"
_BAD: Final = r"(?:invalid|illegal|bad|wrong|unsupported)"
_NUMBERS: Final = r"\d[\d.]*(?: ?(?:[,、/]|and|or|和|或) ?\d[\d.]*)*"


def is_told_surely(text: str, breaks: tuple[str, ...]) -> bool:
    """Whether a sentence of *text* is such a one about what a create *breaks*, under its own name or another."""
    names = tuple(sorted(names_of(breaks)))
    return any(is_surely_of_a_validator(clause, names) for clause in clauses(text))


_MISTAKES: Final = re.compile(
    r"\b\d+ validation errors? for (?!\w*(?:response|result|output|completion))\w+\n.{0,2000}?(?:\[type=\w+, input_value=|\(type=[\w.]+)",
    re.I | re.S,
)
"""How pydantic prints what is wrong with what it was given; what is called a response, a server has from behind it."""


def is_list_of_mistakes(text: str) -> bool:
    """Whether *text* is a validator's print of what is wrong with a request, whoever relays it and as what."""
    return _MISTAKES.search(text) is not None


_UNREAD: Final = re.compile(
    r"\b(?:fail(?:ed|ure)? to |failed |could not |couldn't |cannot |unable to |error )(?:pars|decod|unmarshal|deseriali[sz]|bind|read)\w* (?:the |your |incoming )?(?:json )?(?:request|payload)(?: (?:body|payload|json|data|param\w+)\b|(?=$|[:,.;]))"
    r"|\bcannot unmarshal \w+ into go (?:struct field|value of type)\b|\bjson: cannot unmarshal\b",
)
_OF_ANOTHER: Final = re.compile(
    r"\bresponses?\b(?!(?: |_)?(?:format|modalit))|\b(?:upstream|providers?|vendor|back ?end|remote|reply|replies|results?|outputs?|choices|usage|completions?|candidates|database|config\w*|cache|callback|webhook)\b(?! ?request)"
)
"""Whose JSON it was where it was not the one of our request."""


def is_unread_request(text: str) -> bool:
    """Whether *text* says that a server could not read the JSON of a request, and not that of an answer from behind it."""
    flat = re.sub(r"(\bgo struct field .{1,80}?) of type .*", r"\1", plain(text))
    return _UNREAD.search(flat) is not None and _OF_ANOTHER.search(flat) is None


def is_surely_of_a_validator(clause: str, names: tuple[str, ...]) -> bool:
    """Whether *clause* tells a kind or a bound of one of *names*, and nothing of why else it may be refused."""
    clause = _SPEAKER.sub("", unmarked(clause))
    if not _FILLED.isdisjoint(names) and _TOO_LONG.search(clause):
        return True
    longest = max((n for n in names if " " in n and n in clause), key=len, default="")
    # `safety_settings` tells of no safety.
    beside = clause.replace(longest, "other") if longest else clause
    if any(words.search(beside) for words in (_OTHERWISE, ELSE, IN_CASE, NEGATIVE)):
        return False
    told, any_name, filled, ratio = _names(names)
    fields = ratio.sub(_RATIO, told.sub(FIELD, clause))
    return (
        any(pattern.search(fields) for pattern in _of_fields())
        or (
            "content type" not in clause
            and _OF_ANY_NAME.search(any_name.sub(FIELD, clause)) is not None
        )
        or _missing(names).fullmatch(clause) is not None
        or _NOTHING_IN_IT.search(filled.sub(FIELD, clause)) is not None
    )


_PART_OF: Final = r"(?:template|scene|shot|clip|effect|style|preset|avatar|layer|body|payload|job|task|image|video)"
"""Of what a field of a request may be called a part."""
_ADDRESSED: Final = re.compile(r" (?:url|uri)s?$")


def counts_what_was_sent(text: str, breaks: tuple[str, ...]) -> bool:
    """Whether *text* says how many of what a field of *breaks* holds are taken, and how many came: "Maximum 5 images allowed, got 6"."""
    return any(_counted(breaks).fullmatch(clause) for clause in clauses(text))


@lru_cache(maxsize=256)
def _counted(breaks: tuple[str, ...]) -> re.Pattern[str]:
    named = (words_of(told) for told in breaks if len(told) > MAX_ABBREVIATION)
    held = any_of({re.escape(_ADDRESSED.sub("", words).removesuffix("s")) for words in named})
    return re.compile(
        rf"(?:a |the )?(?:max(?:imum)?|at most|no more than|up to|only)(?: of)? \d+ {held}s?(?: (?:is|are))?"
        r"(?: (?:allowed|supported|accepted|permitted))?,? (?:but )?(?:got|received|found|given|was|were) \d+"
    )


_ANYBODYS: Final = IDENTITY | {
    name.replace(" ", "").removesuffix("s") for names in FIELDS.values() for name in names
}


@lru_cache(maxsize=256)
def _missing(names: tuple[str, ...]) -> re.Pattern[str]:
    """Return a sentence that says that one of *names* is missing, of whatever of a request: "Template modifications missing".

    Not one that other fields' names end with, such as `size`, nor a file's.
    """
    alone = ((n.replace(" ", "").removesuffix("s"), n) for n in names if len(n) > MAX_ABBREVIATION)
    own = (n for bare, n in alone if bare not in _ANYBODYS and not holds_a_file(frozenset({n})))
    told = any_of(map(re.escape, own))
    return re.compile(rf"{_ARTICLE}(?:{_PART_OF} )?{told} (?:is |are )?(?:missing|required)")


_REFERENCE: Final = re.compile(r"[_\W](?:id|name|key)$", re.I)
"""How a field is called that holds the name of something the service has."""


def is_looked_up_in_vain(text: str, breaks: tuple[str, ...]) -> bool:
    """Whether all that *text* says is that what a field of *breaks* names is not there: "Sampler not found"."""
    roots = [
        re.escape(words_of(_REFERENCE.sub("", told))) for told in breaks if _REFERENCE.search(told)
    ]
    wanted = rf"(?:the |requested |specified |given )*(?:{'|'.join(roots) or '(?!)'})(?: name| id)?(?: \S{{1,64}})? (?:was |is |does |could |can)?(?:be )?not (?:be )?(?:found|exist)"
    return any(re.fullmatch(wanted, clause) for clause in clauses(text))


_SHAPES: Final = {
    "size": r"\d{2,5} ?[x*×] ?\d{2,5}",
    "aspect ratio": r"\d{1,2}:\d{1,2}",
    "resolution": r"(?:\d{3,4}p|[1248]k)",
}
"""Values that belong to one field only, whoever lists them."""
_OF_TIME: Final = frozenset({"seconds", "duration"})
_CLIPS_OF: Final = re.compile(
    rf"^{_MODEL} supports? (?:only )?\d+(?:\.\d+)?[ -]?(?:s|sec|seconds?)[ -](?:long )?(?:clips?|videos?)(?: only)?(?:$|[.,;])"
)
"""How long clips are, in a sentence that names no field for it."""
_LISTING: Final = (
    r"(?:expected|(?:supported|allowed|valid|accepted|permitted|possible|available) (?:values?|options?|choices)(?: are| is)?"
    r"|(?:one|any) of(?: the following)?)"
)


_TOO_LONG: Final = re.compile(
    r"^(?:your |the )?(?:input|prompt|message)s?(?: token count| length| tokens)?(?: ?\(\d+\))? exceeds? "
    r"(?:the )?(?:max(?:imum)? (?:number of tokens|context length|input length|prompt length)|context (?:window|length))\b"
    r"|^this model's maximum context length is \d+ tokens"
)
"""What a model says of a text that is longer than it can read."""


def lists_values(text: str, names: frozenset[str]) -> bool:
    """Whether *text* names no field, but lists values that only one of *names* can have: "Expected '16:9' | '9:16'"."""
    if any(
        words.search(clause)
        for clause in clauses(text)
        for words in (_OTHERWISE, ELSE, IN_CASE, OURS)
    ):
        return False
    flat = plain(text)
    if not names.isdisjoint(_OF_TIME) and any(_CLIPS_OF.search(each) for each in clauses(text)):
        return True
    return any(_listing(shape).search(flat) for name, shape in _SHAPES.items() if name in names)


@cache
def _listing(shape: str) -> re.Pattern[str]:
    value = rf"['\"]?{shape}['\"]?"
    apart = r"(?: ?[,|/] ?(?:and |or )?| (?:and|or) )"
    return re.compile(rf"{_LISTING}[: \[(]{{0,3}}{value}(?:{apart}{value})+")


@cache
def _of_fields() -> tuple[re.Pattern[str], ...]:
    """Return the sentences about a FIELD, by a name that is nothing else."""
    begin = rf"(?:{_LEAD}|, |\b(?:failed|error|exception|argument): )['\"\[(]?{_ARTICLE}{_WHOSE}"
    field = rf"['\"\[(]?{FIELD}['\"\])]?"
    subject = rf"{begin}{field}(?:(?: (?:and|or|,|/|&) |/){field})?(?![a-z]){_NOUN}(?: ?:)? ?"
    told = (
        rf"{subject}(?:{'|'.join(_PREDICATES)})",
        rf"\bonly {FIELD} ?[=:] ?['\"]?[\w.:*-]{{1,20}}['\"]? (?:is|are)(?: \w+ly)? (?:supported|allowed|accepted)$",
        rf"^(?:[\w.-]+ ){{0,4}}(?:requests?|calls?|creates?|models?|generations?|videos?|images?) requires? (?:an? |the |valid |non-?empty )*{FIELD}$",
        rf"{_LEAD}{_BAD} (?:value|type|format|integer|number) (?:for|of) {_ARTICLE}['\"]?{FIELD}['\"]?(?:$|[:,])",
        rf"{_LEAD}{_BAD} (?:[\w.-]+ ){{0,3}}{FIELD}(?: value)?: ?['\"]?[\w.:*-]{{1,20}}['\"]?$",
        rf"{_LEAD}{_BAD} {_WHOSE}(?:{FIELD}|{_RATIO})(?: value)? ['\"][\w.:*-]{{0,20}}['\"]$",
        rf"{_LEAD}(?:unknown|unrecogni[sz]ed|{_BAD}) {_WHOSE}{FIELD}(?: value)? ['\"]?[\w.:*-]{{1,30}}['\"]? ?[-,;:(] ?(?:expected|must be|should be|allowed|supported|valid|one of|use)\b",
        rf"^[^:]{{0,20}}{FIELD}(?:仅|只)支持 ?\d",
        rf"{_LEAD}{_BAD} {_WHOSE}{FIELD}(?: values?)? for (?:the |an? )?[\w.-]+(?: [\w.-]+){{0,2}}$",
        rf"(?:must|should) be (?:one of |either )?{_VALUE}(?:(?:, ?| )(?:or |and )?{_VALUE})* {FIELD}$",
        rf"{FIELD}(?:\[\d+\])?: (?:element )?predicate failed",
        rf"^['\"]?{FIELD}['\"]? an unexpected error occurred in the parameter",
        rf"^(?:[^，]{{1,20}}，)?不支持(?:的|该|此)?{FIELD} ?[:：]? ?['\"]?[\w:.*-]{{0,20}}['\"]?$",
        rf"(?:^|[=:] ?){_BAD} (?:value for )?['\"]?{FIELD}['\"]?: .{{0,80}}\b(?:must|should|expected|cannot|not)\b",
        rf"^only (?:['\"][\w .:*-]{{1,20}}['\"]|https?)(?:(?:, | and | or )(?:['\"][\w .:*-]{{1,20}}['\"]|https?))* {FIELD}s? (?:is|are) (?:supported|allowed|accepted)$",
        rf"^['\"]?{FIELD}['\"]? ?= ?\S{{1,30}} (?:is )?not (?:supported|allowed|valid)$",
        rf"\bcannot unmarshal \w+ into go struct field [\w. ]*{FIELD} of type\b",
        rf"^{_MODEL} (?:accepts?|supports?|allows?|takes?) (?:only |at most |up to |no more than |a maximum of )\d+ (?:\w+ )?{FIELD}(?:\(s\)|s)?$",
        rf"\bplease (?:provide|specify|supply|enter|pass)\b.{{1,40}} (?:in|as|using|via) (?:the )?['\"]?{FIELD}\b",
        rf"\bmissing (?:headers? or body|body|fields?|param(?:eter)?s?|data): ?['\"]?{FIELD}['\"]?$",
        rf"^too (?:many|few) (?:[a-z]+ )?{FIELD}$",
        rf"^param(?:eter)?s? (?:body|query)\.(?:\w+\.)*{FIELD} (?:is )?invalid$",
        rf"^(?:please )?limit (?:the |your )?{FIELD} to \d",
        rf"^no ['\"]?{FIELD}.{{0,60}}\b(?:provided|given|specified|supplied|set)$",
        rf"\bneither\b.{{1,60}}{FIELD}.{{0,20}}\b(?:provided|given|set|specified|supplied|present)\b",
        rf"支持 ?\d[\d.]* ?[~-] ?\d[\d.]* ?秒?的?{FIELD}",
        rf"(?:必须|需要?|请)(?:提供|填写|输入|传入|包含) ?['\"]?{FIELD}(?![a-z])",
        rf"(?:仅|只)支持 ?{_NUMBERS} ?秒?的?{FIELD}",
    )
    return tuple(re.compile(pattern) for pattern in told)


_OF_ANY_NAME: Final = re.compile(rf"^{_BAD} {FIELD} (?:format|type|length|value)s?$")
"""The sentence in which a name that prose uses for other things can mean nothing but a FIELD."""
_NOTHING_IN_IT: Final = re.compile(
    rf"\b(?:has|have|with|got|received|contains?) (?:an? )?(?:empty|blank|no) {FIELD}$|^{FIELD} ?[超过]长$"
)
"""A request without a FIELD that it has, or has empty; or too much of it."""


@lru_cache(maxsize=256)
def _names(names: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """Return what marks a name that is nothing else, any, one of what a request has, and a ratio."""
    told = [n for n in names if n not in IN_PASSING]
    ratio = [n for n in names if n == "ratio"]
    return tuple(map(_name, (told, names, [n for n in names if n in _FILLED], ratio)))


def _name(names: Iterable[str]) -> re.Pattern[str]:
    ascii_ = any_of(ALONE.get(n, re.escape(n)) for n in names if n.isascii())
    others = any_of(re.escape(n) for n in names if not n.isascii())
    return re.compile(rf"(?<![a-z0-9]){ascii_}(?![a-z])|{others}")
