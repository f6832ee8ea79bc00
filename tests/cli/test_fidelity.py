"""`autoscaler fidelity` of a trace."""

import json
from pathlib import Path

from tests.cli.conftest import Cli, write


def test_a_trace_with_capacities_is_lived_again(cli: Cli, tmp_path: Path) -> None:
    rows = [f"2026-03-02T{n // 60:02}:{n % 60:02}:00Z,0.5,{1.0 if n % 7 else ''}" for n in range(480)]
    file = write(tmp_path / "orders.csv", "timestamp,demand_acu,capacity_acu", *rows)

    told = cli("fidelity", "--trace", file, "--min-acu", "1", "--max-acu", "8", "-o", "json")
    table = cli("fidelity", "--trace", file, "--min-acu", "4", "--max-acu", "8")

    assert json.loads(told.out)["mean_error_acu"] == 0.0
    assert json.loads(told.out)["doubtful"] is False
    assert "off by 3.00 ACU on average, 300% of its capacity" in table.out
    assert "Its mean capacity is +3.00 ACU off" in table.out


def test_one_thing_is_named(cli: Cli, tmp_path: Path) -> None:
    file = write(tmp_path / "orders.csv", "timestamp,demand_acu", "2026-03-02T00:00:00Z,1")

    assert (cli("fidelity").code, cli("fidelity", "shop", "--trace", file).code) == (2, 2)
    assert "capacity_acu" in cli("fidelity", "--trace", file).err
