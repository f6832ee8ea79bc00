"""Policies over HTTP: written, bound, planned, rolled out, and never half."""

from typing import Any

import pytest

from autoscaler.service.desk import Desk
from tests.api.reader import Answer, Reader

LIST, SHOP = "/v1/policies", "/v1/policies/shop"
NATIVE = {"policy": "native", "settings": {"floor_acu": 4, "ceiling_acu": 32}}
LARGER = {"policy": "native", "settings": {"floor_acu": 8, "ceiling_acu": 32}}
YAML = {"Content_Type": "application/yaml"}
ORDERS, BILLS = {"cluster_id": "orders"}, {"cluster_id": "bills"}


async def create(
    api: Reader, name: str = "shop", document: object = NATIVE, status: int = 200, **headers: str
) -> Answer:
    return await api.send("POST", LIST, {"name": name, "document": document}, status, **headers)


async def bound(api: Reader) -> None:
    await create(api)
    await api.send("POST", f"{SHOP}/bind", ORDERS)


async def test_a_policy_is_stored_read_and_listed(api: Reader) -> None:
    made = await create(api)
    read = await api.get(SHOP)
    await create(api, "bills")

    assert made.json == read.json
    assert made.headers["ETag"] == read.headers["ETag"] == '"1"'
    assert (read.json["version"], read.json["newest_version"], read.json["document"]) == (1, 1, NATIVE)
    assert (read.json["author"], read.json["bindings"], read.json["rollout"]) == ("anybody on this machine", [], None)
    first = (await api.get(f"{LIST}?limit=1")).json
    second = (await api.get(first["next"])).json
    assert [one["name"] for one in (*first["items"], *second["items"])] == ["bills", "shop"]
    assert second["next"] == f"{LIST}?limit=1&cursor=c2hvcA"


async def test_there_is_one_policy_of_a_name(api: Reader) -> None:
    await create(api)

    assert (await create(api, status=409)).detail == "there is a policy shop already, at version 1; replace it"
    assert "no policy named 'x'; there are: shop, standard" in (await api.get(f"{LIST}/x", 404)).detail
    assert "name is '../x'" in (await create(api, "../x", status=400)).detail


async def test_the_same_key_creates_it_once(api: Reader) -> None:
    first = await create(api, Idempotency_Key="k")
    again = await create(api, Idempotency_Key="k")
    other = await create(api, document=LARGER, status=422, Idempotency_Key="k")

    assert first.json == again.json
    assert "was used for another request" in other.detail


async def test_a_replacement_says_what_it_has_seen(api: Reader) -> None:
    await create(api)
    await api.ask("PUT", SHOP, 428, body=b"{}", Content_Type="application/json")
    late = await api.send("PUT", SHOP, LARGER, 412, If_Match='"7"')
    done = await api.send("PUT", SHOP, LARGER, If_Match='"1"')
    same = await api.send("PUT", SHOP, LARGER)

    assert late.detail == "policy shop is at revision 1, not 7; read it again"
    assert (done.json["version"], done.json["document"]) == (2, LARGER)
    assert same.json["newest_version"] == 2, "the same document is no new version"


async def test_yaml_is_taken_and_every_mistake_has_its_place(api: Reader) -> None:
    await create(api)
    text = b"policy: native\nsettings: {floor_acu: x}\nrulez: {}\n"
    told = await api.ask("POST", f"{SHOP}/validate", 200, body=text, **YAML)
    refused = await api.ask("PUT", SHOP, 400, body=text, If_Match="*", **YAML)
    good = await api.ask("PUT", SHOP, 200, body=b"policy: reactive\n", If_Match="*", **YAML)

    assert told.json["valid"] is False
    assert [(one["line"], one["column"]) for one in told.json["mistakes"]] == [(2, 23), (3, 1)]
    assert "there is no setting 'rulez'; did you mean 'rules'?" in refused.detail
    assert good.json["document"] == {"policy": "reactive"}
    assert (await api.send("POST", f"{LIST}/new/validate", NATIVE)).json == {"valid": True, "mistakes": []}


