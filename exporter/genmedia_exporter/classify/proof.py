"""Does a refusal complain of what our create broke? Only then has a validator spoken. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from genmedia_exporter.classify.lexicon import clauses, topic_of, words_of
from genmedia_exporter.classify.topics import Topic

FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "prompt": (
        "prompt", "prompts", "プロンプト", "промпт", "프롬프트", "text", "text prompt", "prompt text", "positive prompt", "input",
        "inputs", "input text", "text input", "user input", "description", "caption", "query", "instruction", "content",
        "contents", "chat content", "message content", "text content", "prompt content", "提示词", "提示语", "描述", "文本", "文案", "输入内容",
    ),
    "seconds": (
        "seconds", "duration", "durations", "duration seconds", "video length", "length",
        "video duration", "num seconds", "时长", "秒数", "时间长度",
    ),
    "size": (
        "size", "resolution", "image size", "video size", "width", "height", "dimensions",
        "dimension", "aspect ratio", "尺寸", "分辨率", "大小", "宽度", "高度",
    ),
    "aspect_ratio": ("aspect ratio", "ratio", "宽高比", "比例"),
    "n": (
        "n", "num images", "num outputs", "number of images", "num", "sample count",
        "candidate count", "batch size", "count", "image count", "num results", "数量", "张数",
    ),
    "messages": ("messages", "contents", "content", "chat content", "message content", "消息"),
    "quality": ("quality", "image quality", "质量", "画质"),
    "mode": ("mode", "模式"),
}  # fmt: skip
"""What calls break, with the names that validators have for it."""

EVERYTHING: Final = tuple(FIELDS)
"""What a create may have broken where nobody says what it did."""

_IN_PASSING: Final = frozenset({
    "text", "input", "inputs", "description", "query", "content", "contents", "n", "num", "count",
    "length", "ratio", "mode", "seconds", "caption", "instruction", "大小", "数量",
})  # fmt: skip
"""Names that prose uses for other things, too: they count in quotes, or as the subject of a complaint."""

_IDENTITY: Final = frozenset({
    "model", "modelname", "modelid", "apikey", "xapikey", "key", "token", "accesstoken", "project",
    "projectid", "authorization", "organization", "account", "accountid", "user", "userid",
    "workspace", "version", "secret", "appid", "credential", "credentials", "engine",
    "deployment", "header", "signature", "appkey", "subscription",
})  # fmt: skip
"""Fields that say who asks whom: a complaint of these is met by every create there is."""

_BEFORE: Final = (
    r"ha(?:s|ve) no|is required|are required|required|mandatory|must|should|cannot|can't|can not|may not|"
    r"(?:is|are|was|were|has|have|contains?|field)? ?(?:not |in|un)(?:valid|supported|allowed|acceptable|correct|recogni[sz]ed|specified|provided|set|present|given|found)|"
    r"missing|empty|blank|null|at least|at most|minimum|maximum|between|(?:out of|in|within) (?:range|bounds?)|too (?:short|small|long|large|few|low|big)|"
    r"(?:less|greater|smaller|larger|shorter|longer|lower|higher|fewer) than|below|above|one of|invalid|unsupported|illegal|wrong|malformed|bad|odd|"
    r"(?:is|are) not (?:an? )?|does ?n[o']t|failed|fails|lack|expected|need|only (?:supports?|accepts?|allows?)|(?:min|max) ?(?:length|items|imum)|exceeds?|validation|constraint|violat|"
    r"不能为空|为空|必填|必须|不合法|无效|非法|错误|不支持|缺少|缺失|范围|取值|应为|应该|仅支持|只支持|不得|大于|小于|超出|超过|有误|不正确|不符合|未填|不可为空|太短|过短|过长|需要?[在为大小]|应在|之间|"
    r"入力してください|必須|필수|비어|obligator|requerid|obrigat|no puede|obligatoire|requis|erforderlich|darf nicht|обязател|не может"
)
_AFTER: Final = (
    r"invalid(?: value)?(?! request)|missing|required|requires?|empty|blank|illegal|unsupported|incorrect|wrong|malformed|bad(?! request)|unexpected|(?:not )?valid (?:for|as)|at least|needs? to (?:pass|send|be)|pass|no|lack(?:s|ing)?|without|"
    r"(?:does|do|did) ?n[o']t (?:support|accept|allow|have|contain|include)|not support(?:ed)?|"
    r"provide|specify|enter|supply|include|contain|set|check|too (?:short|small|long|large|few)|"
    r"validat\w+|failed on|cannot (?:deserialize|parse|unmarshal|convert|be)|deseriali[sz]e|unmarshal|parse|"
    r"must (?:have|contain|provide|include|specify)|expected|"
    r"未(?:正常)?(?:接收|收到|提供|传入|填写|设置)到?|parameter|field|argument|property|字段|缺少|缺失|无效的?|非法的?|不支持的?|请输入|请提供|请填写|错误的?|参数|校验"
)
_ELSE: Final = re.compile(
    r"\b(?:host|dns|lookup|services?|feature|endpoint|account|api|billing|plan|users?|gpu|worker|server|credits?|"
    r"balance|key|token|organi[sz]ation|enqueue|rejected|processed|queue)\b|服务"
)
"""What may not stand between a field and the complaint: then it is about something else."""

_OURS: Final = re.compile(
    r"\byour (?:current )?(?:plan|tier|subscription|account|organi[sz]ation|workspace|team|balance|key)\b"
)
"""A complaint that speaks of what is ours is about us, whatever else it names."""

_URL: Final = re.compile(r"https?://\S+")
_PATH: Final = re.compile(
    r"(?<![\w])(?:[\w$\]\[#]{1,40}['\"\]]{0,3}[./\[]['\"]?){1,12}([A-Za-z_]\w{0,60})(?!\w)"
    r"|/([A-Za-z_]\w{0,60})(?= )|(?:->|→) ?(?:at )?([A-Za-z_]\w{0,60})"
    r"|\n(?:\w{1,40}\.){0,9}(\w{1,60})\n {2,}(?=\S)"
    r"|\('?\w{0,40}'?(?:, ?'\w{1,40}'){0,8}, ?'(\w{1,60})'\)"
)

_FIELD_KEYS: Final = frozenset({
    "param", "parameter", "parameters", "field", "fields", "fieldname", "loc", "path", "instancepath",
    "datapath", "pointer", "attr", "attribute", "property", "propertyname", "propertypath", "inputname", "argname",
    "argument", "location", "keys", "name", "member", "target", "key",
})  # fmt: skip
_OF_FIELDS: Final = frozenset({
    "errors", "error", "fielderrors", "detail", "details", "violations", "validationerrors", "json", "messages",
    "body", "invalid", "issues", "data", "modelstate", "fields", "result", "input",
    "parameters", "payload",
})  # fmt: skip
_OF_SENTENCES: Final = frozenset(
    {"errors", "fielderrors", "fields", "validationerrors", "modelstate"}
)
"""Under these a key may be a field although it holds but one sentence."""
_ECHOES: Final = frozenset({"data", "result", "input", "parameters", "payload"})
"""Under these stands what we sent, or what is wrong with it: only a complaint makes a key a field."""
_OF_NAMES: Final = frozenset({
    "invalidfields", "missingfields", "requiredfields", "fields", "missing", "invalidparams", "invalidparameters",
    "missingparameters", "parameters", "params", "keys",
})  # fmt: skip
"""Under these stands a list of fields' names."""
_NO_FIELD: Final = re.compile(r".{200}|/(?:api/)?v\d|https?:", re.S)
"""Too long for a name; the path of the request, or an address."""
_WRONG: Final = re.compile(_BEFORE)
MAX_VALUES: Final = 2_000


