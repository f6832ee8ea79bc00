"""`autoscaler savings`: what a running service saves, and how shadow policies score."""

from typing import Any

import typer

from autoscaler.cli.days import Days, OneCluster, tell_days
from autoscaler.cli.options import AnyOutput, examples
from autoscaler.cli.remote import ContextName, TokenFile, Url, find_remote

EXAMPLES = examples("autoscaler savings", "autoscaler savings shop --days 7", "autoscaler savings -o json")


def add_to(app: typer.Typer) -> None:
    """Put the command into the application."""
    app.command("savings", epilog=EXAMPLES)(savings)


def savings(
    cluster: OneCluster = None,
    days: Days = 30,
    output: AnyOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """Tell what the fleet, or one cluster, cost and saved against being left alone."""
    remote = find_remote(url, context, token_file)
    tell_days(remote, "savings", cluster, days, output, of_all=_print_fleet, of_one=_print_cluster)


def _print_fleet(told: dict[str, Any]) -> None:
    from autoscaler.cli.show import new_table, stdout

    numbers = ("ACU-hours", "left alone", "saved", "USD saved", "throttled", "left alone throttled")
    table = new_table("cluster", *numbers, numbers=numbers)
    for one in told["clusters"]:
        table.add_row(
            one["cluster_id"],
            f"{one['acu_hours']:.1f}",
            f"{one['left_alone_acu_hours']:.1f}",
            _percent(one["saved_fraction"], 1),
            f"{one['saved_usd']:.2f}",
            _percent(one["throttled_work_fraction"], 3),
            _percent(one["left_alone_throttled_work_fraction"], 3),
        )
    console = stdout()
    console.print(table)
    console.print(
        f"In {told['days']} days: {told['saved_acu_hours']:.1f} ACU-hours, {told['saved_usd']:.2f} USD saved"
        f"{_metrics(sum(one['metrics_usd'] for one in told['clusters']))}."
    )


def _print_cluster(told: dict[str, Any]) -> None:
    from autoscaler.cli.show import new_table, stdout

    numbers = ("ACU-hours", "USD", "throttled", "changes", "cold hits")
    table = new_table("policy", *numbers, numbers=numbers)
    for one in told["scores"]:
        tally, metered = one["tally"], one["policy"] == "measured"
        unmetered = ("", "", "") if metered else (_percent(tally["throttled_work_fraction"], 3), *_counts(tally))
        table.add_row(one["policy"], f"{tally['acu_hours']:.1f}", f"{one['cost_usd']:.2f}", *unmetered)
    console = stdout()
    console.print(table)
    console.print(
        f"Saved against being left alone: {told['saved_acu_hours']:.1f} ACU-hours, {told['saved_usd']:.2f} USD"
        f"{_metrics(told['metrics_usd'])}."
    )
    if told["twin_error_fraction"] is not None:
        console.print(f"Twins cost {told['twin_error_fraction']:+.1%} of what was metered.")


def _saved(told: dict[str, Any]) -> str:
    return f"{told['saved_acu_hours']:.1f} ACU-hours, {told['saved_usd']:.2f} USD"


def _metrics(usd: float) -> str:
    return f", after {usd:.2f} USD for metrics" if usd else ""


def _counts(tally: dict[str, Any]) -> tuple[str, str]:
    return str(tally["changes"]), str(tally["cold_hits"])


def _percent(fraction: float | None, digits: int) -> str:
    return "?" if fraction is None else f"{fraction:.{digits}%}"
