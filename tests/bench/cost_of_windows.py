"""What the rules' long windows cost once Prometheus holds a month: CPU time of each, for a thousand targets.

    python -m tests.bench.cost_of_windows [TARGETS] [DAYS]

A Prometheus gets the recorded series of so many targets, as their groups make them, for as long as each window reads. Then each
rule with a window of six hours or more is asked a few times. CPU time, not time on a clock: it holds on a busy machine,
too. It grows with the targets, so it is told for a thousand.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tests.alerts.rules import FILES
from tests.bench.cost_of_rules import cpu_seconds
from tests.stack.programs import Prometheus, prometheus, run
from tests.yaml_files import read_yaml

DAY: Final = 86400
MINUTE: Final = 60
ASKED: Final = 40
"""How often each is asked; the mean counts."""
RECORDED: Final = {
    "genmedia:target_error:bool": 3,
    "genmedia:target_error_brief:bool": 1,
    "genmedia:target_error:avg_1h": 31,
    "genmedia:target_up:last": 2,
    "genmedia:target_up:sum_1h": 31,
    "genmedia:target_up:count_1h": 31,
    "genmedia:target_watched:seconds": 1,
    "genmedia:target_error_budget:ratio": 1,
}
"""For how many days each is read."""
SCRAPED: Final = {"genmedia_target_status_changes_total": 1}
"""What alerts read of hours as it was scraped, every half minute."""
HALF: Final = 30


def lines(targets: int, days: float, now: int) -> Iterator[str]:
    """Yield the history, oldest first for each series."""
    for number in range(targets):
        labels = f'{{job="genmedia",target="t{number}"}}'
        for name, held in (RECORDED | SCRAPED).items():
            step = 3600 if name.endswith("1h") else HALF if name in SCRAPED else MINUTE
            times = range(now - int(min(held, days) * DAY), now, step)
            yield "".join(f"{name}{labels} {number % 10 == 0:d} {at}\n" for at in times)
    yield "# EOF\n"


def wide(rule: dict[str, Any]) -> bool:
    """Whether a rule reads six hours or more."""
    return bool(re.search(r"\[(6h|7h|24h|\d+d)[:\]]", rule["expr"]))


def asked(server: Prometheus, expression: str) -> float:
    """Return the CPU time that one evaluation takes."""
    before = cpu_seconds(server.url)
    for _ in range(ASKED):
        answer = server.query(expression)
        assert answer["status"] == "success", answer
    return (cpu_seconds(server.url) - before) / ASKED


def rules() -> Iterator[tuple[float, str, str]]:
    """Yield interval, name and expression of each rule with a long window over what is there."""
    for file in FILES:
        for group in read_yaml(file)["groups"]:
            every = {"s": 1, "m": 60, "h": 3600}[group.get("interval", "30s")[-1]] * int(
                group.get("interval", "30s")[:-1]
            )
            for rule in filter(wide, group["rules"]):
                if "record" in rule or any(name in rule["expr"] for name in SCRAPED):
                    yield every, rule.get("record", rule.get("alert")), rule["expr"]


def main(targets: int = 50, days: float = 31) -> None:
    """Measure, and print a table."""
    out = sys.stdout.write
    with tempfile.TemporaryDirectory() as name:
        folder, now = Path(name), int(time.time())
        with (folder / "history.txt").open("w") as text:
            text.writelines(lines(targets, days, now))
        flags = ("--max-block-duration=992h", "openmetrics")
        make = ("tsdb", "create-blocks-from", *flags, folder / "history.txt", folder / "data")
        run("promtool", *make, within=1800)
        (folder / "history.txt").unlink()
        (folder / "prometheus.yml").write_text("{}", "utf-8")
        config = folder / "prometheus.yml"
        with prometheus(folder, config, "--storage.tsdb.retention.time=40d") as server:
            idle = asked(server, "vector(1)")
            total = 0.0
            for every, rule, expression in rules():
                took = max(0.0, asked(server, expression) - idle) * 1000 / targets
                total += took / every
                out(f"{rule:48} every {every:5.0f} s: {took:7.3f} s, {took / every:6.2%}\n")
    out(f"{'all, of one core at 1,000 targets':48} {total:29.2%}\n")


if __name__ == "__main__":
    told = dict(zip(("targets", "days"), sys.argv[1:], strict=False))
    main(int(told.get("targets", 50)), float(told.get("days", 31)))
