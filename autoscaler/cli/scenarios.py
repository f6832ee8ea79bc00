"""`autoscaler scenarios`: the generated workloads."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autoscaler.cli.options import Output, complete_scenarios, examples

if TYPE_CHECKING:
    from autoscaler.core.trace import Trace
    from autoscaler.simulator.workload import Scenario

EXAMPLES = examples(
    "autoscaler scenarios",
    "autoscaler scenarios show online-gaming",
    "autoscaler scenarios export e-commerce --days 28 --out e-commerce.csv",
)
BARS = "▁▂▃▄▅▆▇█"
HOURS_PER_BAR = 2

scenarios = typer.Typer(help="The generated workloads: what they are, and what they look like.", epilog=EXAMPLES)
Name = Annotated[
    str, typer.Argument(metavar="NAME", show_default=False, help="A scenario.", autocompletion=complete_scenarios)
]
Days = Annotated[int, typer.Option(metavar="N", min=1, max=1100, help="How many days.")]
Seed = Annotated[int, typer.Option(metavar="N", min=0, help="Chance.")]


def add_to(app: typer.Typer) -> None:
    """Put the commands into the application."""
    app.add_typer(scenarios, name="scenarios")


@scenarios.callback(invoke_without_command=True)
def start(context: typer.Context, output: Output = "table") -> None:
    """List the generated workloads; a backtest takes one as scenario:NAME."""
    if context.invoked_subcommand is not None:
        return
    from autoscaler.cli.show import new_table, print_json, stdout
    from autoscaler.simulator.scenarios import SCENARIOS

    if output == "json":
        print_json([_document(scenario) for scenario in SCENARIOS.values()])
        return
    table = new_table("name", "usual peak", "ceiling", "what it is", numbers=("usual peak", "ceiling"))
    for scenario in SCENARIOS.values():
        peaks = (f"{scenario.peak_acu:g} ACU", f"{scenario.ceiling_acu:g} ACU")
        table.add_row(scenario.name, *peaks, scenario.description)
    stdout().print(table)


@scenarios.command(epilog=examples("autoscaler scenarios show online-gaming --days 28"))
def show(name: Name, days: Days = 14, seed: Seed = 0, output: Output = "table") -> None:
    """Print a scenario's numbers and its days as small bars."""
    from autoscaler.cli.show import print_json, stdout
    from autoscaler.simulator.scenarios import find_scenario, scenario_trace

    scenario = find_scenario(name)
    trace = scenario_trace(scenario, seed=seed, days=days)
    if output == "json":
        print_json({**_document(scenario), **_figures(trace)})
        return
    console = stdout()
    console.print(f"[bold]{scenario.title}[/bold]: {scenario.description}\n")
    for label, figure in {**_document(scenario), **_figures(trace)}.items():
        if label not in ("title", "description"):
            console.print(f"  {label:<22} {figure}")
    console.print(f"\nThe largest demand of every {HOURS_PER_BAR} hours, UTC; a full bar is the largest of all.\n")
    for label, bars in _days(trace):
        console.print(f"  {label}  [cyan]{bars}[/cyan]")


@scenarios.command(epilog=examples("autoscaler scenarios export e-commerce --days 28 --out e-commerce.csv"))
def export(
    name: Name,
    out: Annotated[Path, typer.Option(metavar="FILE", show_default=False, help="The CSV file to write.")],
    days: Days = 14,
    seed: Seed = 0,
) -> None:
    """Write a scenario as a trace: timestamp and demand_acu, a row per minute."""
    from autoscaler.backtest.traces import write_trace
    from autoscaler.simulator.scenarios import find_scenario, scenario_trace

    trace = scenario_trace(find_scenario(name), seed=seed, days=days)
    write_trace(trace, out)
    print(f"{len(trace.demand_acu):,} rows in {out}")


def _document(scenario: "Scenario") -> dict[str, object]:
    return {
        "name": scenario.name,
        "title": scenario.title,
        "description": scenario.description,
        "peak_acu": scenario.peak_acu,
        "ceiling_acu": scenario.ceiling_acu,
        "idle_connections": scenario.idle_connections,
        "connections_per_acu": scenario.connections_per_acu,
        "reader_share": scenario.reader_share,
        "working_set_gib": scenario.working_set_gib,
    }


def _figures(trace: "Trace") -> dict[str, object]:
    import numpy as np

    median, high, top = np.quantile(trace.demand_acu, [0.5, 0.99, 1.0]).tolist()
    return {
        "demand_p50_acu": round(median, 3),
        "demand_p99_acu": round(high, 3),
        "demand_max_acu": round(top, 3),
        "idle_fraction": round(float((trace.demand_acu == 0).mean()), 4),
    }


def _days(trace: "Trace") -> list[tuple[str, str]]:
    """A line of bars for each day."""
    bar_minutes = 60 * HOURS_PER_BAR
    bars_per_day = 24 // HOURS_PER_BAR
    peaks = trace.demand_acu.reshape(-1, bar_minutes).max(axis=1)
    most = peaks.max() or 1.0
    marks = [BARS[min(int(peak / most * len(BARS)), len(BARS) - 1)] if peak > 0 else " " for peak in peaks.tolist()]
    return [
        (f"{trace.start + timedelta(days=day):%a %d %b}", "".join(marks[day * bars_per_day : (day + 1) * bars_per_day]))
        for day in range(len(marks) // bars_per_day)
    ]