def complaint(
    document: object, text: str, params: Iterable[str], codes: Iterable[str], breaks: Sequence[str]
) -> bool:
    """Whether an error with this *document* and *text* complains of one of *breaks*.

    Not when it also complains of who asks (a key, the model): that every create will hear.
    """
    wanted = _names(tuple(breaks))
    named = [*(_last(p) for p in params), *fields_of(document)]
    fields = [*named, *_paths_in(text)]
    if any(_joined(field) in _IDENTITY for field in fields):
        return False
    if any(_is_one(field, wanted) for field in fields):
        return True
    if named:  # another field: what its message calls "input" or "value" is that one
        wanted -= _IN_PASSING
    patterns = _prose(tuple(sorted(wanted)))
    said = [*clauses(_URL.sub(" ", text)), *(words_of(code) for code in codes)]
    return any(_complains(clause, patterns) for clause in said)


def _complains(clause: str, patterns: Iterable[re.Pattern[str]]) -> bool:
    if topic_of(clause) not in (None, Topic.VALIDATION, Topic.MODEL, Topic.FAILED):
        return False
    if _OURS.search(clause):
        return False
    found = (hit for pattern in patterns for hit in pattern.finditer(clause))
    return any(_ELSE.search(_between(hit)) is None for hit in found)


def _between(found: re.Match[str]) -> str:
    return next((part for part in found.groups() if part is not None), "")


@lru_cache(maxsize=256)
def _names(breaks: tuple[str, ...]) -> frozenset[str]:
    """Return every name of what was broken, as words."""
    return frozenset(name for told in breaks for name in (words_of(told), *FIELDS.get(told, ())))


