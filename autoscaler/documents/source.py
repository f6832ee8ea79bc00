"""The text of a document: what it says, and in which line and column it says it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from math import isfinite
from pathlib import Path as FilePath
from typing import Any, cast

import yaml

from autoscaler.documents.mistakes import Mistake, Path, Problem
from autoscaler.errors import InvalidDocument, InvalidInput

LARGEST_FILE_BYTES = 1_000_000
# Anchors may be used again and again; what they amount to has to stay a document.
MOST_NODES = 50_000
DEEPEST = 50
MERGE = "tag:yaml.org,2002:merge"
Place = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A document as it was written.

    ``values`` and ``keys`` are the places of what is at a path; ``problems`` are those of the text itself.
    ``folder`` None: it came over the network, and names no files of this machine.
    """

    file: str
    folder: FilePath | None
    content: Any
    values: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def mistakes(self, problems: Iterable[Problem]) -> InvalidDocument:
        """The problems, and those of the text, at their places and in their order."""
        unread = {problem.path for problem in self.problems}  # what could not be read is not told twice
        told = (*self.problems, *(problem for problem in problems if problem.path not in unread))
        placed = [(self._place(problem), problem) for problem in told]
        lines = {Mistake(file=self.file, line=line, column=column, message=p.message) for (line, column), p in placed}
        return InvalidDocument(*sorted(lines, key=lambda one: (one.line, one.column, one.message)))

    def _place(self, problem: Problem) -> Place:
        if problem.at_key and problem.path in self.keys:
            return self.keys[problem.path]
        for length in range(len(problem.path), -1, -1):  # the nearest there is around what is missing
            if problem.path[:length] in self.values:
                return self.values[problem.path[:length]]
        return 1, 1


def read_source(path: FilePath) -> Source:
    """Read a YAML or JSON file.

    Raises:
        InvalidInput: there is no such file, it is too large or cannot be read.
        InvalidDocument: it is no YAML; with the place.
    """
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise InvalidInput(f"{path} is larger than {LARGEST_FILE_BYTES} bytes; that is no document of ours")
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InvalidInput(f"no file {path}") from None
    except (OSError, UnicodeDecodeError) as problem:
        raise InvalidInput(f"{path} cannot be read as YAML: {' '.join(str(problem).split())}") from None
    # JSON may be indented by tabs, YAML may not.
    return parse(text.replace("\t", " ") if path.suffix == ".json" else text, file=str(path), folder=path.parent)


def parse(text: str, *, file: str, folder: FilePath | None) -> Source:
    """The document in a text; its files are looked for in ``folder``.

    Raises:
        InvalidDocument: it is no YAML, or no mapping; with the place.
    """
    try:
        reader = _Reader(text)
        root = reader.loader.get_single_node()
    except RecursionError:
        told = f"there is too much in here: more than {DEEPEST} levels"
        raise InvalidDocument(Mistake(file=file, line=1, column=1, message=told)) from None
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        what = getattr(problem, "problem", None) or " ".join(str(problem).split())
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        raise InvalidDocument(
            Mistake(file=file, line=line, column=column, message=f"cannot be read as YAML: {what}")
        ) from None
    if not isinstance(root, yaml.MappingNode):
        raise InvalidDocument(Mistake(file=file, line=1, column=1, message="is no mapping of settings"))
    content = reader.value(root, ())
    return Source(
        file=file,
        folder=folder,
        content=content,
        values=reader.values,
        keys=reader.keys,
        problems=tuple(reader.problems),
    )


def plain(content: object) -> Any:  # noqa: ANN401 - a JSON document
    """What a document says, ready for JSON: dates as text, an infinite number as its name."""
    if isinstance(content, Mapping):
        return {key: plain(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [plain(item) for item in content]
    if isinstance(content, date):  # a datetime is one, too
        return content.isoformat()
    if isinstance(content, float) and not isfinite(content):
        return str(content)
    return content


class _Reader:
    """Turns nodes into plain values and notes their places on the way."""

    def __init__(self, text: str) -> None:
        self.loader = yaml.SafeLoader(text)
        self.values: dict[Path, Place] = {}
        self.keys: dict[Path, Place] = {}
        self.problems: list[Problem] = []

    def value(self, node: yaml.Node, path: Path) -> object:
        """What a node says."""
        self.values[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if len(self.values) > MOST_NODES or len(path) > DEEPEST:
            if len(self.values) <= MOST_NODES + 1:
                self._note(path, f"there is too much in here: more than {MOST_NODES} values, or {DEEPEST} levels")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, place)) for place, item in enumerate(node.value)]
        node.value = _joined(node.value)
        try:
            return cast(object, self.loader.construct_object(node))
        except (yaml.YAMLError, ValueError) as problem:
            told = getattr(problem, "problem", None) or problem
            self._note(path, f"{node.value!r} cannot be read: {told}")
            return None

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, object]:
        content: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if not isinstance(key, str) or key_node.tag == MERGE:
                self._note(path, f"a key is {key!r}; give a name")
                continue
            key = _joined(key)
            here = (*path, key)
            place = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if key in content:
                again = (*path, f"{key} again, {place}")
                self.values[again] = place
                self._note(again, f"'{key}' is given twice, first in line {self.keys[here][0]}; keep one of them")
                continue
            self.keys[here] = place
            content[key] = self.value(value_node, here)
        return content

    def _note(self, path: Path, message: str) -> None:
        self.problems.append(Problem(path=path, message=message))


def _joined(text: str) -> str:
    """Characters that JSON writes as two escapes, which YAML reads as two halves; a half alone is replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
