"""What the mixture would have said after every window of whole histories, from what was known then; batched.

The same functions as one cluster's model uses, window by window; a test proves that both say the same.
"""

import numpy as np
from numpy.typing import NDArray

from models.experts import EXPERTS
from models.grid import Grid
from models.knowledge import nothing_learned
from models.learning import learn
from models.pace import USUAL, follow, unmoved
from models.saying import said_from
from models.state import Array


def forecast_paths(
    demand_acu: Array,
    *,
    first: int,
    step_seconds: float,
    leads: NDArray[np.intp],
    levels: tuple[float, ...],
    experts: tuple[str, ...] = EXPERTS,
    censored: NDArray[np.bool_] | None = None,
) -> NDArray[np.float32]:
    """Quantiles (clusters, n, leads, levels) after each of the windows (clusters, n), NaN where unknown.

    ``first`` is the number of the first window since the epoch, ``leads`` how many windows ahead. Entry [c, i] uses
    windows 0 to i of cluster c only; before anything is known it is NaN. Any leads. ``experts`` are
    those that have a say; all, unless one wants to know what each is worth. ``censored`` (clusters, n) are windows of
    which only a lower bound is known.
    """
    grid = Grid(step_seconds)
    before = first % grid.chunk
    demand = np.pad(demand_acu, ((0, 0), (before, 0)), constant_values=np.nan)
    start = first - before
    bounds = np.zeros(demand_acu.shape, dtype=np.bool_) if censored is None else censored
    bounds = np.pad(bounds, ((0, 0), (before, 0)))
    nothing = unmoved(len(demand), grid.day)
    pace, rows = follow(nothing, demand, first=start, step_seconds=step_seconds, censored=bounds)
    coming = pace.day[:, (start + np.arange(demand.shape[1], demand.shape[1] + grid.day)) % grid.day]
    season = np.concatenate((rows[..., USUAL], coming.astype(np.float32)), axis=1)
    learned = nothing_learned(len(demand), grid, experts)
    said = np.empty((*demand.shape, len(leads), len(levels)), dtype=np.float32)
    for begin in range(0, demand.shape[1] + grid.chunk, grid.chunk):
        # The last window of a chunk is the first to know what the chunk has taught.
        origins = np.arange(max(begin - 1, 0), min(begin + grid.chunk - 1, demand.shape[1]))
        said[:, origins] = said_from(
            learned, grid, rows, season, first=start, origins=origins, leads=leads, levels=levels
        )
        if begin + grid.chunk <= demand.shape[1]:
            learned = learn(learned, grid, rows, first=start, begin=begin)
    return said[:, before:]
