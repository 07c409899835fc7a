"""What is missing for the tests: where it may be installed, what is said where not, who skips."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests import programs
from tests.programs import (
    AXE,
    AXE_VARIABLE,
    LITELLM,
    LITELLM_VARIABLE,
    PROGRAMS,
    Program,
    axe,
    find_axe,
    find_litellm,
    install_litellm,
    packages,
    prepare,
    prepare_axe,
    prepare_litellm,
    program,
)


class Apt:
    """Stands in for apt-get: puts programs into a folder of the PATH, or complains."""

    def __init__(self, folder: Path, complaint: str = "") -> None:
        self.folder = folder
        self.complaint = complaint
        self.asked: list[str] = []

    def __call__(self, wanted: Sequence[str]) -> str:
        """Install."""
        self.asked += wanted
        if not self.complaint:
            for known in PROGRAMS.values():
                if known.package in wanted:
                    put(self.folder / known.names[0])
        return self.complaint


def put(file: Path) -> None:
    """Make a program."""
    file.write_text("#!/bin/sh\n", "utf-8")
    file.chmod(0o755)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any of the programs, outside CI; returns the only folder of its PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    nowhere = Program("postgresql", "postgresql.org", ("initdb",), "nowhere/*/bin")
    monkeypatch.setitem(PROGRAMS, "initdb", nowhere)
    return tmp_path


def test_what_is_missing_is_installed_in_one_line(bare: Path) -> None:
    """Where that is allowed; only what is missing, and each package once."""
    put(bare / "initdb")
    put(bare / "chromium")
    apt, said = Apt(bare), list[str]()

    assert prepare(True, apt, said.append) == 0
    assert apt.asked == ["prometheus", "prometheus-alertmanager", "systemd"]
    assert said == [
        "Installing prometheus, prometheus-alertmanager, systemd with apt-get; no server is started..."
    ]
    assert prepare(True, apt, said.append) == 0
    assert len(said) == 1


def test_where_nothing_may_be_installed_it_is_named(bare: Path) -> None:
    """With the packages of Debian and where others get it; the tests then run without it."""
    put(bare / "prometheus")
    put(bare / "promtool")
    put(bare / "chromium")
    apt, said = Apt(bare), list[str]()

    assert prepare(False, apt, said.append) == 0
    assert apt.asked == []
    assert said == [
        "Missing: alertmanager, amtool, systemd-analyze, initdb. "
        "On Debian, as root: apt-get install prometheus-alertmanager systemd postgresql",
        "Elsewhere: from prometheus.io/download and systemd.io and postgresql.org; they are looked for on the PATH.",
        "The tests that need them are skipped; the summary counts them.",
    ]


def test_a_failed_installation_says_why(bare: Path) -> None:
    """And the tests run without."""
    put(bare / "chromium")
    apt, said = Apt(bare, "E: Unable to locate package prometheus"), list[str]()

    assert prepare(True, apt, said.append) == 0
    assert said[1] == "apt-get failed: E: Unable to locate package prometheus"
    assert said[2].startswith(
        "Missing: prometheus, promtool, alertmanager, amtool, systemd-analyze, initdb."
    )


def test_in_ci_nothing_may_be_missing(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The chore fails, and with it `make test`."""
    monkeypatch.setenv("CI", "true")
    said: list[str] = []

    assert prepare(False, Apt(bare), said.append) == 1
    assert said[-1] == "CI=true: nothing may be missing."
    assert prepare(True, Apt(bare), said.append) == 0


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_test_without_its_program_is_skipped(bare: Path, name: str) -> None:
    """It names the program and its package."""
    package = PROGRAMS[name].package
    with pytest.raises(
        pytest.skip.Exception, match=f"{name} is missing: apt-get install {package}"
    ):
        program(name)


