"""A command line that says in two lines what is wrong with it, and where the way out stands."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

from genmedia_exporter.config.problems import did_you_mean

FAILURE: Final = 1
"""Exit code of what cannot be done as it was asked; 2 tells what a command found, such as a target down."""


class Parser(argparse.ArgumentParser):
    """Refuses in two lines, without the whole usage before them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"allow_abbrev": False, **kwargs})
        self.set_defaults(parser=self)  # the innermost wins: it knows the options of its command

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and end."""
        self.exit(FAILURE, f"{self.prog}: error: {message}\nSee '{self.prog} --help'.\n")

    def refuse(self, word: str) -> NoReturn:
        """Say that nothing takes *word*, with the option that it looks like, and end."""
        if not word.startswith("-"):
            self.error(f"nothing takes the word {word!r} here")
        name = word.partition("=")[0]
        options = [known for action in self._actions for known in action.option_strings]
        self.error(_unknown("option", name, options))


def parse(parser: Parser, words: Sequence[str], commands: Collection[str]) -> argparse.Namespace:
    """Return what *words* ask for; *commands* are those that their first word may have meant."""
    found, unknown = parser.parse_known_args(words)
    if unknown and commands and not unknown[0].startswith("-"):
        parser.error(_unknown("command", unknown[0], commands))
    if unknown:
        found.parser.refuse(unknown[0])
    return found


def output_file(text: str) -> Path | None:
    """Return the file that an option names for output; None where it says `-`, standard output."""
    return None if text == "-" else Path(text)


def _unknown(kind: str, name: str, known: Collection[str]) -> str:
    hint = did_you_mean(name, known)
    return f"no {kind} is called {name!r}" + (f"; {hint}" if hint else "")
