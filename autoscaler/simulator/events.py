"""What a simulated cluster reports."""

from dataclasses import dataclass
from datetime import datetime

KEPT_EVENTS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something the cluster reported."""

    at: datetime
    message: str
