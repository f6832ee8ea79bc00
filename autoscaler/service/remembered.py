"""What is learned about the clusters' sleep, kept now and then so that a restart goes on with it."""

from datetime import datetime, timedelta

import structlog

from autoscaler.errors import InvalidInput, StorageError
from autoscaler.storage.sleep import Learned, SleepStates
from models.sleep import Sleep
from models.state import State

KEEP_EVERY = timedelta(hours=1)

log = structlog.get_logger(__name__)


class Remembered:
    """The newest state of each cluster that was not written yet."""

    def __init__(self, states: SleepStates) -> None:
        self._states = states
        self._unwritten: dict[str, Learned] = {}
        self._kept_at: dict[str, datetime] = {}

    def saw(self, cluster_id: str, sleep: Sleep, at: datetime) -> None:
        """Once an hour of cluster time what is known is taken down."""
        if at - self._kept_at.get(cluster_id, datetime.min.replace(tzinfo=at.tzinfo)) < KEEP_EVERY:
            return
        state = sleep.state()
        if state is not None:
            self._kept_at[cluster_id] = at
            self._unwritten[cluster_id] = Learned(at=at, state=state)

    async def write(self) -> None:
        """Write down what has come together; what cannot be written now is written next time."""
        taken, self._unwritten = self._unwritten, {}
        try:
            await self._states.write(taken)
        except StorageError as problem:
            log.warning("sleep_unwritten", reason=str(problem))
            self._unwritten = {**taken, **self._unwritten}

    async def of(self, cluster_id: str) -> State | None:
        """What was kept of a cluster; what cannot be used is learned anew from its samples."""
        try:
            learned = await self._states.read(cluster_id)
        except InvalidInput as problem:
            log.warning("sleep_unread", cluster=cluster_id, reason=str(problem))
            return None
        return None if learned is None else learned.state
