"""From what was learned and where demand stands to quantiles of the windows to come, at any leads and levels."""

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from models.experts import opinions
from models.grid import Grid
from models.knowledge import LEVELS, Learned, quantiles_said, scene_of
from models.pace import AGE, Pace, Series
from models.state import Array

_SCORES = np.array([NormalDist().inv_cdf(level) for level in LEVELS])


def said_now(
    learned: Learned,
    pace: Pace,
    grid: Grid,
    *,
    last: NDArray[np.intp],
    leads: NDArray[np.intp],
    levels: tuple[float, ...],
) -> Array:
    """Quantiles (clusters, leads, levels) after the windows number ``last`` (clusters,), the newest of each cluster."""
    days = (last[:, None] + np.arange(grid.day + 1)) % grid.day
    said = said_from(
        learned,
        grid,
        pace.newest[:, None].astype(np.float32),
        np.take_along_axis(pace.day, days, axis=1).astype(np.float32),
        first=last,
        origins=np.zeros(1, dtype=np.intp),
        leads=leads,
        levels=levels,
    )
    return said[:, 0]


def said_from(
    learned: Learned,
    grid: Grid,
    rows: Series,
    season: NDArray[np.float32],
    *,
    first: int | NDArray[np.intp],
    origins: NDArray[np.intp],
    leads: NDArray[np.intp],
    levels: tuple[float, ...],
) -> Array:
    """Quantiles (C, origins, leads, levels) ``leads`` after the ``origins``, indices of ``rows``.

    They are NaN before any demand is known. ``first`` is the number of the first row's window, or of each cluster's;
    ``season`` (C, n + a day) holds what the profile of the day expects of each window, a day beyond the rows.
    """
    origin = rows[:, origins].astype(np.float64)
    shape = (len(rows), len(origins), len(leads))
    targets = np.broadcast_to(origins[:, None] + leads, shape)
    seasonal = targets - (leads - 1) // grid.day * grid.day
    expected = np.take_along_axis(season, seasonal.reshape(len(rows), -1), axis=1).reshape(shape)
    scene = scene_of(
        learned,
        grid,
        origin=np.broadcast_to(origin[:, :, None], (*shape, origin.shape[-1])),
        season=expected.astype(np.float64),
        targets=np.reshape(first, (-1, 1, 1)) + targets,
    )
    age = origin[..., None, AGE]
    low, high, share = grid.between(leads + np.where(np.isfinite(age), age, 0.0))
    clusters = np.arange(len(rows))[:, None, None]

    def at_leads(array: Array) -> Array:
        part = share.reshape(*shape, *(1,) * (array.ndim - 2))
        nearer = array[clusters, low]
        return nearer + part * (array[clusters, high] - nearer)

    centre, scale = opinions(scene, at_leads(learned.slopes), at_leads(learned.sizes))
    hours = (np.reshape(first, (-1, 1, 1)) + targets) // grid.chunk % grid.chunks_of_day
    offset = at_leads(learned.offset) + learned.hourly[clusters, hours]
    usual = learned.hours[clusters, hours]
    _, mixed = quantiles_said(centre, scale, at_leads(learned.table), at_leads(learned.weights), offset, usual)
    known = np.isfinite(age)[..., None]
    return np.where(known, np.maximum(_at_levels(mixed, levels), 0.0), np.nan)


def _at_levels(quantiles: Array, levels: tuple[float, ...]) -> Array:
    """From the learned levels (…, 8) to any (…, levels): straight over normal scores, also beyond the last ones."""
    asked = np.array([NormalDist().inv_cdf(level) for level in levels])
    left = np.clip(np.searchsorted(_SCORES, asked, side="right") - 1, 0, len(_SCORES) - 2)
    share = (asked - _SCORES[left]) / (_SCORES[left + 1] - _SCORES[left])
    low, high = quantiles[..., left], quantiles[..., left + 1]
    said: Array = low + share * (high - low)
    return said
