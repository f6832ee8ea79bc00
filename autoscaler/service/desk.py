"""Where people's orders are taken, and where they are told why: what the API does besides showing the fleet."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

from autoscaler.core.control import Control
from autoscaler.core.cost import Prices
from autoscaler.core.ports import Clock
from autoscaler.core.tally import Tally
from autoscaler.observability.events import Kind
from autoscaler.service.advising import Advisor
from autoscaler.service.backtests import BacktestDesk
from autoscaler.service.clock import SystemClock
from autoscaler.service.doctor import Doctor
from autoscaler.service.feed import Feed
from autoscaler.service.fidelity import FidelityDesk
from autoscaler.service.notifier import Notifier
from autoscaler.service.pauses import SleptCluster, slept_of
from autoscaler.service.policy_desk import PolicyDesk
from autoscaler.service.registrar import Registrar
from autoscaler.service.replay import Explanation, Replay, explain, replay
from autoscaler.service.roster import Roster
from autoscaler.service.savings import Saving, saving_of
from autoscaler.service.sources.opened import Sources
from autoscaler.service.steering import Steering
from autoscaler.storage.archive import Archive
from autoscaler.storage.audit import Audit, AuditEntry, Deed
from autoscaler.storage.controls import Controls, Orders
from autoscaler.storage.database import Database
from autoscaler.storage.once import Once
from autoscaler.storage.pushed import PushedSamples
from autoscaler.storage.repositories import Journal
from autoscaler.storage.scores import Scores, day_of


class Desk:
    """Takes orders and explains decisions; ``policies`` is for those who write them."""

    def __init__(
        self,
        database: Database,
        *,
        journal: Journal,
        steering: Steering,
        clock: Clock,
        roster: Roster,
        sources: Sources | None = None,
        feed: Feed | None = None,
        policies: PolicyDesk | None = None,
        notifier: Notifier | None = None,
        exact: Callable[[], datetime] | None = None,
        decide_seconds: float = 60.0,
    ) -> None:
        """Without ``sources`` no cluster is discovered; ``exact`` is the time between the moments of ``clock``."""
        self.notifier = notifier or Notifier(())
        self.database = database
        self.feed = feed or Feed()
        self.archive = Archive(database)
        self.policies = policies
        self.backtests = BacktestDesk(database, clock, advisor=Advisor(database, roster, clock))
        self._journal = journal
        self._steering = steering
        self._clock = clock
        self.exact_now = exact or clock.now
        self._roster = roster
        self._sources = sources
        self._decide_seconds = decide_seconds
        self.registrar = Registrar(
            database, roster=roster, sources=sources, clock=clock, feed=self.feed, written=steering.refresh
        )
        self.fidelity = FidelityDesk(archive=self.archive, roster=roster, clock=clock)
        self.doctor = Doctor(self.archive, roster=roster, sources=sources, clock=clock)
        self.pushed = PushedSamples(database)
        self._controls = Controls(database)
        self._audit = Audit(database)
        self._scores = Scores(database)

    @property
    def halted(self) -> str:
        """Why the kill switch is on; empty: it is off."""
        return self._steering.halted

    @property
    def frozen(self) -> bool:
        """Whether the kill switch is on."""
        return bool(self._steering.halted)

    def now(self) -> datetime:
        """Cluster time: orders end by it."""
        return self._clock.now()

    async def look(self) -> None:
        """See what was ordered elsewhere: a replica that only waits has no beat that would."""
        await self._steering.refresh()

    async def orders(self, cluster_id: str) -> Orders:
        """What is ordered for a cluster, as the store has it: only on a server somebody else may have written it."""
        if self.database.on_file:
            self._steering.look_at_the_switch()
        else:
            await self._steering.refresh()
        return self._steering.orders(cluster_id)

    def control(self, orders: Orders) -> Control:
        """What a tick would have to obey now."""
        mode = self._roster.mode(orders.cluster_id)
        return orders.control(self.now(), mode=mode, halted=self._steering.halted)

    @property
    def mark(self) -> tuple[int, str]:
        """Another one whenever somebody has ordered something, or the kill switch has changed, since the last beat."""
        return self._steering.revision, self._steering.halted

    def control_now(self, cluster_id: str) -> Control:
        """The same for a cluster, as of the latest beat."""
        return self.control(self._steering.orders(cluster_id))

    async def change(
        self,
        cluster_id: str,
        edit: Callable[[Orders], Orders],
        *,
        actor: str,
        request_id: str,
        action: str,
        expected: int | None,
        once: Once | None,
    ) -> Orders:
        """Order something; it counts from the next tick on.

        Raises:
            Outdated: somebody else ordered something meanwhile.
            AlreadyUsed: the idempotency key was used for something else.
            StorageError: it could not be kept.
        """
        deed = Deed(at=SystemClock().now(), actor=actor, request_id=request_id, action=action)
        known = self._steering.orders(cluster_id).revision
        orders = await self._controls.change(cluster_id, edit, deed, expected=expected, once=once)
        await self._steering.refresh()
        if orders.revision > known:  # the same key again orders nothing
            self.feed.emit(Kind.ORDER_GIVEN, f"{actor}: {action}", cluster_id=cluster_id, action=action, actor=actor)
        return orders

    def refusal(self, cluster_id: str) -> str:
        """Why a cluster may not be changed, as far as is known; nothing: nobody has said so."""
        return "" if self._sources is None else self._sources.refusal(self._roster.member(cluster_id).settings)

    async def explain(self, cluster_id: str, decision_id: int) -> Explanation:
        """What a decision was made of, and each rule's word.

        Raises:
            UnknownName: there is no such decision.
            StorageError: the journal cannot be read.
        """
        return await explain(self._journal, cluster_id, decision_id)

    async def replay(self, explained: Explanation) -> Replay:
        """The decision computed again from what is stored, beside the event loop: a policy may take its time."""
        return await asyncio.to_thread(replay, explained)

    async def audit(self, *, limit: int, before: int | None) -> tuple[AuditEntry, ...]:
        """Up to ``limit`` lines of the audit log with ids below ``before``, newest first."""
        return await self._audit.entries(limit=limit, before=before)

    async def slept(self, *, days: int, cluster_id: str | None = None) -> tuple[SleptCluster, ...]:
        """What sleep did to each cluster that may pause, or to one of them, today and on the days before it.

        Raises:
            StorageError: the scores cannot be read.
        """
        found = (
            (name, slept_of(scores, self._prices(name)))
            for name, scores in (await self._scored(days=days, cluster_id=cluster_id)).items()
        )
        return tuple(SleptCluster(cluster_id=name, slept=slept) for name, slept in found if slept is not None)

    async def savings(self, *, days: int, cluster_id: str | None = None) -> tuple[Saving, ...]:
        """What each cluster saved, or one of them, today and on the days before it; one never scored is left out.

        Raises:
            StorageError: the scores cannot be read.
        """
        by_cluster = await self._scored(days=days, cluster_id=cluster_id)
        return tuple(
            saving_of(name, scores, self._prices(name), metrics_usd_per_hour=self._metrics_usd_per_hour(name))
            for name, scores in by_cluster.items()
        )

    async def _scored(self, *, days: int, cluster_id: str | None) -> dict[str, dict[str, Tally]]:
        """The scores by cluster and policy."""
        first = day_of(self.now()) - timedelta(days=days - 1)
        by_cluster: dict[str, dict[str, Tally]] = defaultdict(dict)
        for (name, policy), tally in (await self._scores.since(first, cluster_id)).items():
            by_cluster[name][policy] = tally
        return by_cluster

    def _metrics_usd_per_hour(self, cluster_id: str) -> float:
        """What the provider wants for our looking at it."""
        member = self._roster.members.get(cluster_id)
        if member is None or self._sources is None:
            return 0.0
        return self._sources.usd_per_look(member.settings) * 3600.0 / self._decide_seconds

    def _prices(self, cluster_id: str) -> Prices:
        """What its capacity costs; of one that has left, the default."""
        member = self._roster.members.get(cluster_id)
        return Prices() if member is None else member.settings.build_prices()
