"""The committed files are what the code makes, and nothing that Grafana's own schema does not know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dashboards.src import __main__ as program
from dashboards.src.portable import panels, through_model
from tests.dashboards.reading import FILES, FOLDER, load

UIDS = {"genmedia-fleet", "genmedia-target", "genmedia-channels", "genmedia-exporter"}
OURS = {"__inputs", "__elements", "__requires"}
"""What Grafana's import reads and the schema of a dashboard does not have."""


def missing(wanted: Any, found: Any, path: str = "") -> list[str]:
    """Return the paths of *wanted* that *found* does not have, or has otherwise."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        lost = [f"{path}.{key}" for key in wanted.keys() - found.keys()]
        common = wanted.keys() & found.keys()
        return lost + [one for key in common for one in _under(wanted, found, key, path)]
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        return [one for index in range(len(wanted)) for one in _under(wanted, found, index, path)]
    return [] if wanted == found else [f"{path}: {found!r}, not {wanted!r}"]


def _under(wanted: Any, found: Any, key: str | int, path: str) -> list[str]:
    return missing(wanted[key], found[key], f"{path}.{key}")


def test_committed_is_what_the_code_makes() -> None:
    """Nobody edits the JSON by hand, nobody forgets `make dashboards`."""
    assert program.differing(program.rendered(), FOLDER) == []
    assert program.main(["--check"]) == 0


def test_check_sees_edited_missing_and_left_over_files(tmp_path: Path) -> None:
    """All three ways in which files and code can part."""
    (tmp_path / "genmedia-a.json").write_text("edited", "utf-8")
    (tmp_path / "genmedia-old.json").write_text("{}", "utf-8")
    made = {"genmedia-a.json": "{}", "genmedia-b.json": "{}"}
    names = ["genmedia-a.json", "genmedia-b.json", "genmedia-old.json"]
    assert program.differing(made, tmp_path) == names


def test_writing_twice_gives_the_same() -> None:
    """No order, id or time of the making is in the files."""
    assert program.rendered() == program.rendered()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_schema_knows_every_key(file: Path) -> None:
    """Through the SDK's model and back nothing is lost but what is for the import dialog."""
    dashboard = load(file)
    plain = {key: value for key, value in dashboard.items() if key not in OURS}
    assert missing(plain, through_model(dashboard)) == []
    assert set(missing(dashboard, through_model(dashboard))) == {f".{key}" for key in OURS}


def test_round_trip_finds_a_misspelt_key() -> None:
    """The check above would notice."""
    dashboard = json.loads(json.dumps(load(FILES[0])))
    dashboard["panels"][0]["titel"] = "x"
    assert ".panels.0.titel" in missing(dashboard, through_model(dashboard))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_form_is_portable(file: Path) -> None:
    """Classic JSON with a known schema, no inputs to fill in, nothing of the instance it came from."""
    text, dashboard = file.read_text("utf-8"), load(file)
    assert text == json.dumps(dashboard, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    assert dashboard["schemaVersion"] == 39
    assert (dashboard["__inputs"], dashboard["__elements"]) == ([], {})
    kinds = {need["id"] for need in dashboard["__requires"] if need["type"] == "panel"}
    listed = [*dashboard["panels"]]
    listed += [inner for panel in dashboard["panels"] for inner in panel.get("panels") or ()]
    assert kinds == {panel["type"] for panel in listed} - {"row"}
    assert not {"id", "iteration", "version", "elements", "layout", "spec"} & dashboard.keys()


def test_identities_are_stable() -> None:
    """Links and alerts carry the uids; the file is named by it."""
    assert {load(file)["uid"] for file in FILES} == UIDS == {file.stem for file in FILES}


def test_http_codes_keep_their_number() -> None:
    """A hundred has a colour and no text, or a 404 would look like a 422."""
    found = [one for one in panels(load(FOLDER / "genmedia-target.json")) if "HTTP" in one["title"]]
    mappings = [one for panel in found for one in panel["fieldConfig"]["defaults"]["mappings"]]
    hundreds = [one["options"] for one in mappings if one["type"] == "range"]
    assert [one["from"] for one in hundreds] == [200, 300, 400, 500]
    assert not any("text" in one["result"] for one in hundreds)
