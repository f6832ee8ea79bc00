"""What a model remembers: a bounded value that ends with something known."""

from datetime import timedelta
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.core.history import History
from autoscaler.errors import InvalidInput
from models.buffer import remember, windows_from
from tests.fakes import MONDAY
from tests.models.series import windows_of

HOUR = 12 * 300.0
values = st.floats(0.0, 100.0) | st.sampled_from((nan, nan, inf, -1.0))


def test_ends_with_the_last_known_window_and_counts_those_after_it() -> None:
    windows = remember(windows_of([1.0, nan, 3.0, nan, nan]), keep_seconds=HOUR)
    np.testing.assert_array_equal(windows.demand_acu, [1.0, nan, 3.0])
    assert windows.unknown == 2
    assert windows.last_acu == 3.0
    assert windows.end == windows_of([0.0] * 5).end


def test_keeps_only_the_newest_windows() -> None:
    windows = remember(windows_of(range(30)), keep_seconds=HOUR)
    np.testing.assert_array_equal(windows.demand_acu, range(18, 30))
    longer = windows.after(windows_of(range(33), first=30))
    np.testing.assert_array_equal(longer.demand_acu, range(21, 33))


def test_infinite_and_negative_demand_is_unknown() -> None:
    windows = remember(windows_of([inf, 2.0, -1.0, -inf]), keep_seconds=HOUR)
    np.testing.assert_array_equal(windows.demand_acu, [nan, 2.0])
    assert windows.unknown == 2


def test_an_outage_takes_no_room_until_it_is_over() -> None:
    windows = remember(windows_of([5.0]), keep_seconds=HOUR)
    dark = windows.after(windows_of([5.0] + [nan] * 40, first=1))
    assert (len(dark), dark.unknown, dark.last_acu) == (1, 40, 5.0)
    light = dark.after(windows_of([5.0] + [nan] * 40 + [7.0], first=41))
    assert (len(light), light.unknown, light.last_acu) == (12, 0, 7.0)
    assert np.isnan(light.demand_acu[:-1]).all()


def test_windows_left_out_before_a_tail_are_unknown() -> None:
    windows = remember(windows_of([1.0]), keep_seconds=HOUR).after(windows_of([nan, nan, nan, 4.0], first=3))
    np.testing.assert_array_equal(windows.demand_acu, [1.0, nan, nan, 4.0])


def test_cannot_be_written_to_and_owns_its_numbers() -> None:
    demand = np.array([1.0, 2.0])
    windows = remember(windows_of(demand), keep_seconds=HOUR)
    demand[:] = 9.0
    np.testing.assert_array_equal(windows.demand_acu, [1.0, 2.0])
    for value in (windows, windows.after(windows_of([1.0, 2.0, 3.0], first=2)), windows_from(windows.state())):
        with pytest.raises(ValueError, match="read-only"):
            value.demand_acu[0] = 9.0


def test_a_clock_may_round_but_not_leave_the_grid() -> None:
    windows = remember(windows_of([1.0]), keep_seconds=HOUR)
    for late_seconds, fits in ((0.5, True), (-0.5, True), (30.0, False), (-300.0, False), (600.0, True)):
        start = windows.end + timedelta(seconds=late_seconds)
        tail = History(start=start, step_seconds=300.0, demand_acu=np.array([2.0]))
        if fits:
            assert windows.after(tail).end == tail.end
        else:
            with pytest.raises(InvalidInput, match="does not follow"):
                windows.after(tail)


@given(first=st.lists(values, max_size=30), pieces=st.lists(st.lists(values, max_size=20), max_size=5))
def test_holds_the_same_however_the_windows_arrive(first: list[float], pieces: list[list[float]]) -> None:
    everything = np.array([*first, 1.0, *(value for piece in pieces for value in piece)])
    windows = remember(windows_of([*first, 1.0]), keep_seconds=HOUR)
    seen = len(first) + 1
    for piece in pieces:
        before, windows = windows, windows.after(windows_of(everything[: seen + len(piece)], first=seen))
        seen += len(piece)
        assert 0 <= windows.stored_since(before) <= len(windows)
    at_once = remember(windows_of(everything), keep_seconds=HOUR)
    np.testing.assert_array_equal(windows.demand_acu[-len(at_once) :], at_once.demand_acu)
    assert (windows.end, windows.unknown) == (at_once.end, at_once.unknown)
    assert np.isfinite(windows.last_acu)
    assert len(windows) <= windows.capacity


@given(first=st.lists(values, max_size=30), news=st.lists(values, max_size=30))
def test_knows_which_windows_are_new(first: list[float], news: list[float]) -> None:
    before = remember(windows_of([*first, 1.0]), keep_seconds=HOUR)
    after = before.after(windows_of([*first, 1.0, *news], first=len(first) + 1))
    kept = len(after) - after.stored_since(before)
    np.testing.assert_array_equal(after.demand_acu[:kept], before.demand_acu[len(before) - kept :])


def test_comes_back_from_its_state() -> None:
    windows = remember(windows_of([1.0, nan, 3.0, nan]), keep_seconds=HOUR)
    back = windows_from({f"old_{key}": value for key, value in windows.state().items()}, prefix="old_")
    np.testing.assert_array_equal(back.demand_acu, windows.demand_acu)
    assert (back.end, back.unknown, back.capacity, back.step_seconds) == (
        MONDAY + timedelta(seconds=1200),
        1,
        12,
        300.0,
    )
