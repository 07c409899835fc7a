"""The database of a process: opened at its start, whatever a later configuration says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from genmedia_exporter.config.loader import Config
from genmedia_exporter.config.problems import KeyPath, Problem
from genmedia_exporter.config.schema import Storage
from genmedia_exporter.storage.place import Place, place_of
from genmedia_exporter.storage.refusal import why_no_start
from genmedia_exporter.targets.resolve import Resolution
from genmedia_exporter.targets.source import ConfigSource


@dataclass(frozen=True, slots=True)
class OpenedDatabase:
    """Where the database is until the process ends, and what the configuration of its start said of it."""

    place: Place
    _said: Storage

    @classmethod
    def of(cls, source: ConfigSource) -> OpenedDatabase:
        """Return that of the configuration in force, at the start."""
        return cls(place_of(source.config, source.resolution), source.config.storage)

    def is_that_of(self, config: Config, resolution: Resolution) -> bool:
        """Whether a configuration leads to it, in whatever words."""
        return place_of(config, resolution).is_same(self.place)

    def problems(self, config: Config, resolution: Resolution) -> Sequence[Problem]:
        """Return why no process could start with a configuration; blocks while it looks."""
        if self.is_that_of(config, resolution):
            return ()
        why = why_no_start(place_of(config, resolution))
        return () if why is None else (config.places.problem(_said_at(config), why),)

    def warnings(self, config: Config, resolution: Resolution) -> Sequence[Problem]:
        """Return that a configuration names another database, where it does."""
        if self.is_that_of(config, resolution):
            return ()
        text = (
            f"read at start only: restart to use it; until then the database is {self.place.shown}"
        )
        return (config.places.problem(_said_at(config), text, severity="warning"),)

    def kept_in(self, config: Config, resolution: Resolution) -> Config:
        """Return what is in force of a configuration: another database is not."""
        if self.is_that_of(config, resolution):
            return config
        place = {"path": self._said.path, "url": self._said.url}
        return config.model_copy(update={"storage": config.storage.model_copy(update=place)})


def _said_at(config: Config) -> KeyPath:
    return ("storage", "path" if config.storage.url is None else "url")
