"""One tick of one cluster: look, decide, write it down, act, write down what came of it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from autoscaler.core.capacity import Range, Status
from autoscaler.core.cost import acu_hours
from autoscaler.core.decide import decide
from autoscaler.core.decision import Decision, Memory
from autoscaler.core.ports import Reading
from autoscaler.core.samples import Sample
from autoscaler.core.snapshot import Snapshot
from autoscaler.errors import ClusterBusy, ClusterError
from autoscaler.observability.traces import span
from autoscaler.service.clock import Stopwatch
from autoscaler.service.due import fit_when_due, tune_when_due
from autoscaler.service.job import Job, Means, Mind
from autoscaler.service.remembering import believed, notice_late_success, remember_outcome
from autoscaler.service.sleeping import learn_resumes
from autoscaler.service.views import TickReport
from autoscaler.storage.entries import Inputs, Record, State
from models.outlook import made_usable


async def tick(job: Job, means: Means, mind: Mind, at: datetime) -> TickReport:
    """Decide about a cluster and see to it.

    After a ClusterError nothing has happened, and ``mind`` can be used again. After any other error it must
    be restored from the journal.

    Raises:
        ClusterError: the cluster did not tell its status.
        StorageError: the journal could not be written; before the provider was called, or after.
    """
    stopwatch = Stopwatch()
    reading = await _read(job, means, mind.outlook.newest_at)
    status, fresh = reading.status, tuple(_unseen(reading.samples, mind.outlook.newest_at))
    mind.outlook.observe(fresh)
    await learn_resumes(job, means, mind, status, at)
    mind.use = mind.use if job.prices.budget is None else mind.use.with_samples(fresh)
    mind.tuner.observe(fresh)
    unfitted = await fit_when_due(job, means, mind, at)
    await tune_when_due(means.fits, mind, at)
    snapshot = _look(job, means, mind, status, at)
    notice_late_success(mind, status)
    before = believed(mind, job, at)
    decision, memory = decide(snapshot, job.policy, job.rules, before)
    if snapshot.control.acts:
        means.caps.count(decision, blind=snapshot.blind_seconds > job.rules.max_blind_seconds)
    record = _record(job, mind, snapshot, decision, memory, before=before, fresh=fresh)
    with span("journal write"):
        entry_id = await means.journal.write(record)
    _remember(mind, record)
    mind.sighting = mind.sighting.asking(record)
    state, detail = await _carry_out(job, means, record, entry_id, seen=status)
    remember_outcome(mind, record, state, job.rules)
    if job.ledger is not None and means.ledgers is not None:
        await means.ledgers.saw(job.ledger, snapshot, fresh)
    if means.remembered is not None:
        means.remembered.saw(job.cluster_id, mind.outlook.sleep, at)
    report = _report(job, snapshot, decision, fresh=fresh)
    return replace(
        report,
        seconds=stopwatch.seconds,
        outcome=state.value,
        detail=detail,
        unmeasured=reading.unmeasured,
        unfitted=unfitted,
    )


def _report(job: Job, snapshot: Snapshot, decision: Decision, *, fresh: tuple[Sample, ...]) -> TickReport:
    """What was seen and decided; what came of it is added by who knows."""
    newest = _newest_known(snapshot)
    return TickReport(
        cluster_id=job.cluster_id,
        at=snapshot.at,
        seconds=0.0,
        decision=decision,
        status=snapshot.status,
        demand_acu=None if newest is None else newest.demand_acu,
        demand_at=None if newest is None else newest.at,
        blind_seconds=snapshot.blind_seconds,
        spent=snapshot.spent,
        blind=snapshot.blind_seconds > job.rules.max_blind_seconds,
        forecast=snapshot.forecast,
        fresh=fresh,
        limits=snapshot.limits,
        control=snapshot.control,
        policy=job.policy,
        policy_name=job.policy_name,
        policy_version=job.policy_version,
        document_id=job.document_id,
        drift=snapshot.drift,
        working_set=snapshot.working_set,
    )


async def _read(job: Job, means: Means, after: datetime | None) -> Reading:
    """Status and new samples; a cluster without metrics is still decided about, blind as that may be."""
    reader, account = means.readers.get(job.account), means.accounts.of(job.account)
    if reader is not None:
        return await reader.read(job.cluster_id, after)
    status = await account.attempt(lambda: means.ask(job.cluster.status(), "status"))
    try:
        samples = await account.attempt(lambda: means.ask(job.cluster.samples_since(after), "metrics"))
    except ClusterError as problem:
        return Reading(status=status, unmeasured=str(problem))
    return Reading(status=status, samples=samples)


def _unseen(samples: Iterable[Sample], newest_at: datetime | None) -> Iterable[Sample]:
    """What the outlook will take: repeated and late samples are left out here as there."""
    for sample in samples:
        if newest_at is None or sample.at > newest_at:
            newest_at = sample.at
            yield made_usable(sample)


def _look(job: Job, means: Means, mind: Mind, status: Status, at: datetime) -> Snapshot:
    control = means.steering.control(job.cluster_id, at=at, mode=job.mode)
    orders = means.steering.orders(job.cluster_id)
    mind.sighting = mind.sighting.look(status, mode=control.mode, orders=orders, at=at)
    snapshot = mind.outlook.snapshot(
        cluster_id=job.cluster_id,
        at=at,
        limits=job.limits,
        status=status,
        prices=job.prices,
        control=control,
        tuning=mind.tuner.tuning(at),
    )
    return replace(
        snapshot,
        drift=mind.sighting.drift,
        fleet=means.caps.allowance(job.cluster_id, at),
        spending=None if job.prices.budget is None else mind.use.spending(at),
    )


def _record(
    job: Job,
    mind: Mind,
    snapshot: Snapshot,
    decision: Decision,
    memory: Memory,
    *,
    before: Memory,
    fresh: tuple[Sample, ...],
) -> Record:
    recent, forecast = snapshot.recent, snapshot.forecast
    made_at = None if forecast is None else forecast.made_at
    return Record(
        decision=decision,
        memory=memory,
        inputs=Inputs(
            status=snapshot.status,
            blind_seconds=snapshot.blind_seconds,
            control=snapshot.control,
            memory=before,
            recent_from=recent[0].at if recent else None,
            recent_to=recent[-1].at if recent else None,
            forecast_made_at=made_at,
            fitted_at=mind.fitted_at,
            drift=snapshot.drift,
            acu_hours=_used_acu_hours(mind.acu_hours, fresh),
            fleet=snapshot.fleet,
            spending=snapshot.spending,
            tuning=snapshot.tuning,
            activity=snapshot.activity,
            worth=snapshot.worth,
            working_set=snapshot.working_set,
        ),
        document_id=job.document_id,
        samples=fresh,
        forecast=None if made_at == mind.kept_forecast_at else forecast,
    )


def _remember(mind: Mind, record: Record) -> None:
    mind.memory = record.memory
    mind.decided_at = record.decision.at
    mind.kept_forecast_at = record.inputs.forecast_made_at
    mind.acu_hours = record.inputs.acu_hours


def _used_acu_hours(before: float | None, fresh: Iterable[Sample]) -> float | None:
    """All that was ever used: kept with the decision, so that nobody has to add it up again."""
    for sample in fresh:
        if sample.capacity_acu is not None:
            before = (before or 0.0) + acu_hours(sample.capacity_acu, sample.seconds)
    return before


async def _carry_out(
    job: Job, means: Means, record: Record, entry_id: int, *, seen: Status
) -> tuple[State, str | None]:
    """Ask for the range, once, unless the kill switch went on meanwhile; what is refused is decided about anew.

    No provider compares before it sets, so the range is read again just before: nobody else's change of the
    last moments is overwritten unseen.

    Raises:
        LeaseLost: nothing was asked; whoever acts by now finds the plan and settles it.
    """
    if record.state is not State.PLANNED:
        return record.state, record.outcome
    try:
        state, detail = await means.accounts.of(job.account).attempt(
            lambda: _change(job, means, record.decision.after, seen), calls=2
        )
    except ClusterBusy as busy:
        state, detail = State.REFUSED, str(busy)
    except ClusterError as problem:
        state, detail = State.FAILED, str(problem)
    await means.journal.finish(entry_id, state, outcome=detail, at=means.clock.now())
    return state, detail


async def _change(job: Job, means: Means, wanted: Range, seen: Status) -> tuple[State, str | None]:
    """Ask for a range, unless it is another by now than was seen, or the kill switch is on."""
    now = await means.ask(job.cluster.status(), "status")
    means.lead.demand(means.call_seconds)
    halted = means.steering.look_at_the_switch()
    if halted:
        return State.NOT_ENFORCED, f"the kill switch is on: {halted}"
    if (now.range, now.requested) != (seen.range, seen.requested):
        return State.REFUSED, f"somebody else changed the range to {now.requested or now.range} meanwhile"
    await means.ask(job.cluster.apply(wanted), "change")
    return State.APPLIED, None


def _newest_known(snapshot: Snapshot) -> Sample | None:
    return next((sample for sample in reversed(snapshot.recent) if sample.demand_acu is not None), None)
