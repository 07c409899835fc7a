"""Recorded answers, one JSON object a line: reading a case, asking the classifier, and writing a redacted one."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from genmedia_exporter.classify.explain import Answer
from genmedia_exporter.classify.sent import broken_by, declared
from genmedia_exporter.config.problems import did_you_mean
from genmedia_exporter.config.values import quote
from genmedia_exporter.core.evidence import Verdict
from genmedia_exporter.core.redact import redact, redact_header
from genmedia_exporter.core.status import Channel, Depth, Fault, Status

W = TypeVar("W", bound=StrEnum)
MAX_BREAKS = 50
"""Fields that one create may break."""
READ: Sequence[str] = (
    "id", "provider", "channel", "depth", "model", "http_status", "headers", "body", "body_b64", "request",
    "breaks", "expect",
)  # fmt: skip
"""Keys of a line that decide."""
FOR_PEOPLE: Sequence[str] = ("why", "source", "fault_kind", "verdict", "note", "comment")
"""Keys that nobody reads here: where an answer is from, and what `explain --report` made of it."""
EXPECTED: Sequence[str] = ("status", "fault")
"""Keys of what a line expects."""


class CaseError(ValueError):
    """A line that is no case; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Case:
    """One answer, what is known about it, and what it should mean where somebody has said so."""

    id: str
    provider: str
    answer: Answer
    channel: Channel | None = None
    depth: Depth | None = None
    model: str = ""
    status: tuple[Status, ...] = ()  # any of these is right; empty: nothing is claimed
    fault: tuple[Fault, ...] = ()
    doubts: tuple[str, ...] = ()  # what of its line was not read, in words

    @property
    def expects(self) -> bool:
        """Whether somebody has said what it should mean."""
        return bool(self.status or self.fault)

    def is_right(self, verdict: Verdict) -> bool:
        """Whether *verdict* says what was expected."""
        status = not self.status or verdict.status in self.status
        return status and (not self.fault or verdict.fault in self.fault)


def read_cases(lines: Sequence[str]) -> Iterator[tuple[int, Case]]:
    """Yield each case with its line number; empty lines are passed over. Raises CaseError."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield number, read_case(line, str(number))
            except CaseError as error:
                raise CaseError(f"line {number}: {error}") from None


def read_case(line: str, name: str) -> Case:
    """Return the case in *line*, called *name* where it has no id. Raises CaseError."""
    try:
        given = json.loads(line)
    except ValueError as error:
        raise CaseError(f"no JSON: {error}") from None
    if not isinstance(given, dict):
        raise CaseError("no JSON object")
    answer = read_answer(given)
    expect = given.get("expect") or {}
    if not isinstance(expect, dict):
        raise CaseError("expect is an object with status and fault")
    return Case(
        str(given.get("id") or name),
        str(given.get("provider") or ""),
        answer,
        _word(Channel, given, "channel"),
        _word(Depth, given, "depth"),
        str(given.get("model") or ""),
        _words(Status, expect, "status"),
        _words(Fault, expect, "fault"),
        tuple(_doubts(given, expect)),
    )


def _doubts(given: Mapping[str, Any], expect: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is in a line and counts for nothing: a slip of the pen, most likely."""
    unread = [(key, key, READ) for key in given if key not in (*READ, *FOR_PEOPLE)]
    unread += [(f"expect.{key}", key, EXPECTED) for key in expect if key not in EXPECTED]
    for shown, key, known in unread:
        hint = did_you_mean(key, known)
        yield f"unknown key {quote(shown)}" + (f"; {hint}" if hint else "")
    if given.get("expect") is not None and not any(expect.get(key) for key in EXPECTED):
        yield "expect names no status and no fault, so the verdict is not scored"


def read_answer(given: Mapping[str, Any]) -> Answer:
    """Return the answer that *given* tells. Raises CaseError.

    Keys are `http_status`, `headers`, `body` or `body_b64`, `request` and `breaks`: the fields a create broke on purpose.
    """
    status = given.get("http_status")
    if isinstance(status, bool) or not isinstance(status, int) or not 100 <= status <= 599:
        raise CaseError("http_status is a number from 100 to 599")
    broken = dict.fromkeys(
        (*declared(_breaks(given.get("breaks"))), *broken_by(given.get("request")))
    )
    return Answer(status, _headers(given.get("headers")), _body(given), broken=tuple(broken))


def _breaks(given: object) -> list[str]:
    fields = [] if given is None else given
    if not isinstance(fields, list) or not all(isinstance(name, str) and name for name in fields):
        raise CaseError("breaks is a list of names of fields")
    if len(fields) > MAX_BREAKS:
        raise CaseError(f"breaks names at most {MAX_BREAKS} fields")
    return fields


def _headers(given: object) -> Mapping[str, str]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise CaseError("headers is an object")
    return {str(name): str(value) for name, value in given.items()}


def _body(given: Mapping[str, Any]) -> bytes:
    packed, text = given.get("body_b64"), given.get("body")
    if packed is not None:
        try:
            return base64.b64decode(str(packed), validate=True)
        except (binascii.Error, ValueError):
            raise CaseError("body_b64 is no base64") from None
    if text is None:
        return b""
    # Half a surrogate pair is what a real answer may have, too.
    return text.encode("utf-8", "replace") if isinstance(text, str) else json.dumps(text).encode()


def _word(words: type[W], given: Mapping[str, Any], key: str) -> W | None:
    found = _words(words, given, key)
    return found[0] if found else None


def _words(words: type[W], given: Mapping[str, Any], key: str) -> tuple[W, ...]:
    value = given.get(key)
    wanted = [] if value is None or value == "" else value if isinstance(value, list) else [value]
    known = {str(word): word for word in words}
    for word in wanted:
        if word not in known:
            raise CaseError(f"{key} is one of {', '.join(known)}, not {word!r}")
    return tuple(known[word] for word in wanted)


def redacted_case(case: Case, verdict: Verdict) -> str:
    """Return *case* as a line for a bug report, without what looks like a credential or a person."""
    answer = case.answer
    told = {
        "id": case.id,
        "provider": case.provider,
        "channel": case.channel or "",
        "depth": case.depth or "",
        "model": case.model,
        "http_status": answer.http_status,
        "headers": {name: redact_header(name, value) for name, value in answer.headers.items()},
        "body": redact(answer.body.decode("utf-8", "replace")),
        "verdict": {"status": verdict.status, "fault": verdict.fault, "rule": verdict.rule},
    }
    return json.dumps(told, ensure_ascii=False)
