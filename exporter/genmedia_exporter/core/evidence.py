"""What one probe saw: frozen facts without opinion, and the verdict that classification makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal, get_args

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Certainty, Depth, Fault, Outcome, Status

MAX_BODY_BYTES = 1 << 20
"""How much of a decoded answer is read; model lists of large gateways reach a few hundred KiB."""


class Transport(StrEnum):
    """How an exchange broke before it was complete; classify maps each to a reason."""

    DNS = "dns"
    CONNECT_REFUSED = "connect_refused"
    CONNECT_TIMEOUT = "connect_timeout"
    CONNECT_FAILED = "connect_failed"
    TLS = "tls"
    TLS_CERTIFICATE = "tls_certificate"
    RESET = "reset"
    RESPONSE_TIMEOUT = "response_timeout"
    BODY_TIMEOUT = "body_timeout"
    BODY_TRUNCATED = "body_truncated"
    BODY_TOO_LARGE = "body_too_large"
    PROTOCOL = "protocol"
    PROXY = "proxy"
    LOCAL = "local"  # this machine had no file, port or memory left for it


TIMEOUTS: Final = frozenset(
    {Transport.CONNECT_TIMEOUT, Transport.RESPONSE_TIMEOUT, Transport.BODY_TIMEOUT}
)
"""How an exchange breaks that somebody waited for too long: the service, or we."""

NEVER_SENT: Final = frozenset(
    {
        Transport.DNS,
        Transport.CONNECT_REFUSED,
        Transport.CONNECT_TIMEOUT,
        Transport.CONNECT_FAILED,
        Transport.TLS,
        Transport.TLS_CERTIFICATE,
        Transport.LOCAL,
    }
)
"""How an exchange breaks before the request has left."""

Basis = Literal["code", "words", "shape", "status", "transport"]
"""What a verdict rests on: a code, a text, the answer's shape, its bare HTTP status, or how it broke off."""
BASES: Final[tuple[Basis, ...]] = get_args(Basis)


class Role(StrEnum):
    """Why an exchange was made."""

    PROBE = "probe"  # the call the depth stands for
    CONTROL = "control"  # a free second call that tells two readings of the first apart
    ASSET = "asset"  # the start of what was generated
    CLEANUP = "cleanup"  # cancel or delete what was made


@dataclass(frozen=True, slots=True)
class Phases:
    """Seconds spent in each phase of one exchange; None where it was not reached or not timed."""

    resolve: float | None = None
    connect: float | None = None
    tls: float | None = None
    processing: float | None = None  # request sent until the response headers are there
    transfer: float | None = None  # headers until the last byte read
    queue: float | None = None  # a generation: accepted until it runs, where a poll called it so
    run: float | None = None  # a generation: running until it is done
    fetch: float | None = None  # a generation: the start of its asset

    def known(self) -> dict[str, float]:
        """Return the phases that were measured, by name, in order."""
        pairs = ((name, getattr(self, name)) for name in PHASE_NAMES)
        return {name: value for name, value in pairs if value is not None}


UNTIMED = Phases()
PHASE_NAMES = ("resolve", "connect", "tls", "processing", "transfer", "queue", "run", "fetch")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what came back. Nothing in here carries a credential."""

    call: str  # id of the call in the provider file
    role: Role
    method: str
    url: str  # without userinfo and query
    host: str
    status: int | None = None  # HTTP status, None without an answer
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))  # lower case
    body: bytes = b""  # decoded, at most MAX_BODY_BYTES
    transport: Transport | None = None
    detail: str = ""  # how the transport broke, in the words of the library
    redirect_to: str | None = None  # host of a redirect that was not followed
    phases: Phases = field(default_factory=Phases)
    duration: float = 0.0  # seconds
    tls_expiry: Unix | None = None  # notAfter of the leaf certificate
    self_delay: float = 0.0  # seconds in which our own event loop kept it waiting, at most
    reused: bool = False  # over a connection of an earlier one: name, TCP and TLS were not tried
    remembered: bool = False  # a control's answer of up to five minutes ago; nothing was sent now

    @property
    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 are replaced."""
        return self.body.decode("utf-8", "replace")


UNREACHABLE: Final = "unreachable"
"""The kind of an asset whose address nobody can fetch it from."""


@dataclass(frozen=True, slots=True)
class Asset:
    """What the first bytes of a generated file say. Sizes in pixels, `duration` in seconds."""

    kind: (
        str  # png, jpeg, webp, gif, mp4, webm; html, empty, unreachable or unknown for what is none
    )
    content_type: str = ""
    size: int | None = None  # bytes of the whole file, as far as the answer says
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    problem: str = ""  # why it is no usable image or video; empty when nothing speaks against it


@dataclass(frozen=True, slots=True)
class Generation:
    """How far a paid generation came, as the driver saw it. Durations are in seconds."""

    job_id: str = ""  # empty where the answer itself is the result
    resumed: bool = False  # asked after only; it was created before a restart
    took: float | None = None  # of a resumed one, create to result; None: nobody saw when it ended
    queue: float | None = None
    run: float | None = None
    fetch: float | None = None
    overdue: str = ""  # the job's state at the deadline, queued or running; empty: it ended in time
    stuck: bool = False  # it made no progress for the second half of the time it had
    asset: Asset | None = None  # None when it did not come so far
    reported_usd: float | None = None  # what the answer says it cost


