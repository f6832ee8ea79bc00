"""A fleet as the store shows it, to whoever asks a replica that does not act."""

from autoscaler.service.configured import Bindings, ConfiguredCluster
from autoscaler.service.roster import Roster
from autoscaler.service.views import ClusterView
from autoscaler.storage.entries import JournalEntry
from autoscaler.storage.repositories import Journal


class StandBy:
    """What the replica that acts has written down; as old as the last ``refresh``."""

    def __init__(self, roster: Roster, bindings: Bindings, journal: Journal) -> None:
        """What the settings file says of its clusters is tried once, so that no mistake waits for a take-over.

        Raises:
            InvalidInput: the settings cannot be used.
        """
        self._roster = roster
        self._bindings = bindings
        self._journal = journal
        self._newest: dict[str, JournalEntry] = {}
        for member in roster.members.values():
            member.settings.demand_usable()

    async def refresh(self) -> None:
        """Look into the roster, the stored policies and the journal again.

        Raises:
            StorageError: it cannot be read.
        """
        await self._roster.refresh()
        await self._bindings.refresh()
        self._newest = await self._journal.newest_of_all()

    def views(self) -> tuple[ClusterView, ...]:
        """Every cluster at its latest decision."""
        return tuple(map(self.view, self._roster.members))

    def view(self, cluster_id: str) -> ClusterView:
        """One cluster at its latest decision."""
        member = self._roster.member(cluster_id)
        return _view(self._bindings.settings_of(member.settings), self._newest.get(cluster_id))

    async def decisions(self, cluster_id: str, *, limit: int, before: int | None = None) -> tuple[JournalEntry, ...]:
        """Up to ``limit`` journalled decisions with ids below ``before``, newest first."""
        self._roster.member(cluster_id)
        return await self._journal.entries(cluster_id, limit=limit, before=before)


def _view(one: ConfiguredCluster, newest: JournalEntry | None) -> ClusterView:
    document = one.policy_document()
    return ClusterView(
        cluster_id=one.id,
        title=one.title or one.id,
        profile=one.cluster.profile,
        policy=document.title,
        policy_version=one.policy_version,
        limits=one.cluster_document().build_limits(),
        status=None if newest is None else newest.inputs.status,
        demand_acu=None,
        demand_at=None,
        blind_seconds=None if newest is None else newest.inputs.blind_seconds,
        forecast=None,
        last_decision=None if newest is None else newest.decision,
        last_outcome=None if newest is None else newest.state.value,
        last_tick_at=None if newest is None else newest.decision.at,
        failures=0,
        error=None,
        breaker="closed",
        acu_hours=None,
        usd_per_acu_hour=one.build_prices().usd_per_acu_hour,
        kind=one.kind,
        tags=one.tags,
        mode=one.mode if newest is None else newest.inputs.control.mode,
        drift=None if newest is None else newest.inputs.drift,
    )
