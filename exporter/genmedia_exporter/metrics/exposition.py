"""The two text formats of Prometheus, by hand: sample lines that are valid in both, headers that differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from functools import lru_cache
from itertools import accumulate
from typing import Any, Final, Literal

from genmedia_exporter.core.clock import Unix


class Format(Enum):
    """A format we really produce; the value is its exact content type."""

    OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
    TEXT = "text/plain; version=0.0.4; charset=utf-8"

    @property
    def content_type(self) -> str:
        """The value of the Content-Type header."""
        return self.value

    @property
    def end(self) -> bytes:
        """What stands behind the last sample."""
        return b"# EOF\n" if self is Format.OPENMETRICS else b""


class Kind(StrEnum):
    """The kinds of metric in use."""

    GAUGE = "gauge"
    COUNTER = "counter"
    HISTOGRAM = "histogram"
    INFO = "info"
    UNKNOWN = "unknown"  # foreign collectors only


_SUFFIXES = {Kind.COUNTER: "_total", Kind.INFO: "_info"}
_UNITS: Final = frozenset({"seconds", "usd", "bytes", "ratio"})
"""Units as names of metrics end with them: what OpenMetrics tells in a line of its own."""
_IN_TEXT = {Kind.INFO: "gauge", Kind.UNKNOWN: "untyped"}


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """One metric as the catalogue knows it; `name` is the one samples carry.

    Compared by identity: of one name there may be two, where each profile shows series of its own.
    """

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    _template: str = field(init=False, repr=False)  # a third of the time of joining pairs

    def __post_init__(self) -> None:
        inner = ",".join(f'{label}="%s"' for label in self.labels)
        braces = f"{{{inner}}}" if inner else ""
        object.__setattr__(self, "_template", f"{self.name}{braces} %s\n")

    @property
    def base(self) -> str:
        """The name without the suffix that OpenMetrics adds to samples only."""
        return self.name.removesuffix(_SUFFIXES.get(self.kind, ""))

    @property
    def unit(self) -> str:
        """The unit that the name ends with, "" where it has none."""
        last = self.base.rpartition("_")[2]
        return last if last in _UNITS and self.kind is not Kind.INFO else ""

    def header(self, form: Format) -> bytes:
        """Return the HELP and TYPE lines, and the UNIT of OpenMetrics, in the way of *form*."""
        return _header(self, form)

    def line(self, values: tuple[str, ...], value: float) -> str:
        """Return one sample; *values* are the labels' in the catalogue's order.

        Raises TypeError when there are more or fewer values than labels.
        """
        return self._template % (*map(escape, values), number(value))


@lru_cache(maxsize=1_024)
def _header(family: Family, form: Format) -> bytes:
    unit = ""
    if form is Format.OPENMETRICS:
        name, kind, text = family.base, str(family.kind), escape(family.help)
        unit = f"# UNIT {name} {family.unit}\n" if family.unit else ""
    else:
        name, kind = family.name, _IN_TEXT.get(family.kind, str(family.kind))
        text = family.help.replace("\\", r"\\").replace("\n", r"\n")
    return encode(f"# HELP {name} {text}\n# TYPE {name} {kind}\n{unit}")


@lru_cache(maxsize=8192)
def escape(value: str) -> str:
    """Return *value* as it may stand between double quotes."""
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def number(value: float) -> str:
    """Return a float in the one spelling both formats read: 1.0, +Inf, -Inf, NaN."""
    if value != value:
        return "NaN"
    if value in (_INFINITY, -_INFINITY):
        return "+Inf" if value > 0 else "-Inf"
    return repr(float(value))


_INFINITY = float("inf")


def line(name: str, labels: Iterable[tuple[str, str]], value: float) -> str:
    """Return one sample line, its line end included."""
    inner = ",".join([f'{label}="{escape(text)}"' for label, text in labels])
    return f"{name}{{{inner}}} {number(value)}\n" if inner else f"{name} {number(value)}\n"


def encode(text: str) -> bytes:
    """Return UTF-8; half a surrogate pair, which YAML can smuggle into a name, becomes `?`."""
    return text.encode("utf-8", "replace")


Block = tuple[bytes, ...]
"""Samples of one thing, one entry for each of its families; empty where it has none."""
Lines = tuple[bytes, ...]
"""A part of a page as it lies in memory: once, for all pages, and never put together whole."""


_NAME: Final = '"\n"'
"""Stands for the name, quotes included, in lines that all things of a kind share.

