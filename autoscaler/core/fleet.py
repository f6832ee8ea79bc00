"""What a cluster may do in view of what the others of its fleet have just done."""

from dataclasses import dataclass, fields

from autoscaler.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetCaps:
    """How much of a fleet may change within an hour, so that one mistake does not reach all of it.

    Args:
        shrinking_clusters: so many clusters may shrink, or
        shrinking_share: this part of the fleet, when that is more.
        blind_growth_acu: by so much the floors of clusters that nobody sees may grow, together.
    """

    shrinking_clusters: int = 10
    shrinking_share: float = 0.25
    blind_growth_acu: float = 128.0

    def __post_init__(self) -> None:
        for item in fields(self):
            if not getattr(self, item.name) >= 0:
                raise InvalidInput(f"{item.name} is {getattr(self, item.name)}; give 0 or more")
        if self.shrinking_share > 1:
            raise InvalidInput(f"shrinking_share is {self.shrinking_share}; give a part of the fleet, at most 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetUse:
    """What a fleet did within the last hour: how many ``clusters`` it has, how many of them shrank, and whether
    the one in question is among these; by how much floors grew unseen.
    """

    clusters: int
    shrunk: int
    shrunk_itself: bool
    blind_growth_acu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetAllowance:
    """What the caps of the fleet leave to one cluster at the moment."""

    may_shrink: bool
    blind_growth_acu: float


def allow(caps: FleetCaps, use: FleetUse) -> FleetAllowance:
    """What is left; who has shrunk within the hour may go on, for it counts only once."""
    most = max(caps.shrinking_clusters, int(caps.shrinking_share * use.clusters))
    return FleetAllowance(
        may_shrink=use.shrunk_itself or use.shrunk < most,
        blind_growth_acu=max(0.0, caps.blind_growth_acu - use.blind_growth_acu),
    )
