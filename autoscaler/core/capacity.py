"""How large a cluster may be, is, and is allowed to become."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from math import ceil, floor, isfinite

from autoscaler.errors import InvalidInput

SECONDS_PER_HOUR = 3600.0
# Guards ceil() against 8.000000000000002; far below any grain a provider offers.
ROUNDING_SLACK = 1e-9
# With a floor of 0 or 0.5 ACU an Aurora PostgreSQL has 2,000 connections at most, however high the ceiling is.
LOW_FLOOR_ACU = 0.5


def round_up(acu: float, step_acu: float) -> float:
    """The smallest multiple of ``step_acu`` that is not below ``acu``."""
    return ceil(acu / step_acu - ROUNDING_SLACK) * step_acu


def round_down(acu: float, step_acu: float) -> float:
    """The largest multiple of ``step_acu`` that is not above ``acu``."""
    return floor(acu / step_acu + ROUNDING_SLACK) * step_acu


def first_above(acu: float, step_acu: float) -> float:
    """The smallest multiple of ``step_acu`` that is above ``acu``."""
    return round_down(acu, step_acu) + step_acu


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """The capacity range of every serverless instance of a cluster, and whether it may pause.

    ``floor_acu`` is the least capacity while awake; ``pause_after_seconds`` is how long the cluster must
    have been idle before it pauses, or None when it stays awake.
    """

    floor_acu: float
    ceiling_acu: float
    pause_after_seconds: int | None = None

    def __post_init__(self) -> None:
        if not (isfinite(self.floor_acu) and isfinite(self.ceiling_acu)):
            raise InvalidInput(f"a range needs finite bounds, not {self.floor_acu} to {self.ceiling_acu} ACU")
        if not 0 <= self.floor_acu <= self.ceiling_acu:
            raise InvalidInput(
                f"a floor of {self.floor_acu} ACU is not between 0 and the ceiling of {self.ceiling_acu} ACU"
            )
        if self.pause_after_seconds is not None and self.pause_after_seconds < 0:
            raise InvalidInput(f"a pause after {self.pause_after_seconds} s lies in the past; give 0 or more")

    def at_least(self, other: "Range") -> "Range":
        """Nowhere smaller than ``other``: higher bounds, and no easier pause."""
        if not self.shrinks(other):
            return self
        return Range(
            floor_acu=max(self.floor_acu, other.floor_acu),
            ceiling_acu=max(self.ceiling_acu, other.ceiling_acu),
            pause_after_seconds=later_pause(self.pause_after_seconds, other.pause_after_seconds),
        )

    def at_most(self, other: "Range") -> "Range":
        """Nowhere larger than ``other``: lower bounds, and a pause no later."""
        floor = min(self.floor_acu, other.floor_acu)
        awake = other.pauses_sooner_than(self)
        return Range(
            floor_acu=floor,
            ceiling_acu=max(floor, min(self.ceiling_acu, other.ceiling_acu)),
            pause_after_seconds=other.pause_after_seconds if awake else self.pause_after_seconds,
        )

    def shrinks(self, before: "Range") -> bool:
        """Whether going from ``before`` to this range takes anything away."""
        return (
            self.floor_acu < before.floor_acu
            or self.ceiling_acu < before.ceiling_acu
            or self.pauses_sooner_than(before)
        )

    def grows(self, before: "Range") -> bool:
        """Whether going from ``before`` to this range adds anything."""
        return before.shrinks(self)

    def pauses_sooner_than(self, other: "Range") -> bool:
        """Whether this range lets a cluster pause earlier than ``other`` does."""
        if self.pause_after_seconds is None:
            return False
        return other.pause_after_seconds is None or self.pause_after_seconds < other.pause_after_seconds

    def with_floor(self, floor_acu: float) -> "Range":
        """The same range on another floor; the ceiling gives way upwards."""
        return replace(self, floor_acu=floor_acu, ceiling_acu=max(floor_acu, self.ceiling_acu))

    def __str__(self) -> str:
        pause = "" if self.pause_after_seconds is None else f", pauses after {self.pause_after_seconds} s"
        return f"{self.floor_acu:g} to {self.ceiling_acu:g} ACU{pause}"


def later_pause(one: int | None, other: int | None) -> int | None:
    """The pause that comes later; None (never) is the latest of all."""
    return None if one is None or other is None else max(one, other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What a policy may do inside the limits only with the owner's word; a person's order is a word, too.

    ``ceiling``: move the ceiling. ``low_floor``: bring a floor down to where the provider caps connections.
    ``small_standbys``: bring it down below what those need who may have to take over. ``waiting_parameters``:
    pause while parameters wait for a restart, which a pause and resume is. ``interrupting``: pause although jobs are
    due or a long vacuum runs. Whether the cluster may pause is in the limits themselves.
    """

    ceiling: bool = False
    low_floor: bool = False
    small_standbys: bool = False
    waiting_parameters: bool = False
    interrupting: bool = False


