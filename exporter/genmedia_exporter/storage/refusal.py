"""Why an exporter would not start with a database. One that only fails now is waited for, and no reason."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from genmedia_exporter.storage.errors import NewerSchemaError, StorageError, StorageTakenError
from genmedia_exporter.storage.lock import hold
from genmedia_exporter.storage.place import Place
from genmedia_exporter.storage.reader import Reader


def why_no_start(place: Place) -> str | None:
    """Return why nothing starts with *place*; None where it does. Makes no file."""
    try:
        reader = Reader(place)
    except StorageError as error:  # no driver
        return str(error)
    try:
        if place.is_file and Path(f"{os.path.realpath(place.path)}.lock").exists():
            with contextlib.suppress(OSError):
                hold(place.path)()
        reader.check()
    except (StorageTakenError, NewerSchemaError) as error:
        return str(error)
    except StorageError:
        return None
    return None
