"""`demo`: the pretend world and the exporter watching it, over real sockets; no key needed."""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from importlib import resources
from pathlib import Path


class WorldError(RuntimeError):
    """The pretend world did not start."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `demo` takes besides the flags of serving."""
    parser.add_argument(
        "--demo.day", dest="demo_day", type=_day, default=600.0, metavar="SECONDS",
        help="seconds that one simulated day lasts (default: 600)",
    )  # fmt: skip
    parser.add_argument(
        "--demo.listen-address", dest="demo_listen", default="127.0.0.1:0", metavar="ADDRESS",
        help="where the simulated services listen (default: a free local port)",
    )  # fmt: skip
    parser.add_argument(
        "--chaos", action="store_true",
        help="watch the fault catalogue instead: each way in which a service can fail, as a target",
    )  # fmt: skip


def _day(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.1 <= seconds <= 1_000_000:  # what the world takes
        raise argparse.ArgumentTypeError(f"{text!r} is not between 0.1 and 1000000 seconds")
    return seconds


@contextlib.contextmanager
def world(day: float, listen: str, *, chaos: bool = False) -> Iterator[str]:
    """Run the pretend world as a program of its own; yields its URL. Raises WorldError."""
    command = [sys.executable, "-m", "genmedia_exporter.demo.world", "--leash"]
    command += ["--listen", listen, "--day", f"{day:g}", *(["--chaos"] if chaos else [])]
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
def configuration(world_url: str, *, chaos: bool = False) -> Iterator[Path]:
    """Write the demo's configuration for a world at *world_url*; yields the file. Raises WorldError."""
    text = _of_catalogue(world_url) if chaos else _of_story()
    with tempfile.TemporaryDirectory(prefix="genmedia-demo-") as folder:
        path = Path(folder) / "genmedia.yml"
        text = text.replace("{world}", world_url).replace("{folder}", folder)
        path.write_text(text, "utf-8")
        yield path


def _of_story() -> str:
    folder = resources.files("genmedia_exporter.commands")
    return folder.joinpath("demo_config.yml").read_text("utf-8")


def _of_catalogue(world_url: str) -> str:
    """Return the configuration that the world has for its fault catalogue; it knows the ports."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{world_url}/_chaos/genmedia.yml", timeout=10) as answer:
            return bytes(answer.read()).decode()
    except OSError as error:
        raise WorldError(f"the demo world does not show its fault catalogue: {error}") from error


def greeting(exporter_url: str, world_url: str, *, chaos: bool = False) -> str:
    """Return what the demo prints when everything listens."""
    if chaos:
        watched = "Watching every fault of the catalogue, over real sockets."
        world = f"{world_url}/_chaos/   (what each fault is, and what it must give)"
    else:
        watched = "Watching a simulated day of AI video and image APIs, over real sockets."
        world = f"{world_url}/   (script of the day: {world_url}/_world/story)"
    return "\n".join(
        [
            "",
            f"  {watched}",
            "",
            f"  Status page   {exporter_url}/",
            f"  Metrics       {exporter_url}/metrics",
            f"  JSON          {exporter_url}/api/v1/status",
            f"  The world     {world}",
            "",
            "  Ctrl+C stops both.",
            "",
        ]
    )
