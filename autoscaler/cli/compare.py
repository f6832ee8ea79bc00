"""`autoscaler compare`: several policies on one workload, side by side."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autoscaler.cli import options
from autoscaler.cli.options import Format, examples
from autoscaler.cli.orders import ordered

if TYPE_CHECKING:
    from autoscaler.backtest.request import Request

EXAMPLES = examples(
    "autoscaler compare scenario:e-commerce --policies native,reactive",
    "autoscaler compare load.csv.gz --peak-acu 16 --policies native,mine.yaml",
    "autoscaler compare scenario:healthcare --throttling-price 50 --out results",
)


def add_to(app: typer.Typer) -> None:
    """Put the command into the application."""
    app.command("compare", epilog=EXAMPLES)(compare)


def compare(
    trace: options.TraceArgument,
    policies: Annotated[
        str,
        typer.Option(
            metavar="NAMES_OR_FILES",
            help="Policies and YAML files, with commas between.",
            rich_help_panel=options.DECIDING,
        ),
    ] = "native,reactive,auto",
    cluster: options.Cluster = "aurora-v2",
    column: options.Column = None,
    peak_acu: options.PeakAcu = None,
    quantile: options.Quantile = 0.9999,
    acu_per_unit: options.AcuPerUnit = None,
    interpolate: options.Interpolate = "hold",
    throttling_price: options.ThrottlingPrice = None,
    min_acu: options.MinAcu = None,
    max_acu: options.MaxAcu = None,
    start: options.Start = None,
    end: options.End = None,
    score_from: options.ScoreFrom = None,
    step_seconds: options.StepSeconds = 15.0,
    decide_seconds: options.DecideSeconds = 60.0,
    change_spacing_seconds: options.ChangeSpacing = None,
    floor_effect: options.FloorEffect = None,
    metric_delay_seconds: options.MetricDelay = None,
    seed: options.Seed = 0,
    out: options.Out = None,
    output: options.Output = "table",
) -> None:
    """Replay one workload against several policies, in one table and one report."""
    _run(ordered(locals(), policy=""), [name.strip() for name in policies.split(",") if name.strip()], out, output)


def _run(request: "Request", policies: list[str], out: Path | None, output: Format) -> None:
    from autoscaler.backtest.compare import compare as compare_policies
    from autoscaler.backtest.reports.side_by_side import write_comparison
    from autoscaler.cli.progress import shown_progress
    from autoscaler.cli.show import print_json
    from autoscaler.cli.summaries import print_comparison
    from autoscaler.service.clock import SystemClock

    with shown_progress() as progress:
        comparison = compare_policies(request, policies, now=SystemClock().now, out=out, on_progress=progress)
    if out is not None:
        write_comparison(comparison, out)
    if output == "json":
        print_json(comparison.document())
    else:
        print_comparison(comparison, out)
