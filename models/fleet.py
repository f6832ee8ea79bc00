"""Forecasts of a whole fleet at once, from the fitted mixtures of its clusters: the same numbers in one go."""

from collections.abc import Sequence
from dataclasses import fields
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from autoscaler.errors import InvalidInput
from models.knowledge import Learned
from models.mixture import FittedMixture
from models.pace import Pace
from models.saying import said_now
from models.state import Array

T = TypeVar("T", Learned, Pace)


def forecast_fleet(fleet: Sequence[FittedMixture], *, leads: NDArray[np.intp], levels: tuple[float, ...]) -> Array:
    """Quantiles (clusters, leads, levels) ``leads`` windows after the newest of each cluster.

    Raises:
        InvalidInput: when their windows are not equally long.
    """
    steps = {one.grid.step_seconds for one in fleet}
    if len(steps) != 1:
        raise InvalidInput(f"a fleet with windows of {sorted(steps)} s cannot be forecast at once; ask for each length")
    learned = _together(Learned, [one.learned for one in fleet])
    pace = _together(Pace, [one.pace for one in fleet])
    last = np.array([one.last for one in fleet])
    return said_now(learned, pace, fleet[0].grid, last=last, leads=leads, levels=levels)


def _together(kind: type[T], values: list[T]) -> T:
    """One value with the clusters of all in front."""
    names = [field.name for field in fields(kind)]
    return kind(**{name: np.concatenate([getattr(value, name) for value in values]) for name in names})
