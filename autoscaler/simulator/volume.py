"""The storage volume that all instances of a cluster share."""

from math import ceil

from autoscaler.errors import InvalidInput

SEGMENT_GIB = 10.0  # [D] a volume grows by segments of 10 GiB
LARGEST_GIB = 128.0 * 1024  # [D] 128 TiB
ROUNDING_SLACK = 1e-9


class Volume:
    """Used and allocated space, in GiB; it never gives a segment back."""

    __slots__ = ("allocated_gib", "used_gib")

    def __init__(self, used_gib: float) -> None:
        self.used_gib = self.allocated_gib = 0.0
        self.write(used_gib)

    @property
    def is_full(self) -> bool:
        """Whether nothing more can be written."""
        return self.used_gib >= LARGEST_GIB

    def write(self, gib: float) -> float:
        """Store ``gib`` more, as far as the volume goes; returns what fitted.

        Raises:
            InvalidInput: less than nothing cannot be written.
        """
        if not gib >= 0:
            raise InvalidInput(f"{gib} GiB cannot be written to a volume")
        fitting = min(gib, LARGEST_GIB - self.used_gib)
        self.used_gib += fitting
        needed = ceil(self.used_gib / SEGMENT_GIB - ROUNDING_SLACK) * SEGMENT_GIB
        self.allocated_gib = min(max(self.allocated_gib, needed), LARGEST_GIB)
        return fitting
