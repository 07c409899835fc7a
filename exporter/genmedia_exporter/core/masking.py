"""Takes out of a text what looks like somebody's credential, and leaves what people need to ask about it.

Request ids, UUIDs, trace ids and names of models stay. Every pattern is bounded, so that the time
grows with the length of the text and nothing else.
"""

from __future__ import annotations

import re
from typing import Final

from genmedia_exporter.core.secret import HIDDEN
from genmedia_exporter.core.tokens import TOKEN, is_credential, is_random, looks_like_key
from genmedia_exporter.core.unescape import plainly

_START: Final = (  # of a word, or right after an escape that ends in a letter or digit
    r"(?:(?<![A-Za-z0-9])|(?<=\\[nrtbf])|(?<=\\u[0-9A-Fa-f]{4})|(?<=\\x[0-9A-Fa-f]{2})"
    r"|(?<=%[0-9A-Fa-f]{2}))"
)
_PEM: Final = re.compile(
    r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]{0,20000}(?:-----END[A-Z -]{0,60})?"
)
_USERINFO: Final = re.compile(r"(?<=://)[^\s/?#\"'<>]+@")
_AT_HOST: Final = re.compile(  # bob:hunter2@tcp(db:3306)/x, bob:hunter2@10.0.0.1:3128
    r"(?<![\w.+/-])([\w.+-]{1,64}:)[^\s@:/\"'<>]{3,200}(?=@(?:(?:tcp|udp|unix)?\(|[\w-]{1,63}(?:\.[\w-]{1,63}){0,10}:[0-9]{2,5}))"
)
_HOOK: Final = re.compile(  # who knows such an address may write there
    r"(?i)(hooks\.slack\.com/[a-z]{1,20}/|discord(?:app)?\.com/api/webhooks/"
    r"|open\.(?:feishu|larksuite)\.(?:cn|com)/open-apis/bot/v2/hook/|webhook\.office\.com/webhookb2/)[^\s\"'<>\\]+"
)
_QUERY: Final = re.compile(
    r"(https?:(?:\\?/){2}[^\s\"'?\\<>]{1,1000}(?:\\/[^\s\"'?\\<>]{1,1000}){0,100})\?[^\s\"'\\<>]+"
)
_SIGNED: Final = re.compile(
    r"(?i)[?&](?:x-(?:amz|goog|oss|tos|cos|ms|bce)-[a-z-]+|(?:oss|aws)accesskeyid|googleaccessid|key-pair-id"
    r"|q-(?:ak|signature|sign-[a-z-]+)|sig|signature|sign|hdnts|hdnea|__token__|auth_key|policy)="
)
_RELATIVE: Final = re.compile(r"\?[A-Za-z0-9_.~%\[\]\-]{1,100}=[^\s\"'<>\\]*")
_NAMED: Final = re.compile(
    r"(?i)(?P<name>pass(?:word|wd|phrase|code)|(?<![a-z])(?:pass|pwd|otp|sig|auth|key|sign)|(?<!<)secret|token|cookie"
    r"|api[_ -]?key|(?:access|secret|private|signing|encryption|account|shared|master)[_ -]?key(?:[_ -]?id)?"
    r"|x-(?:amz|goog|oss|tos|cos)-(?:credential|signature|security-token)"
    r"|(?:j|php|asp\.net_)?sess(?:ion)?[_ -]?id|authorization|credentials?|signature|(?:aws|oss)accesskeyid|密码|密钥|令牌|口令)"
    r"(?P<sep>\\{0,7}[\"']?\s{0,3}(?:=>|[=:：]|%3[Dd])\s{0,3}|>)"
    r"(?P<scheme>(?:Bearer|Basic|Digest|Token|Negotiate|ApiKey|Key|HMAC-SHA256|AWS4-HMAC-SHA256)\s{1,3})?"
    r"(?:(?P<quote>\\{0,7}[\"'])(?P<quoted>(?:(?!(?P=quote)).){0,4096})|(?P<bare>[^\s\"'&;,<>\\)\]}，。；）]{1,4096}))"
)
_COOKIE: Final = re.compile(
    r"(?i)(cookie\\{0,7}[\"']?\s{0,3}[:=]\s{0,3}\\{0,7}[\"']?)[^\s\"'\\=]{1,200}=[^\"'\r\n\\]{1,4096}"
)
_FLAG: Final = re.compile(
    r"(?i)((?<![\w-])(?:--[a-z-]{0,20}(?:password|token|secret|key)[\s=]|(?:-u|--(?:proxy-)?user)[\s=]{1,3}[^\s:\"']{1,100}:))[^\s\"']{1,1000}"
)
_SCHEME: Final = re.compile(r"(?i)(?<![a-z])(bearer|basic)(:?\s{1,4})([A-Za-z0-9._~+/=\-]{6,})")
_TOLD: Final = re.compile(  # in prose: the password is hunter2, token 12ab34cd expired
    r"(?i)(pass(?:word|wd|phrase|code)|(?<![a-z])(?:token|secret|api[_ -]?key|access[_ -]?key)|密码|密钥|令牌|口令)"
    r"(\s{0,3}(?:is|was|为|是)?[\s:：]{0,3})"
    r"(?:([\"'`]?)([A-Za-z0-9!#$%*+/=?@^~]{6,200})(?![\w.-])|\\{0,7}[\"'`“「]([\w!#$%*+/=?@^~.-]{8,200})\\{0,7}[\"'`”」])"
)
_PREFIXED: Final = re.compile(
    _START + r"(?:(?P<sure>"
    r"eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,4}"
    r"|(?:sk|rk)[-_][A-Za-z0-9_*.\-]{6,}"
    r"|(?:AIza|ya29\.|AQ\.)[A-Za-z0-9_-]{16,}"
    r"|(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{8,}"
    r"|(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,20}(?![A-Za-z0-9])"
    r"|(?:AKID|LTAI|AKLT)(?=[A-Za-z]{0,30}[0-9])[A-Za-z0-9]{12,}"
    r"|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"
    r"|(?:bot)?[0-9]{8,10}:AA[A-Za-z0-9_-]{30,}"
    r"|(?:gh[opusr]|github_pat|r8|hf|gsk|npm|dop_v1|shpat|lin_api)_[A-Za-z0-9_]{16,}"
    r"|(?:glpat|xai|nvapi|pplx|tvly|pypi|whsec|luma)[-_][A-Za-z0-9]{16,}"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}:[0-9a-f]{16,}"  # fal: key id and secret
    r"|[0-9a-f]{32}\.[A-Za-z0-9]{16}(?![A-Za-z0-9])"  # GLM: id and secret
    r")"
    r"|(?:gh[opusr]|github_pat|glpat|r8|hf|gsk|npm|pypi|nvapi|whsec|pplx|tvly|dop_v1|shpat|lin_api|fw|pat|key|luma"
    r"|xai|fal|pk|fc|ak|vda|api)[-_](?P<rest>[A-Za-z0-9_*-]{16,}))"
)
_DIAGNOSES: Final = frozenset(
    [
        "a",
        "an",
        "and",
        "any",
        "are",
        "at",
        "be",
        "been",
        "by",
        "can",
        "cannot",
        "could",
        "denied",
        "disabled",
        "does",
        "empty",
        "environment",
        "error",
        "expected",
        "expired",
        "authentication",
        "failed",
        "failure",
        "false",
        "field",
        "for",
        "found",
        "given",
        "has",
        "have",
        "header",
        "in",
        "incorrect",
        "invalid",
        "is",
        "it",
        "malformed",
        "missing",
        "must",
        "nil",
        "no",
        "none",
        "not",
        "null",
        "of",
        "on",
        "only",
        "or",
        "please",
        "provided",
        "redacted",
        "required",
        "revoked",
        "should",
        "string",
        "that",
        "the",
        "there",
        "this",
        "to",
        "token",
        "too",
        "true",
        "unauthorized",
        "undefined",
        "unknown",
        "unset",
        "unsupported",
        "used",
        "user",
        "value",
        "verification",
        "was",
        "with",
        "wrong",
        "yes",
        "you",
        "your",
    ]
)
_NO_WORD: Final = 15
"""Letters after "Bearer" from which they are none: "authentication" has 14."""
_SCHEMES: Final = ("bearer", "basic", "digest", "token")
_HOST_LENGTH: Final = 80
_HOST_BEFORE: Final = re.compile(r"//[\w.\[\]-]{1,70}:$")
_PORT: Final = re.compile(r"[0-9]{2,5}/")
"""What an address goes on with after its host; a password behind a name hardly begins so."""
_PASSWORDS: Final = ("pass", "pwd", "otp", "密码", "口令")
_KEYS: Final = ("key", "auth", "sign")


