"""Who is watched: small fleets with their reasons, and how a name in a schedule becomes a target.

What one generation costs the exporter is the price in the provider file; what it costs the
article's monitor is what the same service charges for its own default clip. Sources: the provider
files, facts of docs/wire.md §3.4, §4.6, §5, §6.4.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from itertools import cycle
from typing import Any, Final
from zlib import crc32

import yaml

from tests.bench.sim.world import templates
from tests.yaml_files import parse_yaml

PROMPT: Final = "A red paper boat drifting on a calm lake at dawn."


@dataclass(frozen=True, slots=True)
class Watched:
    """One target: how the configuration writes it, and which demo service plays it."""

    name: str
    service: str  # of the demo world
    provider: str
    target: Mapping[str, Any]  # model, operation, price
    channel: str | None = None
    key: str = "demo-key"

    @property
    def slug(self) -> str:
        """Its host and its service's name in the simulated world."""
        plain = re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")[:40]
        return plain if plain == self.name else f"{plain or 'x'}-{crc32(self.name.encode()):08x}"

    def configuration(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the account and the target as a configuration file writes them."""
        url = f"https://{self.slug}.example-{self.slug}.com/{self.slug}"
        account: dict[str, Any] = {"provider": self.provider, "base_url": url}
        account["api_key"] = {"value": self.key}
        if self.channel:
            account["channel"] = self.channel
        return account, {"name": self.name, "account": self.slug, **self.target}


def _video(name: str, model: str) -> Watched:
    return Watched(name, "gemini-omni", "gemini", {"model": model, "operation": "video"})


# Four turns a day of everything cost 4 x (0.069 + 0.0078 + 0.010) = $0.35, and a little more for
# their coming early, which leaves the rest of the dollar to confirmations and recoveries. The
# article's: 288 x (0.21 + 0.006 + 0.01) = $65.09.
DEFAULT: Final = (
    # We ask for 3 s at 360p, 0.023/s. The default clip is 720p, 0.07/s; its length is documented
    # as 3 to 10 s without a default, so it counts as the shortest.
    _video("gemini-omni-1.2", "gemini-omni-1.2-flash"),
    # We ask for quality low, 0.006 of which 0.0078 is reserved. What the default, auto, comes to is not documented: it counts
    # as low, in the article's favour.
    Watched(
        "gpt-image-2.5-flare",
        "openai-image",
        "openai",
        {"model": "gpt-image-2.5-flare", "operation": "image"},
    ),
    # Reverse, by call: the price is the same for both, $0.01.
    Watched(
        "sora-image",
        "sora-image",
        "new-api",
        {"model": "sora_image", "operation": "chat", "price": {"usd_per_request": 0.01}},
        "reverse",
    ),
)
# Four turns a day of these take $0.784 of a dollar by themselves (1.1: 0.039/s against 0.13/s):
# what confirmations cost is missing from the turns.
TIGHT: Final = (DEFAULT[0], _video("gemini-omni-1.1", "gemini-omni-1.1-flash"), DEFAULT[2])
# Where both buy the same clip, 4 a day against 288 a day are one to 72 at best, and $1 a day does
# not buy four of $0.40: these two cannot have everything. Printed as it is.
ARTICLE: Final = (
    Watched(
        "sora-2-official", "sora-2-official", "openai", {"model": "sora-2", "operation": "video"}
    ),
    Watched(
        "sora-2-reverse",
        "sora-2-reverse",
        "sora2api",
        {"model": "sora_video2", "operation": "video", "price": {"usd_per_request": 0.12}},
        "reverse",
    ),
)


def demo_fleet() -> tuple[Watched, ...]:
    """Return the targets of the demo's configuration, each on its own service."""
    text = (
        resources.files("genmedia_exporter.commands").joinpath("demo_config.yml").read_text("utf-8")
    )
    document = parse_yaml(text)
    found: list[Watched] = []
    for target in document["targets"]:
        account = document["accounts"][target["account"]]
        key = account["api_key"].get("value", "demo-key")
        rest = {k: v for k, v in target.items() if k in ("model", "operation", "price")}
        service = account["base_url"].rpartition("/")[2]
        provider = account["provider"]
        found.append(
            Watched(target["name"], service, provider, rest, account.get("channel"), str(key))
        )
    return tuple(found)


FLEETS: Final[Mapping[str, tuple[Watched, ...]]] = {
    "default": DEFAULT,
    "tight": TIGHT,
    "article": ARTICLE,
    "demo": demo_fleet(),
}


@dataclass(slots=True)
class Roster:
    """The targets of one run, and what had to be made up for it."""

    watched: list[Watched] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def roster(names: Iterable[str], start: Iterable[Watched] = ()) -> Roster:
    """Return a target for each of *names*, besides those of *start*.

    A name may be a fleet's, the demo configuration's, or a demo service's; all others are watched
    as copies of the default fleet's targets, in turn: the first of the video target.
    """
    found, strangers = Roster(list(start)), cycle(DEFAULT)
    known = {w.name: w for fleet in FLEETS.values() for w in fleet}
    by_service = {w.service: w for w in reversed(FLEETS["demo"])}
    for name in names:
        if any(w.name == name for w in found.watched):
            continue
        model = known.get(name) or by_service.get(name if name in templates() else "")
        if model is None:
            model = next(strangers)
            found.notes.append(f"{name!r} is nobody's name here: watched as a copy of {model.name}")
        found.watched.append(replace(model, name=name))
    return found


def configuration(watched: Iterable[Watched], daily_usd: float, database: str) -> str:
    """Return the configuration file of the exporter that watches them: all defaults, and a budget."""
    each = [w.configuration() for w in watched]
    document = {
        "budget": {"daily_usd": daily_usd, "monthly_usd": daily_usd * 31},
        "storage": {"path": database},
        "accounts": {target["account"]: account for account, target in each},
        "targets": [target for _, target in each],
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
