"""The manifests: they name each other rightly, and the pod may do no more than it must."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest

from genmedia_exporter import __version__
from genmedia_exporter.cli import build_parser, with_command
from genmedia_exporter.web.http.listening import DEFAULT_ADDRESS
from tests.deploy.files import COMPOSE, KUBERNETES, ROOT, secrets_named
from tests.yaml_files import read_all_yaml, read_yaml

BASE: Final = KUBERNETES / "base"
MONITORING: Final = KUBERNETES / "monitoring"
DEPLOYMENT: Final = read_yaml(BASE / "deployment.yaml")
POD: Final = DEPLOYMENT["spec"]["template"]["spec"]
CONTAINER: Final = POD["containers"][0]
SERVICE: Final = read_yaml(BASE / "service.yaml")
LABELS: Final = DEPLOYMENT["spec"]["template"]["metadata"]["labels"]


def contained(selector: dict[str, str], labels: dict[str, str]) -> bool:
    """Whether a selector finds something with these labels."""
    return selector.items() <= labels.items()


@pytest.mark.parametrize("folder", [BASE, MONITORING], ids=lambda folder: str(folder.name))
def test_every_manifest_is_applied(folder: Any) -> None:
    """The kustomization lists what lies beside it; each document says what it is."""
    files = {file.name for file in folder.glob("*.yaml")} - {"kustomization.yaml"}
    assert set(read_yaml(folder / "kustomization.yaml")["resources"]) == files
    for name in files:
        for document in read_all_yaml(folder / name):
            assert {"apiVersion", "kind", "metadata", "spec"} <= set(document), name
            assert document["metadata"]["name"].startswith("genmedia-exporter")
            assert "namespace" not in document["metadata"]


def test_the_pod_may_do_little() -> None:
    """Not root, nothing to gain, nothing to write but two volumes, no token of the cluster."""
    assert POD["automountServiceAccountToken"] is False
    assert POD["securityContext"]["runAsNonRoot"] is True
    assert POD["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert CONTAINER["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    writable = {m["mountPath"] for m in CONTAINER["volumeMounts"] if not m.get("readOnly")}
    assert writable == {"/data", "/tmp"}  # noqa: S108


def test_the_user_is_the_image_s() -> None:
    """Also of the volume, which root would own otherwise."""
    found = re.search(r"^USER (\d+):(\d+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert found is not None
    context = POD["securityContext"]
    assert [context["runAsUser"], context["runAsGroup"]] == [int(found[1]), int(found[2])]
    assert context["fsGroup"] == int(found[2])


def test_the_image_is_of_this_version() -> None:
    """By its number, never whatever is newest."""
    assert CONTAINER["image"] == f"genmedia-exporter:{__version__}"
    assert f"genmedia-exporter:{__version__} " in (KUBERNETES / "README.md").read_text("utf-8")


def test_there_is_one_pod_and_one_volume() -> None:
    """Two exporters on one SQLite file would refuse each other."""
    assert DEPLOYMENT["spec"]["replicas"] == 1
    assert DEPLOYMENT["spec"]["strategy"] == {"type": "Recreate"}
    claims = [
        v["persistentVolumeClaim"]["claimName"] for v in POD["volumes"] if v["name"] == "data"
    ]
    assert claims == [read_yaml(BASE / "persistentvolumeclaim.yaml")["metadata"]["name"]]


def test_probes_ask_the_exporter_only() -> None:
    """Alive and ready have paths of their own, on the named port."""
    asked = {kind: CONTAINER[f"{kind}Probe"]["httpGet"] for kind in ("liveness", "readiness")}
    assert asked == {
        "liveness": {"path": "/-/healthy", "port": "http"},
        "readiness": {"path": "/-/ready", "port": "http"},
    }
    (port,) = CONTAINER["ports"]
    assert port == {"name": "http", "containerPort": int(DEFAULT_ADDRESS.removeprefix(":"))}


def test_it_has_requests_and_a_limit_of_memory() -> None:
    """Without a limit of CPU, on purpose: throttling would be measured as their slowness."""
    assert set(CONTAINER["resources"]["requests"]) == {"cpu", "memory"}
    assert set(CONTAINER["resources"]["limits"]) == {"memory"}


def test_the_configuration_is_where_the_flags_say() -> None:
    """The file of the ConfigMap, in the folder that is mounted, under its fixed name."""
    args = build_parser().parse_args(with_command(CONTAINER["args"]))
    mount = next(m for m in CONTAINER["volumeMounts"] if m["name"] == "config")
    assert mount["mountPath"] == str(args.config_file.parent)
    assert "subPath" not in mount
    kustomization = read_yaml(BASE / "kustomization.yaml")
    (generated,) = kustomization["configMapGenerator"]
    assert generated["files"] == [args.config_file.name]
    assert kustomization["generatorOptions"]["disableNameSuffixHash"] is True
    volume = next(v for v in POD["volumes"] if v["name"] == "config")
    assert volume["configMap"]["name"] == generated["name"]


def test_the_secret_has_the_keys_that_are_named() -> None:
    """And is in no kustomization: an example must not overwrite the real one."""
    secret = read_yaml(KUBERNETES / "secret.example.yaml")
    assert set(secret["stringData"]) == secrets_named(BASE / "genmedia.yml")
    assert [e["secretRef"]["name"] for e in CONTAINER["envFrom"]] == [secret["metadata"]["name"]]


def test_selectors_find_what_they_mean() -> None:
    """The Deployment, the Service and the NetworkPolicy the pod; the ServiceMonitor the Service."""
    policy = read_yaml(BASE / "networkpolicy.yaml")["spec"]
    monitor = read_yaml(MONITORING / "servicemonitor.yaml")["spec"]
    assert contained(DEPLOYMENT["spec"]["selector"]["matchLabels"], LABELS)
    assert contained(SERVICE["spec"]["selector"], LABELS)
    assert contained(policy["podSelector"]["matchLabels"], LABELS)
    assert contained(monitor["selector"]["matchLabels"], SERVICE["metadata"]["labels"])
    ports = {port["name"]: port["port"] for port in SERVICE["spec"]["ports"]}
    assert [endpoint["port"] for endpoint in monitor["endpoints"]] == list(ports)


def test_the_job_is_called_as_everywhere() -> None:
    """Rules and dashboards know one name of it."""
    (endpoint,) = read_yaml(MONITORING / "servicemonitor.yaml")["spec"]["endpoints"]
    jobs = [job["job_name"] for job in read_yaml(COMPOSE / "prometheus.yml")["scrape_configs"]]
    assert endpoint["relabelings"] == [{"targetLabel": "job", "replacement": jobs[0]}]


def test_every_dashboard_becomes_a_config_map() -> None:
    """With the label that Grafana's sidecar looks for."""
    kustomization = read_yaml(KUBERNETES / "dashboards" / "kustomization.yaml")
    made = [file for entry in kustomization["configMapGenerator"] for file in entry["files"]]
    wanted = sorted((ROOT / "dashboards").glob("*.json"))
    assert [(KUBERNETES / "dashboards" / file).resolve() for file in made] == wanted
    assert kustomization["generatorOptions"]["labels"] == {"grafana_dashboard": "1"}
