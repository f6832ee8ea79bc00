"""Native, scheduled, reactive and quantile side by side on recorded traces, at two sizes.

    python benchmarks/policies_on_traces.py FOLDER [GROUP/FILE.csv.gz ...]

Prints cost ratio and throttled work for each policy, and beside each the ratio to native in the same run.
FOLDER holds traces as CSV files with a timestamp column; without names, six are taken that differ in shape.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autoscaler.backtest.optimum import optimum_acu_hours
from autoscaler.backtest.run import Plan, run
from autoscaler.backtest.score import score
from autoscaler.backtest.traces import Scale, read_trace
from autoscaler.config import ClusterDocument, LimitsDocument, load_policy

POLICIES = ("native", "scheduled", "reactive", "quantile")
PEAKS_ACU = (16.0, 64.0)
DEFAULT_TRACES = (
    "nab_cloudwatch/nab_rds_cpu_utilization_cc0c53.csv.gz",  # a database, 14 days
    "bigtable_spotify/bigtable_p3_i3_one-job.csv.gz",  # a database with a batch job, one day
    "crane_tencent/crane_05.csv.gz",  # bursty
    "azure_vm_2017/az_vm_948001.csv.gz",  # spiky
    "cloud_pools/pool_cluster26_seg0.csv.gz",  # weekly
    "genai_tenants/genai_group_G1315.csv.gz",  # mostly idle
)


def measure(folder: Path, name: str, peak_acu: float, policy: str) -> tuple[float | None, float | None, float | None]:
    """Cost ratio, throttled work fraction and the optimum's cost ratio."""
    trace = Scale(peak_acu=peak_acu).apply(read_trace(folder / name))
    cluster = ClusterDocument(limits=LimitsDocument(min_acu=0.5, max_acu=2 * peak_acu))
    document = load_policy(policy)
    plan = Plan(
        trace=trace,
        policy=document.build_policy(),
        cluster=cluster.build_spec(),
        limits=cluster.build_limits(),
        forecaster=document.build_forecaster(),
    )
    result = run(plan)
    measured, best = score(result), optimum_acu_hours(result)
    optimum = best / measured.reference_acu_hours if best is not None and measured.reference_acu_hours else None
    return measured.cost_ratio, measured.throttled_work_fraction, optimum


def main() -> None:
    """Measure all and print one table."""
    folder, names = Path(sys.argv[1]), tuple(sys.argv[2:]) or DEFAULT_TRACES
    cases = [(name, peak, policy) for name in names for peak in PEAKS_ACU for policy in POLICIES]
    with ProcessPoolExecutor() as pool:
        measured = pool.map(measure, *zip(*[(folder, *case) for case in cases], strict=True))
        found = dict(zip(cases, measured, strict=True))
    table = Table("trace", "peak ACU", "optimum", *[f"{policy}: cost, throttled %" for policy in POLICIES])
    for name in names:
        for peak in PEAKS_ACU:
            cells = [found[name, peak, policy] for policy in POLICIES]
            table.add_row(Path(name).name, f"{peak:g}", told(cells[0][2]), *[told_cell(cell) for cell in cells])
    Console(width=160).print(table)


def told(value: float | None) -> str:
    """A ratio, or a dash where it is undefined."""
    return "-" if value is None else f"{value:.3f}"


def told_cell(cell: tuple[float | None, float | None, float | None]) -> str:
    """Cost ratio and throttled work of one run."""
    return f"{told(cell[0])}  {100 * cell[1]:.3f}" if cell[1] is not None else told(cell[0])


if __name__ == "__main__":
    main()
