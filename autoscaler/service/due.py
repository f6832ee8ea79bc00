"""What may be due before a decision: a fit of the forecaster, a tuning of the policy."""

import asyncio
from datetime import datetime, timedelta

from autoscaler.service.job import Job, Means, Mind

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


async def tune_when_due(means: Means, mind: Mind, at: datetime) -> None:
    """Backtests on the cluster's own past, beside the event loop; the choice is in force from this tick on."""
    if mind.tuner.due:
        await asyncio.get_running_loop().run_in_executor(means.executor, mind.tuner.tune, at)
