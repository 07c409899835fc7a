"""What a report of health, or of an account, says in an answer nobody described. Pure functions."""

from __future__ import annotations

import re
from typing import Final

from genmedia_exporter.classify.lexicon import words_of

OF_AN_ACCOUNT: Final = re.compile(r"email|user|username|account|plan|api_?key", re.I)
"""Keys of an account whose words stand in other names, too."""
HEALTHY: Final = frozenset(
    {"ok", "ready", "healthy", "up", "alive", "running", "operational", "online", "pass"}
)

_WORDS: Final = """
    degraded unhealthy down critical unavailable outage offline maintenance suspended banned disabled blocked deactivated
    locked terminated
    """
_ILL: Final = frozenset(_WORDS.split())
"""What a report of health says of what does not work, and an account of whom it does not serve."""
_ILL_IF: Final = frozenset(
    ["disabled", "banned", "blocked", "suspended", "locked", "terminated", "deactivated"]
)
_ILL_UNLESS: Final = frozenset(
    ["active", "enabled", "available", "ready", "healthy", "online", "alive"]
)
"""Flags that say the same: `is_active: false`."""
_ILL_OR_A_JOB: Final = _ILL | {"warning", "error", "failed", "fail", "stopped"}
"""The same, with words that are a job's where the report has an id."""


_WELL: Final = re.compile(r"ready|healthy|online|alive", re.I)


def is_well(key: str, value: object) -> bool:
    """Whether an entry of a report says that a server is there to serve: `{"ready": true}`."""
    return value is True and _WELL.fullmatch(key) is not None


def is_ill(report: dict[str, object]) -> bool:
    """Whether a report, or what it tells of an account, says that it does not work or is not served."""
    parts = [
        report,
        *(v for k, v in report.items() if isinstance(v, dict) and OF_AN_ACCOUNT.fullmatch(str(k))),
    ]
    return any(_says_ill(part) for part in parts)


def _says_ill(part: dict[str, object]) -> bool:
    status = part.get("status", part.get("state"))
    words = _ILL if "id" in part else _ILL_OR_A_JOB
    if isinstance(status, str) and status.casefold() in words:
        return True
    flags = {
        words_of(str(k)).removeprefix("is "): v for k, v in part.items() if isinstance(v, bool)
    }
    return any(flags.get(k) is True for k in _ILL_IF) or any(
        flags.get(k) is False for k in _ILL_UNLESS
    )


_BROKEN: Final = re.compile(
    r"(?:setup|startup|init\w*|load\w*|boot)_?(?:failed|error)|unhealthy|defunct|crashed", re.I
)
"""What a report of health says of a server that can serve nobody."""


def says_it_is_broken(document: object) -> bool:
    """Whether a server's own report of health says that it cannot serve: `{"status": "SETUP_FAILED"}`."""
    if not isinstance(document, dict) or "id" in document:
        return False
    status = document.get("status", document.get("state"))
    return isinstance(status, str) and _BROKEN.fullmatch(status) is not None
