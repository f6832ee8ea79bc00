"""Enforcing asks whether the simulator can be believed about a cluster."""

import pytest

from autoscaler.service.desk import Desk
from autoscaler.simulator.fidelity import Fidelity
from tests.api.reader import Reader

FAR_OFF = Fidelity(seen_hours=24.0, mean_acu=4.0, mean_error_acu=2.0, bias_acu=1.0)


class Judge:
    async def of(self, cluster_id: str, *, hours: int = 24) -> Fidelity:
        return FAR_OFF


async def test_the_error_is_told(api: Reader) -> None:
    told = (await api.get("/v1/clusters/orders/fidelity")).json
    assert (told["error_fraction"], told["doubtful"]) == (None, False)
    assert (await api.get("/v1/clusters/orders/fidelity?hours=0", status=400)).detail.startswith("hours is '0'")


async def test_a_cluster_that_is_simulated_badly_is_enforced_only_when_that_is_accepted(
    api: Reader, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "fidelity", Judge())
    path = "/v1/clusters/orders/mode"

    refused = await api.send("PUT", path, {"mode": "enforce"}, 409)
    accepted = await api.send("PUT", path, {"mode": "enforce", "accept_fidelity": True})
    assert "the simulator is off by 2.00 ACU on average, 50% of its capacity" in refused.detail
    assert "accept_fidelity" in refused.detail
    assert accepted.json["mode"] == "enforce"
    assert (await api.get("/v1/clusters/orders/fidelity")).json["doubtful"] is True
