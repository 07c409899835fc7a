"""The two clocks cannot be mixed: mypy refuses it, and when the program runs there is nothing of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import pytest
from mypy import api

from genmedia_exporter.core.clock import EPOCH, PAST, Monotonic, SystemClock, Unix

ROOT: Final = Path(__file__).parents[2]
HEAD: Final = """\
from genmedia_exporter.core.clock import Clock, Monotonic, Unix
def wall(at: Unix) -> None: ...
def steady(tick: Monotonic) -> None: ...
def lasts(seconds: float) -> None: ...
def use(clock: Clock) -> None:
    now, tick = clock.now(), clock.monotonic()
"""
REFUSED: Final = {
    "wall(tick)": ("arg-type", '"Monotonic"; expected "Unix"'),
    "steady(now)": ("arg-type", '"Unix"; expected "Monotonic"'),
    "wall(tick + 60.0)": ("arg-type", '"Monotonic"; expected "Unix"'),
    "steady(now - 60.0)": ("arg-type", '"Unix"; expected "Monotonic"'),
    "wall(1.5)": ("arg-type", '"float"; expected "Unix"'),
    "steady(1.5)": ("arg-type", '"float"; expected "Monotonic"'),
    "lasts(now)": ("arg-type", '"Unix"; expected "float"'),
    "lasts(tick)": ("arg-type", '"Monotonic"; expected "float"'),
    "now < tick": ("operator", '("Unix" and "Monotonic")'),
    "tick >= now": ("operator", '("Monotonic" and "Unix")'),
    "now > 5.0": ("operator", '("Unix" and "float")'),
    "now - tick": ("operator", '"Monotonic"'),
    "tick - now": ("operator", '"Unix"'),
    "tick + tick": ("operator", '("Monotonic" and "Monotonic")'),
    "now + tick": ("operator", '("Unix" and "Monotonic")'),
    "now == tick": ("comparison-overlap", '"Unix", right operand type: "Monotonic"'),
}
"""One mistake a line, and with which code and words it is refused."""
ALLOWED: Final = (
    "wall(now + 60.0)",
    "steady(tick - 60)",
    "lasts(now - Unix(5.0))",
    "lasts(tick - clock.monotonic())",
    "lasts(float(now))",
    "steady(max(tick, clock.monotonic()))",
    "wall(min([now, Unix(0.0)]))",
    "sorted([(tick, 'a')])",
)


def test_mypy_refuses_to_mix_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each mistake is one error in its own line, and what is right is none."""
    snippet = tmp_path / "snippet.py"
    lines = [*ALLOWED, *REFUSED]
    snippet.write_text(HEAD + "".join(f"    {line}\n" for line in lines), "utf-8")
    monkeypatch.setenv("MYPYPATH", str(ROOT / "exporter"))

    options = ["--config-file=", "--strict", f"--cache-dir={tmp_path / 'cache'}"]
    out, err, _ = api.run([*options, "--hide-error-context", str(snippet)])

    assert not err
    found = re.findall(r"snippet\.py:(\d+): error: (.*?)  \[([a-z-]+)\]$", out, re.MULTILINE)
    first = HEAD.count("\n") + len(ALLOWED) + 1
    assert [int(line) for line, _, _ in found] == list(range(first, first + len(REFUSED))), out
    for (code, words), (_, message, said) in zip(REFUSED.values(), found, strict=True):
        assert (code, words in message) == (said, True), message


def test_they_cost_nothing() -> None:
    """Both are float when the program runs: nothing is wrapped, nothing is slower."""
    clock: Any = SystemClock()
    found = [Unix, Monotonic, type(clock.now()), type(clock.monotonic()), type(EPOCH), type(PAST)]
    assert found == [float] * 6
