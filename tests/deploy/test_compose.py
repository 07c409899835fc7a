"""docker-compose.yml and what it mounts: everything it names is there, and fits together."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

from genmedia_exporter.cli import build_parser, with_command
from genmedia_exporter.web.http.listening import DEFAULT_ADDRESS
from tests.deploy.files import COMPOSE, EXAMPLE, GRAFANA, ROOT, run, secrets_named
from tests.yaml_files import read_yaml

STACK: Final = read_yaml(ROOT / "docker-compose.yml")
SERVICES: Final[dict[str, dict[str, Any]]] = STACK["services"]
OVER: Final = read_yaml(COMPOSE / "own.yml")
OWN: Final[dict[str, dict[str, Any]]] = OVER["services"]
PROMETHEUS: Final = read_yaml(COMPOSE / "prometheus.yml")
SOURCES: Final = read_yaml(GRAFANA / "datasources" / "prometheus.yml")["datasources"]

each_service = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)


def mounts(service: dict[str, Any]) -> dict[str, str]:
    """Return what is mounted where: path inside to source."""
    parts = [entry.split(":") for entry in service.get("volumes", [])]
    return {inside: source for source, inside, *_ in parts}


def flag(service: str, name: str) -> str:
    """Return the value of a flag on a service's command line."""
    found = [a for a in SERVICES[service]["command"] if a.startswith(f"--{name}=")]
    assert len(found) == 1, name
    return str(found[0].partition("=")[2])


# --- services


@each_service
def test_images_are_exact(service: dict[str, Any]) -> None:
    """A version by its last number, or our own, built here; never whatever is newest."""
    if service["image"] == SERVICES["exporter"]["image"]:
        return
    assert re.fullmatch(r"[\w./-]+:v?\d+\.\d+\.\d+(@sha256:[0-9a-f]{64})?", service["image"])


def test_our_image_is_built_once() -> None:
    """Two builders of one tag would race; and no registry is asked for what is ours."""
    ours = {n: s for n, s in SERVICES.items() if s["image"] == SERVICES["exporter"]["image"]}
    assert {n: s["pull_policy"] for n, s in ours.items()} == {"exporter": "build", "world": "never"}
    assert [name for name, service in SERVICES.items() if "build" in service] == ["exporter"]


@each_service
def test_it_is_contained(service: dict[str, Any]) -> None:
    """No writing outside of volumes, no privileges, no more than its share."""
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert [entry.partition(":")[0] for entry in service["tmpfs"]] == ["/tmp"]  # noqa: S108
    assert all(":size=" in entry for entry in service["tmpfs"])


@each_service
def test_mounted_files_are_there(service: dict[str, Any]) -> None:
    """What comes from the checkout exists and is read-only; volumes are declared."""
    for entry in service.get("volumes", []):
        source, _, *mode = entry.split(":")
        if source.startswith("./"):
            assert (ROOT / source).exists(), source
            assert mode == ["ro"]
        else:
            assert source in STACK["volumes"]


@each_service
def test_ports_are_published_on_this_machine_only(service: dict[str, Any]) -> None:
    """Nothing has TLS, hardly anything a login."""
    assert all(re.fullmatch(r"127\.0\.0\.1:(\d+):\1", port) for port in service.get("ports", []))


@each_service
def test_what_is_waited_for_can_be_known(service: dict[str, Any]) -> None:
    """A service waited for exists; where its health matters, it has a health check."""
    assert "healthcheck" in service or "build" in service
    for name, how in service.get("depends_on", {}).items():
        assert name in SERVICES
        assert how["condition"] in {"service_started", "service_healthy"}


def test_the_exporter_takes_its_flags() -> None:
    """It parses them, and its configuration is what is mounted there."""
    exporter = SERVICES["exporter"]
    args = build_parser().parse_args(with_command(exporter["command"]))
    source = mounts(exporter)[str(args.config_file.parent)]
    assert (ROOT / source / args.config_file.name).is_file()
    assert exporter["ports"] == [f"127.0.0.1{DEFAULT_ADDRESS}{DEFAULT_ADDRESS}"]


@pytest.mark.parametrize("name", ["world", "exporter"])
def test_python_is_not_process_one(name: str) -> None:
    """The kernel drops what process 1 does not handle: a stop while it imports would be lost."""
    assert SERVICES[name]["init"] is True


