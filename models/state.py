"""What a fitted model is stored as: a flat dictionary of arrays, numbers and texts, with a version and no pickle."""

from collections.abc import Mapping
from datetime import datetime
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
    found = f"{state.get('model')} version {state.get('version')}"
    if found != f"{model} version {version}":
        raise InvalidInput(f"a stored state of {found} is not one of {model} version {version}; fit the model anew")


def array_of(state: State, key: str) -> Array:
    """The array of numbers under ``key``, as a copy of ours."""
    value = _entry(state, key)
    if not isinstance(value, np.ndarray) or value.ndim == 0 or value.dtype.kind != "f":
        raise _wrong(key, value, "an array of numbers")
    return np.array(value, dtype=np.float64)


def number_of(state: State, key: str) -> float | int:
    """The number under ``key``."""
    value = _entry(state, key)
    if isinstance(value, str | np.ndarray):
        raise _wrong(key, value, "a number")
    return value


def moment_of(state: State, key: str) -> datetime:
    """The moment under ``key``."""
    value = _entry(state, key)
    try:
        return datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise _wrong(key, value, "a moment in ISO 8601") from None


def frozen(array: Array) -> Array:
    """The same array, closed for writing."""
    array.flags.writeable = False
    return array


def _entry(state: State, key: str) -> Array | float | int | str:
    if key not in state:
        raise InvalidInput(f"the stored state lacks {key}; fit the model anew")
    return state[key]


def _wrong(key: str, value: object, wanted: str) -> InvalidInput:
    return InvalidInput(f"the stored state has {value!r} for {key} where {wanted} belongs; fit the model anew")
