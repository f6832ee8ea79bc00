"""What the docstring of a class with settings says: for the command line, and for the schema."""

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A class in words: a title, a description, and the meaning of each of its settings."""

    title: str
    description: str
    settings: Mapping[str, str]


def explained(kind: type[Any]) -> Explained:
    """What a docstring with ``Args:`` says."""
    told, _, arguments = (inspect.getdoc(kind) or "").partition("Args:")
    title, _, description = told.strip().partition("\n\n")
    meanings: dict[str, str] = {}
    setting = ""
    for line in arguments.splitlines():
        found = re.match(r" {4}(\w+): (.*)", line)
        if found:
            setting = found[1]
            meanings[setting] = found[2]
        elif setting and line.strip():
            meanings[setting] += " " + line.strip()
    plain = {name: _plain(text) for name, text in meanings.items()}
    return Explained(title=_plain(title), description=_plain(description), settings=plain)


def _plain(text: str) -> str:
    return " ".join(text.replace("``", "").split())
