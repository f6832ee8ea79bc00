"""Why a cluster does not pause."""

from typing import Annotated

from aiohttp import web
from pydantic import Field

from autoscaler.api.control import desk_of
from autoscaler.api.endpoints import Endpoint, answer
from autoscaler.api.problems import NOT_POSSIBLE, UNKNOWN_NAME
from autoscaler.api.queries import Query, read_query
from autoscaler.api.schemas import Schema
from autoscaler.core.doctor import Confidence, Verdict


class DoctorQuery(Query):
    """Over which past savings are told."""

    days: Annotated[int, Field(ge=1, le=60, description="So many days of stored samples.")] = 14


class Finding(Schema):
    """One thing that was looked at."""

    name: str
    verdict: Verdict = Field(description="unseen: the provider does not show it, or the role may not ask.")
    confidence: Confidence = Field(description="Whether the provider documents that it keeps clusters awake.")
    evidence: str
    advice: str = Field(description="What to do; empty: nothing.")


class Diagnosis(Schema):
    """All that was looked at, the worst first."""

    sentence: str
    instances: int = Field(description="Serverless ones.")
    pause_after_seconds: int
    findings: tuple[Finding, ...]


class PauseSaving(Schema):
    """What sleeping would have saved in the hours seen, of one instance."""

    seen_hours: float
    idle_hours: float = Field(description="Nobody was connected, beyond what must pass before a pause.")
    idle_acu_hours: float
    quiet_hours: float = Field(description="Hardly any work, whoever was connected.")
    quiet_acu_hours: float


class Examined(Schema):
    """Why it does not pause, and what pauses would save."""

    diagnosis: Diagnosis
    saving: PauseSaving
    monthly_idle_acu_hours: float = Field(description="Of all instances.")
    monthly_idle_usd: float
    monthly_quiet_acu_hours: float = Field(description="Once idle connections are closed.")
    monthly_quiet_usd: float


async def read_pause_doctor(request: web.Request) -> web.Response:
    """Asks the provider some ten calls."""
    days = read_query(request, DoctorQuery).days
    examined = await desk_of(request).doctor.examine(request.match_info["cluster_id"], days=days)
    return answer(Examined.model_validate(examined))


ENDPOINTS = (
    Endpoint(
        path="/v1/clusters/{cluster_id}/pause-doctor",
        name="read_pause_doctor",
        about="What keeps a cluster from pausing, with evidence and advice, and what pauses would save.",
        handle=read_pause_doctor,
        answer=Examined,
        query=DoctorQuery,
        problems=(UNKNOWN_NAME, NOT_POSSIBLE),
    ),
)
