"""Secrets, read from where the configuration says they are kept: environment, file, or the value itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from genmedia_exporter.config.values import SecretSource
from genmedia_exporter.core.database_url import DatabaseUrlError, parse_database_url
from genmedia_exporter.core.secret import Secret

ReadFile = Callable[[Path, int], bytes]  # path and most bytes; raises OSError

MAX_SECRET_BYTES: Final = 64 << 10


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret, or why there is none; `kept` says why it is not what its file holds now."""

    secret: Secret | None = None
    problem: str | None = None
    kept: str | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """Where secrets are read. Of a file that had a sound one and has none now, the last one stays."""

    environ: Mapping[str, str] = field(repr=False)
    folder: Path  # relative paths start here
    read_file: ReadFile
    before: Mapping[Path, Secret] = field(default_factory=dict)  # by file, of the run so far
    files: dict[Path, Secret] = field(default_factory=dict)  # those given out now

    def credential(self, source: SecretSource | None, owner: str) -> Credential:
        """Return a secret that a header can carry; neither it nor a problem without a *source*."""
        if source is None:
            return Credential()
        text, problem = self._text(source, owner)
        text = _on_one_line(text)
        if problem is None and not (text.isascii() and text.isprintable()):
            problem = f"the credential of {owner} has characters that no header can carry"
        elif problem is None and not text:
            problem = f"the credential of {owner} is empty"
        found = Credential(Secret(text)) if problem is None else Credential(problem=problem)
        return self._kept(self.folder / source.place, found) if source.kind == "file" else found

    def _kept(self, path: Path, found: Credential) -> Credential:
        """Return *found*, or what the file held before; a file may be gone while it is replaced."""
        last = self.before.get(path)
        if found.secret is None and last is not None:
            found = Credential(last, kept=f"{found.problem}; the last good one stays in use")
        if found.secret is not None:
            self.files[path] = found.secret
        return found

    def database_url(self, source: SecretSource | None) -> tuple[Secret | None, str | None]:
        """Return the URL of the storage, which may hold a password."""
        if source is None:
            return None, None
        text, problem = self._text(source, "storage")
        if problem is not None:
            return None, problem
        try:
            parse_database_url(text)
        except DatabaseUrlError as error:
            return None, str(error)
        return Secret(text), None

    def _text(self, source: SecretSource, owner: str) -> tuple[str, str | None]:
        if source.value is not None:
            return source.value.reveal(), None
        if source.kind == "env":
            text = self.environ.get(source.place)
            missing = f"environment variable {source.place} ({owner}) is not set"
            return (text.strip(), None) if text is not None else ("", missing)
        path = self.folder / source.place
        try:
            return self.read_file(path, MAX_SECRET_BYTES).decode().strip(), None
        except UnicodeDecodeError:
            why = "not text"
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "not a path"
        return "", f"file {path} ({owner}) cannot be read: {why}"


def _on_one_line(text: str) -> str:
    """Return a JSON document, such as the key file of a service account, as one line; others stay."""
    if not text.startswith("{"):
        return text
    try:
        return json.dumps(json.loads(text))
    except ValueError:
        return text
