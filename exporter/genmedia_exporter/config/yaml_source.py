"""YAML text to plain data plus the place of every key."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any, Final

import yaml

from genmedia_exporter.config.files import MAX_BYTES
from genmedia_exporter.config.problems import (
    MAX_TOLD,
    EmptyFile,
    KeyPath,
    Mark,
    Places,
    Problem,
    Problems,
    Spot,
    format_path,
)
from genmedia_exporter.config.yaml_errors import meaning

MAX_NODES: Final = 50_000  # aliases counted as often as they are used; half a second of work
MAX_WRITTEN: Final = 2 * MAX_NODES  # keys counted as well
MAX_ENTRIES: Final = 15_000  # of one list or mapping; nothing sound has so many
MAX_DEPTH: Final = 40
_TOO_MUCH: Final = "too much for one file"
_TOO_MANY: Final = f"more than {MAX_NODES:,} values; one that aliases repeat counts each time"
_TOO_DEEP: Final = f"nested more than {MAX_DEPTH} deep"

# libyaml where PyYAML was built with it, ten times faster; both give the same events.
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CORE: Final = "tag:yaml.org,2002:"
_TEXT_TAGS: Final = frozenset(_CORE + tag for tag in ("str", "timestamp", "value", "merge"))
_KINDS: Final = ("null", "bool", "int", "float")
_OTHER_TAGS: Final = frozenset(_CORE + kind for kind in _KINDS)
_Pairs = dict[str, tuple[tuple[int, int], yaml.Node]]  # key: where it stands, its value


@dataclass(frozen=True, slots=True)
class YamlSource:
    """A parsed file: its data, whose texts may be secrets, and the places of its keys."""

    data: dict[str, Any] = field(repr=False)
    places: Places


def read_yaml(
    content: bytes | str, filename: str, empty: str = "", notes: list[Problem] | None = None
) -> YamlSource:
    """Parse one YAML document whose top level is a mapping.

    Every key is text, also where YAML would make a number of it; dates stay text. *empty* says
    what to write when there is nothing in the file. Raises Problems; those that leave the rest of
    the file readable go to *notes* instead when it is given. Nothing in it is an EmptyFile.
    """
    text = _decoded(content, filename)
    _refuse_control_characters(text, filename)
    reader = _Reader(text, filename)
    with no_garbage():
        data = reader.read(empty)
    if notes is not None:
        notes += reader.problems
    elif reader.problems:
        raise Problems(reader.problems)
    return YamlSource(data, Places(filename, MappingProxyType(reader.marks)))


@contextlib.contextmanager
def no_garbage() -> Iterator[None]:
    """Do not look for garbage: all that is made is kept, and to look at it again and again takes half the time."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def _decoded(content: bytes | str, filename: str) -> str:
    size = len(content) if isinstance(content, bytes) else len(content.encode("utf-8", "replace"))
    if size > MAX_BYTES:
        raise Problems([Problem(f"{filename}:1:1", "", f"larger than {MAX_BYTES >> 20} MiB")])
    if isinstance(content, str):
        return content.removeprefix("\ufeff")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        good = content[: error.start].decode("utf-8", "replace")
    place = f"{filename}:{good.count(chr(10)) + 1}:{len(good) - good.rfind(chr(10))}"
    raise Problems([Problem(place, "", "not UTF-8 text")])


def _refuse_control_characters(text: str, filename: str) -> None:
    found = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if found is not None:
        before = text[: found.start()]
        place = f"{filename}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"
        raise Problems([Problem(place, "", "a control character, which YAML does not allow")])


def _place(filename: str, node: yaml.Node) -> str:
    line, column = _spot(node)
    return f"{filename}:{line}:{column}"


def _spot(node: yaml.Node) -> Spot:
    return node.start_mark.line + 1, node.start_mark.column + 1


