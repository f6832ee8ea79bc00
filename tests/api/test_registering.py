"""Clusters over HTTP, through a whole service: registered, changed, removed, discovered, adopted and given back."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from autoscaler.api.app import make_app
from autoscaler.core.capacity import Range
from autoscaler.observability.events import Kind
from autoscaler.observability.metrics import Metrics
from autoscaler.service.opening import opened
from autoscaler.service.settings import ServiceSettings
from autoscaler.service.supervisor import Supervisor
from autoscaler.service.wiring import acting
from tests.api.reader import Answer, Reader
from tests.fakes import MONDAY, ManualClock, later, make_range
from tests.service.builders import make_cluster, run_for
from tests.storage.builders import url_in

LAB = {"id": "lab", "policy": "reactive", "workload": {"scenario": "analytics"}, "tags": {"team": "data"}}
POOL = [
    {"id": "found-1", "workload": {"scenario": "healthcare"}, "cluster": {"limits": {"min_acu": 1, "max_acu": 16}}},
    {"id": "found-2", "workload": {"scenario": "analytics"}, "tags": {"team": "data", "env": "prod"}},
]
METER = {"id": "meter", "kind": "pushed", "policy": "reactive", "cluster": {"limits": {"min_acu": 1, "max_acu": 16}}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service that a test moves, and its API."""

    api: Reader
    clock: ManualClock
    supervisor: Supervisor

    @property
    def drifts(self) -> bool:
        """Whether everybody is told that somebody else changed the shop's range."""
        assert self.supervisor.desk is not None
        return self.supervisor.desk.feed.lasts(Kind.DRIFT, "shop")

    async def tick(self, ticks: int = 1) -> None:
        await run_for(self.supervisor, self.clock, ticks=ticks)

    async def view(self, cluster_id: str) -> dict[str, Any]:
        found: dict[str, Any] = (await self.api.get(f"/v1/clusters/{cluster_id}")).json
        return found

    async def register(self, document: dict[str, Any], status: int = 200, **headers: str) -> Answer:
        return await self.api.send("POST", "/v1/clusters", document, status, **headers)


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    clock, metrics = ManualClock(), Metrics(version="test")
    settings = ServiceSettings.model_validate(
        {"database": url_in(tmp_path), "clusters": [make_cluster("shop")], "sources": {"simulated": {"pool": POOL}}}
    )
    async with (
        opened(settings, clock=clock) as store,
        acting(settings, store, observers=[metrics], retain=metrics.retain) as supervisor,
        TestClient(TestServer(make_app(supervisor, metrics=metrics, desk=supervisor.desk, version="test"))) as client,
    ):
        yield Service(api=Reader(client), clock=clock, supervisor=supervisor)


async def test_a_cluster_is_registered_watched_changed_and_removed(service: Service) -> None:
    made = await service.register(LAB)
    await service.tick(2)
    lab = await service.view("lab")
    path = "/v1/clusters/lab/settings"
    changed = await service.api.send("PATCH", path, {"policy": "native"}, If_Match=made.headers["ETag"])
    await service.tick()
    after = await service.view("lab")
    gone = await service.api.send("DELETE", "/v1/clusters/lab", If_Match=changed.headers["ETag"])
    await service.tick()

    assert (made.json["origin"], made.json["found"], made.json["removed_at"]) == ("api", None, None)
    assert (lab["kind"], lab["tags"], lab["mode"], lab["policy"]) == (
        "simulated",
        {"team": "data"},
        "observe",
        "reactive",
    )
    assert lab["last_outcome"] is not None
    assert after["policy"] == "native"
    assert gone.json["removed_at"] is not None
    assert (await service.api.get("/v1/clusters/lab", 404)).detail == "no cluster named 'lab'; there are: shop"
    assert 'cluster="lab"' not in (await service.api.get("/metrics")).text


async def test_what_is_told_of_settings_can_be_sent_back(service: Service) -> None:
    await service.register(LAB)
    path = "/v1/clusters/lab/settings"
    told = await service.api.get(path)
    titled, seen = {**told.json["settings"], "title": "The lab"}, told.headers["ETag"]
    again = await service.api.send("PUT", path, titled, If_Match=seen)

    assert again.json["settings"] == titled
    late = await service.api.send("PUT", path, told.json["settings"], 412, If_Match=seen)
    assert late.detail.endswith("read its settings again")
    assert "GET …/settings" in (await service.api.ask("DELETE", "/v1/clusters/lab", 428)).detail


