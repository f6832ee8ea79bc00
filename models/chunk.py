"""The windows that are learned from at once, each seen from several origins before it."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.experts import Scene
from models.grid import Grid
from models.knowledge import Learned, scene_of
from models.pace import AGE, BOUND, NOW, USUAL, Series
from models.state import Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chunk:
    """The n windows of chunk number ``place``, each seen from K origins before it: (C, n, K).

    ``known`` tells where both were, ``numbers`` (C, K) how often; ``bound`` (C, n, K) where demand was this or more.
    """

    scene: Scene
    demand: Array
    known: NDArray[np.bool_]
    bound: NDArray[np.bool_]
    numbers: Array
    place: int

    @staticmethod
    def of(learned: Learned, grid: Grid, rows: Series, *, first: int, begin: int) -> "Chunk":
        targets = np.arange(begin, min(begin + grid.chunk, rows.shape[1]))
        origins = targets[:, None] - grid.leads
        target = rows[:, targets].astype(np.float64)
        origin = rows[:, np.maximum(origins, 0)].astype(np.float64)
        known = (origins >= 0) & (origin[..., AGE] == 0.0) & (target[..., None, AGE] == 0.0)
        season = np.broadcast_to(target[..., None, USUAL], known.shape)
        numbers = np.broadcast_to((first + targets)[:, None], known.shape)
        return Chunk(
            scene=scene_of(learned, grid, origin=origin, season=season, targets=numbers),
            demand=np.broadcast_to(target[..., None, NOW], known.shape),
            known=known,
            bound=np.broadcast_to(target[..., None, BOUND] > 0.0, known.shape),
            numbers=known.sum(axis=1).astype(np.float64),
            place=(first + begin) // grid.chunk,
        )

    def without_bounds_below(self, said_acu: Array) -> "Chunk":
        """A bound tells nothing where no less was said, (C, n, K), anyway; above, it tells that this was too little."""
        return self._only(self.known & ~(self.bound & (self.demand < said_acu)))

    def measured(self) -> "Chunk":
        """Without the windows that are only bounds."""
        return self._only(self.known & ~self.bound)

    def keep(self, grid: Grid, days: float) -> Array:
        """What these windows leave of what was known before, with such a half-life, (C, K)."""
        kept: Array = 0.5 ** (self.numbers / (days * grid.day))
        return kept

    def _only(self, known: NDArray[np.bool_]) -> "Chunk":
        if not self.bound.any():
            return self
        return replace(self, known=known, numbers=known.sum(axis=1).astype(np.float64))
