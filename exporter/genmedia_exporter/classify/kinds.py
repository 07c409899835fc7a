"""The kinds of mistake that validators tell in one word: `string_too_short`, `minLength`, `NotBlank`. Pure."""

from __future__ import annotations

import re
from typing import Final

from genmedia_exporter.classify.lexicon import words_of

_TELLING: Final = """
    missing required blank empty null none nil undefined short long small big large few many min max minimum maximum
    length len size shorter longer greater less than gt gte lt lte ge le enum enumeration literal choice choices oneof
    option options in inclusion parsing pattern regex regexp const multiple divisible range between positive natural
    nonnegative type string number integer int float bool boolean array list dict convertible cast mismatch defined
    unset notnull notblank notempty
    """
"""Of these one must stand in it."""
_BESIDE: Final = """
    not is be too a an or and equal equals to of one any only invalid wrong bad unknown illegal value values types item
    items element elements character characters char chars validator validation error exception constraint constraints
    field fields input param parameter argument arg property attribute format base allowed unsupported valid expected
    exclusive inclusive model no non must should cannot present provided specified supplied given exists out unexpected
    extra text json mode union tuple code rule violation violations constraintviolation str num digits set from decimal finite instance iterable mapping tag unicode attributes ascii
    """
"""These may stand beside it."""
_CORE: Final = frozenset(_TELLING.split())
_ALL: Final = _CORE | frozenset(_BESIDE.split())
MAX_WORDS: Final = 8


def is_kind_of_mistake(code: str) -> bool:
    """Whether *code* is made of nothing but what validators say, and says what is wrong."""
    words = re.sub(r"[^a-z ]", " ", words_of(code)).split()
    return len(words) <= MAX_WORDS and not _CORE.isdisjoint(words) and _ALL.issuperset(words)
