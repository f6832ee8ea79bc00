"""What is known of one cluster's demand: its recent samples, and a forecast kept up to date."""

from array import array
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import inf, isfinite

import numpy as np

from autoscaler.core.activity import Dial
from autoscaler.core.capacity import Limits, Phase, Status
from autoscaler.core.control import NO_CONTROL, Control
from autoscaler.core.cost import Prices
from autoscaler.core.forecast import Forecast
from autoscaler.core.history import History
from autoscaler.core.ports import FittedForecaster, Forecaster
from autoscaler.core.samples import Sample
from autoscaler.core.signals import CPU_ONLY, Signals, Worth, counted
from autoscaler.core.snapshot import Snapshot
from autoscaler.core.tuning import Tuning
from autoscaler.core.working_set import WorkingSet
from autoscaler.errors import InvalidInput
from models.cold_start import UNKNOWN, ResumePrior
from models.rereading import learned
from models.sleep import Sleep
from models.work import LoadMeter

# Windows are forgotten when there are so many too many: seldom enough to cost next to nothing, and a fleet of ten
# thousand remembers five weeks of each cluster.
FORGOTTEN_PART = 8
LEVELS = (0.5, 0.75, 0.9, 0.95, 0.975, 0.99, 0.995)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlookSettings:
    """How far and how finely to look.

    Args:
        recent_seconds: how much of the recent past a snapshot carries.
        window_seconds: length of a forecast window; never below a sample's own length.
        windows: how many windows ahead are forecast.
        refit_seconds: cluster time between two fits.
        kept_seconds: how much history a fit may use.
        signals: what tells the demand of a sample.
        dial: what sleep is weighed by; with it, it is learned when the cluster is used.
        resumes: what a resume is taken to last before one was seen.
    """

    recent_seconds: float = 3600.0
    window_seconds: float = 300.0
    windows: int = 24
    levels: tuple[float, ...] = LEVELS
    refit_seconds: float = 86_400.0
    kept_seconds: float = 35 * 86_400.0
    signals: Signals = CPU_ONLY
    dial: Dial | None = None
    resumes: ResumePrior = UNKNOWN

    def __post_init__(self) -> None:
        if self.window_seconds <= 0 or self.windows < 1:
            raise InvalidInput(f"a forecast of {self.windows} windows of {self.window_seconds} s reaches nowhere")


