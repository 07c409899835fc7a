"""What an error means by its codes and text alone, where no rule of a file speaks: the lexicon, and proof."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from genmedia_exporter.classify.deep import said_anywhere
from genmedia_exporter.classify.finding import Finding
from genmedia_exporter.classify.layers import Layer
from genmedia_exporter.classify.lexicon import (
    Sense,
    blames_a_file,
    plain,
    sense_of,
    topic_of,
    words_of,
)
from genmedia_exporter.classify.names import holds_a_file, names_of
from genmedia_exporter.classify.parse import Reading
from genmedia_exporter.classify.proof import complaint
from genmedia_exporter.classify.rules import Setting, status_in
from genmedia_exporter.classify.strong import (
    counts_what_was_sent,
    is_list_of_mistakes,
    is_looked_up_in_vain,
    is_told_surely,
    is_unread_request,
)
from genmedia_exporter.classify.topics import Topic
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Channel, Depth
from genmedia_exporter.providers.base import HttpStatuses

REASONS: Final[dict[Topic, Reason]] = {
    Topic.CAPTCHA: Reason.EDGE_CHALLENGE,
    Topic.POOL: Reason.OVERLOADED,
    Topic.REGION: Reason.NETWORK_POLICY,
    Topic.CONCURRENCY: Reason.CONCURRENCY_LIMITED,
    Topic.DAILY: Reason.DAILY_QUOTA,
    Topic.RATE: Reason.RATE_LIMITED,
    Topic.MONEY: Reason.QUOTA_EXHAUSTED,
    Topic.ACCOUNT: Reason.ACCOUNT_CLOSED,
    Topic.KEY: Reason.INVALID_KEY,
    Topic.SESSION: Reason.INVALID_KEY,
    Topic.CONTENT: Reason.PROBE_MODERATED,
    Topic.PAUSED: Reason.PAUSED,
    Topic.GONE: Reason.RETIRED,
    Topic.NO_CHANNEL: Reason.NO_CHANNEL,
    Topic.SETUP: Reason.ROUTING_BROKEN,
    Topic.MAINTENANCE: Reason.MAINTENANCE,
    Topic.CAPACITY: Reason.OVERLOADED,
    Topic.ENTITLEMENT: Reason.NO_ENTITLEMENT,
    Topic.MODEL: Reason.MODEL_NOT_FOUND,
    Topic.ROUTE: Reason.WRONG_PATH,
    Topic.TIMEOUT: Reason.SERVER_TIMEOUT,
    Topic.FAILED: Reason.SERVER_ERROR,
    Topic.INTERNAL: Reason.SERVER_ERROR,
    Topic.VALIDATION: Reason.INVALID_REQUEST,
}
"""What a topic means when whoever speaks is the vendor."""

_OF_POOLS: Final = {Topic.CAPTCHA: Reason.RISK_CONTROL, Topic.POOL: Reason.RISK_CONTROL}
"""What it means when accounts of a gateway's are behind it."""

_OUR_ACCOUNT: Final = re.compile(
    r"\byour (?:account|user|organi[sz]ation)\b|\b(?:tier|plan) usage (?:is |was |has been )?disabled|(?:账|帐)[号户][^。，]{0,8}(?:风控|异常)",
    re.I,
)
"""Whom a vendor's risk control has stopped where no pool is behind it: our account, not our address."""

_OUR_JOBS: Final = re.compile(r"\byou(?:r|'ve)?\b|concurren|parallel|并发|您|你|账[号户]|用户")
"""Whose jobs are too many: without it, a full queue behind a server's error is the server's own."""

_BUSY: Final = re.compile(r"\bserver (?:is )?busy\b|服务器?(?:繁忙|忙)")
"""Who is at its limit, where a queue is full and nobody's jobs are told of."""

_NOT_MADE: Final = re.compile(r"not implemented|未实现")
"""What a server that cannot do something says: it has the route, and nothing has ended."""

_OF_UPSTREAM: Final = {
    Topic.KEY: Reason.UPSTREAM_AUTH,
    Topic.MONEY: Reason.UPSTREAM_QUOTA,
    Topic.DAILY: Reason.UPSTREAM_QUOTA,
}
"""What it means where a relay's own server fails: that has refused neither our key nor our purse."""

_USERS: Final = re.compile(
    r"\buser (?:quota|balance|credits?)\b|用户[^。，]{0,4}(?:余额|额度|配额)"
)
"""Whose purse is empty where a relay tells it with a server's status: the one who asks it."""

