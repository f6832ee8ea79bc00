"""What the mixture knows beside where demand stands: regressions, histograms of misses, weights, offsets, profiles."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.experts import CAUSES, EXPERTS, HOURS, SCALES, SEASON, WEEK, Scene
from models.grid import CHUNK_SECONDS, Grid
from models.histogram import BINS, Counts, quantiles_in
from models.prior import counts_before, weights_before
from models.state import Array

LEVELS = np.array((0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995))
MEDIAN = 2
# What is believed of the regressions beforehand.
PRIOR_SLOPES = np.array((0.3, 0.3, 0.3, 0.3, -0.1, 0.1))
PRIOR_SIZES = np.array((0.3, 0.4, 0.3))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Learned:
    """For C clusters and K leads: what the mixture knows beside where demand stands.

    ``counts`` (C, K, experts, bins) are decayed histograms of misses in scales, ``table`` (C, K, experts, levels)
    their quantiles; ``weights`` (C, K, experts, levels) sum to 1 over the experts; ``offset`` (C, K, levels) and
    ``hourly`` (C, hours of a day, levels) are added in scales so that quantiles cover what they say; ``slopes``
    (C, K, 6) and ``sizes`` (C, K, 3) are the regression, from its ``moments``; ``week`` (C, hours of a week) and
    ``miss`` (C, hours of a day) are profiles; ``hours`` (C, hours of a day, 2, levels) are quantiles of demand then,
    and of how far it was off what the season expected.
    ``losses`` (C, K, 2) and ``cover`` (C, K, levels) are decayed means: the pinball loss of the mixture and of
    persistence, and the share that stayed below; ``scored`` (C, K) is their weight in windows. ``trusted`` (C, 1) is 0
    while the mixture stands down.
    """

    counts: Counts
    table: Array
    weights: Array
    offset: Array
    hourly: Array
    slopes: Array
    sizes: Array
    slope_moments: Array
    size_moments: Array
    week: Array
    miss: Array
    hours: Array
    losses: Array
    cover: Array
    scored: Array
    trusted: Array


def nothing_learned(clusters: int, grid: Grid, experts: tuple[str, ...] = EXPERTS) -> Learned:
    """The prior; only these experts will ever have a say."""
    # What comes within the hour is told by now, not by the hour.
    late = grid.leads * grid.step_seconds >= CHUNK_SECONDS
    k, e, q = len(grid.leads), len(EXPERTS), len(LEVELS)
    counts = np.broadcast_to(counts_before(late), (clusters, k, e, BINS)).copy()
    slopes, sizes = np.zeros((clusters, k, CAUSES)), np.zeros((clusters, k, SCALES))
    slopes[:], sizes[:] = PRIOR_SLOPES, PRIOR_SIZES
    return Learned(
        counts=counts,
        table=quantiles_in(counts, LEVELS),
        weights=np.broadcast_to(weights_before(late, experts)[..., None], (clusters, k, e, q)).copy(),
        offset=np.zeros((clusters, k, q)),
        hourly=np.zeros((clusters, grid.chunks_of_day, q)),
        slopes=slopes,
        sizes=sizes,
        slope_moments=np.zeros((clusters, k, CAUSES, CAUSES + 1)),
        size_moments=np.zeros((clusters, k, SCALES, SCALES + 1)),
        week=np.full((clusters, grid.chunks_of_week), np.nan),
        miss=np.full((clusters, grid.chunks_of_day), np.nan),
        hours=np.full((clusters, grid.chunks_of_day, 2, q), np.nan),
        losses=np.zeros((clusters, k, 2)),
        cover=np.zeros((clusters, k, q)),
        scored=np.zeros((clusters, k)),
        trusted=np.ones((clusters, 1)),
    )


def scene_of(learned: Learned, grid: Grid, *, origin: Array, season: Array, targets: NDArray[np.intp]) -> Scene:
    """Targets (C, …) by window number, seen from origins (C, …, 10)."""
    chunk = targets // grid.chunk
    rows = np.arange(len(targets)).reshape(-1, *(1,) * (targets.ndim - 1))
    return Scene(
        origin=origin,
        season=season,
        week=learned.week[rows, chunk % grid.chunks_of_week],
        miss=learned.miss[rows, chunk % grid.chunks_of_day],
    )


def quantiles_said(
    centre: Array, scale: Array, table: Array, weights: Array, offset: Array, hours: Array
) -> tuple[Array, Array]:
    """Each expert's quantiles (…, experts, levels), and the mixture's (…, levels), rising with the level.

    ``hours`` (…, 2, levels) are those of the target's hour as `Learned` has them, NaN where it was never seen.
    """
    each = centre[..., None] + scale[..., None] * table
    of_week = centre[..., SEASON, None] + hours[..., 1, :]
    for expert, quantiles in ((HOURS, hours[..., 0, :]), (WEEK, of_week)):
        each[..., expert, :] = np.where(np.isnan(quantiles), each[..., expert, :], quantiles)
    mixed = (weights * each).sum(axis=-2) + offset * (weights * scale[..., None]).sum(axis=-2)
    return each, np.maximum.accumulate(mixed, axis=-1)
