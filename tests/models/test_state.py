"""What may be stored of a model, and what is refused when it is read again."""

import numpy as np
import pytest

from autoscaler.errors import InvalidInput
from models.state import Array, State, array_of, check_version, frozen, moment_of, number_of
from tests.fakes import MONDAY

STATE: State = {"model": "m", "version": 1, "when": MONDAY.isoformat(), "size": 2.5, "demand": np.array([1.0, 2.0])}


def test_reads_what_was_stored() -> None:
    assert moment_of(STATE, "when") == MONDAY
    assert number_of(STATE, "size") == 2.5
    np.testing.assert_array_equal(array_of(STATE, "demand"), [1.0, 2.0])
    check_version(STATE, model="m", version=1)


def test_an_array_is_read_as_a_copy() -> None:
    copy = array_of(STATE, "demand")
    copy[0] = 9.0
    np.testing.assert_array_equal(array_of(STATE, "demand"), [1.0, 2.0])


@pytest.mark.parametrize(
    ("read", "key", "message"),
    [
        (moment_of, "size", "2.5 for size where a moment"),
        (moment_of, "model", "'m' for model where a moment"),
        (number_of, "when", "for when where a number"),
        (number_of, "demand", "for demand where a number"),
        (array_of, "size", "2.5 for size where an array"),
        (array_of, "lost", "lacks lost"),
        (number_of, "lost", "lacks lost"),
        (moment_of, "lost", "lacks lost"),
    ],
)
def test_says_what_is_wrong_and_what_to_do(read: object, key: str, message: str) -> None:
    assert callable(read)
    with pytest.raises(InvalidInput, match=f"{message}.*fit the model anew"):
        read(STATE, key)


@pytest.mark.parametrize("odd", [np.array(["a"]), np.array([True]), np.array(1.0)])
def test_an_array_of_something_else_is_refused(odd: Array) -> None:
    with pytest.raises(InvalidInput, match="where an array of numbers belongs"):
        array_of({"demand": odd}, "demand")


@pytest.mark.parametrize(("model", "version"), [("n", 1), ("m", 2)])
def test_another_model_or_version_is_named(model: str, version: int) -> None:
    with pytest.raises(InvalidInput, match=f"m version 1 is not one of {model} version {version}"):
        check_version(STATE, model=model, version=version)


def test_a_frozen_array_is_closed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        frozen(np.zeros(2))[0] = 1.0
