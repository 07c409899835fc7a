"""History in the field names of the contract, as JSON or CSV, in memory that does not grow with it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Literal

from exporter.storage.reader import Reader, Record

Format = Literal["json", "csv"]

FIELDS: Final = (
    "name",
    "model",
    "type",
    "status",
    "last_check",
    "response_time",
    "error_message",
    "depth",
    "http_status_code",
    "fault",
    "reason",
    "cost_usd",
)
CHUNK: Final = 64 * 1024
"""Characters handed out at once."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def record(row: Record, model: str, channel: str) -> dict[str, Any]:
    """Return one row as people and programs see it."""
    at = datetime.fromtimestamp(row["at"], UTC).isoformat(timespec="milliseconds")
    return {
        "name": row["target"],
        "model": model,
        "type": channel,
        "status": row["status"],
        "last_check": at,
        "response_time": round(row["duration"], 6) if row["http_status"] else None,
        "error_message": row["message"],
        "depth": row["depth"],
        "http_status_code": row["http_status"],
        "fault": row["fault"],
        "reason": row["reason"],
        "cost_usd": row["cost_usd"],
    }


def export(reader: Reader, form: Format, since: float) -> Iterator[str]:
    """Return the text of an export of everything from *since* (Unix seconds) on, in chunks.

    What is written meanwhile is left out. Raises StorageError, at once where nothing can be read.
    """
    reader.check()
    identities, newest = reader.identities(), reader.newest_id()
    pieces = (_json if form == "json" else _csv)(reader, identities, since, newest)
    return _in_chunks(pieces)


def _records(
    reader: Reader, identities: Mapping[str, tuple[str, str]], since: float, newest: int
) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    for name in reader.targets():
        identity = identities.get(name, ("", ""))
        rows = reader.records(name, since, newest)
        yield name, (record(row, *identity) for row in rows)


def _json(
    reader: Reader, identities: Mapping[str, tuple[str, str]], since: float, newest: int
) -> Iterator[str]:
    between = "{"
    for name, records in _records(reader, identities, since, newest):
        opened = False
        for one in records:
            yield ",\n  " if opened else f"{between}\n {json.dumps(name)}: [\n  "
            yield json.dumps(one, ensure_ascii=False)
            opened, between = True, ","
        if opened:
            yield "\n ]"
    yield "{}\n" if between == "{" else "\n}\n"


def _csv(
    reader: Reader, identities: Mapping[str, tuple[str, str]], since: float, newest: int
) -> Iterator[str]:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(FIELDS)
    for _name, records in _records(reader, identities, since, newest):
        for one in records:
            yield _emptied(text)
            writer.writerow([_cell(value) for value in one.values()])
    yield _emptied(text)


def _cell(value: Any) -> Any:
    # A spreadsheet would run a vendor's error message that looks like a formula.
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _emptied(text: io.StringIO) -> str:
    found = text.getvalue()
    text.seek(0)
    text.truncate()
    return found


def _in_chunks(pieces: Iterator[str]) -> Iterator[str]:
    waiting: list[str] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= CHUNK:
            yield "".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield "".join(waiting)
