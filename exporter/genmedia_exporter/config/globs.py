"""Patterns for names, as a shell has them: `*`, `?` and `[...]`; case counts, `*` crosses `/`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import translate


def is_pattern(text: str) -> bool:
    """Whether *text* may fit other names than itself."""
    return not set(text).isdisjoint("*?[")


class Globs:
    """Patterns, of which a name has to fit one. What is no pattern is not compared, but looked up."""

    def __init__(self, patterns: Iterable[str]) -> None:
        each = dict.fromkeys(patterns)
        self._names = frozenset(text for text in each if not is_pattern(text))
        self._fits = [re.compile(translate(text)).match for text in each if is_pattern(text)]

    def fit(self, name: str) -> bool:
        """Whether *name* fits any."""
        return name in self._names or any(fits(name) for fits in self._fits)
