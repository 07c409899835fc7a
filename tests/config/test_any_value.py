"""Any value in any place of a configuration is taken or named, never a crash."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from genmedia_exporter.config.loader import examine_config
from genmedia_exporter.config.problems import KeyPath, Problem, Problems
from genmedia_exporter.providers.catalogue import load_catalogue
from genmedia_exporter.targets.resolve import resolve
from tests.yaml_files import read_yaml

GOOD = Path(__file__).parent / "good" / "everything.yml"
DATA: dict[str, Any] = read_yaml(GOOD)

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.just(10**400),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        ["1s", "2026-12-01T00:00:00Z", "gate", "gate/sora-2", "http", "openai", "./x.yml"]
    ),
    st.dates(),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def paths(data: Any, above: KeyPath = ()) -> Iterator[KeyPath]:
    """Yield the path of everything in *data*."""
    pairs = data.items() if isinstance(data, dict) else enumerate(data)
    for step, value in pairs:
        yield (*above, step)
        if isinstance(value, dict | list):
            yield from paths(value, (*above, step))


def with_value(path: KeyPath, value: object) -> str:
    """Return the good configuration with another value at *path*."""
    data = copy.deepcopy(DATA)
    inner: Any = data
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return yaml.safe_dump(data, allow_unicode=True)


def everything_said(text: str) -> tuple[Problem, ...]:
    """Return all problems of a configuration, the resolution's included."""
    examined = examine_config(text, "f.yml")
    if examined.config is None:
        assert examined.problems
        return examined.problems
    examined.config.redacted_yaml()
    try:
        resolve(examined.config, {}, catalogue=load_catalogue())
    except Problems as refused:
        return (*examined.problems, *refused.problems)
    return examined.problems


@given(st.sampled_from(sorted(paths(DATA), key=str)), VALUES)
def test_any_value_anywhere(path: KeyPath, value: object) -> None:
    """One strange value leads to problems of one printable line each, or to none."""
    for problem in everything_said(with_value(path, value)):
        assert str(problem).startswith(("f.yml:", "x.yml:"))
        assert "\n" not in str(problem)
