"""Stored policies: their documents and versions, who is bound to them, and their way to the clusters."""

import json
from collections.abc import Awaitable, Callable

from aiohttp import web
from pydantic import Field

from autoscaler.api import policy_schemas as schemas
from autoscaler.api.bodies import read_body, read_text
from autoscaler.api.control_schemas import Body
from autoscaler.api.endpoints import Endpoint, answer, answer_page
from autoscaler.api.policy_answers import answer_policy, name_of, policy_desk_of, told_policy, written
from autoscaler.api.problems import (
    ALREADY_USED,
    INVALID_REQUEST,
    NOT_POSSIBLE,
    OUTDATED,
    UNCONDITIONAL,
    UNKNOWN_NAME,
    WRONG_TYPE,
    shortened,
)
from autoscaler.api.queries import Cursor, Limit, NoQuery, Query, from_cursor, id_from_cursor, read_query, to_cursor
from autoscaler.core.selectors import Binding, parse_selector
from autoscaler.errors import InvalidInput, UnknownName
from autoscaler.storage.access import Scope

LIST, ONE = "/v1/policies", "/v1/policies/{policy}"
WRITES = (INVALID_REQUEST, UNKNOWN_NAME, NOT_POSSIBLE, OUTDATED, ALREADY_USED, UNCONDITIONAL)
DOCUMENT_TYPES = ("application/json", "application/yaml")
LARGEST_VERSION = 2**31 - 1
ORDERS = ("pause", "resume", "abort", "force")


class PageQuery(Query):
    """Which page of a list."""

    limit: Limit = 100
    cursor: Cursor = None


class ReplaceQuery(Query):
    """How a new version reaches the clusters."""

    at_once: bool = Field(default=False, description="For all clusters at once, and not ring by ring.")


async def list_policies(request: web.Request) -> web.Response:
    """All policies, by name."""
    query = read_query(request, PageQuery)
    after = "" if query.cursor is None else from_cursor(query.cursor)
    found = await policy_desk_of(request).policies.page(limit=query.limit + 1, after=after)
    page, following = found[: query.limit], None
    if len(found) > len(page):
        following = str(request.rel_url.with_query({"limit": query.limit, "cursor": to_cursor(page[-1].name)}))
    return answer_page(schemas.PolicyPage(items=tuple(map(told_policy, page)), next=following), following)


async def create_policy(request: web.Request) -> web.Response:
    """A policy that nobody is bound to yet."""
    order = await read_body(request, schemas.NewPolicy)
    desk = policy_desk_of(request)
    return answer_policy(
        await desk.create(order.name, json.dumps(order.document), await written(request, conditional=False))
    )


async def read_policy(request: web.Request) -> web.Response:
    """One policy as it stands."""
    return answer_policy(await policy_desk_of(request).policies.get(name_of(request)))


async def replace_policy(request: web.Request) -> web.Response:
    """A new version of it."""
    query, desk = read_query(request, ReplaceQuery), policy_desk_of(request)
    text = await read_text(request)
    return answer_policy(await desk.replace(name_of(request), text, await written(request), at_once=query.at_once))


async def delete_policy(request: web.Request) -> web.Response:
    """The policy as it was."""
    return answer_policy(await policy_desk_of(request).delete(name_of(request), await written(request)))


async def roll_back_policy(request: web.Request) -> web.Response:
    """An earlier document as a new version, for all clusters at once."""
    order = await read_body(request, schemas.RollbackOrder)
    return answer_policy(
        await policy_desk_of(request).roll_back(name_of(request), order.version, await written(request))
    )


async def list_policy_versions(request: web.Request) -> web.Response:
    """Its versions, newest first."""
    query = read_query(request, PageQuery)
    name, before = name_of(request), None if query.cursor is None else id_from_cursor(query.cursor)
    policies = policy_desk_of(request).policies
    before = None if before is None else min(before, LARGEST_VERSION)
    found = await policies.versions(name, limit=query.limit + 1, before=before)
    if not found and before is None:
        await policies.get(name)
    page, following = found[: query.limit], None
    if len(found) > len(page):
        cursor = to_cursor(str(page[-1].version))
        following = str(request.rel_url.with_query({"limit": query.limit, "cursor": cursor}))
    items = tuple(schemas.Version.model_validate(one) for one in page)
    return answer_page(schemas.VersionPage(items=items, next=following), following)


