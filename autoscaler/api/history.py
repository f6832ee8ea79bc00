"""What was measured of a cluster, and what is expected of it."""

from datetime import datetime, timedelta
from enum import StrEnum

from aiohttp import web
from pydantic import AwareDatetime, Field

from autoscaler.api.control import desk_of
from autoscaler.api.endpoints import Endpoint, answer, answer_page
from autoscaler.api.history_schemas import ClusterForecast, SamplePage
from autoscaler.api.problems import NOT_POSSIBLE, UNKNOWN_NAME
from autoscaler.api.queries import Cursor, Limit, Query, moment_from_cursor, next_link, read_query
from autoscaler.core.forecast import Forecast
from autoscaler.core.samples import Sample
from autoscaler.errors import InvalidInput
from autoscaler.storage.archive import Archive
from autoscaler.storage.rollup import FIVE_MINUTES, HOUR, Grain

ONE_DAY = timedelta(days=1)


class Resolution(StrEnum):
    """How long the samples are: as they are kept, or rolled up."""

    KEPT = "kept"
    FIVE_MINUTES = "5m"
    HOUR = "1h"


GRAINS = {Resolution.FIVE_MINUTES: FIVE_MINUTES, Resolution.HOUR: HOUR}


class SampleQuery(Query):
    """Which samples, and which page of them."""

    since: AwareDatetime | None = Field(default=None, description="From this cluster time on; else the last day.")
    until: AwareDatetime | None = Field(default=None, description="Before this cluster time; else now.")
    resolution: Resolution = Field(
        default=Resolution.KEPT, description="A rolled-up sample has the peak of the demand and the mean capacity."
    )
    limit: Limit = 500
    cursor: Cursor = None


class ForecastQuery(Query):
    """How much of the past comes with it."""

    recent_hours: float = Field(default=6.0, ge=0, le=48, description="How many hours of demand come with it.")


async def read_forecast(request: web.Request) -> web.Response:
    """The quantiles of each coming window, beside the demand before them."""
    query = read_query(request, ForecastQuery)
    cluster_id, desk = request.match_info["cluster_id"], desk_of(request)
    archive, now = desk.archive, desk.now()
    forecast = await archive.newest_forecast(cluster_id)
    since = now - timedelta(hours=query.recent_hours)
    recent = await archive.rolled_samples(cluster_id, FIVE_MINUTES, since=since, until=now)
    told = {
        "cluster_id": cluster_id,
        "at": now,
        "model": None if forecast is None else forecast.model,
        "made_at": None if forecast is None else forecast.made_at,
        "step_seconds": None if forecast is None else forecast.step_seconds,
        "levels": () if forecast is None else forecast.levels,
        "windows": () if forecast is None else _windows(forecast),
        "recent": recent,
    }
    return answer(ClusterForecast.model_validate(told))


async def list_samples(request: web.Request) -> web.Response:
    """A page, oldest first."""
    query = read_query(request, SampleQuery)
    desk, cluster_id = desk_of(request), request.match_info["cluster_id"]
    until = query.until or desk.now()
    since = query.since or _day_before(until)
    if since >= until:
        raise InvalidInput(f"since is {since.isoformat()}, not before until, {until.isoformat()}")
    since = since if query.cursor is None else moment_from_cursor(query.cursor)
    grain = GRAINS.get(query.resolution)
    if grain is None:
        samples, following = await _kept(desk.archive, cluster_id, since, until, query.limit)
    else:
        samples, following = await _rolled(desk.archive, cluster_id, grain, since, until, query.limit)
    following_page = None
    if following is not None:
        asked = query.model_copy(update={"since": query.since or _day_before(until), "until": until})
        following_page = next_link(request, asked, following.isoformat())
    page = SamplePage.model_validate({"items": samples, "next": following_page})
    return answer_page(page, following_page)


async def _kept(
    archive: Archive, cluster_id: str, since: datetime, until: datetime, limit: int
) -> tuple[tuple[Sample, ...], datetime | None]:
    samples = await archive.samples(cluster_id, since=since, until=until, limit=limit + 1)
    return samples[:limit], samples[limit].at if len(samples) > limit else None


async def _rolled(
    archive: Archive, cluster_id: str, grain: Grain, since: datetime, until: datetime, limit: int
) -> tuple[tuple[Sample, ...], datetime | None]:
    """A page covers so many intervals, whether or not all of them have samples."""
    end = until if (until - since).total_seconds() <= limit * grain.seconds else _after(grain, since, limit)
    samples = await archive.rolled_samples(cluster_id, grain, since=since, until=end)
    return samples, None if end >= until else end


def _after(grain: Grain, since: datetime, intervals: int) -> datetime:
    return grain.floor(since) + timedelta(seconds=grain.seconds * intervals)


def _day_before(until: datetime) -> datetime:
    try:
        return until - ONE_DAY
    except OverflowError:
        raise InvalidInput(f"until is {until.isoformat()}, before everything that can be told") from None


def _windows(forecast: Forecast) -> list[dict[str, object]]:
    step = timedelta(seconds=forecast.step_seconds)
    return [
        {"at": forecast.start + number * step, "demand_acu": quantiles}
        for number, quantiles in enumerate(zip(*forecast.demand_acu, strict=True))
    ]


ENDPOINTS = (
    Endpoint(
        path="/v1/clusters/{cluster_id}/forecast",
        name="read_forecast",
        about="What is expected: quantiles of the demand's peak in each coming window, beside the demand so far.",
        handle=read_forecast,
        answer=ClusterForecast,
        query=ForecastQuery,
        problems=(UNKNOWN_NAME, NOT_POSSIBLE),
    ),
    Endpoint(
        path="/v1/clusters/{cluster_id}/samples",
        name="list_samples",
        about="What was measured, oldest first, as it is kept or rolled up.",
        handle=list_samples,
        answer=SamplePage,
        query=SampleQuery,
        problems=(UNKNOWN_NAME, NOT_POSSIBLE),
    ),
)
