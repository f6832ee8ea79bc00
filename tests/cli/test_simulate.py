"""`autoscaler simulate` as its users see it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import boto3
import pytest

from autoscaler.cli import main

FILE = """
clusters:
- id: shop
  tags: {env: prod}
  workload: {scenario: e-commerce}
"""
COMMAND = [sys.executable, "-c", "import sys; from autoscaler.cli import main; sys.exit(main())"]
ENVIRONMENT = {**os.environ, "PYTHONUNBUFFERED": "1"}


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--listen", "0.0.0.0:4566"), "'0.0.0.0' is no loopback address"),
        (("--listen", "4566x"), "'4566x' is no address and port"),
        (("--speed", "0"), "a speed of 0.0 is not above 0"),
        (("--clusters", "missing.yaml"), "missing.yaml"),
    ],
)
def test_a_wrong_option_is_named(arguments: tuple[str, ...], why: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", *arguments]) == 2
    assert why in capsys.readouterr().err


@pytest.mark.slow
def test_it_serves_the_clusters_of_a_file_until_it_is_stopped(tmp_path: Path) -> None:
    file = tmp_path / "clusters.yaml"
    file.write_text(FILE, encoding="utf-8")
    command = [*COMMAND, "simulate", "--listen", "127.0.0.1:0", "--clusters", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split(";", maxsplit=1)[0].rpartition(" ")[2]
        rds = boto3.client(
            "rds", endpoint_url=url, region_name="us-east-1", aws_access_key_id="any", aws_secret_access_key="any"
        )
        found = rds.describe_db_clusters()["DBClusters"]
        process.send_signal(signal.SIGTERM)
        code = process.wait(30)

    assert [one["DBClusterIdentifier"] for one in found] == ["shop"]
    assert code == 0
