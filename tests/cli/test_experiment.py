"""`autoscaler experiment floor-raise`: what it refuses, and that it asks first."""

from pathlib import Path

import pytest

from tests.awsapi.servers import Simulated, simulated_aws
from tests.cli.conftest import Cli, Done


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")


def raised(cli: Cli, aws: Simulated, out: Path) -> Done:
    there = ("--region", "us-east-1", "--endpoint-url", aws.url)
    return cli("experiment", "floor-raise", "shop", *there, "--floor", "4", "--out", out)


def make_cluster(aws: Simulated) -> None:
    scaling = {"MinCapacity": 1, "MaxCapacity": 8}
    rds = aws.client("rds")
    rds.create_db_cluster(
        DBClusterIdentifier="shop", Engine="aurora-postgresql", ServerlessV2ScalingConfiguration=scaling
    )
    aws.clock.move(60)


def test_it_asks_and_a_no_changes_nothing(cli: Cli, tmp_path: Path) -> None:
    with simulated_aws() as aws:
        make_cluster(aws)
        done = raised(cli, aws, tmp_path / "shop.yaml")
        [cluster] = aws.client("rds").describe_db_clusters()["DBClusters"]

    assert "shop: 1 to 8 ACU becomes 4 to 8 ACU for 15 minutes" in done.out
    assert done.code != 0
    assert cluster["ServerlessV2ScalingConfiguration"]["MinCapacity"] == 1
    assert not (tmp_path / "shop.yaml").exists()


def test_what_cannot_be_done_is_said_before_anything_is(cli: Cli, tmp_path: Path) -> None:
    with simulated_aws() as aws:
        missing = raised(cli, aws, tmp_path / "shop.yaml")
        nowhere = raised(cli, aws, tmp_path / "folder" / "shop.yaml")

    assert (missing.code, nowhere.code) == (2, 2)
    assert "there is no cluster shop with a serverless range" in missing.err
    assert "there is no folder" in nowhere.err
