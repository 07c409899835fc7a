"""A kept failure as JSON, redacted, and the `explain` line that replays it."""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Mapping
from typing import Any

from genmedia_exporter.core.evidence import Exchange
from genmedia_exporter.core.redact import hide, redact, redact_header
from genmedia_exporter.health.failures import KeptFailure
from genmedia_exporter.report.formatting import iso


def failure_summary(kept: KeptFailure) -> dict[str, Any]:
    """Return what a list says of *kept*: when, how deep, what it was."""
    evidence, verdict = kept.evidence, kept.verdict
    return {
        "id": kept.id,
        "depth": evidence.depth,
        "at": iso(evidence.at),
        "duration_seconds": None if evidence.duration is None else round(evidence.duration, 4),
        "http_status_code": evidence.main.status,
        "outcome": verdict.outcome,
        "status": verdict.status,
        "fault": verdict.fault,
        "reason": verdict.reason,
        "rule": verdict.rule,
        "message": shown(verdict.message),
    }


def failure_object(kept: KeptFailure) -> dict[str, Any]:
    """Return everything about *kept*: each request and answer, and how to replay the verdict."""
    evidence = kept.evidence
    pairs = zip(evidence.exchanges, kept.sizes, strict=True)
    return {
        "target": kept.target.name,
        **failure_summary(kept),
        "exchanges": [exchange_object(exchange, size) for exchange, size in pairs],
        "explain": explain_line(kept),
    }


def exchange_object(exchange: Exchange, size: int) -> dict[str, Any]:
    """Return one request and its answer, whose body had *size* bytes before it was cut."""
    body, packed = _body(exchange)
    return {
        "call": exchange.call,
        "role": exchange.role,
        "method": exchange.method,
        "url": hide(exchange.url),
        "http_status_code": exchange.status,
        "headers": _headers(exchange),
        "body": body,
        "body_b64": packed,
        "body_bytes": size,
        "body_cut": size > len(exchange.body),
        "transport": exchange.transport,
        "detail": shown(exchange.detail),
        "redirect_to": exchange.redirect_to,
        "phases": {name: round(s, 4) for name, s in exchange.phases.known().items()},
        "duration_seconds": round(exchange.duration, 4),
    }


def explain_line(kept: KeptFailure) -> str:
    """Return the command that reads the deciding answer again; a shell runs it as it stands."""
    target, main = kept.target, kept.evidence.main
    words = ["genmedia-exporter", "explain", "--provider", target.provider.name]
    words += ["--channel", target.channel, "--depth", kept.evidence.depth]
    words += ["--model", target.model] if target.model else []
    words += ["--transport", main.transport] if main.transport is not None else []
    words += ["--http-status", str(main.status)] if main.status is not None else []
    for name, value in _headers(main).items():
        words += ["--header", f"{name}: {value}"]
    body, packed = _body(main)
    if not (body or packed):
        return shlex.join(words)
    source = f"printf %s {shlex.quote(body or packed or '')}"
    unpack = " | base64 -d" if packed else ""
    return f"{source}{unpack} | {shlex.join([*words, '--body', '-'])}"


def _body(exchange: Exchange) -> tuple[str | None, str | None]:
    """Return the body as redacted text, or in base64 where it is no text."""
    try:
        text = _whole(exchange.body).decode("utf-8")
    except UnicodeDecodeError:
        return None, base64.b64encode(exchange.body).decode()
    return (None, None) if not text else (shown(text), None)


def _whole(body: bytes) -> bytes:
    """Return *body* without the beginning of a character that was cut at its end."""
    for length in range(1, 4):
        if len(body) >= length and body[-length] & 0xC0 == 0xC0:
            return body[:-length]
        if len(body) < length or body[-length] & 0xC0 != 0x80:
            break
    return body


def _headers(exchange: Exchange) -> Mapping[str, str]:
    return {name: redact_header(name, hide(value)) for name, value in exchange.headers.items()}


def shown(text: str) -> str:
    """Return *text* without credentials and what looks like a person."""
    return redact(hide(text))


def dumped(document: Any) -> bytes:
    """Return *document* as a line of JSON."""
    return json.dumps(document, ensure_ascii=True).encode() + b"\n"
