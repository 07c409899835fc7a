"""Every trouble this world can make: one table of kinds, checked options, and what is in force."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from genmedia_exporter.demo import transport
from genmedia_exporter.demo.message import Response
from genmedia_exporter.demo.transport import Ask, Fault, Option

__all__ = ["GENERATION_KINDS", "KINDS", "UNIVERSAL_KINDS", "Kind", "Knob", "make_fault"]

LONGEST_TEXT = 2048


@dataclass(frozen=True)
class Knob:
    """An option: its default, and its bounds (numbers) or its choices (texts; empty is free)."""

    default: Option
    low: float = 0.0
    high: float = 0.0
    choices: tuple[str, ...] = ()

    def check(self, name: str, value: object) -> Option:
        """The value, if it may be. Raises ValueError that says what may."""
        if isinstance(self.default, str):
            return self._check_text(name, value)
        number = float(value) if isinstance(value, int | float) else math.nan
        if isinstance(value, bool) or not self.low <= number <= self.high:
            raise ValueError(f"option {name} must be a number from {self.low:g} to {self.high:g}")
        return number

    def _check_text(self, name: str, value: object) -> str:
        if not isinstance(value, str) or len(value) > LONGEST_TEXT or not value.isprintable():
            raise ValueError(f"option {name} must be a printable text of at most {LONGEST_TEXT}")
        if self.choices and value not in self.choices:
            raise ValueError(f"option {name} must be one of {', '.join(self.choices)}")
        return value


Play = Callable[[Fault, Ask, Random], Response]


@dataclass(frozen=True)
class Kind:
    """One kind of fault: what it means, how it answers, and its options."""

    name: str
    layer: str
    meaning: str
    play: Play
    knobs: Mapping[str, Knob] = field(default_factory=dict)


def _in_dialect(fault: Fault, ask: Ask, dice: Random) -> Response:
    return ask(fault)


def _flaky(fault: Fault, ask: Ask, dice: Random) -> Response:
    if dice.random() >= fault.number("ratio"):
        return ask(None)
    return ask(Fault("server_error", fault.options))


def _on_wire(play: Callable[[Fault, Ask], Response]) -> Play:
    return lambda fault, ask, dice: play(fault, ask)


SCOPE = Knob("", choices=("", "all", "create", "valid_create"))
APPLICATION_KNOBS = {"scope": SCOPE, "model": Knob("")}
"""Which calls show the fault (empty: as the vendor would), and which model (empty: every one)."""


def _client(play: Callable[[Fault, Ask], Response], meaning: str, **knobs: Knob) -> Kind:
    return Kind(play.__name__, "transport", meaning, _on_wire(play), knobs)


def _said(name: str, meaning: str, play: Play = _in_dialect, **knobs: Knob) -> Kind:
    return Kind(name, "application", meaning, play, APPLICATION_KNOBS | knobs)


def _made(name: str, meaning: str) -> Kind:
    return Kind(name, "generation", meaning, _in_dialect, {"model": Knob("")})


_ALL = (
    _client(transport.hang, "takes the request and never answers"),
    _client(transport.slow, "answers rightly, but late", seconds=Knob(3.0, 0.0, 300.0)),
    _client(transport.reset, "resets the connection in place of an answer"),
    _client(transport.reset_midbody, "resets the connection in the middle of the body"),
    _client(transport.trickle, "sends a byte at a time", interval_s=Knob(1.0, 0.0, 60.0)),
    _client(transport.truncated, "sends less than Content-Length promises"),
    _client(transport.bomb, "sends gzip that grows huge", megabytes=Knob(300.0, 1.0, 1024.0)),
    _client(transport.flood, "sends a body without end", megabytes=Knob(1024.0, 1.0, 4096.0)),
    _client(transport.garbage, "sends bytes that are not HTTP"),
    _client(transport.html, "sends a web page with status 200"),
    _client(
        transport.edge_502,
        "the edge says 502 in HTML",
        server=Knob("nginx", choices=("nginx", "cloudflare")),
    ),
    _client(transport.challenge, "the edge asks for proof of being human"),
    _client(transport.redirect, "redirects elsewhere", to=Knob("http://127.0.0.1:9/elsewhere")),
    _client(transport.empty, "sends status 200 with an empty body"),
    _client(transport.bad_json, "sends JSON that stops in the middle"),
    _said("server_error", "the vendor's own internal error"),
    _said("overloaded", "the vendor has no capacity"),
    _said("rate_limited", "we ask too often", retry_after_s=Knob(30.0, 1.0, 3600.0)),
    _said("upstream_saturated", "the gateway's upstream refuses for rate or load"),
    _said("quota", "our money or quota is used up"),
    _said("upstream_quota", "the gateway's own account at the vendor is empty"),
    _said("invalid_key", "our key is no longer accepted"),
    _said("no_entitlement", "our account may not use this model"),
    _said("region", "our address or country is refused"),
    _said("suspended", "switched off by its operator"),
    _said("maintenance", "announced work at the vendor"),
    _said("retired", "the model is gone, in the vendor's own words"),
    _said("unlisted", "the model has vanished from the lists and is not found"),
    _said(
        "risk_control",
        "the account pool is cooling down or blocked",
        words=Knob("pool", choices=("pool", "cloudflare", "sentinel")),
    ),
    _said("flaky", "some calls fail", _flaky, ratio=Knob(0.5, 0.0, 1.0)),
    _made("accepts_invalid", "the validator accepts what it must reject"),
    _made("job_fails", "generations end in failure"),
    _made("job_stuck", "generations stop moving half way"),
    _made("job_queued_forever", "generations never leave the queue"),
    _made("moderated", "the content filter refuses the prompt or the result"),
    _made("asset_missing", "the generation succeeds, its file is not there"),
    _made("asset_truncated", "the file is cut off"),
    _made("asset_html", "the file is a web page"),
    _made("asset_blank", "the file is empty of content: one colour, or no frame"),
    _made("job_lost", "the job is unknown when asked about"),
    _made("job_unknown_word", "the job's status is a word nobody documented"),
)

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _ALL}
UNIVERSAL_KINDS = frozenset(k.name for k in _ALL if k.layer == "transport") | {"flaky"}
GENERATION_KINDS = frozenset(k.name for k in _ALL if k.layer == "generation")


def make_fault(kind: str, options: Mapping[str, object]) -> Fault:
    """A fault with every option checked and filled in.

    Raises ValueError naming the kinds, options or values that exist.
    """
    if kind not in KINDS:
        raise ValueError(f"no fault kind {kind!r}; there are: {', '.join(KINDS)}")
    knobs = KINDS[kind].knobs
    if unknown := sorted(set(options) - set(knobs)):
        names = ", ".join(knobs) or "none"
        raise ValueError(f"{kind} has no option {unknown[0]!r}; there are: {names}")
    chosen = {name: options.get(name, knob.default) for name, knob in knobs.items()}
    checked = {name: knobs[name].check(name, value) for name, value in chosen.items()}
    if "to" in checked and not str(checked["to"]).startswith(("http://", "https://", "/")):
        raise ValueError("option to must be an http address or a path")
    return Fault(kind, tuple(checked.items()))
