"""Which moments of the past count as like this one."""

import numpy as np

from models.analogs import (
    WATCH,
    Likeness,
    describe,
    draw_evenly,
    find_bursts,
    moments_like,
    most_moments,
)

SAMPLE_SECONDS = 300.0
A_DAY = 288
SHARES = np.array([0.5])


def began_in(demand: np.ndarray, *, pieces: int = 1) -> np.ndarray:
    began, watch = np.zeros((len(demand), 1), np.int64), np.zeros((1, WATCH))
    for piece in np.array_split(np.arange(len(demand)), pieces):
        find_bursts(demand[: piece[-1] + 1], int(piece[0]), SAMPLE_SECONDS, SHARES, watch, began)
    return began[:, 0]


def found(demand: np.ndarray, now: int, likeness: Likeness, *, ahead: int = 4) -> dict[int, float]:
    like = np.zeros((len(demand), 2))
    describe(demand, 0, SAMPLE_SECONDS, like)
    most = most_moments(SAMPLE_SECONDS, likeness)
    places, weights = np.zeros(most, np.int64), np.zeros(most)
    count = moments_like(like, began_in(demand), now, now - ahead, SAMPLE_SECONDS, likeness, places, weights)
    return dict(zip(places[:count].tolist(), weights[:count].tolist(), strict=True))


NOTHING = Likeness(day_weight=0.0, hour_weight=0.0, burst_weight=0.0, recent_weight=0.0)


def jobs(*, every: int, samples: int) -> np.ndarray:
    demand = np.full(samples, 1.0)
    demand[10::every] = 20.0
    return demand


def test_a_burst_begins_where_demand_first_gets_high() -> None:
    assert began_in(np.array([1.0, 1.0, 9.0, 8.0, 1.0, 1.0, 7.0]))[2:].tolist() == [2, 2, 2, 2, 6]


def test_there_is_no_burst_before_the_first() -> None:
    assert began_in(np.array([0.1, 0.2, 0.1])).tolist() == [-1, -1, -1]


def test_bursts_are_found_piece_by_piece_as_well() -> None:
    demand = jobs(every=13, samples=200) + np.arange(200) % 7
    np.testing.assert_array_equal(began_in(demand, pieces=9), began_in(demand))


def test_a_job_without_a_time_of_the_day_is_known_by_the_age_of_its_last_run() -> None:
    demand = jobs(every=13, samples=3 * A_DAY)
    now = 10 + 50 * 13 + 12  # the next run begins with the next sample
    moments = found(demand, now, NOTHING._replace(burst_weight=1.0))
    assert len(moments) == 50
    assert {demand[place + 1] for place in moments} == {20.0}


def test_the_same_time_of_a_like_day_counts_most() -> None:
    demand = np.tile(np.where(np.arange(A_DAY) < 100, 2.0, 10.0), 3)
    now = 2 * A_DAY + 150
    moments = found(demand, now, NOTHING._replace(day_weight=1.0))
    assert max(moments, key=lambda place: moments[place]) == now - A_DAY


def test_hours_look_at_the_same_minute() -> None:
    moments = found(jobs(every=12, samples=A_DAY), 200, NOTHING._replace(hour_weight=1.0))
    assert {(200 - place) % 12 for place in moments} == {0}


def test_no_moment_is_looked_at_whose_sequel_is_not_known() -> None:
    demand = jobs(every=13, samples=3 * A_DAY)
    for now in (0, 5, 300, 3 * A_DAY - 1):
        assert max(found(demand, now, Likeness(), ahead=4), default=-5) <= now - 4


def test_moments_are_drawn_as_often_as_they_count() -> None:
    chosen = np.zeros(8, np.int64)
    assert draw_evenly(np.array([3, 5, 9]), np.array([1.0, 0.0, 3.0]), chosen) == 8
    assert chosen.tolist() == [3, 3, 9, 9, 9, 9, 9, 9]
    assert draw_evenly(np.array([3]), np.array([0.0]), chosen) == 0
