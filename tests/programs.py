"""The programs that tests run for real, and the chore `make programs` that installs what is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest


@dataclass(frozen=True)
class Program:
    """What a program is called, upstream and in Debian, and where it comes from."""

    package: str
    source: str
    names: tuple[str, ...]
    folders: str = ""
    """Where Debian keeps it outside the PATH: a pattern below the root."""


PROGRAMS: Final = {
    "prometheus": Program("prometheus", "prometheus.io/download", ("prometheus",)),
    "promtool": Program("prometheus", "prometheus.io/download", ("promtool",)),
    "alertmanager": Program(
        "prometheus-alertmanager",
        "prometheus.io/download",
        ("prometheus-alertmanager", "alertmanager"),
    ),
    "amtool": Program("prometheus-alertmanager", "prometheus.io/download", ("amtool",)),
    "chromium": Program("chromium", "chromium.org", ("chromium", "chromium-browser")),
    "systemd-analyze": Program("systemd", "systemd.io", ("systemd-analyze",)),
    "initdb": Program("postgresql", "postgresql.org", ("initdb",), "usr/lib/postgresql/*/bin"),
}
"""Every program that the tests need beside Python's packages, by the name the tests use."""

NO_START: Final = Path("/usr/sbin/policy-rc.d")
"""Debian starts the servers that it installs, unless this program forbids it."""


def find(name: str) -> str | None:
    """Return where a program is, or None."""
    known = PROGRAMS[name]
    found = [shutil.which(candidate) for candidate in known.names]
    if known.folders:
        folders = sorted(Path("/").glob(known.folders), key=_version, reverse=True)
        found += [shutil.which(known.names[0], path=str(folder)) for folder in folders]
    return next((path for path in found if path), None)


def _version(folder: Path) -> float:
    name = folder.parent.name
    return float(name) if name.replace(".", "", 1).isdigit() else 0.0


def program(name: str) -> str:
    """Return where a program is. Without it the test is skipped; with CI=true it fails."""
    path = find(name)
    if path is not None:
        return path
    absent = f"{name} is missing: apt-get install {PROGRAMS[name].package}"
    return pytest.fail(absent) if in_ci() else pytest.skip(absent)


def in_ci() -> bool:
    """Whether nothing may be missing."""
    return os.environ.get("CI") == "true"


def missing() -> list[str]:
    """Return the programs that are not here."""
    return [name for name in PROGRAMS if find(name) is None]


def packages(names: Sequence[str]) -> list[str]:
    """Return Debian's packages of these programs, each once."""
    return list(dict.fromkeys(PROGRAMS[name].package for name in names))


def may_install() -> bool:
    """Whether this is Debian, or a descendant, and we are root."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(wanted: Sequence[str]) -> str:
    """Install Debian's packages, and start none of them; return apt-get's complaint, "" if none."""
    apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]
    silent = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with nothing_starts():
        for step in (["update"], ["install", "-y", "--no-install-recommends", *wanted]):
            done = subprocess.run([*apt, *step], env=silent, capture_output=True, text=True)
            if done.returncode != 0:
                lines = done.stderr.strip().splitlines()
                return lines[-1] if lines else f"exit code {done.returncode}"
    return ""


@contextmanager
def nothing_starts() -> Iterator[None]:
    """Forbid packages to start their servers, unless the machine has a policy of its own."""
    try:
        with NO_START.open("x") as file:
            file.write("#!/bin/sh\nexit 101\n")
    except FileExistsError:
        yield
        return
    try:
        NO_START.chmod(0o755)
        yield
    finally:
        NO_START.unlink()


def prepare(
    allowed: bool, installer: Callable[[Sequence[str]], str], say: Callable[[str], object]
) -> int:
    """Install what is missing where that is allowed, else name it; 1 if CI lacks anything."""
    absent = missing()
    if absent and allowed:
        say(f"Installing {', '.join(packages(absent))} with apt-get; no server is started...")
        if complaint := installer(packages(absent)):
            say(f"apt-get failed: {complaint}")
        absent = missing()
    if not absent:
        return 0
    say(
        f"Missing: {', '.join(absent)}. On Debian, as root: apt-get install {' '.join(packages(absent))}"
    )
    sources = dict.fromkeys(PROGRAMS[name].source for name in absent)
    say(f"Elsewhere: from {' and '.join(sources)}; they are looked for on the PATH.")
    if in_ci():
        say("CI=true: nothing may be missing.")
        return 1
    say("The tests that need them are skipped; the summary counts them.")
    return 0


def _say(line: str) -> None:
    print(f"make programs: {line}", flush=True)  # noqa: T201 - a chore tells what it does


LITELLM: Final = (
    "litellm==1.108.7 fastapi==0.165.0 uvicorn==0.54.0 uvloop==0.23.0 gunicorn==27.0.1 orjson==3.13.0 "
    "pyyaml==6.0.4 python-multipart==0.0.34 websockets==17.4 rich==15.0.0 cryptography==50.0.2 PyJWT==2.15.1 "
    "fastapi-sso==0.23.0 email-validator==2.4.0 apscheduler==3.11.3 backoff==2.2.1 rq==3.0.0 croniter==7.0.0 "
    "mcp==2.3.0 expression==5.8.0 soundfile==0.14.0"
)
"""LiteLLM and what its gateway imports to start: 370 MB, where litellm[proxy] takes 600."""
LITELLM_FOLDER: Final = Path(__file__).parent.parent / ".litellm"
LITELLM_VARIABLE: Final = "GENMEDIA_TEST_LITELLM"
"""Names a LiteLLM of one's own; `install` for one installed here, `no` for none."""
INSTALL_SECONDS: Final = 120.0
"""So long its 370 MB may take; CI has 20 minutes for everything."""


