"""Why a cluster does not pause, over HTTP."""

from dataclasses import replace

import pytest

from autoscaler.core.doctor import Confidence, Diagnosis, Finding, PauseSaving, Verdict
from autoscaler.service.desk import Desk
from autoscaler.service.doctor import Examined
from tests.api.reader import Reader

FINDING = Finding(
    name="rds-proxy", verdict=Verdict.BLOCKS, confidence=Confidence.DOCUMENTED, evidence="shop-proxy", advice="go"
)
EXAMINED = Examined(
    diagnosis=Diagnosis(findings=(FINDING,), instances=2, pause_after_seconds=300),
    saving=PauseSaving(seen_hours=73.0, idle_hours=7.0, idle_acu_hours=10.0, quiet_hours=8.0, quiet_acu_hours=12.0),
)


class FakeDoctor:
    async def examine(self, cluster_id: str, *, days: int) -> Examined:
        return replace(EXAMINED, usd_per_acu_hour=float(days))


async def test_findings_and_savings_are_told(api: Reader, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "doctor", FakeDoctor())

    told = (await api.get("/v1/clusters/orders/pause-doctor?days=2")).json

    assert told["diagnosis"]["sentence"] == "it does not pause: rds-proxy"
    assert told["diagnosis"]["findings"] == [
        {
            "name": "rds-proxy",
            "verdict": "blocks",
            "confidence": "documented",
            "evidence": "shop-proxy",
            "advice": "go",
        }
    ]
    assert (told["monthly_idle_acu_hours"], told["monthly_idle_usd"], told["monthly_quiet_usd"]) == (200, 400, 480)


async def test_a_service_that_reaches_no_provider_says_so(api: Reader) -> None:
    answer = await api.get("/v1/clusters/orders/pause-doctor", status=409)
    assert answer.detail == "this service reaches no provider"


async def test_days_are_checked(api: Reader) -> None:
    answer = await api.get("/v1/clusters/orders/pause-doctor?days=61", status=400)
    assert "days is '61'" in answer.detail
