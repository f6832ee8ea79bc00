"""What an ACU is on this machine, and which ranges it has room for."""

import os
from dataclasses import dataclass

from autoscaler.adapters.postgres.cgroups import LEAST_CPUS
from autoscaler.core.capacity import Range
from autoscaler.errors import InvalidInput

MIB = 2**20
# [M] Below this the server is killed instead of slowed down.
LEAST_MIB_BESIDE_BUFFERS = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What one ACU stands for. The defaults fit a laptop: four times smaller than Aurora's.

    Args:
        cpus: processors an ACU.
        memory_mib: memory an ACU; most of it is page cache.
        shared_buffers_mib: the server's own cache, which does not move with the size.
    """

    cpus: float = 0.25
    memory_mib: float = 512.0
    shared_buffers_mib: int = 64

    def memory_bytes(self, acu: float) -> int:
        """What a cluster of that size gets: never less than the server needs to live."""
        least_mib = self.shared_buffers_mib + LEAST_MIB_BESIDE_BUFFERS
        return int(max(acu * self.memory_mib, least_mib) * MIB)

    def demand_possible(self, wanted: Range, *, machine_cpus: int | None = None) -> None:
        """Refuse a range that this machine cannot have.

        Raises:
            InvalidInput: it is too large or too small.
        """
        there = machine_cpus or os.cpu_count() or 1
        if wanted.ceiling_acu * self.cpus > there:
            raise InvalidInput(
                f"{wanted.ceiling_acu:g} ACU are {wanted.ceiling_acu * self.cpus:g} processors at {self.cpus:g} each, "
                f"and this machine has {there}; take a maximum of {there / self.cpus:g} ACU or fewer processors an ACU"
            )
        if wanted.floor_acu * self.cpus < LEAST_CPUS:
            raise InvalidInput(
                f"{wanted.floor_acu:g} ACU are {wanted.floor_acu * self.cpus:g} processors, and the kernel shares out "
                f"no less than {LEAST_CPUS:g}; take a minimum of {LEAST_CPUS / self.cpus:g} ACU or more"
            )
