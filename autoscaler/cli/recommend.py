"""`autoscaler recommend`: what would be the best setting for a workload, and what it would save. Changes nothing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from autoscaler.cli import options
from autoscaler.cli.options import examples
from autoscaler.cli.orders import ordered

if TYPE_CHECKING:
    from autoscaler.backtest.recommend import Advice

EXAMPLES = examples(
    "autoscaler recommend scenario:e-commerce --today-acu 8",
    "autoscaler recommend load.csv.gz --peak-acu 16 --throttling-price 100 -o markdown",
    "autoscaler recommend orders.csv users.csv events.csv -o json",
)
COLUMNS = ("option", "setting", "USD a month", "throttled", "with throttling priced")


def add_to(app: typer.Typer) -> None:
    """Put the command into the application."""
    app.command("recommend", epilog=EXAMPLES)(recommend)


def recommend(
    traces: Annotated[
        list[str],
        typer.Argument(
            metavar="TRACE...", help="CSV files with demand, or scenario:NAME; several are ranked.", show_default=False
        ),
    ],
    today_acu: Annotated[
        float | None,
        typer.Option(
            metavar="A", help="Today's minimum.", show_default="the owner's", rich_help_panel=options.DECIDING
        ),
    ] = None,
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
    change_spacing_seconds: options.ChangeSpacing = None,
    floor_effect: options.FloorEffect = None,
    metric_delay_seconds: options.MetricDelay = None,
    seed: options.Seed = 0,
    output: Annotated[
        Literal["table", "json", "markdown"], typer.Option("--output", "-o", help="What to print.")
    ] = "table",
) -> None:
    """Say which minimum, maximum, pause and policy would have been best, and what they save. Changes nothing."""
    from autoscaler.backtest.recommend import rank
    from autoscaler.backtest.recommend import recommend as advise
    from autoscaler.cli.show import print_json

    given = {**locals(), "policy": "native", "score_from": None, "step_seconds": 15.0, "decide_seconds": 60.0}
    found = [advise(ordered(given, trace=trace).plan(), today_acu=today_acu) for trace in traces]
    ranked = rank(found)
    if output == "json":
        print_json([one.document() for one in ranked])
    elif output == "markdown":
        print("\n".join(line for one in ranked for line in _markdown(one)))
    else:
        _print_tables(ranked)


def _rows(advice: "Advice") -> list[tuple[str, ...]]:
    return [
        (
            f"{option.name} (best)" if option.name == advice.best else option.name,
            option.setting,
            f"{option.usd_per_month:,.2f}",
            f"{option.throttled_work_fraction:.2%}",
            f"{option.priced_usd_per_month:,.2f}",
        )
        for option in advice.options
    ]


def _sentences(advice: "Advice") -> list[str]:
    pause = advice.pause_after_seconds
    told = f"Static: minimum {advice.min_acu:g} ACU, maximum {advice.max_acu:g} ACU"
    saving = f"{advice.saving_usd_per_month:,.2f} USD a month"
    return [
        f"{told}, pause after {pause} s." if pause else f"{told}.",
        f"{advice.best} saves {saving} against today, throttled work priced at {advice.throttling_price:g}.",
        f"Confidence {advice.confidence}: chosen on the first half of {advice.days} days, measured on the second.",
    ]


def _markdown(advice: "Advice") -> list[str]:
    rows = [f"| {' | '.join(row)} |" for row in (COLUMNS, ("---",) * len(COLUMNS), *_rows(advice))]
    return [f"## {advice.trace}", "", *rows, "", *_sentences(advice), ""]


def _print_tables(ranked: "Sequence[Advice]") -> None:
    from autoscaler.cli.show import new_table, stdout

    console = stdout()
    for advice in ranked:
        table = new_table(*COLUMNS, numbers=COLUMNS[2:], title=advice.trace)
        for row in _rows(advice):
            table.add_row(*row)
        console.print(table)
        for sentence in _sentences(advice):
            console.print(sentence)
        console.print()
