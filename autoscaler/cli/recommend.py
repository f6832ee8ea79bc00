"""`autoscaler recommend`: what would be the best setting for a workload, and what it would save. Changes nothing."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from autoscaler.cli import options
from autoscaler.cli.options import examples
from autoscaler.cli.orders import ordered
from autoscaler.cli.remote import ContextName, TokenFile, Url, find_remote
from autoscaler.errors import InvalidInput

if TYPE_CHECKING:
    from autoscaler.backtest.advice import Advice, Refusal
    from autoscaler.documents.pricing import PricingDocument

EXAMPLES = examples(
    "autoscaler recommend scenario:e-commerce --today-acu 8 --html report.html",
    "autoscaler recommend load.csv.gz --peak-acu 16 --throttling-price 100 -o markdown",
    "autoscaler recommend traces/ --region eu-west-1 -o json",
    "autoscaler recommend shop            # a cluster of the running service",
    "autoscaler recommend --all           # all of them, ranked",
)
SERVICE = "From a running service"
TRACES = (".csv", ".csv.gz")

Acu = Annotated[float | None, typer.Option(metavar="A", show_default="the owner's", rich_help_panel=options.DECIDING)]
Output = Annotated[Literal["table", "json", "markdown"], typer.Option("--output", "-o", help="What to print.")]


def add_to(app: typer.Typer) -> None:
    """Put the command into the application."""
    app.command("recommend", epilog=EXAMPLES)(recommend)


def recommend(
    workloads: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[WORKLOAD]...",
            help="CSV files with demand, folders of them, scenario:NAME, or clusters of a running service.",
            show_default=False,
        ),
    ] = None,
    today_acu: Acu = None,
    today_max_acu: Acu = None,
    cluster: options.Cluster = "aurora-v2",
    column: options.Column = None,
    peak_acu: options.PeakAcu = None,
    quantile: options.Quantile = 0.9999,
    acu_per_unit: options.AcuPerUnit = None,
    interpolate: options.Interpolate = "hold",
    throttling_price: options.ThrottlingPrice = None,
    min_acu: options.MinAcu = None,
    max_acu: options.MaxAcu = None,
    region: Annotated[
        str | None,
        typer.Option(
            metavar="R", help="Whose prices count.", show_default="the cluster's", rich_help_panel=options.DECIDING
        ),
    ] = None,
    storage: Annotated[
        Literal["standard", "io-optimized"] | None,
        typer.Option(help="How storage is paid for.", show_default="the cluster's", rich_help_panel=options.DECIDING),
    ] = None,
    start: options.Start = None,
    end: options.End = None,
    change_spacing_seconds: options.ChangeSpacing = None,
    floor_effect: options.FloorEffect = None,
    metric_delay_seconds: options.MetricDelay = None,
    seed: options.Seed = 0,
    fleet: Annotated[bool, typer.Option("--all", help="All clusters of the service.", rich_help_panel=SERVICE)] = False,
    days: Annotated[int, typer.Option(min=4, max=35, help="How much of their past.", rich_help_panel=SERVICE)] = 28,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a page with charts there.", show_default=False)
    ] = None,
    output: Output = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """Say which minimum, maximum, pause and policy would have been best, and what they save. Changes nothing."""
    given = locals()
    names = workloads or []
    if fleet or (names and not any(map(_is_trace, names))):
        from autoscaler.cli.recommend_service import ask

        _only_of_traces(given)
        remote = find_remote(url, context, token_file)
        told = ask(remote, () if fleet else tuple(names), days=days, throttling_price=throttling_price)
        _show(told.ranked, told.refusals, told.page, html, output)
        return
    if not names:
        raise InvalidInput("nothing to advise about; give traces, folders, scenario:NAME or clusters, or --all")
    _advise({**given, "pricing": _pricing(region, storage)}, names, html, output)


def _advise(given: dict[str, Any], names: Sequence[str], html: Path | None, output: str) -> None:
    from autoscaler.backtest.advising import Asked, advise
    from autoscaler.backtest.reports.advice_page import advice_page
    from autoscaler.cli.progress import shown_progress
    from autoscaler.service.clock import SystemClock

    fixed = {"policy": "native", "score_from": None, "step_seconds": 15.0, "decide_seconds": 60.0}
    asked = [
        Asked(
            request=ordered({**given, **fixed}, trace=trace),
            pricing=given["pricing"],
            today_min_acu=given["today_acu"],
            today_max_acu=given["today_max_acu"],
        )
        for name in names
        for trace in _traces(name)
    ]
    with shown_progress() as progress:
        found, refusals = advise(asked, now=SystemClock().now, on_progress=progress)
    if not found:
        raise InvalidInput(refusals[0].reason)
    _show([one.advice for one in found], refusals, advice_page(found, refusals), html, output)


def _show(ranked: "Sequence[Advice]", refusals: "Sequence[Refusal]", page: str, html: Path | None, output: str) -> None:
    from dataclasses import asdict

    from autoscaler.backtest.reports.advice_words import markdown
    from autoscaler.cli.show import print_json

    if html is not None:
        write_page(html, page)
    if output == "json":
        left_out = [asdict(one) for one in refusals]
        print_json({"clusters": [one.document() for one in ranked], "left_out": left_out})
    elif output == "markdown":
        print(markdown(ranked, refusals))
    else:
        _print_tables(ranked, refusals)


def _print_tables(ranked: "Sequence[Advice]", refusals: "Sequence[Refusal]") -> None:
    from autoscaler.backtest.reports.advice_words import (
        COLUMNS,
        FLEET_COLUMNS,
        fleet_rows,
        rows_of,
        sentences_of,
    )
    from autoscaler.cli.show import new_table, stdout

    console = stdout()
    for advice in ranked[:1] if len(ranked) == 1 else ():
        table = new_table(*COLUMNS, numbers=COLUMNS[2:], title=advice.trace)
        for row in rows_of(advice):
            table.add_row(*row)
        console.print(table)
        for sentence in sentences_of(advice):
            console.print(sentence, markup=False)
    if len(ranked) > 1:
        table = new_table(*FLEET_COLUMNS, numbers=("saves a month", "90 % interval", "days"))
        for row in fleet_rows(ranked):
            table.add_row(*row)
        console.print(table)
        console.print("Each in full: with -o markdown, -o json or --html FILE.")
    for refusal in refusals:
        console.print(f"Left out: {refusal.reason}", markup=False)


def _pricing(region: str | None, storage: str | None) -> "PricingDocument | None":
    from pydantic import ValidationError

    from autoscaler.documents.pricing import PricingDocument
    from autoscaler.registry import told

    said = {name: value for name, value in (("region", region), ("storage", storage)) if value is not None}
    try:
        return PricingDocument.model_validate(said) if said else None
    except ValidationError as problems:
        raise InvalidInput(f"--region {region}: {told(problems)}") from None


def _is_trace(name: str) -> bool:
    return name.startswith("scenario:") or name.endswith(TRACES) or "/" in name or Path(name).exists()


def _traces(name: str) -> list[str]:
    """The traces of a folder, or the one that is named."""
    if not Path(name).is_dir():
        return [name]
    found = sorted(str(file) for file in Path(name).rglob("*") if file.name.endswith(TRACES))
    if not found:
        raise InvalidInput(f"the folder {name} holds no trace: no file that ends in .csv or .csv.gz")
    return found


def _only_of_traces(given: dict[str, Any]) -> None:
    """A service's clusters have their own limits, prices and samples: refuse what would be ignored."""
    names = (
        "today_acu",
        "today_max_acu",
        "column",
        "peak_acu",
        "acu_per_unit",
        "min_acu",
        "max_acu",
        "region",
        "storage",
    )
    said = [f"--{name.replace('_', '-')}" for name in (*names, "start", "end") if given[name] is not None]
    if said:
        raise InvalidInput(f"{', '.join(said)}: a cluster of the service has its own; this is for traces")


def write_page(file: Path, page: str) -> None:
    """Write it.

    Raises:
        InvalidInput: it cannot be written.
    """
    try:
        file.write_text(page, encoding="utf-8")
    except OSError as problem:
        raise InvalidInput(f"--html {file} cannot be written: {problem.strerror or problem}") from None
