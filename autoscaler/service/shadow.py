"""A policy that decides on a cluster's live stream and acts on a twin only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from autoscaler.core.budget import Use
from autoscaler.core.capacity import SECONDS_PER_HOUR, Limits, Range
from autoscaler.core.control import NO_CONTROL
from autoscaler.core.cost import Prices
from autoscaler.core.decide import decide
from autoscaler.core.decision import Decision, Memory, RuleSettings
from autoscaler.core.ports import Forecaster, Policy
from autoscaler.core.samples import Sample
from autoscaler.core.snapshot import Snapshot
from autoscaler.core.tally import Tally
from autoscaler.simulator.spec import ClusterSpec
from autoscaler.simulator.twin import Twin
from models.outlook import Outlook, OutlookSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowPlan:
    """Who decides in the shadow, under which limits."""

    name: str
    policy: Policy
    rules: RuleSettings
    limits: Limits
    prices: Prices
    forecaster: Forecaster | None
    outlook: OutlookSettings


class Shadow:
    """Sees what the acting policy sees, but for the capacity: that is its twin's."""

    def __init__(self, plan: ShadowPlan, spec: ClusterSpec, first: Sample) -> None:
        self.plan = plan
        self.outlook = Outlook(plan.forecaster, plan.outlook)
        self.decision: Decision | None = None
        self._twin = Twin(spec, first)
        self._memory = Memory()
        self._use = Use()

    @property
    def range(self) -> Range:
        """What it would have by now."""
        return self._twin.status().range

    def live(self, samples: Sequence[Sample]) -> Tally:
        """Take in new samples; what they would have cost and throttled."""
        self.outlook.observe(samples)
        return sum((self._live_through(sample) for sample in samples), Tally())

    def decide(self, seen: Snapshot) -> None:
        """Decide like the policy that acts; nobody steers a shadow."""
        snapshot = replace(
            self.outlook.snapshot(
                cluster_id=seen.cluster_id,
                at=seen.at,
                limits=self.plan.limits,
                status=self._twin.status(),
                prices=self.plan.prices,
                control=NO_CONTROL,
            ),
            blind_seconds=seen.blind_seconds,
            spending=None if self.plan.prices.budget is None else self._use.spending(seen.at),
        )
        self.decision, self._memory = decide(snapshot, self.plan.policy, self.plan.rules, self._memory)
        if self.decision.changes:
            self._twin.apply(self.decision.after, seen.at)

    def _live_through(self, sample: Sample) -> Tally:
        """What its twin costs is what counts against its budget; all instances are in it."""
        self._twin.live((sample,))
        lived = self._twin.take()
        if self.plan.prices.budget is not None:
            capacity_acu = lived.acu_hours * SECONDS_PER_HOUR / sample.seconds
            self._use = self._use.with_samples((replace(sample, capacity_acu=capacity_acu),))
        return lived
