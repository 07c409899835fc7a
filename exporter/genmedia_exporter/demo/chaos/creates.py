"""Faults of creates: of those that must be rejected, and of those that are paid for."""

from dataclasses import replace

from genmedia_exporter.demo.chaos.row import (
    Place,
    Row,
    Serve,
    answer,
    changed,
    endless,
    in_turn,
    said,
    told,
    wire,
    with_values,
)
from genmedia_exporter.demo.message import Ending, Manner

__all__ = ["ACCEPTS", "CREATES"]

TAKEN = "unknown provider accepted_unexpectedly"
UNREAD = "unknown network schema"
BEGUN = b'{"id": "video_0123456789abcdef", "object": "video", "status": "queued", "mod'
OWN = changed(lambda response: response)
GONE = told({"error": {"message": "Invalid URL (POST /v1/videos)"}}, status="404 Not Found")


def refused(message: str, status: str = "400 Bad Request") -> Serve:
    """A refusal in words of its own."""
    return told({"error": {"message": message}}, status=status)


def _accept(name: str, says: str, verdict: str, serve: Serve, like: str = "openai") -> Row:
    return Row(name, says, verdict, serve, "accept", Place.CREATE, like)


ACCEPTS = (
    _accept("accept-rejected", "the right rejection, for comparison", "operational none rejected_as_expected", OWN),
    _accept("accept-taken", "accepts what it must reject", TAKEN, said("accepts_invalid")),
    _accept("accept-taken-201", "accepts it with 201", TAKEN, told({"id": "video_1", "status": "queued"}, status="201 Created")),
    _accept("accept-taken-cut", "accepts it, and the answer is cut off", TAKEN, wire(answer(BEGUN, length=900))),
    _accept("accept-failed-job", "answers every create with a job that has failed", "down provider create_refused", told({"id": "video_1", "status": "failed", "error": {"code": "oops", "message": "no"}})),
    _accept("accept-empty", "200 and nothing", UNREAD, told(b"")),
    _accept("accept-nothing", "200 and an empty object", UNREAD, told({})),
    _accept("accept-page", "200 and a web page", "unknown network html_answer", said("html")),
    _accept("accept-refuses-all", "refuses every create alike", "down provider create_refused", told({}, status="400 Bad Request")),
    _accept("accept-refuses-anyhow", "refuses in other words each time", "unknown none rejection_unproven", in_turn(refused("no"), refused("never"), refused("not today"))),
    _accept("accept-hang", "takes the create and never answers", "down provider response_timeout", wire(then=Ending.OPEN)),
    _accept("accept-reset", "takes the create and resets", "down provider connection_reset", wire(then=Ending.RESET)),
    _accept("accept-500", "an internal error at the create only", "down provider server_error", said("server_error")),
    _accept("accept-flood", "a body without end", "unknown network body_too_large", endless(answer(b"[", length=-1), b"1, " * 21845)),
    _accept("accept-gone", "the path of the create is gone", "unknown network wrong_path", GONE),
)  # fmt: skip

BLOCKED = {"error": {"code": "moderation_blocked", "message": "Rejected by the safety system."}}


def _create(
    name: str, says: str, verdict: str, serve: Serve, retry_after: float | None = None
) -> Row:
    return Row(name, says, verdict, serve, "generate", Place.CREATE, retry_after=retry_after)


CREATES = (
    _create("create-right", "a generation that succeeds, for comparison", "operational none ok", OWN),
    _create("create-500", "an internal error", "down provider server_error", said("server_error")),
    _create("create-overloaded", "no capacity", "down provider overloaded", said("overloaded")),
    _create("create-rate", "our rate", "rate_limited account rate_limited", said("rate_limited", retry_after_s=45.0), 45.0),
    _create("create-money", "our money", "quota_exhausted account quota_exhausted", said("quota", scope="create")),
    _create("create-moderated", "our prompt is refused", "operational content probe_moderated", told(BLOCKED, status="400 Bad Request")),
    _create("create-gone", "the path of the create is gone", "unknown network wrong_path", GONE),
    _create("create-reset", "takes the create and resets", "down provider connection_reset", wire(then=Ending.RESET)),
    _create("create-closed", "takes the create and closes", "down provider connection_reset", wire()),
    _create("create-garbage", "bytes that are not HTTP", "down provider protocol_error", wire(b"\x00\x01\x02\r\n")),
    _create("create-cut", "the job's name, and the answer is cut off", "operational none ok", changed(lambda own: replace(own, manner=Manner.TRUNCATED))),
    _create("create-empty", "200 and nothing", UNREAD, told(b"")),
    _create("create-page", "200 and a web page", "unknown network html_answer", said("html")),
    _create("create-no-id", "a job without a name", UNREAD, told({"object": "video", "status": "queued"})),
    _create("create-id-null", "a name that is null", UNREAD, with_values(id=None)),
    _create("create-id-empty", "a name that is empty", UNREAD, with_values(id="")),
    _create("create-id-list", "a name that is a list", UNREAD, with_values(id=["video_1"])),
    _create("create-id-long", "a name of 5,000 letters", UNREAD, with_values(id="v" * 5000)),
    _create("create-id-path", "a name that leads elsewhere", UNREAD, with_values(id="../../admin")),
    _create("create-id-lines", "a name with a line break", UNREAD, with_values(id="v\r\nX-Injected: 1")),
)  # fmt: skip
