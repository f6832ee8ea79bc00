"""How long a cluster's wakes took: asked for once it is up again."""

from datetime import datetime, timedelta

from autoscaler.core.capacity import Phase, Status
from autoscaler.core.ports import TellsResumes
from autoscaler.errors import ClusterError
from autoscaler.service.job import Job, Means, Mind

# A wake is told when it is over and its cache is warm; events come some minutes late.
ASKED_FOR = timedelta(hours=1)


async def learn_resumes(job: Job, means: Means, mind: Mind, status: Status, at: datetime) -> None:
    """Ask for the wakes since the newest one that is known, once the cluster is up again."""
    if status.phase is Phase.PAUSED:
        mind.asleep_at = at
        return
    asleep_at, sleep, cluster = mind.asleep_at, mind.outlook.sleep, job.cluster
    if asleep_at is None or not isinstance(cluster, TellsResumes):
        return
    if at - asleep_at > ASKED_FOR:
        mind.asleep_at = None
    newest = sleep.newest_resume_at
    try:
        told = await means.accounts.of(job.account).attempt(lambda: means.ask(cluster.resumes_since(newest), "resumes"))
    except ClusterError:  # the next tick asks again
        return
    sleep.resumed(told)
    if sleep.newest_resume_at is not None and sleep.newest_resume_at >= asleep_at:
        mind.asleep_at = None
