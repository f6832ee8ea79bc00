"""For how long this replica may act: always on a file, while it holds the lease on a server."""

import asyncio
from typing import NoReturn, Protocol

from autoscaler.errors import LeaseLost, StorageError
from autoscaler.service.clock import Stopwatch
from autoscaler.storage.database import Database
from autoscaler.storage.lease import Fence, Leases, Open, Token

# So often in its length a lease is renewed: a renewal may fail several times before it matters.
RENEWALS = 5


class Lead(Protocol):
    """The right to act."""

    @property
    def fence(self) -> Fence:
        """What every write of the one who acts has to pass."""
        ...

    def demand(self, seconds: float) -> None:
        """Make sure of the next ``seconds``: a provider cannot be fenced, so no call may outlast the lease.

        Raises:
            LeaseLost: another replica may act before they are over.
        """
        ...

    async def keep(self) -> str:
        """Hold on to it; returns only when it is lost, with the reason."""
        ...

    async def release(self) -> None:
        """Leave it to the next one, at once."""
        ...


class Alone:
    """Of a store on a file there is one process, and nobody to take over."""

    fence: Fence = Open()

    def demand(self, seconds: float) -> None:
        """There is all the time in the world."""

    async def keep(self) -> NoReturn:
        while True:
            await asyncio.Event().wait()

    async def release(self) -> None:
        """There is nobody to leave it to."""


ALONE = Alone()


class Tenure:
    """A lease that is held. Its end is told by our own stopwatch, which starts before the database's does."""

    def __init__(self, leases: Leases, token: Token, *, seconds: float, since: Stopwatch) -> None:
        self.fence = token
        self._leases = leases
        self._seconds = seconds
        self._since = since

    def demand(self, seconds: float) -> None:
        left = self._seconds - self._since.seconds
        if left < seconds:
            raise LeaseLost(f"lease {self.fence.number} ends in {left:.1f} s, and a call may take {seconds:g} s")

    async def keep(self) -> str:
        while True:
            await asyncio.sleep(self._seconds / RENEWALS)
            try:
                await self._renew()
            except LeaseLost as lost:
                return str(lost)
            except (StorageError, TimeoutError) as problem:
                if self._since.seconds >= self._seconds:
                    return f"the lease ran out and could not be renewed: {problem}"

    async def release(self) -> None:
        async with asyncio.timeout(self._seconds / RENEWALS):
            await self._leases.release(self.fence)

    async def _renew(self) -> None:
        since = Stopwatch()
        async with asyncio.timeout(self._seconds / RENEWALS):
            await self._leases.renew(self.fence)
        self._since = since


class Candidate:
    """Asks for the right to act."""

    def __init__(self, database: Database, *, holder: str, seconds: float, share: str = "") -> None:
        """``share`` tells which clusters it is about; nothing: all."""
        self._leases = None if database.on_file else Leases(database, holder=holder, seconds=seconds, share=share)
        self._prepared = not share
        self._seconds = seconds
        self.holder = holder

    async def stand(self) -> Lead | None:
        """Take it if nobody else has it.

        Raises:
            StorageError: the store cannot be used.
        """
        if self._leases is None:
            return ALONE
        if not self._prepared:
            await self._leases.prepare()
            self._prepared = True
        since = Stopwatch()
        token = await self._leases.acquire()
        return None if token is None else Tenure(self._leases, token, seconds=self._seconds, since=since)
