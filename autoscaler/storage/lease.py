"""Which replica acts: a row in PostgreSQL with a date of expiry, and a token that grows with every change of hands.

Expiry is told by the database's clock alone, so that the replicas' own clocks need not agree.
"""

from datetime import timedelta
from typing import Protocol

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from autoscaler.errors import LeaseLost
from autoscaler.storage.database import Database
from autoscaler.storage.tables import LeaseTable

ACTING = "acting"
NOW = func.clock_timestamp()  # not now(), which stands still while the statement waits for a lock
FREE = or_(LeaseTable.expires_at.is_(None), LeaseTable.expires_at <= NOW)


class Fence(Protocol):
    """What a write has to pass."""

    async def check(self, connection: AsyncConnection) -> None:
        """Let the transaction of ``connection`` go on, and nobody change hands before it has ended.

        Raises:
            LeaseLost: somebody else acts by now.
        """
        ...


class Open:
    """The fence of a store that one process has to itself."""

    async def check(self, connection: AsyncConnection) -> None:
        """There is nobody else."""


class Token:
    """The right to write, until somebody else takes the lease."""

    def __init__(self, number: int, *, lease: str = ACTING) -> None:
        self.number = number
        self._lease = lease

    async def check(self, connection: AsyncConnection) -> None:
        newest = await connection.scalar(
            select(LeaseTable.token).where(LeaseTable.name == self._lease).with_for_update(read=True)
        )
        if newest != self.number:
            raise LeaseLost(f"the lease has gone to another replica: its token is {newest}, ours was {self.number}")


class Leases:
    """The lease of a fleet, or of a ``share`` of it, on a server that several replicas share."""

    def __init__(self, database: Database, *, holder: str, seconds: float, share: str = "") -> None:
        """``holder`` tells people who it is; without renewal it is free after ``seconds``."""
        self._database = database
        self._name = f"{ACTING} {share}".strip()
        self._free = and_(LeaseTable.name == self._name, FREE)
        self._holder = holder
        self._length = timedelta(seconds=seconds)

    async def acquire(self) -> Token | None:
        """Take the lease if it is free; None while somebody else has it."""
        taken = (
            update(LeaseTable)
            .where(self._free)
            .values(token=LeaseTable.token + 1, holder=self._holder, expires_at=NOW + self._length)
            .returning(LeaseTable.token)
        )
        if not await self._is_free():
            return None
        async with self._database.write() as connection:
            number = await connection.scalar(taken)
        return None if number is None else Token(number, lease=self._name)

    async def prepare(self) -> None:
        """Make the row of a share that nobody has ever taken."""
        fresh = insert(LeaseTable).values(name=self._name, token=0)
        async with self._database.write() as connection:
            await connection.execute(fresh.on_conflict_do_nothing())

    async def renew(self, token: Token) -> None:
        """Keep it for another while.

        Raises:
            LeaseLost: somebody else has it by now.
        """
        kept = (
            update(LeaseTable)
            .where(LeaseTable.name == self._name, LeaseTable.token == token.number)
            .values(expires_at=NOW + self._length)
            .returning(LeaseTable.token)
        )
        async with self._database.write() as connection:
            if await connection.scalar(kept) is None:
                raise LeaseLost(f"the lease with token {token.number} has gone to another replica")

    async def release(self, token: Token) -> None:
        """Give it up at once, if it is still ours."""
        given_up = update(LeaseTable).where(LeaseTable.name == self._name, LeaseTable.token == token.number)
        async with self._database.write() as connection:
            await connection.execute(given_up.values(holder=None, expires_at=None))

    async def _is_free(self) -> bool:
        """Looked at first, so that those who wait write nothing."""
        async with self._database.read() as connection:
            return await connection.scalar(select(LeaseTable.name).where(self._free)) is not None
