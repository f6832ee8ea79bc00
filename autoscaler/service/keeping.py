"""How much of the past is kept, as the settings say it."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field, model_validator

from autoscaler.config import Document
from autoscaler.storage.entries import Kept

# Five weeks, which a fit may use, and what passes between two fits and while the service is down.
LEAST_FIVE_MINUTE_DAYS = 37


class RetentionSettings(Document):
    """How much of the past is kept, in days of cluster time; the forecasters learn from five weeks of it.

    Args:
        sample_days: samples as they came, and forecasts: as long as a decision can be computed again.
        five_minute_days: samples of five minutes, each with the peak of the demand.
        hour_days: samples of an hour; whatever is older is forgotten, but for the sum of ACU-hours.
        every_decision_days: all decisions; of older ones that changed nothing one an hour is left.
        decision_days: decisions at all.
        event_days: events.
        every_minutes: how often this is seen to.
    """

    sample_days: Annotated[float, Field(ge=1)] = 3.0
    five_minute_days: Annotated[float, Field(ge=LEAST_FIVE_MINUTE_DAYS)] = 40.0
    hour_days: Annotated[float, Field(ge=1)] = 400.0
    every_decision_days: Annotated[float, Field(ge=1)] = 14.0
    decision_days: Annotated[float, Field(ge=1)] = 180.0
    event_days: Annotated[float, Field(ge=1)] = 14.0
    every_minutes: Annotated[float, Field(ge=1)] = 60.0

    @model_validator(mode="after")
    def _in_order(self) -> "RetentionSettings":
        if not self.sample_days <= self.five_minute_days <= self.hour_days:
            raise ValueError("retention: sample_days, five_minute_days and hour_days must not descend")
        if self.every_decision_days > self.decision_days:
            raise ValueError("retention: every_decision_days must not exceed decision_days")
        return self

    def build(self, *, recent_seconds: float) -> Kept:
        """As the store wants it; samples stay whole at least as long as a policy looks at them, and a day more."""
        return Kept(
            samples=max(timedelta(days=self.sample_days), timedelta(days=1, seconds=recent_seconds)),
            five_minutes=timedelta(days=self.five_minute_days),
            hours=timedelta(days=self.hour_days),
            every_decision=timedelta(days=self.every_decision_days),
            decisions=timedelta(days=self.decision_days),
            events=timedelta(days=self.event_days),
        )
