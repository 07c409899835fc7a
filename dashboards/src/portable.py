"""From the SDK's model to a file that Grafana 10.4 and everything after it imports and provisions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

SCHEMA_VERSION: Final = 39
"""What Grafana 10.4 writes. Newer ones migrate upwards on load; none accepts one above its own."""

OLDEST_GRAFANA: Final = "10.4.0"

Json = dict[str, Any]


def to_json(dashboard: Dashboard) -> str:
    """Return the committed form: classic JSON, sorted, UTF-8, one newline at the end."""
    plain: Json = json.loads(JSONEncoder().encode(dashboard))
    plain["schemaVersion"] = SCHEMA_VERSION
    # The SDK puts links and marks into a menu of newer Grafanas; people should see them.
    for shown in (*plain["links"], *plain.get("annotations", {}).get("list", ())):
        shown.pop("placement", None)
    # Nobody's choice, so All; the Grafanas of 10 that draw with scenes stumble over no choice at all.
    for variable in plain["templating"]["list"]:
        variable.setdefault("current", {})
    # No inputs: the data source is a variable, which works for a provisioned file too.
    plain |= {"__inputs": [], "__elements": {}, "__requires": _requires(plain)}
    return json.dumps(plain, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def through_model(plain: Json) -> Json:
    """Read a dashboard into the SDK's model and write it again: keys it does not know are lost."""
    register_default_plugins()
    again: Json = json.loads(JSONEncoder().encode(Dashboard.from_json(plain)))
    return again


def panels(dashboard: Json) -> Iterator[Json]:
    """Yield all panels of a dashboard's JSON that are not rows, those in folded rows too."""
    for panel in dashboard["panels"]:
        if panel["type"] == "row":
            yield from panel["panels"]
        else:
            yield panel


def _requires(dashboard: Json) -> list[dict[str, str]]:
    kinds = sorted({str(panel["type"]) for panel in panels(dashboard)})
    return [
        _needed("grafana", "grafana", "Grafana", OLDEST_GRAFANA),
        _needed("datasource", "prometheus", "Prometheus", "1.0.0"),
        *(_needed("panel", kind, kind, "") for kind in kinds),
    ]


def _needed(kind: str, identity: str, name: str, version: str) -> dict[str, str]:
    return {"type": kind, "id": identity, "name": name, "version": version}
