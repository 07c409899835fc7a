"""What a YAML parser complains of, in words that say what to do."""

from __future__ import annotations

from typing import Final

# Fragments of what the two parsers say, and what it usually means.
_SYNTAX: Final = (
    ("mapping values are not allowed", "a ':' that cannot stand here; check indentation, quote texts with ': '"),
    ("sequence entries are not allowed", "a list item cannot start here; put '- ' on a line of its own"),
    ("could not find expected ':'", "a key without ':' behind it"),
    ("',' or ']'", "a '[' is not closed, or a ',' is missing"),
    ("did not find expected node content", "a '[' or '{' is not closed, or a value is missing"),
    ("',' or '}'", "a '{' is not closed, or a ',' is missing"),
    ("unexpected end of stream", "a quote is not closed"),
    ("escape", "a backslash in double quotes starts an escape; use single quotes"),
    ("expected '-' indicator", "this does not fit the list above it; check indentation"),
    ("did not find expected key", "this does not fit the lines above it; check indentation and quotes"),
    ("expected <block end>", "this does not fit the lines above it; check indentation and quotes"),
    ("cannot start any token", "a text cannot start with this character; put it in quotes"),
)  # fmt: skip


def meaning(said: str, line: str) -> str:
    """Return what *said*, a parser's complaint about *line*, usually means."""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "a tab; YAML indents with blanks only"
    return next((meant for words, meant in _SYNTAX if words in said), "not valid YAML here")
