"""A day in the life of seventeen services, as data, and where in it we are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from genmedia_exporter.demo.faults import make_fault
from genmedia_exporter.demo.transport import Fault, Option

__all__ = ["DAY", "Scene", "Story"]

MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True)
class Scene:
    """One trouble of the day, from `start` to `end` as fractions of it."""

    start: float
    end: float
    service: str
    kind: str
    says: str
    options: Mapping[str, Option] = field(default_factory=dict)

    @property
    def fault(self) -> Fault:
        """The fault of this scene, with its options filled in."""
        return make_fault(self.kind, self.options)


DAY = (
    Scene(
        0.0,
        0.85,
        "sora-2-pro-reverse",
        "suspended",
        "The operator has switched sora-2-pro (reverse) off.",
    ),
    Scene(
        0.05,
        0.40,
        "sora-2-reverse",
        "risk_control",
        "The account pool behind sora-2 (reverse) is under risk control and cooling down.",
    ),
    Scene(
        0.08,
        0.22,
        "openai-image",
        "overloaded",
        "Image generation is overloaded at the vendor.",
    ),
    Scene(0.14, 0.24, "kling", "rate_limited", "Kling refuses us for asking too often."),
    Scene(0.30, 0.60, "dashscope", "quota", "Our DashScope account has run out of money."),
    Scene(
        0.44,
        0.50,
        "sora-image",
        "edge_502",
        "The edge in front of the image gateway cannot reach it.",
    ),
    Scene(
        0.50,
        1.0,
        "sora-2-pro-official",
        "retired",
        "The vendor has retired sora-2-pro; it will not come back today.",
    ),
    Scene(
        0.55, 0.75, "fal", "slow", "A slow afternoon at fal: right answers, late.", {"seconds": 2.5}
    ),
    Scene(0.26, 0.42, "runway", "job_fails", "Runway takes jobs, and each ends as failed."),
    Scene(0.33, 0.38, "comfyui", "server_error", "Our own ComfyUI has run out of memory."),
    Scene(
        0.46, 0.66, "pixverse", "moderated", "PixVerse's filter takes every prompt for a bad one."
    ),
    Scene(0.64, 0.70, "minimax", "rate_limited", "MiniMax refuses us for asking too often."),
    Scene(0.68, 0.74, "replicate", "overloaded", "Replicate sheds load."),
    Scene(0.62, 0.72, "veo-3.1-reverse", "maintenance", "The Veo gateway is under announced work."),
    Scene(
        0.78,
        0.86,
        "gemini-omni",
        "flaky",
        "Every other call to Gemini Omni fails.",
        {"ratio": 0.5},
    ),
    Scene(
        0.87,
        0.98,
        "sora-2-official",
        "server_error",
        "The vendor's video service answers with internal errors.",
    ),
    Scene(
        0.88,
        0.97,
        "openai-image",
        "server_error",
        "Its images, too: the vendor has an incident, and its page is late to say so.",
    ),
)


class Story:
    """Plays the scenes over days of `day_seconds`, repeating; it can be stopped and taken up."""

    def __init__(
        self,
        clock: Callable[[], float],
        day_seconds: float,
        *,
        running: bool,
        scenes: tuple[Scene, ...] = DAY,
    ) -> None:
        self.scenes = scenes
        self.day_seconds = day_seconds
        self._clock = clock
        self._before = 0.0
        self._since = clock() if running else None

    @property
    def running(self) -> bool:
        """Whether scenes are in force at all."""
        return self._since is not None

    def run(self, running: bool) -> None:
        """Stop the day where it is, or take it up there."""
        if running and self._since is None:
            self._since = self._clock()
        elif not running and self._since is not None:
            self._before, self._since = self.elapsed, None

    @property
    def elapsed(self) -> float:
        """Seconds played so far, over all days."""
        return self._before + (0.0 if self._since is None else self._clock() - self._since)

    @property
    def position(self) -> float:
        """Where in the day we are: 0 at its start, below 1 at its end."""
        return self.elapsed / self.day_seconds % 1.0

    def in_force(self) -> list[Scene]:
        """The scenes of this moment; none while the story is stopped."""
        if not self.running:
            return []
        here = self.position
        return [scene for scene in self.scenes if scene.start <= here < scene.end]

    def visit(self, scene: Scene) -> tuple[int, Scene]:
        """Names this day's playing of the scene, so that it can be cut short once."""
        return int(self.elapsed / self.day_seconds), scene

    def tell(self) -> dict[str, object]:
        """The script and our place in it, in sentences."""
        here = self.position
        minutes = int(here * MINUTES_A_DAY)
        return {
            "running": self.running,
            "day_seconds": self.day_seconds,
            "position": round(here, 4),
            "time_of_day": f"{minutes // 60:02d}:{minutes % 60:02d}",
            "now": [scene.says for scene in self.in_force()],
            "next": self._next(here),
            "script": [self._line(scene) for scene in self.scenes],
        }

    def _next(self, here: float) -> str:
        ahead = sorted(self.scenes, key=lambda scene: (scene.start - here) % 1.0)
        coming = [scene for scene in ahead if scene.start != here]
        if not coming:
            return "Nothing more happens."
        seconds = (coming[0].start - here) % 1.0 * self.day_seconds
        return f"In {seconds:.0f} seconds: {coming[0].says}"

    def _line(self, scene: Scene) -> dict[str, object]:
        return {
            "from_second": round(scene.start * self.day_seconds, 1),
            "to_second": round(scene.end * self.day_seconds, 1),
            "service": scene.service,
            "kind": scene.kind,
            "options": dict(scene.options),
            "says": scene.says,
        }
