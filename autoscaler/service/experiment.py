"""Raises the floor of a cluster for some minutes, looks what capacity does, and gives the range back in any case."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import ceil

from autoscaler.adapters.aurora_account import AuroraAccount
from autoscaler.adapters.aurora_ranges import Described
from autoscaler.adapters.aurora_samples import CAPACITY, settled_window
from autoscaler.core.capacity import Phase, Range
from autoscaler.core.ports import Clock
from autoscaler.errors import ClusterBusy, ClusterError, ClusterForbidden, ClusterThrottled, NotPossible
from autoscaler.simulator.climbing import FloorRaise, Minutes

BUSY_SECONDS, RESTORE_TRIES = 20.0, 45
SETTLE_SECONDS = 180.0  # CloudWatch tells a minute so late
BEFORE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would be done: ``raised`` for some minutes, then ``before`` again and as long a look."""

    cluster: Described
    raised: Range
    minutes: int

    @property
    def usd_at_most(self) -> float:
        """All instances at the raised floor from the change to the end of the look, at the list price."""
        more_acu = self.raised.floor_acu - self.cluster.range.floor_acu
        return more_acu * len(self.cluster.members) * 2 * self.minutes / 60 * 0.12


class Experiment:
    """On one cluster of an account; ``told`` is called with each step, for whoever watches."""

    def __init__(self, account: AuroraAccount, *, clock: Clock, told: Callable[[str], None]) -> None:
        self._account = account
        self._clock = clock
        self._told = told

    async def plan(self, name: str, *, floor_acu: float, minutes: int) -> Plan:
        """What would be done.

        Raises:
            NotPossible: the cluster is not there, busy, asleep, or its range leaves no room for that.
            ClusterError: AWS refused or did not answer.
        """
        found = next((one for one in await self._account.all_clusters() if name in (one.name, one.resource_id)), None)
        if found is None:
            raise NotPossible(f"there is no cluster {name} with a serverless range in this account and region")
        held = found.range
        if found.phase is not Phase.AVAILABLE:
            raise NotPossible(f"{found.name} is {found.status}; try again when it is available")
        if held.pause_after_seconds is not None:
            raise NotPossible(
                f"{found.name} may pause, and a change of its range could wake it; take a minimum above 0"
            )
        if not held.floor_acu < floor_acu <= held.ceiling_acu:
            raise NotPossible(f"a floor of {floor_acu:g} ACU is no raise inside of its range, {held}")
        return Plan(cluster=found, raised=replace(held, floor_acu=floor_acu), minutes=minutes)

    async def run(self, plan: Plan) -> FloorRaise:
        """Do it. Nobody else should change the range or the load meanwhile.

        Raises:
            ClusterError: AWS refused or did not answer; the range is as it was, or the message says that it is not.
        """
        cluster, began = plan.cluster, self._clock.now()
        await self._raise(plan)
        raised_at = self._clock.now()
        self._told(f"{plan.raised} since {raised_at:%H:%M:%S} UTC")
        try:
            await self._clock.sleep(plan.minutes * 60.0)
        finally:
            restored_at = await self._given_back(cluster)
        self._told(f"{cluster.range} again since {restored_at:%H:%M:%S} UTC")
        await self._clock.sleep(plan.minutes * 60.0 + SETTLE_SECONDS)
        return FloorRaise(
            before=cluster.range,
            raised=plan.raised,
            raised_at=raised_at,
            restored_at=restored_at,
            minutes=await self._capacities(cluster, since=began - BEFORE),
        )

    async def _raise(self, plan: Plan) -> None:
        try:
            await self._account.modify(plan.cluster, plan.raised)
        except (ClusterBusy, ClusterForbidden, ClusterThrottled):
            raise  # nothing was done
        except BaseException:  # it may have been taken all the same
            await self._given_back(plan.cluster)
            raise

    async def _given_back(self, cluster: Described) -> datetime:
        """Even when everything else is being ended: by Ctrl-C, say."""
        giving = asyncio.ensure_future(self._restore(cluster))
        with suppress(asyncio.CancelledError):
            return await asyncio.shield(giving)
        return await giving

    async def _restore(self, cluster: Described) -> datetime:
        problem: ClusterError | None = None
        for _ in range(RESTORE_TRIES):
            try:
                await self._account.modify(cluster, cluster.range)
                return self._clock.now()
            except ClusterError as refused:
                problem = refused
            await self._clock.sleep(BUSY_SECONDS)
        raise ClusterError(
            f"{cluster.name} could NOT be given its range back ({problem}); set a minimum of "
            f"{cluster.range.floor_acu:g} and a maximum of {cluster.range.ceiling_acu:g} ACU by hand"
        )

    async def _capacities(self, cluster: Described, *, since: datetime) -> Minutes:
        """Of the first member."""
        now = self._clock.now()
        names: Sequence[str] = cluster.instances[:1]
        minutes = timedelta(minutes=ceil((now - since) / timedelta(minutes=1)))  # metrics are of whole minutes
        window = replace(
            settled_window(names, now=now, after=None, settle_seconds=SETTLE_SECONDS, lookback=minutes),
            metrics=(CAPACITY,),
        )
        [points] = await self._account.measure([window])
        if isinstance(points, ClusterError):
            raise points
        known = points.get((CAPACITY, names[0]), {})
        return [(datetime.fromtimestamp(at, UTC), known[at]) for at in window.begins() if at in known]
