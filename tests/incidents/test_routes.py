"""Incidents over HTTP: open and recent ones, one whole, and questions that are wrong."""

from __future__ import annotations

from tests.incidents.samples import closed, incident, of_our_network
from tests.metrics.samples import CANARY
from tests.web.site import Backend, client, said

ALL = (incident(), of_our_network(), closed())


def test_open_and_recent_ones_are_listed() -> None:
    """A week back without a word, or as far as is asked."""
    with client(Backend().services(incidents=lambda: ALL)) as site:
        listed = site.get("/api/v1/incidents").json()["incidents"]
        short = site.get("/api/v1/incidents?since=1d").json()["incidents"]
        exact = site.get("/api/v1/incidents?since=2026-11-15T10:53:20Z").json()["incidents"]
        after = site.get("/api/v1/incidents?since=2026-11-15T10:53:21Z").json()["incidents"]

    assert [one["scope"] for one in listed] == ["vendor", "network", "account"]
    assert [one["scope"] for one in short] == ["vendor", "network"]
    assert (len(exact), len(after)) == (3, 2)
    assert listed[0] | {} == listed[0] | {
        "id": "20261118-1101-abc123",
        "title": "apiyi.example: 2 targets, internal server error",
        "vendor": "apiyi.example",
        "account": None,
        "phase": "investigating",
        "open": True,
        "begin": "2026-11-18T11:01:40.000Z",
        "end": None,
        "reason": "server_error",
        "fault": "provider",
        "targets_hit": 2,
        "targets_broken": 1,
        "targets": ["sora-2-official", "sora-2-pro"],
        "instead": [{"operation": "video", "family": "sora-2", "target": "veo-3.1"}],
        "cost_usd": 0.8,
    }
    assert listed[0]["page"]["lead_seconds"] == 180.0
    assert (listed[1]["vendor"], listed[1]["page"]) == (None, None)
    assert (listed[2]["account"], listed[2]["end"]) == ("kling-main", "2026-11-15T10:53:20.000Z")


def test_one_is_told_whole() -> None:
    """Each target, the story, the evidence; nothing of it secret."""
    with client(Backend().services(incidents=lambda: ALL)) as site:
        answer = site.get("/api/v1/incidents/20261118-1101-abc123")
    told = answer.json()

    assert [one["until"] for one in told["members"]] == [None, "2026-11-18T11:05:40.000Z"]
    assert [event["status"] for event in told["events"]] == ["down", "down", None, "operational"]
    assert told["evidence"][0]["reason"] == "server_error"
    assert "sora-2" in told["evidence"][0]["body"]
    assert CANARY not in answer.text


def test_wrong_questions() -> None:
    """A sentence each."""
    with client(Backend().services(incidents=lambda: ALL)) as site:
        typo = site.get("/api/v1/incidents?sinc=7d")
        wrong = site.get("/api/v1/incidents?since=yesterday")
        more = site.get("/api/v1/incidents/20261118-1101-abc123?since=7d")
        gone = site.get("/api/v1/incidents/20261118-1101-zzzzzz")

    assert said(typo) == "No parameter is called 'sinc'; did you mean 'since'?"
    assert said(wrong).startswith("since must be a duration such as 7d")
    assert said(more) == "No parameter is called 'since'; none is known here."
    assert said(gone).startswith("No incident is called '20261118-1101-zzzzzz'")
    assert [r.status_code for r in (typo, wrong, more, gone)] == [400, 400, 400, 404]
