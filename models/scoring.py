"""How well the mixture did lately, known without looking back; and whether it is trusted for that."""

from dataclasses import replace

import numpy as np

from models.chunk import Chunk
from models.grid import Grid
from models.knowledge import LEVELS, Learned
from models.state import Array

# The half-life of losses and coverage.
SCORE_DAYS = 2.0
# Trust is judged by leads up to two hours, which decisions rest on, and not before so much of a day was seen.
TRUST_SECONDS, TRUST_DAYS = 7200.0, 0.5
# It stands down when so much worse than persistence, and comes back when nearly as good: in between it stays as it is.
STAND_DOWN, COME_BACK = 1.15, 1.05
DOUBT = f"over the last days its pinball loss up to {TRUST_SECONDS / 3600:g} h ahead was above that of persistence"


def pinball(demand_acu: Array, quantiles_acu: Array, levels: Array) -> Array:
    """The loss ρ(y, q) = (τ − 1[y < q])(y − q), (…, levels)."""
    away = demand_acu - quantiles_acu
    return np.maximum(levels * away, (levels - 1.0) * away)


def score(learned: Learned, seen: Chunk, mixed: Array, loss: Array, grid: Grid) -> Learned:
    """Losses and coverage of the last days, from what would have been said at the origins, and the trust in it."""
    seen = seen.measured()
    keep = seen.keep(grid, SCORE_DAYS)
    known, came = seen.known[..., None], seen.demand[..., None]
    said = np.maximum(mixed, 0.0)
    both = np.stack((pinball(came, said, LEVELS).mean(axis=-1), loss[..., 0, :].mean(axis=-1)), axis=-1)
    before = learned.scored * keep
    scored = before + seen.numbers
    part, whole = before[..., None], np.maximum(scored, 1e-9)[..., None]
    losses = (learned.losses * part + (both * known).sum(axis=1)) / whole
    cover = (learned.cover * part + ((came <= said) * known).sum(axis=1)) / whole
    trusted = _trust(learned.trusted, losses, scored, grid)
    return replace(learned, losses=losses, cover=cover, scored=scored, trusted=trusted)


def _trust(trusted: Array, losses: Array, scored: Array, grid: Grid) -> Array:
    near = grid.leads * grid.step_seconds <= max(TRUST_SECONDS, grid.step_seconds)
    ours, theirs = losses[:, near].sum(axis=1).T[..., None]
    enough = scored[:, :1] >= TRUST_DAYS * grid.day
    down = enough & (ours > STAND_DOWN * theirs)
    back = ours <= COME_BACK * theirs
    return np.where(down, 0.0, np.where(back, 1.0, trusted))
