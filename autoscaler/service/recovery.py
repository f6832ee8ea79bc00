"""What a new process knows of a cluster: all that the old one knew, and what became of its last decision."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from autoscaler.backtest.tuning.candidates import warm_up
from autoscaler.backtest.tuning.tuner import MOST_DAYS
from autoscaler.core.budget import KEPT_DAYS, Use
from autoscaler.errors import InvalidInput
from autoscaler.service.drifting import last_sighting
from autoscaler.service.job import Job, Means, Mind, Past
from autoscaler.service.remembering import is_in_force, memory_after
from autoscaler.storage.entries import JournalEntry, SeenSample, State
from models.outlook import Outlook

# The window that the oldest kept sample falls into must be whole.
SPARE_WINDOWS = 2


async def recover(job: Job, means: Means) -> Mind:
    """Settle what the last process left open, and know again what it knew.

    When many clusters ask at once, most are content with their recent samples: they decide without a forecast until
    there was a place to read the weeks before.

    Raises:
        ClusterError: there is something to settle, and the cluster did not tell its status.
        StorageError: the journal cannot be used.
    """
    await _settle(job, means)
    if job.trial is not None:
        await asyncio.get_running_loop().run_in_executor(means.executor, warm_up)
    newest = await means.journal.newest(job.cluster_id)
    if newest is None:
        outlook = await _begun(job, means, job.new_outlook())
        return Mind(outlook=outlook, tuner=job.new_tuner(), use=Use(instances=job.instances))
    mind = Mind(
        outlook=job.new_outlook(),
        tuner=job.new_tuner(),
        memory=memory_after(newest, newest.state, job.rules),
        decided_at=newest.decision.at,
        kept_forecast_at=newest.inputs.forecast_made_at,
        acu_hours=await _used_acu_hours(job, means, newest),
        use=await _used(job, means, newest.decision.at),
        sighting=last_sighting(newest),
        unanswered=newest if newest.state is State.FAILED else None,
    )
    if job.forecaster is None or not means.histories.places.locked():
        async with means.histories.places:
            mind.outlook.working_set = newest.inputs.working_set
            _go_on_with(await _remember_all(job, means, newest), mind)
        return mind
    mind.outlook = await _begun(job, means, Outlook(None, job.outlook))
    mind.outlook.observe(one.sample for one in await _seen(job, means, newest.inputs.recent_from))
    mind.outlook.working_set = newest.inputs.working_set
    mind.rest = means.histories.later(_remember_all(job, means, newest), f"history {job.cluster_id}")
    return mind


def complete(mind: Mind) -> None:
    """Go on with the whole history as soon as it was read; what was seen meanwhile is not forgotten.

    Raises:
        StorageError: it could not be read.
    """
    if mind.rest is not None and mind.rest.done():
        past, meanwhile, mind.rest = mind.rest.result(), mind.outlook.recent, None
        past.outlook.observe(meanwhile)
        past.tuner.observe(meanwhile)
        _go_on_with(past, mind)


def _go_on_with(past: Past, mind: Mind) -> None:
    past.outlook.working_set = mind.outlook.working_set
    mind.outlook, mind.tuner, mind.fitted_at = past.outlook, past.tuner, past.fitted_at
    mind.choosing = None  # by another past


async def _remember_all(job: Job, means: Means, newest: JournalEntry) -> Past:
    outlook = await _begun(job, means, job.new_outlook())
    seen = await _seen(job, means, _needed_since(job, newest, outlook.sleep.newest_sample_at))
    fitted_at = await relive(job, means, outlook, seen, newest)
    tuner = job.new_tuner()  # it chooses anew at the next tick
    tuner.observe(one.sample for one in seen)
    return Past(outlook=outlook, tuner=tuner, fitted_at=fitted_at)


async def _seen(job: Job, means: Means, since: datetime | None) -> tuple[SeenSample, ...]:
    return () if since is None else await means.journal.samples(job.cluster_id, since=since)


async def _used_acu_hours(job: Job, means: Means, newest: JournalEntry) -> float | None:
    """As of the last decision; one of an older version does not tell it, so that all samples are looked at once."""
    known = newest.inputs.acu_hours
    return await means.journal.acu_hours(job.cluster_id) if known is None else known


async def _used(job: Job, means: Means, at: datetime) -> Use:
    """The last weeks' use, where a budget asks for it; rolled up as old samples may be."""
    if job.prices.budget is None:
        return Use()
    seen = await means.journal.samples(job.cluster_id, since=at - timedelta(days=KEPT_DAYS + 1))
    return Use(instances=job.instances).with_samples(one.sample for one in seen)


