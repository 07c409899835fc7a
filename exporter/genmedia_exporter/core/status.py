"""The words of the project as closed lists: status, fault, depth, channel, operation, outcome."""

from __future__ import annotations

from enum import Enum, StrEnum


class Status(StrEnum):
    """What a target is now. `code` is the value of genmedia_target_status_code, `icon` what people see."""

    UNKNOWN = "unknown"
    OPERATIONAL = "operational"
    DEGRADED = "degraded"
    RATE_LIMITED = "rate_limited"
    RISK_CONTROL = "risk_control"
    MAINTENANCE = "maintenance"
    DOWN = "down"
    SUSPENDED = "suspended"
    RETIRED = "retired"
    AUTH_ERROR = "auth_error"
    QUOTA_EXHAUSTED = "quota_exhausted"

    @property
    def code(self) -> int:
        """The number dashboards map back to a word; the order of definition is that contract."""
        return _STATUS_CODES[self]

    @property
    def icon(self) -> str:
        """A coloured circle; never the only carrier of the meaning, the word stands beside it."""
        return _STATUS_ICONS[self]

    @property
    def meaning(self) -> str:
        """One sentence for people."""
        return _STATUS_MEANINGS[self]

    @property
    def usable(self) -> bool:
        """Whether a caller can expect its request to be served now."""
        return self in (Status.OPERATIONAL, Status.DEGRADED)


_STATUS_CODES = {status: code for code, status in enumerate(Status)}
_STATUS_ICONS = dict(zip(Status, "⚪🟢🟡🟡🟡🔵🔴🔴⚫🟣🟣", strict=True))
_STATUS_MEANINGS = {
    Status.UNKNOWN: "No fresh evidence, no credential, own network in doubt, or an answer we cannot read.",
    Status.OPERATIONAL: "The deepest fresh evidence succeeded, within its normal time.",
    Status.DEGRADED: "Works, but slower than its own baseline, or some attempts fail.",
    Status.RATE_LIMITED: "Refused for rate.",
    Status.RISK_CONTROL: "The account pool behind it is cooling down or challenged (风控).",
    Status.MAINTENANCE: "Announced by the provider, or a window of ours.",
    Status.DOWN: "Attempts fail at the provider or gateway.",
    Status.SUSPENDED: "Switched off by its operator: no enabled channel, paused, closed endpoint.",
    Status.RETIRED: "Gone for good.",
    Status.AUTH_ERROR: "Our key, entitlement or region.",
    Status.QUOTA_EXHAUSTED: "Our money or quota.",
}


class Fault(StrEnum):
    """Whose it is. `network` is everything on our side of the wire that is not the account."""

    PROVIDER = "provider"
    GATEWAY = "gateway"
    ACCOUNT = "account"
    NETWORK = "network"
    CONTENT = "content"
    NONE = "none"


class Depth(StrEnum):
    """How far a probe goes, shallow to deep. Only `generate` is paid."""

    REACH = "reach"
    ACCEPT = "accept"
    GENERATE = "generate"

    @property
    def rank(self) -> int:
        """0 for the shallowest; deeper evidence overrules shallower."""
        return _DEPTH_RANKS[self]

    @property
    def free(self) -> bool:
        """Whether a probe at this depth is free by construction."""
        return self is not Depth.GENERATE


_DEPTH_RANKS = {depth: rank for rank, depth in enumerate(Depth)}


class Channel(StrEnum):
    """How we reach a model: with the vendor's own keys, or through a pool that imitates its client."""

    OFFICIAL = "official"
    REVERSE = "reverse"


class AnsweredBy(StrEnum):
    """Who an answer is from. Told before any rule looks at it."""

    EDGE = "edge"  # a CDN, proxy or ingress: the application did not speak
    GATEWAY = "gateway"  # a gateway, in its own name
    UPSTREAM = "upstream"  # somebody behind a gateway, whose words it relays
    VENDOR = "vendor"  # whoever makes the model


class Operation(StrEnum):
    """What the model makes."""

    VIDEO = "video"
    IMAGE = "image"
    CHAT = "chat"


class Outcome(StrEnum):
    """What became of one attempt, before anyone asks why."""

    SUCCESS = "success"  # did what a sound service does, an expected rejection included
    FAILURE = "failure"  # failed by the provider's or the gateway's fault; counts against uptime
    REFUSED = "refused"  # answered, and refuses us: key, entitlement, quota, rate
    UNAVAILABLE = "unavailable"  # taken away on purpose: maintenance, retirement
    MODERATED = "moderated"  # the pipeline ran and blocked our prompt
    INCONCLUSIVE = "inconclusive"  # could not probe, or could not read the answer


class Certainty(Enum):
    """How many observations a verdict needs before it may become the status."""

    EXPLICIT = "explicit"  # a code that can mean nothing else: at once
    STABLE = "stable"  # deterministic, but told in prose or by a bare status: twice in a row
    TRANSIENT = "transient"  # single ones are normal: two of the last three
