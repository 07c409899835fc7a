"""What the words of a feed's item say of its state; feeds have no field for it."""

from __future__ import annotations

import html
import re
from enum import Enum
from typing import Final


class State(Enum):
    """What an item is about."""

    OPEN = "open"
    CLOSED = "closed"
    PLANNED = "planned"  # a maintenance to come
    RUNNING = "running"  # a maintenance under way


_LABELS: Final = (
    (State.CLOSED, "resolved|completed?|operational|post-?mortem|closed|recovered|available"),
    (State.OPEN, "investigating|identified|monitoring|degraded|outage|down|ongoing|active"),
    (State.PLANNED, "scheduled|planned"),
    (State.RUNNING, "in[ _-]progress|verifying"),
)
_LABEL: Final = re.compile(
    r"(?:\bstatus:\s*(?:<[^<>]{0,200}>\s*)*|<(?:strong|b)>\s*)("
    + "|".join(words for _, words in _LABELS)
    + r")\b",
    re.IGNORECASE,
)
_CLOSING: Final = re.compile(
    r"\b(?:resolved|recovered|completed|operational|restored|fixed|back up|up again|is up"
    r"|is back|healthy again|back to normal)\b",
    re.IGNORECASE,
)
# Words before "resolved" in the same sentence that make it a hope: "once it is resolved".
_HOPE: Final = re.compile(
    r"\b(?:not|cannot|never|no|until|once|when|after|before|if|unless|yet|being|will|should"
    r"|expected?|may|might|partially)\b|n['’]t\b",
    re.IGNORECASE,
)
_MAINTENANCE: Final = re.compile(r"\bmaintenance\b|\bscheduled\b", re.IGNORECASE)
_TAG: Final = re.compile(r"<[^<>]{0,500}>")
_TURN: Final = re.compile(
    r"\b(?:went down|(?:is|are) (?:down|degraded)|down|degraded|(?:has |have )?recovered"
    r"|resolved|restored|(?:is )?back up|(?:is )?up again|is up|update|completed)\b"
)
_HOPE_REACH: Final = 60


def state_of(title: str, description: str) -> State:
    """Return the state that an item's words tell; one that tells none is OPEN.

    The title goes first, then a label ("Status: X", or in bold, the newest stands first), then
    the prose.
    """
    if says_closed(title):
        return State.CLOSED
    if label := _LABEL.search(description):
        return _meaning(label[1])
    if says_closed(_TAG.sub(" ", html.unescape(description))):
        return State.CLOSED
    return State.PLANNED if _MAINTENANCE.search(title) else State.OPEN


def says_closed(prose: str) -> bool:
    """Whether *prose* says that it is over, and not only when it will be."""
    return any(not _is_hope(prose, found.start()) for found in _CLOSING.finditer(prose))


def subject_of(title: str) -> str:
    """Return what a title is about, without the words for what became of it."""
    return " ".join(re.findall(r"\w+", _TURN.sub(" ", title.lower())))


def _meaning(label: str) -> State:
    return next(
        state for state, words in _LABELS if re.fullmatch(words, label, flags=re.IGNORECASE)
    )


def _is_hope(prose: str, position: int) -> bool:
    before = prose[max(0, position - _HOPE_REACH) : position]
    return bool(_HOPE.search(re.split(r"[.!?;\n]", before)[-1]))
