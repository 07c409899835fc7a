"""The catalogues of words: nothing is missing, nothing is left over, and no page says anything else."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from genmedia_exporter.words.language import ENGLISH, Language, Word, languages
from tests.words.used import TEMPLATES, in_code, in_lists, in_templates

TRANSLATED: Final = [known for known in languages().values() if known is not ENGLISH]
USED: Final = {text: place for place, text in (*in_code(), *in_templates(), *in_lists())}
NAMES: Final = re.compile(r"genmedia-exporter|JSON|p95|UTC|--config\.file=genmedia\.yml|demo")
"""What is called so in every language."""

each_language = pytest.mark.parametrize("spoken", TRANSLATED, ids=lambda known: known.code)


def forms(word: Word) -> list[str]:
    """Return all plural forms of a word."""
    return list(word.values()) if isinstance(word, Mapping) else [word]


def fields(text: str) -> set[str]:
    """Return the {names} in a text."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@each_language
def test_every_word_is_translated_and_none_is_left_over(spoken: Language) -> None:
    """What code, templates and closed lists say is what the catalogue has."""
    assert {text: USED[text] for text in USED.keys() - spoken.words.keys()} == {}
    assert spoken.words.keys() - USED.keys() == set()


@each_language
def test_translations_fit_their_texts(spoken: Language) -> None:
    """They put in the same values, have all plural forms, and end as the text does."""
    for text, word in spoken.words.items():
        if isinstance(word, Mapping):
            assert set(word) == set(spoken.forms), text
        for form in forms(word):
            few = isinstance(word, Mapping) and form == word["one"]
            assert fields(form) in (fields(text), fields(text) - {"n"} if few else fields(text)), (
                text
            )
            assert form == form.strip() or text != text.strip(), text
            ends = form.endswith((".", "。", "…?"))
            assert ends == text.endswith(".") or text.endswith(":"), text


def test_chinese_is_written_as_chinese() -> None:
    """With its own punctuation, and in simplified characters."""
    for text, word in languages()["zh-Hans"].words.items():
        for form in forms(word):
            bare = re.sub(r"\{[^}]*\}|[A-Za-z_./?=0-9:]+", "", form)
            assert not re.search(r"[,;!?]|\.$", bare), (text, form)
    traditional = set("個時間測試無應來圖權關閉帳號護續")
    assert traditional & set(str(languages()["zh-Hans"].words.values())) == set()


@pytest.mark.parametrize(
    ("code", "text", "word"),
    [
        ("zh-Hans", "official", "官转"),
        ("zh-Hans", "reverse", "官逆"),
        ("zh-Hans", "risk control", "风控中"),
        ("es", "risk control", "En control de riesgos"),
        ("es", "suspended", "Suspendido"),
    ],
)
def test_the_words_of_the_article(code: str, text: str, word: str) -> None:
    """Its readers find the words they know."""
    assert languages()[code].words[text] == word


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_templates_say_nothing_by_themselves(file: Path) -> None:
    """No letter stands in a template but in tags, in examples of code, and in names."""
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", file.read_text("utf-8"), flags=re.DOTALL)
    text = re.sub(r"<(pre|code|style|script)\b.*?</\1>", "", text, flags=re.DOTALL)
    said = re.findall(r'(?:title|aria-label|alt|placeholder|data-label)="([^"]*)"', text)
    text = re.sub(r"<[^>]*>", " ", text)
    for part in (*said, text):
        assert re.findall(r"[^\W\d_]{2,}", NAMES.sub("", part)) == []
