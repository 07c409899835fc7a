"""The client works in an environment that has openai and httpx2 only, and nothing of the daemon."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import genmedia_client
import genmedia_exporter
from genmedia_exporter.demo.world import World
from tests.client.calls import creates

NEEDED = ("openai", "httpx2")
FOREIGN = (
    "yaml",
    "sqlalchemy",
    "starlette",
    "uvicorn",
    "jinja2",
    "prometheus_client",
    "rich",
    "bcrypt",
)
"""What the daemon needs and applications must not. (openai itself needs pydantic.)"""

PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from importlib.util import find_spec
from genmedia_client import FallbackClient, Route

world = sys.argv[2]
assert not [name for name in sys.argv[3].split() if find_spec(name)], "more is installed than should be"
client = FallbackClient(
    [
        Route("vendor", f"{world}/sora-2-official", "demo-key", "sora-2"),
        Route("gateway", f"{world}/veo-3.1-reverse", "demo-key", "veo-3.1", "reverse"),
    ],
    exporter_url="http://127.0.0.1:1",
)
result = client.create_video("a lighthouse at dusk")
print(result.success, result.target, [error.status for error in result.errors])
try:
    FallbackClient.from_config("genmedia.yml")
except ImportError as error:
    print(error)
print([name for name in sys.modules if name.startswith("genmedia_exporter")])
"""


def closure(*names: str) -> dict[str, Distribution]:
    """Return these distributions and all that they require here, as their metadata say."""
    found: dict[str, Distribution] = {}
    left = list(names)
    while left:
        name = re.sub(r"[-_.]+", "-", left.pop()).lower()
        if name not in found:
            found[name] = distribution(name)
            needs = map(Requirement, found[name].requires or ())
            left += [r.name for r in needs if r.marker is None or r.marker.evaluate({"extra": ""})]
    return found


def link(folder: Path, source: Path) -> None:
    """Put a package or a module into an environment."""
    target = folder / source.name
    if not target.exists():
        target.symlink_to(source)


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """A folder with openai, httpx2, what they require, and the client; nothing else."""
    folder = tmp_path / "packages"
    folder.mkdir()
    for installed in closure(*NEEDED).values():
        for file in installed.files or ():
            if file.parts[0] not in ("..", "__pycache__"):
                link(folder, Path(str(installed.locate_file(file.parts[0]))))
    link(folder, Path(genmedia_client.__file__).parent)
    return folder


def run(environment: Path, world: World, *foreign: str) -> list[str]:
    """Run PROGRAM on an interpreter that sees the standard library and *environment* only."""
    command = [sys.executable, "-I", "-S", "-B", "-W", "error", "-c", PROGRAM]
    done = subprocess.run(
        [*command, str(environment), world.url, " ".join(foreign)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_it_works_with_openai_and_httpx2_alone(world: World, environment: Path) -> None:
    """A real create falls back over real sockets; from_config says what to install."""
    world.set_fault("sora-2-official", "suspended")
    before = creates(world)["veo-3.1-reverse"]
    created, missing, imported = run(environment, world, *FOREIGN, "genmedia_exporter")
    assert created == "True gateway [503]"
    assert "genmedia_exporter is not installed: pip install genmedia-exporter" in missing
    assert imported == "[]"
    assert creates(world)["veo-3.1-reverse"] == before + 1


def test_it_works_beside_a_daemon_without_its_packages(world: World, environment: Path) -> None:
    """As `pip install --no-deps genmedia-exporter` leaves it: only from_config asks for more."""
    link(environment, Path(genmedia_exporter.__file__).parent)
    created, missing, _ = run(environment, world, *FOREIGN)
    assert created == "True vendor []"
    assert re.search(r"the module \w+ is not installed: pip install genmedia-exporter", missing)
