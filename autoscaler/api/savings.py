"""What the service saves, and how shadow policies score."""

from typing import Annotated

from aiohttp import web
from pydantic import Field

from autoscaler.api.access import CALLER
from autoscaler.api.control import desk_of
from autoscaler.api.endpoints import Endpoint, answer
from autoscaler.api.problems import NOT_POSSIBLE, UNKNOWN_NAME
from autoscaler.api.queries import Query, read_query
from autoscaler.api.schemas import Known, Schema
from autoscaler.core.cost import Prices
from autoscaler.service.savings import fleet_saving, saving_of


class SavingQuery(Query):
    """Over which time."""

    days: Annotated[int, Field(ge=1, le=400, description="Today (UTC) and so many days less one before it.")] = 30


class Tally(Schema):
    """What a stretch of time cost and throttled, summed over instances; only measured time counts."""

    measured_seconds: float = Field(validation_alias="seconds")
    acu_hours: float
    work_acu_hours: float
    throttled_acu_hours: float
    throttled_work_fraction: Known
    changes: int
    cold_hits: int


class Scored(Schema):
    """One of those compared."""

    policy: str = Field(description="A shadow, or: 'measured' (the meter), 'acting' and 'left-alone' (twins).")
    tally: Tally
    cost_usd: float


class ClusterSaving(Schema):
    """What one cluster cost and saved; negative where it would have been cheaper left alone."""

    cluster_id: str
    acu_hours: float
    left_alone_acu_hours: float
    saved_acu_hours: float
    saved_fraction: Known
    saved_usd: float = Field(description="Less what our own metric calls cost.")
    metrics_usd: float
    metered: bool = Field(description="Whether the cost is the provider's meter; else a twin's.")
    twin_error_fraction: Known = Field(
        description="How much more the twin under the ranges in force cost than was metered."
    )
    throttled_work_fraction: Known
    left_alone_throttled_work_fraction: Known


class SavingOfOne(ClusterSaving):
    """The same, with everything that was compared."""

    scores: tuple[Scored, ...]


class FleetSaving(Schema):
    """The clusters that the caller sees, the largest saving first."""

    days: int
    acu_hours: float
    left_alone_acu_hours: float
    saved_acu_hours: float
    saved_usd: float
    clusters: tuple[ClusterSaving, ...]


async def read_savings(request: web.Request) -> web.Response:
    """All clusters that were scored."""
    days = read_query(request, SavingQuery).days
    savings = await desk_of(request).savings(days=days)
    seen = (one for one in savings if request[CALLER].sees(one.cluster_id))
    return answer(FleetSaving.model_validate(fleet_saving(seen, days=days)))


async def read_saving(request: web.Request) -> web.Response:
    """One cluster; zeros where nothing was scored yet."""
    cluster_id, days = request.match_info["cluster_id"], read_query(request, SavingQuery).days
    found = await desk_of(request).savings(days=days, cluster_id=cluster_id)
    return answer(SavingOfOne.model_validate(found[0] if found else saving_of(cluster_id, {}, Prices())))


ENDPOINTS = (
    Endpoint(
        path="/v1/savings",
        name="read_savings",
        about="What the fleet cost and saved against being left alone.",
        handle=read_savings,
        answer=FleetSaving,
        query=SavingQuery,
        problems=(NOT_POSSIBLE,),
    ),
    Endpoint(
        path="/v1/clusters/{cluster_id}/savings",
        name="read_saving",
        about="What a cluster cost and saved, and how its shadow policies score beside the one that acts.",
        handle=read_saving,
        answer=SavingOfOne,
        query=SavingQuery,
        problems=(UNKNOWN_NAME, NOT_POSSIBLE),
    ),
)
