"""A part of a page: the metrics that `name[]` asks for, as other exporters take it."""

from __future__ import annotations

from typing import Final

_HELP: Final = b"# HELP "
_PARTS: Final = ("", "_total", "_info", "_bucket", "_sum", "_count", "_created")
"""How names of samples go on behind the name of their metric."""


def named(page: bytes, names: frozenset[str]) -> bytes:
    """Return of *page* the metrics in *names*, each as a whole, by its own name or one of its samples.

    What nothing is called is not there: a scrape that asks for it gets an empty page, not an error.
    """
    first, *families = page.split(_HELP)
    kept = [_HELP + family for family in families if not names.isdisjoint(_called(family))]
    end = b"# EOF\n"
    if page.endswith(end) and not (kept and kept[-1].endswith(end)):
        kept.append(end)
    return b"".join([first, *kept])


def _called(family: bytes) -> list[str]:
    """Return the names that ask for a metric, given its part of the page."""
    name = family.partition(b" ")[0].decode()
    base = name.removesuffix("_total").removesuffix("_info")
    return [found + part for found in {name, base} for part in _PARTS]
