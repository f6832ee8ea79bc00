"""`autoscaler backtest`: one policy on one workload."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autoscaler.cli import options
from autoscaler.cli.options import Format, examples
from autoscaler.cli.orders import ordered

if TYPE_CHECKING:
    from autoscaler.backtest.request import Request

EXAMPLES = examples(
    "autoscaler backtest scenario:online-gaming --policy reactive",
    "autoscaler backtest load.csv.gz --peak-acu 16 --policy native --out results",
    "autoscaler backtest load.csv --column qps --policy mine.yaml -o json",
)


def add_to(app: typer.Typer) -> None:
    """Put the command into the application."""
    app.command("backtest", epilog=EXAMPLES)(backtest)


def backtest(
    trace: options.TraceArgument,
    policy: Annotated[
        str,
        typer.Option(
            metavar="NAME_OR_FILE",
            help="A policy (see: autoscaler policies), or a YAML file.",
            rich_help_panel=options.DECIDING,
            autocompletion=options.complete_policies,
        ),
    ],
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
    """Replay a workload against a policy on a simulated cluster, and measure cost and throttling."""
    _run(ordered(locals()), out, output)


def _run(request: "Request", out: Path | None, output: Format) -> None:
    from autoscaler.backtest.job import perform
    from autoscaler.cli.progress import shown_progress
    from autoscaler.cli.show import print_json
    from autoscaler.cli.summaries import print_summary
    from autoscaler.service.clock import SystemClock

    with shown_progress() as progress:
        tell = partial(progress, request.policy)
        outcome = perform(request, now=SystemClock().now, out=out, on_progress=tell)
    if output == "json":
        print_json(outcome.summary.document())
    else:
        print_summary(outcome.summary, out)
