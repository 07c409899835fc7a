"""Does a refusal complain of what our create broke? Only then has a validator spoken. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from genmedia_exporter.classify.complaint_patterns import marked, of_fields, of_weak_names
from genmedia_exporter.classify.fields import (
    HEADER,
    URL,
    WRONG,
    Named,
    fields_of,
    is_prose,
    joined,
    last_name,
    paths_in,
    takes_none,
)
from genmedia_exporter.classify.kinds import is_kind_of_mistake
from genmedia_exporter.classify.lexicon import MAX_TEXT, blames_a_file, clauses, topic_of, words_of
from genmedia_exporter.classify.names import (
    holds_a_file,
    is_one_of,
    lacks_a_node,
    names_of,
    words_in,
)
from genmedia_exporter.classify.strong import is_surely_of_a_validator, lists_values
from genmedia_exporter.classify.topics import Topic
from genmedia_exporter.classify.vocabulary import OTHER_SCRIPT, strange_words, tells_else
from genmedia_exporter.classify.words_of_validators import (
    COLON,
    CONTAINERS,
    ELSE,
    FIELDS,
    IDENTITY,
    IN_CASE,
    IN_PASSING,
    NEGATIVE,
    OF_A_FILE,
    OTHER_SUBJECT,
    OURS,
    UNKNOWN_NAME,
    UPLOADED,
    WHO_ASKS,
    is_doubtful,
)

EVERYTHING: Final = tuple(FIELDS)
"""What a create may have broken where nobody says what it did."""
MAX_TEXTS: Final = 200
"""Values of a document that are looked at for sentences."""
MAX_LEAD: Final = 40
"""Characters of what may stand before a colon in front of a complaint."""
MAX_HITS: Final = 50
"""Places in one clause that are looked at; a complaint has one or two."""


def complaint(
    document: object, text: str, params: Iterable[str], codes: Iterable[str], breaks: Sequence[str]
) -> bool:
    """Whether an error with this *document* and *text* complains of one of *breaks*.

    Not when it also complains of who asks (a key, the model): that every create will hear.
    """
    wanted, told = names_of(tuple(breaks)), fields_of(document)
    named = [*(last_name(p) for p in params), *(field.name for field in told)]
    fields = [*named, *paths_in(text)]
    said = clauses(text)
    if _is_of_who_asks(fields, said, wanted) or takes_none(said, told):
        return False
    if holds_a_file(wanted) and blames_a_file(text):
        return True
    if any(is_one_of(field, wanted) for field in fields):
        return _complains_of_ours(document, text, told, wanted)
    sure = [*(last_name(p) for p in params), *(field.name for field in told if field.sure)]
    if any(joined(field) not in CONTAINERS for field in sure if field):
        return False  # of another field, whatever its sentence mentions
    if named:  # another field: what its message calls "input" or "value" is that one
        wanted -= IN_PASSING
    if any(OTHER_SCRIPT.search(clause) and strange_words(clause) for clause in clauses(text)):
        return False  # in a language of which we know few words, any sentence may say why
    names = tuple(sorted(wanted))
    known = words_in(wanted)

    def named_in_prose(found: re.Match[str]) -> str:
        words = words_of(found[0])
        kept = is_one_of(found[0], wanted) or (wanted - IN_PASSING).isdisjoint(words.split())
        kept = kept or _BOUND.fullmatch(words) is not None or _complains(words, names, known)
        return found[0] if kept else "other"

    plain = HEADER.sub("header", URL.sub(" ", text[:MAX_TEXT]))
    told_in_prose = [
        *clauses(_IDENTIFIER.sub(named_in_prose, plain, count=MAX_HITS)),
        *(words_of(code) for code in codes if " " not in code and not lacks_a_node(text, wanted)),
    ]
    return lists_values(text, wanted) or any(
        _complains(clause, names, known) or _surely_complains(clause, names)
        for clause in told_in_prose
    )


def _is_of_who_asks(fields: Iterable[str], said: Iterable[str], wanted: frozenset[str]) -> bool:
    """Whether a complaint is of who asks, or of a file as it came, neither of which is what we broke."""
    who = {joined(field) for field in fields} & IDENTITY
    ours = {joined(name) for name in wanted} & IDENTITY
    if not who <= ours:
        return True
    asks = (UPLOADED,) if ours else (WHO_ASKS, UPLOADED)
    return any(words.search(clause) for clause in said for words in asks)


def _complains_of_ours(
    document: object, text: str, told: Iterable[Named], wanted: frozenset[str]
) -> bool:
    """Whether an answer that names a field of ours says what is wrong with it, and nothing else."""
    ours, names = [field for field in told if is_one_of(field.name, wanted)], tuple(sorted(wanted))
    if any(_UNKNOWN_KEY.search(words_of(code)) for field in ours for code in field.codes):
        return False
    beside = [text for field in ours for text in field.texts]
    if not beside:
        return _is_of_validators(document, text) or any(
            _surely_complains(clause, names) for clause in clauses(text)
        )
    typed = any(_is_typed(field) for field in ours)
    return _complains_beside(beside, words_in(wanted), typed=typed) or any(
        _surely_complains(clause, names) for clause in clauses("\n".join(beside))
    )


def names_another(params: Iterable[str], breaks: Sequence[str]) -> bool:
    """Whether an answer names its parameter, and it is none of *breaks*."""
    wanted, named = names_of(tuple(breaks)), [last_name(param) for param in params]
    return any(named) and not any(is_one_of(field, wanted) for field in named)


def speaks_of_another(text: str, codes: Iterable[str], breaks: Sequence[str]) -> bool:
    """Whether a text is about something else than *breaks*: it names fields, and none is one of these.

    As code writes them, as its subject, or a known one of which it complains: `external_task_id already
    exists`, or "image is required" where none was left out. So are a file that was put in, who asks, and what
    is told in nothing but words that no validator needs. Its own *codes* may stand in the text.
    """
    wanted = names_of(tuple(breaks))
    known = {joined(code) for code in codes}
    plain = URL.sub(" ", text[:MAX_TEXT])
    named = [
        name
        for name in (*_IDENTIFIER.findall(plain), *paths_in(plain))
        if joined(name) not in known
    ]
    said = clauses(text)
    if any(asks.search(clause) for clause in said for asks in (UPLOADED, WHO_ASKS)):
        return True
    named += [found[1] for clause in said if (found := OTHER_SUBJECT.search(clause))]
    ours = any(_complains(c, tuple(sorted(wanted))) for c in (" ".join(said), *said))
    if ours:
        return False
    if named:
        return not any(is_one_of(name, wanted) for name in named)
    others = (
        frozenset(names) - IN_PASSING for names in FIELDS.values() if wanted.isdisjoint(names)
    )
    if any(_complains(clause, tuple(sorted(names))) for names in others for clause in said):
        return True
    return bool(said) and all(strange_words(clause) for clause in said)


def _is_typed(field: Named) -> bool:
    return any(is_kind_of_mistake(code) for code in field.codes)


_UNKNOWN_KEY: Final = re.compile(
    r"\b(?:unrecogni[sz]ed|unknown|extra|additional)\b.*\b(?:key|propert|field|forbidden)"
)
"""The kind of mistake that is in the name of a field, whatever stands in it."""
_BOUND: Final = re.compile(r"(?:min|max)(?:imum)? (?:length|size)")
"""What validators call a bound of a text: `minLength`."""
_REFUSING: Final = re.compile(
    r"\b(?:rejected|refused|denied|invalid) (?:the|your|this) (?:request|input)\b"
)
"""What somebody may be said to have done before it is told why."""
_HEADING: Final = re.compile(
    r"(?:the |your )?(?:input|inputs|input data|request input)s? (?:validation (?:failed|errors?|failure)|failed validation)"
)
"""What stands above complaints, whatever they are of."""
_IDENTIFIER: Final = re.compile(
    r"\b[A-Za-z][a-z0-9]*(?:_[A-Za-z0-9]+)+\b|\b[A-Za-z][a-z0-9]+(?:[A-Z][a-z0-9]*)+\b"
)
"""A name such as `duration_type` or `promptStyle`, in which a field of ours may stand and another be meant."""


def _complains_beside(texts: Sequence[str], known: frozenset[str], *, typed: bool) -> bool:
    """Whether one of the sentences that stand with a field says what is wrong with it, and none is about us.

    Where a kind of mistake stands there too (*typed*), it need not say what, nor in a language that we know.
    Words of what we broke (*known*), such as a workflow's nodes, are none that a validator does not need.
    """
    said = clauses(URL.sub(" ", "\n".join(texts)))
    if any(not _is_plain(clause) for clause in said):
        return False
    if typed and all(_may_complain(clause, known) for clause in said):
        return True
    return any(
        WRONG.search(clause) and known.issuperset(strange_words(clause)) and not is_doubtful(clause)
        for clause in said
    )


def _may_complain(clause: str, known: frozenset[str]) -> bool:
    """Whether a sentence beside a kind of mistake is about nothing else, as far as we can read it."""
    strange = tells_else(clause) and not known.issuperset(strange_words(clause))
    else_ = ELSE.search(clause) or strange or is_doubtful(clause)
    return not else_ and topic_of(clause) in (None, Topic.VALIDATION)


def _is_of_validators(document: object, text: str) -> bool:
    """Whether what stands beside a field's name is a validator's: other checks name fields, too."""
    prose = "\n".join(told for told in _texts(document) if is_prose(told))
    said = clauses(URL.sub(" ", f"{text}\n{prose}"))
    return not said or any(_is_plain(clause) and not strange_words(clause) for clause in said)


def _texts(document: object) -> Iterator[str]:
    left = [document]
    for _ in range(MAX_TEXTS):
        if not left:
            return
        value = left.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict | list):
            left += value.values() if isinstance(value, dict) else value


def _is_plain(clause: str) -> bool:
    """Whether a clause is about nothing that is no validator's business, nor about what is ours."""
    topic = topic_of(clause)
    plain = topic in (None, Topic.VALIDATION, Topic.MODEL, Topic.FAILED)
    return plain and not any(words.search(clause) for words in (OURS, OF_A_FILE))