async def read_policy_version(request: web.Request) -> web.Response:
    """One version."""
    given = request.match_info["version"]
    if not (given.isascii() and given.isdigit() and len(given) <= 10 and int(given) <= LARGEST_VERSION):
        raise UnknownName("policy version", shortened(given), ())
    version = await policy_desk_of(request).policies.version(name_of(request), int(given))
    return answer(schemas.Version.model_validate(version))


async def bind_policy(request: web.Request) -> web.Response:
    """The policy counts for a cluster, or for all with some tags, from the next tick on."""
    return answer_policy(await policy_desk_of(request).bind(await _binding(request), await written(request)))


async def unbind_policy(request: web.Request) -> web.Response:
    """It no longer counts."""
    return answer_policy(await policy_desk_of(request).unbind(await _binding(request), await written(request)))


async def _binding(request: web.Request) -> Binding:
    order, name = await read_body(request, schemas.BindingOrder), name_of(request)
    if (order.cluster_id is None) == (order.selector is None):
        raise InvalidInput("give either 'cluster_id' or 'selector'")
    selector = None if order.selector is None else parse_selector(order.selector)
    return Binding(policy=name, cluster_id=order.cluster_id, selector=selector)


def _steering(order: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        return answer_policy(await policy_desk_of(request).steer(name_of(request), order, await written(request)))

    return handle


def _write(
    method: str,
    last: str,
    about: str,
    handle: Callable[[web.Request], Awaitable[web.Response]],
    body: type[Body] | type[schemas.AnyPolicy] | None = None,
    *,
    name: str = "",
    query: type[Query] | None = None,
    scope: Scope = Scope.ADMIN,
) -> Endpoint:
    return Endpoint(
        method=method,
        path=ONE + last,
        name=name or handle.__name__,
        about=about,
        handle=handle,
        answer=schemas.Policy,
        body=body,
        body_types=DOCUMENT_TYPES if body is schemas.AnyPolicy else ("application/json",),
        query=query,
        scope=scope,
        whole_fleet=True,
        conditional=True,
        etag_of=ONE,
        problems=WRITES if body is None else (*WRITES, WRONG_TYPE),
    )


ENDPOINTS = (
    Endpoint(
        path=LIST,
        name="list_policies",
        about="The stored policies, by name.",
        handle=list_policies,
        answer=schemas.PolicyPage,
        query=PageQuery,
        whole_fleet=True,
        problems=(NOT_POSSIBLE,),
    ),
    Endpoint(
        method="POST",
        path=LIST,
        name="create_policy",
        about="Store a policy; nobody is bound to it yet.",
        handle=create_policy,
        answer=schemas.Policy,
        body=schemas.NewPolicy,
        scope=Scope.ADMIN,
        whole_fleet=True,
        keyed=True,
        problems=(INVALID_REQUEST, NOT_POSSIBLE, ALREADY_USED, WRONG_TYPE),
    ),
    Endpoint(
        path=ONE,
        name="read_policy",
        about="A policy as it stands; its ETag is what writes want in If-Match.",
        handle=read_policy,
        answer=schemas.Policy,
        whole_fleet=True,
        problems=(UNKNOWN_NAME, NOT_POSSIBLE),
    ),
    _write(
        *("PUT", "", "Replace it; the new version reaches the clusters ring by ring.", replace_policy),
        body=schemas.AnyPolicy,
        query=ReplaceQuery,
    ),
    _write("DELETE", "", "Delete it, unless something is bound to it; its versions stay.", delete_policy),
    _write("POST", "/rollback", "Go back to a version, at once.", roll_back_policy, schemas.RollbackOrder),
    _write("POST", "/bind", "Bind a cluster, or all with some tags.", bind_policy, schemas.BindingOrder),
    _write("POST", "/unbind", "End a binding.", unbind_policy, schemas.BindingOrder),
    *(
        _write(
            *("POST", f"/rollout/{order}", f"Tell the rollout to {order}.", _steering(order)),
            name=f"{order}_rollout",
            scope=Scope.OPERATE,
        )
        for order in ORDERS
    ),
    Endpoint(
        path=f"{ONE}/versions",
        name="list_policy_versions",
        about="Its versions, newest first; those of a deleted policy, too.",
        handle=list_policy_versions,
        answer=schemas.VersionPage,
        query=PageQuery,
        whole_fleet=True,
        problems=(UNKNOWN_NAME, NOT_POSSIBLE),
    ),
    Endpoint(
        path=f"{ONE}/versions/{{version}}",
        name="read_policy_version",
        about="One version; it never changes.",
        handle=read_policy_version,
        answer=schemas.Version,
        query=NoQuery,
        whole_fleet=True,
        problems=(UNKNOWN_NAME, NOT_POSSIBLE),
    ),
)