async def test_a_new_cluster_is_only_looked_at_whatever_was_ordered_for_an_older_one(service: Service) -> None:
    await service.register(LAB)
    await service.api.send("PUT", "/v1/clusters/lab/mode", {"mode": "enforce"})
    await service.api.send("DELETE", "/v1/clusters/lab")
    await service.register(LAB)

    assert (await service.api.get("/v1/clusters/lab/control")).json["mode"] == "observe"


async def test_the_same_key_registers_once(service: Service) -> None:
    first = await service.register(LAB, Idempotency_Key="k1")
    again = await service.register(LAB, Idempotency_Key="k1")
    other = await service.register({**LAB, "title": "x"}, 422, Idempotency_Key="k1")
    twice = await service.register(LAB, 409)

    assert first.json == again.json
    assert "the idempotency key 'k1' was used for another request" in other.detail
    assert twice.detail == "lab is registered already; change it with PUT …/settings"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"id": "not an id!"}, "id: string should match pattern"),
        ({"mode": "enforce"}, "there is no member 'mode'"),
        ({"policy": "clairvoyant"}, "no policy named 'clairvoyant'; there are:"),
        ({"policy": "./fleet.yaml"}, "what comes over the network reads no files here"),
        ({"cluster": "/etc/passwd"}, "no cluster profile named '/etc/passwd'"),
        ({"workload": {"trace": {"file": "/etc/passwd"}}}, "workload.trace.file names a file"),
        (
            {"policy": {"policy": "scheduled", "settings": {"calendars": {"x": {"file": "x.ics"}}}}},
            "policy.settings.calendars.x.file names a file",
        ),
        ({"workload": {"scenario": "e-comerce"}}, "no scenario named 'e-comerce'"),
        (
            {"kind": "postgres", "workload": None, "cluster": "local-postgres", "source": {"folder": "/lab"}},
            "source.folder names a file; what comes over the network reads no files here",
        ),
        ({"workload": None}, "a simulated cluster needs a 'workload' to serve"),
        ({"kind": "oracle"}, "no kind of clusters named 'oracle'; there are:"),
        ({"tags": {"team": " "}}, "tags.team"),
        ({"policy": {"policy": "reactive", "settings": {"sped": 1}}}, "sped"),
        ({"cluster": {"limits": {"min_acu": 8, "max_acu": 4}}}, "a minimum of 8.0 ACU is above the maximum"),
        ({"faults": {"x": 1}}, "the faults of cluster lab"),
    ],
)
async def test_settings_that_cannot_be_used_are_refused(service: Service, change: dict[str, Any], told: str) -> None:
    assert told in (await service.register({**LAB, **change}, 400)).detail
    await service.api.get("/v1/clusters/lab", 404)


async def test_a_cluster_of_the_file_belongs_to_the_api_once_it_was_changed_there(service: Service) -> None:
    path = "/v1/clusters/shop/settings"
    seed = await service.api.get(path)
    changed = await service.api.send("PATCH", path, {"tags": {"env": "prod"}})
    kind = await service.api.send("PUT", path, {**METER, "id": "shop"}, 409)
    other = await service.api.send("PUT", path, LAB, 400)

    assert (seed.json["origin"], changed.json["origin"]) == ("file", "api")
    assert (await service.api.get("/v1/clusters/shop/control")).json["mode"] == "enforce", "its mode is as it was"
    assert "to make another of it, remove and register it" in kind.detail
    assert "an id never changes" in other.detail