No escaped text has the end of a line in it, and no line begins with a quote."""
_BETWEEN: Final = "#\n"
"""Stands between the lines of two families. No line ends so: they end with a value."""


def _open_line(name: str, labels: tuple[str, ...], values: tuple[str, ...]) -> str:
    """Return a sample's line, with places for the first label and the value.

    Raises ValueError when there are more or fewer *values* than labels after the first.
    """
    first, *others = labels
    inner = "".join(
        f',{label}="{escape(value)}"' for label, value in zip(others, values, strict=True)
    )
    return f"{name}{{{first}={_NAME}" + inner.replace("%", "%%") + "} %s\n"


_Added = tuple[Family, Literal["line", "states", "histogram"], Any]
"""What was added: of which family, how many lines that makes, and their labels after the name.

Only types whose hash is fast: shapes are looked up by them, for each thing that is rendered.
"""


def _open_lines(added: _Added) -> list[str]:
    family, kind, labels = added
    if kind == "states":
        return [_open_line(family.name, family.labels, (word,)) for word in labels]
    if kind == "histogram":
        values, bounds = labels
        edges = [*map(number, bounds), "+Inf"]
        names = (*family.labels, "le")
        buckets = [_open_line(f"{family.name}_bucket", names, (*values, edge)) for edge in edges]
        rest = [_open_line(f"{family.name}_{p}", family.labels, values) for p in ("sum", "count")]
        return [*buckets, *rest]
    return [_open_line(family.name, family.labels, labels)]


@lru_cache(maxsize=4_096)
def _shape(families: tuple[Family, ...], added: tuple[_Added, ...]) -> tuple[str, tuple[int, ...]]:
    """Return the text that what was *added* makes, family by family, and where each value stands in it.

    Things of a kind differ in names and values more than in shape: most of them share a few.
    """
    lines = [(families.index(one[0]), line) for one in added for line in _open_lines(one)]
    order = sorted(range(len(lines)), key=lambda place: lines[place][0])
    texts = [""] * len(families)
    for place in order:
        family_place, text = lines[place]
        texts[family_place] += text
    return _BETWEEN.join(texts), tuple(order)


_ODD: Final = frozenset(("nan", "inf", "-inf"))


class Writer:
    """Collects one thing's lines by family; its name is always the first label.

    Labels are plain strings: members of enumerations are slow to look up.
    """

    def __init__(self, families: tuple[Family, ...], name: str) -> None:
        self.name = name
        self._families = families
        self._added: list[_Added] = []
        self._values: list[float | Unix] = []  # of each line

    def add(self, family: Family, value: float | Unix | None, *labels: str) -> None:
        """Add one sample, or none when the value is not known; *labels* fit the family, or `block` raises."""
        if value is not None:
            self._added.append((family, "line", labels))
            self._values.append(value)

    def add_states(self, family: Family, words: tuple[str, ...], present: str) -> None:
        """Add one sample for each of *words*: 1 for the *present* one, 0 for every other.

        Raises ValueError when it is none of them.
        """
        values = [0.0] * len(words)
        values[words.index(present)] = 1.0
        self._added.append((family, "states", words))
        self._values += values

    def add_histogram(
        self,
        family: Family,
        labels: tuple[str, ...],
        bounds: tuple[float, ...],
        counts: tuple[int, ...],
        total: float,
    ) -> None:
        """Add the samples of one histogram.

        *counts* are per bucket, not cumulative, with one more than *bounds* for +Inf; *total* is the
        sum of what was observed.
        """
        if len(counts) != len(bounds) + 1:
            raise ValueError("a count for each bound and one for +Inf")
        self._added.append((family, "histogram", (labels, bounds)))
        self._values += accumulate(counts)
        self._values += (total, self._values[-1])

    def block(self) -> Block:
        """Return everything added, in the order of the families.

        Raises ValueError where labels were more or fewer than those of their family.
        """
        template, order = _shape(self._families, tuple(self._added))
        values = list(map(repr, map(float, self._values)))
        if not _ODD.isdisjoint(values):
            values = [number(float(value)) for value in self._values]
        text = template % tuple([values[place] for place in order])
        named = text.replace(_NAME, f'"{escape(self.name)}"')
        return tuple(encode(named).split(_SPLIT))


_SPLIT: Final = _BETWEEN.encode()


Shows = Callable[[Family], bool]
"""Says whether a family is on the page."""


def everything(_family: Family) -> bool:
    """Return True."""
    return True


def join(
    families: Sequence[Family],
    blocks: Sequence[Block],
    form: Format,
    shows: Shows = everything,
) -> bytes:
    """Return the samples of all *blocks* family by family, each under its HELP and TYPE."""
    parts: list[bytes] = []
    for family, samples in zip(families, zip(*blocks, strict=True), strict=False):
        if any(samples) and shows(family):
            parts.append(family.header(form))
            parts += samples  # one join at the end: a page of megabytes is copied once
    return b"".join(parts)