def _complains(clause: str, names: tuple[str, ...], known: frozenset[str] = frozenset()) -> bool:
    if _HEADING.fullmatch(clause) or UNKNOWN_NAME.search(clause):
        return False
    if not _is_plain(clause) or is_doubtful(clause):
        return False
    if not known.issuperset(strange_words(clause)):
        # Whoever speaks may be called as he likes: "response from action: ..."
        lead, colon, clause = clause.partition(": ")
        if (
            not colon
            or len(lead) > MAX_LEAD
            or ELSE.search(_REFUSING.sub(" ", lead))
            or not known.issuperset(strange_words(clause))
        ):
            return False
    told, weak = marked(NEGATIVE.sub("other", clause), names)
    tried = [*((pattern, told) for pattern in of_fields()), *((p, weak) for p in of_weak_names())]
    return any(
        _links(_between(hit)) and not IN_CASE.search(text[: hit.start()].rsplit(",", 1)[-1])
        for pattern, text in tried
        for hit in _hits(pattern, text)
    )


def _surely_complains(clause: str, names: tuple[str, ...]) -> bool:
    plain = _is_plain(clause) and not is_doubtful(clause)
    return plain and is_surely_of_a_validator(clause, names)


def _hits(pattern: re.Pattern[str], clause: str) -> Iterator[re.Match[str]]:
    """Yield the matches of *pattern*, overlapping ones too: the first may not be the one that links."""
    start = 0
    for _ in range(MAX_HITS):
        hit = pattern.search(clause, start)
        if hit is None:
            return
        yield hit
        start = hit.start() + 1


def _links(between: str) -> bool:
    """Whether what stands between a field and a complaint lets the one be about the other."""
    if ELSE.search(between) or IN_CASE.search(between):
        return False
    colon = re.search(r":(?!\d)|\s-\s", between)
    return colon is None or COLON.match(between, colon.start()) is not None


def _between(found: re.Match[str]) -> str:
    return next((part for part in found.groups() if part is not None), "")
