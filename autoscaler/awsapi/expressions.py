"""Metric math: an expression as a tree. Arithmetic, brackets, lists and calls; nothing else is simulated."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from autoscaler.awsapi.faults import Fault

WORD = re.compile(r"\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|(.))")
BINDING = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 3}
MOST_NESTED = 50


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was written."""

    value: float


@dataclass(frozen=True, slots=True)
class Name:
    """The id of a query, or a word such as REPEAT."""

    name: str


@dataclass(frozen=True, slots=True)
class Several:
    """A list in square brackets."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function with what it is given; operators are functions, too."""

    name: str
    parts: tuple["Node", ...]


Node = Number | Name | Several | Call


def parse(text: str) -> Node:
    """The tree of an expression.

    Raises:
        Fault: it is none, or too deep.
    """
    reader = _Reader(text)
    tree = reader.sum()
    if reader.next:
        raise reader.fault()
    return tree


def wrong(text: str, why: str) -> Fault:
    """An expression that cannot be evaluated."""
    return Fault("ValidationError", f"Error in expression '{text}': {why}")


class _Reader:
    """Reads by precedence: how strongly an operator binds."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._words = _words(text)
        self._depth = 0
        self.next = ""
        self._move()

    def fault(self) -> Fault:
        return wrong(self._text, f"Unexpected '{self.next}'" if self.next else "it ends too early")

    def sum(self, binding: int = 0) -> Node:
        """Everything up to an operator that binds no more than ``binding``."""
        self._depth += 1
        if self._depth > MOST_NESTED:
            raise wrong(self._text, "it is nested too deep")
        left = self._one()
        while (strength := BINDING.get(self.next, 0)) > binding:
            operator = self._taken()
            left = Call(operator, (left, self.sum(strength)))
        self._depth -= 1
        return left

    def _one(self) -> Node:
        word = self._taken()
        if word[:1].isdigit():
            return Number(float(word))
        if word[:1].isalpha() or word[:1] == "_":
            return Call(word, self._until(")")) if self._follows("(") else Name(word)
        if word == "-":
            return Call("*", (Number(-1.0), self.sum(BINDING["*"])))
        if word == "[":
            return Several(self._until("]"))
        if word == "(":
            inner = self.sum()
            if self._follows(")"):
                return inner
            raise self.fault()
        self.next = word
        raise self.fault()

    def _until(self, end: str) -> tuple[Node, ...]:
        parts: list[Node] = []
        while not self._follows(end):
            if parts and not self._follows(","):
                raise self.fault()
            parts.append(self.sum())
        return tuple(parts)

    def _follows(self, word: str) -> bool:
        if self.next != word:
            return False
        self._move()
        return True

    def _taken(self) -> str:
        word = self.next
        self._move()
        return word

    def _move(self) -> None:
        self.next = next(self._words, "")


def _words(text: str) -> Iterator[str]:
    for match in WORD.finditer(text.strip()):
        yield match.group().strip()
