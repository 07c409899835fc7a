"""What --config.check prints of a configuration: counts, then a line per target with what it probes."""

from __future__ import annotations

from genmedia_exporter.config.values import format_duration
from genmedia_exporter.targets.model import Target
from genmedia_exporter.targets.resolve import Resolution


def describe(resolution: Resolution) -> str:
    """Return the lines for a person to read."""
    counts = ((resolution.targets, "target"), (resolution.accounts, "account"))
    lines = [", ".join(f"{len(those)} {word}{'s' * (len(those) != 1)}" for those, word in counts)]
    rows = [(t.name, f"{t.operation} {t.channel}", _probed(t)) for t in resolution.targets]
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(3)]
    for row in rows:
        skips = [f"{s.depth} skipped: {s.why}" for s in resolution.skipped.get(row[0], ())]
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        lines.append("  ".join(["", *cells, "; ".join(skips)]).rstrip())
    return "\n".join(lines)


def _probed(target: Target) -> str:
    probed = (f"{d} {format_duration(target.intervals[d])}" for d in target.depths)
    return ", ".join(probed) or "nothing"
