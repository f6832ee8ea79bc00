"""The windows that are learned from at once, each seen from several origins before it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.experts import Scene
from models.grid import Grid
from models.knowledge import Learned, scene_of
from models.pace import AGE, NOW, USUAL, Series
from models.state import Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chunk:
    """The n windows of chunk number ``place``, each seen from K origins before it: (C, n, K).

    ``known`` tells where both were, ``numbers`` (C, K) how often.
    """

    scene: Scene
    demand: Array
    known: NDArray[np.bool_]
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
            numbers=known.sum(axis=1).astype(np.float64),
            place=(first + begin) // grid.chunk,
        )

    def keep(self, grid: Grid, days: float) -> Array:
        """What these windows leave of what was known before, with such a half-life, (C, K)."""
        kept: Array = 0.5 ** (self.numbers / (days * grid.day))
        return kept
