"""Whether history, state and ledger hold when the exporter is killed with -9 at random moments.

Run: python -m tests.bench.kill [--times 100] [--seed N] [--details]

The real daemon watches the demo world, which runs on in a process of its own, on one SQLite file
with short intervals and paid probes. It is killed while it starts, while it probes, while it buys,
and at once when the ledger grows. After each death the file must be sound and agree with itself;
nothing that was there may be gone or less; the ledger must hold at least what the world has charged
each service, and at most the budget; and what was bought must never be bought again. The last life
is left alone until every job that was under way has been taken up again and settled.

Exit status 1: something did not hold; printed with the seed. Moments depend on the machine, too, so
that a seed finds the same plan, not the same microsecond.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx2

from tests.storage.aftermath import Aftermath, amount, contradictions, losses, read

ROOT: Final = Path(__file__).parent.parent.parent
DAILY_USD: Final = 20.0
PATIENCE: Final = 60.0
"""Seconds for a start, and for the last life to finish the jobs; generous for a shared machine."""
SERVICES: Final = {
    # service: provider, channel, model, operation, price, how many targets
    "sora-image": ("new-api", "reverse", "sora_image", "chat", "usd_per_request: 0.01", 2),
    "veo-3.1-reverse": ("new-api", "reverse", "veo-3.1-fast", "video", "usd_per_request: 0.15", 4),
    "kling": ("kling", "official", "kling-v3", "video", "usd_per_second: 0.084", 4),
    "dashscope": ("dashscope", "official", "wan2.7-t2v", "video", "usd_per_second: 0.1", 3),
    "openai-image": ("openai", "official", "gpt-image-2.5-flare", "image", "", 2),
}
FAULTS: Final = (
    "server_error",
    "overloaded",
    "rate_limited",
    "reset",
    "flaky",
    "job_fails",
    "hang",
)
MOMENTS: Final = ("starting", "probing", "buying", "paying")


def configuration(world: str) -> str:
    """Return a configuration with short intervals that watches *world* and pays."""
    lines = [
        "defaults: {timeout: 2s, depths: [reach, accept, generate], interval: {reach: 1s, accept: 1s, generate: 1s}}",
        f"budget: {{daily_usd: {DAILY_USD:g}, monthly_usd: {DAILY_USD * 30:g}}}",
        "storage: {path: genmedia.db}",
        "accounts:",
    ]
    for name, (provider, channel, *_) in SERVICES.items():
        key = "demo-key:demo-secret" if provider == "kling" else "demo-key"
        lines.append(
            f'  {name}: {{provider: {provider}, base_url: "{world}/{name}", channel: {channel}, '
            f'api_key: {{value: "{key}"}}}}'
        )
    lines.append("targets:")
    for name, (_, _, model, operation, price, many) in SERVICES.items():
        paid = f", price: {{{price}}}" if price else ""
        lines += [
            f"  - {{name: {name} {n}, account: {name}, model: {model}, operation: {operation}{paid}}}"
            for n in range(many)
        ]
    return "\n".join(lines) + "\n"


@contextlib.contextmanager
def world() -> Iterator[str]:
    """Run the demo world beside us; yields its URL."""
    command = [sys.executable, "-m", "genmedia_exporter.demo.world", "--leash", "--no-story"]
    process = subprocess.Popen(
        [*command, "--job-seconds", "2.5", "--latency", "0.02"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment(),
    )  # fmt: skip
    try:
        line = process.stdout.readline() if process.stdout else ""
        yield line.strip().rpartition("listening on ")[2]
    finally:
        process.kill()
        process.communicate()


def environment() -> dict[str, str]:
    """Return the variables of a process of ours."""
    return {"PYTHONPATH": str(ROOT / "exporter"), "PATH": "/usr/bin:/bin"}


@dataclass
class Killing:
    """One file, one world, many lives."""

    folder: Path
    url: str
    seed: int
    say: Callable[[str], object] = lambda _text: None
    deaths: Counter[str] = field(default_factory=Counter)
    found: Aftermath = field(default_factory=Aftermath)
    wrong: list[str] = field(default_factory=list)
    resumed: int = 0

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)  # noqa: S311 - a plan, not a secret
        self._path = self.folder / "genmedia.db"
        self._http = httpx2.Client(base_url=self.url, timeout=30, trust_env=False)
        (self.folder / "genmedia.yml").write_text(configuration(self.url))

    def die(self, moments: Sequence[str]) -> None:
        """Live and die so often, as long as all is well, and then live to an ordered end."""
        with self._http:
            for life, moment in enumerate(moments):
                self._trouble()
                self._live(moment)
                self.deaths[moment] += 1
                self._look(f"life {life} ({moment})")
                if self.wrong:
                    return
            for name in SERVICES:
                self._http.delete(f"/_world/faults/{name}")
            self._last_life()
            self._look("the last life")

    def _trouble(self) -> None:
        if self._dice.random() < 0.5:
            fault = {
                "service": self._dice.choice(list(SERVICES)),
                "kind": self._dice.choice(FAULTS),
            }
            seconds = self._dice.uniform(4, 20)
            self._http.post("/_world/faults", json={**fault, "duration_s": seconds})

    @contextlib.contextmanager
    def _daemon(self) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
        path = self.folder / "log"
        with path.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "genmedia_exporter", "--web.listen-address", "127.0.0.1:0"],
                cwd=self.folder, stderr=log, env=environment(),
            )  # fmt: skip
            try:
                yield process, path
            finally:
                early = process.poll()
                process.kill()
                process.wait()
        text = path.read_text("utf-8", "replace")
        self.resumed += len(re.findall("generation resumed", text))
        if early not in (None, 0) or "Traceback" in text or "level=error" in text.lower():
            self.wrong.append(f"the daemon was not well (exit status {early}):\n{text[-2000:]}")

    def _live(self, moment: str) -> None:
        with self._daemon() as (process, log):
            if moment == "starting":
                self._wait(self._dice.uniform(0.05, 3.0), process)
                return
            self._until(lambda: b" msg=listening " in log.read_bytes(), process, PATIENCE)
            if moment == "probing":
                self._wait(self._dice.uniform(0.0, 3.0), process)
            elif moment == "buying":
                self._wait(self._dice.uniform(4.8, 8.0), process)
            else:
                before = self._bookings()
                self._until(lambda: self._bookings() != before, process, 7.0)
                self._wait(self._dice.uniform(0.0, 0.1), process)

    def _last_life(self) -> None:
        """Live until no job is left, and end in order."""
        with self._daemon() as (process, log):
            self._until(lambda: b" msg=listening " in log.read_bytes(), process, PATIENCE)
            mine = set(self.found.jobs)
            done = self._until(lambda: not mine & self._jobs(), process, PATIENCE)
            if not done:
                self.wrong.append(f"jobs that were never finished: {sorted(mine & self._jobs())}")
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)

    def _wait(self, seconds: float, process: subprocess.Popen[bytes]) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)

    def _until(
        self, true: Callable[[], bool], process: subprocess.Popen[bytes], seconds: float
    ) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and process.poll() is None:
            if true():
                return True
            self._wait(0.005, process)
        return False

    def _bookings(self) -> set[Any]:
        return self._ask("SELECT id, settled_usd FROM ledger")

    def _jobs(self) -> set[Any]:
        return {row[0] for row in self._ask("SELECT reservation FROM jobs")}

    def _ask(self, question: str) -> set[Any]:
        db = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, timeout=5)
        try:
            return set(db.execute(question))
        finally:
            db.close()

    # --- afterwards

    def _look(self, when: str) -> None:
        """Compare the file with itself, with before, and with what the world has charged."""
        after, wrong = read(self._path) if self._path.exists() else (Aftermath(), [])
        wrong += contradictions(after) if not wrong else ()
        wrong += losses(self.found, after)
        state = self._http.get("/_world/state").json()
        wrong += _unpaid(after, state["services"])
        if after.usd > DAILY_USD + 1e-6:
            wrong.append(f"${after.usd:.2f} are booked, the budget is ${DAILY_USD:.2f}")
        self.found = after
        self.wrong += [f"{when}: {text}" for text in wrong]
        self.say(f"{when}: {summary(after, state)}")


def _unpaid(after: Aftermath, services: Any) -> Iterator[str]:
    """Yield what the world has charged and the ledger does not know."""
    for name in SERVICES:
        rows = [row for row in after.ledger.values() if row["account"] == name]
        charged, booked = services[name]["spent_usd"], sum(map(amount, rows))
        if charged > booked + 1e-6:
            yield f"{name} has charged ${charged:.3f}, the ledger says ${booked:.3f}"
        if services[name]["creates"] > len(rows):
            yield f"{name}: {services[name]['creates']} creates from {len(rows)} bookings"


def summary(after: Aftermath, world_state: Any) -> str:
    """Return the numbers in a line."""
    creates = sum(world_state["services"][name]["creates"] for name in SERVICES)
    lost = sum(
        row["settled_usd"] is None and number not in after.jobs
        for number, row in after.ledger.items()
    )
    return (
        f"{len(after.history)} records, {len(after.transitions)} transitions, {len(after.ledger)} "
        f"bookings (${after.usd:.2f}; {lost} with the result lost), {len(after.jobs)} jobs open; "
        f"the world charged ${world_state['spent_usd']:.2f} for {creates} creates"
    )


def kill(
    moments: Sequence[str], seed: int, say: Callable[[str], object] = lambda _text: None
) -> Killing:
    """Do it all in a folder of its own; return how it went."""
    with tempfile.TemporaryDirectory(prefix="genmedia-kill-") as folder, world() as url:
        killing = Killing(Path(folder), url, seed, say)
        killing.die(moments)
        return killing


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill, and say what was left."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.kill")
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(3), "big"))
    parser.add_argument("--details", action="store_true", help="a line for each life")
    args = parser.parse_args(arguments)
    last: list[str] = []

    def say(text: str) -> None:
        last[:] = [text]
        if args.details:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()

    plan = random.Random(args.seed)  # noqa: S311 - a plan, not a secret
    killing = kill(plan.choices(MOMENTS, k=args.times), args.seed, say)
    how = ", ".join(f"{n} while {moment}" for moment, n in killing.deaths.items())
    sys.stdout.write(f"killed {killing.deaths.total()} times ({how}); ")
    sys.stdout.write(f"{killing.resumed} jobs taken up again; in the end {last[0]}\n")
    for text in killing.wrong:
        sys.stdout.write(f"WRONG, seed {args.seed}: {text}\n")
    return 1 if killing.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