@pytest.mark.parametrize(
    "body", [b"\xff", b"", b"- a", b"[" * 5000, b"\x00", b"policy: {a: &a [*a]}", b'{"policy": "x"}']
)
async def test_what_is_no_policy_is_refused(api: Reader, body: bytes) -> None:
    await create(api)

    await api.ask("PUT", SHOP, 400, body=body, If_Match="*", **YAML)


async def test_versions_stay_even_of_a_deleted_policy(api: Reader) -> None:
    await create(api)
    await api.send("PUT", SHOP, LARGER)
    page = (await api.get(f"{SHOP}/versions?limit=1")).json
    rest = (await api.get(page["next"])).json
    one = await api.get(f"{SHOP}/versions/1")
    await api.send("DELETE", SHOP)
    again = await create(api)

    assert [item["version"] for item in (*page["items"], *rest["items"])] == [2, 1]
    assert one.json["document"] == NATIVE
    assert again.json["version"] == 3
    assert "no policy version named 'shop 9'; there are: 1, 2, 3" in (await api.get(f"{SHOP}/versions/9", 404)).detail
    await api.get(f"{SHOP}/versions/99999999999999999999", 404)
    await api.get(f"{LIST}/nobody/versions", 404)


async def test_what_is_bound_cannot_be_deleted(api: Reader) -> None:
    await bound(api)
    refused = await api.send("DELETE", SHOP, None, 409)
    tags = await api.send("POST", f"{SHOP}/bind", {"selector": "team=a,env=prod"})
    await api.send("POST", f"{SHOP}/unbind", {"selector": "env=prod,team=a"})
    free = await api.send("POST", f"{SHOP}/unbind", ORDERS)

    assert refused.detail == "policy shop is bound to cluster orders; unbind it first"
    assert tags.json["bindings"] == [
        {"cluster_id": "orders", "selector": None},
        {"cluster_id": None, "selector": "env=prod,team=a"},
    ]
    assert free.json["bindings"] == []
    await api.send("POST", f"{SHOP}/unbind", ORDERS, 404)
    await api.send("DELETE", SHOP)
    await api.get(SHOP, 404)


@pytest.mark.parametrize("order", [{}, {**ORDERS, "selector": "a=b"}, {"selector": "a"}, {"cluster": "orders"}])
async def test_a_binding_has_one_target(api: Reader, order: object) -> None:
    await create(api)

    await api.send("POST", f"{SHOP}/bind", order, 400)


async def test_a_rollout_is_shown_and_steered(api: Reader) -> None:
    await bound(api)
    started = (await api.send("PUT", SHOP, LARGER)).json
    busy = await api.send("PUT", SHOP, NATIVE | {"name": "x"}, 409)
    paused = (await api.send("POST", f"{SHOP}/rollout/pause")).json["rollout"]
    resumed = (await api.send("POST", f"{SHOP}/rollout/resume")).json["rollout"]
    forced = (await api.send("POST", f"{SHOP}/rollout/force")).json
    over = await api.send("POST", f"{SHOP}/rollout/abort", None, 409)

    assert (started["version"], started["newest_version"]) == (1, 2)
    assert started["rollout"] == {
        "state": "running",
        "from_version": 1,
        "to_version": 2,
        "ring": 1,
        "rings": [{"clusters": 1, "soak_seconds": 600}, {"clusters": 1, "soak_seconds": 600}],
        "reached_clusters": 1,
        "of_clusters": 1,
        "touched": ["orders"],
        "started_at": "2026-03-02T08:00:00Z",
        "ring_at": "2026-03-02T08:00:00Z",
        "reason": "ring 1 of 2: 1 of 1 clusters",
    }
    assert busy.detail == "version 2 of shop is on its way; end it first"
    assert (paused["state"], resumed["state"]) == ("paused", "running")
    assert (forced["version"], forced["rollout"]["state"]) == (2, "done")
    assert over.detail == "no version of policy shop is on its way"


