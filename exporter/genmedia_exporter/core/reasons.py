"""Why a verdict or a status is what it is: the closed list of reasons and what each stands for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from genmedia_exporter.core.status import Fault, Outcome, Status


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a reason stands for, unless the rule that found it says otherwise."""

    outcome: Outcome
    status: Status  # what the target becomes if such answers keep coming
    fault: Fault
    text: str  # one calm sentence for people
    transient: bool = True  # False: deterministic, see Certainty
    shared: bool = False  # behind a gateway this is the gateway's fault, not the vendor's


def _ok(text: str) -> Meaning:
    return Meaning(Outcome.SUCCESS, Status.OPERATIONAL, Fault.NONE, text)


def _failure(
    text: str,
    status: Status = Status.DOWN,
    fault: Fault = Fault.PROVIDER,
    *,
    transient: bool = True,
    shared: bool = False,
) -> Meaning:
    return Meaning(Outcome.FAILURE, status, fault, text, transient, shared)


def _refused(
    text: str, status: Status, fault: Fault = Fault.ACCOUNT, transient: bool = False
) -> Meaning:
    return Meaning(Outcome.REFUSED, status, fault, text, transient)


def _unclear(text: str, fault: Fault = Fault.NETWORK) -> Meaning:
    return Meaning(Outcome.INCONCLUSIVE, Status.UNKNOWN, fault, text)


class Reason(StrEnum):
    """The closed list of reasons a verdict or a status can have; safe as a label value.

    The table they implement is docs/wire.md §8.2; `meaning` holds its columns.
    """

    # success
    OK = "ok"
    REJECTED_AS_EXPECTED = "rejected_as_expected"
    PROBE_MODERATED = "probe_moderated"
    # refused: our key, money, rate
    INVALID_KEY = "invalid_key"
    ACCOUNT_CLOSED = "account_closed"
    NO_ENTITLEMENT = "no_entitlement"
    NETWORK_POLICY = "network_policy"
    MODEL_NOT_FOUND = "model_not_found"
    QUOTA_EXHAUSTED = "quota_exhausted"
    DAILY_QUOTA = "daily_quota"
    RATE_LIMITED = "rate_limited"
    CONCURRENCY_LIMITED = "concurrency_limited"
    # failures of the provider or gateway
    UPSTREAM_RATE_LIMITED = "upstream_rate_limited"
    UPSTREAM_SATURATED = "upstream_saturated"
    UPSTREAM_QUOTA = "upstream_quota"
    UPSTREAM_AUTH = "upstream_auth"
    UPSTREAM_MODEL = "upstream_model"
    CREATE_REFUSED = "create_refused"
    OVERLOADED = "overloaded"
    SERVER_ERROR = "server_error"
    EDGE_ERROR = "edge_error"
    SERVER_TIMEOUT = "server_timeout"
    NO_CHANNEL = "no_channel"
    PAUSED = "paused"
    NOT_IMPLEMENTED = "not_implemented"
    RISK_CONTROL = "risk_control"
    EXPECTATION_FAILED = "expectation_failed"
    ROUTING_BROKEN = "routing_broken"
    # failures of a generation
    JOB_FAILED = "job_failed"
    JOB_EXPIRED = "job_expired"
    JOB_CANCELLED = "job_cancelled"
    LOST_JOB = "lost_job"
    QUEUE_TIMEOUT = "queue_timeout"
    GENERATION_TIMEOUT = "generation_timeout"
    GENERATION_STUCK = "generation_stuck"
    ASSET_UNAVAILABLE = "asset_unavailable"
    ASSET_INVALID = "asset_invalid"
    # taken away on purpose
    MAINTENANCE = "maintenance"
    RETIRED = "retired"
    # transport
    DNS_FAILURE = "dns_failure"
    CONNECT_REFUSED = "connect_refused"
    CONNECT_TIMEOUT = "connect_timeout"
    CONNECT_FAILED = "connect_failed"
    TLS_ERROR = "tls_error"
    TLS_CERTIFICATE = "tls_certificate"
    CONNECTION_RESET = "connection_reset"
    RESPONSE_TIMEOUT = "response_timeout"
    BODY_TIMEOUT = "body_timeout"
    BODY_TRUNCATED = "body_truncated"
    PROTOCOL_ERROR = "protocol_error"
    PROXY_ERROR = "proxy_error"
    # answers we cannot read, or that our own probe caused
    EDGE_CHALLENGE = "edge_challenge"
    HTML_ANSWER = "html_answer"
    SCHEMA = "schema"
    BODY_TOO_LARGE = "body_too_large"
    UNKNOWN_WORD = "unknown_word"
    REDIRECTED = "redirected"
    WRONG_PATH = "wrong_path"
    INVALID_REQUEST = "invalid_request"
    REJECTION_UNPROVEN = "rejection_unproven"
    ACCEPTED_UNEXPECTEDLY = "accepted_unexpectedly"
    ACCEPT_UNANSWERED = "accept_unanswered"
    NO_CREDENTIAL = "no_credential"
    PROBE_ERROR = "probe_error"
    # of a status, never of one verdict
    SLOW = "slow"
    INTERMITTENT = "intermittent"
    NO_EVIDENCE = "no_evidence"
    STALE = "stale"
    OWN_NETWORK = "own_network"
    MAINTENANCE_WINDOW = "maintenance_window"
    PAGE_MAINTENANCE = "page_maintenance"
    END_DATE_PASSED = "end_date_passed"

    @property
    def meaning(self) -> Meaning:
        """The row of the table this reason stands for."""
        return MEANINGS[self]


