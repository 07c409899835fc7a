"""Compares the catalogue with the price file of the litellm package: what differs is printed, nothing is edited.

    python -m tests.providers.audit [PRICES.json]

Without a file the newest litellm is fetched from the package index into a temporary folder. Its file is at times
wrong (docs/wire.md §0), so a difference is a question, not an answer.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from genmedia_exporter.core.status import Operation
from genmedia_exporter.providers.loader import load_provider
from genmedia_exporter.providers.schema import ModelEntry, Provider
from genmedia_exporter.report.catalogue import price_of

Prices = Mapping[str, Mapping[str, Any]]

PRICE_FILE: Final = "litellm/model_prices_and_context_window_backup.json"
TOLERANCE: Final = 0.02
"""How far a price may lie above theirs: vendors and resellers round. Below, a probe costs more than was reserved."""
MODES: Final = {"video_generation": Operation.VIDEO, "image_generation": Operation.IMAGE}
THEIRS: Final[Mapping[str, tuple[str, ...]]] = {
    "ark": ("volcengine",),
    "azure": ("azure",),
    "bedrock": ("bedrock",),
    "bfl": ("black_forest_labs",),
    "dashscope": ("qwencloud",),  # international, as the file's own address is
    "fal": ("fal_ai",),
    "gemini": ("gemini",),
    "minimax": ("minimax",),
    "openai": ("openai",),
    "recraft": ("recraft",),
    "runway": ("runwayml",),
    "stability": ("stability",),
    "tencent": ("tencent",),
    "vertex": ("vertex_ai", "vertex_ai-video-models", "vertex_ai-language-models"),
    "xai": ("xai",),
}
"""What litellm calls our providers."""


def differences(prices: Prices, providers: Mapping[str, Provider]) -> Iterator[str]:
    """Yield a line for each difference, provider by provider."""
    for name, provider in providers.items():
        listed = _listed(prices, THEIRS[name])
        known = {alias for model in provider.models for alias in model.names}
        for model in provider.models:
            for entry in (listed[n] for n in model.names if n in listed):
                yield from (f"{name}: {model.name}: {line}" for line in _of(provider, model, entry))
                break
        for other in sorted(listed.keys() - known):
            if "/" not in other and other not in known:
                yield f"{name}: {other}: only there ({listed[other]['mode']})"


def _listed(prices: Prices, theirs: tuple[str, ...]) -> dict[str, Mapping[str, Any]]:
    """Return what litellm lists of a vendor, without the prefix of its routes."""
    found = {}
    for key, entry in prices.items():
        if entry.get("litellm_provider") in theirs and entry.get("mode") in MODES:
            found[key.partition("/")[2] or key] = entry
    return found


def _of(provider: Provider, model: ModelEntry, entry: Mapping[str, Any]) -> Iterator[str]:
    ours, there = str(model.end_date or "none"), str(entry.get("deprecation_date") or "none")
    if ours != there:
        yield f"ends {ours}, there {there}"
    successor = str(entry.get("successor_model") or "").rpartition("/")[2]
    if successor and model.successor and successor != model.successor:
        yield f"successor {model.successor}, there {successor}"
    price = price_of(provider, model)
    if price is None:
        return
    ((unit, usd),) = price.units().items()
    job = provider.job_for(model.operation, model.name)
    told = _price(entry, unit, (job.asks if job else {}).get("resolution", ""))
    if told is not None and (told > usd or usd - told > TOLERANCE * usd):
        yield f"${usd:g} a {unit}, there ${told:g}"


def _price(entry: Mapping[str, Any], unit: str, resolution: str) -> float | None:
    keys = [f"output_cost_per_{unit}_{resolution}", f"output_cost_per_{unit}"]
    if unit == "second":
        keys.append("output_cost_per_video_per_second")
    told = next((entry[key] for key in keys if isinstance(entry.get(key), int | float)), None)
    return None if told is None else float(told)


def fetched() -> Prices:
    """Return the price file of the newest litellm. Raises CalledProcessError without an index."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet"]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*pip, "--no-deps", "--dest", folder, "litellm"], check=True)
        (wheel,) = Path(folder).glob("litellm-*.whl")
        sys.stdout.write(f"# {wheel.name}\n")
        with zipfile.ZipFile(wheel) as archive:
            prices: Prices = json.loads(archive.read(PRICE_FILE))
    return prices


def main(arguments: list[str]) -> int:
    """Print the differences and how many there are."""
    prices = json.loads(Path(arguments[0]).read_text()) if arguments else fetched()
    found = list(differences(prices, {name: load_provider(name) for name in THEIRS}))
    sys.stdout.write("\n".join([*found, f"# {len(found)} differences", ""]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
