"""Which configuration a command reads when none is named: genmedia.yml here, else that of a running demo."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from genmedia_exporter.commands.usage import UsageError

if TYPE_CHECKING:
    from genmedia_exporter.core.clock import Clock
    from genmedia_exporter.core.secret import Secret
    from genmedia_exporter.targets.auto_provider import Recognised
    from genmedia_exporter.targets.source import ConfigSource

DEFAULT: Final = Path("genmedia.yml")


@dataclass(frozen=True, slots=True)
class RunningDemo:
    """A demo that was started in this folder: its configuration, and where its exporter listens."""

    config: Path
    url: str


def _note() -> Path:
    """Return the file in which a demo of this user, started in this folder, says where it is."""
    folder = sha256(os.fsencode(Path.cwd())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"genmedia-demo-{os.getuid()}-{folder}.json"


@contextlib.contextmanager
def announced(config: Path, url: str) -> Iterator[None]:
    """Let commands in this folder find a demo while it runs. Raises OSError."""
    note = _note()
    # Made beside it and moved: nobody else's file of that name is written to or read from.
    handle, made = tempfile.mkstemp(prefix=note.name, dir=note.parent)
    with open(handle, "w", encoding="utf-8") as file:
        json.dump({"config": str(config), "url": url}, file)
    os.replace(made, note)
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def running_demo() -> RunningDemo | None:
    """Return the demo that runs in this folder, None where there is none or only its remains."""
    note = _note()
    try:
        found = note.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.getuid():
            return None
        told = json.loads(note.read_text("utf-8"))
        demo = RunningDemo(Path(told["config"]), str(told["url"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return demo if demo.config.is_file() else None  # it goes with the demo


def config_to_read(named: Path) -> tuple[Path, str]:
    """Return the configuration to read for *named*, and a sentence where it is another one.

    Raises UsageError where the default is meant and nothing is here.
    """
    if named != DEFAULT or DEFAULT.exists():
        return named, ""
    demo = running_demo()
    if demo is None:
        raise UsageError(
            f"there is no {DEFAULT} here; name a configuration with --config.file, or start "
            "`genmedia-exporter demo` in this folder and ask again"
        )
    return demo.config, f"No {DEFAULT} here: these are the targets of the demo at {demo.url}."


def read_config(path: Path, clock: Clock) -> ConfigSource:
    """Return the configuration in *path*, read and checked. Raises Problems."""
    from genmedia_exporter.targets.source import ConfigSource

    source = ConfigSource(path, os.environ, clock, recognise=_ask)
    source.load()
    return source


def _ask(base_url: str, key: Secret | None) -> Recognised | None:
    """Ask an address what it is; what that takes is imported only where a configuration needs it."""
    from genmedia_exporter.probing.recognition import ask

    return ask(base_url, key)
