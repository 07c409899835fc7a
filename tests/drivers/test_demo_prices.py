"""What the demo reserves for a generation is what its pretend services charge for it."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from genmedia_exporter.targets.model import Target, generation_usd
from genmedia_exporter.targets.source import ConfigSource
from tests.drivers.generating import Customer, world_of

CONFIG = resources.files("genmedia_exporter.commands") / "demo_config.yml"


def priced(folder: Path, url: str) -> list[tuple[Target, float]]:
    """Return the demo's targets that have a price, at the world at *url*, and what one generation costs."""
    file = folder / "genmedia.yml"
    file.write_text(CONFIG.read_text("utf-8").replace("{world}", url), "utf-8")
    source = ConfigSource(file, {})
    source.load()
    found = []
    for target in source.resolution.targets:
        job = target.provider.job_for(target.operation, target.model)
        usd = generation_usd(target.price, job) if target.price else None
        if usd is not None and not target.account.credential_problem:
            found.append((target, usd))
    return found


def test_no_service_of_the_demo_charges_more_than_is_reserved(tmp_path: Path) -> None:
    """Else the budget of whoever tries it would not hold."""
    customer = Customer()
    with world_of(customer) as world:
        targets = priced(tmp_path, world.url)
        assert len(targets) > 10
        for target, usd in targets:
            service = target.account.base_url.rpartition(f"{world.url}/")[2].partition("/")[0]
            before = world.ledger[service].usd
            customer.generate(target)
            charged = world.ledger[service].usd - before
            assert charged <= usd + 1e-9, (target.name, charged, usd)
            assert charged == pytest.approx(usd, abs=0.002), (target.name, charged, usd)