class MemoryCare(StrEnum):
    """What becomes of the memory that a cluster's pages in use need, once that is learned, while somebody works.

    ``pays``: the floor is kept at it, or brought up to it, where reading the pages again would cost more. ``keep``: the
    same whatever it costs. ``observe``: it is learned and told.
    """

    OBSERVE = "observe"
    PAYS = "pays"
    KEEP = "keep"


NO_CONSENT = Consent()
FULL_CONSENT = Consent(ceiling=True, low_floor=True, small_standbys=True, waiting_parameters=True, interrupting=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the owner of a cluster allows; nothing ever leaves it.

    ``min_acu`` is the least floor while awake. ``usual_pause_seconds`` is how long a cluster that may pause
    is idle first, when nobody says otherwise; the pause bounds are the provider's (Aurora: 300 to 86,400 s).
    A floor of ``low_floor_acu`` or less caps the connections (Aurora PostgreSQL: 2,000), and needs consent.
    ``pauses_from_acu``: the provider pauses from this floor only, and has no lower one (Aurora: 0.5, which it calls 0
    while it may pause); None: it pauses from any. ``working_set`` is what the owner wants of the memory for it.
    """

    min_acu: float
    max_acu: float
    step_acu: float = 0.5
    may_pause: bool = False
    usual_pause_seconds: int = 300
    shortest_pause_seconds: int = 300
    longest_pause_seconds: int = 86_400
    low_floor_acu: float = LOW_FLOOR_ACU
    pauses_from_acu: float | None = None
    consent: Consent = NO_CONSENT
    working_set: MemoryCare = MemoryCare.PAYS

    def __post_init__(self) -> None:
        if not (isfinite(self.min_acu) and isfinite(self.max_acu) and isfinite(self.step_acu)):
            raise InvalidInput("limits must be finite numbers of ACU")
        if self.step_acu <= 0:
            raise InvalidInput(f"a capacity step of {self.step_acu} ACU is not above 0")
        if not self.max_acu > 0:
            raise InvalidInput(f"a maximum of {self.max_acu} ACU is not above 0")
        if not 0 <= self.min_acu <= self.max_acu:
            raise InvalidInput(f"a minimum of {self.min_acu} ACU is above the maximum of {self.max_acu} ACU or below 0")
        for name, acu in (("minimum", self.min_acu), ("maximum", self.max_acu)):
            if abs(round_up(acu, self.step_acu) - acu) > ROUNDING_SLACK:
                step = f"{self.step_acu:g} ACU"
                raise InvalidInput(f"a {name} of {acu} ACU lies between two steps of {step}; give a multiple")
        if self.shortest_pause_seconds > self.longest_pause_seconds:
            raise InvalidInput(
                f"the shortest pause of {self.shortest_pause_seconds} s is above the longest of "
                f"{self.longest_pause_seconds} s"
            )

    @property
    def pause_after_seconds(self) -> int | None:
        """When a cluster that nobody steers pauses."""
        return self.usual_pause_seconds if self.may_pause else None

    def clip(self, wanted: Range) -> Range:
        """The range nearest to ``wanted`` that the owner allows, on the provider's grain."""
        least = max(self.min_acu, self.pauses_from_acu or 0.0)  # lower ones are all the same to such a provider
        floor = min(max(round_up(wanted.floor_acu, self.step_acu), least), self.max_acu)
        ceiling = min(max(round_up(wanted.ceiling_acu, self.step_acu), floor), self.max_acu)
        pause = self._clip_pause(wanted.pause_after_seconds)
        if (floor, ceiling, pause) == (wanted.floor_acu, wanted.ceiling_acu, wanted.pause_after_seconds):
            return wanted
        return Range(floor_acu=floor, ceiling_acu=ceiling, pause_after_seconds=pause)

    def settle(self, wanted: Range) -> Range:
        """The same, and where the floor is too high for the provider to pause, no pause."""
        clipped = self.clip(wanted)
        pauses = clipped.pause_after_seconds is not None
        too_high = self.pauses_from_acu is not None and clipped.floor_acu > self.pauses_from_acu
        return replace(clipped, pause_after_seconds=None) if pauses and too_high else clipped

    def _clip_pause(self, seconds: int | None) -> int | None:
        if seconds is None or not self.may_pause:
            return None
        return min(max(seconds, self.shortest_pause_seconds), self.longest_pause_seconds)


class Phase(StrEnum):
    """What a cluster is doing."""

    AVAILABLE = "available"
    CHANGING = "changing"
    PAUSING = "pausing"
    PAUSED = "paused"
    RESUMING = "resuming"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What a cluster says of itself: ready capacity, the range in effect, the one on its way.

    ``standbys`` may have to take over, and are as small as the floor lets them until then; ``awaits_restart``:
    changed parameters hold from the next restart on, and a pause and resume is one. ``blockers`` keep it awake however
    long it idles, by the provider's words; ``holds`` are what a pause would interrupt: jobs that are due, a vacuum.
    """

    phase: Phase
    ready_acu: float
    range: Range
    requested: Range | None = None
    changed_at: datetime | None = None
    standbys: int = 0
    awaits_restart: bool = False
    blockers: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
