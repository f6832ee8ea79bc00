"""What people asked for or did by hand: a range for a while, a halt, a change behind our back; and the mode."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from autoscaler.core.capacity import Range


class Direction(StrEnum):
    """Which way a freeze stops changes."""

    SHRINK = "shrink"
    GROW = "grow"
    BOTH = "both"


class Mode(StrEnum):
    """What becomes of a decision.

    ``observe``: it is journalled and nobody is asked for anything. ``recommend``: the same, and people are meant
    to read it. ``enforce``: the provider is asked for it.
    """

    OBSERVE = "observe"
    RECOMMEND = "recommend"
    ENFORCE = "enforce"


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A person's range; it ends by itself at ``until``."""

    range: Range
    until: datetime
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """A person's or a schedule's halt; it ends by itself at ``until``."""

    direction: Direction
    until: datetime
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A range that somebody else changed, from ``before`` to ``after``, and whether a person has acknowledged it."""

    at: datetime
    before: Range
    after: Range
    acknowledged: bool = False


def both_freezes(one: Freeze | None, other: Freeze | None) -> Freeze | None:
    """Two halts as one: what either stops is stopped, until the first of them ends."""
    if one is None or other is None:
        return one or other
    return Freeze(
        direction=one.direction if one.direction is other.direction else Direction.BOTH,
        until=min(one.until, other.until),
        by=one.by if one.by == other.by else f"{one.by} and {other.by}",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """What is asked for by hand at the moment; ``halted`` says why the kill switch is on, or nothing."""

    override: Override | None = None
    freeze: Freeze | None = None
    mode: Mode = Mode.ENFORCE
    halted: str = ""

    @property
    def acts(self) -> bool:
        """Whether a decision is carried out."""
        return self.mode is Mode.ENFORCE and not self.halted

    @property
    def restraint(self) -> str | None:
        """Why a decision is not carried out."""
        if self.halted:
            return f"the kill switch is on: {self.halted}"
        return None if self.acts else f"the mode is {self.mode}"


NO_CONTROL = Control()
