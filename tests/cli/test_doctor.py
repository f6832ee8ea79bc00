"""`autoscaler doctor pause`, asking the simulated AWS itself."""

import json

import pytest

from tests.awsapi.servers import simulated_aws
from tests.cli.conftest import Cli

HERE = ("--region", "us-east-1")


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")


def test_findings_are_told_without_the_service(cli: Cli) -> None:
    with simulated_aws() as aws:
        scaling = {"MinCapacity": 1, "MaxCapacity": 8}
        aws.client("rds").create_db_cluster(
            DBClusterIdentifier="shop", Engine="aurora-mysql", ServerlessV2ScalingConfiguration=scaling
        )
        table = cli("doctor", "pause", "shop", *HERE, "--endpoint-url", aws.url)
        document = cli("doctor", "pause", "shop", *HERE, "--endpoint-url", aws.url, "-o", "json")
        missing = cli("doctor", "pause", "bills", *HERE, "--endpoint-url", aws.url)

    assert (table.code, table.err) == (0, "")
    assert "In short: it does not pause: minimum." in table.out
    assert "What a pause would save is not known" in table.out
    findings = {one["name"]: one["verdict"] for one in json.loads(document.out)["diagnosis"]["findings"]}
    assert findings["minimum"] == "blocks"
    assert (missing.code, missing.err) == (
        2,
        "autoscaler: there is no cluster bills in this account and region\n",
    )


def test_a_region_that_is_none_is_refused(cli: Cli) -> None:
    done = cli("doctor", "pause", "shop", "--region", "Frankfurt")

    assert done.code == 2
    assert "region" in done.err
    assert "Frankfurt" in done.err
