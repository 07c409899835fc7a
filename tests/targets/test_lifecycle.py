"""What is said of models that end, and of names that no list has."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from genmedia_exporter.config.loader import Config
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.providers.catalogue import load_catalogue
from genmedia_exporter.targets.resolve import Resolution, resolve

Load = Callable[[str], Config]
TODAY = Unix(datetime(2026, 11, 29, 12, tzinfo=UTC).timestamp())
DAY = 86_400.0


def doubts(load: Load, target: str, now: Unix = TODAY) -> list[str]:
    """Return what is doubtful about the model of *target*, without its place."""
    text = f"""
accounts:
  openai: {{provider: openai, api_key: {{value: k}}}}
  gemini: {{provider: gemini, api_key: {{value: k}}}}
  relay: {{provider: new-api, base_url: "https://relay.example", api_key: {{value: k}}}}
targets: [{{{target}}}]
"""
    found: Resolution = resolve(load(text), {}, catalogue=load_catalogue(), now=now)
    assert {warning.path for warning in found.doubts} <= {"targets[0].model"}
    assert {warning.severity for warning in found.doubts} <= {"warning"}
    return [f"{w.message}; {w.hint}" if w.hint else w.message for w in found.doubts]


def test_a_model_that_has_ended(load: Load) -> None:
    """Whoever still watches it reads so before anything starts."""
    assert doubts(load, "account: openai, model: sora-2") == [
        "'sora-2' ended on 2026-09-24; no successor is known"
    ]


def test_a_model_that_ends_soon(load: Load) -> None:
    """With what follows it."""
    assert doubts(load, "account: openai, model: gpt-image-1.5") == [
        "'gpt-image-1.5' ends on 2026-12-01; its successor is gpt-image-2.6-sunburst"
    ]


def test_a_date_nobody_confirms(load: Load) -> None:
    """It may end: no more is known."""
    found = doubts(load, "account: gemini, model: gemini-omni-1.1-flash")
    assert found == ["'gemini-omni-1.1-flash' may end on 2026-12-03; its successor is gemini-omni-1.2-flash"]  # fmt: skip


@pytest.mark.parametrize(("days", "told"), [(91, False), (90, True)])
def test_soon_is_ninety_days(load: Load, days: int, told: bool) -> None:
    """Nobody is told of what lies further away."""
    ends = Unix(datetime(2026, 12, 1, tzinfo=UTC).timestamp())
    found = doubts(load, "account: openai, model: gpt-image-1-mini", ends - days * DAY)
    assert bool(found) is told


def test_a_slip_of_the_finger(load: Load) -> None:
    """The names that were probably meant are named, nearest first."""
    (found,) = doubts(load, "account: openai, model: gpt-imag-2")
    assert found.startswith(
        "provider 'openai' lists no model 'gpt-imag-2', so it is taken for an image model without a"
        " known price; known names like it: 'gpt-image-2'"
    )


def test_a_video_model_is_not_silently_an_image(load: Load) -> None:
    """sora-22 would be asked for a picture."""
    (found,) = doubts(load, "account: openai, model: sora-22")
    assert "taken for an image model" in found
    assert "'sora-2'" in found


def test_a_gateway_may_sell_anything(load: Load) -> None:
    """A name that is like none is no mistake there; one that is nearly known is."""
    assert doubts(load, "account: relay, model: house-blend-7") == []
    (found,) = doubts(load, "account: relay, model: gemini-omni-1.2-flsh")
    assert "'gemini-omni-1.2-flash'" in found


@pytest.mark.parametrize("known", ["gpt-image-2", "gpt-image-2-2026-04-21"])
def test_a_name_or_an_alias_is_known(load: Load, known: str) -> None:
    """Nothing is said of what the catalogue has."""
    assert doubts(load, f"account: openai, model: {known}") == []


def test_who_writes_the_family_knows_the_model(load: Load) -> None:
    """The way to silence the doubt about a new model."""
    assert doubts(load, "account: openai, model: gpt-image-3, family: gpt-image-3") == []


def test_family(load: Load) -> None:
    """The target's own, else the catalogue's, else the model's name."""
    text = """
accounts:
  relay: {provider: new-api, base_url: "https://relay.example", api_key: {value: k}}
targets:
  - {account: relay, model: sora_video2-15s}
  - {account: relay, model: house-blend-7}
  - {account: relay, model: house-blend-8, family: sora-2}
"""
    targets = resolve(load(text), {}, catalogue=load_catalogue()).targets
    assert [target.family for target in targets] == ["sora-2", "house-blend-7", "sora-2"]


def test_thousands_of_new_names_are_not_looked_up(load: Load) -> None:
    """The search for names like them is for a slip of the finger, not for a list of house names."""
    rows = "\n".join(f"  - {{account: relay, model: sora-2{n}}}" for n in range(150))
    text = f"""
accounts:
  relay: {{provider: new-api, base_url: "https://relay.example", api_key: {{value: k}}}}
targets:
{rows}
"""
    found = resolve(load(text), {}, catalogue=load_catalogue(), now=TODAY)
    assert len(found.doubts) == 100