async def _settle(job: Job, means: Means) -> None:
    """A planned decision that is in force was carried out; any other is left, for the next tick sees more.

    So it is never asked for twice. Nothing is lost either: whoever decides anew sees the same need.
    """
    planned = await means.journal.planned(job.cluster_id)
    if not planned:
        return
    status = await means.accounts.of(job.account).attempt(lambda: means.ask(job.cluster.status(), "status"))
    for entry in planned:
        if is_in_force(entry.decision, status):
            at = status.changed_at or means.clock.now()
            await means.journal.finish(entry.id, State.APPLIED, outcome="found in force after a restart", at=at)
        else:
            outcome = f"found {status.range} after a restart"
            await means.journal.finish(entry.id, State.ABANDONED, outcome=outcome, at=means.clock.now())


async def _begun(job: Job, means: Means, outlook: Outlook) -> Outlook:
    """With what was kept of the cluster's sleep; without it, it is learned anew from all samples."""
    if outlook.sleep.watches and means.remembered is not None:
        state = await means.remembered.of(job.cluster_id)
        with suppress(InvalidInput):
            if state is not None:
                outlook.sleep.restore(state)
    return outlook


async def relive(
    job: Job, means: Means, outlook: Outlook, seen: Sequence[SeenSample], newest: JournalEntry
) -> datetime | None:
    """Let an outlook know the same as the last process's; returns when its forecaster was fitted.

    Samples, fit and the forecast in force come in their order. Models do not care in how many pieces their news
    arrive, so that the forecasts in between need not be made again.
    """
    fitted_at = _fit_in_force(job, newest, seen)
    beside = partial(asyncio.get_running_loop().run_in_executor, means.executor)
    if fitted_at is not None:
        await beside(_observe, outlook, [one for one in seen if one.seen_at <= fitted_at])
        if await _fit_again(job, means, outlook):
            looked_at = newest.inputs.forecast_made_at or fitted_at
            await beside(_observe, outlook, [one for one in seen if fitted_at < one.seen_at <= looked_at])
            await beside(_look_ahead, job, outlook, newest, looked_at)
        else:
            fitted_at = None
    await beside(_observe, outlook, seen)
    return fitted_at


def _observe(outlook: Outlook, seen: Sequence[SeenSample]) -> None:
    """What it knows already it leaves out."""
    outlook.observe(one.sample for one in seen)


async def _fit_again(job: Job, means: Means, outlook: Outlook) -> bool:
    """Whether there is a fit; if not, the next ticks find it due, and tell why it fails."""
    history, fitted = outlook.fit_due(), None
    if history is not None and job.forecaster is not None:
        with suppress(Exception):
            fitted = await means.fits.fit(job.forecaster, history)
    if fitted is not None:
        outlook.adopt(fitted)
    return fitted is not None


def _look_ahead(job: Job, outlook: Outlook, newest: JournalEntry, at: datetime) -> None:
    """A snapshot is what brings the forecast up to date; of this one nothing else is used."""
    outlook.snapshot(
        cluster_id=job.cluster_id, at=at, limits=job.limits, status=newest.inputs.status, prices=job.prices
    )


def _fit_in_force(job: Job, newest: JournalEntry, seen: Sequence[SeenSample]) -> datetime | None:
    """When the forecaster was last fitted; another document may mean another forecaster, which starts afresh.

    So does one that was fitted before the cluster's past was read: it knew nothing of it.
    """
    fitted_at = newest.inputs.fitted_at
    if fitted_at is None or job.forecaster is None or newest.document_id != job.document_id:
        return None
    return None if seen and seen[0].seen_at > fitted_at else fitted_at


def _needed_since(job: Job, newest: JournalEntry, slept_until: datetime | None) -> datetime | None:
    """The oldest sample that may still matter; None when there was none at all.

    What is known of its sleep ends ``slept_until``.
    """
    recent_from, fitted_at = newest.inputs.recent_from, newest.inputs.fitted_at
    if recent_from is not None and newest.document_id != job.document_id:  # another policy may look further back
        recent_from = min(recent_from, newest.decision.at - timedelta(seconds=job.outlook.recent_seconds))
    if recent_from is not None and job.outlook.dial is not None:
        all_of_it = newest.decision.at - timedelta(seconds=job.outlook.kept_seconds)
        recent_from = min(recent_from, slept_until or all_of_it)
    if recent_from is not None and job.trial is not None:
        recent_from = min(recent_from, newest.decision.at - timedelta(days=MOST_DAYS))
    if recent_from is None or job.forecaster is None:
        return recent_from
    kept_seconds = job.outlook.kept_seconds + SPARE_WINDOWS * job.outlook.window_seconds
    return min(recent_from, (fitted_at or recent_from) - timedelta(seconds=kept_seconds))
