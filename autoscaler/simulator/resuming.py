"""Looks on while an instance wakes, and tells what it was like once its cache is warm again."""

from collections import deque
from dataclasses import replace
from datetime import UTC, datetime

from autoscaler.core.resumes import Resume
from autoscaler.simulator.instance import Instance

KEPT_RESUMES = 100


class Resuming:
    """The wakes that are over, and one that is not yet: its cache is still cold. ``now`` is in seconds since 1970."""

    __slots__ = ("_open", "_over", "_up_at")

    def __init__(self) -> None:
        self._over: deque[Resume] = deque(maxlen=KEPT_RESUMES)
        self._open: Resume | None = None
        self._up_at = 0.0

    def since(self, after: datetime | None) -> list[Resume]:
        """Those that are over and began after ``after``, oldest first."""
        return [one for one in self._over if after is None or one.at > after]

    def look(self, writer: Instance, *, connections: int, now: float) -> None:
        """After a step that ended ``now``."""
        if writer.nap.resumed is not None:
            self._begin(*writer.nap.resumed, connections=connections, now=now)
            writer.nap.resumed = None
        if self._open is None:
            return
        if writer.is_warm and writer.caches:
            self._close(now - self._up_at)
        elif writer.asleep or not writer.caches:
            self._close(None)

    def _begin(self, slept: float, took: float, waited: float, *, connections: int, now: float) -> None:
        self._close(None)
        self._up_at = now
        self._open = Resume(
            at=datetime.fromtimestamp(now - took, UTC),
            slept_seconds=slept,
            resume_seconds=took,
            first_query_seconds=waited or None,
            connections=connections,
        )

    def _close(self, warm_seconds: float | None) -> None:
        if self._open is not None:
            self._over.append(replace(self._open, warm_seconds=warm_seconds))
        self._open = None