@lru_cache(maxsize=256)
def _prose(names: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """Return the patterns of a clause that complains of one of *names*."""
    some = [re.escape(n) for n in names if n in _IN_PASSING]
    free = [re.escape(n) for n in names if n not in _IN_PASSING]
    free += [
        rf"(?:(?:parameter|param|argument) {name}\b|{name} (?:parameter|param|property|argument|attribute))"
        for name in some
    ]
    free += [f"range of {name}" for name in some]
    field = _either(
        rf"(?<![a-z0-9])(?<!negative )(?<!\d )(?<!few )(?<!file )(?<!body )(?<!request )(?<!payload )(?<!model )(?<!batch )(?<!page )(?<!queue )(?<!pool )(?<!upload )(?<!content )(?:{'|'.join(free)})(?![a-z])(?! (?:outputs?|ids?|templates?|tokens?|cache|server|nodes?|hash)\b)"
    )
    weak = (
        _either(rf"(?<![a-z0-9])(?:{'|'.join(some)})(?![a-z])(?! should be)") if some else r"(?!)"
    )
    told = (
        rf"{field}(.{{0,40}}?)(?:{_BEFORE})",
        rf"(?<![a-z])(?:{_AFTER})(?![a-z])(.{{0,30}}?){field}",
        rf"(?:^|['\"\[(/.]|[:,-] ?){weak}['\"\])]*(?: field| parameter| length| value| text)?(:?\s?(?:is |are |was )?)(?:{_BEFORE})",
        rf"['\"\[]{weak}['\"\]](.{{0,30}}?)(?:{_BEFORE})",
        rf"(?<![a-z])(?:{_AFTER})(?: \w+){{0,3}}[ :]*(\s?)['\"\[(]{weak}['\"\])]",
    )
    return tuple(re.compile(pattern) for pattern in told)


def _either(pattern: str) -> str:
    return f"(?:{pattern})"


def _is_one(field: str, wanted: frozenset[str]) -> bool:
    words = words_of(field)
    if "negative" in words:
        return False
    joined = words.replace(" ", "")
    if any(joined == name.replace(" ", "") for name in wanted):
        return True
    parts = words.split()
    return any(name in parts for name in ("prompt", "duration", "resolution") if name in wanted)


def _joined(field: str) -> str:
    return words_of(field).replace(" ", "")


def _last(path: str) -> str:
    """Return the last name of a path such as `instances[0].prompt` or `/data/attributes/size`."""
    names = [part for part in re.split(r"[./\[\]'\"#$\s]+", path) if part and not part.isdigit()]
    return names[-1] if names else ""


def _paths_in(text: str) -> Iterator[str]:
    """Yield the last name of each path that stands in a text, addresses left out."""
    for found in _PATH.finditer(_URL.sub(" ", text[:4096])):
        yield next(part for part in found.groups() if part)


def fields_of(document: object) -> list[str]:
    """Return the names of the fields that a validator's document complains of, wherever they stand."""
    found: list[str] = []
    left: list[tuple[object, str, bool]] = [(document, "", True)]
    seen = 0
    while left and seen < MAX_VALUES:
        value, key, under = left.pop()
        seen += 1
        if isinstance(value, dict):
            found += _keys_that_are_fields(value, key) if under else []
            for name, inner in value.items():
                joined = _joined(str(name))
                left.append((inner, joined, joined in _OF_FIELDS or (under and key != "")))
        elif isinstance(value, list):
            path = _as_path(value) if key in ("loc", "path") else []
            path += _as_names(value) if key in _OF_NAMES else []
            found += path
            left += [] if path else [(v, key, False) for v in value]
        elif isinstance(value, str) and key in _FIELD_KEYS and not _NO_FIELD.match(value):
            found.append(_last(value))
    return [name for name in found if name]


def _as_path(value: list[object]) -> list[str]:
    names = [str(part) for part in value if isinstance(part, str) and part]
    return names[-1:] if len(names) == len([p for p in value if isinstance(p, str)]) else []


def _as_names(value: list[object]) -> list[str]:
    names = [_last(v) for v in value if isinstance(v, str) and " " not in v.strip()]
    return names if len(names) == len(value) else []


def _keys_that_are_fields(value: dict[object, object], key: str) -> list[str]:
    """Return the keys of an object such as `{"prompt": ["can't be blank"]}`."""
    if key in _ECHOES:
        return [_last(str(k)) for k, v in value.items() if _is_complaint(v)]
    texts = key in _OF_SENTENCES and all(isinstance(v, str) and " " in v for v in value.values())
    told = [_last(str(k)) for k, v in value.items() if _names_a_field(str(k), v, texts)]
    if key == "" and len(told) != len(value):
        return []
    return told


def _names_a_field(key: str, value: object, texts: bool) -> bool:
    if key == "_errors":
        return False
    return texts or (
        _holds_texts(value) and not (_joined(key) in _OF_FIELDS and _of_objects(value))
    )


def _of_objects(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(v, dict) for v in value)


def _holds_texts(value: object) -> bool:
    """Whether *value* is what validators say of one field: sentences, or an object of them (zod)."""
    if isinstance(value, dict):
        value = value.get("_errors")
    if not isinstance(value, list) or not value:
        return False
    return all(isinstance(v, str) or (isinstance(v, dict) and "code" in v) for v in value)


def _is_complaint(value: object) -> bool:
    """Whether *value* says what is wrong with something, and is not what we sent."""
    listed = isinstance(value, list)
    texts = value if isinstance(value, list) else [value]
    told = [
        t
        for t in texts
        if isinstance(t, str) and (listed or " " in t) and _WRONG.search(t.casefold())
    ]
    return bool(told) and len(told) == len(texts)