def find_litellm(folder: Path = LITELLM_FOLDER) -> str | None:
    """Return where the gateway LiteLLM is: as it is named, installed by this chore, on the PATH."""
    named = os.environ.get(LITELLM_VARIABLE, "")
    if named and named != "install":
        return None if named == "no" else named
    installed = folder / "bin" / "litellm"
    return str(installed) if _holds_litellm(folder) else shutil.which("litellm")


def _holds_litellm(folder: Path) -> bool:
    try:
        return (folder / "installed").read_text("utf-8") == LITELLM
    except OSError:
        return False


_BRIEFLY: Final = ("--quiet", "--retries", "1", "--no-compile", "--disable-pip-version-check")


def install_litellm(folder: Path, seconds: float = INSTALL_SECONDS) -> str:
    """Install LiteLLM into an environment of its own; return what went wrong, "" if nothing did."""
    python, needs, until = folder / "bin" / "python", LITELLM.split(), time.monotonic() + seconds
    uv = shutil.which("uv")  # in a tenth of pip's time
    if complaint := _done([sys.executable, "-m", "venv", "--clear", str(folder)], until):
        return complaint
    fast = [uv, "pip", "install", "--quiet", "--python", str(python), *needs] if uv else None
    if fast is None or _done(fast, until):
        complaint = _done([str(python), "-m", "pip", "install", *_BRIEFLY, *needs], until)
    if complaint:
        shutil.rmtree(folder, ignore_errors=True)
        return complaint
    (folder / "installed").write_text(LITELLM, "utf-8")
    return ""


def _done(step: Sequence[str], until: float) -> str:
    """Run a program until the monotonic time *until* at the longest; return what went wrong, "" if nothing did."""
    try:
        left = max(0.0, until - time.monotonic())
        done = subprocess.run(step, capture_output=True, text=True, timeout=left)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return ""
    return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]


def prepare_litellm(
    folder: Path, installer: Callable[[Path], str], say: Callable[[str], object]
) -> None:
    """Install LiteLLM where it is asked for, as CI does. Without it, its tests are skipped, in CI, too.

    Not by itself: 370 MB are much for whoever changes something else.
    """
    if find_litellm(folder):
        return
    if os.environ.get(LITELLM_VARIABLE) != "install":
        say(f"LiteLLM is not here, its tests are skipped; {LITELLM_VARIABLE}=install fetches it.")
        return
    say(f"Installing {LITELLM.split()[0]} into {folder.name} (370 MB)...")
    if complaint := installer(folder):
        say(f"LiteLLM could not be installed, its tests are skipped: {complaint}")


AXE: Final = "axe-playwright-python==0.1.8"
AXE_HASH: Final = "sha256:fdd263c998388f1a8e67cad02677e612d946248bd44d163be5e8650ea31f95f8"
"""A wheel that holds axe-core 4.12.1; only that file is used, so nothing it depends on is installed."""
AXE_FOLDER: Final = Path(__file__).parent.parent / ".axe"
AXE_VARIABLE: Final = "AXE_CORE"
"""Names an axe.min.js of one's own."""


def find_axe(folder: Path = AXE_FOLDER) -> Path | None:
    """Return where the script axe-core is: as it is named, or installed by this chore."""
    named = os.environ.get(AXE_VARIABLE)
    file = Path(named) if named else folder / AXE.replace("==", "-") / "axe.min.js"
    return file if file.is_file() else None


def axe() -> Path:
    """Return where axe-core is. Without it the test is skipped; with CI=true it fails."""
    found = find_axe()
    if found is not None:
        return found
    absent = "axe-core is missing: make programs fetches it"
    return pytest.fail(absent) if in_ci() else pytest.skip(absent)


def install_axe(folder: Path) -> str:
    """Take axe-core out of its wheel; return what went wrong, "" if nothing did."""
    with TemporaryDirectory() as place:
        wanted = Path(place, "wanted.txt")
        wanted.write_text(f"{AXE} --hash={AXE_HASH}\n", "utf-8")
        pip = [sys.executable, "-m", "pip", "install", *_BRIEFLY, "--no-deps", "--require-hashes"]
        done = subprocess.run(
            [*pip, "--target", place, "--requirement", str(wanted)], capture_output=True, text=True
        )
        if done.returncode != 0:
            return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        file = folder / AXE.replace("==", "-") / "axe.min.js"
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(Path(place, "axe_playwright_python", "axe.min.js"), file)
    return ""


def prepare_axe(
    folder: Path, installer: Callable[[Path], str], say: Callable[[str], object]
) -> int:
    """Fetch axe-core where it is not here; 1 if CI lacks it."""
    if find_axe(folder) is not None:
        return 0
    complaint = installer(folder)
    if not complaint:
        return 0
    say(f"axe-core could not be fetched, its tests are skipped: {complaint}")
    return int(in_ci())


if __name__ == "__main__":
    prepare_litellm(LITELLM_FOLDER, install_litellm, _say)
    lacking = prepare_axe(AXE_FOLDER, install_axe, _say)
    sys.exit(prepare(may_install(), install, _say) or lacking)
