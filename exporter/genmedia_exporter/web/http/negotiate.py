"""Content negotiation that reads q-values, offers only what is really produced, and never raises."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from genmedia_exporter.metrics.exposition import Format

MAX_HEADER: Final = 4096
"""Characters of a header that are read; Prometheus sends about 300."""

_OFFERS: Final = (
    # Text first: it wins where a client has no preference, as `*/*` says.
    (Format.TEXT, "text/plain", "0.0.4"),
    (Format.OPENMETRICS, "application/openmetrics-text", "1.0.0"),
)
_QUALITY: Final = re.compile(r"\d{1,9}(\.\d{0,9})?")


@dataclass(frozen=True, slots=True)
class _Range:
    """One alternative of an Accept or Accept-Encoding header."""

    name: str
    quality: float
    version: str | None
    position: int

    def precision(self, media_type: str, version: str) -> int:
        """How exactly this names what is offered; 0 when it does not."""
        if self.name == media_type:
            return {None: 3, version: 4}.get(self.version, 0)
        if self.name == media_type.partition("/")[0] + "/*":
            return 2
        return 1 if self.name == "*/*" else 0


def choose_format(accept: Iterable[str]) -> Format:
    """Return the format to answer with; *accept* is the value of each Accept header sent.

    Text 0.0.4 when nothing that we produce is asked for: an answer of another kind is labelled as
    what it is, which serves a monitor better than a refusal.
    """
    ranges = list(_parse(accept))
    best, best_rank = Format.TEXT, (0.0, 0, 0)
    for form, media_type, version in _OFFERS:
        rank = _rank(ranges, media_type, version)
        if rank > best_rank:
            best, best_rank = form, rank
    return best


def _rank(ranges: list[_Range], media_type: str, version: str) -> tuple[float, int, int]:
    """Return quality, precision and earliness of the range that names an offer best."""
    fitting = [(r.precision(media_type, version), r.quality, -r.position) for r in ranges]
    precision, quality, earliness = max(fitting, default=(0, 0.0, 0))
    if not precision or not quality:
        return 0.0, 0, 0
    return quality, precision, earliness if precision > 2 else 0


def accepts_gzip(accept_encoding: Iterable[str]) -> bool:
    """Whether the client takes gzip at least as gladly as plain bytes."""
    wanted = {r.name: r.quality for r in _parse(accept_encoding)}
    gzip = wanted.get("gzip", wanted.get("x-gzip", wanted.get("*", 0.0)))
    return gzip > 0 and gzip >= wanted.get("identity", 0.0)


def _parse(values: Iterable[str]) -> Iterator[_Range]:
    """Yield what can be understood of a header; a malformed part is as if it were not there."""
    parts = ",".join(values)[:MAX_HEADER].split(",")
    for position, part in enumerate(parts):
        name, *pairs = (piece.strip() for piece in part.split(";"))
        parameters = dict(_parameter(pair) for pair in reversed(pairs))
        quality = parameters.get("q", "1")
        if name and _QUALITY.fullmatch(quality):
            version = parameters.get("version")
            yield _Range(name.lower(), min(1.0, float(quality)), version, position)


def _parameter(pair: str) -> tuple[str, str]:
    name, _, value = pair.partition("=")
    return name.strip().lower(), value.strip().strip('"')