async def test_the_list_is_filtered_and_paged(service: Service) -> None:
    await service.register(LAB)
    await service.register(METER)
    await service.tick()

    async def ids(query: str) -> list[str]:
        return [one["cluster_id"] for one in (await service.api.get(f"/v1/clusters?{query}")).json["items"]]

    assert await ids("tag=team=data") == ["lab"]
    assert await ids("tag=team=data,env=prod") == []
    assert await ids("kind=pushed") == ["meter"]
    assert await ids("mode=observe&kind=simulated") == ["lab"]
    assert await ids("mode=enforce&phase=available") == ["shop"]
    assert await ids("phase=paused") == []
    first = (await service.api.get("/v1/clusters?mode=observe&limit=1")).json
    assert [one["cluster_id"] for one in first["items"]] == ["lab"]
    assert [one["cluster_id"] for one in (await service.api.get(first["next"])).json["items"]] == ["meter"]
    assert "the selector is 'team'" in (await service.api.get("/v1/clusters?tag=team", 400)).detail


async def test_what_a_source_knows_is_discovered_and_adopted_with_the_range_it_has(service: Service) -> None:
    before = (await service.api.send("POST", "/v1/clusters/discover", {"kind": "simulated"})).json["items"]
    adopted = await service.api.send(
        "POST", "/v1/clusters/adopt", {"id": "found-2", "cluster": {"limits": {"max_acu": 8}}}
    )
    after = (await service.api.send("POST", "/v1/clusters/discover", {"kind": "simulated"})).json["items"]
    await service.tick()

    assert [one["id"] for one in before] == ["found-1", "found-2"]
    assert [one["id"] for one in after] == ["found-1"]
    found = {"floor_acu": 0.5, "ceiling_acu": 128.0, "pause_after_seconds": None}
    assert adopted.json["found"] == before[1]["range"] == found
    assert (await service.view("found-2"))["tags"] == {"team": "data", "env": "prod"}
    assert (await service.view("found-2"))["limits"]["max_acu"] == 8
    assert ((await service.view("found-2"))["policy"], (await service.view("found-2"))["mode"]) == ("auto", "observe")
    twice = await service.api.send("POST", "/v1/clusters/adopt", {"id": "found-2", "policy": "native"}, 409)
    lost = await service.api.send("POST", "/v1/clusters/adopt", {"id": "found-3", "policy": "native"}, 400)
    pushed = await service.api.send("POST", "/v1/clusters/discover", {"kind": "pushed"}, 409)
    assert "is registered already" in twice.detail
    assert lost.detail == "no simulated cluster 'found-3' was found; there are: found-1"
    assert "pushed clusters cannot be discovered" in pushed.detail


def range_of(view: dict[str, Any]) -> Range:
    return Range(**view["status"]["range"])


async def test_a_released_cluster_has_its_range_back_and_is_only_looked_at(service: Service) -> None:
    await service.api.send("POST", "/v1/clusters/adopt", {"id": "found-1", "policy": "reactive"})
    await service.tick()
    await service.api.send("PUT", "/v1/clusters/found-1/mode", {"mode": "enforce"})
    override = {"floor_acu": 4, "ceiling_acu": 16, "for_seconds": 3600}
    await service.api.send("PUT", "/v1/clusters/found-1/override", override)
    await service.tick(3)
    assert range_of(await service.view("found-1")) == make_range(4, 16)

    releasing = await service.api.send("POST", "/v1/clusters/found-1/release")
    assert releasing.json["release"] == {"floor_acu": 1.0, "ceiling_acu": 16.0, "pause_after_seconds": None}
    await service.tick(12)

    view, control = await service.view("found-1"), await service.api.get("/v1/clusters/found-1/control")
    assert range_of(view) == make_range(1, 16)
    assert (control.json["mode"], control.json["release"], control.json["override"]) == ("observe", None, None)
    deeds = [(one["actor"], one["action"]) for one in (await service.api.get("/v1/audit")).json["items"]]
    assert deeds[:2] == [("autoscaler", "release.done"), ("anybody on this machine", "release.start")]
    path = "/v1/clusters/found-1/decisions?changes_only=true&outcome=applied"
    journal = (await service.api.get(path)).json["items"]
    assert journal[0]["decision"]["driver"] == "obey_an_override"


async def test_a_cluster_that_nobody_adopted_is_given_the_range_of_the_first_look(service: Service) -> None:
    await service.tick(30)
    assert range_of(await service.view("shop")) != make_range(0.5, 64)
    released = await service.api.send("POST", "/v1/clusters/shop/release")

    assert released.json["release"] == {"floor_acu": 0.5, "ceiling_acu": 64.0, "pause_after_seconds": None}


