"""`autoscaler trace import` against the simulated AWS."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from autoscaler.adapters import aurora_account
from autoscaler.awsapi.moods import Moods
from autoscaler.awsapi.recorder import COLUMNS, Recorder
from autoscaler.awsapi.seeding import Seed, sow
from autoscaler.simulator.profiles import AURORA_V2
from autoscaler.simulator.spec import ClusterSpec
from tests.awsapi.servers import Simulated, simulated_aws
from tests.cli.conftest import Cli, Done
from tests.fakes import MONDAY, later, make_range

SIX_HOURS = 6 * 3600.0
RISE_AT = 3 * 3600.0


@dataclass
class Past:
    """Six hours of two instances: 2 ACU, then 12 of a maximum of 8."""

    aws: Simulated
    cli: Cli
    folder: Path

    def run(self, *more: str) -> Done:
        """Import the last quarter of a day of orders."""
        given = ("--cluster", "orders", "--days", "0.25", "--end", later(SIX_HOURS).isoformat())
        where = ("--region", "us-east-1", "--endpoint-url", self.aws.url, "--out", str(self.out))
        return self.cli("trace", "import", "cloudwatch", *given, *where, *more)

    @property
    def out(self) -> Path:
        return self.folder / "orders.csv"

    def rows(self) -> list[dict[str, str]]:
        with self.out.open(encoding="utf-8") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def past(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Past]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    with simulated_aws() as aws:
        spec = ClusterSpec(cluster_id="orders", profile=AURORA_V2, range=make_range(2, 8), readers=(1,))
        sow(aws.world, Seed(spec=spec, load=lambda at: 2.0 if at < later(RISE_AT) else 12.0))
        aws.clock.move(SIX_HOURS)
        aws.world.live()
        aws.clock.move(300.0)  # until it is published
        yield Past(aws, cli, tmp_path)


def test_the_trace_has_absolute_demand_and_says_what_is_a_lower_bound(past: Past) -> None:
    done = past.run("-o", "json")

    told, rows = json.loads(done.out), past.rows()
    assert (done.code, done.err) == (0, "")
    assert rows[0]["timestamp"] == MONDAY.isoformat().replace("+00:00", "Z")
    assert [round(float(row["demand_acu"]), 2) for row in rows[:3]] == [2.0, 2.0, 2.0]
    assert (rows[-1]["demand_acu"], rows[-1]["censored"], rows[-1]["capacity_acu"]) == ("8.0", "1", "8.0")
    assert (told["samples"], told["known"], told["period_seconds"]) == (360, 360, 60)
    assert told["calls"] == {"rds:DescribeDBClusters": 1, "cloudwatch:GetMetricData": 1}
    assert told["usd"] == pytest.approx(8 * 0.01 / 1000)  # four metrics of two instances
    assert told["peak_acu"] == 8.0


def test_a_longer_period_has_the_peaks(past: Past) -> None:
    done = past.run("--period", "3600", "-o", "json")

    told, rows = json.loads(done.out), past.rows()
    assert done.code == 0
    assert [row["timestamp"][11:16] for row in rows] == ["08:00", "09:00", "10:00", "11:00", "12:00", "13:00"]
    assert told["peak_acu"] == 8.0


def test_the_trace_can_be_compared_on(past: Past) -> None:
    past.run()

    done = past.cli("compare", str(past.out), "--policies", "native,reactive", "--max-acu", "8", "-o", "json")

    assert done.code == 0
    assert done.err == ""


def test_minutes_that_were_never_published_are_empty(past: Past) -> None:
    past.aws.world.gate.moods = Moods(missing_fraction=0.2)

    told = json.loads(past.run("-o", "json").out)

    assert told["samples"] - told["known"] == sum(row["demand_acu"] == "" for row in past.rows())
    assert 0.3 < 1 - told["known"] / told["samples"] < 0.6  # of either of two instances


def test_an_instance_counts_from_its_first_minute_on(past: Past) -> None:
    past.aws.world.live()
    late = past.aws.world.instances["orders-2"]
    old, late.recorder = late.recorder, Recorder()
    start, end = later(3600.0).timestamp(), later(SIX_HOURS).timestamp()
    seen = {name: old.between(name, start, end, period=60, now=end) for name in COLUMNS}
    for place, at in enumerate(seen["CPUUtilization"].at):
        late.recorder.add(at, {name: points.average[place] for name, points in seen.items()})
    late.recorder.add(end, {})

    told = json.loads(past.run("-o", "json").out)

    assert (told["samples"], told["known"]) == (360, 360)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--cluster", "ordres"), "no serverless cluster in us-east-1 named 'ordres'; there are: orders"),
        (("--period", "60", "--days", "20"), "points of 60 s for 15 days"),
        (("--period", "90"), "a period of 90 s is none of those that CloudWatch keeps: 60, 300, 3600"),
        (("--days", "500"), "CloudWatch keeps 455 days at most"),
        (("--end", "2026-01-05"), "CloudWatch has no metrics of orders (instances: orders-1, orders-2) between"),
        (("--end", "someday"), "--end is 'someday'"),
        (("--out", "nowhere/there.csv"), "there is no folder nowhere"),
        (("--endpoint-url", "http://127.0.0.1:9"), "no answer from AWS to rds:DescribeDBClusters"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(options: tuple[str, ...], why: str, past: Past) -> None:
    done = past.run(*options)

    assert done.code == 2
    assert why in done.err
    assert done.err.count("\n") == 1
    assert not past.out.exists()


@pytest.mark.parametrize("action", ["rds:DescribeDBClusters", "cloudwatch:GetMetricData"])
def test_a_missing_permission_names_its_action(action: str, past: Past) -> None:
    past.aws.world.gate.moods = replace(past.aws.world.gate.moods, denied=(action,))

    done = past.run()

    assert done.code == 2
    assert f"the role may not call {action}; allow it as docs/aurora.md tells" in done.err


def test_without_credentials_it_says_so(past: Past, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    aurora_account._models.cache_clear()  # a process reads them once

    done = past.run()

    assert done.code == 2
    assert "there are no credentials for rds:DescribeDBClusters" in done.err