async def test_at_once_and_back(api: Reader) -> None:
    await bound(api)
    at_once = (await api.send("PUT", f"{SHOP}?at_once=true", LARGER)).json
    back = (await api.send("POST", f"{SHOP}/rollback", {"version": 1})).json

    assert (at_once["version"], at_once["rollout"]) == (2, None)
    assert (back["version"], back["document"]) == (3, NATIVE)
    await api.send("POST", f"{SHOP}/rollback", {"version": 9}, 404)


async def test_a_plan_tells_what_would_change_and_changes_nothing(api: Reader, desk: Desk) -> None:
    await bound(api)
    before = await desk.audit(limit=100, before=None)
    plan = (await api.send("POST", f"{SHOP}/plan", NATIVE | {"limits": {"max_acu": 16}})).json

    assert (plan["changes"], plan["document_changes"], plan["left_out"], plan["backtest"]) == (True, True, 0, None)
    (orders,) = plan["clusters"]
    assert (orders["cluster_id"], orders["policy"], orders["policy_version"]) == ("orders", "shop", 1)
    assert (orders["limits"]["max_acu"], orders["would_have_limits"]["max_acu"]) == (64, 16)
    assert orders["would_wish"] == {"floor_acu": 4, "ceiling_acu": 16, "pause_after_seconds": None}
    assert orders["would_be_range"]["ceiling_acu"] == 16
    assert await desk.audit(limit=100, before=None) == before
    assert (await api.get(SHOP)).json["newest_version"] == 1


async def test_a_plan_for_a_policy_that_does_not_exist_yet(api: Reader) -> None:
    nobody = (await api.send("POST", f"{LIST}/new/plan", NATIVE)).json
    as_if = (await api.send("POST", f"{LIST}/new/plan?cluster_id=orders&backtest_days=1", NATIVE)).json
    tight = NATIVE | {"limits": {"min_acu": 80}}
    troubled = (await api.send("POST", f"{LIST}/new/plan?cluster_id=orders", tight)).json

    assert (nobody["changes"], nobody["clusters"]) == (True, [])
    assert [one["policy"] for one in as_if["clusters"]] == ["reactive"]
    assert troubled["clusters"][0]["trouble"].startswith("a minimum of 80.0 ACU is above")
    await api.send("POST", f"{LIST}/new/plan?cluster_id=nobody", NATIVE, 404)


async def test_a_preview_shows_the_clock_change(api: Reader) -> None:
    document: dict[str, Any] = {"policy": "scheduled", "settings": {"time_zone": "Europe/Berlin"}}
    shown = (await api.send("POST", f"{LIST}/new/preview?start=2026-03-28&days=2", document)).json

    assert shown["time_zone"] == "Europe/Berlin"
    assert shown["clock_changes"] == [{"at": "2026-03-29T03:00:00+02:00", "shift_seconds": 3600.0}]
    await api.send("POST", f"{LIST}/new/preview?time_zone=Mars/Olympus", document, 400)


@pytest.mark.parametrize(
    "query",
    ["start=9999-12-31", "start=0001-01-01", "time_zone=../../etc/passwd", "time_zone=%00", "time_zone=", "days=0"],
)
async def test_a_preview_of_odd_days_or_clocks_is_refused(api: Reader, query: str) -> None:
    await api.send("POST", f"{LIST}/new/preview?{query}", NATIVE, 400)


async def test_every_write_is_in_the_audit_log(api: Reader, desk: Desk) -> None:
    await bound(api)
    await api.send("PUT", SHOP, LARGER)
    await api.send("POST", f"{SHOP}/rollout/abort")
    lines = await desk.audit(limit=9, before=None)

    assert [(line.action, line.subject) for line in reversed(lines)] == [
        ("policy.create", "policy shop"),
        ("policy.bind", "policy shop"),
        ("policy.replace", "policy shop"),
        ("rollout.abort", "policy shop"),
    ]
    assert lines[0].before["rollout"]["state"] == "running"