SECOND: Final = "_again"
"""How the call is named that repeats a create with other mistakes: the create's own id, and this."""
REPEATED: Final = "_repeated"
"""How the call is named that repeats a create with the same mistakes."""


DISTORTING_SECONDS: Final = 0.02
DISTORTING_SHARE: Final = 0.1
"""A probe that our own loop made later than both, seconds and share of its duration, is not timed."""


TOKEN: Final = "token_request"  # noqa: S105 - a name, no secret
"""How the exchange is named that was to bring a token, and did not: what was asked was not sent."""


JOB_ASKED: Final = "accepted_job"
"""How the control call is named that asks whether a create that seems accepted has made a job."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All exchanges of one probe, in order."""

    target: str
    depth: Depth
    at: Unix  # at the end of the probe
    duration: float | None  # seconds of its own calls, controls excluded; None: nobody saw its end
    exchanges: tuple[Exchange, ...]
    credential: bool = True  # whether a credential was configured and sent
    generation: Generation | None = None  # of the depth generate only
    self_delay: float = 0.0  # seconds of our own loop's in it, as in the deciding exchange

    @property
    def distorted(self) -> bool:
        """Whether our own loop was so late that the duration tells little of the service."""
        return self.self_delay > max(DISTORTING_SECONDS, DISTORTING_SHARE * (self.duration or 0.0))

    @property
    def reused(self) -> bool:
        """Whether the deciding exchange went over a connection of an earlier probe."""
        return self.main.reused

    @property
    def main(self) -> Exchange:
        """The exchange that decides: the last one with the role PROBE."""
        last = self.exchanges[-1]  # nearly always the only one
        if last.role is Role.PROBE:
            return last
        return next(e for e in reversed(self.exchanges) if e.role is Role.PROBE)

    @property
    def phases(self) -> Phases:
        """Where the time went: of the deciding exchange, or of a generation from its create on."""
        if self.generation is None:
            return self.main.phases
        made = self.generation
        created = UNTIMED if made.resumed else self.exchanges[0].phases
        return replace(created, queue=made.queue, run=made.run, fetch=made.fetch)

    @property
    def second_creates(self) -> tuple[Exchange, ...]:
        """The creates made after the first, to tell a validator from a refusal of everything."""
        made = (e for e in self.exchanges if e.role is Role.CONTROL)
        return tuple(e for e in made if e.call.endswith((SECOND, REPEATED)))

    def control(self, call: str) -> Exchange | None:
        """Return the control exchange made by *call*, or None."""
        found = (e for e in self.exchanges if e.role is Role.CONTROL and e.call == call)
        return next(found, None)


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """What is left on an account, in the provider's own unit."""

    left: float
    unit: str  # usd, credits, quota


@dataclass(frozen=True, slots=True)
class ToldEnd:
    """What the service's own listing says of a model's end; `at` None: it says that there is none."""

    at: Unix | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one piece of evidence means, and which rule says so."""

    outcome: Outcome
    status: Status  # what the target would become if such answers kept coming
    fault: Fault
    reason: Reason
    rule: str  # id of the deciding rule, "provider.rule"; safe to show, not a label
    message: str = ""  # the service's own words, scrubbed and cut; for people only
    certainty: Certainty = Certainty.TRANSIENT
    retry_after: float | None = None  # seconds the service asked us to wait
    sunset: Unix | None = None  # from a Sunset or Deprecation header
    basis: Basis = "shape"
    told_end: ToldEnd | None = None  # None: the answers do not tell
    balance: AccountBalance | None = None  # what the answers told of our account besides

    @property
    def up(self) -> int | None:
        """1 when the attempt succeeded, 0 when it failed by their fault, None when we cannot say."""
        if self.outcome is Outcome.SUCCESS:
            return 1
        return 0 if self.outcome is Outcome.FAILURE else None

    @property
    def success(self) -> bool:
        """Whether this attempt verified its depth."""
        return self.outcome is Outcome.SUCCESS


@dataclass(frozen=True, slots=True)
class JobRef:
    """A job that a service has accepted: all it takes to ask after it later, in any process."""

    id: str
    created_at: Unix  # when the create was answered
    create_seconds: float = 0.0  # how long that took
    poll_url: str = ""  # given by the service; empty: the provider file's path
    output_url: str = ""  # given by the service, likewise


@dataclass(frozen=True, slots=True)
class Hints:
    """What the board remembers of a target that helps to read an answer."""

    worked_before: bool = False  # it has succeeded at this depth before
    key_accepted: bool = False  # the account's key has worked within the last minutes, anywhere
    outlived_end: bool = False  # it has succeeded well after its known end date


NO_HINTS = Hints()


@dataclass(frozen=True, slots=True)
class Observation:
    """What one probe saw and what that means."""

    evidence: Evidence
    verdict: Verdict
