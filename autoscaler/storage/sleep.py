"""What was learned about the sleep of clusters, so that a restart need not live through five weeks again."""

import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import prod
from typing import Any

import numpy as np
from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert as insert_into_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_into_sqlite

from autoscaler.errors import InvalidInput
from autoscaler.storage.backfill_tables import BackfillTable
from autoscaler.storage.database import Database
from autoscaler.storage.lease import Fence, Open
from autoscaler.storage.sleep_tables import SleepTable
from models.state import State

# No model stores a larger array; a damaged text must not fill the memory.
MOST_NUMBERS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What was known of a cluster's sleep ``at`` a moment."""

    at: datetime
    state: State


class SleepStates:
    """In the store; with a fence, only for the replica that acts to write."""

    def __init__(self, database: Database, fence: Fence | None = None) -> None:
        self._database = database
        self._fence = fence or Open()

    async def write(self, learned: Mapping[str, Learned]) -> None:
        """Keep these instead of what was kept of the same clusters; all of it or nothing.

        Raises:
            LeaseLost: another replica acts by now.
            StorageError: it could not be kept.
        """
        if not learned:
            return
        insert = insert_into_sqlite if self._database.on_file else insert_into_postgresql
        adding = insert(SleepTable)
        news = {name: adding.excluded[name] for name in ("at", "state")}
        rows = [{"cluster_id": name, "at": one.at, "state": packed(one.state)} for name, one in learned.items()]
        async with self._database.write() as connection:
            await self._fence.check(connection)
            await connection.execute(adding.on_conflict_do_update(index_elements=["cluster_id"], set_=news), rows)

    async def read(self, cluster_id: str) -> Learned | None:
        """What is kept of a cluster; what was learned before its past was read is of no use any more.

        Raises:
            InvalidInput: it is damaged.
            StorageError: it could not be read.
        """
        past_read = exists().where(
            BackfillTable.cluster_id == SleepTable.cluster_id,
            BackfillTable.samples > 0,
            BackfillTable.ended_at > SleepTable.at,
        )
        wanted = select(SleepTable).where(SleepTable.cluster_id == cluster_id, ~past_read)
        async with self._database.read() as connection:
            row = (await connection.execute(wanted)).first()
        return None if row is None else Learned(at=row.at, state=unpacked(row.state))


def packed(state: State) -> dict[str, Any]:
    """As JSON has it: an array is its shape and its numbers, compressed; what is no number is a text."""
    return {key: _packed(value) for key, value in state.items()}


def unpacked(document: Mapping[str, Any]) -> State:
    """The state that was packed.

    Raises:
        InvalidInput: it is damaged.
    """
    return {key: _unpacked(key, value) for key, value in document.items()}


def _packed(value: object) -> object:
    if isinstance(value, np.ndarray):
        numbers = zlib.compress(np.ascontiguousarray(value, dtype="<f8").tobytes())
        return {"shape": list(value.shape), "numbers": b64encode(numbers).decode("ascii")}
    if isinstance(value, float):
        return {"number": repr(value)}  # JSON has neither NaN nor infinity
    return value


def _unpacked(key: str, value: Any) -> Any:  # noqa: ANN401 - JSON
    if not isinstance(value, Mapping):
        return value
    try:
        if "number" in value:
            return float(value["number"])
        shape = tuple(int(length) for length in value["shape"])
        most = prod(shape)
        if most > MOST_NUMBERS:
            raise ValueError(shape)
        inflating = zlib.decompressobj()
        numbers = inflating.decompress(b64decode(value["numbers"]), 8 * most + 1)
        return np.frombuffer(numbers, dtype="<f8").reshape(shape).copy()
    except (KeyError, TypeError, ValueError, zlib.error):
        raise InvalidInput(f"the stored state has a damaged {key}; fit the model anew") from None
