"""How clusters live on: steps of the simulation, what is measured of them, and what is told."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from autoscaler.awsapi.classes import SERVERLESS, acu_of
from autoscaler.awsapi.measuring import measured, measured_provisioned
from autoscaler.awsapi.things import Cluster, Instance
from autoscaler.core.capacity import Phase
from autoscaler.simulator.blockers import PauseBlocker
from autoscaler.simulator.cluster import SimulatedCluster

STEP_SECONDS = 5.0
# Who lags behind lives in longer steps: minutes, and five minutes where CloudWatch keeps nothing finer [D].
MINUTE_STEPS, LONG_STEPS, LONG_AGO = 60.0, 300.0, timedelta(days=15, hours=1)

# What is told when the instances of a cluster go from one phase to another [D].
INITIATED_PAUSE, PAUSED = "Initiated pause for the DB instance.", "Successfully paused the DB instance."
CANCELLED = "Pause was canceled for the DB instance."
INITIATED_RESUME, RESUMED = "Initiated resume for the DB instance.", "Successfully resumed the DB instance."
TOLD: Mapping[tuple[Phase, Phase], tuple[str, ...]] = {
    (Phase.AVAILABLE, Phase.PAUSING): (INITIATED_PAUSE,),
    (Phase.AVAILABLE, Phase.PAUSED): (INITIATED_PAUSE, PAUSED),
    (Phase.PAUSING, Phase.PAUSED): (PAUSED,),
    (Phase.PAUSING, Phase.AVAILABLE): (CANCELLED,),
    (Phase.PAUSED, Phase.RESUMING): (INITIATED_RESUME,),
    (Phase.PAUSED, Phase.AVAILABLE): (INITIATED_RESUME, RESUMED),
    (Phase.RESUMING, Phase.AVAILABLE): (RESUMED,),
}


class Surroundings(Protocol):
    """What of the world a cluster lives by."""

    patience: timedelta

    def now(self) -> datetime: ...

    def blockers_of(self, cluster: Cluster) -> tuple[PauseBlocker, ...]: ...

    def restarted(self, instance: Instance) -> None: ...

    def tell(self, source: str, kind: str, message: str, *categories: str, at: datetime | None = None) -> None: ...


def settle(world: Surroundings, cluster: Cluster) -> None:
    """Begin the simulated cluster anew after its instances changed: those that stay keep their size."""
    writer, old = cluster.writer, cluster.simulated
    sizes = (
        {} if old is None else {cluster.places[one.name].name: one.capacity_acu for one in (old.writer, *old.readers)}
    )
    serverless = [one for one in cluster.members if one.instance_class == SERVERLESS]
    serverless.sort(key=lambda one: one is not writer)
    if not serverless or cluster.scaling is None or cluster.state.settled == "stopped":
        cluster.simulated, cluster.places = None, {}
        return
    now, tiers = world.now(), tuple(one.tier for one in serverless)
    spec = replace(
        cluster.spec,
        range=cluster.held or cluster.scaling,
        writer_tier=tiers[0],
        readers=tiers[1:],
        reader_share=_divide(cluster, serverless),
        blockers=world.blockers_of(cluster),
    )
    cluster.simulated = simulated = SimulatedCluster(spec, at=now, demand_acu=cluster.part * cluster.load(now))
    members = (simulated.writer, *simulated.readers)
    cluster.places = {member.name: one for member, one in zip(members, serverless, strict=True)}
    for member, one in zip(members, serverless, strict=True):
        member.capacity_acu = sizes.get(one.name) or member.capacity_acu


def live(world: Surroundings, cluster: Cluster, simulated: SimulatedCluster, until: datetime) -> int:
    """Let a cluster live up to a moment; returns in how many steps."""
    steps = 0
    provisioned = [
        (one, cluster.parts[one.name], acu_of(one.instance_class))
        for one in cluster.members
        if one.name in cluster.parts
    ]
    while (at := simulated.now) + timedelta(seconds=STEP_SECONDS) <= until:
        lag, steps = until - at, steps + 1
        seconds = LONG_STEPS if lag > LONG_AGO else MINUTE_STEPS if lag > world.patience else STEP_SECONDS
        samples, moment, demand_acu = seconds / STEP_SECONDS, at.timestamp(), cluster.load(at)
        simulated.step(cluster.part * demand_acu, seconds=seconds)
        for member in (simulated.writer, *simulated.readers):
            one = cluster.places[member.name]
            _publish(one, moment, measured(simulated, member, seconds=seconds), samples)
        for one, part, acu in provisioned:
            _publish(one, moment, measured_provisioned(part * demand_acu, acu=acu), samples)
        _tell_phase(world, cluster, simulated)
    return steps


def _publish(one: Instance, at: float, values: Mapping[str, float], samples: float) -> None:
    one.recorder.add(at, values, samples=samples)
    if one.insights:
        one.recorder.keep(at, values)


def _divide(cluster: Cluster, serverless: Sequence[Instance]) -> float:
    """Who gets which part of the load; returns how much of theirs the serverless readers get.

    A provisioned writer leaves the serverless instances what is for readers, spread evenly over all readers.
    """
    writer, readers = cluster.writer, len(cluster.members) - 1
    share = cluster.spec.reader_share if readers else 0.0
    parts = {one.name: 1.0 - share if one is writer else share / readers for one in cluster.members}
    cluster.part = sum(parts[one.name] for one in serverless)
    cluster.parts = {one.name: parts[one.name] for one in cluster.members if one.instance_class != SERVERLESS}
    if len(serverless) == 1 or cluster.part == 0.0:
        return 0.0
    return 1.0 - parts[serverless[0].name] / cluster.part


def _tell_phase(world: Surroundings, cluster: Cluster, simulated: SimulatedCluster) -> None:
    phase = simulated.nap.phase
    for message in TOLD.get((cluster.phase, phase), ()):
        for member in simulated.writer, *simulated.readers:
            if member.nap is simulated.nap:
                one = cluster.places[member.name]
                world.tell(one.name, "db-instance", message, "notification", "serverless", at=simulated.now)
                if message == RESUMED:
                    world.restarted(one)
    cluster.phase = phase
