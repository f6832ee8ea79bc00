"""Chooses, day after day, the policy that would have been the best one so far, and says what it wishes now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from autoscaler.backtest.tuning.candidates import Wishes
from autoscaler.backtest.tuning.choose import Choice
from autoscaler.backtest.tuning.past import Past
from autoscaler.backtest.tuning.plans import Planned
from autoscaler.backtest.tuning.trial import Trial, choice_after, past_of, wishes_of
from autoscaler.core.samples import Sample
from autoscaler.core.tuning import Tuning
from models.analogs import DAY_SECONDS

Numbers = NDArray[np.float64]

# A past that has grown longer than this is cut back to its last weeks.
MOST_DAYS, KEPT_DAYS = 35, 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A choice, of which days it was made, and how far the plans of the chosen candidate are, where it has any."""

    start: datetime
    days: int
    choice: Choice
    planned: Planned | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trying:
    """What a choice is made of; small enough to be sent to another process.

    ``demand_acu`` (samples,) from ``start`` on, NaN where nothing was measured.
    """

    trial: Trial
    start: datetime
    sample_seconds: float
    demand_acu: Numbers
    days: int
    before: Choice | None

    def __str__(self) -> str:
        return f"a choice of a policy for {self.trial.spec.cluster_id}"

    def do(self) -> Tried:
        """Choose; takes a second."""
        past = past_of(self.trial, self.sample_seconds)
        past.add(self.demand_acu)
        wishes = wishes_of(self.trial, past)
        choice = choice_after(self.trial, past, wishes, self.days, self.before)
        planned = wishes.planned(self.trial.candidates[choice.place])
        return Tried(start=self.start, days=self.days, choice=choice, planned=planned)


class Tuner:
    """Grows with every sample; a choice takes effect when the day it was made of has been seen as a whole."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self._start: datetime | None = None
        self._past: Past | None = None
        self._wishes: Wishes | None = None
        self._tuned_days = 0
        self._choice: Choice | None = None
        self._chosen_at: datetime | None = None

    def observe(self, samples: Iterable[Sample]) -> None:
        """Take in samples, oldest first; late and repeated ones are left out, missing ones are unknown."""
        fresh: list[float] = []
        for sample in samples:
            past = self._begin(sample) if self._past is None else self._past
            assert self._start is not None  # noqa: S101 - it began with the past
            place = round((sample.at - self._start) / timedelta(seconds=past.sample_seconds))
            missing = place - len(past) - len(fresh)
            if missing < 0:
                continue
            fresh += [np.nan] * missing
            fresh.append(np.nan if sample.demand_acu is None else sample.demand_acu)
        if self._past is not None and fresh:
            self._past.add(np.array(fresh))

    @property
    def due(self) -> bool:
        """Whether a day has been seen as a whole since the last choice."""
        return self._past is not None and self._days(self._past) > self._tuned_days

    def tune(self, at: datetime) -> None:
        """Choose anew, by all whole days so far; takes a second."""
        self._forget(self._gone_days)
        past, wishes = self._past, self._wishes
        assert past is not None and wishes is not None  # noqa: S101, PT018 - it is asked for when due
        self._tuned_days = self._days(past)
        self._choice = choice_after(self._trial, past, wishes, self._tuned_days, self._choice)
        self._chosen_at = at

    def trying(self) -> Trying:
        """What to choose by elsewhere; whatever comes of it is to be adopted."""
        past, start = self._past, self._start
        assert past is not None and start is not None  # noqa: S101, PT018 - it is asked for when due
        gone_days = self._gone_days
        return Trying(
            trial=self._trial,
            start=start + timedelta(days=gone_days),
            sample_seconds=past.sample_seconds,
            demand_acu=_known(past, gone_days),
            days=self._days(past) - gone_days,
            before=self._choice,
        )

    def adopt(self, tried: Tried, at: datetime) -> None:
        """Take over what was chosen elsewhere, by what was known when it was asked for."""
        assert self._start is not None  # noqa: S101 - it was asked for
        self._forget((tried.start - self._start).days)
        self._tuned_days, self._choice, self._chosen_at = tried.days, tried.choice, at
        if tried.planned is not None and self._wishes is not None:
            self._wishes.go_on(self._trial.candidates[tried.choice.place], tried.planned)

    def tuning(self, at: datetime) -> Tuning | None:
        """What the chosen candidate wishes now; None before the first choice."""
        if self._choice is None or self._wishes is None or self._start is None or self._chosen_at is None:
            return None
        turn = round((at - self._start) / timedelta(seconds=self._trial.turn_seconds))
        low, high = self._wishes.corridor(
            self._trial.candidates[self._choice.place], self._trial.price, slice(turn, turn + 1)
        )
        return Tuning(
            chosen_at=self._chosen_at,
            family=self._choice.family,
            low_acu=float(low[0]),
            high_acu=float(high[0]),
            reason=self._choice.reason,
        )

    def _begin(self, first: Sample) -> Past:
        self._start = first.at
        self._past = past_of(self._trial, first.seconds)
        self._wishes = wishes_of(self._trial, self._past)
        return self._past

    @property
    def _gone_days(self) -> int:
        """Of a long past only the last weeks are kept, so that a choice costs the same for ever."""
        days = 0 if self._past is None else self._days(self._past)
        return days - KEPT_DAYS if days > MOST_DAYS else 0

    def _forget(self, days: int) -> None:
        past = self._past
        if past is None or self._start is None or days == 0:
            return
        self._past = past_of(self._trial, past.sample_seconds)
        self._past.add(_known(past, days))
        self._wishes = wishes_of(self._trial, self._past)
        self._start += timedelta(days=days)

    def _days(self, past: Past) -> int:
        return int(len(past) * past.sample_seconds // DAY_SECONDS)


class NoTuner:
    """Stands where no policy asks for a tuning."""

    due = False

    def observe(self, samples: Iterable[Sample]) -> None:
        """Nothing is learned."""

    def tune(self, at: datetime) -> None:
        """Nothing is chosen."""

    def tuning(self, at: datetime) -> Tuning | None:
        """Nothing is recommended."""
        return None


NO_TUNER = NoTuner()


def _known(past: Past, gone_days: int) -> Numbers:
    """The samples after the first days, NaN where nothing was measured."""
    gone = round(gone_days * DAY_SECONDS / past.sample_seconds)
    return np.where(past.measured[gone:], past.demand_acu[gone:], np.nan)
