"""The two text formats of Prometheus, by hand: sample lines that are valid in both, headers that differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from functools import lru_cache
from itertools import accumulate

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


def histogram(
    family: Family,
    values: tuple[str, ...],
    bounds: Iterable[float],
    counts: tuple[int, ...],
    total: float,
) -> str:
    """Return the samples of one histogram.

    *counts* are per bucket, not cumulative, with one more than *bounds* for +Inf; *total* is the
    sum of what was observed.
    """
    labels = tuple(zip(family.labels, values, strict=True))
    edges = [*map(number, bounds), "+Inf"]
    lines = [
        line(f"{family.name}_bucket", (*labels, ("le", edge)), count)
        for edge, count in zip(edges, accumulate(counts), strict=True)
    ]
    lines.append(line(f"{family.name}_sum", labels, total))
    lines.append(line(f"{family.name}_count", labels, sum(counts)))
    return "".join(lines)


def encode(text: str) -> bytes:
    """Return UTF-8; half a surrogate pair, which YAML can smuggle into a name, becomes `?`."""
    return text.encode("utf-8", "replace")


Block = tuple[bytes, ...]
"""Samples of one thing, one entry for each of its families; empty where it has none."""


class Writer:
    """Collects one thing's lines by family; its name is always the first label."""

    def __init__(self, families: Sequence[Family], name: str) -> None:
        self.name = name
        self._index = {family: i for i, family in enumerate(families)}
        self._lines: list[list[str]] = [[] for _ in families]

    def add(self, family: Family, value: float | Unix | None, *labels: str) -> None:
        """Add one sample, or none when the value is not known."""
        if value is not None:
            self._lines[self._index[family]].append(family.line((self.name, *labels), float(value)))

    def add_text(self, family: Family, text: str) -> None:
        """Add samples that are written already."""
        self._lines[self._index[family]].append(text)

    def block(self) -> Block:
        """Return everything added, in the order of the families."""
        return tuple(encode("".join(lines)) for lines in self._lines)


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
