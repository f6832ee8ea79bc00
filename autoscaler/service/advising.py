"""Advice about registered clusters by their kept past; nothing about them is changed."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from autoscaler.backtest.advice import Finding, Refusal, rank
from autoscaler.backtest.advising import Known, advise
from autoscaler.backtest.attempts import LEAST_DAYS, Case
from autoscaler.backtest.processes import Tell
from autoscaler.backtest.reports.advice_page import advice_page
from autoscaler.backtest.run import Plan
from autoscaler.config import Document, left_alone
from autoscaler.core.capacity import Range
from autoscaler.core.control import Mode
from autoscaler.core.ports import Clock
from autoscaler.core.trace import Trace
from autoscaler.errors import InvalidInput, UnknownName
from autoscaler.service.backtest_orders import LONGEST_DAYS, trace_of
from autoscaler.service.clock import SystemClock
from autoscaler.service.configured import Bindings, ConfiguredCluster
from autoscaler.service.roster import Member, Roster
from autoscaler.storage.archive import Archive
from autoscaler.storage.database import Database
from autoscaler.storage.policies import Policies
from autoscaler.storage.repositories import Journal
from autoscaler.storage.rollup import FIVE_MINUTES
from policies.native import Native

MOST_CLUSTERS = 10_000
# So many pasts are in memory at a time: a month of one is about a hundred kilobytes.
BATCH = 100
DECIDE_SECONDS = 60.0

ClusterId = Annotated[str, Field(max_length=100)]
Advise = Callable[..., tuple[list[Finding], list[Refusal]]]


class WantedAdvice(Document):
    """What would be best for these clusters, or for all; by so many days of their past."""

    cluster_ids: Annotated[tuple[ClusterId, ...], Field(max_length=MOST_CLUSTERS)] = ()
    days: Annotated[int, Field(ge=LEAST_DAYS, le=LONGEST_DAYS)] = 28
    throttling_price: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None


class AdviceOrder(WantedAdvice):
    """The same, with all of them named."""

    cluster_ids: Annotated[tuple[ClusterId, ...], Field(min_length=1, max_length=MOST_CLUSTERS)]

    @property
    def workload(self) -> str:
        """What it is about, in a word."""
        count = len(self.cluster_ids)
        return f"cluster:{self.cluster_ids[0]}" if count == 1 else f"{count} clusters"

    @property
    def policy_name(self) -> str:
        """What is tried, in a word."""
        return "recommend"


class Advisor:
    """Reads the past of clusters, and has everything tried on it in other processes."""

    def __init__(self, database: Database, roster: Roster, clock: Clock, *, advise: Advise = advise) -> None:
        self._archive, self._journal = Archive(database), Journal(database)
        self._bindings = Bindings(Policies(database))
        self._roster, self._clock, self._advise = roster, clock, advise

    async def carry_out(self, order: AdviceOrder, tell: Tell) -> tuple[dict[str, object], str]:
        """The figures and the page.

        Raises:
            InvalidInput: nothing can be told of any of them.
        """
        await self._bindings.refresh()
        found: list[Finding] = []
        refusals: list[Refusal] = []
        for first, batch in _batches(order.cluster_ids):
            known = [await self._known(cluster_id, order) for cluster_id in batch]
            ready = [one for one in known if isinstance(one, Known)]
            refusals += [one for one in known if isinstance(one, Refusal)]
            if ready:
                told = _share_of(tell, first, len(batch), len(order.cluster_ids))
                more, without = await asyncio.to_thread(self._advise, ready, now=SystemClock().now, on_progress=told)
                found, refusals = rank([*found, *more]), [*refusals, *without]
        if not found:
            raise InvalidInput(refusals[0].reason)
        left_out = [asdict(one) for one in refusals]
        figures: dict[str, object] = {"clusters": [one.advice.document() for one in found], "left_out": left_out}
        return figures, await asyncio.to_thread(advice_page, found, refusals)

    async def _known(self, cluster_id: str, order: AdviceOrder) -> Known | Refusal:
        try:
            member = self._roster.member(cluster_id)
            one = self._bindings.settings_of(member.settings)
            now = self._clock.now()
            since = now - timedelta(days=order.days)
            history = await self._archive.rolled_samples(cluster_id, FIVE_MINUTES, since=since, until=now)
            trace = replace(trace_of(history), name=cluster_id)
            return Known(name=cluster_id, ready=_case(one, trace, await self._today(member, one), order))
        except UnknownName:
            return Refusal(trace=cluster_id, reason=f"{cluster_id} is registered no more")
        except InvalidInput as problem:
            return Refusal(trace=cluster_id, reason=f"{cluster_id}: {problem}")

    async def _today(self, member: Member, one: ConfiguredCluster) -> Range:
        """The range it has; where a policy moves it, the one it was adopted with, or all that its owner allows."""
        newest = await self._journal.newest(one.id)
        if newest is not None and newest.inputs.control.mode is not Mode.ENFORCE:
            return newest.inputs.status.range
        return member.found or left_alone(one.cluster_document().build_limits())


def _case(one: ConfiguredCluster, trace: Trace, today: Range, order: AdviceOrder) -> Case:
    document, cluster = one.policy_document(), one.cluster_document()
    prices = one.build_prices()
    if order.throttling_price is not None:
        prices = replace(prices, throttling_price=order.throttling_price)
    spec = cluster.build_spec(seed=one.seed)
    plan = Plan(
        trace=trace,
        policy=Native(),
        cluster=spec,
        limits=cluster.build_limits(),
        rules=document.build_rules(),
        prices=prices,
        decide_seconds=DECIDE_SECONDS,
    )
    return Case(plan=plan, today=today, prices=one.cluster.pricing.build(), instances=spec.instances)


def _batches(cluster_ids: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    for first in range(0, len(cluster_ids), BATCH):
        yield first, cluster_ids[first : first + BATCH]


def _share_of(tell: Tell, first: int, count: int, whole: int) -> Tell:
    """Progress within a batch as progress of all; several processes tell it, the one that is furthest counts."""

    def told(name: str, what: str, done: int, steps: int) -> None:
        tell(name, f"looking at {what}", first * steps + count * done, whole * steps)

    return told
