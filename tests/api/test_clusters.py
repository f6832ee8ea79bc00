"""Reading clusters and their decisions."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from tests.api.fleet import FakeFleet, make_unread_view, make_view
from tests.api.reader import Reader


async def all_pages(api: Reader, path: str) -> list[list[Any]]:
    """The items of every page, following ``next``."""
    pages: list[list[Any]] = []
    following: str | None = path
    while following is not None:
        page = (await api.get(following)).json
        pages.append(page["items"])
        following = page["next"]
    return pages


def ids(pages: Iterable[Iterable[Any]]) -> list[list[Any]]:
    return [[item.get("id", item.get("cluster_id")) for item in page] for page in pages]


async def test_shows_a_cluster_with_units_in_the_names(api: Reader) -> None:
    awake_range = {"floor_acu": 2.0, "ceiling_acu": 64.0, "pause_after_seconds": None}
    wish = {"floor_acu": 8.0, "ceiling_acu": 64.0, "pause_after_seconds": None}

    answer = await api.get("/v1/clusters/orders")

    assert answer.json == {
        "cluster_id": "orders",
        "title": "Orders of the web shop",
        "profile": "aurora-v2",
        "policy": "predictive",
        "policy_version": None,
        "kind": "simulated",
        "tags": {},
        "limits": {"min_acu": 0.5, "max_acu": 64.0, "step_acu": 0.5, "may_pause": True, "working_set": "pays"},
        "status": {
            "phase": "available",
            "ready_acu": 5.5,
            "range": awake_range,
            "requested": None,
            "changed_at": "2026-03-02T08:00:00Z",
            "standbys": 0,
            "awaits_restart": False,
            "blockers": [],
            "holds": [],
        },
        "demand_acu": 4.25,
        "demand_at": "2026-03-02T08:00:00Z",
        "blind_seconds": 30.0,
        "last_decision": {
            "at": "2026-03-02T08:00:00Z",
            "before": awake_range,
            "wish": wish,
            "after": awake_range,
            "changes": False,
            "driver": "space_the_changes",
            "reason": "2 to 64 ACU stays: the demand is 6 ACU, but the last change is less than 300 s ago",
            "steps": [
                {
                    "rule": "space_the_changes",
                    "before": wish,
                    "after": awake_range,
                    "why": "the last change is 60 s ago",
                }
            ],
        },
        "last_outcome": "none",
        "last_tick_at": "2026-03-02T08:01:00Z",
        "mode": "recommend",
        "overridden": False,
        "frozen": False,
        "halted": "",
        "usd_per_hour": pytest.approx(0.66),
        "failures": 0,
        "breaker": "closed",
        "error": None,
        "drift": None,
        "acu_hours": 12.5,
        "forecast": {
            "model": "seasonal-naive",
            "made_at": "2026-03-02T08:00:00Z",
            "start": "2026-03-02T08:00:00Z",
            "step_seconds": 300.0,
            "levels": [0.5, 0.95],
            "demand_acu": [[4.0] * 14 + [5.0], [6.0] * 14 + [9.0]],
        },
        "shadows": [],
    }


async def test_what_was_never_seen_is_null_and_not_zero(api: Reader) -> None:
    unread = (await api.get("/v1/clusters/bills")).json

    unknown = {name for name, value in unread.items() if value is None}
    assert unknown == {
        *("status", "demand_acu", "demand_at", "blind_seconds", "forecast"),
        *("last_decision", "last_outcome", "last_tick_at", "acu_hours", "policy_version", "usd_per_hour"),
        "drift",
    }
    assert (unread["failures"], unread["error"]) == (2, "no answer within 5 s")


async def test_lists_clusters_by_id_without_their_forecasts(api: Reader) -> None:
    page = (await api.get("/v1/clusters")).json

    assert ids([page["items"]]) == [["bills", "orders"]]
    assert page["next"] is None
    assert "forecast" not in page["items"][0]


async def test_pages_through_the_clusters_without_a_gap(api: Reader, fleet: FakeFleet) -> None:
    fleet.clusters = {name: make_view(name) for name in ("e", "c", "a", "d", "b")}

    assert ids(await all_pages(api, "/v1/clusters?limit=2")) == [["a", "b"], ["c", "d"], ["e"]]


async def test_a_cluster_that_goes_between_two_pages_hides_no_other(api: Reader, fleet: FakeFleet) -> None:
    fleet.clusters = {name: make_view(name) for name in "abcd"}
    first = (await api.get("/v1/clusters?limit=2")).json
    del fleet.clusters["b"]

    assert ids([(await api.get(first["next"])).json["items"]]) == [["c", "d"]]


async def test_the_next_page_is_also_told_in_a_header(api: Reader) -> None:
    answer = await api.get("/v1/clusters?limit=1")

    assert answer.json["next"] == "/v1/clusters?limit=1&cursor=YmlsbHM"
    assert answer.headers["Link"] == '</v1/clusters?limit=1&cursor=YmlsbHM>; rel="next"'


async def test_an_empty_fleet_is_an_empty_page(api: Reader, fleet: FakeFleet) -> None:
    fleet.clusters.clear()

    assert (await api.get("/v1/clusters")).json == {"items": [], "next": None}


@pytest.mark.parametrize("name", ["a/b", "ümläut", "a b", "?&#", "..", "100%"])
async def test_any_name_can_be_asked_for(api: Reader, fleet: FakeFleet, name: str) -> None:
    fleet.clusters = {name: make_view(name)}
    quoted = "".join(f"%{byte:02X}" for byte in name.encode())

    assert (await api.get(f"/v1/clusters/{quoted}")).json["cluster_id"] == name


async def test_shows_a_decision_with_what_became_of_it(api: Reader) -> None:
    entry = (await api.get("/v1/clusters/orders/decisions?limit=1")).json["items"][0]
    decision = entry.pop("decision")

    assert entry == {
        "id": 30,
        "state": "applied",
        "outcome": "the provider took it",
        "finished_at": "2026-03-02T08:29:01Z",
    }
    assert (decision["changes"], decision["after"]["floor_acu"]) == (True, 4.0)


async def test_pages_through_the_decisions_newest_first(api: Reader) -> None:
    pages = ids(await all_pages(api, "/v1/clusters/orders/decisions?limit=12"))

    assert pages == [[*range(30, 18, -1)], [*range(18, 6, -1)], [*range(6, 0, -1)]]


async def test_a_last_page_that_is_just_full_leads_nowhere(api: Reader) -> None:
    assert [len(page) for page in await all_pages(api, "/v1/clusters/orders/decisions?limit=15")] == [15, 15]


async def test_decisions_that_change_nothing_can_be_left_out(api: Reader) -> None:
    pages = ids(await all_pages(api, "/v1/clusters/orders/decisions?changes_only=true&limit=2"))

    assert pages == [[30, 20], [10]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("outcome=applied", [30, 20, 10]),
        ("outcome=failed", []),
        ("driver=policy", []),
        ("driver=shrink_gently&limit=2", [30, 29]),
        ("since=2026-03-02T08:28:00Z", [30, 29]),
        ("until=2026-03-02T09:02:00%2B01:00", [2, 1]),
        ("since=2026-03-02T08:05:00Z&until=2026-03-02T08:15:00Z&changes_only=true", [10]),
    ],
)
async def test_decisions_are_found_by_what_is_known_of_them(api: Reader, query: str, found: list[int]) -> None:
    assert ids([(await api.get(f"/v1/clusters/orders/decisions?{query}")).json["items"]]) == [found]


async def test_the_next_page_asks_for_the_same(api: Reader) -> None:
    page = (await api.get("/v1/clusters/orders/decisions?outcome=applied&since=2026-03-02T08:00:00Z&limit=2")).json

    assert ids([page["items"], (await api.get(page["next"])).json["items"]]) == [[30, 20], [10]]


async def test_decisions_of_other_clusters_stay_out(api: Reader) -> None:
    assert (await api.get("/v1/clusters/bills/decisions")).json == {"items": [], "next": None}


@pytest.mark.parametrize("path", ["/v1/clusters/{}", "/v1/clusters/{}/decisions"])
async def test_an_unknown_cluster_is_told_with_those_that_exist(api: Reader, path: str) -> None:
    answer = await api.get(path.format("nobody"), 404)

    assert answer.json["type"] == "urn:autoscaler:problem:unknown-name"
    assert answer.detail == "no cluster named 'nobody'; there are: bills, orders"


async def test_a_large_fleet_is_not_listed_in_an_error(api: Reader, fleet: FakeFleet) -> None:
    fleet.clusters = {f"cluster-{number}": make_view() for number in range(1000)}

    answer = await api.get("/v1/clusters/nobody", 404)

    assert answer.detail == "no cluster named 'nobody'; GET /v1/clusters lists those that exist"


CLUSTERS, DECISIONS = "/v1/clusters", "/v1/clusters/orders/decisions"
AT_LEAST_1 = "should be greater than or equal to 1"
NO_SIZE = "there is no parameter 'size'; there are: cursor, kind, limit, mode, phase, tag"


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        (f"{CLUSTERS}?limit=0", f"limit is '0'; it {AT_LEAST_1}"),
        (f"{CLUSTERS}?size=3", NO_SIZE),
        (f"{CLUSTERS}?limit=501", "limit is '501'; it should be less than or equal to 500"),
        (
            f"{CLUSTERS}?limit=ten",
            "limit is 'ten'; it should be a valid integer, unable to parse string as an integer",
        ),
        (f"{CLUSTERS}?limit=5&limit=6", "'limit' is given more than once"),
        (f"{CLUSTERS}?limit=0&size=3", f"limit is '0'; it {AT_LEAST_1}; {NO_SIZE}"),
        (f"{CLUSTERS}/orders?verbose=1", "there is no parameter 'verbose'; there are none here"),
        ("/openapi.json?x=", "there is no parameter 'x'; there are none here"),
        (
            f"{CLUSTERS}?cursor=%FF!",
            "cursor is '\N{REPLACEMENT CHARACTER}!', which is none of ours; leave it out to begin at the start",
        ),
        (
            f"{DECISIONS}?cursor=YmlsbHM",
            "cursor is 'YmlsbHM', which is none of ours; leave it out to begin at the start",
        ),
        (
            f"{DECISIONS}?changes_only=perhaps",
            "changes_only is 'perhaps'; it should be a valid boolean, unable to interpret input",
        ),
    ],
)
async def test_a_bad_query_is_told_by_name_and_value(api: Reader, path: str, detail: str) -> None:
    answer = await api.get(path, 400)

    assert answer.json["type"] == "urn:autoscaler:problem:invalid-request"
    assert answer.detail == detail


async def test_a_cursor_beyond_the_largest_id_is_refused(api: Reader) -> None:
    await api.get(f"{DECISIONS}?cursor=OTIyMzM3MjAzNjg1NDc3NTgwOA", 400)  # 2 to the power of 63


@pytest.mark.parametrize("make", [make_view, make_unread_view])
async def test_a_list_shows_what_a_single_cluster_shows(
    api: Reader, fleet: FakeFleet, make: Callable[[str], Any]
) -> None:
    fleet.clusters = {"one": make("one")}

    single = (await api.get("/v1/clusters/one")).json
    del single["forecast"], single["shadows"]

    assert (await api.get("/v1/clusters")).json["items"] == [single]
