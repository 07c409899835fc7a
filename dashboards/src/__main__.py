"""Write the dashboards' JSON, or with --check only compare it with what is there."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from dashboards.src import channels, fleet, internals, target
from dashboards.src.portable import to_json

FOLDER: Final = Path(__file__).resolve().parent.parent
"""Where the JSON is: what Grafana's provisioning is pointed at."""


def rendered() -> Mapping[str, str]:
    """Return file name and text of every dashboard."""
    pages = (fleet.dashboard(), target.dashboard(), channels.dashboard(), internals.dashboard())
    return {f"{page.uid}.json": to_json(page) for page in pages}


def differing(files: Mapping[str, str], folder: Path) -> list[str]:
    """Return the names of files that are missing, other, or left over in *folder*."""
    there = {path.name: path.read_text("utf-8") for path in folder.glob("genmedia-*.json")}
    return sorted(
        name for name in files.keys() | there.keys() if files.get(name) != there.get(name)
    )


def main(arguments: list[str] | None = None) -> int:
    """Run as a program; 1 when --check found a difference."""
    parser = argparse.ArgumentParser(prog="python -m dashboards.src", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args(arguments)
    files = rendered()
    names = differing(files, FOLDER)
    if options.check:
        for name in names:
            sys.stderr.write(f"{name} is not what the code makes: run make dashboards\n")
        return 1 if names else 0
    for name in names:
        path = FOLDER / name
        if name in files:
            path.write_text(files[name], "utf-8")
        else:
            path.unlink()
        sys.stderr.write(f"{'wrote' if name in files else 'removed'} {path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
