"""What the rules cost a Prometheus that watches a thousand targets: CPU time of each group, per cycle and as a share of a core.

    python -m tests.bench.cost_of_rules [TARGETS] [MINUTES]

Two real Prometheuses scrape a page of so many targets, a tenth of which are down, in the same minutes: one without rules,
one with the shipped ones. They are given the time in which alerts begin to fire, for a text is made anew each time for
each. The difference in CPU time is what the rules cost; the time that each took, on a clock, shows where it goes, and is too
much where the machine has other work. Windows are only as long as it runs: what reads days costs more later.
"""

from __future__ import annotations

import re
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from tests.alerts.rules import FILES
from tests.stack.programs import Prometheus, get, prometheus

SERVED: Final = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS: Final = (20, 60, 180, 600, 1800)
BEGIN: Final = 420
"""Seconds after which what is down fires: five minutes, and a few evaluations."""
DEPTHS: Final = {"reach": 60, "accept": 600, "generate": 21600}


def page(targets: int, now: float) -> str:
    """Return what an exporter of so many targets says, as far as rules read it."""
    return "\n".join(_lines(targets, now)) + "\n"


def _lines(targets: int, now: float) -> Iterator[str]:
    yield 'genmedia_exporter_build_info{version="1.0"} 1'
    for gauge in ("network_ok", "storage_ok", "config_last_reload_successful"):
        yield f"genmedia_exporter_{gauge} 1"
    yield "genmedia_budget_enabled 1"
    for period, limit in (("day", 1), ("month", 20)):
        yield f'genmedia_budget_limit_usd{{period="{period}"}} {limit}'
        yield f'genmedia_budget_spent_usd{{period="{period}"}} {limit / 4}'
    for number in range(targets):
        yield from _target(number, now)


def _target(number: int, now: float) -> Iterator[str]:
    name, down = f'target="t{number}"', number % 10 == 0
    vendor, channel = number // 20, "reverse" if number % 3 else "official"
    labels = f'provider="openai",vendor="v{vendor}.example",account="a{vendor}",channel="{channel}"'
    yield f'genmedia_target_info{{{name},{labels},model="m{number}",family="f{number}",operation="video"}} 1'
    yield f"genmedia_target_status_code{{{name}}} {6 if down else 1}"
    yield f"genmedia_target_up{{{name}}} {int(not down)}"
    yield f"genmedia_target_slo_objective_ratio{{{name}}} 0.99"
    yield f'genmedia_target_last_transition_timestamp_seconds{{{name},from="down",to="operational"}} {now - 86400}'
    yield f"genmedia_target_status_changes_total{{{name}}} 4"
    yield f"genmedia_probe_tls_certificate_expiry_timestamp_seconds{{{name}}} {now + 7776000}"
    for depth, interval in DEPTHS.items():
        at = f'{name},depth="{depth}"'
        yield f"genmedia_probe_interval_seconds{{{at}}} {interval}"
        yield f"genmedia_probe_last_run_timestamp_seconds{{{at}}} {now - 30}"
        yield f"genmedia_probe_last_success_timestamp_seconds{{{at}}} {now - 30}"
        yield f"genmedia_probe_success{{{at}}} {int(not down)}"
        for reason in ("server_error", "timeout", "rate_limited"):
            yield f'genmedia_probe_failures_total{{{at},reason="{reason}"}} 5'
    yield f'genmedia_probe_duration_seconds{{{name},depth="generate"}} 95'
    for le in BUCKETS:
        yield f'genmedia_generation_duration_seconds_bucket{{{name},le="{le}.0"}} 9'
    yield f'genmedia_generation_duration_seconds_bucket{{{name},le="+Inf"}} 9'
    yield f"genmedia_generation_duration_seconds_count{{{name}}} 9"


def serve(targets: int) -> ThreadingHTTPServer:
    """Serve the page on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = page(targets, time.time() // 60 * 60).encode()
            self.send_response(200)
            self.send_header("Content-Type", SERVED)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def config(port: int, rules: bool) -> str:
    """Return a configuration as README.md has it."""
    files = "".join(f"  - {file}\n" for file in FILES)
    return (
        "global: {scrape_interval: 30s, evaluation_interval: 30s}\n"
        + (f"rule_files:\n{files}" if rules else "")
        + "scrape_configs: [{job_name: genmedia, static_configs: "
        + f"[{{targets: ['127.0.0.1:{port}']}}]}}]\n"
    )


def cpu_seconds(url: str) -> float:
    """Return the CPU time that a Prometheus has taken."""
    with urllib.request.urlopen(f"{url}/metrics") as answer:  # noqa: S310 - our own address
        text = answer.read().decode()
    return float(re.findall(r"^process_cpu_seconds_total (\S+)", text, re.MULTILINE)[0])


@contextmanager
def watching(targets: int, rules: bool) -> Iterator[Prometheus]:
    """Run a Prometheus that scrapes so many targets."""
    server = serve(targets)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "prometheus.yml"
        file.write_text(config(server.server_port, rules), "utf-8")
        with prometheus(folder, file) as running:
            yield running
    server.shutdown()


def main(targets: int = 1000, minutes: int = 4) -> None:
    """Measure, and print a table."""
    with watching(targets, rules=False) as alone, watching(targets, rules=True) as both:
        time.sleep(BEGIN)
        before = [cpu_seconds(one.url) for one in (alone, both)]
        time.sleep(minutes * 60)
        after = [cpu_seconds(one.url) for one in (alone, both)]
        found: list[dict[str, Any]] = get(f"{both.url}/api/v1/rules")["data"]["groups"]
    report(found)
    without, with_rules = ((b - a) / (minutes * 60) for a, b in zip(before, after, strict=True))
    sys.stdout.write(
        f"{targets} targets: {without:.2%} of one core without rules, {with_rules:.2%} with them, "
        f"so they take {with_rules - without:.2%}\n"
    )


def report(found: list[dict[str, Any]]) -> None:
    """Print what each group takes, and the costliest rules."""
    out = sys.stdout.write
    total = 0.0
    rules = []
    for group in found:
        every, took = group["interval"], group["evaluationTime"]
        total += took / every
        out(f"{group['name']:32} every {every:5.0f} s: {took:7.3f} s, {took / every:6.2%}\n")
        rules += [(rule["evaluationTime"], every, rule["name"]) for rule in group["rules"]]
    out(f"{'all, by the clock':32} {total:31.2%}\n")
    for took, every, name in sorted(rules, key=lambda rule: -rule[0] / rule[1])[:15]:
        out(f"  {name:52} {took:7.3f} s, {took / every:6.2%}\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
