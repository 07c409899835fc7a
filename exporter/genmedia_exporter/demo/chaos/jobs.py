"""Faults of jobs: what is said of them when they are asked after, and where to ask."""

from genmedia_exporter.demo.chaos.row import (
    Place,
    Row,
    Serve,
    answer,
    changed,
    endless,
    said,
    told,
    turns,
    wire,
    with_values,
)
from genmedia_exporter.demo.message import Ending

__all__ = ["ADDRESSES", "JOBS"]

DOWN = "down provider "
SOUND = "operational none ok"
OWN = changed(lambda response: response)
OVERLOADED = {"code": "server_is_overloaded", "message": "Our servers are overloaded."}
NO_MONEY = {"code": "insufficient_quota", "message": "You exceeded your current quota."}
OOPS = {"code": "no_frames", "message": "The clip has no frames."}

FLOOD = endless(answer(b"[", length=-1), b"1, " * 21845)


def error(status: str) -> Serve:
    """That status with an error that says nothing."""
    return told({"error": {"message": "oops"}}, status=status)


def _poll(
    name: str, says: str, verdict: str, serve: Serve, retry_after: float | None = None
) -> Row:
    return Row(name, says, verdict, serve, "generate", Place.POLL, retry_after=retry_after)


QUEUED, RUNNING = (with_values(status=word, progress=0) for word in ("queued", "in_progress"))

JOBS = (
    _poll("job-lost", "the job is not known", DOWN + "lost_job", said("job_lost")),
    _poll("job-fails", "the job fails without a word", DOWN + "job_failed", with_values(status="failed")),
    _poll("job-fails-inside", "the job fails with an internal error", DOWN + "server_error", said("job_fails")),
    _poll("job-moderated", "the job is refused for its content", "operational content probe_moderated", said("moderated")),
    _poll("job-stuck", "the job stops at 42 %", DOWN + "generation_stuck", said("job_stuck")),
    _poll("job-queued", "the job never leaves the queue", DOWN + "queue_timeout", said("job_queued_forever")),
    _poll("job-odd-word", "a state that nobody has documented", "unknown network unknown_word", said("job_unknown_word")),
    _poll("job-cancelled", "the job was cancelled, not by us", DOWN + "job_cancelled", with_values(status="cancelled")),
    _poll("job-expired", "the job expired", DOWN + "job_expired", with_values(status="expired")),
    _poll("job-fails-for-load", "the job fails for lack of capacity", DOWN + "overloaded", with_values(status="failed", error=OVERLOADED)),
    _poll("job-fails-for-money", "the job fails for our money", "quota_exhausted account quota_exhausted", with_values(status="failed", error=NO_MONEY)),
    _poll("job-done-with-error", "the job is completed, with an error", DOWN + "job_failed", with_values(status="completed", error=OOPS)),
    _poll("job-flips", "queued, running, queued again, then done", SOUND, turns(QUEUED, RUNNING, QUEUED, RUNNING, OWN)),
    _poll("job-late-error", "running, then not known any more", DOWN + "lost_job", turns(RUNNING, RUNNING, said("job_lost"))),
    _poll("job-progress-odd", "progress of -5, of 10^9, and in words", SOUND, turns(with_values(status="in_progress", progress=-5), with_values(status="in_progress", progress=10**9), with_values(status="in_progress", progress="half"), OWN)),
    _poll("job-state-null", "a state that is null", "unknown network schema", with_values(status=None, completed_at=None, progress=0)),
    _poll("job-known-late", "not known at first, then done", SOUND, turns(said("job_lost"), OWN)),
    _poll("poll-500-once", "one poll fails, then all is well", SOUND, turns(error("500 Oops"), OWN)),
    _poll("poll-500", "every poll fails", DOWN + "server_error", error("500 Oops")),
    _poll("poll-502", "the edge cannot reach it", DOWN + "edge_error", said("edge_502")),
    _poll("poll-429", "our rate, at every poll", "rate_limited account rate_limited", told({}, "Retry-After: 20", status="429 Too Many Requests"), 20.0),
    _poll("poll-key", "our key is revoked meanwhile", "auth_error account invalid_key", said("invalid_key")),
    _poll("poll-reset", "resets every poll", DOWN + "connection_reset", wire(then=Ending.RESET)),
    _poll("poll-garbage", "bytes that are not HTTP", DOWN + "protocol_error", wire(b"\x00\x01\x02\r\n")),
    _poll("poll-empty", "200 and nothing", "unknown network schema", told(b"")),
    _poll("poll-page", "200 and a web page", "unknown network html_answer", said("html")),
    _poll("poll-flood", "a body without end, twice, then done", SOUND, turns(FLOOD, FLOOD, OWN)),
    _poll("poll-redirect", "sends us to another host", "unknown network redirected", said("redirect")),
)  # fmt: skip


def _address(name: str, says: str, serve: Serve, at: Place = Place.CREATE) -> Row:
    return Row(name, says + ": not asked", SOUND, serve, "generate", at, "fal")


ADDRESSES = (
    _address("poll-at-cloud", "an address to poll in a cloud's metadata", with_values(status_url="http://169.254.169.254/latest/")),
    _address("poll-elsewhere", "an address to poll at another host", with_values(status_url="https://example.com/status")),
    _address("poll-lookalike", "an address to poll with our host as a user", with_values(status_url="http://127.0.0.1:1@example.com/status")),
    _address("poll-at-file", "an address to poll that is a file", with_values(status_url="file:///etc/passwd")),
    _address("poll-at-number", "an address to poll that is a number", with_values(status_url=17)),
    _address("poll-endless-address", "an address to poll of 100 KiB", with_values(status_url="https://example.com/" + "a" * 102_400)),
    _address("result-elsewhere", "an address of the answer at another host", with_values(response_url="https://example.com/result"), Place.POLL),
    _address("cancel-elsewhere", "an address to cancel at another host", with_values(cancel_url="https://example.com/cancel")),
)  # fmt: skip
