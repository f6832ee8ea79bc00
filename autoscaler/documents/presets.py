"""Policies that are shipped as documents, to be used as they are or as a start of one's own."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from autoscaler.documents.source import Source, parse
from autoscaler.errors import UnknownName

# With a prefix no preset clashes with a policy, whoever registers one.
PRESET = "preset:"
SUFFIX = ".yaml"


def preset_names() -> list[str]:
    """All there are, with the prefix."""
    return sorted(PRESET + item.name.removesuffix(SUFFIX) for item in _folder().iterdir() if item.name.endswith(SUFFIX))


def preset_text(name: str) -> str:
    """The document of a preset, comments included.

    Raises:
        UnknownName: there is none of that name.
    """
    if name not in preset_names():
        raise UnknownName("preset", name, preset_names())
    return (_folder() / (name.removeprefix(PRESET) + SUFFIX)).read_text(encoding="utf-8")


def preset_header(name: str) -> str:
    """The comment at the top of a preset, without its marks."""
    lines = []
    for line in preset_text(name).splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.removeprefix("#").strip())
    return "\n".join(lines)


def read_preset(name: str) -> Source:
    """A preset as it was written.

    Raises:
        UnknownName: there is none of that name.
    """
    return parse(preset_text(name), file=name, folder=Path())


def _folder() -> Traversable:
    return files("policies") / "presets"
