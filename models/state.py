"""What a fitted model is stored as: a flat dictionary of arrays, numbers and texts, with a version and no pickle."""

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from autoscaler.errors import InvalidInput

Array: TypeAlias = NDArray[np.float64]
State: TypeAlias = Mapping[str, Array | float | int | str]


def check_version(state: State, *, model: str, version: int) -> None:
    """Refuse the state of another model or version.

    Raises:
        InvalidInput: naming both.
    """
    found = (state.get("model"), state.get("version"))
    if found != (model, version):
        raise InvalidInput(f"a stored state of {found[0]}/{found[1]} is not one of {model}/{version}; fit the model anew")


def array_of(state: State, key: str) -> Array:
    """The array under ``key``, as a copy of ours."""
    return np.array(_entry(state, key), dtype=np.float64)


def number_of(state: State, key: str) -> float | int:
    """The number under ``key``."""
    value = _entry(state, key)
    if isinstance(value, str | np.ndarray):
        raise InvalidInput(f"the stored state has {value!r} for {key}, where a number belongs; fit the model anew")
    return value


def text_of(state: State, key: str) -> str:
    """The text under ``key``."""
    value = _entry(state, key)
    if not isinstance(value, str):
        raise InvalidInput(f"the stored state has {value!r} for {key}, where a text belongs; fit the model anew")
    return value


def frozen(array: Array) -> Array:
    """The same array, closed for writing."""
    array.flags.writeable = False
    return array


def _entry(state: State, key: str) -> Array | float | int | str:
    if key not in state:
        raise InvalidInput(f"the stored state lacks {key}; fit the model anew")
    return state[key]
