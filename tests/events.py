"""What was logged, as events with their fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from logging import LogRecord

from genmedia_exporter.core.events import fields_of


def events(records: Iterable[LogRecord]) -> list[tuple[str, Mapping[str, object]]]:
    """Return the message and the fields of each record."""
    return [(record.getMessage(), fields_of(record)) for record in records]


def messages(records: Iterable[LogRecord]) -> list[str]:
    """Return the messages only."""
    return [record.getMessage() for record in records]