class _Reader:
    """Events to nodes to data. Depth and number of nodes are bounded on the way."""

    def __init__(self, text: str, filename: str) -> None:
        self.text = text
        self.filename = filename
        self.loader = _LOADER(text)
        self.marks: dict[KeyPath, Mark] = {}
        self.problems: list[Problem] = []
        self._event = self.loader.get_event
        self._resolve = cache(self.loader.resolve)  # most texts stand there often
        self._anchors: dict[str, yaml.Node | None] = {}
        makers = {_CORE + kind: getattr(self.loader, f"construct_yaml_{kind}") for kind in _KINDS}
        self._make = cache(lambda tag, text: makers[tag](yaml.ScalarNode(tag, text)))
        self._nodes = 0
        self._written = 0

    def read(self, empty: str) -> dict[str, Any]:
        """Return the data of the text, a mapping. Its nodes are gone when this ends."""
        self._refuse_too_much()
        root = self._document()
        if root is None or (isinstance(root, yaml.ScalarNode) and root.tag == _CORE + "null"):
            raise EmptyFile([Problem(f"{self.filename}:1:1", "", "the file is empty", empty)])
        if not isinstance(root, yaml.MappingNode):
            raise self._stop(root, "the file must be a mapping: lines of 'key: value'")
        data: dict[str, Any] = self._build(root, (), (1, 1), 0)
        return data

    def _refuse_too_much(self) -> None:
        """Count what is written before anything is made of it, where the text may hold too much."""
        if sum(map(self.text.count, ",\n[{:")) <= MAX_WRITTEN:
            return  # each node begins the text, or follows one of these
        counting, written, depth = _LOADER(self.text), 0, 0
        with contextlib.suppress(yaml.YAMLError, ValueError, LookupError, OverflowError):
            while not isinstance(event := counting.get_event(), yaml.StreamEndEvent):
                written += isinstance(event, yaml.NodeEvent)
                depth += isinstance(event, yaml.CollectionStartEvent)
                depth -= isinstance(event, yaml.CollectionEndEvent)
                if written > MAX_WRITTEN:
                    raise self._stop(event, _TOO_MUCH)
                if depth > MAX_DEPTH + 1:
                    raise self._stop(event, _TOO_DEEP)

    def _document(self) -> yaml.Node | None:
        """Return the root node of the only document, None for an empty stream."""
        try:
            return self._composed()
        except yaml.MarkedYAMLError as error:
            stop = self._syntax(error)
        except (yaml.YAMLError, ValueError, LookupError, OverflowError):
            stop = Problems([Problem(f"{self.filename}:1:1", "", "not valid YAML")])
        # Outside of the handlers: the library's error quotes the file, secrets and all.
        raise stop

    def _composed(self) -> yaml.Node | None:
        self._event()  # the start of the stream
        if isinstance(self._event(), yaml.StreamEndEvent):
            return None
        root = self._node(self._event(), 0)
        self._event()  # the end of the document
        after = self._event()
        if not isinstance(after, yaml.StreamEndEvent):
            raise self._stop(after, "a second document ('---'); one file holds one")
        return root

    def _build(self, node: yaml.Node, path: KeyPath, key: Spot, depth: int) -> Any:
        """Return the data of *node* and note the places of everything in it."""
        self._count(node, depth)
        self.marks[path] = (*key, *_spot(node))
        if isinstance(node, yaml.MappingNode):
            pairs = self._pairs(node, path, depth)
            return {k: self._build(v, (*path, k), s, depth + 1) for k, (s, v) in pairs.items()}
        if isinstance(node, yaml.SequenceNode):
            items = enumerate(node.value)
            return [self._build(v, (*path, i), _spot(v), depth + 1) for i, v in items]
        return self._scalar(node, path)

    def _count(self, node: yaml.Node, depth: int, nodes: int = 1) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES or depth > MAX_DEPTH:
            raise self._stop(node, _TOO_DEEP if depth > MAX_DEPTH else _TOO_MANY)

    def _pairs(self, node: yaml.MappingNode, path: KeyPath, depth: int) -> _Pairs:
        own: _Pairs = {}
        merged: _Pairs = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._note(key, path, "a key must be a plain text")
            elif key.tag == _CORE + "merge":
                merged = {**self._merged(value, path, depth + 1), **merged}
            elif key.value in own:
                first = own[key.value][0][0]
                self._note(key, path, f"this key stands twice, first on line {first}")
            else:
                own[key.value] = (_spot(key), value)
        return {**merged, **own}

    def _merged(self, node: yaml.Node, path: KeyPath, depth: int) -> _Pairs:
        self._count(node, depth, 1 + len(node.value))
        if isinstance(node, yaml.MappingNode):
            return self._pairs(node, path, depth)
        if not isinstance(node, yaml.SequenceNode):
            self._note(node, path, "'<<' takes a mapping, or a list of mappings")
            return {}
        found: _Pairs = {}
        for part in node.value:
            found = {**self._merged(part, path, depth + 1), **found}
        return found

    def _scalar(self, node: yaml.Node, path: KeyPath) -> Any:
        # 1:30 is a number to base 60 in YAML 1.1; nobody means that.
        if node.tag in _TEXT_TAGS or (node.tag in _OTHER_TAGS and ":" in node.value):
            return node.value
        if node.tag not in _OTHER_TAGS:
            self._note(node, path, "a '!' tag, which is not supported here; put the text in quotes")
            return None
        try:
            return self._make(node.tag, node.value)
        except (ValueError, LookupError, OverflowError, yaml.YAMLError):
            self._note(node, path, "a number that cannot be read; put it in quotes to keep it text")
            return None

    def _node(self, event: Any, depth: int) -> yaml.Node:
        self._written += 1
        if depth > MAX_DEPTH:
            raise self._stop(event, _TOO_DEEP)
        if self._written > MAX_WRITTEN:
            raise self._stop(event, _TOO_MUCH)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if event.anchor:
            self._anchors[event.anchor] = None  # until it is complete, it cannot be used
        node = self._compose(event, depth)
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _alias(self, event: Any) -> yaml.Node:
        node = self._anchors.get(event.anchor)
        if event.anchor in self._anchors and node is None:
            raise self._stop(event, "an alias inside of what it stands for")
        if node is None:
            message = (
                "an alias without its anchor before it; put a text that starts with '*' in quotes"
            )
            raise self._stop(event, message)
        return node

    def _compose(self, event: Any, depth: int) -> yaml.Node:
        marks = (event.start_mark, event.end_mark)
        if isinstance(event, yaml.ScalarEvent):
            tag = event.tag
            if tag is None or tag == "!":
                tag = self._resolve(yaml.ScalarNode, event.value, event.implicit)
            return yaml.ScalarNode(tag, event.value, *marks)
        children: list[Any] = []
        pairs = isinstance(event, yaml.MappingStartEvent)
        while not isinstance(inner := self._event(), yaml.CollectionEndEvent):
            child = self._node(inner, depth + 1)
            children.append((child, self._node(self._event(), depth + 1)) if pairs else child)
            if len(children) > MAX_ENTRIES:
                raise self._stop(inner, f"more than {MAX_ENTRIES:,} entries")
        if event.tag not in (None, "!", _CORE + "map", _CORE + "seq"):
            raise self._stop(event, "a '!' tag, which is not supported here")
        if pairs:
            return yaml.MappingNode(_CORE + "map", children, *marks)
        return yaml.SequenceNode(_CORE + "seq", children, *marks)

    def _syntax(self, error: yaml.MarkedYAMLError) -> Problems:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        lines = self.text.splitlines()
        message = meaning(error.problem or "", lines[line] if line < len(lines) else "")
        return Problems([Problem(f"{self.filename}:{line + 1}:{column + 1}", "", message)])

    def _note(self, node: yaml.Node, path: KeyPath, message: str) -> None:
        self.problems.append(Problem(_place(self.filename, node), format_path(path), message))
        if len(self.problems) > MAX_TOLD:
            raise Problems(self.problems)

    def _stop(self, at: Any, message: str) -> Problems:
        return Problems([*self.problems, Problem(_place(self.filename, at), "", message)])
