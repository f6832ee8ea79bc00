"""`autoscaler pauses`: what sleep saves, whom it keeps waiting, and why a cluster is awake."""

from typing import Any

import typer

from autoscaler.cli.days import Days, OneCluster, tell_days
from autoscaler.cli.options import AnyOutput, examples
from autoscaler.cli.remote import ContextName, TokenFile, Url, find_remote

EXAMPLES = examples("autoscaler pauses", "autoscaler pauses reports", "autoscaler pauses reports --days 7 -o json")


def add_to(app: typer.Typer) -> None:
    """Put the command into the application."""
    app.command("pauses", epilog=EXAMPLES)(pauses)


def pauses(
    cluster: OneCluster = None,
    days: Days = 30,
    output: AnyOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """Tell what sleep saved and whom it kept waiting; of one cluster, how long a wake takes and why it is awake."""
    remote = find_remote(url, context, token_file)
    tell_days(remote, "pauses", cluster, days, output, of_all=_print_fleet, of_one=_print_cluster)


def _print_fleet(told: dict[str, Any]) -> None:
    from autoscaler.cli.show import new_table, stdout

    numbers = ("awake idle h", "paused h", "cold hits", "waited s", "USD saved", "over its time-out", "clairvoyant")
    table = new_table("cluster", *numbers, numbers=numbers)
    rows = [*((one["cluster_id"], one["slept"]) for one in told["clusters"]), ("all", told["slept"])]
    for name, slept in rows:
        table.add_row(
            name,
            f"{slept['awake_idle_hours']:.1f}",
            f"{slept['paused_hours']:.1f}",
            str(slept["cold_hits"]),
            f"{slept['waited_seconds']:.0f}",
            f"{slept['saved_usd']:.2f}",
            f"{slept['saved_against_left_alone_usd']:.2f}",
            f"{slept['clairvoyant_saved_usd']:.2f}",
        )
    stdout().print(table)


def _print_cluster(told: dict[str, Any]) -> None:
    from autoscaler.cli.show import stdout

    console = stdout()
    if told["why_awake"]:
        console.print("Awake, for:")
        for reason in told["why_awake"]:
            console.print(f"  - {reason}", markup=False)
    else:
        console.print("It sleeps.")
    if told["resumes"] is not None:
        console.print(_told_resumes(told["resumes"]), markup=False)
    slept = told["slept"]
    if slept is None:
        console.print("Nothing is known of its sleep: it may not pause, or was not scored yet.")
        return
    console.print(
        f"In {told['days']} d: {slept['awake_idle_hours']:.1f} h awake and idle, {slept['paused_hours']:.1f} h "
        f"paused, cold hits: {slept['cold_hits']}, {slept['waited_seconds']:.0f} s waited."
    )
    console.print(
        f"Left alone with the provider's time-out: {slept['left_alone_awake_idle_hours']:.1f} h awake and idle, "
        f"cold hits: {slept['left_alone_cold_hits']}, {slept['left_alone_waited_seconds']:.0f} s waited."
    )
    console.print(
        f"Saved {slept['saved_usd']:.2f} USD against never pausing "
        f"(the clairvoyant {slept['clairvoyant_saved_usd']:.2f}), "
        f"{slept['saved_against_left_alone_usd']:.2f} USD against that time-out."
    )


def _told_resumes(resumes: dict[str, Any]) -> str:
    deep_hours = resumes["deep_after_seconds"] / 3600
    return (
        f"A resume takes {_told(resumes['shallow'])}; after {deep_hours:g} h of sleep {_told(resumes['deep'])}; "
        f"the cache is warm {_told(resumes['warm'])} later; some {resumes['connections']} clients are there by then "
        f"({resumes['seen']} wakes seen)."
    )


def _told(interval: dict[str, float]) -> str:
    low, median, high = (interval[f"{name}_seconds"] for name in ("low", "median", "high"))
    told = ".0f" if low >= 1 else ".2g"
    return f"{median:{told}} s (90 %: {low:{told}} to {high:{told}} s)"
