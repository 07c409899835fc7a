"""A value that cannot be printed by accident."""

from __future__ import annotations

from functools import lru_cache
from typing import Final
from weakref import WeakValueDictionary

from genmedia_exporter.core.disguise import Disguised

HIDDEN: Final = "<secret>"

_SHORTEST: Final = 8  # what is shorter may be a word of any text


class Secret:
    """Hold a credential. Every way of printing it says `<secret>`; only `reveal` gives it out."""

    __slots__ = ("__weakref__", "_value")

    def __init__(self, value: str) -> None:
        self._value = value
        _ALIVE[id(self)] = self

    def reveal(self) -> str:
        """Return the credential itself. Call it where a request is signed, nowhere else."""
        return self._value

    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return HIDDEN

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(("Secret", self._value))

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a Secret is not pickled")


_ALIVE: Final[WeakValueDictionary[int, Secret]] = WeakValueDictionary()


def without_secrets(text: str) -> str:
    """Return *text* with `<secret>` in place of every credential that this process holds."""
    found = (secret for ref in _ALIVE.valuerefs() if (secret := ref()) is not None)
    values = frozenset(value for secret in found if len(value := secret.reveal()) >= _SHORTEST)
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, HIDDEN)
    data = text.encode("utf-8", "surrogatepass")
    return _disguised(values).replace(data, HIDDEN.encode()).decode("utf-8", "surrogatepass")


@lru_cache(maxsize=1)
def _disguised(values: frozenset[str]) -> Disguised:
    return Disguised(values)
