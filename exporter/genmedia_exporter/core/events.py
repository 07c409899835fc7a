"""The door to the log: an event is a constant sentence, and what it is about stands in fields beside it.

`log.info("status changed", target=name, to=status)` becomes `msg="status changed" target=… to=…`.
docs/logs.md lists every event with its fields; a test compares the two.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final, Literal

Level = Literal["debug", "info", "warning", "error"]

_LEVELS: Final[Mapping[Level, int]] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
_CALLER: Final = 3  # frames from the logging module up to the line that logs: ours are two


class EventLog:
    """Writes events under the name of one module.

    A field whose name is a keyword of Python is written with an underscore behind it: `from_`.
    A field that is None is left out. An exception in `err` is shown by its type and its text.
    """

    __slots__ = ("_logger",)

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def debug(self, event: str, /, **fields: object) -> None:
        """Log what only somebody searching for a fault wants to know."""
        self._write("debug", event, fields)

    def info(self, event: str, /, **fields: object) -> None:
        """Log what is as it should be."""
        self._write("info", event, fields)

    def warning(self, event: str, /, **fields: object) -> None:
        """Log what somebody should look at, but need not hurry."""
        self._write("warning", event, fields)

    def error(self, event: str, /, **fields: object) -> None:
        """Log what did not work, and should have."""
        self._write("error", event, fields)

    def at(self, level: Level, event: str, /, **fields: object) -> None:
        """Log an event whose level depends on what happened."""
        self._write(level, event, fields)

    def exception(self, event: str, error: BaseException | None, /, **fields: object) -> None:
        """Log an *error* that nobody expected, with its traceback in the field `stack`."""
        self._write("error", event, fields, error)

    def _write(
        self,
        level: Level,
        event: str,
        fields: Mapping[str, object],
        error: BaseException | None = None,
    ) -> None:
        named = {name.rstrip("_"): value for name, value in fields.items()}
        extra = {"fields": named}
        self._logger.log(_LEVELS[level], event, exc_info=error, extra=extra, stacklevel=_CALLER)


def fields_of(record: logging.LogRecord) -> Mapping[str, object]:
    """Return the fields of an event; a library's record has none."""
    fields = getattr(record, "fields", None)
    return fields if isinstance(fields, Mapping) else {}
