"""A tick never waits for a choice that is made elsewhere."""

import asyncio
from datetime import timedelta

from autoscaler.backtest.tuning.choose import Choice
from autoscaler.backtest.tuning.tuner import Tried, Tuner
from autoscaler.core.history import History
from autoscaler.core.ports import FittedForecaster, Forecaster
from autoscaler.errors import AutoscalerError
from autoscaler.service.due import FIT_AGAIN_AFTER, tune_when_due
from autoscaler.service.fitting import InThreads
from autoscaler.service.job import Mind
from models.outlook import Outlook, OutlookSettings
from tests.fakes import MONDAY
from tests.service.test_fitting import a_tuner

AT = MONDAY + timedelta(days=2, minutes=2)


class Elsewhere:
    """Whoever asks gets a promise, which a test keeps or breaks."""

    elsewhere = True

    def __init__(self) -> None:
        self.promises: list[asyncio.Future[Tried]] = []

    async def fit(self, forecaster: Forecaster, history: History) -> FittedForecaster | None:
        return None

    def choose(self, tuner: Tuner) -> "asyncio.Future[Tried] | None":
        self.promises.append(asyncio.get_running_loop().create_future())
        return self.promises[-1]


def a_mind() -> Mind:
    return Mind(outlook=Outlook(None, OutlookSettings()), tuner=a_tuner())


def left_alone(reason: str) -> Tried:
    choice = Choice(place=0, by_price=0, family="left alone", reason=reason)
    return Tried(start=MONDAY, days=2, choice=choice, planned=None)


async def test_the_choice_before_decides_until_the_new_one_is_there() -> None:
    fits, mind = Elsewhere(), a_mind()
    for minute in range(3):
        await tune_when_due(fits, mind, AT + timedelta(minutes=minute))
    assert (len(fits.promises), mind.tuner.tuning(AT)) == (1, None)

    fits.promises[0].set_result(left_alone("it is calm"))
    await tune_when_due(fits, mind, AT + timedelta(minutes=3))

    told = mind.tuner.tuning(AT + timedelta(minutes=3))
    assert told is not None
    assert (told.reason, told.chosen_at) == ("it is calm", AT + timedelta(minutes=3))
    await tune_when_due(fits, mind, AT + timedelta(minutes=4))
    assert len(fits.promises) == 1


async def test_a_choice_that_failed_is_asked_for_again_later() -> None:
    fits, mind = Elsewhere(), a_mind()
    await tune_when_due(fits, mind, AT)
    fits.promises[0].set_exception(AutoscalerError("its process died"))
    for minute in range(1, 15):
        await tune_when_due(fits, mind, AT + timedelta(minutes=minute))
    assert len(fits.promises) == 1

    await tune_when_due(fits, mind, AT + timedelta(minutes=1) + FIT_AGAIN_AFTER)
    assert len(fits.promises) == 2


async def test_in_this_process_a_choice_is_waited_for() -> None:
    mind = a_mind()
    await tune_when_due(InThreads(), mind, AT)
    told = mind.tuner.tuning(AT)
    assert told is not None
    assert told.chosen_at == AT
