"""The configuration in force, and how another one takes its place: wholly, or not at all."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from genmedia_exporter.config.files import read_bounded
from genmedia_exporter.config.loader import Config, examine_config, read_config
from genmedia_exporter.config.problems import Problem, Problems
from genmedia_exporter.core.clock import Clock, SystemClock
from genmedia_exporter.core.secret import Secret
from genmedia_exporter.providers.catalogue import Catalogue
from genmedia_exporter.targets.accounts import unknown_providers
from genmedia_exporter.targets.auto_provider import Recognise, Recognised
from genmedia_exporter.targets.resolve import Resolution, resolve

Check = Callable[[Config, Resolution], Sequence[Problem]]
"""What else keeps a configuration from being taken; it may take its time."""
Fingerprint = tuple[int, str]  # most bytes read, SHA-256 of them or "" when it cannot be read


@dataclass(frozen=True, slots=True)
class ReloadResult:
    """How a reload went. After a failure the configuration of before is still in force."""

    success: bool
    problems: tuple[Problem, ...] = ()  # of a failure: all errors
    warnings: tuple[Problem, ...] = ()  # of a success


@dataclass(frozen=True, slots=True)
class _InForce:
    config: Config
    resolution: Resolution


class ConfigSource:
    """A configuration file and what it currently stands for.

    Blocks while it reads small files; call it from a thread. Safe to call from several.
    """

    def __init__(
        self,
        path: str | Path,
        environ: Mapping[str, str],
        clock: Clock | None = None,
        catalogue: Catalogue | None = None,
        recognise: Recognise | None = None,
    ) -> None:
        self.path = Path(path)
        self.environ = environ
        self._clock = clock or SystemClock()
        self._catalogue = catalogue
        self._recognise = recognise
        self._recognised: dict[str, Recognised | None] = {}  # by address: asked once
        self._lock = threading.Lock()
        self._seen: Mapping[Path, Fingerprint] = {}  # the files of the last attempt
        self._in_force: _InForce | None = None

    @property
    def config(self) -> Config:
        """The configuration in force. Raises RuntimeError before the first load."""
        return self._current().config

    @property
    def resolution(self) -> Resolution:
        """What is watched under it. Raises RuntimeError before the first load."""
        return self._current().resolution

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Everything allowed but doubtful in the configuration in force."""
        current = self._current()
        return (*current.config.warnings, *current.resolution.warnings)

    @property
    def digest(self) -> str:
        """A hash of all files of the last attempt: the configuration's, secrets', providers'."""
        lines = sorted(f"{path}\0{print_[1]}" for path, print_ in self._seen.items())
        return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()

    def load(self, check: Check = lambda _config, _resolution: ()) -> None:
        """Read the file and put it in force. Raises Problems, and changes nothing, when it is bad."""
        with self._lock:
            reader = _Reader()
            try:
                loaded = self._read(reader)
                if problems := check(loaded.config, loaded.resolution):
                    raise Problems(problems)
            finally:
                # Also after a failure: the same bad file is not worth a second look.
                self._seen = reader.fingerprints
            self._in_force = loaded

    def reload(self, check: Check = lambda _config, _resolution: ()) -> ReloadResult:
        """Like load, but tell how it went instead of raising."""
        try:
            self.load(check)
        except Problems as bad:
            return ReloadResult(False, problems=bad.problems)
        return ReloadResult(True, warnings=self.warnings)

    def changed(self) -> bool:
        """Whether any file read by the last attempt has other content now, or none was made."""
        seen = self._seen
        return not seen or any(
            _fingerprint_now(p, print_[0]) != print_ for p, print_ in seen.items()
        )

    def _current(self) -> _InForce:
        if self._in_force is None:
            raise RuntimeError("no configuration is loaded; call load first")
        return self._in_force

    def _ask(self, base_url: str, key: Secret | None) -> Recognised | None:
        if self._recognised.get(base_url) is None and self._recognise is not None:
            self._recognised[base_url] = self._recognise(base_url, key)
        return self._recognised[base_url]

    def _secret_files(self) -> Mapping[Path, Secret]:
        return self._in_force.resolution.secret_files if self._in_force else {}

    def _read(self, reader: _Reader) -> _InForce:
        examined = examine_config(read_config(self.path, reader), str(self.path))
        if examined.config is None:
            raise Problems(examined.problems)
        problems = list(examined.problems)
        try:
            resolution = resolve(
                examined.config,
                self.environ,
                reader,
                self._catalogue,
                self._clock.now(),
                self._secret_files(),
                self._ask if self._recognise is not None else None,
            )
        except Problems as more:
            resolution = None
            problems += more.problems
        problems += unknown_providers(examined)
        if problems or resolution is None:
            raise Problems(problems)
        return _InForce(examined.config, resolution)


class _Reader:
    """Reads every file once and remembers its hash, so that this is of the very bytes in force."""

    def __init__(self) -> None:
        self.fingerprints: dict[Path, Fingerprint] = {}
        self._contents: dict[Path, bytes] = {}

    def __call__(self, path: Path, limit: int) -> bytes:
        if path not in self._contents:
            self.fingerprints[path] = (limit, "")
            self._contents[path] = read_bounded(path, limit)
            self.fingerprints[path] = (limit, hashlib.sha256(self._contents[path]).hexdigest())
        return self._contents[path]


def _fingerprint_now(path: Path, limit: int) -> Fingerprint:
    try:
        return limit, hashlib.sha256(read_bounded(path, limit)).hexdigest()
    except (OSError, ValueError):
        return limit, ""
