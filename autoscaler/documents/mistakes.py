"""What is wrong with a document, and where in it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from autoscaler.registry import told_alone

Path = tuple[str | int, ...]
UNKNOWN_KEY = ("extra_forbidden", "unexpected_keyword_argument")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong at a path of a document; ``at_key`` when it is the key's fault, not the value's."""

    path: Path
    message: str
    at_key: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A problem at its place in a file; lines and columns count from 1."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


def unknown_key(path: Path, known: Iterable[str]) -> Problem:
    """A key that nobody knows, with the one that may have been meant."""
    return Problem(path=path, message=f"there is no setting '{path[-1]}'{guess(str(path[-1]), known)}", at_key=True)


def guess(name: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown name: what was meant, or what there is."""
    names = sorted(known)
    near = get_close_matches(name, names, n=1)
    if near:
        return f"; did you mean '{near[0]}'?"
    return f"; there are: {', '.join(names)}" if names else ""


def model_problems(kind: type[BaseModel], content: Mapping[str, Any], **context: object) -> list[Problem]:
    """All that pydantic finds wrong with a document."""
    try:
        kind.model_validate(dict(content), context=context)
    except ValidationError as problems:
        return [_problem(kind, error) for error in problems.errors()]
    return []


def _problem(kind: type[BaseModel], error: ErrorDetails) -> Problem:
    path = tuple(error["loc"])
    if error["type"] in UNKNOWN_KEY:
        return unknown_key(path, _names_at(kind, path[:-1]))
    place = ".".join(str(part) for part in path)
    return Problem(path=path, message=f"{place}: {told_alone(error)}" if place else told_alone(error))


def _names_at(kind: object, path: Path) -> list[str]:
    """The settings there are at a place; none when it cannot be told."""
    for part in path:
        following = None
        for option in _options(kind):
            if isinstance(option, type) and issubclass(option, BaseModel) and part in option.model_fields:
                following = option.model_fields[str(part)].annotation
            elif isinstance(part, int) and get_args(option):
                following = get_args(option)[0]
        kind = following
    return [name for option in _options(kind) for name in _names(option)]


def _names(kind: object) -> Iterator[str]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield from kind.model_fields
    elif isinstance(kind, type) and is_dataclass(kind):
        yield from (item.name for item in fields(kind))


def _options(kind: object) -> tuple[object, ...]:
    """The kinds that a value may be of: what is between the bars of a union."""
    inner = get_args(kind)
    return inner if type(None) in inner else (kind,)
