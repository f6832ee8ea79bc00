"""Samples of clusters that nobody can ask: pushed in batches, each sample once."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from aiohttp import web

from autoscaler.api import registering_schemas as schemas
from autoscaler.api.bodies import read_body
from autoscaler.api.control import desk_of
from autoscaler.api.endpoints import FLEET, Endpoint, answer
from autoscaler.api.problems import INVALID_REQUEST, NOT_POSSIBLE, UNKNOWN_NAME, WRONG_TYPE
from autoscaler.core.capacity import Range
from autoscaler.core.samples import Sample
from autoscaler.errors import InvalidInput, NotPossible
from autoscaler.service.sources.pushed import PUSHED
from autoscaler.storage.access import Scope

# Clocks of senders may be ahead of ours by so much.
MOST_AHEAD = timedelta(seconds=60)
MOST_TOLD = 5


async def push_samples(request: web.Request) -> web.Response:
    """Keep what is new; all of it, or nothing."""
    order, desk = await read_body(request, schemas.Push), desk_of(request)
    view = request.app[FLEET].view(request.match_info["cluster_id"])
    if view.kind != PUSHED.name:
        raise NotPossible(f"{view.cluster_id} is of kind {view.kind}: its samples come from its source, not from here")
    samples = [Sample(**one.model_dump()) for one in order.samples]
    newest = await desk.pushed.newest(view.cluster_id)
    _demand_plausible(samples, newest, desk.exact_now())
    held = None if order.range is None else Range(**order.range.model_dump())
    taken = await desk.pushed.push(view.cluster_id, samples, held=held, at=desk.now())
    return answer(schemas.Pushed.model_validate(taken))


def _demand_plausible(samples: Sequence[Sample], newest: Sample | None, now: datetime) -> None:
    wrong = list(_problems(samples, newest, now))
    if wrong:
        more = f" and {len(wrong) - MOST_TOLD} more" if len(wrong) > MOST_TOLD else ""
        raise InvalidInput("; ".join(wrong[:MOST_TOLD]) + more)


def _problems(samples: Sequence[Sample], newest: Sample | None, now: datetime) -> Iterator[str]:
    for number, sample in enumerate(samples):
        if sample.end > now + MOST_AHEAD:
            yield f"samples.{number} ends at {sample.end.isoformat()}, in the future: cluster time is {now.isoformat()}"
    for number, (one, other) in enumerate(pairwise(samples), start=1):
        if other.at < one.end:
            told = "begins before the one before it" if other.at <= one.at else "overlaps the one before it"
            yield f"samples.{number} at {other.at.isoformat()} {told}; send them oldest first"
    first = next((one for one in samples if newest is not None and one.at > newest.at), None)
    if newest is not None and first is not None and first.at < newest.end:
        yield f"the sample at {first.at.isoformat()} overlaps the newest one, which ends at {newest.end.isoformat()}"


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/v1/clusters/{cluster_id}/samples",
        name="push_samples",
        about="Push samples of a cluster of kind `pushed`, oldest first; sent again they change nothing.",
        handle=push_samples,
        answer=schemas.Pushed,
        body=schemas.Push,
        scope=Scope.OPERATE,
        problems=(INVALID_REQUEST, UNKNOWN_NAME, NOT_POSSIBLE, WRONG_TYPE),
    ),
)
