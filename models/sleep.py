"""What is learned of one cluster's sleep: when it is used, and how long its wakes take."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from math import isfinite

from autoscaler.core.activity import Activity, Dial
from autoscaler.core.resumes import Resume
from autoscaler.core.samples import Sample
from models.cold_start import ResumePrior, believe, restore
from models.state import State
from models.watch import Watch

# Nine resumes of ten end within the upper bound.
RESUME_SHARE = 0.8


class Sleep:
    """Grows with every sample and every wake; without a dial nobody asks when it is used."""

    def __init__(self, dial: Dial | None, prior: ResumePrior) -> None:
        self._watch = None if dial is None else Watch(dial)
        self.cold_start = believe(prior)

    @property
    def watches(self) -> bool:
        """Whether it is learned when the cluster is used."""
        return self._watch is not None

    @property
    def newest_sample_at(self) -> datetime | None:
        """The start of the newest sample that was taken in."""
        return None if self._watch is None else self._watch.newest_at

    @property
    def newest_resume_at(self) -> datetime | None:
        """When the newest wake began that is known."""
        newest = self.cold_start.newest
        return datetime.fromtimestamp(newest, UTC) if isfinite(newest) else None

    def observe(self, sample: Sample) -> None:
        """Take in one sample; they come oldest first."""
        if self._watch is not None:
            self._watch.observe(sample)

    def resumed(self, resumes: Iterable[Resume]) -> None:
        """Take in wakes that are over; lost, repeated and impossible ones do no harm."""
        self.cold_start = self.cold_start.after(resumes)

    def activity(self, at: datetime, *, asleep: bool) -> Activity | None:
        """What is expected at this moment; None when nothing was measured of late."""
        activity = None if self._watch is None else self._watch.activity(at, asleep=asleep)
        if self._watch is None or activity is None:
            return None
        expected = self.cold_start.expect(slept_seconds=self._watch.slept_seconds(at), share=RESUME_SHARE)
        return replace(activity, resume_seconds=round(expected.high, 1))

    def state(self) -> State | None:
        """What is stored of it; None before the first sample."""
        watched = None if self._watch is None else self._watch.state()
        return None if watched is None else {**watched, **self.cold_start.state()}

    def restore(self, state: State) -> None:
        """Go on after what was stored, with the samples after its newest one.

        Raises:
            InvalidInput: it is of another version, or something is missing or does not fit; then nothing is changed.
        """
        cold_start = restore(state)
        if self._watch is not None:
            self._watch.restore(state)
        self.cold_start = cold_start
