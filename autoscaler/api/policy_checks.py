"""Policy documents before anything obeys them: their mistakes, their coming days, and what they would change."""

import asyncio
from datetime import date

from aiohttp import web
from pydantic import Field

from autoscaler.api import policy_schemas as schemas
from autoscaler.api.bodies import read_text
from autoscaler.api.endpoints import Endpoint, answer
from autoscaler.api.policies import DOCUMENT_TYPES, ONE
from autoscaler.api.policy_answers import name_of, policy_desk_of
from autoscaler.api.problems import INVALID_REQUEST, NOT_POSSIBLE, UNKNOWN_NAME, WRONG_TYPE
from autoscaler.api.queries import Query, read_query
from autoscaler.core.selectors import parse_selector
from autoscaler.documents.mistakes import Mistake
from autoscaler.documents.previews import Preview, preview_of
from autoscaler.errors import InvalidDocument
from autoscaler.service.clock import SystemClock
from autoscaler.service.policy_plans import Look, Plan, Trial
from autoscaler.service.policy_reading import parse_policy
from autoscaler.storage.policy_edits import digest_of

MOST_CLUSTERS = 200
# A day takes up to 0.35 s under each of two policies, and a request ends after 30 s.
MOST_BACKTEST_DAYS, DAYS_IN_ALL = 7, 15

# Calendars and time zones are trusted that far.
FIRST_DAY, LAST_DAY = date(1971, 1, 1), date(2199, 12, 31)


class PreviewQuery(Query):
    """Which days, on which clock."""

    days: int = Field(default=14, ge=1, le=60, description="How many days.")
    time_zone: str | None = Field(default=None, max_length=64, description="The clock to show; else the policy's own.")
    start: date | None = Field(default=None, ge=FIRST_DAY, le=LAST_DAY, description="The first day; else today.")


class PlanQuery(Query):
    """For whom, and how thoroughly."""

    cluster_id: str | None = Field(default=None, max_length=64, description="As if this cluster were bound to it.")
    selector: str | None = Field(default=None, max_length=500, description="As if these tags were bound to it.")
    backtest_days: int = Field(
        default=0,
        ge=0,
        le=MOST_BACKTEST_DAYS,
        description=f"Live through so many days of kept samples again, of clusters together {DAYS_IN_ALL} at most.",
    )


async def validate_policy(request: web.Request) -> web.Response:
    """All mistakes at once, each with its line and column."""
    name, text = name_of(request), await read_text(request)
    try:
        await asyncio.to_thread(parse_policy, name, text)
    except InvalidDocument as invalid:
        told = [one for one in invalid.mistakes if isinstance(one, Mistake)]
        return answer(
            schemas.Validation(valid=False, mistakes=tuple(schemas.Mistake.model_validate(one) for one in told))
        )
    return answer(schemas.Validation(valid=True, mistakes=()))


async def preview_policy(request: web.Request) -> web.Response:
    """The bounds that its schedules ask for."""
    query, name, text = read_query(request, PreviewQuery), name_of(request), await read_text(request)

    def look_ahead() -> Preview:
        _, document = parse_policy(name, text)
        return preview_of(
            document, now=SystemClock().now(), first=query.start, days=query.days, time_zone=query.time_zone
        )

    return answer(_told_preview(await asyncio.to_thread(look_ahead)))


async def plan_policy(request: web.Request) -> web.Response:
    """What would change for which clusters; nothing does."""
    query, name, desk = read_query(request, PlanQuery), name_of(request), policy_desk_of(request)
    selector = None if query.selector is None else parse_selector(query.selector)
    plan = await desk.plan(
        name,
        await read_text(request),
        cluster_id=query.cluster_id,
        selector=selector,
        days=query.backtest_days,
        most=DAYS_IN_ALL // query.backtest_days if query.backtest_days else MOST_CLUSTERS,
    )
    return answer(_told_plan(plan))


