"""One decision: what it was made of, every rule's word, and the same again from what is stored."""

from aiohttp import web

from autoscaler.api import control_schemas as schemas
from autoscaler.api.control import desk_of
from autoscaler.api.endpoints import Endpoint, answer
from autoscaler.api.problems import NOT_POSSIBLE, UNKNOWN_NAME, shortened
from autoscaler.api.queries import LARGEST_ID
from autoscaler.api.schemas import JournalledDecision
from autoscaler.core.working_set import WorkingSet
from autoscaler.errors import UnknownName
from autoscaler.service.replay import Explanation, Word


async def explain_decision(request: web.Request) -> web.Response:
    """What a decision was made of, and how it came about."""
    return answer(_told(await desk_of(request).explain(request.match_info["cluster_id"], _id(request))))


async def replay_decision(request: web.Request) -> web.Response:
    """The decision computed again; nothing is changed by it."""
    cluster_id, desk = request.match_info["cluster_id"], desk_of(request)
    explained = await desk.explain(cluster_id, _id(request))
    again = await desk.replay(explained)
    told = {
        "same": again.same,
        "differs": again.differs,
        "stored": JournalledDecision.model_validate(explained.entry),
        "reason": again.decision.reason,
        "after": again.decision.after,
        "digest": again.digest,
    }
    return answer(schemas.Replay.model_validate(told))


def _id(request: web.Request) -> int:
    given = request.match_info["decision_id"]
    if not (given.isascii() and given.isdigit() and len(given) <= 19 and 0 < int(given) <= LARGEST_ID):
        raise UnknownName("decision", shortened(given), ())
    return int(given)


def _told(explained: Explanation) -> schemas.Explanation:
    entry, snapshot, control = explained.entry, explained.snapshot, explained.snapshot.control
    forecast = snapshot.forecast
    inputs = {
        "status": snapshot.status,
        "limits": snapshot.limits,
        "blind_seconds": snapshot.blind_seconds,
        "recent_samples": len(snapshot.recent),
        "recent_from": entry.inputs.recent_from,
        "recent_to": entry.inputs.recent_to,
        "forecast_model": None if forecast is None else forecast.model,
        "forecast_made_at": entry.inputs.forecast_made_at,
        "fitted_at": entry.inputs.fitted_at,
        "mode": control.mode,
        "override": control.override,
        "freeze": control.freeze,
        "halted": control.halted,
        "drift": snapshot.drift,
        "fleet": snapshot.fleet,
        "spending": snapshot.spending,
        "budget": snapshot.spent,
        "memory": entry.inputs.memory,
        "working_set": _told_working_set(snapshot.working_set),
    }
    told = {
        "decision": entry,
        "inputs": inputs,
        "grounds": explained.grounds,
        "document_id": entry.document_id,
        "policy": explained.settings.policy_document().model_dump(mode="json"),
        "policy_version": explained.settings.policy_version,
        "rules": [_word(word) for word in explained.words],
        "digest": explained.digest,
    }
    return schemas.Explanation.model_validate(told)


def _told_working_set(known: WorkingSet | None) -> dict[str, object] | None:
    if known is None:
        return None
    short = known.short
    return {
        "enough_acu": known.enough_acu,
        "short_acu": None if short is None else short.acu,
        "missed_fraction": None if short is None else short.missed_fraction,
        "used_at": known.used_at,
    }


def _word(word: Word) -> dict[str, object]:
    return {"rule": word.rule, "says": "agreed" if word.step is None else word.step.why, "step": word.step}


PATH = "/v1/clusters/{cluster_id}/decisions/{decision_id}"
ENDPOINTS = (
    Endpoint(
        path=PATH,
        name="explain_decision",
        about="One decision: its inputs, its policy, every rule's word.",
        handle=explain_decision,
        answer=schemas.Explanation,
        problems=(UNKNOWN_NAME, NOT_POSSIBLE),
    ),
    Endpoint(
        method="POST",
        path=f"{PATH}/replay",
        name="replay_decision",
        about="Compute the decision again from what is stored, and tell whether it comes out the same.",
        handle=replay_decision,
        answer=schemas.Replay,
        problems=(UNKNOWN_NAME, NOT_POSSIBLE),
    ),
)
