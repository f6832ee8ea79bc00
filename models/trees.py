"""Boosted trees as arrays: grown by scikit-learn in some other process, read by numpy alone."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.state import Array, State, array_of, frozen, number_of

NUMBERS = ("feature", "threshold", "left", "right", "missing_left", "value")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forest:
    """Ensembles side by side: arrays (ensembles, trees, nodes), and ``base`` (ensembles,), which all trees add to.

    A row goes to ``left`` when its ``feature`` is at most ``threshold``, or unknown and ``missing_left`` is 1; else to
    ``right``. A leaf leads to itself, so that after ``depth`` steps every row is at one.
    """

    base: Array
    feature: Array
    threshold: Array
    left: Array
    right: Array
    missing_left: Array
    value: Array
    depth: int

    def predict(self, seen: Array) -> Array:
        """What each ensemble says of the rows (n, features), (ensembles, n)."""
        ensembles, trees, _ = self.value.shape
        at = np.zeros((ensembles, trees, len(seen)), dtype=np.intp)
        rows = np.arange(len(seen))
        for _ in range(self.depth):
            known = seen[rows, self._of(self.feature, at).astype(np.intp)]
            low = np.where(np.isnan(known), self._of(self.missing_left, at) > 0, known <= self._of(self.threshold, at))
            at = np.where(low, self._of(self.left, at), self._of(self.right, at)).astype(np.intp)
        said: Array = self.base[:, None] + self._of(self.value, at).sum(axis=1)
        return said

    def state(self) -> State:
        """All of it, for ``forest_from``."""
        return {"base": self.base, "depth": self.depth, **{name: getattr(self, name) for name in NUMBERS}}

    def _of(self, numbers: Array, at: NDArray[np.intp]) -> Array:
        return np.take_along_axis(numbers, at, axis=2)


def forest_from(state: State) -> Forest:
    """What ``Forest.state`` stored."""
    arrays = {name: frozen(array_of(state, name)) for name in ("base", *NUMBERS)}
    return Forest(**arrays, depth=int(number_of(state, "depth")))


def flattened(ensembles: list[Any]) -> Forest:
    """The ensembles of scikit-learn's `HistGradientBoostingRegressor`, each with as many trees, as arrays."""
    grown = [[tree.nodes for (tree,) in one._predictors] for one in ensembles]
    most = max(len(nodes) for trees in grown for nodes in trees)
    arrays = {name: np.zeros((len(grown), len(grown[0]), most)) for name in NUMBERS}
    for place, trees in enumerate(grown):
        for number, nodes in enumerate(trees):
            _fill({name: array[place, number] for name, array in arrays.items()}, nodes)
    depth = max(int(nodes["depth"].max()) for trees in grown for nodes in trees)
    base = np.array([float(np.ravel(one._baseline_prediction)[0]) for one in ensembles])
    return Forest(base=frozen(base), depth=depth, **{name: frozen(array) for name, array in arrays.items()})


def _fill(tree: dict[str, Array], nodes: Any) -> None:  # noqa: ANN401 - a structured array
    count, leaf = len(nodes), nodes["is_leaf"].astype(bool)
    itself = np.arange(count)
    tree["feature"][:count] = np.where(leaf, 0, nodes["feature_idx"])
    tree["threshold"][:count] = nodes["num_threshold"]
    tree["left"][:count] = np.where(leaf, itself, nodes["left"])
    tree["right"][:count] = np.where(leaf, itself, nodes["right"])
    tree["missing_left"][:count] = nodes["missing_go_to_left"]
    tree["value"][:count] = nodes["value"]
