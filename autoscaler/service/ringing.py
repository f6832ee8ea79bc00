"""How a changed policy reaches its clusters, as users write it."""

from typing import Annotated

from pydantic import Field, model_validator

from autoscaler.config import Document
from autoscaler.core.rollout import Ring


class RingDocument(Document):
    """A ring of a rollout: at least so many clusters, at least so many percent of them, and for how long."""

    clusters: Annotated[int, Field(ge=1)] = 1
    percent: Annotated[float, Field(ge=0, le=100)] = 0.0
    soak_minutes: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 60.0

    def build(self) -> Ring:
        """As the core wants it."""
        return Ring(clusters=self.clusters, fraction=self.percent / 100, soak_seconds=60 * self.soak_minutes)


class RolloutDocument(Document):
    """How a changed policy reaches its clusters.

    Args:
        rings: one after the other; the last one is all of them.
        most_rise_fraction: by how much the share of throttled time may rise before the change is taken back.
    """

    rings: Annotated[tuple[RingDocument, ...], Field(min_length=1)] = (
        RingDocument(soak_minutes=15),
        RingDocument(percent=10),
        RingDocument(percent=100),
    )
    most_rise_fraction: Annotated[float, Field(ge=0, le=1)] = 0.02

    @model_validator(mode="after")
    def _ends_with_all(self) -> "RolloutDocument":
        if self.rings[-1].percent != 100:
            raise ValueError(f"the last ring of a rollout has {self.rings[-1].percent:g} percent; it must have 100")
        return self
