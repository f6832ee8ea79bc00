"""What a cluster costs, what it would cost left alone, and what each shadow policy would make of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from autoscaler.backtest.run import LEAST_RECENT_SECONDS
from autoscaler.config import PolicyDocument, left_alone
from autoscaler.core.capacity import Range
from autoscaler.core.cost import acu_hours
from autoscaler.core.samples import Sample
from autoscaler.core.snapshot import Snapshot
from autoscaler.core.tally import Tally
from autoscaler.service.settings import ClusterSettings
from autoscaler.service.shadow import Shadow, ShadowPlan
from autoscaler.simulator.spec import ClusterSpec
from autoscaler.simulator.twin import Twin
from autoscaler.storage.scores import ACTING, LEFT_ALONE, MEASURED, NEVER_PAUSED
from models.cold_start import prior_of
from models.outlook import OutlookSettings
from policies.combinators import dial_of


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPlan:
    """What to compare: the cluster as the simulator has it, the range it would be left at, and the shadows."""

    spec: ClusterSpec
    left_alone: Range
    shadows: tuple[ShadowPlan, ...] = ()


def ledger_plan(one: ClusterSettings) -> LedgerPlan:
    """What to compare of a cluster.

    Raises:
        InvalidInput: a shadow cannot be built.
    """
    return LedgerPlan(
        spec=one.cluster_document().build_spec(),
        left_alone=left_alone(one.cluster_document().build_limits()),
        shadows=tuple(_shadow_plan(one, shadow.with_forecaster()) for shadow in one.shadows),
    )


def _shadow_plan(one: ClusterSettings, shadow: PolicyDocument) -> ShadowPlan:
    policy, limits = shadow.build_policy(), one.cluster_under(shadow).build_limits()
    return ShadowPlan(
        name=shadow.title,
        policy=policy,
        rules=shadow.build_rules(),
        limits=limits,
        prices=shadow.build_prices(one.cluster.pricing),
        forecaster=shadow.build_forecaster(),
        outlook=OutlookSettings(
            recent_seconds=max(policy.recent_seconds, LEAST_RECENT_SECONDS),
            signals=shadow.build_signals(),
            dial=dial_of(policy, limits),
            resumes=prior_of(one.cluster.profile),
        ),
    )


class Ledger:
    """The twins of one cluster: one has the range in force, one is left alone, and each shadow has its own.

    The first of them tells how well twins fit this cluster: it has every range when the cluster had it.
    """

    def __init__(self, plan: LedgerPlan, first: Sample, held: Range) -> None:
        """Begin with the ``first`` known sample, on the range that is ``held``."""
        self.plan = plan
        self._held = held
        self._acting = Twin(replace(plan.spec, range=held), first)
        self._left_alone = Twin(replace(plan.spec, range=plan.left_alone), first)
        awake = replace(plan.left_alone, pause_after_seconds=None)
        self._never_paused = None if plan.left_alone == awake else Twin(replace(plan.spec, range=awake), first)
        self.shadows = tuple(Shadow(one, replace(plan.spec, range=held), first) for one in plan.shadows)

    def live(self, samples: Sequence[Sample]) -> dict[str, Tally]:
        """Take in new samples; what each of those compared cost and throttled in them, by name."""
        self._acting.live(samples)
        self._left_alone.live(samples)
        beside = {}
        if self._never_paused is not None:
            self._never_paused.live(samples)
            beside[NEVER_PAUSED] = self._never_paused.take()
        return {
            **beside,
            MEASURED: self._measured(samples),
            ACTING: self._acting.take(),
            LEFT_ALONE: self._left_alone.take(),
            **{shadow.plan.name: shadow.live(samples) for shadow in self.shadows},
        }

    def decide(self, seen: Snapshot) -> None:
        """Follow the range in force, and let every shadow decide."""
        if seen.status.range != self._held:
            self._held = seen.status.range
            self._acting.apply(self._held, _taken_at(seen))
        for shadow in self.shadows:
            shadow.decide(seen)

    def _measured(self, samples: Sequence[Sample]) -> Tally:
        """As metered: every instance is taken for as large as the busiest one, whose capacity is known."""
        total = Tally()
        for sample in samples:
            if sample.capacity_acu is not None and sample.demand_acu is not None:
                held = acu_hours(sample.capacity_acu, sample.seconds) * self.plan.spec.instances
                work = acu_hours(sample.demand_acu, sample.seconds)
                total = total + Tally(seconds=sample.seconds, acu_hours=held, work_acu_hours=work)
        return total


def _taken_at(seen: Snapshot) -> datetime:
    return seen.status.changed_at or seen.at
