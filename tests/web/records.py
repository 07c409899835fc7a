"""Records made by hand, for the pages that show the past."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from genmedia_exporter.storage.place import Place
from genmedia_exporter.storage.reader import Reader
from genmedia_exporter.storage.store import Batch, open_store
from tests.metrics.samples import AT

NOW = AT + 30


def row(number: int, target: str = "sora-2-official", **changed: Any) -> dict[str, Any]:
    """Return a record, one a minute before NOW, that went well."""
    return {
        "target": target, "at": NOW - 60 * number, "depth": "reach", "status": "operational",
        "up": 1, "holds": 150.0, "duration": 0.2, "http_status": 200, "fault": "none",
        "reason": "ok", "message": None, "cost_usd": 0.0,
    } | changed  # fmt: skip


def change(number: int, target: str = "sora-2-official", **changed: Any) -> dict[str, Any]:
    """Return a change of status, as many minutes before NOW, after which it is well."""
    return {
        "target": target, "at": NOW - 60 * number, "previous": "down", "current": "operational",
        "reason": "ok", "fault": "none", "up": 1, "holds": 150.0, "status_changed": True,
    } | changed  # fmt: skip


def stored(
    path: Path, rows: Sequence[dict[str, Any]] = (), changes: Sequence[dict[str, Any]] = ()
) -> Reader:
    """Return a reader of a database that holds *rows* and *changes*, oldest first."""
    store = open_store(Place(path))
    store.write(Batch(transitions=list(changes), history=list(rows)))
    store.close()
    return Reader(Place(path))
