"""What a policy would change, before it does: for which clusters, what it would decide now, what it would have cost."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from autoscaler.backtest.run import LEAST_RECENT_SECONDS, run
from autoscaler.backtest.run import Plan as Course
from autoscaler.backtest.score import score
from autoscaler.config import PolicyDocument
from autoscaler.core.capacity import Limits
from autoscaler.core.decide import decide
from autoscaler.core.decision import Decision
from autoscaler.core.samples import Sample
from autoscaler.core.signals import counted
from autoscaler.core.trace import Trace
from autoscaler.errors import InvalidInput
from autoscaler.service.configured import ConfiguredCluster, configured
from autoscaler.service.replay import explain
from autoscaler.service.settings import ClusterSettings
from autoscaler.storage.repositories import Journal
from models.outlook import OutlookSettings

GRAIN_SECONDS = 60.0
STEP_SECONDS = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How a policy would have done on the samples that are kept; per instance, as all capacities are."""

    acu_hours: float
    usd: float
    throttled_fraction: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One cluster under its policy of today and under the other one.

    ``decided`` is the latest decision, ``would_decide`` the one that the other policy takes at the same moment, on
    the same snapshot; None: nothing was decided yet. ``trouble`` is why the other policy cannot be used here.
    """

    cluster_id: str
    policy: str
    policy_version: int | None
    limits: Limits | None = None
    would_have_limits: Limits | None = None
    decided: Decision | None = None
    would_decide: Decision | None = None
    was: Trial | None = None
    would_be: Trial | None = None
    trouble: str = ""

    @property
    def changes(self) -> bool:
        """Whether anything would be different now."""
        wanted = None if self.would_decide is None else (self.would_decide.wish, self.would_decide.after)
        had = None if self.decided is None else (self.decided.wish, self.decided.after)
        return bool(self.trouble) or self.limits != self.would_have_limits or wanted != had


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a document would change; ``newest_digest`` is that of the newest version stored, None: there is none."""

    policy: str
    document: dict[str, Any]
    newest_digest: str | None
    looks: tuple[Look, ...]
    left_out: int


async def look(
    journal: Journal, one: ClusterSettings, now: ConfiguredCluster, document: PolicyDocument, *, days: float
) -> Look:
    """One cluster under ``now`` and under another policy; nothing is changed or kept.

    Args:
        days: so much of the kept samples is lived through again under both; 0: none.

    Raises:
        StorageError: the journal cannot be read.
    """
    seen = Look(
        cluster_id=one.id,
        policy=now.policy.title,
        policy_version=now.policy_version,
        limits=now.cluster_document().build_limits(),
    )
    try:
        other = configured(one, document, None)
    except InvalidInput as problem:
        return replace(seen, trouble=str(problem))
    seen = replace(seen, would_have_limits=other.cluster_document().build_limits())
    newest = await journal.newest(one.id)
    if newest is None:
        return seen
    would_decide = await _decide_again(journal, newest.id, other, one.id)
    seen = replace(seen, decided=newest.decision, would_decide=would_decide)
    if days <= 0:
        return seen
    since = newest.decision.at - timedelta(days=days)
    samples = tuple(found.sample for found in await journal.samples(one.id, since=since))
    was, would_be = await asyncio.to_thread(_trials, now, other, samples)
    return replace(seen, was=was, would_be=would_be)


async def _decide_again(journal: Journal, entry_id: int, other: ConfiguredCluster, cluster_id: str) -> Decision:
    """The other policy on the latest snapshot, by the one function that decides.

    It sees a forecast only where the cluster's own policy has the same forecaster: another one is not fitted for it.
    """
    explained = await explain(journal, cluster_id, entry_id)
    document, snapshot, entry = other.policy_document(), explained.snapshot, explained.entry
    policy, mine = document.build_policy(), explained.settings.policy_document()
    recent = snapshot.recent
    if entry.inputs.recent_to is not None:
        back = timedelta(seconds=max(policy.recent_seconds, LEAST_RECENT_SECONDS))
        seen = await journal.samples(cluster_id, since=snapshot.at - back, until=entry.inputs.recent_to)
        signals = document.build_signals()
        recent = tuple(counted(one.sample, signals, snapshot.worth) for one in seen if one.seen_at <= snapshot.at)
    same_eyes = (document.forecaster, document.forecaster_settings) == (mine.forecaster, mine.forecaster_settings)
    snapshot = replace(
        snapshot,
        limits=other.cluster_document().build_limits(),
        prices=other.build_prices(),
        recent=recent,
        forecast=snapshot.forecast if same_eyes else None,
    )
    rules, memory = document.build_rules(), entry.inputs.memory
    decision, _ = await asyncio.to_thread(decide, snapshot, policy, rules, memory)
    return decision


def _trials(now: ConfiguredCluster, other: ConfiguredCluster, samples: Sequence[Sample]) -> tuple[Trial | None, ...]:
    trace = trace_of(now.id, samples)
    return (None, None) if trace is None else (_trial(now, trace), _trial(other, trace))


def _trial(one: ConfiguredCluster, trace: Trace) -> Trial:
    document, cluster = one.policy_document(), one.cluster_document()
    course = Course(
        trace=trace,
        policy=document.build_policy(),
        cluster=cluster.build_spec(seed=one.seed),
        limits=cluster.build_limits(),
        forecaster=document.build_forecaster(),
        rules=document.build_rules(),
        prices=one.build_prices(),
        outlook=OutlookSettings(signals=document.build_signals()),
        step_seconds=STEP_SECONDS,
    )
    found = score(run(course))
    return Trial(acu_hours=found.acu_hours, usd=found.usd, throttled_fraction=found.throttled_time_fraction)


def trace_of(name: str, samples: Sequence[Sample]) -> Trace | None:
    """The demand of samples in steps of a minute; None: nothing was measured. What is rolled up is spread out again."""
    places: dict[float, float] = {}
    start: datetime | None = None
    for sample in samples:
        if sample.demand_acu is None:
            continue
        start = start or sample.at
        first = (sample.at - start).total_seconds() // GRAIN_SECONDS
        for place in range(max(1, round(sample.seconds / GRAIN_SECONDS))):
            offset = (first + place) * GRAIN_SECONDS
            places[offset] = max(sample.demand_acu, places.get(offset, 0.0))
    if start is None:
        return None
    offsets = sorted(places)
    return Trace(
        name=name,
        start=start,
        step_seconds=GRAIN_SECONDS,
        offset_seconds=np.array(offsets),
        demand_acu=np.array([places[offset] for offset in offsets]),
    )
