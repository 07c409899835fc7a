"""Values as promtool reads them."""

from __future__ import annotations

from collections.abc import Sequence

Value = float | None


def notation(values: Sequence[Value | str]) -> str:
    """Write values down, those that are alike or rise evenly as one."""
    words: list[str] = []
    index = 0
    while index < len(values):
        value, end = values[index], index
        if not isinstance(value, float | int):
            while end + 1 < len(values) and value is None and values[end + 1] is None:
                end += 1
            words.append(f"_x{end - index + 1}" if value is None else str(value))
        else:
            rise = _rise(values, index)
            while end + 1 < len(values) and _rise(values, end) == rise is not None:
                end += 1
            count = end - index
            if count == 0 or rise is None:
                words.append(f"{value:g}" if abs(value) < 1e5 else f"{value:.0f}")
            else:
                first = f"{value:g}" if abs(value) < 1e5 else f"{value:.0f}"
                words.append(f"{first}x{count}" if rise == 0 else f"{first}{rise:+g}x{count}")
        index = end + 1
    return " ".join(words)


def _rise(values: Sequence[Value | str], index: int) -> float | None:
    if index + 1 >= len(values):
        return None
    one, two = values[index], values[index + 1]
    if isinstance(one, float | int) and isinstance(two, float | int):
        return two - one
    return None
