"""Works off the queue of backtests: one at a time, in a process of its own, so that no tick waits for it."""

import asyncio
import json
import os
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any

import structlog

from autoscaler.backtest.job import Order
from autoscaler.backtest.outputs import REPORT, SUMMARY
from autoscaler.backtest.processes import run_in_processes
from autoscaler.core.ports import Clock
from autoscaler.core.samples import Sample
from autoscaler.errors import AutoscalerError, InvalidInput, NotPossible, StorageError
from autoscaler.service.advising import AdviceOrder, Advisor
from autoscaler.service.backtest_orders import BacktestOrder
from autoscaler.service.clock import SystemClock
from autoscaler.storage.archive import Archive
from autoscaler.storage.audit import Deed
from autoscaler.storage.backtests import Backtests, Job, JobState
from autoscaler.storage.database import Database
from autoscaler.storage.once import Once
from autoscaler.storage.rollup import FIVE_MINUTES

# Somebody else on the same store may have queued one: then it begins no later than this.
POLL_SECONDS = 15.0
TELL_SECONDS = 1.0

log = structlog.get_logger(__name__)


class _Cancelled(Exception):
    """Nobody wants the rest."""


@dataclass(slots=True)
class _Course:
    """How far a run has come, told between its thread and the event loop."""

    stop: Event = field(default_factory=Event)
    doing: str = "starting"
    fraction: float = 0.0

    def note(self, _: str, doing: str, done: int, steps: int) -> None:
        """What a run tells now and then; the moment to end it."""
        if self.stop.is_set():
            raise _Cancelled
        self.doing, self.fraction = doing, done / steps if steps else 0.0


def order_of(document: Mapping[str, Any]) -> BacktestOrder | AdviceOrder:
    """An order as it was kept."""
    kind = AdviceOrder if "cluster_ids" in document else BacktestOrder
    return kind.model_validate(document)


class BacktestDesk:
    """Takes orders for backtests and carries them out; ``clock`` tells cluster time, for the past of a cluster.

    A recommendation is a backtest, too: of everything there is, for one cluster or many.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        advisor: Advisor,
        now: Callable[[], datetime] | None = None,
        tell_seconds: float = TELL_SECONDS,
    ) -> None:
        self.jobs = Backtests(database)
        self._archive = Archive(database)
        self._clock = clock
        self._advisor = advisor
        self._now = now or SystemClock().now
        self._tell_seconds = tell_seconds
        self._owner = f"{socket.gethostname()}:{os.getpid()}"
        self._wake = asyncio.Event()

    async def order(self, order: BacktestOrder, *, actor: str, request_id: str, once: Once | None) -> Job:
        """Queue it, if it can be carried out.

        Raises:
            InvalidInput: it cannot be, or too many wait.
        """
        order.check()
        history = await self._history(order)
        await asyncio.to_thread(_try_out, order, history)
        deed = Deed(at=self._now(), actor=actor, request_id=request_id, action="backtest.order")
        return await self._queue(order, order.cluster_id, deed, once)

    async def order_advice(self, order: AdviceOrder, *, actor: str, request_id: str, once: Once | None) -> Job:
        """Queue it; whom it cannot be given about, and why, is told in the end.

        Raises:
            InvalidInput: too many wait.
        """
        deed = Deed(at=self._now(), actor=actor, request_id=request_id, action="advice.order")
        only = order.cluster_ids[0] if len(order.cluster_ids) == 1 else None
        return await self._queue(order, only, deed, once)

    async def _queue(
        self, order: BacktestOrder | AdviceOrder, cluster_id: str | None, deed: Deed, once: Once | None
    ) -> Job:
        job_id = await self.jobs.add(order.model_dump(mode="json"), cluster_id, deed, once)
        self._wake.set()
        return await self.jobs.find(job_id)

    async def cancel(self, job_id: int, *, actor: str, request_id: str) -> Job:
        """End it.

        Raises:
            UnknownName: there is none.
            NotPossible: it has ended already.
        """
        await self.jobs.find(job_id)
        await self.jobs.cancel(
            job_id, Deed(at=self._now(), actor=actor, request_id=request_id, action="backtest.cancel")
        )
        return await self.jobs.find(job_id)

    async def work(self) -> None:
        """Carry out one after the other, until it is cancelled."""
        while True:
            if not await self.work_one():
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._wake.wait()
                self._wake.clear()

    async def work_one(self) -> bool:
        """Carry out what has waited longest; False when nothing waits."""
        job = await self.jobs.claim(self._owner, self._now())
        if job is None:
            return False
        course = _Course()
        telling = asyncio.create_task(self._tell(job.id, course), name=f"tell of backtest {job.id}")
        try:
            await self._carry_out(job, course)
        except asyncio.CancelledError:
            await asyncio.shield(self.jobs.requeue(job.id))
            raise
        finally:
            course.stop.set()
            telling.cancel()
        return True

    async def _carry_out(self, job: Job, course: _Course) -> None:
        try:
            order = order_of(job.order)
            if isinstance(order, AdviceOrder):
                summary, report = await self._advisor.carry_out(order, course.note)
            else:
                summary, report = await asyncio.to_thread(_run, order, await self._history(order), course)
        except _Cancelled:
            return
        except StorageError:
            raise
        except AutoscalerError as problem:
            await self.jobs.finish(job.id, JobState.FAILED, self._now(), error=str(problem))
            return
        except Exception:  # a fault of ours ends this job and no other
            log.exception("backtest_failed", id=job.id)
            await self.jobs.finish(job.id, JobState.FAILED, self._now(), error="a fault of the service; see its log")
            return
        await self.jobs.finish(job.id, JobState.DONE, self._now(), summary=summary, report=report)
        log.info("backtest", id=job.id, policy=order.policy_name, workload=order.workload)

    async def _tell(self, job_id: int, course: _Course) -> None:
        while True:
            await asyncio.sleep(self._tell_seconds)
            goes_on = await self.jobs.tell(
                job_id, doing=course.doing, progress_fraction=course.fraction, at=self._now()
            )
            if not goes_on:
                course.stop.set()
                return

    async def _history(self, order: BacktestOrder) -> tuple[Sample, ...]:
        if order.cluster_id is None:
            return ()
        now = self._clock.now()
        since = now - timedelta(days=order.days)
        return await self._archive.rolled_samples(order.cluster_id, FIVE_MINUTES, since=since, until=now)


def _try_out(order: BacktestOrder, history: tuple[Sample, ...]) -> None:
    with TemporaryDirectory(prefix="autoscaler-backtest-") as folder:
        try:
            order.request(Path(folder), history)
        except NotPossible:
            raise
        except InvalidInput as problem:  # no path of this machine is told
            raise InvalidInput(str(problem).replace(f"{folder}/", "")) from None


def _run(order: BacktestOrder, history: tuple[Sample, ...], course: _Course) -> tuple[dict[str, object], str]:
    """In a thread, which waits for the process; returns the summary and the report."""
    with TemporaryDirectory(prefix="autoscaler-backtest-") as name:
        folder, out = Path(name), Path(name) / "out"
        one = Order(name="backtest", folder="out", request=order.request(folder, history), out=out)
        run_in_processes([one], now=SystemClock().now, on_progress=course.note)
        summary = json.loads((out / SUMMARY).read_text(encoding="utf-8"))
        report = (out / REPORT).read_text(encoding="utf-8").replace(f"{name}/", "")
    return {**summary, "trace": order.workload, "policy": order.policy_name}, report
