"""What becomes of a cluster's settings."""

import pytest

from autoscaler.service.assignment import job_of
from autoscaler.service.configured import ConfiguredCluster
from tests.fakes import ManualClock, make_range
from tests.service.fleets import FakeCluster

SOURCE = {"resource_id": "cluster-ABC"}


@pytest.mark.parametrize(
    ("given", "account"),
    [
        ({"workload": {"scenario": "healthcare"}}, "simulated"),
        ({"kind": "aurora", "source": SOURCE}, "aurora/default"),
        ({"kind": "aurora", "source": {**SOURCE, "account": "prod"}}, "aurora/prod"),
    ],
)
def test_calls_are_counted_by_the_account_they_are_made_with(given: dict[str, object], account: str) -> None:
    one = ConfiguredCluster.model_validate({"id": "orders", "policy": "reactive", **given})
    cluster = FakeCluster("orders", ManualClock(), held=make_range(2, 16))

    assert job_of(one, cluster, document_id=1, decide_seconds=60.0).account == account


def test_what_may_be_throttled_reaches_whoever_tries_candidates() -> None:
    policy = {"policy": "auto", "throttling_price": 9, "max_throttled_fraction": 0.005}
    one = ConfiguredCluster.model_validate({"id": "orders", "workload": {"scenario": "healthcare"}, "policy": policy})
    cluster = FakeCluster("orders", ManualClock(), held=make_range(2, 16))

    trial = job_of(one, cluster, document_id=1, decide_seconds=60.0).trial
    assert trial is not None
    assert (trial.price, trial.max_throttled_fraction) == (9, 0.005)
