"""What may be due before a decision: a fit of the forecaster, a tuning of the policy."""

import asyncio
from datetime import datetime, timedelta

import structlog

from autoscaler.backtest.tuning.tuner import NoTuner, Tried, Tuner
from autoscaler.errors import AutoscalerError
from autoscaler.service.fitting import Fits
from autoscaler.service.job import Job, Means, Mind

log = structlog.get_logger(__name__)

# A fit that failed may take long to fail again, and others wait for its place.
FIT_AGAIN_AFTER = timedelta(minutes=15)


async def fit_when_due(job: Job, means: Means, mind: Mind, at: datetime) -> str | None:
    """Fit beside the event loop, but inside this tick: a replay must see the fit take effect at the same moment."""
    if mind.refit_at is not None and at < mind.refit_at:
        return mind.unfitted
    history = mind.outlook.fit_due()
    if history is None or job.forecaster is None:
        return None
    try:
        fitted = await means.fits.fit(job.forecaster, history)
    except Exception as problem:  # a forecaster is a plug-in: without it there is still a policy, and a cluster
        mind.unfitted, mind.refit_at = f"{type(problem).__name__}: {problem}", at + FIT_AGAIN_AFTER
        return mind.unfitted
    mind.unfitted, mind.refit_at = None, None
    if fitted is not None:
        mind.outlook.adopt(fitted)
        mind.fitted_at = at
    return None


async def tune_when_due(fits: Fits, mind: Mind, at: datetime) -> None:
    """Backtests on the cluster's own past; what they choose is in force from this tick on.

    Where they run elsewhere no tick waits for them: the choice before decides until the new one is there. In this
    process they are waited for.
    """
    if isinstance(mind.tuner, NoTuner):
        return
    if mind.choosing is None and mind.tuner.due and (mind.retune_at is None or at >= mind.retune_at):
        mind.choosing = fits.choose(mind.tuner)
    if mind.choosing is None:
        return
    if not fits.elsewhere:
        await asyncio.wait([mind.choosing])
    if mind.choosing.done():
        _take_over(mind, mind.choosing, mind.tuner, at)


def _take_over(mind: Mind, choosing: "asyncio.Future[Tried]", tuner: Tuner, at: datetime) -> None:
    mind.choosing, mind.retune_at = None, None
    try:
        tuner.adopt(choosing.result(), at)
    except AutoscalerError as problem:
        mind.retune_at = at + FIT_AGAIN_AFTER
        log.warning("choice_failed", error=str(problem))
