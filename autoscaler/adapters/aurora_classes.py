"""Which instances of mixed clusters scale: provisioned ones have a size of their own, which nobody here changes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from autoscaler.adapters.aurora_ranges import SERVERLESS, Described
from autoscaler.errors import ClusterError

LOOKED_AGAIN_AFTER = timedelta(minutes=15)  # sooner where an instance came or went


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """Which instances there were, and the provisioned ones among them."""

    at: datetime
    instances: frozenset[str]
    provisioned: frozenset[str]


class InstanceClasses:
    """Remembers the classes of instances; ``ask`` tells those of a cluster's, by its name."""

    def __init__(self, ask: Callable[[str], Awaitable[dict[str, str]]], *, now: Callable[[], datetime]) -> None:
        self._ask = ask
        self._now = now
        self._known: dict[str, _Known] = {}

    async def scaling(self, told: Described) -> Described:
        """The cluster with only the members that scale; as long as nobody may tell them apart, with all.

        Raises:
            ClusterError: none of them scales.
        """
        known = self._known.get(told.resource_id)
        there = frozenset(told.instances)
        if known is None or known.instances != there or self._now() - known.at >= LOOKED_AGAIN_AFTER:
            known = self._known[told.resource_id] = await self._look(told, known)
        members = tuple(one for one in told.members if one.name not in known.provisioned)
        if told.members and not members:
            raise ClusterError(f"{told.name} has no {SERVERLESS} instance, and nothing else can be scaled; add one")
        return replace(told, members=members)

    async def _look(self, told: Described, known: _Known | None) -> _Known:
        """What is not told now is asked for again later; until then the last word counts."""
        provisioned = frozenset() if known is None else known.provisioned
        try:
            classes = await self._ask(told.name)
        except ClusterError:
            classes = None
        if classes is not None:
            provisioned = frozenset(name for name, kind in classes.items() if kind != SERVERLESS)
        return _Known(at=self._now(), instances=frozenset(told.instances), provisioned=provisioned)
