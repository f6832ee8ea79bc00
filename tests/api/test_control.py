"""Steering a cluster over HTTP: what counts, what is refused, and what is remembered of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from autoscaler.service.desk import Desk
from tests.api.reader import Reader
from tests.fakes import later

CONTROL = "/v1/clusters/orders/control"
OVERRIDE = "/v1/clusters/orders/override"
FREEZE = "/v1/clusters/orders/freeze"
RANGE = {"floor_acu": 4.0, "ceiling_acu": 32.0}
HOUR = {"for_seconds": 3600}
WRITES = [
    ("PUT", OVERRIDE, {**RANGE, **HOUR}),
    ("DELETE", OVERRIDE, None),
    ("PUT", FREEZE, {"direction": "shrink", **HOUR}),
    ("DELETE", FREEZE, None),
    ("POST", "/v1/clusters/orders/pause-now", HOUR),
    ("POST", "/v1/clusters/orders/resume-now", HOUR),
    ("PUT", "/v1/clusters/orders/mode", {"mode": "enforce"}),
]


async def test_nothing_is_ordered_at_first(api: Reader) -> None:
    answer = await api.get(CONTROL)

    assert answer.json == {
        "cluster_id": "orders",
        "at": "2026-03-02T08:00:00Z",
        "mode": "recommend",
        "override": None,
        "freeze": None,
        "release": None,
        "halted": "",
    }
    assert answer.headers["ETag"] == '"0"'


async def test_an_override_counts_until_its_end(api: Reader, desk: Desk) -> None:
    answer = await api.send("PUT", OVERRIDE, {**RANGE, **HOUR})

    assert answer.json["override"] == {
        "range": {**RANGE, "pause_after_seconds": None},
        "until": "2026-03-02T09:00:00Z",
        "by": "anybody on this machine",
    }
    assert answer.headers["ETag"] == '"1"'
    orders = await desk.orders("orders")
    assert orders.at(later(3599)).override is not None
    assert orders.at(later(3600)).override is None
    assert (await api.send("DELETE", OVERRIDE)).json["override"] is None


async def test_a_freeze_counts_until_somebody_ends_it(api: Reader) -> None:
    answer = await api.send("PUT", FREEZE, {"direction": "both", "until": "2026-03-02T10:00:00+01:00"})

    assert (answer.json["freeze"]["direction"], answer.json["freeze"]["until"]) == ("both", "2026-03-02T09:00:00Z")
    assert (await api.send("DELETE", FREEZE)).json["freeze"] is None


async def test_pausing_and_waking_keep_the_floor(api: Reader) -> None:
    paused = await api.send("POST", "/v1/clusters/orders/pause-now", HOUR)
    awake = await api.send("POST", "/v1/clusters/orders/resume-now", HOUR)

    kept = {"floor_acu": 2.0, "ceiling_acu": 64.0}
    assert paused.json["override"]["range"] == {**kept, "pause_after_seconds": 300}
    assert awake.json["override"]["range"] == {**kept, "pause_after_seconds": None}


async def test_a_cluster_that_has_not_answered_cannot_be_paused_yet(api: Reader) -> None:
    answer = await api.send("POST", "/v1/clusters/bills/pause-now", HOUR, 409)

    assert answer.detail == "bills has not told its range yet; ask again after its first tick"


async def test_a_cluster_that_may_not_be_changed_is_not_enforced(
    api: Reader, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "refusal", lambda cluster_id: "its role only reads")

    refused = await api.send("PUT", "/v1/clusters/orders/mode", {"mode": "enforce"}, 409)
    assert refused.detail == "orders cannot be enforced: its role only reads"
    assert (await api.send("PUT", "/v1/clusters/orders/mode", {"mode": "observe"})).json["mode"] == "observe"


async def test_a_mode_is_kept(api: Reader) -> None:
    assert (await api.send("PUT", "/v1/clusters/orders/mode", {"mode": "enforce"})).json["mode"] == "enforce"
    assert (await api.get(CONTROL)).json["mode"] == "enforce"
    assert (await api.get("/v1/clusters/bills/control")).json["mode"] == "observe"


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
async def test_a_write_says_what_it_has_seen(api: Reader, method: str, path: str, body: object) -> None:
    kind = {"Content_Type": "application/json"}
    content = b"{}"
    missing = await api.ask(method, path, 428, body=content, **kind)
    await api.send(method, path, body, If_Match='"0"')
    late = await api.send(method, path, body, 412, If_Match='"0"')
    await api.send(method, path, body, If_Match='"1"')
    odd = await api.send(method, path, body, 400, If_Match="W/x")

    assert "send the ETag of GET" in missing.detail
    assert late.detail == "the orders for orders are at revision 1, not 0; read them again"
    assert odd.detail.startswith("If-Match is 'W/x'")


async def test_a_body_is_json_and_says_so(api: Reader) -> None:
    answer = await api.send("PUT", OVERRIDE, {**RANGE, **HOUR}, 415, Content_Type="text/plain")

    assert answer.detail == "the body is 'text/plain'; send application/json"


async def test_all_that_is_wrong_with_a_body_is_told_at_once(api: Reader) -> None:
    answer = await api.send("PUT", OVERRIDE, {"floor_acu": "4", "flor": 1, "for_seconds": 604801}, 400)

    assert answer.detail.split("; ") == [
        "for_seconds is '604801'",
        "it should be less than or equal to 604800",
        "floor_acu is '4'",
        "it should be a valid number",
        "ceiling_acu is missing",
        "there is no member 'flor'",
        "there are: ceiling_acu, floor_acu, for_seconds, pause_after_seconds, until",
    ]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (RANGE, "give either 'until' or 'for_seconds'"),
        ({**RANGE, **HOUR, "until": "2026-03-02T09:00:00Z"}, "give either 'until' or 'for_seconds'"),
        ({**RANGE, "until": "2026-03-02T08:00:00Z"}, "which is past"),
        ({**RANGE, "until": "2026-03-09T08:00:01Z"}, "more than seven days after"),
        ({**RANGE, "until": "2026-03-03T08:00:00"}, "should have timezone info"),
        ({"floor_acu": 8, "ceiling_acu": 4}, "either 'until' or 'for_seconds'; floor_acu is 8, above ceiling_acu, 4"),
        ({**RANGE, "ceiling_acu": 65, **HOUR}, "the owner's limits do not allow 4 to 65 ACU; the nearest range is 4"),
        ({**RANGE, "floor_acu": 4.2, **HOUR}, "the nearest range is 4.5 to 32 ACU"),
        ([], "the body is '[]'"),
    ],
)
async def test_an_order_that_makes_no_sense_is_refused(api: Reader, body: object, told: str) -> None:
    assert told in (await api.send("PUT", OVERRIDE, body, 400)).detail
    assert (await api.get(CONTROL)).headers["ETag"] == '"0"'


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 5000, b'{"floor_acu": NaN}'])
async def test_what_is_no_json_is_refused(api: Reader, content: bytes) -> None:
    headers = {"Content_Type": "application/json", "If_Match": "*"}

    await api.ask("PUT", OVERRIDE, 400, body=content, **headers)


async def test_a_large_body_is_refused_even_where_its_size_is_not_told(api: Reader) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 4096

    headers = {"Content-Type": "application/json", "If-Match": "*"}
    async with api.client.put(OVERRIDE, data=pieces(), headers=headers) as response:
        assert (response.status, (await response.json(content_type=None))["title"]) == (
            413,
            "The body of the request is too large",
        )


async def test_an_unknown_cluster_takes_no_orders(api: Reader) -> None:
    answer = await api.send("PUT", "/v1/clusters/nobody/freeze", {"direction": "both", **HOUR}, 404)

    assert answer.detail == "no cluster named 'nobody'; there are: bills, orders"


async def test_the_same_key_orders_once_and_answers_the_same(api: Reader) -> None:
    body = {**RANGE, **HOUR}
    first = await api.send("PUT", OVERRIDE, body, Idempotency_Key="k1", If_Match='"0"')
    again = await api.send("PUT", OVERRIDE, body, Idempotency_Key="k1", If_Match='"0"')
    other = await api.send("PUT", OVERRIDE, {**body, "floor_acu": 5}, 422, Idempotency_Key="k1")

    assert (first.json, first.headers["ETag"]) == (again.json, again.headers["ETag"])
    assert "was used for another request" in other.detail
    assert len((await api.get("/v1/audit")).json["items"]) == 1


async def test_every_write_leaves_a_line(api: Reader) -> None:
    await api.send("PUT", FREEZE, {"direction": "grow", **HOUR}, X_Request_Id="mine-1")
    await api.send("DELETE", FREEZE, X_Request_Id="mine-2")
    page = (await api.get("/v1/audit?limit=1")).json
    older = (await api.get(page["next"])).json

    assert [(line["action"], line["request_id"]) for line in page["items"]] == [("freeze.end", "mine-2")]
    (line,) = older["items"]
    assert (line["actor"], line["action"], line["subject"]) == ("anybody on this machine", "freeze.set", "orders")
    assert (line["before"]["freeze"], line["after"]["freeze"]["direction"]) == (None, "grow")
    assert older["next"] is None


async def test_the_kill_switch_is_shown(api: Reader, tmp_path: Path) -> None:
    (tmp_path / "stop").touch()

    assert (await api.get(CONTROL)).json["halted"] == f"{tmp_path / 'stop'} exists"


async def test_a_decision_is_explained(api: Reader) -> None:
    told = (await api.get("/v1/clusters/orders/decisions/1")).json

    assert [word["says"] for word in told["rules"] if word["rule"] == "shrink_gently"] == ["a test says so"]
    assert {word["says"] for word in told["rules"]} == {"agreed", "a test says so"}
    assert (told["policy"]["policy"], told["inputs"]["mode"], told["document_id"]) == ("reactive", "enforce", 1)
    assert told["grounds"] == "measured"
    assert told["inputs"]["fleet"] == {"may_shrink": False, "blind_growth_acu": 12.5}
    assert told["inputs"]["spending"]["highest_demand_acu"] == 7.5
    assert told["inputs"]["budget"] == [], "the policy has none"


async def test_a_decision_that_does_not_come_out_again_is_not_called_the_same(api: Reader) -> None:
    told = (await api.send("POST", "/v1/clusters/orders/decisions/1/replay")).json

    assert not told["same"]
    assert "reason" in told["differs"]


@pytest.mark.parametrize("number", ["31", "0", "x", "1e3", "99999999999999999999"])
async def test_an_unknown_decision_is_told(api: Reader, number: str) -> None:
    await api.get(f"/v1/clusters/orders/decisions/{number}", 404)
