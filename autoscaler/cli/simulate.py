"""`autoscaler simulate`: simulated clusters behind the API of AWS, until somebody stops it."""

from pathlib import Path
from typing import Annotated

import typer

from autoscaler.cli.options import examples

DEFAULT_ADDRESS = "127.0.0.1:4566"
FILE_FORMAT = """

A small clusters.yaml:

  clusters:
  - id: shop
    tags: {env: prod}
    workload: {scenario: e-commerce}
    cluster: {limits: {min_acu: 0.5, max_acu: 32}, readers: [1]}
  history_days: 15
  moods: {failing_fraction: 0.1, missing_fraction: 0.2}

A cluster that is created over the API gets the load of the scenario that its tag `simulated-workload` names."""
EXAMPLES = (
    examples(
        "autoscaler simulate",
        "autoscaler simulate --clusters clusters.yaml --speed 60",
        "autoscaler simulate --clusters clusters.yaml --history-days 15",
    )
    + "\n\n  aws --endpoint-url http://127.0.0.1:4566 rds describe-db-clusters"
    + FILE_FORMAT
)


def add_to(app: typer.Typer) -> None:
    """Put the command into the application."""
    app.command("simulate", epilog=EXAMPLES)(simulate)


def simulate(
    listen: Annotated[
        str,
        typer.Option(metavar="ADDRESS:PORT", help="Where to listen, on this machine only; port 0 takes a free one."),
    ] = DEFAULT_ADDRESS,
    speed: Annotated[float, typer.Option(metavar="N", help="How much faster than real time the clusters live.")] = 1.0,
    clusters: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Clusters that are there from the start.", show_default="none")
    ] = None,
    history_days: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=455,
            metavar="D",
            help="How long the clusters of the file have lived at the start; about 0.1 s a cluster and day.",
            show_default="as the file says",
        ),
    ] = None,
) -> None:
    """Offer simulated Aurora clusters behind the APIs of RDS and CloudWatch, for boto3, the aws command and alike.

    What is made or changed over the API, all metrics and all events are lost when it stops.
    """
    from asyncio import run

    from autoscaler.cli.endpoint import address_of, offer, read_endpoint

    document = read_endpoint(clusters)
    if history_days is not None:
        document = document.model_copy(update={"history_days": history_days})
    run(offer(document, address_of(listen), speed=speed))
