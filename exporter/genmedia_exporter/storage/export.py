"""History in the field names of the contract, as JSON or CSV, in memory that does not grow with it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final, Literal

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.storage.reader import Reader, Record, seconds_of

Format = Literal["json", "csv"]
Groups = Iterable[tuple[str, Iterable[Mapping[str, Any]]]]
"""Records by target."""

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
_NOBODY: Final = ("", "")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def record(row: Record, model: str, channel: str) -> dict[str, Any]:
    """Return one row as people and programs see it."""
    at = datetime.fromtimestamp(row["at"], UTC).isoformat(timespec="milliseconds")
    took = seconds_of(row)
    return {
        "name": row["target"],
        "model": model,
        "type": channel,
        "status": row["status"],
        "last_check": at,
        "response_time": round(took, 6) if took is not None and row["http_status"] else None,
        "error_message": row["message"],
        "depth": row["depth"],
        "http_status_code": row["http_status"],
        "fault": row["fault"],
        "reason": row["reason"],
        "cost_usd": row["cost_usd"],
    }


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in an export: after the record *last* of *target*, with those up to *newest* in it."""

    target: str
    last: int  # a record's id
    newest: int  # the id of the newest record when the first page was asked for

    def __str__(self) -> str:
        return f"{self.newest}.{self.last}.{self.target}"

    @classmethod
    def parse(cls, text: str) -> Mark:
        """Return the mark that was written as *text*. Raises ValueError."""
        newest, last, target = text.split(".", 2)
        ids = [int(n) for n in (newest, last) if n.isascii() and n.isdigit() and len(n) < 19]
        if len(ids) < 2 or not target.isprintable():
            raise ValueError("no place in an export")
        return cls(target, ids[1], ids[0])


def export(reader: Reader, form: Format, since: Unix) -> Iterator[str]:
    """Return the text of an export of everything from *since* (Unix seconds) on, in chunks.

    What is written meanwhile is left out. Raises StorageError, at once where nothing can be read.
    """
    reader.check()
    identities, newest = reader.identities(), reader.newest_id()
    floor = reader.floor(since, newest)  # however many: all of them will be written
    groups = (
        (name, (record(row, *identities.get(name, _NOBODY)) for row in rows))
        for name, rows in _rows(reader, since, Mark("", 0, newest), floor)
    )
    return _in_chunks(_WRITERS[form](groups))


def export_page(
    reader: Reader, form: Format, since: Unix, limit: int, after: Mark | None
) -> tuple[str, Mark | None]:
    """Return an export of at most *limit* records after a mark, and the mark of the next page.

    All pages together hold what an export that began with the first would. Raises StorageError.
    """
    reader.check()
    identities = reader.identities()
    start = after or Mark("", 0, reader.newest_id())
    rows = (row for _, rows in _rows(reader, since, start, reader.floor(since)) for row in rows)
    page = list(islice(rows, limit))
    more = next(rows, None) is not None
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for row in page:
        known = identities.get(row["target"], _NOBODY)
        groups.setdefault(row["target"], []).append(record(row, *known))
    mark = Mark(page[-1]["target"], page[-1]["id"], start.newest) if more else None
    return "".join(_WRITERS[form](groups.items())), mark


def _rows(
    reader: Reader, since: Unix, start: Mark, floor: int
) -> Iterator[tuple[str, Iterator[Record]]]:
    for name in reader.targets(start.target):
        after = max(start.last if name == start.target else 0, floor - 1)
        yield name, reader.records(name, since, start.newest, after)


def _json(groups: Groups) -> Iterator[str]:
    between = "{"
    for name, records in groups:
        opened = False
        for one in records:
            yield ",\n  " if opened else f"{between}\n {json.dumps(name)}: [\n  "
            yield json.dumps(one, ensure_ascii=False)
            opened, between = True, ","
        if opened:
            yield "\n ]"
    yield "{}\n" if between == "{" else "\n}\n"


def _csv(groups: Groups) -> Iterator[str]:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(FIELDS)
    for _name, records in groups:
        for one in records:
            yield _emptied(text)
            writer.writerow([_cell(value) for value in one.values()])
    yield _emptied(text)


_WRITERS: Final[Mapping[Format, Callable[[Groups], Iterator[str]]]] = {"json": _json, "csv": _csv}


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