def test_the_world_takes_its_flags() -> None:
    """Started as the service starts it, with --help at the end."""
    world = SERVICES["world"]
    command = [sys.executable, *world["entrypoint"][1:], *world["command"], "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    assert all(argument.split("=")[0] in shown for argument in world["command"])


# --- what a user is told to do at the head of the file


def test_the_example_is_complete() -> None:
    """The folder to copy has what own.yml wants, and a line for each key."""
    keys = (EXAMPLE.parent / "keys.env").read_text("utf-8")
    assert set(re.findall(r"^(\w+)=", keys, re.MULTILINE)) == secrets_named(EXAMPLE)
    head = (ROOT / "docker-compose.yml").read_text("utf-8").partition("\nname:")[0]
    assert "cp -r deploy/compose/example deploy/compose/own" in head
    assert "-f docker-compose.yml -f deploy/compose/own.yml" in head
    assert "/own/" in (COMPOSE / ".gitignore").read_text("utf-8").splitlines()


def test_own_services_take_the_place_of_the_world() -> None:
    """The configuration replaces the demo's, the world stays out, and Grafana wants a password."""
    assert set(OWN) <= set(SERVICES)
    assert OVER["name"] != STACK["name"]  # or the demo's volumes would be taken over
    replaced = mounts(SERVICES["exporter"]) | mounts(OWN["exporter"])
    assert replaced["/etc/genmedia"] == "./deploy/compose/own"
    assert OWN["exporter"]["env_file"] == ["deploy/compose/own/keys.env"]
    assert OWN["world"]["profiles"]
    assert SERVICES["exporter"]["depends_on"]["world"]["required"] is False
    environment = OWN["grafana"]["environment"]
    assert environment["GF_SECURITY_ADMIN_PASSWORD"].startswith("${GRAFANA_ADMIN_PASSWORD:?")
    assert environment["GF_AUTH_ANONYMOUS_ENABLED"] == "false"


# --- Prometheus and Alertmanager


def test_promtool_finds_nothing(tmp_path: Path) -> None:
    """Prometheus' own check of its configuration and the rules, in the paths of this machine."""
    folder = mounts(SERVICES["prometheus"])["/etc/prometheus/rules"]
    text = (COMPOSE / "prometheus.yml").read_text("utf-8")
    config = tmp_path / "prometheus.yml"
    config.write_text(text.replace("/etc/prometheus/rules", str(ROOT / folder)), "utf-8")
    shown = run("promtool", "check", "config", str(config))
    assert "SUCCESS: 2 rule files found" in shown


def test_amtool_finds_nothing(tmp_path: Path) -> None:
    """Alertmanager's own check of its configuration, with the templates where they are mounted."""
    mounted = mounts(SERVICES["alertmanager"])
    for inside, source in mounted.items():
        if source.startswith("./"):
            (tmp_path / Path(inside).name).symlink_to(ROOT / source)
    shown = run("amtool", "check-config", str(tmp_path / "alertmanager.yml"))
    assert re.search(r"[1-9]\d* templates", shown)


def test_mails_lead_to_this_grafana() -> None:
    """The template that says where it is comes last, over the example address of the shipped one."""
    inside = "/etc/alertmanager/grafana.tmpl"
    text = (ROOT / mounts(SERVICES["alertmanager"])[inside]).read_text("utf-8")
    where = re.findall(r'{{ define "genmedia.grafana" }}(.*){{ end }}', text)
    assert where == [SERVICES["grafana"]["environment"]["GF_SERVER_ROOT_URL"]]
    assert read_yaml(COMPOSE / "alertmanager.yml")["templates"][-1] == Path(inside).name


def test_everyone_is_called_by_name() -> None:
    """Scrapes, alerts, mails and data sources go to services, on ports of theirs."""
    mail = read_yaml(COMPOSE / "alertmanager.yml")["global"]["smtp_smarthost"]
    called = [urlsplit(source["url"]).netloc for source in SOURCES]
    called += PROMETHEUS["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"]
    for job in PROMETHEUS["scrape_configs"]:
        called += job["static_configs"][0]["targets"]
    for address in called:
        name, _, port = address.partition(":")
        service = SERVICES["prometheus" if name == "localhost" else name]
        assert f"127.0.0.1:{port}:{port}" in service["ports"], address
    assert mail == "mail:1025"


def test_history_is_long_enough_for_the_dashboards() -> None:
    """They show thirty days; Prometheus keeps fifteen unless it is told."""
    days = re.fullmatch(r"(\d+)d", flag("prometheus", "storage.tsdb.retention.time"))
    assert days is not None
    assert int(days[1]) > 30


# --- Grafana


def test_data_sources_are_as_the_dashboards_expect() -> None:
    """Under fixed names, one of them the default, with Prometheus' own interval."""
    by_uid = {source["uid"]: source for source in SOURCES}
    assert set(by_uid) == {"prometheus", "alertmanager"}
    assert [uid for uid, source in by_uid.items() if source.get("isDefault")] == ["prometheus"]
    details = by_uid["prometheus"]["jsonData"]
    assert details["timeInterval"] == PROMETHEUS["global"]["scrape_interval"]
    assert details["alertmanagerUid"] in by_uid


def test_dashboards_are_where_grafana_looks() -> None:
    """The provider's folder is the one that is mounted, and has dashboards in it."""
    mounted = mounts(SERVICES["grafana"])
    (provider,) = read_yaml(GRAFANA / "dashboards" / "genmedia.yml")["providers"]
    assert provider["type"] == "file"
    folder = ROOT / mounted[provider["options"]["path"]]
    assert list(folder.glob("*.json"))
    assert ROOT / mounted["/etc/grafana/provisioning"] == GRAFANA
    environment = SERVICES["grafana"]["environment"]
    home = Path(environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
    assert str(home.parent) == provider["options"]["path"]
    assert (folder / home.name).is_file()


def test_grafana_changes_no_plugin() -> None:
    """An update unloads the bundled Prometheus plugin, and then cannot write the new one."""
    environment = SERVICES["grafana"]["environment"]
    assert environment["GF_PLUGINS_PREINSTALL_DISABLED"] == "true"
    assert environment["GF_PLUGINS_PREINSTALL_AUTO_UPDATE"] == "false"
