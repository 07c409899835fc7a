"""Where what is deployed lies, and how it is read."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

from tests.programs import program
from tests.yaml_files import read_yaml

ROOT: Final = Path(__file__).resolve().parents[2]
DEPLOY: Final = ROOT / "deploy"
COMPOSE: Final = DEPLOY / "compose"
KUBERNETES: Final = DEPLOY / "kubernetes"
GRAFANA: Final = DEPLOY / "grafana" / "provisioning"
EXAMPLE: Final = COMPOSE / "example" / "genmedia.yml"


def run(name: str, *arguments: str) -> str:
    """Return what a program prints; it must exit with 0."""
    done = subprocess.run([program(name), *arguments], capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def secrets_named(config: Path) -> set[str]:
    """Return the environment variables that a configuration of the exporter names."""
    accounts = read_yaml(config)["accounts"].values()
    return {account["api_key"]["env"] for account in accounts}
