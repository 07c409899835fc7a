"""What a demo world can be started with, and the defaults."""

from dataclasses import dataclass, field
from typing import TypedDict

from genmedia_exporter.demo.environment import Environment
from genmedia_exporter.demo.http import Limits
from genmedia_exporter.demo.story import DAY, Scene

__all__ = ["Settings", "Setup"]


class Settings(TypedDict, total=False):
    """What a world can be started with; see Setup for the meaning and the defaults."""

    listen: str
    story: bool
    day: float
    seed: int
    job_seconds: float
    latency: float
    environment: Environment
    limits: Limits
    most_connections: int
    scenes: tuple[Scene, ...]
    chaos: bool


@dataclass(frozen=True)
class Setup:
    """The settings of a world.

    `listen` is host:port (port 0: any free one). `day` is the length of the story's day,
    `job_seconds` of a generation, `latency` about that of any other answer, all in seconds.
    `chaos` also plays the fault catalogue, below /chaos and on ports of its own.
    Raises ValueError for a day without length or a negative duration.
    """

    listen: str = "127.0.0.1:0"
    story: bool = False
    day: float = 600.0
    seed: int = 1
    job_seconds: float = 4.0
    latency: float = 0.0
    environment: Environment = field(default_factory=Environment)
    limits: Limits = field(default_factory=Limits)
    most_connections: int = 512
    scenes: tuple[Scene, ...] = DAY
    chaos: bool = False

    def __post_init__(self) -> None:
        if not self.day > 0 or not self.job_seconds >= 0 or not self.latency >= 0:
            raise ValueError("day must be above 0, job_seconds and latency not below 0")

    def address(self) -> tuple[str, int]:
        """Host and port of `listen`. Raises ValueError when it is not host:port."""
        host, _, port = self.listen.rpartition(":")
        if not port.isascii() or not port.isdigit() or int(port[:6]) > 65535:
            raise ValueError(f"listen must be host:port, not {self.listen!r}")
        return host.strip("[]") or "127.0.0.1", int(port)
