"""What trailing backtests on a cluster's own past recommend, as data for a decision."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """Between which floors to be now, and which way of choosing them did best so far.

    A floor in force between ``low_acu`` and ``high_acu`` is left as it is. ``family`` is the kind of policy chosen at
    ``chosen_at``; ``reason`` says in one sentence what it saved, on how much of the past.
    """

    chosen_at: datetime
    family: str
    low_acu: float
    high_acu: float
    reason: str