_AUTH, _QUOTA, _RATE = Status.AUTH_ERROR, Status.QUOTA_EXHAUSTED, Status.RATE_LIMITED

MEANINGS: dict[Reason, Meaning] = {
    Reason.OK: _ok("Probe succeeded."),
    Reason.REJECTED_AS_EXPECTED: _ok("The invalid create was rejected, as expected."),
    Reason.PROBE_MODERATED: Meaning(
        Outcome.MODERATED,
        Status.OPERATIONAL,
        Fault.CONTENT,
        "The probe's prompt was blocked by moderation.",
    ),
    Reason.INVALID_KEY: _refused("Our API key was rejected.", _AUTH),
    Reason.ACCOUNT_CLOSED: _refused("Our account is closed or banned.", _AUTH),
    Reason.NO_ENTITLEMENT: _refused("Our account has no access to this model.", _AUTH),
    Reason.NETWORK_POLICY: _refused(
        "Our region or IP address is not allowed.", _AUTH, Fault.NETWORK
    ),
    Reason.MODEL_NOT_FOUND: _refused(
        "The model does not exist, or our account cannot see it.", _AUTH
    ),
    Reason.QUOTA_EXHAUSTED: _refused("Our credit or quota is used up.", _QUOTA),
    Reason.DAILY_QUOTA: _refused("Our daily quota is used up; it resets on schedule.", _QUOTA),
    Reason.RATE_LIMITED: _refused("Too many requests from our account.", _RATE, transient=True),
    Reason.CONCURRENCY_LIMITED: _refused(
        "Our account has reached its limit of parallel jobs.", _RATE, transient=True
    ),
    Reason.UPSTREAM_RATE_LIMITED: _failure(
        "The vendor is rate-limiting the gateway.", _RATE, Fault.GATEWAY
    ),
    Reason.UPSTREAM_SATURATED: _failure(
        "The gateway's upstream is saturated.", fault=Fault.GATEWAY
    ),
    Reason.UPSTREAM_QUOTA: _failure(
        "The gateway's account at the vendor is out of credit.", Status.SUSPENDED, Fault.GATEWAY
    ),
    Reason.UPSTREAM_AUTH: _failure(
        "The vendor rejected the gateway's key.", Status.SUSPENDED, Fault.GATEWAY
    ),
    Reason.UPSTREAM_MODEL: _failure(
        "The vendor behind the gateway does not know this model.",
        Status.SUSPENDED,
        Fault.GATEWAY,
    ),
    Reason.CREATE_REFUSED: _failure("Every create request is refused.", shared=True),
    Reason.OVERLOADED: _failure("The service is overloaded.", shared=True),
    Reason.SERVER_ERROR: _failure("Internal server error.", shared=True),
    Reason.EDGE_ERROR: _failure(
        "The edge responds, but the application behind it does not.", shared=True
    ),
    Reason.SERVER_TIMEOUT: _failure("The service timed out internally.", shared=True),
    Reason.NO_CHANNEL: _failure(
        "The gateway has no enabled channel for this model.",
        Status.SUSPENDED,
        fault=Fault.GATEWAY,
        transient=False,
        shared=True,
    ),
    Reason.PAUSED: _failure(
        "Paused or switched off by its operator.", Status.SUSPENDED, transient=False, shared=True
    ),
    Reason.NOT_IMPLEMENTED: _failure(
        "The endpoint does not exist or was closed.", Status.SUSPENDED, transient=False, shared=True
    ),
    Reason.RISK_CONTROL: _failure(
        "The account pool behind it is under risk control.", Status.RISK_CONTROL, Fault.GATEWAY
    ),
    Reason.EXPECTATION_FAILED: _failure("The response does not match what this target expects."),
    Reason.ROUTING_BROKEN: _failure(
        "The model is listed, but calls to it are not routed.", fault=Fault.GATEWAY
    ),
    Reason.JOB_FAILED: _failure("The generation job failed inside the service.", shared=True),
    Reason.JOB_EXPIRED: _failure("The generation job expired before it finished."),
    Reason.JOB_CANCELLED: _failure("The generation job was cancelled, but not by us."),
    Reason.LOST_JOB: _failure("The service no longer knows a job that it accepted."),
    Reason.QUEUE_TIMEOUT: _failure("The job was still queued at the deadline."),
    Reason.GENERATION_TIMEOUT: _failure("The job was still running at the deadline."),
    Reason.GENERATION_STUCK: _failure("The job is running but makes no progress."),
    Reason.ASSET_UNAVAILABLE: _failure(
        "The job succeeded, but its result cannot be downloaded.", shared=True
    ),
    Reason.ASSET_INVALID: _failure("The job succeeded, but its result is not valid media."),
    Reason.MAINTENANCE: Meaning(
        Outcome.UNAVAILABLE,
        Status.MAINTENANCE,
        Fault.PROVIDER,
        "The service reports maintenance.",
        transient=False,
        shared=True,
    ),
    Reason.RETIRED: Meaning(
        Outcome.UNAVAILABLE,
        Status.RETIRED,
        Fault.PROVIDER,
        "Retired by its provider.",
        transient=False,
    ),
    Reason.DNS_FAILURE: _unclear("The host name does not resolve."),
    Reason.CONNECT_REFUSED: _failure("The connection was refused.", shared=True),
    Reason.CONNECT_TIMEOUT: _unclear("The connection timed out."),
    Reason.CONNECT_FAILED: _unclear("No route to the service."),
    Reason.TLS_ERROR: _unclear("The TLS handshake failed."),
    Reason.TLS_CERTIFICATE: _failure(
        "The TLS certificate is expired or for another host.", shared=True
    ),
    Reason.CONNECTION_RESET: _failure(
        "The connection was closed before a response arrived.", shared=True
    ),
    Reason.RESPONSE_TIMEOUT: _failure("No response before the timeout.", shared=True),
    Reason.BODY_TIMEOUT: _failure("The response was not complete before the timeout.", shared=True),
    Reason.BODY_TRUNCATED: _failure("The response was cut off.", shared=True),
    Reason.PROTOCOL_ERROR: _failure("The response is not valid HTTP.", shared=True),
    Reason.PROXY_ERROR: _unclear("A proxy on our side answered instead of the service."),
    Reason.EDGE_CHALLENGE: _unclear(
        "The edge challenged our address; the service was not reached."
    ),
    Reason.HTML_ANSWER: _unclear("A web page came back instead of an API response."),
    Reason.SCHEMA: _unclear("The response has an unexpected schema."),
    Reason.BODY_TOO_LARGE: _unclear("The response is larger than the limit."),
    Reason.UNKNOWN_WORD: _unclear("The response contains an unknown status word."),
    Reason.REDIRECTED: _unclear("Redirected to another host; not followed."),
    Reason.WRONG_PATH: _unclear("The path does not exist; check base_url and provider."),
    Reason.INVALID_REQUEST: _unclear("Our request was rejected as invalid."),
    Reason.REJECTION_UNPROVEN: _unclear(
        "The create was refused, but not for what was wrong with it.", Fault.NONE
    ),
    Reason.ACCEPTED_UNEXPECTEDLY: _unclear(
        "An invalid create was accepted; this depth is now disabled."
    ),
    Reason.ACCEPT_UNANSWERED: _unclear(
        "Invalid creates got no response and may have been accepted; this depth is now disabled."
    ),
    Reason.NO_CREDENTIAL: _unclear("No credential is configured.", Fault.ACCOUNT),
    Reason.PROBE_ERROR: _unclear("The probe itself failed, on our side."),
    Reason.SLOW: Meaning(
        Outcome.SUCCESS, Status.DEGRADED, Fault.PROVIDER, "Slower than its own baseline."
    ),
    Reason.INTERMITTENT: _failure("Some attempts fail.", Status.DEGRADED),
    Reason.NO_EVIDENCE: _unclear("Not probed yet.", Fault.NONE),
    Reason.STALE: _unclear("The last evidence has expired.", Fault.NONE),
    Reason.OWN_NETWORK: _unclear("Our own network is in doubt."),
    Reason.MAINTENANCE_WINDOW: Meaning(
        Outcome.UNAVAILABLE, Status.MAINTENANCE, Fault.NONE, "Inside a maintenance window."
    ),
    Reason.PAGE_MAINTENANCE: Meaning(
        Outcome.UNAVAILABLE,
        Status.MAINTENANCE,
        Fault.PROVIDER,
        "Its status page reports maintenance in progress.",
    ),
    Reason.END_DATE_PASSED: Meaning(
        Outcome.UNAVAILABLE, Status.RETIRED, Fault.PROVIDER, "Past its announced end date."
    ),
}
