"""A fleet as the store shows it, to whoever asks a replica that does not act."""

from collections.abc import Iterable

from autoscaler.errors import UnknownName
from autoscaler.service.settings import ClusterSettings
from autoscaler.service.views import ClusterView
from autoscaler.storage.entries import JournalEntry
from autoscaler.storage.repositories import Journal


class StandBy:
    """What the replica that acts has written down; as old as the last ``refresh``."""

    def __init__(self, clusters: Iterable[ClusterSettings], journal: Journal) -> None:
        """Everything is built once, so that a mistake in the settings does not wait for a take-over.

        Raises:
            InvalidInput: the settings cannot be used.
        """
        self._settings = {one.id: one for one in clusters}
        self._journal = journal
        self._views = {name: _view(one, None) for name, one in self._settings.items()}
        for one in self._settings.values():
            document = one.policy_document()
            document.build_policy(), document.build_rules(), document.build_forecaster(), one.build_faults()

    async def refresh(self) -> None:
        """Look into the journal again.

        Raises:
            StorageError: it cannot be read.
        """
        newest = await self._journal.newest_of_all()
        self._views = {name: _view(one, newest.get(name)) for name, one in self._settings.items()}

    def views(self) -> tuple[ClusterView, ...]:
        """Every cluster at its latest decision."""
        return tuple(self._views.values())

    def view(self, cluster_id: str) -> ClusterView:
        """One cluster at its latest decision."""
        if cluster_id not in self._views:
            raise UnknownName("cluster", cluster_id, self._views)
        return self._views[cluster_id]

    async def decisions(self, cluster_id: str, *, limit: int, before: int | None = None) -> tuple[JournalEntry, ...]:
        """Up to ``limit`` journalled decisions with ids below ``before``, newest first."""
        self.view(cluster_id)
        return await self._journal.entries(cluster_id, limit=limit, before=before)


def _view(one: ClusterSettings, newest: JournalEntry | None) -> ClusterView:
    document = one.policy_document()
    return ClusterView(
        cluster_id=one.id,
        title=one.title or one.id,
        profile=one.cluster.profile,
        policy=document.title,
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
    )
