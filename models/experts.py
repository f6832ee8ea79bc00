"""The experts of the mixture: each a centre and a scale for every window to come, from what is known at its origin."""

from dataclasses import dataclass

import numpy as np

from models.pace import CHANGE, FAST, NOW, OFF, SLOW, SPREAD, WAS_USUAL
from models.state import Array

EXPERTS = ("persistence", "usual", "season", "regression", "hours", "week")
SEASON, REGRESSION = EXPERTS.index("season"), EXPERTS.index("regression")
# They say quantiles themselves: those of demand at the hour of the day; and what the season expects of the hour of the
# week, with those of how far it was off at the hour of the day.
HOURS, WEEK = EXPERTS.index("hours"), EXPERTS.index("week")
CAUSES, SCALES = 6, 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """What is known of targets (…) at their origins: the origin's row (…, 10), and of the target's time the profile of
    the day, the week's difference from it and the usual miss of the profile at that hour; NaN where unknown.
    """

    origin: Array
    season: Array
    week: Array
    miss: Array


def causes_of(scene: Scene) -> Array:
    """What the regression sees, (…, 6): each as the difference from the slow level, 0 where unknown."""
    slow = scene.origin[..., SLOW]
    causes = (
        scene.origin[..., NOW] - slow,
        scene.origin[..., FAST] - slow,
        scene.season - slow,
        scene.week,
        scene.origin[..., WAS_USUAL] - slow,
        scene.origin[..., OFF],
    )
    return np.nan_to_num(np.stack(causes, axis=-1))


def scales_of(scene: Scene) -> Array:
    """What the size of a miss is told from, (…, 3): changes from window to window, the hour's misses, the spread."""
    spread = scene.origin[..., SPREAD]
    miss = np.where(np.isnan(scene.miss), spread, scene.miss)
    return np.stack((scene.origin[..., CHANGE], miss, spread), axis=-1)


def opinions(scene: Scene, slopes: Array, sizes: Array) -> tuple[Array, Array]:
    """Centres and scales (…, experts), from the regression's ``slopes`` (…, 6) and ``sizes`` (…, 3)."""
    causes, scales = causes_of(scene), scales_of(scene)
    slow, now = (scene.origin[..., column] for column in (SLOW, NOW))
    season = np.where(np.isnan(scene.season), slow, scene.season + np.nan_to_num(scene.week))
    told = slow + (causes * slopes).sum(axis=-1)
    change, miss, spread = scales[..., 0], scales[..., 1], scales[..., 2]
    size = np.maximum((scales * sizes).sum(axis=-1), 0.1 * (change + spread))
    centre = np.stack((now, slow, season, told, slow, season), axis=-1)
    scale = np.stack(
        (
            0.7 * change + 0.3 * spread,
            spread,
            0.8 * miss + 0.2 * spread,
            size,
            spread,
            spread,
        ),
        axis=-1,
    )
    return centre, scale
