"""What a pause would interrupt: a long vacuum and its like, jobs of pg_cron that run or are due soon."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from autoscaler.errors import ClusterError

LOOK_SECONDS = 10.0
# What is over sooner may be ended: autovacuum begins anew after the wake.
LONG_SECONDS = 30.0
DUE_WITHIN = timedelta(minutes=10)
# Long work of every database, and whether pg_cron is in the one that is asked.
WORK = """
select true, work.command, work.datname::text from (
    select pid, datname, 'VACUUM' as command from pg_stat_progress_vacuum
    union all select pid, datname, command from pg_stat_progress_cluster
    union all select pid, datname, command from pg_stat_progress_create_index
) work join pg_stat_activity using (pid)
where query_start <= clock_timestamp() - make_interval(secs => %s)
union select false, 'pg_cron', '' where to_regclass('cron.job_run_details') is not null
order by 1, 2, 3
"""
# Only the newest runs are looked at: nothing deletes old ones, and there is no index on their status.
JOBS = """
select coalesce(jobname::text, jobid::text), schedule, coalesce(current_setting('cron.timezone', true), 'GMT'),
    jobid in (select jobid from (select jobid, status from cron.job_run_details order by runid desc limit 100) newest
              where status in ('starting', 'running'))
from cron.job where active order by jobid
"""

Ask = Callable[..., Awaitable[list[tuple[Any, ...]]]]


class Holds:
    """``seen`` is what was found last; a server that does not answer changes nothing of it."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._looked_at: datetime | None = None
        self.seen: tuple[str, ...] = ()

    async def look(self, now: datetime) -> None:
        """Ask the server, unless that was done a moment ago."""
        if self._looked_at is not None and abs((now - self._looked_at).total_seconds()) < LOOK_SECONDS:
            return
        self._looked_at = now
        with suppress(ClusterError):
            self.seen = await self._found(now)

    async def _found(self, now: datetime) -> tuple[str, ...]:
        found = await self._ask(WORK, LONG_SECONDS)
        work = [f"a {command} that runs in {database}" for is_work, command, database in found if is_work]
        jobs = [] if all(is_work for is_work, *_ in found) else await self._ask(JOBS)
        return (*work, *(f"job {name} of pg_cron, which {why}" for name, *job in jobs if (why := _why(*job, now=now))))


def _why(schedule: str, time_zone: str, runs: bool, *, now: datetime) -> str | None:
    """None: a pause does not meet it."""
    if runs:
        return "runs"
    due = f"is due within {DUE_WITHIN.total_seconds() / 60:g} min"
    if schedule.endswith(("second", "seconds")):
        return due
    try:
        # The last day of a month is $ to pg_cron.
        following = next(CronSim(schedule.replace("$", "L"), now.astimezone(ZoneInfo(time_zone))), None)
    except (CronSimError, LookupError, ValueError):
        return f"is due nobody knows when: {schedule} in {time_zone}"
    return due if following is not None and following - now <= DUE_WITHIN else None
