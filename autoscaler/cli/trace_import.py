"""`autoscaler trace import`: the recorded past of real clusters as traces."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autoscaler.cli.options import Output, examples
from autoscaler.cli.orders import moment

if TYPE_CHECKING:
    from autoscaler.service.importing import Imported

EXAMPLES = examples(
    "autoscaler trace import cloudwatch --cluster orders --days 14 --out orders.csv",
    "autoscaler trace import cloudwatch --cluster orders --days 60 --period 300 --out orders.csv.gz",
    "autoscaler compare orders.csv --policies native,reactive,auto",
)

traces = typer.Typer(help="Recorded workloads.")
imports = typer.Typer(help="Write what a cluster needed in the past as a trace, for backtest and compare.")
traces.add_typer(imports, name="import")


def add_to(app: typer.Typer) -> None:
    """Put the commands into the application."""
    app.add_typer(traces, name="trace")


@imports.command(epilog=EXAMPLES)
def cloudwatch(
    cluster: Annotated[
        str, typer.Option(metavar="ID", show_default=False, help="The cluster's name at AWS, or its resource id.")
    ],
    out: Annotated[
        Path, typer.Option(metavar="FILE", show_default=False, help="The CSV file to write; .gz is compressed.")
    ],
    days: Annotated[float, typer.Option(metavar="N", min=0.01, help="How many days, up to the end.")] = 14.0,
    region: Annotated[
        str | None, typer.Option(metavar="NAME", help="The region.", show_default="that of the environment")
    ] = None,
    role_arn: Annotated[
        str | None, typer.Option(metavar="ARN", help="A role to take.", show_default="the environment's credentials")
    ] = None,
    external_id: Annotated[
        str | None, typer.Option(metavar="ID", help="What the role's trust asks for.", show_default=False)
    ] = None,
    endpoint_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Another endpoint, such as autoscaler simulate.", show_default=False),
    ] = None,
    period: Annotated[
        int | None,
        typer.Option(
            metavar="SECONDS", help="60, 300 or 3600.", show_default="the shortest that CloudWatch keeps so long"
        ),
    ] = None,
    end: Annotated[str | None, typer.Option(metavar="ISO", help="Up to this moment.", show_default="now")] = None,
    output: Output = "table",
) -> None:
    """Write a trace of an Aurora cluster's demand, in ACU, from the metrics that CloudWatch still has.

    CloudWatch keeps minutes for 15 days, five minutes for 63, hours for 455; of a longer period the trace has the peak.

    An empty demand is unknown; where censored is 1, the true demand is this much or more.
    """
    from asyncio import run

    from autoscaler.adapters.aurora_account import Access
    from autoscaler.adapters.aurora_past import check_period, finest_period
    from autoscaler.cli.progress import shown_progress
    from autoscaler.cli.show import print_json
    from autoscaler.service.clock import SystemClock
    from autoscaler.service.importing import Order, import_cloudwatch

    seconds = period or finest_period(days)
    check_period(seconds, days)
    until = moment(end, "--end") or SystemClock().now()
    access = Access(region=_region(region), role_arn=role_arn, external_id=external_id, endpoint_url=endpoint_url)
    order = Order(
        cluster=cluster, start=until - timedelta(days=days), end=until, period_seconds=seconds, out=_writable(out)
    )
    with shown_progress() as progress:
        done = run(import_cloudwatch(access, order, now=SystemClock().now, on_progress=progress))
    if output == "json":
        print_json(done.document())
    else:
        _print(done)


def _region(given: str | None) -> str:
    import os

    from autoscaler.errors import InvalidInput

    region = given or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not region:
        raise InvalidInput("no region is named; give --region or set AWS_REGION")
    return region


def _writable(out: Path) -> Path:
    """Told before minutes are spent on reading."""
    from autoscaler.errors import InvalidInput

    if not out.parent.is_dir():
        raise InvalidInput(f"{out} cannot be written: there is no folder {out.parent}")
    return out


def _print(done: "Imported") -> None:
    print(f"{done.samples:,} samples of {done.period_seconds} s in {done.file}: {done.cluster} from", end=" ")
    print(f"{done.start:%Y-%m-%d %H:%M} to {done.end:%Y-%m-%d %H:%M} UTC")
    unknown, calls = done.samples - done.known, sum(done.calls.values())
    print(f"{unknown:,} unknown, {done.censored:,} saturated; the peak is {done.peak_acu:g} ACU", end="; ")
    print(f"{calls} calls, {done.usd:.4f} USD of CloudWatch")
