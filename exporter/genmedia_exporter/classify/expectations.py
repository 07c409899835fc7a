"""What a sound answer looks like: what a target expects of a plain URL, and whether an answer says anything at all."""

from __future__ import annotations

import re
from typing import Final

from genmedia_exporter.classify.finding import Finding
from genmedia_exporter.classify.parse import Reading
from genmedia_exporter.classify.rules import check_holds, found, status_in
from genmedia_exporter.core.json_pointer import MISSING, resolve
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.providers.calls import Job
from genmedia_exporter.targets.model import Expectation


def judge_plain(reading: Reading, expect: Expectation) -> Finding | None:
    """Judge a plain URL by what its target expects; None where the status calls for the rules."""
    if not status_in(reading.http, expect.http):
        return None
    text = reading.exchange.text
    if expect.body is not None and not found(expect.body, text):
        return Finding(Reason.EXPECTATION_FAILED, "expect.body", "body lacks what is expected")
    failed = next((c for c in expect.checks if not check_holds(c, reading.document)), None)
    if failed is not None:
        return Finding(Reason.EXPECTATION_FAILED, "expect.checks", f"at {failed.pointer}")
    return Finding(Reason.OK, "expect.met", explicit=True)


def carries(reading: Reading, job: Job) -> bool:
    """Whether the answer has the place where *job* keeps its state or its result."""
    status, output = job.status, job.output
    places = (
        status.pointer if status else None,
        status.done if status else None,
        *(output.pointer if output else ()),
    )
    return any(p is not None and resolve(reading.document, p) is not MISSING for p in places)


_IDS: Final = re.compile(r"(?:^|[_-])id$|I[dD]$|^timestamp$")
"""Keys of what every answer has, whatever it says."""


def explains(reading: Reading) -> bool:
    """Whether an answer says anything besides its HTTP status: a code, a type, a text anywhere."""
    told = any(
        layer.shown.strip() or layer.types or layer.params or layer.codes - {str(layer.http)}
        for layer in reading.layers
    )
    return told or _has_text(reading.document)


def _has_text(document: object) -> bool:
    left = [document]  # no recursion: an answer may nest as deep as it likes
    while left:
        value = left.pop()
        if isinstance(value, str) and value.strip():
            return True
        if isinstance(value, dict):
            left += (v for k, v in value.items() if not _IDS.search(k))
        elif isinstance(value, list):
            left += value
    return False