class Outlook:
    """Grows with every sample; the same in the live service and in backtests.

    Fitting is left to the caller, since it may take long: ask ``fit_due``, fit, and ``adopt``.
    """

    def __init__(self, forecaster: Forecaster | None, settings: OutlookSettings) -> None:
        self._settings = settings
        self._wants_forecasts = forecaster is not None
        self._recent: deque[Sample] = deque()
        self._recent_tuple: tuple[Sample, ...] = ()
        self._newest_known: Sample | None = None
        self._meter = None if settings.signals.learns is None else LoadMeter(settings.signals.learns)
        # Else demand counts as it was measured, and a long window costs next to nothing at each sample.
        self._counts = settings.signals.combines or self._meter is not None
        self._fitted: FittedForecaster | None = None
        self._forecast: Forecast | None = None
        self._windows = array("d")
        self._censored = array("b")
        self._first_window = 0.0
        self._open_window = 0.0
        self._open_peak, self._open_censored = np.nan, False
        self._step_seconds = settings.window_seconds
        self._unseen = 0
        self._fitted_windows = 0
        self.sleep = Sleep(settings.dial, settings.resumes)
        self.working_set: WorkingSet | None = None  # journalled with each decision, and given back by a restart

    @property
    def newest_at(self) -> datetime | None:
        """The start of the newest sample seen; None before the first."""
        return self._recent[-1].at if self._recent else None

    @property
    def _worth(self) -> Worth | None:
        return None if self._meter is None else self._meter.worth

    @property
    def recent(self) -> tuple[Sample, ...]:
        """The recent past, oldest first."""
        return self._recent_tuple

    def observe(self, samples: Iterable[Sample]) -> None:
        """Take in samples, oldest first; repeated, late and impossible ones do no harm."""
        changed = False
        for sample in samples:
            if self._recent and sample.at <= self._recent[-1].at:
                continue
            self._take(made_usable(sample))
            changed = True
        if changed:
            self._forget()
            self._recent_tuple = tuple(map(self._counted, self._recent) if self._counts else self._recent)

    def fit_due(self) -> History | None:
        """The history to fit on, when a fit is due at this point of cluster time."""
        if not self._wants_forecasts or not self._windows:
            return None
        age_seconds = (len(self._windows) - self._fitted_windows) * self._step_seconds
        if self._fitted is not None and age_seconds < self._settings.refit_seconds:
            return None
        history = self._history(0)
        return history if len(history.known) else None

    def adopt(self, fitted: FittedForecaster) -> None:
        """Use this fit of the history that ``fit_due`` handed out last."""
        self._fitted = fitted
        self._fitted_windows = len(self._windows)
        self._unseen = 0
        self._forecast = None

    def snapshot(
        self,
        *,
        cluster_id: str,
        at: datetime,
        limits: Limits,
        status: Status,
        prices: Prices,
        control: Control = NO_CONTROL,
        tuning: Tuning | None = None,
    ) -> Snapshot:
        """All that a decision at this moment may know."""
        return Snapshot(
            cluster_id=cluster_id,
            at=at,
            limits=limits,
            status=status,
            recent=self._recent_tuple,
            blind_seconds=0.0 if status.phase is Phase.PAUSED else self._blind_seconds(at),
            prices=prices,
            forecast=self._current_forecast(at),
            control=control,
            tuning=tuning,
            activity=self.sleep.activity(at, asleep=status.phase is Phase.PAUSED),
            worth=self._worth,
            working_set=self.working_set,
        )

    def _counted(self, sample: Sample) -> Sample:
        return counted(sample, self._settings.signals, self._worth)

    def _take(self, measured: Sample) -> None:
        if not self._recent:
            self._step_seconds = max(self._settings.window_seconds, measured.seconds)
            self._first_window = self._open_window = _window_start(measured.at, self._step_seconds)
        self._recent.append(measured)
        if self._meter is not None:
            self._meter.observe(measured)
        self.working_set = learned(self.working_set, measured)
        sample = self._counted(measured)
        if sample.demand_acu is not None:
            self._newest_known = sample
        self.sleep.observe(sample)
        if self._wants_forecasts:
            self._fill_window(sample)

    def _fill_window(self, sample: Sample) -> None:
        start = sample.at.timestamp()
        while start >= self._open_window + self._step_seconds:
            self._close_window()
        if sample.demand_acu is not None:
            self._open_peak = float(np.fmax(self._open_peak, sample.demand_acu))
            self._open_censored = self._open_censored or sample.censored
        if start + sample.seconds >= self._open_window + self._step_seconds:
            self._close_window()

    def _close_window(self) -> None:
        self._windows.append(self._open_peak)
        self._censored.append(self._open_censored)
        self._open_window += self._step_seconds
        self._open_peak, self._open_censored = np.nan, False
        self._unseen += 1
        self._forecast = None

    def _forget(self) -> None:
        oldest = self._recent[-1].end - timedelta(seconds=self._settings.recent_seconds)
        while len(self._recent) > 1 and self._recent[0].end <= oldest:
            self._recent.popleft()
        most = int(self._settings.kept_seconds / self._step_seconds)
        if len(self._windows) > most + most // FORGOTTEN_PART:
            gone = len(self._windows) - most
            del self._windows[:gone], self._censored[:gone]
            self._first_window += gone * self._step_seconds
            self._fitted_windows -= gone

    def _blind_seconds(self, at: datetime) -> float:
        newest = self._newest_known
        if newest is None:
            return inf
        return max(0.0, (at - newest.end) / timedelta(seconds=1) - newest.seconds)

    def _current_forecast(self, at: datetime) -> Forecast | None:
        if self._fitted is None:
            return None
        if self._unseen:
            self._fitted = self._fitted.update(self._history(-self._unseen))
            self._unseen = 0
        if self._forecast is None:
            self._forecast = self._fitted.forecast(
                made_at=at, steps=self._settings.windows, levels=self._settings.levels
            )
        return self._forecast

    def _history(self, first: int) -> History:
        most = int(self._settings.kept_seconds / self._step_seconds)
        begin = max(len(self._windows) - most, 0) if first == 0 else len(self._windows) + first
        start = datetime.fromtimestamp(self._first_window + begin * self._step_seconds, UTC)
        return History(
            start=start,
            step_seconds=self._step_seconds,
            demand_acu=np.array(self._windows[begin:], dtype=np.float64),
            censored=np.array(self._censored[begin:], dtype=np.bool_),
        )


def made_usable(sample: Sample) -> Sample:
    """A value that cannot be true is an unknown, so that it never looks like an idle database."""
    if not all(map(_possible, (sample.cache_hit_fraction, sample.reads_per_second, sample.freeable_gib))):
        sample = replace(sample, cache_hit_fraction=None, reads_per_second=None, freeable_gib=None)
    return sample if _possible(sample.demand_acu) else replace(sample, demand_acu=None, censored=False)


def _possible(number: float | None) -> bool:
    return number is None or (isfinite(number) and number >= 0)


def _window_start(at: datetime, step_seconds: float) -> float:
    return at.timestamp() // step_seconds * step_seconds
