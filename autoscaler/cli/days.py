"""Commands that tell of the last days: of all clusters, or of one."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from autoscaler.cli.clusters import path_of
from autoscaler.cli.options import AnyFormat
from autoscaler.cli.remote import Remote

OneCluster = Annotated[
    str | None, typer.Argument(metavar="[CLUSTER]", show_default=False, help="One of them, and more about it.")
]
Days = Annotated[int, typer.Option(min=1, max=400, help="Today and so many days less one before it.")]
Print = Callable[[dict[str, Any]], None]


def tell_days(
    remote: Remote, what: str, cluster: str | None, days: int, output: AnyFormat, *, of_all: Print, of_one: Print
) -> None:
    """Print what the service says of ``what``, as a table of all or of one, or as a document."""
    from autoscaler.cli.show import print_document

    told = remote.get(f"{f'/v1/{what}' if cluster is None else f'{path_of(cluster)}/{what}'}?days={days}")
    if output != "table":
        print_document(told, output)
    else:
        (of_all if cluster is None else of_one)(told)
