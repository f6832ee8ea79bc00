"""The ledgers of the whole fleet: kept beside the ticks, written down now and then."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor

import structlog

from autoscaler.core.samples import Sample
from autoscaler.core.snapshot import Snapshot
from autoscaler.core.tally import Tally
from autoscaler.errors import StorageError
from autoscaler.service.ledger import Ledger, LedgerPlan
from autoscaler.service.shadow import Shadow
from autoscaler.service.views import ShadowView
from autoscaler.storage.scores import ScoreKey, Scores, day_of

log = structlog.get_logger(__name__)


class Ledgers:
    """One ledger for each cluster that was seen; one that fails is given up, and told, and stops nobody."""

    def __init__(self, scores: Scores, executor: Executor) -> None:
        """Shadows' forecasters are fitted in the ``executor``."""
        self._scores = scores
        self._executor = executor
        self._ledgers: dict[str, Ledger] = {}
        self._failed: dict[str, str] = {}
        self._unwritten: dict[ScoreKey, Tally] = defaultdict(Tally)

    async def saw(self, plan: LedgerPlan, snapshot: Snapshot, fresh: Sequence[Sample]) -> None:
        """Take in what a tick saw, once it is over. It never raises."""
        name = snapshot.cluster_id
        if name in self._failed:
            return
        try:
            await self._take_in(plan, snapshot, fresh)
        except Exception as problem:  # policies are plug-ins, and this is only looking on
            self._failed[name] = f"{type(problem).__name__}: {problem}"
            log.exception("ledger_failed", cluster=name)

    def shadows(self, cluster_id: str) -> tuple[ShadowView, ...]:
        """What the shadows of a cluster would have done."""
        ledger, failed = self._ledgers.get(cluster_id), self._failed.get(cluster_id)
        if ledger is None:
            return ()
        return tuple(
            ShadowView(
                name=one.plan.name,
                range=one.range,
                reason=None if one.decision is None else one.decision.reason,
                failed=failed,
            )
            for one in ledger.shadows
        )

    async def write(self) -> None:
        """Write down what has come together; what cannot be written now is written next time."""
        taken, self._unwritten = self._unwritten, defaultdict(Tally)
        try:
            await self._scores.add(taken)
        except StorageError as problem:
            log.warning("scores_unwritten", reason=str(problem))
            self._add(taken)

    async def _take_in(self, plan: LedgerPlan, snapshot: Snapshot, fresh: Sequence[Sample]) -> None:
        ledger = self._ledger(plan, snapshot, fresh)
        if ledger is None:
            return
        told, day = ledger.live(fresh), day_of(snapshot.at)
        self._add({ScoreKey(cluster_id=snapshot.cluster_id, day=day, policy=who): one for who, one in told.items()})
        for shadow in ledger.shadows:
            await self._fit_when_due(shadow)
        ledger.decide(snapshot)

    def _ledger(self, plan: LedgerPlan, snapshot: Snapshot, fresh: Sequence[Sample]) -> Ledger | None:
        """The cluster's ledger; a new one with its first known sample, or when there is something else to compare."""
        known = self._ledgers.get(snapshot.cluster_id)
        if known is not None and known.plan == plan:
            return known
        first = next((sample for sample in fresh if sample.demand_acu is not None), None)
        if first is None:
            return None
        ledger = self._ledgers[snapshot.cluster_id] = Ledger(plan, first, snapshot.status.range)
        return ledger

    async def _fit_when_due(self, shadow: Shadow) -> None:
        history, forecaster = shadow.outlook.fit_due(), shadow.plan.forecaster
        if history is not None and forecaster is not None:
            loop = asyncio.get_running_loop()
            shadow.outlook.adopt(await loop.run_in_executor(self._executor, forecaster.fit, history))

    def _add(self, tallies: Mapping[ScoreKey, Tally]) -> None:
        for key, tally in tallies.items():
            self._unwritten[key] += tally
