"""`autoscaler fidelity`: how far the simulator can be believed about a cluster."""

from pathlib import Path
from typing import Annotated, Any

import typer

from autoscaler.cli.clusters import path_of
from autoscaler.cli.options import AnyOutput, Cluster, MaxAcu, MinAcu, examples
from autoscaler.cli.remote import ContextName, TokenFile, Url, find_remote
from autoscaler.errors import InvalidInput

EXAMPLES = examples(
    "autoscaler fidelity shop",
    "autoscaler fidelity shop --hours 72 -o json",
    "autoscaler fidelity --trace orders.csv --min-acu 1 --max-acu 32",
)


def add_to(app: typer.Typer) -> None:
    """Put the command into the application."""
    app.command("fidelity", epilog=EXAMPLES)(fidelity)


def fidelity(
    cluster: Annotated[
        str | None, typer.Argument(metavar="[CLUSTER]", show_default=False, help="One of a running service.")
    ] = None,
    trace: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A trace with demand_acu and capacity_acu, such as trace import writes.",
            show_default=False,
        ),
    ] = None,
    hours: Annotated[int, typer.Option(min=1, max=168, help="So many hours of stored samples.")] = 24,
    kind: Cluster = "aurora-v2",
    min_acu: MinAcu = None,
    max_acu: MaxAcu = None,
    output: AnyOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """Tell how far the simulator is off: recorded capacity against its own, from the same demand."""
    from autoscaler.cli.show import print_document

    if (cluster is None) == (trace is None):
        raise InvalidInput("name a CLUSTER of a service, or a --trace")
    if trace is None:
        told = find_remote(url, context, token_file).get(f"{path_of(str(cluster))}/fidelity?hours={hours}")
    else:
        told = _of_trace(trace, kind, min_acu, max_acu)
    if output == "table":
        said = told["sentence"]
        print(f"{said[0].upper()}{said[1:]}. Its mean capacity is {told['bias_acu']:+.2f} ACU off.")
    else:
        print_document(told, output)


def _of_trace(file: Path, kind: str, min_acu: float | None, max_acu: float | None) -> dict[str, Any]:
    """Under one range, which is that of the recorded capacities where nobody gave another."""
    from dataclasses import replace
    from datetime import timedelta
    from math import isnan

    from autoscaler.api.fidelity import Fidelity
    from autoscaler.backtest.traces import read_trace
    from autoscaler.config import load_cluster
    from autoscaler.core.capacity import Range
    from autoscaler.core.samples import Sample
    from autoscaler.simulator.fidelity import lived_again

    demand, capacity = (read_trace(file, column=name) for name in ("demand_acu", "capacity_acu"))
    known = {
        capacity.start + timedelta(seconds=offset): acu
        for offset, acu in zip(capacity.offset_seconds.tolist(), capacity.demand_acu.tolist(), strict=True)
        if not isnan(acu)
    }
    moments = (demand.start + timedelta(seconds=offset) for offset in demand.offset_seconds.tolist())
    samples = [
        Sample(at=at, seconds=demand.step_seconds, demand_acu=None if isnan(acu) else acu, capacity_acu=known.get(at))
        for at, acu in zip(moments, demand.demand_acu.tolist(), strict=True)
    ]
    if not known:
        raise InvalidInput(f"{file} holds no known capacity_acu")
    held = Range(
        floor_acu=max(0.5, min(known.values())) if min_acu is None else min_acu,
        ceiling_acu=max(1.0, *known.values()) if max_acu is None else max_acu,
    )
    spec = load_cluster(kind).build_spec()
    step = spec.profile.step_acu
    held = replace(held, floor_acu=round(held.floor_acu / step) * step, ceiling_acu=-(-held.ceiling_acu // step) * step)
    return Fidelity.model_validate(lived_again(replace(spec, range=held), samples, ())).model_dump(mode="json")
