"""A policy against a recorded or generated workload: the plain loop around ``decide``."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from autoscaler.backtest.tuning.candidates import candidates_of
from autoscaler.backtest.tuning.trial import Trial
from autoscaler.backtest.tuning.tuner import NO_TUNER, Tuner
from autoscaler.core.budget import Use
from autoscaler.core.capacity import Limits, Phase
from autoscaler.core.cost import Prices
from autoscaler.core.decide import after_a_refusal, decide
from autoscaler.core.decision import Decision, Memory, RuleSettings
from autoscaler.core.ports import Forecaster, Policy
from autoscaler.core.snapshot import Snapshot
from autoscaler.core.trace import Interpolation, Trace, sample_evenly
from autoscaler.errors import ClusterBusy, InvalidInput
from autoscaler.simulator.cluster import ClusterSpec, SimulatedCluster
from models.cold_start import prior_of
from models.outlook import Outlook, OutlookSettings, made_usable
from policies.combinators import dial_of, families_of

PHASES = tuple(Phase)
PHASE_CODES = {phase: code for code, phase in enumerate(PHASES)}
STEPS_PER_REPORT = 2000
# Waiting and scaling rules look at least this far back, whatever the policy needs.
LEAST_RECENT_SECONDS = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to run: who decides how often, on which cluster, under which load."""

    trace: Trace
    policy: Policy
    cluster: ClusterSpec
    limits: Limits
    forecaster: Forecaster | None = None
    rules: RuleSettings = field(default_factory=RuleSettings)
    prices: Prices = field(default_factory=Prices)
    outlook: OutlookSettings = field(default_factory=OutlookSettings)
    step_seconds: float = 15.0
    decide_seconds: float = 60.0
    interpolation: Interpolation = Interpolation.HOLD
    score_from: datetime | None = None

    def __post_init__(self) -> None:
        if self.step_seconds <= 0 or self.decide_seconds <= 0:
            raise InvalidInput("a step and the time between decisions must be above 0 seconds")
        ratio = self.decide_seconds / self.step_seconds
        if abs(ratio - round(ratio)) > 1e-9 or ratio < 1:
            raise InvalidInput(
                f"deciding every {self.decide_seconds:g} s does not fit steps of {self.step_seconds:g} s; "
                "give a multiple of the step"
            )
        if self.score_from is not None and self.score_from >= self.trace.end:
            raise InvalidInput(
                f"scoring from {self.score_from.isoformat()} on leaves nothing: the trace ends at "
                f"{self.trace.end.isoformat()}"
            )

    @property
    def trial(self) -> Trial:
        """What candidates are tried on."""
        return Trial(
            spec=self.cluster.alone(),
            limits=self.limits,
            rules=self.rules,
            price=self.prices.throttling_price * self.cluster.throttling_share,
            max_throttled_fraction=self.prices.max_throttled_fraction,
            turn_seconds=self.decide_seconds,
            keeps_worth=True,
            candidates=candidates_of(families_of(self.policy)),
        )


@dataclass(slots=True)
class Recording:
    """What happened, a value per step; plain lists, since they are written one by one."""

    capacity_acu: list[float] = field(default_factory=list)
    floor_acu: list[float] = field(default_factory=list)
    ceiling_acu: list[float] = field(default_factory=list)
    phase: list[int] = field(default_factory=list)
    backlog_acu_seconds: list[float] = field(default_factory=list)
    served_acu_seconds: list[float] = field(default_factory=list)
    throttled_acu_seconds: list[float] = field(default_factory=list)
    pages_read: list[float] = field(default_factory=list)
    # Cumulated: wakes, cold hits, seconds clients waited for a resume.
    wakes: list[int] = field(default_factory=list)
    cold_hits: list[int] = field(default_factory=list)
    cold_wait_seconds: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Result:
    """A finished run: arrays of shape (steps,), and which steps count."""

    plan: Plan
    demand_acu: NDArray[np.float64]
    scored: NDArray[np.bool_]
    capacity_acu: NDArray[np.float64]
    floor_acu: NDArray[np.float64]
    ceiling_acu: NDArray[np.float64]
    phase: NDArray[np.int8]
    backlog_acu_seconds: NDArray[np.float64]
    served_acu_seconds: NDArray[np.float64]
    throttled_acu_seconds: NDArray[np.float64]
    pages_read: NDArray[np.float64]
    wakes: NDArray[np.int64]
    cold_hits: NDArray[np.int64]
    cold_wait_seconds: NDArray[np.float64]
    changed_at: tuple[datetime, ...]


