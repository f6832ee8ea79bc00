"""For how much of the time clusters were saturated, out of their samples."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import case, func, or_, select

from autoscaler.core.rollout import Throttling
from autoscaler.storage.database import Database
from autoscaler.storage.tables import SampleTable

# So many tell how the rest fares.
MOST_CLUSTERS = 500


async def throttling(database: Database, cluster_ids: Sequence[str], *, since: datetime, until: datetime) -> Throttling:
    """All samples of these clusters that start between both moments, the latter not included.

    Raises:
        StorageError: they cannot be read.
    """
    # Where the backlog is known, a demand above the capacity is exact, and no lower bound.
    starved = or_(SampleTable.censored, SampleTable.demand_acu > SampleTable.capacity_acu)
    saturated = case((starved, SampleTable.seconds), else_=0.0)
    wanted = select(func.sum(SampleTable.seconds), func.sum(saturated)).where(
        SampleTable.cluster_id.in_(cluster_ids[:MOST_CLUSTERS]),
        SampleTable.at >= since,
        SampleTable.at < until,
        SampleTable.demand_acu.is_not(None),
    )
    async with database.read() as connection:
        known, throttled = (await connection.execute(wanted)).one()
    return Throttling(known_seconds=known or 0.0, throttled_seconds=throttled or 0.0)
