"""What a refusal means: does it prove that nothing was accepted, and will the next route refuse, too?

Two questions. `proves_refusal` guards the caller's money. `refusal_cause` tells whether the vendor
refused the content or the request itself; every other refusal is about the route, and the next one
may well accept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from genmedia_client.result import Cause

_NOT_BEGUN: Final = frozenset({501, 503, 529})
"""5xx by which an application says that it did not begin; an edge says 503 for much else."""
_TIMED_OUT: Final = frozenset({408, 444, 460, 499})
"""4xx about time and a lost connection: what was done before that is unknown."""
_SENT_ON: Final = frozenset({307, 308})
"""Redirects that ask for the same request again elsewhere; the others may follow one that was done."""
_CODES: Final = frozenset(
    {
        "model_not_found", "get_channel_failed", "insufficient_user_quota", "insufficient_quota",
        "pre_consume_token_quota_failed", "invalid_api_key", "server_is_overloaded", "heavy_load",
        "unsupported_country_code", "sentinel_block", "moderation_blocked",
        "content_policy_violation", "sensitive_words_detected",
    }
)  # fmt: skip
"""Error codes that mean the same under any HTTP status: refused before anything began."""
_WORDS: Final = re.compile(
    r"无可用渠道|no available channel|no available tokens|cloudflare challenge|sentinel_block",
    re.IGNORECASE,
)
"""The same in the prose of gateways and pools that give no code."""


def proves_refusal(
    status: int | None, code: str | None, message: str, by_application: bool
) -> bool:
    """Whether an answer proves that nothing was accepted.

    *status* is None for an error inside a stream; *by_application* says that the body is an error
    in JSON, not a page of some edge.
    """
    if code in _CODES or _WORDS.search(message):
        return True
    if status is None:
        return False
    if 400 <= status < 500:
        return status not in _TIMED_OUT
    return status in _SENT_ON or (status in _NOT_BEGUN and by_application)


# --- content, or the request itself

_INVALID: Final = frozenset({400, 413, 422})
"""Statuses under which a vendor tells that a request is wrong."""
_OF_THE_ROUTE: Final = frozenset({401, 402, 404, 407, 429})
"""Statuses about key, money, model and rate: under them only a code can mean content."""


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_CONTENT_CODE: Final = _any(
    r"\bmoderat(ion|ed)\b",
    r"\bcontent (policy|filter|safety|violation|risk|security|blocked|rejected)",
    r"\b(sensitive|nsfw|unsafe|prohibited|recitation)\b",
    r"\bsafety\b",
    r"\bdata inspection\b",
    r"\bprompt (blocked|rejected|policy)",
    r"\bpolicy violation\b",
    r"\brisk detection\b",
    r"^(1026|1027|1300|1301)$",  # MiniMax, Kling
)
"""In a code, its words apart: `InputTextSensitiveContentDetected` is `input text sensitive …`."""
_CONTENT: Final = _any(
    r"safety (system|filter|check|polic|guideline|setting|reason|violation)",
    r"content (polic|filter|moderation|guideline|safety|violation)",
    r"(usage|community|content|safety) guidelines|guardrails|usage polic|responsible ai",
    r"moderation|\bnsfw\b|content_policy_violation|sensitive_words",
    r"(sensitive|prohibited|inappropriate|unsafe|harmful|illegal|disallowed|offensive|banned|explicit)"
    r" (content|words?|prompt|text|material|image|input)",
    r"(prompt|input|content|image|text|message)s? (was|were|is|are|has been|have been) "
    r"(flagged|blocked|moderated|prohibited)",
    r"was flagged|flagged (as|by|for)",
    r"third[- ]party (content|likeness)",
    r"敏感|违规|违禁|涉黄|涉政|色情|暴恐|不安全|不合规|违反.{0,12}(政策|规定|规范|准则|法律)",
    r"内容(安全|审核|审查|政策|过滤)|安全(审核|策略|系统|过滤)|审核(未|不)(能)?通过|未(能)?通过.{0,6}审核",
)
_ACCOUNT: Final = _any(
    r"\b(account|organi[sz]ation|resource|user|workspace|project|key|token|access|channel|subscription)"
    r" (has|have|had|is|are|was|were)( been)?( temporarily| permanently)? "
    r"(blocked|banned|suspended|deactivated|disabled|terminated|restricted|locked|closed)",
    r"(账号|账户|帐号|用户|令牌|密钥|渠道|组织)[^，。,.]{0,8}(封禁|禁用|停用|冻结|锁定|注销)",
)
"""An account blocked for its content is a matter of the account: another route has another one."""
_ROUTE: Final = _any(
    r"balance|credit|quota|billing|arrear|overdue|payment|insufficient|\bfunds?\b|\bprice\b",
    r"余额|额度|欠费|充值|配额|价格",
    r"api.?key|unauthori[sz]ed|authenticat|permission|(?<!extra )forbidden|entitle|access denied|not have access",
    r"must be verified|verify your|(invalid|expired) token|\bproject\b|令牌|密钥|权限|账号|账户|未授权|认证",
    r"country|region|territory|user location|地区|区域",
    r"rate.?limit|too many (requests|tasks|jobs)|throttl|concurren|slow down|频率|并发|过于频繁|限流",
    r"overload|capacity|\bbusy\b|unavailable|maintenance|saturated|繁忙|饱和|过载|维护|负载",
    r"channel|deployment|渠道|分组|cooling down|risk.?control|风控|号池|captcha|challenge",
    r"(models?|version|deployment)\b[^.]{0,60}(not (found|exist|supported|available|valid|open)|unknown|"
    r"unsupported|invalid|deprecated|retired|no longer)",
    r"(no such|unknown|invalid|unsupported|incorrect) (model|version)|specified model|模型",
)
"""What is about this route alone: money, key, place, rate, capacity, the gateway, the model."""
_REQUEST: Final = _any(
    r"invalid|missing|required|must (be|have|not|contain)|should (be|have|not)|expected|out of range",
    r"too (long|short|large|small|big|many|few)|unsupported|unrecogni[sz]ed|malformed",
    r"param|argument|validation|\bfield|unknown (key|property|option)|exceeds|user error",
    r"at (most|least)|maximum|minimum|one of|not (allowed|permitted|valid)|\bextra\b",
    r"参数|不能为空|必填|缺少|格式|超出|不合法|无效|长度|字段|不支持",
)

_SAID: Final = frozenset(
    {
        "message", "msg", "detail", "details", "error", "errors", "description", "title", "status_msg",
        "errmsg", "err_msg", "error_message", "error_msg", "failure_reason", "fail_reason",
    }
)  # fmt: skip
_NAMED: Final = frozenset(
    {
        "code", "type", "reason", "status", "err_code", "errcode", "error_code", "error_type",
        "status_code", "failure_code", "name",
    }
)  # fmt: skip
_SPLIT: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^0-9A-Za-z]+")
_DEEPEST: Final = 6
_LONGEST: Final = 4_000
"""Characters of one text that are looked at."""


@dataclass(slots=True)
class _Reading:
    """What an answer says, from every layer of it."""

    codes: list[str] = field(default_factory=list)  # words apart, lower case
    texts: list[str] = field(default_factory=list)
    params: list[str] = field(default_factory=list)  # the parameters it complains of


def refusal_cause(status: int | None, answer: object) -> Cause | None:
    """Return what a refusal blames: the content, the request, or None for the route or nothing known.

    *answer* is the body as parsed JSON, or a text. Codes come before words, and an account that is
    blocked for content is the account.
    """
    reading = _Reading()
    _read(answer, reading, 0)
    if any(_CONTENT_CODE.search(code) for code in reading.codes):
        return "content"
    said = "\n".join(reading.texts)
    about_the_account = _ACCOUNT.search(said) is not None
    if status not in _OF_THE_ROUTE and not about_the_account and _CONTENT.search(said):
        return "content"
    if status in _INVALID and not about_the_account and _blames_the_request(reading):
        return "request"
    return None


def _blames_the_request(reading: _Reading) -> bool:
    if any(_ROUTE.search(code) for code in reading.codes):
        return False
    if reading.params:
        return "model" not in reading.params
    words = "\n".join((*reading.codes, *reading.texts))
    return not _ROUTE.search(words) and _REQUEST.search(words) is not None


def _read(value: object, reading: _Reading, depth: int) -> None:
    if depth > _DEEPEST:
        return
    if isinstance(value, str):
        _read_text(value[:_LONGEST], reading, depth)
    elif isinstance(value, list):
        for item in value[:20]:
            _read(item, reading, depth + 1)
    elif isinstance(value, Mapping):
        _read_object(value, reading, depth)


def _read_object(value: Mapping[str, object], reading: _Reading, depth: int) -> None:
    for key, inner in value.items():
        name = key.lower()
        if name in _NAMED and isinstance(inner, str | int) and not isinstance(inner, bool):
            reading.codes.append(" ".join(_SPLIT.sub(" ", str(inner)).lower().split()))
        if name in _SAID or isinstance(inner, Mapping | list):
            _read(inner, reading, depth + 1)
    reading.params.extend(_params(value))


def _params(value: Mapping[str, object]) -> Iterator[str]:
    """Yield the parameter an error is about: OpenAI's `param`, FastAPI's `loc`, Google's `field`."""
    param, place, path = value.get("param"), value.get("loc"), value.get("field")
    if isinstance(place, list) and place and "msg" in value:
        yield str(place[-1])
    for name in (param, path if "description" in value else None):
        # one-api puts the status of its own upstream into `param`.
        if isinstance(name, str) and name and not name.isdigit():
            yield name


def _read_text(text: str, reading: _Reading, depth: int) -> None:
    """Read a text and the JSON objects in it: gateways relay an error as a string, or behind words."""
    if text.lstrip().startswith("<"):
        return  # the words of a web page are anybody's
    words, start = "", 0
    while (brace := text.find("{", start)) >= 0:
        words += text[start:brace]
        try:
            value, start = json.JSONDecoder().raw_decode(text, brace)
        except (ValueError, RecursionError):
            start = brace + 1
        else:
            _read(value, reading, depth + 1)
    reading.texts.append(words + text[start:])
