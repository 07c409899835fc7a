"""What a credential must be for its kind of authentication: told before anything is sent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from genmedia_exporter.config.loader import parse_config
from genmedia_exporter.config.problems import Problems
from genmedia_exporter.providers.calls import AuthKind
from genmedia_exporter.targets import accounts
from genmedia_exporter.targets.auth_kinds import EXTRAS, misfit, missing_extra
from genmedia_exporter.targets.resolve import Resolution, resolve

DOCUMENT = json.dumps({"client_email": "a@b", "private_key": "x"})


@pytest.mark.parametrize(
    ("kind", "credential", "fits"),
    [
        ("tencent_tc3", "id:secret", True),
        ("volcengine", "id:secret:session", True),
        ("oauth_client_credentials", "id:", False),
        ("volcengine", ":secret", False),
        ("tencent_tc3", "a-plain-key", False),
        ("google_service_account", DOCUMENT, True),
        ("google_service_account", '{"client_email": "a@b"}', False),
        ("google_service_account", "{not json", False),
        ("header", "anything", True),
    ],
)
def test_what_fits(kind: AuthKind, credential: str, fits: bool) -> None:
    """A pair is a pair, and a key file has what it takes."""
    assert (misfit(kind, credential) is None) is fits


def test_what_is_installed() -> None:
    """Both extras are here in tests; where one is not, its name is told."""
    assert [missing_extra(kind) for kind in EXTRAS] == [None, None]
    assert missing_extra("aws_sigv4", lambda _: False) == "aws"
    assert missing_extra("google_service_account", lambda _: False) == "google"
    assert missing_extra("header", lambda _: False) is None


def _resolved(text: str) -> Resolution:
    return resolve(parse_config(text.encode(), "genmedia.yml"), {})


def test_a_missing_extra_is_an_error_that_names_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """With AWS keys, not with an API key, which needs none."""
    monkeypatch.setattr(
        accounts, "missing_extra", lambda kind: missing_extra(kind, lambda _: False)
    )
    _resolved("accounts: {a: {provider: bedrock, api_key: {value: ABSK-plain}}}\n")
    with pytest.raises(Problems) as raised:
        _resolved('accounts: {a: {provider: bedrock, api_key: {value: "AKID:hunter2"}}}\n')
    assert [str(p) for p in raised.value.problems] == [
        "genmedia.yml:1:44: accounts.a.api_key: provider 'bedrock' signs with a package that is not "
        "installed; pip install 'genmedia-exporter[aws]'"
    ]


def test_a_credential_of_the_wrong_form_is_as_good_as_none() -> None:
    """It is told at once, and no probe takes its refusal for a wrong key."""
    resolution = _resolved("accounts: {a: {provider: tencent, api_key: {value: hunter2-key}}}\n")
    account = resolution.accounts["a"]
    assert account.api_key is None
    assert (
        account.credential_problem
        == "the credential of account 'a' is not written \"access:secret\""
    )
    assert "hunter2" not in repr(resolution.warnings)


def test_a_key_file_over_several_lines_is_one_credential(tmp_path: Path) -> None:
    """As Google gives it out."""
    file = tmp_path / "key.json"
    file.write_text(json.dumps(json.loads(DOCUMENT), indent=2))
    text = f"accounts: {{v: {{provider: vertex, api_key: {{file: {file}}}, variables: {{project: acme}}}}}}\n"
    account = _resolved(text).accounts["v"]
    assert account.auth_kind == "google_service_account"
    assert account.base_url == (
        "https://us-central1-aiplatform.googleapis.com/v1/projects/acme/locations/us-central1/publishers/google"
    )


def test_an_address_of_ones_own_needs_no_variables() -> None:
    """Configurations of before, which wrote the whole address, go on."""
    text = """
accounts:
  v: {provider: vertex, api_key: {value: ya29.token}, base_url: "https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/publishers/google"}
  b: {provider: bedrock, api_key: {value: ABSK-key}, base_url: "https://bedrock-runtime.eu-west-1.amazonaws.com"}
"""
    assert _resolved(text).accounts["b"].host == "bedrock-runtime.eu-west-1.amazonaws.com"


def test_the_environment_of_a_provider_file(tmp_path: Path) -> None:
    """{env.NAME} is read when the configuration is; without it the account has no credential."""
    (tmp_path / "own.yml").write_text(
        "name: own\ntitle: Own\nkind: direct\nbase_url: https://own.example\n"
        'headers: {X-Team: "{env.TEAM_KEY}"}\n'
        "calls:\n  - {id: m, depth: reach, path: /m, proves: [edge], source: test}\n"
    )
    file = tmp_path / "genmedia.yml"
    config = parse_config(
        b"accounts: {a: {provider: ./own.yml, api_key: {value: k123}}}\n", str(file)
    )
    there = resolve(config, {"TEAM_KEY": "hunter2"}).accounts["a"]
    assert there.environment["TEAM_KEY"].reveal() == "hunter2"
    assert "hunter2" not in repr(there)
    missing = resolve(config, {}).accounts["a"]
    assert "TEAM_KEY" in str(missing.credential_problem)
