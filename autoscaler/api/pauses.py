"""What sleep saves, whom it keeps waiting, how long a wake takes, and why a cluster is awake."""

from aiohttp import web
from pydantic import Field

from autoscaler.api.access import CALLER
from autoscaler.api.control import desk_of
from autoscaler.api.endpoints import FLEET, Endpoint, answer
from autoscaler.api.problems import NOT_POSSIBLE, UNKNOWN_NAME
from autoscaler.api.queries import read_query
from autoscaler.api.savings import SavingQuery
from autoscaler.api.schemas import Schema
from autoscaler.service.pauses import Slept as SleptValue
from autoscaler.service.pauses import slept_fleet, why_awake


class Interval(Schema):
    """Nine times of ten it lies between the bounds."""

    low_seconds: float = Field(validation_alias="low")
    median_seconds: float = Field(validation_alias="median")
    high_seconds: float = Field(validation_alias="high")


class Resumes(Schema):
    """What the next wake will be like, as learned from those seen."""

    seen: int = Field(description="How many wakes were learned from; 0: this is what its kind usually takes.")
    shallow: Interval = Field(description="The resume after a short sleep.")
    deep: Interval = Field(description="The resume after a sleep longer than `deep_after_seconds`.")
    deep_after_seconds: float
    first_query: Interval = Field(description="How long the client that wakes it waits.")
    warm: Interval = Field(description="How long after that the cache holds again what is used.")
    connections: int = Field(description="How many clients are usually there when it is up.")


class Slept(Schema):
    """What sleep did, by twins under the same measured load. USD without the cost of our own metric calls."""

    awake_idle_hours: float
    paused_hours: float
    cold_hits: int = Field(description="Resumes that a client waited for.")
    waited_seconds: float
    cost_usd: float
    saved_usd: float = Field(description="Against the owner's lowest floor without any pause.")
    saved_against_left_alone_usd: float = Field(description="Against the provider's own time-out; may be negative.")
    left_alone_awake_idle_hours: float
    left_alone_cold_hits: int
    left_alone_waited_seconds: float
    clairvoyant_saved_usd: float = Field(description="What nobody can reach: asleep in every idle moment, no cold hit.")


class SleptCluster(Schema):
    """One cluster that may pause."""

    cluster_id: str
    slept: Slept


class SleptFleet(Schema):
    """The clusters that may pause and that the caller sees, the largest saving first."""

    days: int
    slept: Slept
    clusters: tuple[SleptCluster, ...]


class Pauses(Schema):
    """All about one cluster's sleep."""

    cluster_id: str
    days: int
    why_awake: tuple[str, ...] = Field(description="What keeps it from sleeping now; empty while it sleeps.")
    resumes: Resumes | None = Field(description="null: it was not looked at yet.")
    slept: Slept | None = Field(description="null: it may not pause, or was not scored yet.")


async def list_pauses(request: web.Request) -> web.Response:
    """All clusters that may pause."""
    days = read_query(request, SavingQuery).days
    found = await desk_of(request).slept(days=days)
    seen = (one for one in found if request[CALLER].sees(one.cluster_id))
    return answer(SleptFleet.model_validate(slept_fleet(seen, days=days)))


async def read_pauses(request: web.Request) -> web.Response:
    """One cluster."""
    cluster_id, days = request.match_info["cluster_id"], read_query(request, SavingQuery).days
    view = request.app[FLEET].view(cluster_id)
    found = await desk_of(request).slept(days=days, cluster_id=cluster_id)
    slept: SleptValue | None = found[0].slept if found else None
    return answer(
        Pauses(
            cluster_id=cluster_id,
            days=days,
            why_awake=why_awake(view),
            resumes=None if view.resumes is None else Resumes.model_validate(view.resumes),
            slept=None if slept is None else Slept.model_validate(slept),
        )
    )


ENDPOINTS = (
    Endpoint(
        path="/v1/pauses",
        name="list_pauses",
        about="What sleep saved and whom it kept waiting, of all clusters that may pause.",
        handle=list_pauses,
        answer=SleptFleet,
        query=SavingQuery,
        problems=(NOT_POSSIBLE,),
    ),
    Endpoint(
        path="/v1/clusters/{cluster_id}/pauses",
        name="read_pauses",
        about="What sleep did to a cluster, how long its next wake will take, and why it is awake.",
        handle=read_pauses,
        answer=Pauses,
        query=SavingQuery,
        problems=(UNKNOWN_NAME, NOT_POSSIBLE),
    ),
)
