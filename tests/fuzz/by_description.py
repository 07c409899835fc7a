"""The running exporter, asked by schemathesis everything that its own description allows, and much that it does not.

Run: python -m tests.fuzz.by_description [--examples 40]

Without schemathesis on the PATH it says so and does nothing. tests/web/test_described_requests.py holds the
most of this in the suite, without it.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from typing import Final

LEFT_OUT: Final = (
    "not_a_server_error",  # 503 and 504 are described: a probe may take longer than a scrape waits
    "negative_data_rejection",  # a language asked for twice is no reason to refuse a page
)
ENDLESS: Final = "/live"
READY_SECONDS: Final = 60.0


def main() -> int:
    """Ask, if that is possible here; its exit status is schemathesis's."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--examples", type=int, default=40)
    examples = parser.parse_args().examples
    tool = shutil.which("schemathesis")
    if tool is None:
        sys.stdout.write("schemathesis is not installed, the description is not fuzzed\n")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "genmedia_exporter", "demo", "--log.level", "info"]
        exporter = subprocess.Popen(
            [*command, "--web.listen-address", "127.0.0.1:0", "--web.enable-lifecycle"],
            cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        try:
            return _ask(tool, exporter, examples, folder)
        finally:
            exporter.terminate()
            exporter.communicate(timeout=30)


def _ask(tool: str, exporter: subprocess.Popen[str], examples: int, folder: str) -> int:
    assert exporter.stdout is not None
    url = next(line.split()[-1] for line in exporter.stdout if "Metrics" in line)
    home = url.removesuffix("/metrics")
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and not _ready(home):
        time.sleep(0.5)
    checks = ["--checks", "all", "--exclude-checks", ",".join(LEFT_OUT), "--exclude-path", ENDLESS]
    done = subprocess.run(
        [tool, "run", f"{home}/api/v1/openapi.json", "--max-examples", str(examples), *checks],
        cwd=folder,
    )
    return done.returncode


def _ready(home: str) -> bool:
    try:
        with urllib.request.urlopen(f"{home}/-/ready", timeout=30):  # noqa: S310 - loopback
            return True
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