def _told_preview(told: Preview) -> schemas.Preview:
    return schemas.Preview(
        policy=told.name,
        time_zone=told.zone.key,
        bounds=tuple(
            schemas.PreviewedBounds(
                start=one.start.astimezone(told.zone),
                end=one.end.astimezone(told.zone),
                floor_acu=one.bounds.floor_acu,
                ceiling_acu=one.bounds.ceiling_acu,
                pause_after_seconds=one.bounds.pause_after_seconds,
                follows_demand=one.bounds.follows_demand,
                freeze=one.bounds.freeze,
                reason=one.reason,
            )
            for one in told.bounds
        ),
        clock_changes=tuple(
            schemas.ClockShift(at=change.at.astimezone(told.zone), shift_seconds=change.seconds)
            for change in told.changes
        ),
    )


def _told_plan(plan: Plan) -> schemas.Plan:
    newest = plan.newest_digest
    return schemas.Plan(
        policy=plan.policy,
        changes=any(look.changes for look in plan.looks) or newest != digest_of(plan.document),
        document_changes=newest != digest_of(plan.document),
        clusters=tuple(map(_told_look, plan.looks)),
        left_out=plan.left_out,
        backtest=_totals([(look.was, look.would_be) for look in plan.looks if look.was and look.would_be]),
    )


def _told_look(look: Look) -> schemas.PlannedCluster:
    had, would = look.decided, look.would_decide
    return schemas.PlannedCluster.model_validate(
        {
            "cluster_id": look.cluster_id,
            "policy": look.policy,
            "policy_version": look.policy_version,
            "changes": look.changes,
            "limits": look.limits,
            "would_have_limits": look.would_have_limits,
            "at": None if had is None else had.at,
            "range": None if had is None else had.after,
            "would_be_range": None if would is None else would.after,
            "wish": None if had is None else had.wish,
            "would_wish": None if would is None else would.wish,
            "would_reason": "" if would is None else would.reason,
            "was": look.was,
            "would_be": look.would_be,
            "trouble": look.trouble,
        }
    )


def _totals(pairs: list[tuple[Trial, Trial]]) -> schemas.Totals | None:
    if not pairs:
        return None
    was, would_be = [one for one, _ in pairs], [one for _, one in pairs]
    return schemas.Totals(
        clusters=len(pairs),
        acu_hours=sum(one.acu_hours for one in was),
        would_be_acu_hours=sum(one.acu_hours for one in would_be),
        usd=sum(one.usd for one in was),
        would_be_usd=sum(one.usd for one in would_be),
        throttled_fraction=_mean([one.throttled_fraction for one in was]),
        would_be_throttled_fraction=_mean([one.throttled_fraction for one in would_be]),
    )


def _mean(fractions: list[float | None]) -> float | None:
    known = [one for one in fractions if one is not None]
    return sum(known) / len(known) if known else None


CHECKS = (INVALID_REQUEST, UNKNOWN_NAME, NOT_POSSIBLE, WRONG_TYPE)
ENDPOINTS = (
    Endpoint(
        method="POST",
        path=f"{ONE}/validate",
        name="validate_policy",
        about="All mistakes in a document, each with its line and column; the policy need not exist.",
        handle=validate_policy,
        answer=schemas.Validation,
        body=schemas.AnyPolicy,
        body_types=DOCUMENT_TYPES,
        problems=CHECKS,
    ),
    Endpoint(
        method="POST",
        path=f"{ONE}/preview",
        name="preview_policy",
        about="The bounds that a document's schedules ask for in the coming days, clock changes included.",
        handle=preview_policy,
        answer=schemas.Preview,
        body=schemas.AnyPolicy,
        body_types=DOCUMENT_TYPES,
        query=PreviewQuery,
        problems=CHECKS,
    ),
    Endpoint(
        method="POST",
        path=f"{ONE}/plan",
        name="plan_policy",
        about="What a document would change for the clusters of this policy; nothing is changed by it.",
        handle=plan_policy,
        answer=schemas.Plan,
        body=schemas.AnyPolicy,
        body_types=DOCUMENT_TYPES,
        query=PlanQuery,
        whole_fleet=True,
        problems=CHECKS,
    ),
)
