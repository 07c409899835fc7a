"""One probe told to a person: every request, phase, header and word, and what was made of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from genmedia_exporter.core.evidence import Asset, Evidence, Exchange, Observation, Verdict
from genmedia_exporter.core.redact import scrub
from genmedia_exporter.report.formatting import iso
from genmedia_exporter.targets.model import Target

BODY_EXCERPT: Final = 2048
"""Bytes of an answer that are shown."""

_HIDDEN_HEADERS: Final = frozenset({"set-cookie", "authorization", "proxy-authorization"})
_OWN: Final = ("queue", "run", "fetch")
_NO_LIMIT: Final = 1 << 20


def describe(target: Target, seen: Observation, limit: Limit) -> str:
    """Return the whole story as plain text. The driver took our credentials out of the evidence;
    what looks like someone else's is hidden here.
    """
    evidence = seen.evidence
    parts = [
        f"Probe of {target.name} at depth {evidence.depth}",
        *_table(
            ("ended", iso(evidence.at)),
            ("took", "" if evidence.duration is None else f"{evidence.duration:.3f} s"),
            ("allowed", _allowed(target, limit) if evidence.depth.free else ""),
            ("credential", "sent" if evidence.credential else "none sent"),
        ),
        *_verdict(seen.verdict),
        *_generation(evidence),
        *_exchanges(evidence),
    ]
    return "".join(_safe(part) + "\n" for part in parts)


def _allowed(target: Target, limit: Limit) -> str:
    because = "the target's timeout" if target.timeout <= limit.seconds else limit.because
    return f"{min(limit.seconds, target.timeout):g} s ({because})"


def _generation(evidence: Evidence) -> Iterator[str]:
    made = evidence.generation
    if made is None:
        return
    asset = made.asset
    rows = _table(
        ("job", made.job_id),
        ("resumed", "yes, created before a restart" if made.resumed else ""),
        *((name, f"{s:.3f} s") for name, s in evidence.phases.known().items() if name in _OWN),
        ("overdue", f"still {made.overdue} at its deadline" if made.overdue else ""),
        ("stuck", "no progress for half of its time" if made.stuck else ""),
        ("asset", _asset(asset) if asset else ""),
        ("problem", asset.problem if asset else ""),
        ("reported cost", "" if made.reported_usd is None else f"${made.reported_usd:.3f}"),
    )
    shown = list(rows)
    if shown:
        yield from ("", "Generation", *shown)


def _asset(asset: Asset) -> str:
    size = f"{asset.width}x{asset.height}" if asset.width and asset.height else ""
    length = f"{asset.duration:g} s" if asset.duration is not None else ""
    total = f"{asset.size} bytes" if asset.size is not None else ""
    return ", ".join(part for part in (asset.kind, size, length, total) if part)


def _verdict(verdict: Verdict) -> Iterator[str]:
    yield ""
    yield "Verdict"
    yield from _table(
        ("outcome", verdict.outcome),
        ("status", f"{verdict.status}, if such responses continue"),
        ("fault", verdict.fault),
        ("reason", f"{verdict.reason}: {verdict.reason.meaning.text}"),
        ("rule", verdict.rule),
        ("certainty", verdict.certainty.value),
        ("message", verdict.message),
        ("retry after", "" if verdict.retry_after is None else f"{verdict.retry_after:g} s"),
        ("sunset", "" if verdict.sunset is None else iso(verdict.sunset)),
    )


def _exchanges(evidence: Evidence) -> Iterator[str]:
    for number, exchange in enumerate(evidence.exchanges, 1):
        yield ""
        remembered = ", remembered" if exchange.remembered else ""
        yield f"Exchange {number}: {exchange.role}, {exchange.method} {exchange.url}{remembered}"
        yield from _table(
            ("call", exchange.call),
            ("took", f"{exchange.duration:.3f} s"),
            *((name, f"{s:.4f} s") for name, s in exchange.phases.known().items()),
            ("status", "no response" if exchange.status is None else str(exchange.status)),
            ("error", exchange.transport or ""),
            ("detail", exchange.detail),
            ("redirects to", exchange.redirect_to or ""),
            (
                "certificate",
                "" if exchange.tls_expiry is None else f"valid until {iso(exchange.tls_expiry)}",
            ),
        )
        yield from _headers(exchange)
        yield from _body(exchange)


def _headers(exchange: Exchange) -> Iterator[str]:
    for name, value in exchange.headers.items():
        yield f"    {name}: {'<hidden>' if name.lower() in _HIDDEN_HEADERS else value}"


def _body(exchange: Exchange) -> Iterator[str]:
    shown = exchange.body[:BODY_EXCERPT].decode("utf-8", "replace")
    if not shown:
        return
    size = len(exchange.body)
    yield "  body" if size <= BODY_EXCERPT else f"  body, the first {BODY_EXCERPT} of {size} bytes"
    for line in shown.splitlines():
        yield f"    {line}"


def _table(*rows: tuple[str, str]) -> Iterator[str]:
    for name, value in rows:
        if value:
            yield f"  {name:<13}{value}"


def _safe(line: str) -> str:
    """Return one printable line without what looks like a credential, its spacing kept if it can."""
    line = "".join(c if c.isprintable() else " " for c in line)
    scrubbed = scrub(line, _NO_LIMIT)
    if scrubbed == " ".join(line.split()):
        return line
    return line[: len(line) - len(line.lstrip(" "))] + scrubbed


@dataclass(frozen=True, slots=True)
class Limit:
    """Seconds an answer may take, and where that comes from."""

    seconds: float
    because: str