_OF_REVERSE: Final = {Topic.SESSION: Reason.UPSTREAM_AUTH}
"""What it means where those accounts are signed in to a website: we have no session there."""

VALIDATORS: Final[HttpStatuses] = (400, 413, 416, 422)
"""What validators answer with everywhere; the file of a provider names what its own has besides."""

_WEAK: Final = frozenset(
    {Topic.VALIDATION, Topic.INTERNAL, Topic.FAILED, Topic.ROUTE, Topic.TIMEOUT}
)
"""Topics that a telling HTTP status overrules."""
_WRAPPING: Final = frozenset({Topic.INTERNAL, Topic.FAILED})
"""What a relay calls whatever comes from behind it."""
_STATUS: Final = re.compile(
    r"\b(?:request|upstream|backend|provider|error|failed|returned|response)\b.{0,30}\bstatus(?: code)?[ :]{1,2}(4\d\d)$"
)
"""How a relay tells nothing but the status that it got."""
_OF_INPUT: Final = re.compile(
    r"^(?:invalid|bad|illegal|malformed|unsupported|missing) (?:request|arguments?|param\w*|inputs?|fields?|image|prompt)s?\b(?!.* (?:output|result|response)\b)"
    r"|^(?:request|arguments?|param\w*|input) (?:invalid|illegal|missing|validation)\b|^(?:input |request )?validation (?:error|failed)$"
)
"""Codes that blame what was asked for, and say so themselves."""
PAYMENT_REQUIRED: Final = 402
_TELLING: Final[HttpStatuses] = (401, 402, 403, 407, 410, 429)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a create was sent with, as far as its answer depends on it."""

    breaks: Sequence[str] = ()  # what it broke; empty: no create was sent
    http: HttpStatuses = VALIDATORS  # what a validator answers with there


def find_by_words(reading: Reading, setting: Setting, asked: Asked) -> Finding | None:
    """Return what the innermost error that says anything is about, or None."""
    refused = False
    for layer in reading.layers:
        sense = sense_of(layer.spoken, layer.shown)
        if refused and sense is not None and sense.topic in _WRAPPING:
            continue  # a relay's "provider returned error" around what its vendor called invalid
        found = _of_layer(layer, sense, setting, asked, reading.http)
        if found is not None:
            return found
        refused = refused or (sense is not None and sense.topic is Topic.VALIDATION)
    return None


def _of_layer(
    layer: Layer, sense: Sense | None, setting: Setting, asked: Asked, http: int
) -> Finding | None:
    if asked.breaks and not hides(sense) and complains(layer, asked, http):
        return _finding(
            Reason.REJECTED_AS_EXPECTED, "proof.complains", layer, Sense(Topic.VALIDATION, "words")
        )
    of_server = asked.breaks and layer.http >= 500
    if of_server and (is_list_of_mistakes(layer.shown) or is_unread_request(layer.shown)):
        return _unproven(layer, "lexicon.mistakes")
    if sense is None or sense.topic is Topic.VALIDATION:
        return _of_input(layer, setting)
    if sense.topic in _WEAK and status_in(layer.http, _TELLING):
        return None
    if asked.breaks and sense.topic in _WRAPPING and _says_nothing_of_why(layer, sense, asked):
        return _unproven(layer, "lexicon.status")
    if layer.http == PAYMENT_REQUIRED and sense.topic is Topic.RATE:
        sense = replace(sense, topic=Topic.MONEY)  # what it calls a rate is what we have paid for
    return _finding(_reason(sense.topic, layer, setting), f"lexicon.{sense.topic}", layer, sense)


def _unproven(layer: Layer, rule: str) -> Finding:
    """Find that a validator behind a relay may have refused, of which no word reached us."""
    return _finding(Reason.REJECTION_UNPROVEN, rule, layer, Sense(Topic.VALIDATION, "words"))


def _of_input(layer: Layer, setting: Setting) -> Finding | None:
    """Judge a job that failed, or a 200 that is an error, by a code that blames what was asked for.

    Not at a gateway, whose relays call so whatever went wrong.
    """
    told = setting.depth is Depth.GENERATE and 200 <= layer.http < 300 and setting.kind != "gateway"
    if not told or not any(_OF_INPUT.search(words_of(code)) for code in layer.spoken):
        return None
    sense = Sense(Topic.VALIDATION, "code")
    return _finding(Reason.INVALID_REQUEST, "lexicon.validation", layer, sense)


def complains(layer: Layer, asked: Asked, http: int) -> bool:
    """Whether this error is a validator's, of something that the create broke.

    Some answer 500 with a code or a sentence that says so, or relay such a refusal with another status of a server;
    some houses put 500 for every error into a 200.
    """
    told = status_in(layer.http, asked.http) or 200 <= layer.http < 300
    of_server = layer.http == 500 or (layer.http > 500 and layer.upstream)
    broken = tuple(asked.breaks)
    if layer.http in (400, 404, 422) and is_looked_up_in_vain(layer.message, broken):
        return True
    if layer.http in (400, 422) and counts_what_was_sent(layer.shown, broken):
        return True
    told = told or (of_server and (200 <= http < 300 or _is_called_invalid(layer, asked)))
    text, others = layer.shown, _texts_besides(layer)
    if others and not hides(sense_of((), others)):
        text = f"{text}\n{others}"
    return told and complaint(layer.document, text, layer.params, layer.spoken, asked.breaks)


def _texts_besides(layer: Layer) -> str:
    """Return what an error says in other places than where the message stands, such as `extra`."""
    texts = said_anywhere(layer.document).texts
    return "\n".join(text for text in texts if text not in layer.shown)


def _says_nothing_of_why(layer: Layer, sense: Sense, asked: Asked) -> bool:
    """Whether an error tells no more than a status that validators have, or a general code beside words of which we know none."""
    if sense.origin == "code" and not sense.exact and status_in(layer.http, (400, 422)):
        return layer.shown != ""  # "internal_error" around a sentence of which we know no word
    told = _STATUS.search(layer.message)
    return (
        told is not None
        and status_in(int(told[1]), asked.http)
        and status_in(layer.http, asked.http)
    )


def _is_called_invalid(layer: Layer, asked: Asked) -> bool:
    """Whether a code, or a sentence that only validators say, tells that the request was invalid."""
    topics = {topic_of(words_of(code)) for code in layer.spoken}
    if not topics.isdisjoint(_WRAPPING):
        return False  # whoever calls it his own failure is believed
    if blames_a_file(layer.shown) and holds_a_file(names_of(tuple(asked.breaks))):
        return True
    return (
        Topic.VALIDATION in topics
        or is_list_of_mistakes(layer.shown)
        or is_told_surely(f"{layer.shown}\n{_texts_besides(layer)}", tuple(asked.breaks))
    )


def hides(sense: Sense | None) -> bool:
    """Whether an error is about something that no complaint of a field can outweigh."""
    if sense is None or sense.topic is Topic.VALIDATION:
        return False
    return sense.strong or sense.exact


def _reason(topic: Topic, layer: Layer, setting: Setting) -> Reason:
    pooled = setting.channel is Channel.REVERSE or setting.kind == "gateway"
    if pooled and topic in _OF_POOLS:
        return _OF_POOLS[topic]
    if topic is Topic.CAPTCHA and _OUR_ACCOUNT.search(layer.shown):
        return Reason.ACCOUNT_CLOSED
    full = "at capacity" in layer.message or not _OUR_JOBS.search(layer.message)
    theirs = layer.http >= 500 or _BUSY.search(layer.message)
    if topic is Topic.CONCURRENCY and theirs and full:
        return Reason.OVERLOADED
    if topic is Topic.ROUTE and layer.http >= 500 and _NOT_MADE.search(layer.message):
        return Reason.NOT_IMPLEMENTED
    of_user = topic is Topic.MONEY and _USERS.search(plain(layer.shown))
    if pooled and layer.http >= 500 and topic in _OF_UPSTREAM and not of_user:
        return _OF_UPSTREAM[topic]
    if setting.channel is Channel.REVERSE and topic in _OF_REVERSE:
        return _OF_REVERSE[topic]
    if topic is Topic.FAILED and setting.depth is Depth.GENERATE and layer.http < 500:
        return Reason.JOB_FAILED
    return REASONS[topic]


def _finding(reason: Reason, rule: str, layer: Layer, sense: Sense) -> Finding:
    return Finding(
        reason,
        rule,
        layer.shown,
        explicit=sense.exact,
        upstream=layer.upstream,
        http=layer.http,
        basis=sense.origin,
    )
