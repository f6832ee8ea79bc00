"""What was learned about sleep comes back from the store as it was, or is refused."""

from datetime import timedelta
from math import inf, isnan, nan
from pathlib import Path

import numpy as np
import pytest

from autoscaler.core.samples import Sample
from autoscaler.errors import InvalidInput, LeaseLost
from autoscaler.service.keeping import RetentionSettings
from autoscaler.storage.backfills import Backfills
from autoscaler.storage.database import Database
from autoscaler.storage.repositories import Clusters, Journal
from autoscaler.storage.sleep import Learned, SleepStates, packed, unpacked
from models.state import State
from tests.fakes import MONDAY
from tests.storage.builders import empty_store, make_decision, make_record, url_in

STATE: State = {
    "model": "activity",
    "idle": 3,
    "use": nan,
    "newest": -inf,
    "table": np.array([[1.5, nan], [0.1, -3.0]]),
}


class Elsewhere:
    """A fence behind which somebody else acts."""

    async def check(self, connection: object) -> None:
        raise LeaseLost("somebody else acts")


async def known(database: Database) -> SleepStates:
    await Clusters(database).register("orders", at=MONDAY, document={})
    return SleepStates(database)


async def test_the_newest_state_of_a_cluster_is_kept(tmp_path: Path) -> None:
    async with empty_store(url_in(tmp_path)) as database:
        states = await known(database)
        assert await states.read("orders") is None
        for idle in (3, 4):
            await states.write({"orders": Learned(at=MONDAY, state={**STATE, "idle": idle})})
        learned = await states.read("orders")
    assert learned is not None
    assert learned.at == MONDAY
    assert learned.state["idle"] == 4
    assert isnan(float(learned.state["use"]))
    assert learned.state["newest"] == -inf
    np.testing.assert_array_equal(learned.state["table"], STATE["table"])


async def test_what_was_learned_before_the_past_was_read_is_learned_anew(tmp_path: Path) -> None:
    sample = Sample(at=MONDAY - timedelta(days=3), seconds=300, demand_acu=1.0)
    live = Sample(at=MONDAY, seconds=300, demand_acu=1.0)
    async with empty_store(url_in(tmp_path)) as database:
        states = await known(database)
        await Journal(database).write(make_record(make_decision(), samples=(live,)))
        await states.write({"orders": Learned(at=MONDAY, state=STATE)})
        backfills = Backfills(database)
        one = await backfills.begin("orders", at=MONDAY)
        assert one is not None
        later = MONDAY + timedelta(hours=1)
        await backfills.keep(
            one, [sample], upto=one.before, at=later, kept=RetentionSettings().build(recent_seconds=900.0)
        )
        assert await states.read("orders") is None
        await states.write({"orders": Learned(at=later + timedelta(hours=1), state=STATE)})
        assert await states.read("orders") is not None


async def test_a_replica_that_no_longer_acts_keeps_nothing(tmp_path: Path) -> None:
    async with empty_store(url_in(tmp_path)) as database:
        states = await known(database)
        with pytest.raises(LeaseLost):
            await SleepStates(database, Elsewhere()).write({"orders": Learned(at=MONDAY, state=STATE)})
        assert await states.read("orders") is None


@pytest.mark.parametrize(
    "damage",
    [
        {"shape": [2, 2], "numbers": "no base64!"},
        {"shape": [2, 2], "numbers": "AAAA"},
        {"shape": [3], "numbers": packed(STATE)["table"]["numbers"]},
        {"shape": [10**12], "numbers": ""},
        {"number": "many"},
        {},
    ],
)
def test_a_damaged_state_is_refused(damage: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match="a damaged table; fit the model anew"):
        unpacked(packed(STATE) | {"table": damage})