async def test_another_order_ends_a_release(service: Service) -> None:
    await service.tick(2)
    await service.api.send("POST", "/v1/clusters/shop/release")

    assert (await service.api.send("PUT", "/v1/clusters/shop/mode", {"mode": "recommend"})).json["release"] is None


async def test_a_release_that_cannot_be_now_is_refused_with_the_reason(service: Service) -> None:
    async def refused(cluster_id: str = "shop") -> str:
        return (await service.api.send("POST", f"/v1/clusters/{cluster_id}/release", None, 409)).detail

    assert "has not told its range yet" in await refused()
    await service.register(METER)
    await service.tick(2)
    assert "nobody can be asked for the range of a pushed cluster" in await refused("meter")
    await service.api.send("PUT", "/v1/clusters/shop/freeze", {"direction": "both", "for_seconds": 600})
    assert "end the freeze first" in await refused()
    await service.api.send("DELETE", "/v1/clusters/shop/freeze")
    await service.api.send("PATCH", "/v1/clusters/shop/settings", {"cluster": {"limits": {"min_acu": 2}}})
    await service.tick()
    assert "which the owner's limits do not allow; the nearest range is 2 to 64 ACU" in await refused()


def sample(minute: int, demand_acu: float = 3.0, **others: Any) -> dict[str, Any]:
    return {"at": later(60.0 * minute).isoformat(), "seconds": 60, "demand_acu": demand_acu, **others}


async def test_pushed_samples_are_decided_about_and_never_enforced(service: Service) -> None:
    await service.register(METER)
    await service.clock.advance(600.0)
    path = "/v1/clusters/meter/samples"
    held = {"floor_acu": 2, "ceiling_acu": 16}
    taken = await service.api.send("POST", path, {"samples": [sample(minute) for minute in range(10)], "range": held})
    again = await service.api.send("POST", path, {"samples": [sample(minute) for minute in range(10)]})
    await service.tick()
    view = await service.view("meter")
    refused = await service.api.send("PUT", "/v1/clusters/meter/mode", {"mode": "enforce"}, 409)

    assert taken.json == {"accepted": 10, "repeated": 0, "late": 0, "newest_at": "2026-03-02T08:09:00Z"}
    assert again.json == {"accepted": 0, "repeated": 10, "late": 0, "newest_at": "2026-03-02T08:09:00Z"}
    assert (view["demand_acu"], view["blind_seconds"], range_of(view)) == (3.0, 0.0, make_range(2, 16))
    assert view["last_outcome"] == "not-enforced: the mode is observe"
    assert view["last_decision"]["after"]["floor_acu"] > 2
    assert "nobody can be asked for the range of a pushed cluster" in refused.detail


async def test_from_pushed_samples_it_is_learned_how_much_memory_the_pages_in_use_need(service: Service) -> None:
    """Three hours at 2 ACU, of which four page reads in five come from storage, and one at 8 ACU."""
    await service.register(METER)
    await service.clock.advance(4 * 3600.0)
    small, large = (
        {"capacity_acu": acu, "cache_hit_fraction": hits, "reads_per_second": reads, "freeable_gib": 0.5}
        for acu, hits, reads in ((2.0, 0.2, 2400.0), (8.0, 1.0, 0.0))
    )
    pushed = [sample(minute, **(small if minute < 180 else large)) for minute in range(240)]
    await service.api.send("POST", "/v1/clusters/meter/samples", {"samples": pushed})
    await service.tick()
    [newest] = (await service.api.send("GET", "/v1/clusters/meter/decisions?limit=1")).json["items"]
    told = (await service.api.send("GET", f"/v1/clusters/meter/decisions/{newest['id']}")).json
    replayed = (await service.api.send("POST", f"/v1/clusters/meter/decisions/{newest['id']}/replay")).json
    kept = (await service.api.send("GET", "/v1/clusters/meter/samples?limit=1")).json["items"]

    assert told["inputs"]["working_set"] == {
        "enough_acu": pytest.approx(8.0),
        "short_acu": pytest.approx(2.0),
        "missed_fraction": pytest.approx(0.8),
        "used_at": "2026-03-02T12:00:00Z",
    }
    assert told["inputs"]["limits"]["working_set"] == "pays"
    assert replayed["same"]
    assert [{name: one[name] for name in small} for one in kept] == [small]


