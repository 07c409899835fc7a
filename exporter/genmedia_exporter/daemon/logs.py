"""Log lines as official exporters write them: logfmt or JSON, on standard error."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Literal

Format = Literal["logfmt", "json"]
LEVELS = ("debug", "info", "warn", "error")

_NAMES = {"WARNING": "warn", "CRITICAL": "error"}


def configure(level: str, form: Format) -> None:
    """Send everything from *level* up to standard error; libraries only speak from warn up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else LogfmtFormatter())
    wanted = logging.getLevelName({"warn": "WARNING"}.get(level, level.upper()))
    logging.basicConfig(level=max(wanted, logging.WARNING), handlers=[handler], force=True)
    logging.getLogger("genmedia_exporter").setLevel(wanted)


def _fields(record: logging.LogRecord, formatter: logging.Formatter) -> dict[str, str]:
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    fields = {
        "time": at.replace("+00:00", "Z"),
        "level": _NAMES.get(record.levelname, record.levelname.lower()),
        "source": f"{record.module}:{record.lineno}",
        "msg": record.getMessage(),
    }
    if record.exc_info:
        fields["error"] = formatter.formatException(record.exc_info)
    return fields


class LogfmtFormatter(logging.Formatter):
    """key=value pairs, quoted where they need it; always one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return *record* as one line."""
        return " ".join(f"{k}={_quoted(v)}" for k, v in _fields(record, self).items())


def _quoted(value: str) -> str:
    plain = value and all(c.isprintable() and c not in ' "=' for c in value)
    return value if plain else json.dumps(value, ensure_ascii=False)


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return *record* as one line."""
        return json.dumps(_fields(record, self), ensure_ascii=False)