@pytest.mark.parametrize("name", PROGRAMS)
def test_in_ci_it_fails(bare: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the same words."""
    monkeypatch.setenv("CI", "true")
    package = PROGRAMS[name].package
    with pytest.raises(
        pytest.fail.Exception, match=f"{name} is missing: apt-get install {package}"
    ):
        program(name)


def test_either_name_will_do(bare: Path) -> None:
    """Alertmanager is called otherwise in Debian than by its makers."""
    put(bare / "alertmanager")
    assert program("alertmanager") == str(bare / "alertmanager")
    put(bare / "prometheus-alertmanager")
    assert program("alertmanager") == str(bare / "prometheus-alertmanager")


def test_the_newest_postgresql_is_taken(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Debian keeps its programs outside the PATH, a folder a version; 9.6 is older than 15."""
    for version in ("9.6", "15", "17"):
        (bare / version / "bin").mkdir(parents=True)
        put(bare / version / "bin" / "initdb")
    folders = str(bare.relative_to("/") / "*" / "bin")
    monkeypatch.setitem(
        PROGRAMS, "initdb", Program("postgresql", "postgresql.org", ("initdb",), folders)
    )
    assert program("initdb") == str(bare / "17" / "bin" / "initdb")


def test_packages_are_named_once() -> None:
    """In the order of the programs."""
    assert packages(["promtool", "prometheus", "amtool"]) == [
        "prometheus",
        "prometheus-alertmanager",
    ]


def test_no_server_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While packages are installed, and only then; a policy of the machine's own stays."""
    policy = tmp_path / "policy-rc.d"
    monkeypatch.setattr(programs, "NO_START", policy)
    with programs.nothing_starts():
        assert policy.stat().st_mode & 0o111
        assert "exit 101" in policy.read_text("utf-8")
    assert not policy.exists()
    policy.write_text("ours", "utf-8")
    with programs.nothing_starts():
        pass
    assert policy.read_text("utf-8") == "ours"


def install_well(folder: Path) -> str:
    """Stand in for pip, where all goes well."""
    (folder / "bin").mkdir(parents=True)
    put(folder / "bin" / "litellm")
    (folder / "installed").write_text(LITELLM, "utf-8")
    return ""


def test_litellm_gets_an_environment_of_its_own(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once; another version is installed anew."""
    monkeypatch.setenv(LITELLM_VARIABLE, "install")
    folder, said = bare / "own", list[str]()

    assert find_litellm(folder) is None
    prepare_litellm(folder, install_well, said.append)
    assert find_litellm(folder) == str(folder / "bin" / "litellm")
    prepare_litellm(folder, install_well, said.append)
    assert len(said) == 1
    (folder / "installed").write_text("litellm[proxy]==1.0.0", "utf-8")
    assert find_litellm(folder) is None


def test_without_litellm_everything_else_is_tested(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In CI, too: an index may be out of reach, and 370 MB may take too long."""
    monkeypatch.setenv(LITELLM_VARIABLE, "install")
    monkeypatch.setenv("CI", "true")
    said: list[str] = []

    prepare_litellm(bare / "own", lambda _folder: "no network", said.append)

    assert said[-1] == "LiteLLM could not be installed, its tests are skipped: no network"


@pytest.mark.parametrize(("named", "found"), [("no", None), ("/opt/litellm", "/opt/litellm")])
def test_a_litellm_of_ones_own_or_none(
    bare: Path, monkeypatch: pytest.MonkeyPatch, named: str, found: str | None
) -> None:
    """Nothing is installed then."""
    monkeypatch.setenv(LITELLM_VARIABLE, named)
    said: list[str] = []

    prepare_litellm(bare / "own", install_well, said.append)

    assert not any(line.startswith("Installing") for line in said)
    assert not (bare / "own").exists()
    assert find_litellm(bare / "own") == found


def test_litellm_is_not_installed_unasked(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says how to have it."""
    monkeypatch.delenv(LITELLM_VARIABLE, raising=False)
    said: list[str] = []

    prepare_litellm(bare / "own", install_well, said.append)

    assert not (bare / "own").exists()
    assert f"{LITELLM_VARIABLE}=install" in said[0]


def test_what_takes_too_long_leaves_nothing_behind(tmp_path: Path) -> None:
    """Half an environment would only look like one."""
    complaint = install_litellm(tmp_path / "own", seconds=0.0)

    assert "timed out" in complaint
    assert not (tmp_path / "own").exists()


def test_axe_core_is_fetched_once(bare: Path) -> None:
    """Of one version; another lies beside it."""
    asked: list[Path] = []

    def fetched(folder: Path) -> str:
        asked.append(folder)
        file = folder / AXE.replace("==", "-") / "axe.min.js"
        file.parent.mkdir(parents=True)
        file.write_text("", "utf-8")
        return ""

    assert find_axe(bare) is None
    assert prepare_axe(bare, fetched, print) == 0
    assert find_axe(bare) == bare / AXE.replace("==", "-") / "axe.min.js"
    assert prepare_axe(bare, fetched, print) == 0
    assert asked == [bare]


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_without_axe_core_its_tests_are_skipped_but_not_in_ci(
    bare: Path, monkeypatch: pytest.MonkeyPatch, ci: str, code: int
) -> None:
    """It says why it is not there."""
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv(AXE_VARIABLE, str(bare / "nowhere.js"))
    said: list[str] = []

    assert prepare_axe(bare, lambda _folder: "no network", said.append) == code
    assert said == ["axe-core could not be fetched, its tests are skipped: no network"]
    with pytest.raises(
        (pytest.skip.Exception, pytest.fail.Exception), match="make programs fetches it"
    ) as raised:
        axe()
    assert raised.type is (pytest.fail.Exception if ci else pytest.skip.Exception)
