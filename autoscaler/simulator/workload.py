"""A generated workload as data."""

from dataclasses import dataclass

from autoscaler.simulator.noise import Noise
from autoscaler.simulator.shapes import Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Who uses the database, and how: what a DBA would tell about it.

    ``peak_acu``: demand at the height of a usual day, in ACU at 100 % utilisation; shapes are parts of it.
    ``ceiling_acu``: the highest capacity a careful owner allows: dated events fit in at 75 % utilisation.
    ``parts`` add up, ``bursts`` raise the sum by a fraction, ``noise`` scales it: idle minutes stay exactly 0.
    ``idle_connections``: what the application's pools keep open at rest; only at 0 may a database pause.
    ``connections_per_acu``: open besides, for each ACU of demand.
    ``reader_share``: the fraction of the demand that readers could take, 0 to 1.
    ``working_set_gib``: what must stay in memory for the workload to run from the cache.

    The name is part of the seed: a renamed copy has the same habits, but other weather.
    """

    name: str
    title: str
    description: str
    peak_acu: float
    ceiling_acu: float
    parts: tuple[Shape, ...]
    bursts: tuple[Shape, ...] = ()
    noise: Noise
    idle_connections: int = 0
    connections_per_acu: float = 10.0
    reader_share: float = 0.0
    working_set_gib: float = 0.0
