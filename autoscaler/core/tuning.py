"""What trailing backtests on a cluster's own past recommend, as data for a decision."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

# What is tried beside every family.
LEFT_ALONE = "left alone"


class Family(StrEnum):
    """A way of choosing floors that is tried in several settings; leaving the cluster alone is tried beside any."""

    STATIC = "static"
    REACTIVE = "reactive"
    SCHEDULED = "scheduled"
    PREDICTIVE = "predictive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """Between which floors to be now, and which way of choosing them did best so far.

    A floor in force between ``low_acu`` and ``high_acu`` is left as it is. ``family`` is the one chosen at
    ``chosen_at``, or ``LEFT_ALONE``; ``reason`` says in one sentence what it saved, on how much of the past.
    """

    chosen_at: datetime
    family: str
    low_acu: float
    high_acu: float
    reason: str
