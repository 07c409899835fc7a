"""Writes the files below deploy/ that repeat what another file says: python -m deploy.generate."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from textwrap import indent
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).resolve().parent.parent
RULES: Final = ("recording", "alerting")
WORLD: Final = "http://world:10068"
MAILBOX: Final = "mail:1025"
LINKS: Final = "grafana.tmpl"
"""Read last: where the mails say Grafana is."""


def head(source: str) -> str:
    """Return the first line of a generated file."""
    return f"# Written by `python -m deploy.generate` from {source}; edit that.\n"


def demo_config() -> str:
    """Return the configuration of `genmedia-exporter demo` for the world of docker-compose.yml."""
    source = "exporter/genmedia_exporter/commands/demo_config.yml"
    text = (ROOT / source).read_text("utf-8")
    return head(source) + text.replace("{world}", WORLD).replace("{folder}", "/data")


def mailing_alertmanager() -> str:
    """Return alerts/alertmanager.yml with every way out but the mailbox of docker-compose.yml closed."""
    source = "alerts/alertmanager.yml"
    config = yaml.safe_load((ROOT / source).read_text("utf-8"))
    settings = {"resolve_timeout": config["global"].get("resolve_timeout", "5m")}
    settings |= {"smtp_smarthost": MAILBOX, "smtp_from": config["global"]["smtp_from"]}
    config["global"] = settings | {"smtp_require_tls": False}
    config["templates"].append(LINKS)
    mail = next(r["email_configs"][0] for r in config["receivers"] if "email_configs" in r)
    config["receivers"] = [_mailing(receiver, mail) for receiver in config["receivers"]]
    plain = json.loads(json.dumps(config))  # without YAML's aliases
    dumped: str = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=120)
    why = "# Everything goes to the mailbox of docker-compose.yml: no secret is needed, nobody is called.\n"
    return head(source) + why + dumped


def _mailing(receiver: Mapping[str, Any], mail: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep a receiver's mails; what only went to a chat becomes a mail; a webhook alone, nothing."""
    mails = receiver.get("email_configs")
    if mails is None and "slack_configs" in receiver:
        mails = [{**mail, "to": f"{receiver['name']}@example.com"}]
    return {"name": receiver["name"], **({"email_configs": mails} if mails else {})}


def prometheus_rules() -> str:
    """Return the rule files as PrometheusRules, word for word."""
    return head("alerts/*.rules.yml") + "---\n".join(_prometheus_rule(kind) for kind in RULES)


def _prometheus_rule(kind: str) -> str:
    text = (ROOT / "alerts" / f"{kind}.rules.yml").read_text("utf-8")
    return (
        "apiVersion: monitoring.coreos.com/v1\n"
        "kind: PrometheusRule\n"
        f"metadata: {{name: genmedia-exporter-{kind}}}\n"
        "spec:\n" + indent(text.rstrip("\n"), "  ") + "\n"
    )


def dashboard_maps() -> str:
    """Return the kustomization that makes a ConfigMap of each dashboard."""
    names = sorted(file.stem for file in (ROOT / "dashboards").glob("*.json"))
    if not names:
        raise FileNotFoundError("no dashboards/*.json")
    config = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "configMapGenerator": [
            {
                "name": f"genmedia-dashboard-{name.removeprefix('genmedia-')}",
                "files": [f"../../../dashboards/{name}.json"],
            }
            for name in names
        ],
        "generatorOptions": {
            "disableNameSuffixHash": True,
            "labels": {"grafana_dashboard": "1"},
            "annotations": {"grafana_folder": "Generation APIs"},
        },
    }
    dumped: str = yaml.safe_dump(config, sort_keys=False, width=120)
    how = "# Its files are outside of its folder, which kustomize must be told to allow; see ../README.md.\n"
    return head("the names in dashboards/") + how + dumped


def example_config() -> str:
    """Return the example configuration, once more: kustomize takes files from its folder only."""
    source = "deploy/compose/example/genmedia.yml"
    return (ROOT / source).read_text("utf-8")


FILES: Final[Mapping[str, Callable[[], str]]] = {
    "deploy/compose/demo/genmedia.yml": demo_config,
    "deploy/compose/alertmanager.yml": mailing_alertmanager,
    "deploy/kubernetes/base/genmedia.yml": example_config,
    "deploy/kubernetes/monitoring/prometheusrule.yaml": prometheus_rules,
    "deploy/kubernetes/dashboards/kustomization.yaml": dashboard_maps,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write what differs; with --check only name it, and return 1."""
    parser = argparse.ArgumentParser(prog="python -m deploy.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if some differ")
    check = parser.parse_args(arguments).check
    told = [said for name, make in FILES.items() if (said := _bring_up(name, make, check))]
    sys.stdout.writelines(f"{said}\n" for said in told)
    return 1 if any(not said.endswith(" written") for said in told) else 0


def _bring_up(name: str, make: Callable[[], str], check: bool) -> str:
    """Write one file if it differs; return what there is to say of it."""
    file = ROOT / name
    try:
        text = make()
    except FileNotFoundError as error:
        return f"{name} not written: {error}"
    if file.exists() and file.read_text("utf-8") == text:
        return ""
    if check:
        return f"{name} differs"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return f"{name} written"


if __name__ == "__main__":
    sys.exit(main())