def mask(text: str) -> str:
    """Return *text* with `<secret>` in place of what looks like a credential, and without signed queries.

    Where escapes hide one, or the word that tells of it, the text comes back without escapes.
    """
    masked, plain = _mask(text), plainly(text)
    if plain == text:
        return masked
    found = _mask(plain)
    if found in (plain, plainly(masked)):
        return masked
    return found if _hidden(found) >= _hidden(masked) else _mask(plainly(masked))


def _hidden(text: str) -> int:
    return text.count(HIDDEN) + text.count("?…")


def _mask(text: str) -> str:
    text = _PEM.sub(HIDDEN, text)
    text = _USERINFO.sub(f"{HIDDEN}@", text)
    text = _AT_HOST.sub(rf"\1{HIDDEN}", text)
    text = _HOOK.sub(rf"\1{HIDDEN}", text)
    text = _QUERY.sub(r"\1?…", text)
    text = _RELATIVE.sub(_unsigned, text)
    text = _COOKIE.sub(rf"\1{HIDDEN}", text)
    text = _FLAG.sub(rf"\1{HIDDEN}", text)
    text = _NAMED.sub(_named, text)
    text = _PREFIXED.sub(_prefixed, text)
    text = _SCHEME.sub(_schemed, text)
    text = _TOLD.sub(_told, text)
    return TOKEN.sub(_token, text)


