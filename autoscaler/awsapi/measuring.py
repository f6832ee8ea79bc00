"""What an instance publishes of itself."""

from math import ceil

from autoscaler.core.samples import CORES_PER_ACU
from autoscaler.simulator.cluster import SimulatedCluster
from autoscaler.simulator.engines import GIB_PER_ACU
from autoscaler.simulator.instance import Instance

GIB = 1024**3
CONNECTIONS_PER_ACU = 10.0  # [I] as of serverless ones


def measured(simulated: SimulatedCluster, member: Instance, *, seconds: float) -> dict[str, float]:
    """The metrics of an instance after a step; a paused one publishes three zeros [D], one that is down nothing.

    Sessions that wait for CPU are part of the DB load: a core's worth of work that arrives is one session [I].
    """
    if simulated.now.timestamp() < member.down_until:
        return {}
    if member.asleep:
        return {"ServerlessDatabaseCapacity": 0.0, "ACUUtilization": 0.0, "CPUUtilization": 0.0}
    max_acu, served_acu = simulated.range.ceiling_acu, member.served_acu_seconds / seconds
    sessions = CORES_PER_ACU * max(served_acu, member.arrived_acu_seconds / seconds)
    return {
        "ServerlessDatabaseCapacity": member.mean_acu,
        "ACUUtilization": 100.0 * member.mean_acu / max_acu,
        "CPUUtilization": 100.0 * served_acu / max_acu,
        "DatabaseConnections": float(simulated.connections if member is simulated.writer else 0),
        **_of_cache(member, max_acu=max_acu, served_acu=served_acu, seconds=seconds),
        "DBLoad": sessions,
        "DBLoadCPU": sessions,
        "DBLoadNonCPU": 0.0,
    }


def _of_cache(member: Instance, *, max_acu: float, served_acu: float, seconds: float) -> dict[str, float]:
    """Hits, reads, and free memory as if it had its maximum [D]; what is not said of its pages is in memory."""
    if not member.caches:
        free_gib = max(0.0, max_acu - served_acu) * GIB_PER_ACU
        return {"BufferCacheHitRatio": 100.0, "ReadIOPS": 0.0, "FreeableMemory": free_gib * GIB}
    free_gib = member.freeable_gib + max(0.0, max_acu - member.mean_acu) * GIB_PER_ACU
    told = {"ReadIOPS": member.pages_read / seconds, "FreeableMemory": free_gib * GIB}
    if member.pages > 0.0:
        told["BufferCacheHitRatio"] = 100.0 * max(0.0, 1.0 - member.pages_read / member.pages)
    return told


def measured_provisioned(demand_acu: float, *, acu: float) -> dict[str, float]:
    """The metrics of a provisioned instance: its CPU is told of its own size, its capacity not at all [D]."""
    served_acu, sessions = min(demand_acu, acu), CORES_PER_ACU * demand_acu
    return {
        "CPUUtilization": 100.0 * served_acu / acu,
        "DatabaseConnections": float(ceil(CONNECTIONS_PER_ACU * demand_acu)),
        "FreeableMemory": (acu - served_acu) * GIB_PER_ACU * GIB,
        "DBLoad": sessions,
        "DBLoadCPU": sessions,
        "DBLoadNonCPU": 0.0,
    }
