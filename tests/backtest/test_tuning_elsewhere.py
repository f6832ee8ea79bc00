"""A choice made elsewhere and taken over is the one made in place, and so is what is wished from then on."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from autoscaler.backtest.tuning import tuner as tuning
from autoscaler.backtest.tuning.candidates import all_candidates
from autoscaler.backtest.tuning.trial import Trial
from autoscaler.backtest.tuning.tuner import Tuner
from autoscaler.config import ClusterDocument, LimitsDocument
from autoscaler.core.decision import RuleSettings
from autoscaler.core.samples import Sample
from tests.fakes import MONDAY

SAMPLES_A_DAY = 288


def trial(*families: str) -> Trial:
    cluster = ClusterDocument(limits=LimitsDocument(max_acu=32.0))
    return Trial(
        spec=cluster.build_spec(),
        limits=cluster.build_limits(),
        rules=RuleSettings(),
        price=64.0,
        turn_seconds=60.0,
        candidates=tuple(one for one in all_candidates() if one.family in families),
    )


def samples(days: float) -> list[Sample]:
    """Jobs that begin again an hour after they ended, and a gap."""
    rng = np.random.default_rng(3)
    demand = np.where(np.arange(round(days * SAMPLES_A_DAY)) % 13 < 2, 20.0, 1.0) * rng.gamma(50.0, 0.02, 1)
    return [
        Sample(
            at=MONDAY + timedelta(minutes=5 * place),
            seconds=300.0,
            demand_acu=None if 300 <= place < 310 else float(acu),
        )
        for place, acu in enumerate(demand)
    ]


def moment(seen: list[Sample], place: int) -> datetime:
    return seen[place].at + timedelta(minutes=7)


def test_samples_that_come_all_at_once_are_all_taken_in() -> None:
    seen = samples(1.5)
    at_once, one_by_one = Tuner(trial("left alone", "static")), Tuner(trial("left alone", "static"))
    at_once.observe(seen)
    for sample in seen:
        one_by_one.observe([sample])
    assert at_once.due
    for tuner in (at_once, one_by_one):
        tuner.tune(MONDAY)
    assert at_once.tuning(MONDAY) == one_by_one.tuning(MONDAY)


@pytest.mark.slow
@pytest.mark.parametrize("families", [("left alone", "predictive"), ("left alone", "static", "reactive")])
def test_what_is_adopted_is_what_is_tuned_in_place(families: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """Day after day, while old days are forgotten; the answer comes half an hour after it was asked for.

    In place it is kept what floors are worth, as a backtest does; elsewhere it is found out anew.
    """
    monkeypatch.setattr(tuning, "MOST_DAYS", 3)
    monkeypatch.setattr(tuning, "KEPT_DAYS", 2)
    tried = trial(*families)
    seen, elsewhere, in_place = samples(5.5), Tuner(tried), Tuner(replace(tried, keeps_worth=True))
    compared, pending, asked_at = 0, None, 0
    for place, sample in enumerate(seen):
        for tuner in (elsewhere, in_place):
            tuner.observe([sample])
        if in_place.due:
            in_place.tune(moment(seen, place))
            pending, asked_at = elsewhere.trying().do(), place
        if pending is not None and place == asked_at + 6:
            elsewhere.adopt(pending, moment(seen, asked_at))
            pending = None
        if pending is None:
            at = moment(seen, place)
            assert elsewhere.tuning(at) == in_place.tuning(at)
            compared += elsewhere.tuning(at) is not None
    assert compared > 4 * (SAMPLES_A_DAY - 6)
