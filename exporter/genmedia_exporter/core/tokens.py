"""Whether one word of a text is a credential, by what stands before it and by how random it is."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import Final

TOKEN: Final = re.compile(r"[A-Za-z0-9+/_=.\-]{12,}")
"""What may be a credential: words, paths and names among it."""

_LOOK_BACK: Final = 40
"""Characters before a word that tell what it is."""
_LONG, _LONG_HEX, _LONG_FLAT = 24, 64, 40
"""Characters from which randomness makes a credential: of mixed case, in hex, in one case with digits."""
_SHORT_KEY: Final = 12
"""Characters from which a word after "key" is one."""
_MEAN_PIECE: Final = 3.4
"""Names in camel case are made of words, and words are longer than this on average."""
_ENTROPY: Final = 3.5
"""Bits a character; what repeats itself is no key."""

_ID_BEFORE: Final = re.compile(
    r"(?i)(?:(?<![a-z])(?:id|ids|uuid|guid|ray|logid|etag|digest|hash|checksum|md5|sha-?(?:1|256|512)|commit|revision"
    r"|version|fingerprint|integrity|trace(?:parent)?|request|req|job|task|operation|编号|请求)"
    r"|[_-](?:id|ray|hash|digest)|(?-i:[a-z](?:Id|ID|Hash)))[\"'\\]*\s*[:=#：]?\s*[\"'`\\(\[（]*$"
)
_KEY_BEFORE: Final = re.compile(
    r"(?i)(?:(?<![a-z])key|token|secret|credentials?|password|密钥|令牌|密码|凭证)"
    r"(?:[\s\"'`:=(（：，,\\]|provided|is|was|of|value|given|used|with|named|called|为|是){1,30}$"
)
_ID_PREFIX: Final = re.compile(
    r"(?i)(?:req|request|chatcmpl|cmpl|resp|msg|task|job|video|vid|img|image|gen|generation|file|run|batch|trace|cgt"
    r"|asset|op|operations?|pred|inst|call|thread|asst|evt|event|span|ray|upload|media|clip|ext|sess_?id|models?)[-_/]"
)
_DATED: Final = re.compile(r"20[2-9]\d[01]\d[0-3]\d[0-2]\d[0-5]\d")
"""new-api, one-api and many others begin their request ids with the time."""
_HEX: Final = re.compile(r"(?:0x)?[0-9a-f]+|[0-9A-F]+")
_PARTS: Final = re.compile(r"[-_/+.=]+")
_PIECE: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_MARK: Final = re.compile(
    r"[a-z0-9]{0,8}|[A-Z0-9]{0,8}|(?:[A-Z]?[a-z]{2,8}|[A-Z]{1,8}|[0-9]{1,8}){1,3}"
)
"""What may stand between hyphens besides words and numbers: A14B, 720p, v2, Wan2."""


def is_credential(found: re.Match[str]) -> bool:
    """Whether the word that *found* is, in its text, looks like a credential."""
    word = found[0].rstrip(".=-")
    before = found.string[max(0, found.start() - _LOOK_BACK) : found.start()]
    if _ID_BEFORE.search(before):
        return False
    if _KEY_BEFORE.search(before) and looks_like_key(word):
        return True
    if _is_name(word):
        return False
    if _ID_PREFIX.match(word) or _DATED.match(word):
        return False
    return is_random(word) or any(is_random(part) for part in word.split("/"))


def looks_like_key(word: str) -> bool:
    """Whether *word*, of which it was said that it is a key, may be one and not the name of something."""
    word = word.strip(".,;:!?()'\"`")
    if len(word) < _SHORT_KEY or _DATED.match(word):
        return False
    if len(_PARTS.split(word)) > 1 and _is_name(word):  # gpt-image-1.5, first_frame_image_2
        return False
    return any(c.isdigit() for c in word) and any(c.isalpha() for c in word)


def _is_name(word: str) -> bool:
    """Whether *word* is made of parts as names have them: words, numbers, short marks."""
    return all(part.isdigit() or _is_words(part) or _is_mark(part) for part in _PARTS.split(word))


def _is_mark(part: str) -> bool:
    return len(part) <= 8 and _MARK.fullmatch(part) is not None


def _is_words(part: str) -> bool:
    pieces = _PIECE.findall(part)
    return len(part) > _MEAN_PIECE * len(pieces) and sum(p.isdigit() for p in pieces) <= 2


def is_random(word: str) -> bool:
    """Whether *word* is long and random enough to be a key, and none of the usual ids."""
    if _HEX.fullmatch(word):
        return len(word) >= _LONG_HEX
    if _is_name(word) or _entropy(word) < _ENTROPY:
        return False
    upper, lower, digit = (
        sum(map(kind, word)) >= 2 for kind in (str.isupper, str.islower, str.isdigit)
    )
    least = _LONG if upper and lower else _LONG_FLAT
    return len(word) >= least and digit + upper + lower >= 2


def _entropy(word: str) -> float:
    counts = Counter(word).values()
    return -sum(n / len(word) * math.log2(n / len(word)) for n in counts)