def _unsigned(found: re.Match[str]) -> str:
    return "?…" if _SIGNED.search(found[0]) else found[0]


def _prefixed(found: re.Match[str]) -> str:
    # "key-frame-interpolation" and "xai-grok-imagine-video" begin like keys
    return HIDDEN if found["sure"] or looks_like_key(found["rest"]) else found[0]


def _schemed(found: re.Match[str]) -> str:
    word = found[3].rstrip(".")
    prose = len(word) < _NO_WORD and word.isalpha() and (word.islower() or word.istitle())
    return found[0] if prose else f"{found[1]}{found[2]}{HIDDEN}"


def _told(found: re.Match[str]) -> str:
    value = found[4] or found[5]
    short = 6 if found[1].lower().startswith(_PASSWORDS) else 8
    mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    return found[0].replace(value, HIDDEN) if mixed and len(value) >= short else found[0]


def _token(found: re.Match[str]) -> str:
    word = found[0]
    if not is_credential(found):
        return word
    before = found.string[max(0, found.start() - _HOST_LENGTH) : found.start()]
    port = _PORT.match(word) and _HOST_BEFORE.search(before)
    if "/" in word and ("//" in word or "." in word or port):  # of an address, only that part
        return "/".join(HIDDEN if is_random(part) else part for part in word.split("/"))
    return HIDDEN


def _named(found: re.Match[str]) -> str:
    name, quote = found["name"].lower(), found["quote"] or ""
    value = found["bare"] if found["quote"] is None else found["quoted"]
    if value[:1] == "[" and "=" not in value and value[1:].lower() not in _SCHEMES:  # Go's header
        quote, value = f"{quote}[", value[1:]
    strict = quote != "" or found["scheme"] is not None
    if not _is_secret(name, found["sep"], value, strict=strict):
        return found[0]
    return f"{found['name']}{found['sep']}{found['scheme'] or ''}{quote}{HIDDEN}"


def _is_secret(name: str, separator: str, value: str, *, strict: bool) -> bool:
    first = value.split(maxsplit=1)[0].strip(".,;:!?()").lower() if value.strip() else ""
    if not first or first in _DIAGNOSES or value.startswith((HIDDEN, "…", "{", "[", "$")):
        return False
    if name.startswith(_PASSWORDS):
        return True
    if name in _KEYS or "sess" in name:
        return looks_like_key(value)
    if " " in value.strip() and name != "authorization" and not (strict and "=" in separator):
        return any(looks_like_key(word) for word in value.split())
    if name == "token" and value.isdigit() and len(value) < 8:
        return False  # so many tokens
    # `api_key: unknown` is prose, `api_key=unknown` and `"api_key": "unknown"` are not
    return strict or separator.strip() not in (":", "：") or not value.isalpha()
