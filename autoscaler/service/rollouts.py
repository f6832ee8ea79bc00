"""Lets new versions of policies go on from ring to ring, or takes them back."""

from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from autoscaler.core.ports import Clock
from autoscaler.core.rollout import Evidence, Rollout, RolloutState, advance
from autoscaler.errors import Outdated, StorageError
from autoscaler.observability.events import Kind
from autoscaler.service.clock import SystemClock
from autoscaler.service.configured import Bindings
from autoscaler.service.feed import Feed
from autoscaler.service.giving_back import give_ceilings_back
from autoscaler.storage.audit import Deed
from autoscaler.storage.database import Database
from autoscaler.storage.policies import Policies
from autoscaler.storage.policy_edits import put_rollout
from autoscaler.storage.throttling import throttling

ACTOR = "autoscaler"

log = structlog.get_logger(__name__)


class DriveRollouts:
    """An errand of the supervisor; only the replica that acts drives them, and the store knows how far they are."""

    def __init__(self, bindings: Bindings, policies: Policies, database: Database, clock: Clock, feed: Feed) -> None:
        self._bindings = bindings
        self._policies = policies
        self._database = database
        self._clock = clock
        self._feed = feed
        self._looked_at: datetime | None = None

    async def __call__(self) -> None:
        """Look at every rollout once for each moment of cluster time."""
        at = self._clock.now()
        if at == self._looked_at:
            return
        self._looked_at = at
        for policy in self._bindings.book.policies.values():
            if policy.rollout is not None:
                await self._look_at(policy.rollout, at)

    async def _look_at(self, rollout: Rollout, at: datetime) -> None:
        try:
            if rollout.state is RolloutState.RUNNING:
                await self._drive(rollout, at)
            elif rollout.owes:
                await self._settle(rollout, at)
        except Outdated:
            return  # a person was quicker
        except StorageError as problem:
            log.warning("rollout_failed", policy=rollout.policy, reason=str(problem))

    async def _settle(self, rollout: Rollout, at: datetime) -> None:
        restored = await give_ceilings_back(self._database, rollout, actor=ACTOR, at=at)
        await self._put(replace(rollout, returned=True), "settle")
        if restored:
            log.info("rollout_settled", policy=rollout.policy, clusters=len(restored))

    async def _put(self, rollout: Rollout, action: str) -> None:
        deed = Deed(at=SystemClock().now(), actor=ACTOR, request_id="", action=f"rollout.{action}")
        await self._policies.change(rollout.policy, put_rollout(rollout), deed)

    async def _drive(self, rollout: Rollout, at: datetime) -> None:
        after = advance(rollout, await evidence_of(self._database, rollout, at), at)
        if after is rollout:
            return
        await self._put(after, _deed(rollout, after))
        kind = Kind.ROLLOUT_STOPPED if after.state is RolloutState.STOPPED else Kind.ROLLOUT_STEP
        text = f"version {after.to_version} of policy {after.policy} is {after.state}: {after.reason}"
        self._feed.emit(kind, text, policy=after.policy, version=after.to_version, ring=after.ring)
        log.info(
            "rollout", policy=after.policy, policy_version=after.to_version, state=after.state, reason=after.reason
        )


async def evidence_of(database: Database, rollout: Rollout, at: datetime) -> Evidence:
    """How the clusters with the new version fare, and the others, since the ring began and before the rollout.

    Raises:
        StorageError: the samples cannot be read.
    """
    soak = timedelta(seconds=rollout.rings[rollout.ring].soak_seconds)
    now = {"since": rollout.ring_at, "until": at}
    before = {"since": rollout.started_at - soak, "until": rollout.started_at}
    return Evidence(
        touched=await throttling(database, rollout.touched, **now),
        touched_before=await throttling(database, rollout.touched, **before),
        untouched=await throttling(database, rollout.untouched, **now),
        untouched_before=await throttling(database, rollout.untouched, **before),
    )


def _deed(before: Rollout, after: Rollout) -> str:
    if after.state is RolloutState.STOPPED:
        return "stop"
    if after.state is RolloutState.DONE:
        return "finish"
    return "advance" if after.ring != before.ring else "wait"
