"""Provider files from the package or from the user, checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from genmedia_exporter.config.files import read_bounded
from genmedia_exporter.config.problems import Problems, did_you_mean
from genmedia_exporter.config.validation import problems_of
from genmedia_exporter.config.values import quote
from genmedia_exporter.config.yaml_source import YamlSource, read_yaml
from genmedia_exporter.providers.errors import UnknownProviderError
from genmedia_exporter.providers.schema import Generic, Provider
from genmedia_exporter.providers.soundness import faults_of

M = TypeVar("M", bound=BaseModel)

_SUFFIX: Final = ".yml"
_HOUSE: Final = "_"  # files that start with it are not providers
_GENERIC: Final = "_generic.yml"
_FOLDER: Final = resources.files("genmedia_exporter.providers")


@cache
def provider_names() -> tuple[str, ...]:
    """Return the names of the providers that come with the exporter, sorted."""
    names = (file.name for file in _FOLDER.iterdir() if file.name.endswith(_SUFFIX))
    return tuple(sorted(n.removesuffix(_SUFFIX) for n in names if not n.startswith(_HOUSE)))


def is_provider_file(name_or_path: str) -> bool:
    """Whether `provider:` names a file of the user's own instead of a built-in provider."""
    return "/" in name_or_path or name_or_path.endswith((".yml", ".yaml"))


def load_provider(
    name_or_path: str,
    relative_to: Path | None = None,
    read: Callable[[Path], bytes] = read_bounded,
) -> Provider:
    """Return the built-in provider of that name, or the one in the user's file at that path.

    A relative path starts at the folder *relative_to*. Raises UnknownProviderError when there is
    no such provider or file, Problems when the file is not a sound one.
    """
    if not is_provider_file(name_or_path):
        return _built_in(name_or_path)
    path = (relative_to or Path()) / name_or_path
    try:
        content = read(path)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "not a path"
        raise UnknownProviderError(f"the provider file {path} cannot be read: {why}") from None
    return parse_provider(content, str(path))


@cache
def _built_in(name: str) -> Provider:
    known = provider_names()
    if name not in known:
        everyone = f"known are {', '.join(known)}; or the path of a file of your own"
        raise UnknownProviderError(
            f"no provider is called {quote(name)}", did_you_mean(name, known, everyone)
        )
    return parse_provider(built_in_file(name), f"{name}{_SUFFIX}")


def built_in_file(name: str) -> bytes:
    """Return the content of a built-in provider's file."""
    return (_FOLDER / f"{name}{_SUFFIX}").read_bytes()


def parse_provider(content: bytes | str, filename: str) -> Provider:
    """Check the text of a provider file. Raises Problems."""
    return check_provider(content, filename)[0]


def check_provider(content: bytes | str, filename: str) -> tuple[Provider, YamlSource]:
    """Check the text of a provider file; return it with where everything stands. Raises Problems."""
    source = _source(content, filename)
    provider = _validated(Provider, source)
    faults = [source.places.problem(*fault) for fault in faults_of(provider)]
    if faults:
        raise Problems(faults)
    return provider, source


@cache
def load_generic() -> Generic:
    """Return what holds wherever a provider's own file says nothing."""
    return _validated(Generic, _source((_FOLDER / _GENERIC).read_bytes(), _GENERIC))


def _source(content: bytes | str, filename: str) -> YamlSource:
    source = read_yaml(content, filename, empty="copy a provider that comes with the exporter")
    parent = source.data.get("extends")
    if parent is None:
        return source
    if not isinstance(parent, str) or is_provider_file(parent) or parent not in provider_names():
        hint = did_you_mean(
            str(parent), provider_names(), f"known are {', '.join(provider_names())}"
        )
        raise Problems(
            [source.places.problem(("extends",), "it extends a built-in provider", hint)]
        )
    below = _source(built_in_file(parent), parent).data
    return replace(source, data=_joined(below, source.data))


_ADDED: Final = ("rules", "errors")
"""Of these the parent's come after one's own; every other key stands instead of the parent's."""
_OWN: Final = (
    "quirks", "checked", "extends", "status_page", "no_status_page", "no_models",
)  # fmt: skip
"""These are nobody else's."""


def _joined(below: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    data = {**{key: value for key, value in below.items() if key not in _OWN}, **own}
    named = {rule.get("id") for rule in own.get("rules") or () if isinstance(rule, dict)}
    for key in _ADDED:
        inherited = [x for x in below.get(key) or () if x.get("id") not in named or key != "rules"]
        if isinstance(own.get(key, []), list):
            data[key] = [*own.get(key, []), *inherited]
    return data


def _validated(model: type[M], source: YamlSource) -> M:
    try:
        return model.model_validate(source.data)
    except ValidationError as error:
        found = problems_of(error, source, model)
    raise Problems(found.values())
