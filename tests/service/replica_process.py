"""A replica in a process of its own, which a test may kill; its cluster is a folder that all replicas share.

Run as ``python -m tests.service.replica_process URL FOLDER LEASE_SECONDS DIES``.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from autoscaler.core.capacity import Limits, Phase, Range, Status
from autoscaler.core.control import Mode
from autoscaler.core.cost import Prices
from autoscaler.core.decision import Advice, RuleSettings
from autoscaler.core.samples import Sample
from autoscaler.core.snapshot import Snapshot
from autoscaler.service.clock import GridClock, SystemClock
from autoscaler.service.configured import Bindings
from autoscaler.service.job import Job, Means
from autoscaler.service.leadership import Lead
from autoscaler.service.replica import Replica
from autoscaler.service.roster import Roster
from autoscaler.service.standby import StandBy
from autoscaler.service.supervisor import Supervisor
from autoscaler.service.worker import Worker
from autoscaler.storage.database import Database
from autoscaler.storage.migrate import migrate
from autoscaler.storage.policies import Policies
from autoscaler.storage.repositories import Clusters, Journal
from models.outlook import OutlookSettings

STEP_ACU = 0.5
# Room for hours of changes: a slow machine must not run into the ceiling, where no change is asked for any more.
FIRST = Range(floor_acu=1.0, ceiling_acu=50_000.0, pause_after_seconds=None)
TICK_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class OneStepMore:
    """Wishes the next floor above the one in force: so a call that comes twice, or never, shows in the floors."""

    recent_seconds: float = 3600.0
    looks_ahead: bool = False

    def advise(self, snapshot: Snapshot) -> Advice:
        held = snapshot.status.range
        return Advice(range=replace(held, floor_acu=held.floor_acu + STEP_ACU), reason="one step more")


class FolderCluster:
    """A provider outside of all replicas. It dies before or after its second change, if a test says so."""

    cluster_id = "orders"

    def __init__(self, folder: Path, dies: str) -> None:
        self._calls = folder / "calls"
        self._dies = dies
        self._changes = 0

    async def status(self) -> Status:
        calls = self._calls.read_text().splitlines() if self._calls.exists() else []
        held = replace(FIRST, floor_acu=float(calls[-1].split()[0])) if calls else FIRST
        return Status(phase=Phase.AVAILABLE, ready_acu=held.floor_acu, range=held, changed_at=None)

    async def samples_since(self, after: datetime | None) -> Sequence[Sample]:
        """It is seen: what grows unseen is capped."""
        sample = Sample(at=SystemClock().now() - timedelta(seconds=1), seconds=1.0, demand_acu=1.0)
        return [sample] if after is None or sample.at > after else []

    async def apply(self, wanted: Range) -> None:
        self._changes += 1
        self._die("before")
        with self._calls.open("a") as calls:  # one write: a change is asked for and in force, or neither
            calls.write(f"{wanted.floor_acu} {os.getpid()}\n")
        self._die("after")

    def _die(self, when: str) -> None:
        if self._dies == when and self._changes == 2:
            os.kill(os.getpid(), signal.SIGKILL)


async def main(url: str, folder: Path, lease_seconds: float, dies: str) -> None:
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    database = Database(url)
    await migrate(database)
    replica = Replica(
        StandBy(Roster(), Bindings(Policies(database)), Journal(database)),
        database,
        acting=lambda lead: acting(database, FolderCluster(folder, dies), lead, call_seconds=lease_seconds / 2),
        lease_seconds=lease_seconds,
        leads=lambda acts: tell("leads" if acts else "rests"),
    )
    replica.start()
    tell("started")
    await stopped.wait()
    await replica.stop()
    await database.close()


def tell(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


@asynccontextmanager
async def acting(
    database: Database, cluster: FolderCluster, lead: Lead, *, call_seconds: float
) -> AsyncIterator[Supervisor]:
    journal = Journal(database, lead.fence)
    clock = GridClock(SystemClock(), seconds=TICK_SECONDS)
    known = await Clusters(database, lead.fence).register(cluster.cluster_id, at=clock.now(), document={})
    job = Job(
        cluster=cluster,
        title="Orders",
        profile="folder",
        policy_name="one step more",
        policy=OneStepMore(),
        forecaster=None,
        rules=RuleSettings(change_spacing_seconds=0),
        limits=Limits(min_acu=0.5, max_acu=FIRST.ceiling_acu),
        prices=Prices(),
        outlook=OutlookSettings(),
        document_id=known.document_id,
        mode=Mode.ENFORCE,
        longest_gap_seconds=300.0,
    )
    with ThreadPoolExecutor(1) as executor:
        means = Means(journal=journal, clock=clock, executor=executor, call_seconds=call_seconds, lead=lead)
        worker = Worker(job, means, decide_seconds=TICK_SECONDS)
        supervisor = Supervisor([worker], journal=journal, clock=clock, beat_seconds=0.1, stop_seconds=3.0)
        yield supervisor
        await supervisor.stop()
        await journal.drain()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]), sys.argv[4]))
