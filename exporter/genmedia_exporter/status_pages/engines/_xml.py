"""A small XML reader for feeds of strangers: no DTD, no entities, bounded in every direction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NoReturn
from xml.parsers import expat

from genmedia_exporter.core.status_page import UnreadableError

MAX_BYTES: Final = 4_000_000
MAX_DEPTH: Final = 50
MAX_NODES: Final = 50_000
MAX_NODE_TEXT: Final = 20_000
"""Characters kept of one element; the rest of a long report says nothing new."""


@dataclass(slots=True)
class Node:
    """An element with its own text; names are as written, lower case, with their prefix."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    kept: int = 0

    @property
    def text(self) -> str:
        """The text directly inside, without that of children."""
        return "".join(self.pieces).strip()

    def all(self, name: str) -> Iterator[Node]:
        """Yield the children called *name*."""
        return (child for child in self.children if child.name == name)

    def first(self, *names: str) -> Node | None:
        """Return the first child with the first of *names* that any child has."""
        return next((child for name in names for child in self.all(name)), None)

    def say(self, *names: str) -> str:
        """Return the text of `first`, an empty one where there is no such child."""
        found = self.first(*names)
        return found.whole() if found else ""

    def whole(self) -> str:
        """Return the text inside, children's too: Atom may carry its content as elements."""
        inner = " ".join(child.whole() for child in self.children)
        return f"{self.text} {inner}".strip()


def parse(body: bytes) -> Node:
    """Return the root element of *body*. Raises UnreadableError for anything odd."""
    if len(body) > MAX_BYTES:
        raise UnreadableError("feed too large")
    if _is_html(body):
        raise UnreadableError("HTML instead of a feed")
    builder = _Builder()
    try:
        builder.parser.Parse(body, True)
    # LookupError and the others: what names of encodings can do inside expat.
    except (expat.ExpatError, ValueError, LookupError, TypeError) as error:
        raise UnreadableError("not XML") from error
    return builder.root.children[0]


def _is_html(body: bytes) -> bool:
    start = body[:200].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xfe\xff \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html"))


class _Builder:
    """Builds the tree, and stops at the first thing that a feed does not need."""

    def __init__(self) -> None:
        self.root = Node("")
        self._open = [self.root]
        self._nodes = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.ExternalEntityRefHandler = self._refuse

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES or len(self._open) > MAX_DEPTH:
            raise UnreadableError("feed too deep or too long")
        node = Node(name.lower(), attributes)
        self._open[-1].children.append(node)
        self._open.append(node)

    def _end(self, name: str) -> None:
        self._open.pop()

    def _text(self, data: str) -> None:
        node = self._open[-1]
        piece = data[: MAX_NODE_TEXT - node.kept]
        node.kept += len(piece)
        node.pieces.append(piece)

    def _refuse(self, *_: object) -> NoReturn:
        raise UnreadableError("DOCTYPE or entities in a feed")
