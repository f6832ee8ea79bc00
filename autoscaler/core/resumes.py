"""What is known of one wake of a cluster."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """A wake that began ``at``, after so much sleep; it was up after ``resume_seconds``. None is unknown.

    ``first_query_seconds`` is how long the first client waited until it was up, ``warm_seconds`` how long after that
    the cache held again what is used, and ``connections`` how many clients stood there when it was up.
    """

    at: datetime
    slept_seconds: float
    resume_seconds: float
    first_query_seconds: float | None = None
    warm_seconds: float | None = None
    connections: int | None = None
