"""What the mixture believes of a cluster that it has not seen yet."""

import numpy as np

from models.experts import EXPERTS, HOURS, WEEK
from models.histogram import EDGES, quantiles_in
from models.knowledge import LEVELS
from models.prior import MISS_LEVELS, MISSES, PRIOR_MISSES, counts_before, weights_before

LATE = np.array((False, True))


def test_the_histograms_have_the_quantiles_of_the_table() -> None:
    counts = counts_before(LATE)
    np.testing.assert_allclose(counts.sum(axis=-1), PRIOR_MISSES, rtol=1e-5)
    told = quantiles_in(counts, MISS_LEVELS)
    bins = np.searchsorted(EDGES, MISSES, side="right")
    width = EDGES[np.minimum(bins, len(EDGES) - 1)] - EDGES[bins - 1]
    assert (np.abs(told - MISSES) <= width).all()


def test_more_time_to_come_is_more_doubt() -> None:
    """Of who says that demand stays what it is."""
    said = quantiles_in(counts_before(LATE)[:, EXPERTS.index("persistence")], LEVELS)
    near, far = said[:, ::-1] - said
    assert (far[:3] > near[:3]).all()


def test_only_those_who_are_asked_have_a_say() -> None:
    weights = weights_before(LATE, ("persistence", "hours", "week"))
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
    asked = [EXPERTS[place] in ("persistence", "hours", "week") for place in range(len(EXPERTS))]
    assert (weights[:, ~np.array(asked)] == 0.0).all()
    assert (weights[0, [HOURS, WEEK]] == 0.0).all()
    assert (weights[1, [HOURS, WEEK]] > 0.0).all()
