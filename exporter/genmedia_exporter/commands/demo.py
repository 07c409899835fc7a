"""`demo`: the pretend world and the exporter watching it, over real sockets; no key needed."""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib import resources
from pathlib import Path


class WorldError(RuntimeError):
    """The pretend world did not start."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `demo` takes besides the flags of serving."""
    parser.add_argument(
        "--demo.day", dest="demo_day", type=float, default=600.0, metavar="SECONDS",
        help="seconds that one simulated day lasts (default: 600)",
    )  # fmt: skip
    parser.add_argument(
        "--demo.listen-address", dest="demo_listen", default="127.0.0.1:0", metavar="ADDRESS",
        help="where the simulated services listen (default: a free local port)",
    )  # fmt: skip


@contextlib.contextmanager
def world(day: float, listen: str) -> Iterator[str]:
    """Run the pretend world as a program of its own; yields its URL. Raises WorldError."""
    command = [sys.executable, "-m", "genmedia_exporter.demo.world", "--leash"]
    command += ["--listen", listen, "--day", f"{day:g}"]
    # Its standard input is a leash: the kernel closes it however we end, and the world ends too.
    process = subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield _url(process)
    finally:
        process.terminate()
        try:
            process.wait(5.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def _url(process: subprocess.Popen[str]) -> str:
    """Return the address the world prints in its first line."""
    line = process.stdout.readline() if process.stdout is not None else ""
    _, found, url = line.strip().partition("listening on ")
    if not found:
        raise WorldError("the demo world did not start; see its message above")
    return url


@contextlib.contextmanager
def configuration(world_url: str) -> Iterator[Path]:
    """Write the demo's configuration for a world at *world_url*; yields the file."""
    text = (
        resources.files("genmedia_exporter.commands").joinpath("demo_config.yml").read_text("utf-8")
    )
    with tempfile.TemporaryDirectory(prefix="genmedia-demo-") as folder:
        path = Path(folder) / "genmedia.yml"
        text = text.replace("{world}", world_url).replace("{folder}", folder)
        path.write_text(text, "utf-8")
        yield path


def greeting(exporter_url: str, world_url: str) -> str:
    """Return what the demo prints when everything listens."""
    return "\n".join(
        [
            "",
            "  Watching a simulated day of AI video and image APIs, over real sockets.",
            "",
            f"  Status page   {exporter_url}/",
            f"  Metrics       {exporter_url}/metrics",
            f"  JSON          {exporter_url}/api/v1/status",
            f"  The world     {world_url}/   (script of the day: {world_url}/_world/story)",
            "",
            "  Ctrl+C stops both.",
            "",
        ]
    )
