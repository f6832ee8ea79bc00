"""How far the simulator can be believed about a cluster."""

from typing import Annotated

from aiohttp import web
from pydantic import Field

from autoscaler.api.control import desk_of
from autoscaler.api.endpoints import Endpoint, answer
from autoscaler.api.problems import NOT_POSSIBLE, UNKNOWN_NAME
from autoscaler.api.queries import Query, read_query
from autoscaler.api.schemas import Known, Schema
from autoscaler.service.fidelity import USUAL_HOURS


class FidelityQuery(Query):
    """Over which past."""

    hours: Annotated[int, Field(ge=1, le=168, description="So many hours of stored samples.")] = USUAL_HOURS


class Fidelity(Schema):
    """Recorded capacity against that of the simulator, which lived through the same demand under the same ranges."""

    seen_hours: float = Field(description="In which both are known.")
    mean_acu: float = Field(description="Recorded.")
    mean_error_acu: float = Field(description="The mean distance.")
    bias_acu: float = Field(description="How much larger the simulated one is on average.")
    error_fraction: Known = Field(description="The error as a part of the mean; null: too little was seen.")
    doubtful: bool = Field(description="Whether the error is too large: enforcing it needs `accept_fidelity`.")
    sentence: str


async def read_fidelity(request: web.Request) -> web.Response:
    """Lives the past again, which takes a second or so."""
    hours = read_query(request, FidelityQuery).hours
    found = await desk_of(request).fidelity.of(request.match_info["cluster_id"], hours=hours)
    return answer(Fidelity.model_validate(found))


ENDPOINTS = (
    Endpoint(
        path="/v1/clusters/{cluster_id}/fidelity",
        name="read_fidelity",
        about="How far the simulator can be believed about a cluster: its capacity, lived again from its demand.",
        handle=read_fidelity,
        answer=Fidelity,
        query=FidelityQuery,
        problems=(UNKNOWN_NAME, NOT_POSSIBLE),
    ),
)
