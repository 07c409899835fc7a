"""The two text formats of Prometheus, by hand: sample lines that are valid in both, headers that differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from functools import lru_cache
from itertools import accumulate
from typing import Final

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
_IN_TEXT = {Kind.INFO: "gauge", Kind.UNKNOWN: "untyped"}


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """One metric as the catalogue knows it; `name` is the one samples carry."""

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

    def header(self, form: Format) -> bytes:
        """Return the HELP and TYPE lines, in the way of *form*."""
        if form is Format.OPENMETRICS:
            name, kind, text = self.base, str(self.kind), escape(self.help)
        else:
            name, kind = self.name, _IN_TEXT.get(self.kind, str(self.kind))
            text = self.help.replace("\\", r"\\").replace("\n", r"\n")
        return encode(f"# HELP {name} {text}\n# TYPE {name} {kind}\n")

    def line(self, values: tuple[str, ...], value: float) -> str:
        """Return one sample; *values* are the labels' in the catalogue's order.

        Raises TypeError when there are more or fewer values than labels.
        """
        return self._template % (*map(escape, values), number(value))


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


_NAME: Final = '"\n"'
"""Stands for the name, quotes included, in lines that all things of a kind share.

No escaped text has the end of a line in it, and no line begins with a quote."""
_BETWEEN: Final = "#\n"
"""Stands between the lines of two families. No line ends so: they end with a value."""


@lru_cache(maxsize=4_096)
def _open_line(name: str, labels: tuple[str, ...], values: tuple[str, ...]) -> str:
    """Return a sample's line, with places for the first label and the value.

    Raises ValueError when there are more or fewer *values* than labels after the first.
    """
    first, *others = labels
    inner = "".join(
        f',{label}="{escape(value)}"' for label, value in zip(others, values, strict=True)
    )
    return f"{name}{{{first}={_NAME}" + inner.replace("%", "%%") + "} %s\n"


@lru_cache(maxsize=256)
def _states(family: Family, words: tuple[str, ...]) -> str:
    return "".join(_open_line(family.name, family.labels, (word,)) for word in words)


@lru_cache(maxsize=256)
def _one_of(words: tuple[str, ...], present: str) -> tuple[str, ...]:
    place = words.index(present)
    return tuple("1.0" if place == index else "0.0" for index in range(len(words)))


@lru_cache(maxsize=256)
def _histogram(family: Family, values: tuple[str, ...], bounds: tuple[float, ...]) -> str:
    edges = [*map(number, bounds), "+Inf"]
    labels = (*family.labels, "le")
    buckets = [_open_line(f"{family.name}_bucket", labels, (*values, edge)) for edge in edges]
    rest = [_open_line(f"{family.name}_{part}", family.labels, values) for part in ("sum", "count")]
    return "".join([*buckets, *rest])


@lru_cache(maxsize=4_096)
def _shape(families: tuple[Family, ...], lines: tuple[_Lines, ...]) -> tuple[str, tuple[int, ...]]:
    """Return the text that *lines* make, family by family, and in which order they stand there.

    Things of a kind differ in names and values more than in shape: most of them share a few.
    """
    order = sorted(range(len(lines)), key=lambda place: families.index(lines[place][0]))
    texts = dict.fromkeys(families, "")
    for place in order:
        family, text = lines[place]
        texts[family] += text
    return _BETWEEN.join(texts.values()), tuple(order)


_Lines = tuple[Family, str]


class Writer:
    """Collects one thing's lines by family; its name is always the first label."""

    def __init__(self, families: tuple[Family, ...], name: str) -> None:
        self.name = name
        self._families = families
        self._lines: list[_Lines] = []
        self._values: list[tuple[str, ...]] = []  # of each of those

    def add(self, family: Family, value: float | Unix | None, *labels: str) -> None:
        """Add one sample, or none when the value is not known."""
        if value is not None:
            self._lines.append((family, _open_line(family.name, family.labels, labels)))
            self._values.append((number(float(value)),))

    def add_states(self, family: Family, words: tuple[str, ...], present: str) -> None:
        """Add one sample for each of *words*: 1 for the *present* one, 0 for every other.

        Raises ValueError when it is none of them.
        """
        self._lines.append((family, _states(family, words)))
        self._values.append(_one_of(words, present))

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
        summed = [f"{count}.0" for count in accumulate(counts)]
        self._lines.append((family, _histogram(family, labels, bounds)))
        self._values.append((*summed, number(total), summed[-1]))

    def block(self) -> Block:
        """Return everything added, in the order of the families."""
        template, order = _shape(self._families, tuple(self._lines))
        values = self._values
        text = template % tuple([value for place in order for value in values[place]])
        named = text.replace(_NAME, f'"{escape(self.name)}"')
        return tuple(encode(named).split(_BETWEEN.encode()))


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
