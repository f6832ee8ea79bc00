"""AWS's rule: a share of the highest demand of the last 24 hours."""

from dataclasses import replace

import numpy as np
import pytest

from autoscaler.backtest.tuning.candidates import Wishes, daily_peak_share
from autoscaler.backtest.tuning.past import Past
from autoscaler.config import ClusterDocument
from autoscaler.core.decision import Advice
from autoscaler.errors import InvalidInput
from policies.daily_peak_share import DailyPeakShare
from tests.fakes import WIDE_LIMITS, later, make_range
from tests.policies.builders import seen

A_DAY = 288
SAMPLE_SECONDS = 300.0


def test_the_floor_is_the_share_of_the_days_peak() -> None:
    assert DailyPeakShare(share=0.5).advise(seen(2.0, 12.0, *(1.0,) * 200, seconds=SAMPLE_SECONDS)) == Advice(
        range=make_range(6.0, 64.0), reason="50% of the 12 ACU that demand reached in the last 24 h"
    )


def test_without_a_share_the_whole_peak_counts() -> None:
    assert DailyPeakShare().advise(seen(7.2, 1.0)).range == make_range(7.5, 64.0)


def test_a_peak_counts_for_a_day_and_no_longer() -> None:
    kept = DailyPeakShare().advise(seen(12.0, *(1.0,) * (A_DAY - 1), seconds=SAMPLE_SECONDS))
    over = DailyPeakShare().advise(seen(12.0, *(1.0,) * A_DAY, seconds=SAMPLE_SECONDS))
    assert (kept.range, over.range) == (make_range(12.0, 64.0), make_range(1.0, 64.0))


def test_unknown_samples_are_skipped_and_never_taken_for_zero() -> None:
    assert DailyPeakShare().advise(seen(8.0, *(None,) * 40)).range == make_range(8.0, 64.0)


def test_with_nothing_known_it_knows_nothing_and_keeps_the_range() -> None:
    nothing = seen(None, None, floor_acu=4.0)
    assert DailyPeakShare().advise(nothing) == Advice(
        range=nothing.status.range, reason="no demand has been measured yet", known=False
    )


def test_an_owner_to_whom_throttling_costs_nothing_is_left_alone() -> None:
    assert DailyPeakShare().advise(seen(9.0, floor_acu=4.0, throttling_price=0.0)).range == make_range(0.5, 64.0)


def test_its_pause_is_its_own_or_the_owners() -> None:
    asleep = seen(1.0, limits=WIDE_LIMITS)
    assert DailyPeakShare(pause_after_seconds=600).advise(asleep).range == make_range(1.0, 64.0, 600)
    assert DailyPeakShare().advise(asleep).range == make_range(1.0, 64.0, 300)


def test_it_is_what_backtests_call_awss_rule() -> None:
    demand = np.random.default_rng(6).gamma(2.0, 4.0, size=3 * A_DAY)
    past = Past(sample_seconds=SAMPLE_SECONDS, turn_seconds=SAMPLE_SECONDS, delay_seconds=0.0)
    past.add(demand)
    wishes = Wishes(past, ClusterDocument().build_spec().profile, min_acu=0.5, max_acu=64.0, prices=(8.0,))
    turns = slice(A_DAY, A_DAY + 60)
    backtested, _ = wishes.corridor(daily_peak_share(0.35), 8.0, turns)
    newest = past.newest(turns)
    for wish, last in zip(backtested, newest, strict=True):
        told = seen(*demand[: last + 1], seconds=SAMPLE_SECONDS)
        floor = DailyPeakShare(share=0.35).advise(told).range.floor_acu
        assert floor == max(0.5, np.ceil(wish * 2 - 1e-9) / 2)


@pytest.mark.parametrize("share", [0, 2.1, -1])
def test_a_share_that_cannot_be_is_refused(share: float) -> None:
    with pytest.raises(InvalidInput, match=rf"share is {share}; give a number above 0 and at most 2"):
        DailyPeakShare(share=share)


def test_the_day_counts_back_from_the_newest_sample_and_not_from_now() -> None:
    late = replace(seen(9.0, 2.0), at=later(90_000.0))
    assert DailyPeakShare().advise(late).range == make_range(9.0, 64.0)
