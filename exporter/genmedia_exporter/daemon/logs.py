"""Log lines as official exporters write them: logfmt or JSON, on standard error, one event a line."""

from __future__ import annotations

import json
import logging
import math
import sys
import threading
import traceback
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import PurePath
from types import TracebackType
from typing import Final, Literal

from genmedia_exporter.core.events import EventLog, fields_of
from genmedia_exporter.core.redact import hide
from genmedia_exporter.daemon.log_writer import LogWriter

Format = Literal["logfmt", "json"]
Scalar = str | int | float | bool
LEVELS = ("debug", "info", "warn", "error")
MAX_VALUE: Final = 2_000
"""Characters of one value."""
MAX_STACK: Final = 20_000
"""Characters of a traceback, whose end is kept: it names the error."""

_OURS: Final = "genmedia_exporter"
_NAMES: Final = {"WARNING": "WARN", "CRITICAL": "ERROR"}

log = EventLog(__name__)


def configure(level: str, form: Format, *, apart: bool = False) -> None:
    """Send everything from *level* up to standard error; libraries only speak from warn up.

    *apart*: by a thread of its own, so that nobody waits for whoever reads it.
    """
    handler = _apart() if apart else logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else LogfmtFormatter())
    wanted = logging.getLevelName({"warn": "WARNING"}.get(level, level.upper()))
    logging.basicConfig(level=max(wanted, logging.WARNING), handlers=[handler], force=True)
    logging.getLogger(_OURS).setLevel(wanted)


def _apart() -> logging.Handler:
    if sys.stderr is None:  # it was closed before we began: nobody can be told anything
        return logging.NullHandler()
    try:
        return Apart(LogWriter(sys.stderr))
    except (OSError, ValueError):  # standard error is no file
        return logging.StreamHandler(sys.stderr)


def lost() -> int:
    """Return how many lines of the log nobody will ever read, since the start."""
    return sum(each.lost for each in logging.getLogger().handlers if isinstance(each, Apart))


class Apart(logging.Handler):
    """Hands lines to *writer*, and waits for nobody but at the end of the process."""

    def __init__(self, writer: LogWriter) -> None:
        super().__init__()
        self._writer = writer

    @property
    def lost(self) -> int:
        """How many lines nobody will ever read."""
        return self._writer.lost

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record."""
        try:
            self._writer.put(self.format(record))
        except Exception:  # noqa: BLE001 - as logging's own handlers do
            self.handleError(record)

    def flush(self) -> None:
        """Wait a moment until everything is written."""
        self._writer.flush()


def flush() -> None:
    """Wait a moment until everything is written; for who ends the process at once."""
    logging.shutdown()


def take_everything() -> None:
    """Write Python's warnings and uncaught exceptions as events, too. For a daemon."""
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _tell(args.exc_value)


def _uncaught(kind: type[BaseException], error: BaseException, stack: TracebackType | None) -> None:
    if isinstance(error, Exception):
        _tell(error)
    else:
        sys.__excepthook__(kind, error, stack)


def _tell(error: BaseException | None) -> None:
    log.exception("uncaught exception", error)


class LogfmtFormatter(logging.Formatter):
    """key=value pairs, quoted where they need it; always one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return *record* as one line."""
        return " ".join(f"{key}={_quoted(value)}" for key, value in _pairs(record).items())


class JsonFormatter(logging.Formatter):
    """One JSON object a line, with the keys of logfmt; numbers and truth values stay what they are."""

    def format(self, record: logging.LogRecord) -> str:
        """Return *record* as one line."""
        return _escaped(json.dumps(_pairs(record), ensure_ascii=False))


def _pairs(record: logging.LogRecord) -> dict[str, Scalar]:
    """Return what a line says, in the order in which it says it."""
    foreign = record.name.partition(".")[0] != _OURS
    found = {
        "time": _iso(record.created),
        "level": _NAMES.get(record.levelname, record.levelname),
        "source": f"{'/'.join(PurePath(record.pathname).parts[-2:])}:{record.lineno}",
        "msg": record.getMessage().strip(),
        "logger": record.name if foreign else None,
        **fields_of(record),
        **_error(record),
    }
    return {key: _scalar(key, value) for key, value in found.items() if value is not None}


def _iso(seconds: float) -> str:
    at = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return at.replace("+00:00", "Z")


def _error(record: logging.LogRecord) -> Mapping[str, object]:
    if not record.exc_info or record.exc_info[1] is None:
        return {}
    error = record.exc_info[1]
    return {"err": error, "stack": "".join(traceback.format_exception(error)).strip()}


def _scalar(key: str, value: object) -> Scalar:
    if isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    text = hide(_text(value))
    if key == "stack":
        return text if len(text) <= MAX_STACK else f"…{text[1 - MAX_STACK :]}"
    return text if len(text) <= MAX_VALUE else f"{text[: MAX_VALUE - 1]}…"


def _text(value: object) -> str:
    if isinstance(value, BaseException):
        return "".join(traceback.format_exception_only(value)).strip()
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return ", ".join(str(part) for part in value)
    return str(value)


def _quoted(value: Scalar) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    plain = value and all(c.isprintable() and c not in ' "=' for c in value)
    return value if plain else _escaped(json.dumps(value, ensure_ascii=False))


def _escaped(line: str) -> str:
    """Return *line*, a JSON text, with everything escaped that a terminal or a reader may act on."""
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in line)