def run(
    plan: Plan,
    *,
    on_decision: Callable[[Decision], None] | None = None,
    on_snapshot: Callable[[Snapshot, Decision], None] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Result:
    """Run the plan from its trace's first sample to its last.

    Args:
        on_decision: gets every decision, no-ops included, in order.
        on_snapshot: gets what each decision saw, and the decision.
        on_progress: gets steps done and steps in all, now and then.
    """
    stretch = sample_evenly(plan.trace, step_seconds=plan.step_seconds, interpolation=plan.interpolation)
    demand = stretch.demand_acu.tolist()
    measured = stretch.measured.tolist()
    cluster = _simulated(plan, demand[0])
    decisions = _decisions(plan, cluster, on_snapshot)
    every = round(plan.decide_seconds / plan.step_seconds)
    recording = Recording()
    changed_at = []
    for step, demand_acu in enumerate(demand):
        if step % every == 0:
            decision = next(decisions)
            if decision.changes and cluster.status().changed_at == decision.at:
                changed_at.append(decision.at)
            if on_decision is not None:
                on_decision(decision)
        before = cluster.range
        cluster.step(demand_acu, seconds=plan.step_seconds, measured=measured[step])
        _record(recording, cluster, before.floor_acu, before.ceiling_acu)
        if on_progress is not None and step % STEPS_PER_REPORT == 0:
            on_progress(step, len(demand))
    if on_progress is not None:
        on_progress(len(demand), len(demand))
    return _result(plan, recording, stretch.demand_acu, stretch.measured, tuple(changed_at))


def _simulated(plan: Plan, demand_acu: float) -> SimulatedCluster:
    """The plan's cluster at the start of its trace."""
    spec = plan.cluster.publishing_no_finer(plan.trace.step_seconds)
    return SimulatedCluster(spec, at=plan.trace.start, demand_acu=demand_acu)


def _outlook_of(plan: Plan) -> Outlook:
    """The plan's way of looking at samples."""
    recent = max(plan.policy.recent_seconds, LEAST_RECENT_SECONDS)
    dial = dial_of(plan.policy, plan.limits)
    prior = prior_of(plan.cluster.profile.name)
    return Outlook(plan.forecaster, replace(plan.outlook, recent_seconds=recent, dial=dial, resumes=prior))


def _decisions(
    plan: Plan, cluster: SimulatedCluster, on_snapshot: Callable[[Snapshot, Decision], None] | None
) -> Iterator[Decision]:
    """Observe, decide and apply, once for each time it is asked."""
    outlook, memory, use, turn = _outlook_of(plan), Memory(), Use(instances=plan.cluster.instances), 0
    tuner = Tuner(plan.trial) if families_of(plan.policy) else NO_TUNER
    while True:
        at = plan.trace.start + timedelta(seconds=turn * plan.decide_seconds)
        fresh = tuple(map(made_usable, cluster.samples_since(outlook.newest_at)))
        outlook.observe(fresh)
        outlook.sleep.resumed(cluster.resumes.since(outlook.sleep.newest_resume_at))
        tuner.observe(fresh)
        if tuner.due:
            tuner.tune(at)
        use = use if plan.prices.budget is None else use.with_samples(fresh)
        history = outlook.fit_due()
        if history is not None and plan.forecaster is not None:
            outlook.adopt(plan.forecaster.fit(history))
        snapshot = outlook.snapshot(
            cluster_id=plan.cluster.cluster_id,
            at=at,
            limits=plan.limits,
            status=cluster.status(),
            prices=plan.prices,
            tuning=tuner.tuning(at),
        )
        if plan.prices.budget is not None:
            snapshot = replace(snapshot, spending=use.spending(at))
        before = memory
        decision, memory = decide(snapshot, plan.policy, plan.rules, before)
        if on_snapshot is not None:
            on_snapshot(snapshot, decision)
        if decision.changes:
            try:
                cluster.apply(decision.after)
            except ClusterBusy:
                memory = after_a_refusal(memory, before=before, at=at, settings=plan.rules)
        yield decision
        turn += 1


def _record(recording: Recording, cluster: SimulatedCluster, floor_acu: float, ceiling_acu: float) -> None:
    nap = cluster.nap
    recording.capacity_acu.append(cluster.capacity_acu)
    recording.floor_acu.append(floor_acu)
    recording.ceiling_acu.append(ceiling_acu)
    recording.phase.append(PHASE_CODES[cluster.phase])
    recording.backlog_acu_seconds.append(cluster.backlog_acu_seconds)
    recording.served_acu_seconds.append(cluster.served_acu_seconds)
    recording.throttled_acu_seconds.append(cluster.throttled_acu_seconds)
    recording.pages_read.append(cluster.pages_read)
    recording.wakes.append(nap.wakes)
    recording.cold_hits.append(nap.cold_hits)
    recording.cold_wait_seconds.append(nap.cold_wait_seconds)


def _result(
    plan: Plan,
    recording: Recording,
    demand: NDArray[np.float64],
    measured: NDArray[np.bool_],
    changed_at: tuple[datetime, ...],
) -> Result:
    scored = measured.copy()
    if plan.score_from is not None:
        first = (plan.score_from - plan.trace.start) / timedelta(seconds=plan.step_seconds)
        scored[: max(0, int(np.ceil(first - 1e-9)))] = False
    return Result(
        plan=plan,
        demand_acu=demand,
        scored=scored,
        capacity_acu=np.array(recording.capacity_acu),
        floor_acu=np.array(recording.floor_acu),
        ceiling_acu=np.array(recording.ceiling_acu),
        phase=np.array(recording.phase, dtype=np.int8),
        backlog_acu_seconds=np.array(recording.backlog_acu_seconds),
        served_acu_seconds=np.array(recording.served_acu_seconds),
        throttled_acu_seconds=np.array(recording.throttled_acu_seconds),
        pages_read=np.array(recording.pages_read),
        wakes=np.array(recording.wakes),
        cold_hits=np.array(recording.cold_hits),
        cold_wait_seconds=np.array(recording.cold_wait_seconds),
        changed_at=changed_at,
    )
