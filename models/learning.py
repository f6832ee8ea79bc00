"""What the mixture learns, an hour of windows at a time: regressions, histograms of misses, weights and offsets."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.chunk import Chunk
from models.experts import REGRESSION, causes_of, opinions, scales_of
from models.grid import Grid
from models.histogram import Counts, bins_of, quantiles_in
from models.knowledge import LEVELS, MEDIAN, PRIOR_SIZES, PRIOR_SLOPES, Learned, quantiles_said
from models.pace import SLOW, SPREAD, WINSOR, Series
from models.scoring import pinball, score
from models.state import Array

# What the regressions are believed to be beforehand counts like so many windows.
PRIOR_ROWS = 6.0
# Half-lives in days of known windows: of what the regressions and the histograms have seen.
FIT_DAYS, MISS_DAYS = 10.0, 7.0
WEEK_WEIGHT, MISS_WEIGHT = 0.4, 0.2
LEARNING_RATE, SHARE = 1.0, 0.003
OFFSET_RATE, HOURLY_RATE, MOST_OFFSET = 0.02, 0.02, 5.0
# A day moves the quantiles of its hours by at most so many spreads.
HOURS_RATE = 0.5
# Misses beyond so many spreads teach the regressions no more than these.
CUT = 4.0


def learn(learned: Learned, grid: Grid, rows: Series, *, first: int, begin: int) -> Learned:
    """After the chunk that begins at index ``begin`` of the rows (C, n, 10), whose first one is window ``first``."""
    seen = Chunk.of(learned, grid, rows, first=first, begin=begin)
    if not seen.known.any():
        return learned
    centre, scale = opinions(seen.scene, learned.slopes[:, None], learned.sizes[:, None])
    hour = seen.place % grid.chunks_of_day
    offset = (learned.offset + learned.hourly[:, None, hour])[:, None]
    hours = learned.hours[:, None, None, hour]
    each, mixed = quantiles_said(centre, scale, learned.table[:, None], learned.weights[:, None], offset, hours)
    seen = seen.without_bounds_below(mixed[..., MEDIAN])
    loss = pinball(seen.demand[..., None, None], each, LEVELS)
    wrong = _wrong(learned, seen, mixed)
    counts = _count(learned.counts, seen, centre, scale, grid)
    slopes, slope_moments = _regress(learned, seen, grid)
    sizes, size_moments = _measure(learned, seen, np.abs(seen.demand - centre[..., REGRESSION]), grid)
    week, miss = _profiles(learned, seen, grid)
    return replace(
        score(learned, seen, mixed, loss, grid),
        counts=counts,
        table=quantiles_in(counts, LEVELS),
        weights=_reweigh(learned.weights, loss, seen.known),
        offset=_corrected(learned.offset, OFFSET_RATE * wrong),
        hourly=_corrected_at(learned.hourly, hour, HOURLY_RATE * wrong.mean(axis=1)),
        slopes=slopes,
        slope_moments=slope_moments,
        sizes=sizes,
        size_moments=size_moments,
        week=week,
        miss=miss,
        hours=_track(learned.hours, seen, hour),
    )


def _count(counts: Counts, seen: Chunk, centre: Array, scale: Array, grid: Grid) -> Counts:
    kept: Counts = counts * seen.keep(grid, MISS_DAYS)[..., None, None].astype(np.float32)
    told = seen.known[..., None] & (scale > 0.0)  # without a scale a miss has no size
    c, _, k, e = np.nonzero(told)
    np.add.at(kept, (c, k, e, bins_of((seen.demand[..., None] - centre)[told], scale[told])), np.float32(1.0))
    return kept


def _regress(learned: Learned, seen: Chunk, grid: Grid) -> tuple[Array, Array]:
    """Slopes by least squares, misses beyond some spreads cut off."""
    spread = seen.scene.origin[..., SPREAD]
    use = seen.known & (spread > 0.0)
    size = np.where(use, spread, 1.0)
    causes = causes_of(seen.scene) / size[..., None]
    told = (causes * learned.slopes[:, None]).sum(axis=-1)
    effect = (seen.demand - seen.scene.origin[..., SLOW]) / size
    effect = told + np.clip(effect - told, -CUT, CUT)
    return _solved(learned.slope_moments, causes, effect, use, keep=seen.keep(grid, FIT_DAYS), prior=PRIOR_SLOPES)


def _measure(learned: Learned, seen: Chunk, misses: Array, grid: Grid) -> tuple[Array, Array]:
    """Sizes of misses, none below 0."""
    spread = seen.scene.origin[..., SPREAD]
    use = seen.known & (spread > 0.0)
    size = np.where(use, spread, 1.0)
    causes, effect = scales_of(seen.scene) / size[..., None], np.minimum(misses / size, CUT)
    causes = np.minimum(causes, CUT)
    keep = seen.keep(grid, FIT_DAYS)
    sizes, moments = _solved(learned.size_moments, causes, effect, use, keep=keep, prior=PRIOR_SIZES)
    return np.maximum(sizes, 0.0), moments


def _solved(
    moments: Array, causes: Array, effect: Array, use: NDArray[np.bool_], *, keep: Array, prior: Array
) -> tuple[Array, Array]:
    """Ridge regression towards the prior: the solution (C, K, causes), and the moments with these rows."""
    weighed = np.where(use[..., None], causes, 0.0)
    both = np.concatenate((causes, effect[..., None]), axis=-1)
    summed: Array = moments * keep[..., None, None] + (weighed[..., :, None] * both[..., None, :]).sum(axis=1)
    pull = PRIOR_ROWS * np.eye(len(prior))
    solution = np.linalg.solve(summed[..., :-1] + pull, summed[..., -1:] + pull @ prior[:, None])[..., 0]
    return np.asarray(solution, dtype=np.float64), summed


def _reweigh(weights: Array, loss: Array, known: NDArray[np.bool_]) -> Array:
    """Fixed share (Herbster and Warmuth 1998) on how much worse than the average expert each one was."""
    share = known.mean(axis=1)[..., None, None]
    mean = (loss * known[..., None, None]).sum(axis=1) / np.maximum(known.sum(axis=1), 1)[..., None, None]
    average = mean.mean(axis=-2, keepdims=True)
    regret = np.where(average > 0.0, mean / np.where(average > 0.0, average, 1.0) - 1.0, 0.0)
    regret = 0.5 * (regret + regret.mean(axis=-1, keepdims=True))
    weights = weights * np.exp(-LEARNING_RATE * share * regret)
    weights = weights / weights.sum(axis=-2, keepdims=True)
    awake = weights > 0.0
    shared: Array = (1.0 - SHARE * share) * weights + SHARE * share * awake / awake.sum(axis=-2, keepdims=True)
    return shared


def _wrong(learned: Learned, seen: Chunk, mixed: Array) -> Array:
    """Quantile tracking, the P of conformal PID: up where demand came above, down where below, (C, K, levels).

    In parts of how far the level lies from the median, so that high ones move as fast as low ones.
    """
    said, came = np.maximum(mixed, 0.0), seen.demand[..., None]
    wrong = (
        np.where(came > said, LEVELS, np.where((came < said) & ~seen.bound[..., None], LEVELS - 1.0, 0.0))
        * seen.known[..., None]
    )
    table = (learned.table * learned.weights).sum(axis=-2)
    size = np.maximum(np.abs(table - table[..., MEDIAN, None]), 0.2)
    summed: Array = size * wrong.sum(axis=1)
    return summed


def _corrected(offset: Array, step: Array) -> Array:
    return np.clip(offset + step, -MOST_OFFSET, MOST_OFFSET)


def _corrected_at(hourly: Array, hour: int, step: Array) -> Array:
    hourly = hourly.copy()
    hourly[:, hour] = _corrected(hourly[:, hour], step)
    return hourly


def _track(hours: Array, seen: Chunk, hour: int) -> Array:
    """The quantiles at this hour, of demand and of how far it was off the season; they begin at what came first.

    They are tracked from day to day (as `_wrong`).
    """
    demand, season = seen.demand[..., 0], seen.scene.season[..., 0] + np.nan_to_num(seen.scene.week[..., 0])
    came = np.stack((demand, demand - season), axis=-1)
    known = seen.known[..., :1] & np.isfinite(came)
    number = known.sum(axis=1)
    tracked, before = hours.copy(), hours[:, hour]
    spread = seen.scene.origin[:, -1, 0, SPREAD][:, None, None]
    measured = ~seen.bound[..., :1, None]
    sides = (came[..., None] > before[:, None], (came[..., None] < before[:, None]) & measured)
    above, below = ((side & known[..., None]).sum(axis=1) / np.maximum(number, 1)[..., None] for side in sides)
    moved = before + HOURS_RATE * spread * (LEVELS * above - (1.0 - LEVELS) * below)
    tracked[:, hour] = np.where((number > 0)[..., None], np.maximum.accumulate(moved, axis=-1), before)
    for cluster, kind in np.argwhere((number > 0) & np.isnan(before[..., 0])):
        tracked[cluster, hour, kind] = np.quantile(came[cluster, known[cluster, :, kind], kind], LEVELS)
    return tracked


def _profiles(learned: Learned, seen: Chunk, grid: Grid) -> tuple[Array, Array]:
    """How the hour differed from the profile of the day, and how far off profile and week were."""
    season, spread = seen.scene.season[..., 0], seen.scene.origin[..., 0, SPREAD]
    use = seen.known[..., 0] & np.isfinite(season)
    reach = WINSOR * spread
    away = np.where(use, np.clip(seen.demand[..., 0] - season, -reach, reach), 0.0)
    number = use.sum(axis=1)
    missed = np.abs(away - np.nan_to_num(seen.scene.week[..., 0]))
    week = _blended(learned.week, seen.place % grid.chunks_of_week, away.sum(axis=1), number, WEEK_WEIGHT)
    miss = _blended(learned.miss, seen.place % grid.chunks_of_day, (missed * use).sum(axis=1), number, MISS_WEIGHT)
    return week, miss


def _blended(profile: Array, column: int, total: Array, number: NDArray[np.intp], weight: float) -> Array:
    before, new = profile[:, column], total / np.maximum(number, 1)
    after = np.where(np.isnan(before), new, before + weight * (new - before))
    profile = profile.copy()
    profile[:, column] = np.where(number > 0, after, before)
    return profile
