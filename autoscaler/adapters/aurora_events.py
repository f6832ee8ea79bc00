"""What RDS says happened, by the words it uses: DescribeEvents tells no ids [D]."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from autoscaler.core.happenings import Happening, What
from autoscaler.core.resumes import Resume

# [D] of an instance
PAUSING, PAUSED = "Initiated pause for the DB instance.", "Successfully paused the DB instance."
PAUSE_CANCELLED = "Pause was canceled for the DB instance."
RESUMING, RESUMED = "Initiated resume for the DB instance.", "Successfully resumed the DB instance."

PATTERNS: tuple[tuple[re.Pattern[str], What], ...] = (
    (re.compile(re.escape(PAUSING)), What.PAUSING),
    (re.compile(re.escape(PAUSED)), What.PAUSED),
    (re.compile(re.escape(PAUSE_CANCELLED)), What.PAUSE_CANCELLED),
    (re.compile(re.escape(RESUMING)), What.RESUMING),
    (re.compile(re.escape(RESUMED)), What.RESUMED),
    (re.compile(r"Completed failover to DB instance: \S+"), What.FAILED_OVER),  # [D]
    (
        re.compile(r"incompatible-parameters"),
        What.UNSCALABLE,
    ),  # [D] its status after it ran out of memory at its maximum
    (re.compile(r"(?i)DB cluster deleted|deleted DB cluster"), What.DELETED),  # [I]
)


def happening_of(event: Mapping[str, Any]) -> Happening | None:
    """An Event of DescribeEvents; None: it says nothing that matters here."""
    text = event.get("Message", "")
    what = next((what for pattern, what in PATTERNS if pattern.search(text)), None)
    if what is None:
        return None
    return Happening(at=event["Date"], what=what, source=event.get("SourceIdentifier", ""), text=text)


def resumes_in(happenings: Iterable[Happening]) -> Iterator[Resume]:
    """The resumes that are over, of one instance, oldest first; one of which an event was lost is left out."""
    paused_at = began_at = None
    for one in happenings:
        if one.what is What.PAUSED:
            paused_at, began_at = one.at, None  # whatever began before it has ended untold
        elif one.what is What.RESUMING:
            began_at = one.at
        elif one.what is What.RESUMED:
            if paused_at is not None and began_at is not None:
                slept, took = began_at - paused_at, one.at - began_at
                yield Resume(at=began_at, slept_seconds=slept.total_seconds(), resume_seconds=took.total_seconds())
            paused_at = began_at = None