async def test_late_samples_are_left_out_as_everywhere(service: Service) -> None:
    await service.register(METER)
    await service.clock.advance(600.0)
    path = "/v1/clusters/meter/samples"
    await service.api.send("POST", path, {"samples": [sample(0), sample(5)]})
    mixed = await service.api.send("POST", path, {"samples": [sample(3), sample(5), sample(6)]})

    assert {name: mixed.json[name] for name in ("accepted", "repeated", "late")} == {
        "accepted": 1,
        "repeated": 1,
        "late": 1,
    }


@pytest.mark.parametrize(
    ("samples", "told"),
    [
        ([sample(0, -1)], "samples.0.demand_acu is '-1'"),
        ([sample(0, demand_acu=float("nan"))], "samples.0.demand_acu is 'nan'"),
        ([sample(0) | {"seconds": 0}], "samples.0.seconds is '0'"),
        ([sample(0) | {"at": "2026-03-02T08:00:00"}], "samples.0.at"),
        ([sample(0, cache_hit_fraction=1.5)], "samples.0.cache_hit_fraction is '1.5'"),
        ([sample(0, capacity=1)], "there is no member 'samples.0.capacity'"),
        ([sample(11)], "samples.0 ends at 2026-03-02T08:12:00+00:00, in the future"),
        ([sample(1), sample(0)], "samples.1 at 2026-03-02T08:00:00+00:00 begins before the one before it"),
        ([sample(1), sample(1)], "samples.1 at 2026-03-02T08:01:00+00:00 begins before the one before it"),
        ([sample(0, seconds=90), sample(1)], "samples.1 at 2026-03-02T08:01:00+00:00 overlaps the one before it"),
        ([], "samples"),
    ],
)
async def test_samples_that_cannot_be_are_refused_all_of_them(
    service: Service, samples: list[dict[str, Any]], told: str
) -> None:
    await service.register(METER)
    await service.clock.advance(600.0)

    assert told in (await service.api.send("POST", "/v1/clusters/meter/samples", {"samples": samples}, 400)).detail
    good = await service.api.send("POST", "/v1/clusters/meter/samples", {"samples": [sample(0)]})
    assert good.json["accepted"] == 1


async def test_nothing_is_pushed_for_a_cluster_that_has_a_source(service: Service) -> None:
    answer = await service.api.send("POST", "/v1/clusters/shop/samples", {"samples": [sample(0)]}, 409)

    assert answer.detail == "shop is of kind simulated: its samples come from its source, not from here"


async def test_a_change_from_outside_is_told_and_acknowledged(service: Service) -> None:
    await service.tick(2)
    cluster = service.supervisor.job("shop").cluster
    outside = make_range(8, 64)
    await cluster.apply(outside)
    await service.tick()
    told = await service.api.get("/v1/clusters/shop/drift")
    drift = told.json["drift"]

    assert (drift["after"]["floor_acu"], drift["acknowledged"]) == (8.0, False)
    assert drift["at"] == later(120.0, MONDAY).isoformat().replace("+00:00", "Z")
    assert service.drifts
    acknowledge = "/v1/clusters/shop/drift/acknowledge"
    other = await service.api.send("POST", acknowledge, {"at": later(60.0).isoformat()}, 409)
    seen = await service.api.send("POST", acknowledge, {"at": drift["at"]}, If_Match=told.headers["ETag"])
    await service.tick()
    assert "the newest drift was noticed at" in other.detail
    assert seen.json["drift"]["acknowledged"]
    view = await service.view("shop")
    assert view["drift"] is None or view["drift"]["acknowledged"]
    assert not service.drifts


async def test_where_nothing_drifted_there_is_nothing_to_acknowledge(service: Service) -> None:
    await service.tick()

    assert (await service.api.get("/v1/clusters/shop/drift")).json["drift"] is None
    body = {"at": MONDAY.isoformat()}
    answer = await service.api.send("POST", "/v1/clusters/shop/drift/acknowledge", body, 409)
    assert answer.detail == "there is no drift to acknowledge"
